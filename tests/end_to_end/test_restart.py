"""A kernel is killed, and the next one has the datasets, the history and the answers back from the store."""

import os
import re

import pytest
from jupyter_client.manager import KernelManager

QUESTIONS = (
    "n per arm?",
    "mean age and standard deviation by arm",
    "compare primary endpoint between indomethacin and placebo",
    "compare risk score between arms",
    "what % are female",
)


class Kernel:
    """A real kernel, whose cells' output comes back as text."""

    def __init__(self, home):
        self._manager = KernelManager(kernel_name="python3")
        # without the line in whose place an answer is shown when it took longer than a second
        environment = {**os.environ, "CLINICAL_NB_HOME": str(home), "CLINICAL_NB_PROGRESS": "off"}
        self._manager.start_kernel(env=environment)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, code):
        shown = []

        def collect(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] in ("display_data", "execute_result"):
                shown.append(content["data"].get("text/plain", ""))
            elif message["msg_type"] == "error":
                shown.append(f"{content['ename']}: {content['evalue']}")

        self._client.execute_interactive(code, timeout=120, output_hook=collect)
        return "\n".join(shown)

    def kill(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def start(tmp_path):
    kernels = []

    def starting():
        kernels.append(Kernel(tmp_path / "home"))
        return kernels[-1]

    yield starting
    for kernel in kernels:
        kernel.kill()


@pytest.mark.slow
def test_after_a_kill_nothing_is_lost_and_nothing_is_computed_twice(start, indo_rct):
    first = start()
    first.run("%load_ext clinical_nb")
    first.run(f"%clinical upload {indo_rct} --dictionary {indo_rct.with_name('indo_rct_dictionary.csv')}")
    answers = [first.run(f"%%clinical ask --as answer_{number}\n{text}") for number, text in enumerate(QUESTIONS)]
    bits = first.run("print([value.hex() for value in answer_2.result.ard['stat'].drop_nulls()])")
    run_id = first.run("print(answer_2.run_id)").strip()
    first.kill()

    second = start()
    restored = second.run("%load_ext clinical_nb")
    history = second.run("import clinical_nb\nprint(*clinical_nb.current().history()['question'], sep='\\n')")
    again = second.run(f"answer = clinical_nb.current().rerun('{run_id}')\nprint(answer)")
    bits_again = second.run("print([value.hex() for value in answer.result.ard['stat'].drop_nulls()])")
    repeated = second.run(f"%%clinical ask\n{QUESTIONS[1]}")

    assert re.search(r"indo_rct.*602 \u00d7 33", restored)
    assert history.split("\n")[:5] == list(QUESTIONS)
    assert all("Read as: " in answer for answer in answers)
    assert "52 of 307" in answers[2]
    assert "to the last bit" in again
    assert bits == bits_again
    assert bits.count("0x1.") > 20
    assert "reused" in repeated
    assert "46.0 (13.1)" in repeated
