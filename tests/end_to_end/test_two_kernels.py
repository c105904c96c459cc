"""Two kernels ask on one store, one is killed in the middle of a line: nothing is lost, torn or other than before."""

import os
import signal
import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from clinical_nb import Session
from clinical_nb.history.record import read_runs

QUESTIONS = ("n per arm?", "mean age by rx", "what % are female", "median age by rx", "mean risk by rx")
# A kernel that stops in the middle of writing its next line: half of it is on the disk, and the lock is held.
STOP_HALFWAY = """
import os, time
from pathlib import Path
from clinical_nb.history import logger

def write_half(file, begin, lines, write=logger._write):
    if not Path("{mark}").exists():
        return write(file, begin, lines)
    with open(file, "r+b") as torn:
        torn.seek(begin)
        torn.write(lines[: len(lines) // 2])
        torn.flush()
        os.fsync(torn.fileno())
    Path("{half}").touch()
    time.sleep(600)

logger._write = write_half
"""
ASK_ON = """
import clinical_nb, itertools
from pathlib import Path
for question in itertools.cycle({questions!r}):
    if Path("{stop}").exists():
        break
    answer = clinical_nb.current().ask(question)
    with open("{told}", "a") as told:
        told.write(answer.run_id + "\\n")
"""


class Kernel:
    """A real kernel on a store, whose cells' output comes back as text."""

    def __init__(self, home):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env={**os.environ, "CLINICAL_NB_HOME": str(home), "CLINICAL_NB_PROGRESS": "off"})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run("%load_ext clinical_nb")

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

        self.client.execute_interactive(code, timeout=120, output_hook=collect)
        return "\n".join(shown)

    def kill(self):
        """Kill the process as `kill -9` does, and wait until it is gone."""
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)
        self.stop()

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def start(tmp_path):
    kernels = []

    def starting():
        kernels.append(Kernel(tmp_path / "home"))
        return kernels[-1]

    yield starting
    for kernel in kernels:
        kernel.stop()


def wait_for(is_so, what):
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.slow
def test_a_kernel_killed_in_the_middle_of_a_line_costs_the_other_nothing(start, tmp_path, indo_rct):
    home, mark, half = tmp_path / "home", tmp_path / "mark", tmp_path / "half"
    stop = tmp_path / "stop"
    told = {name: tmp_path / f"told-{name}" for name in ("doomed", "other")}
    doomed = start()
    doomed.run(f"%clinical upload {indo_rct} --dictionary {indo_rct.with_name('indo_rct_dictionary.csv')}")
    doomed.run(STOP_HALFWAY.format(mark=mark, half=half))
    other = start()
    bits = "print([value.hex() for value in answer.result.ard['stat'].drop_nulls()])"
    before = other.run(f"import clinical_nb\nanswer = clinical_nb.current().ask('mean age by rx')\n{bits}")
    first = other.run("print(answer.run_id)").strip()

    doomed.client.execute(ASK_ON.format(questions=QUESTIONS, stop=stop, told=told["doomed"]))
    other.client.execute(ASK_ON.format(questions=QUESTIONS[::-1], stop=stop, told=told["other"]))
    wait_for(lambda: min(len(lines_of(file)) for file in told.values()) >= 5, "both kernels ask")
    mark.touch()
    wait_for(half.exists, "a line is half written")
    at_the_kill = len(lines_of(told["other"]))
    doomed.kill()
    wait_for(lambda: len(lines_of(told["other"])) >= at_the_kill + 5, "the other kernel goes on")
    stop.touch()
    again = other.run(f"answer = clinical_nb.current().rerun({first!r})\nprint(answer)\n{bits}")
    verified = other.run("%clinical verify")

    runs = read_runs(home / "history")
    answered = {run.run_id: run for run in runs.runs if run.status == "answered"}
    asked = [run for file in told.values() for run in lines_of(file)]
    assert runs.warnings == ()
    assert len(asked) >= 15
    assert set(asked) <= answered.keys()
    assert all(answered[run].run_key and answered[run].summary for run in asked)
    assert [run.status for run in runs.runs].count("repaired") == 1
    assert "The history is whole" in verified
    assert "every number equals" in again
    assert before.strip().count("0x1.") > 10
    assert before.strip() in again
    with Session(home) as session:
        assert [dataset.tables for dataset in session.datasets()] == [{"indo_rct": (602, 33)}]
        assert session.verify().is_whole
