"""The panel's kernel side: messages as the browser sends them, on a real session, and the state that comes down."""

import hashlib
import re
import threading
import time
from collections.abc import Callable

import pytest

from clinical_nb import Session
from clinical_nb.history.record import read_runs
from clinical_nb.notebook.panel import MODEL_ID, Panel

pytestmark = pytest.mark.slow  # each test starts an IPython shell

SECONDS = 30


class Browser:
    """Sends messages to a panel and waits for what it shows."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.sent: list[dict] = []
        panel.send = self.sent.append  # what would go over the wire

    def say(self, message: dict, *buffers: bytes) -> None:
        self.panel._handle_custom_msg(message, [memoryview(each) for each in buffers])

    def wait(self, seen: Callable[[dict], object]) -> dict:
        """Wait until the panel is idle and shows this."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            view = self.panel.view
            if view["busy"] is None and seen(view):
                return view
            time.sleep(0.01)
        pytest.fail(str(self.panel.view))

    def send_file(self, file: str, name: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        self.say({"chunk": {"file": file, "name": name, "offset": 0, "total": len(content), "digest": digest}}, content)

    def upload(self, file_name: str, content: bytes, **options: object) -> None:
        self.send_file("f1", file_name, content)
        self.say({"upload": {"files": [{"file": "f1", "name": file_name}], "dictionary": None, "name": "", **options}})


@pytest.fixture
def open_panel():
    opened = []

    def open_on(home) -> Browser:
        panel = Panel(Session(home))
        opened.append(panel)
        return Browser(panel)

    yield open_on
    for panel in opened:
        panel.close()


@pytest.fixture
def browser(stored, open_panel):
    return open_panel(stored)


def test_the_panel_has_the_id_that_the_browser_looks_for(browser):
    assert browser.panel.model_id == MODEL_ID == "clinical-nb-panel"


def test_a_panel_shows_the_restored_datasets_when_it_is_looked_at(browser):
    assert not browser.panel.view["opened"]

    browser.say({"look": None})

    view = browser.wait(lambda view: view["opened"])
    assert view["dataset"]["name"] == "trial"
    assert view["dataset"]["size"] == "12 \N{MULTIPLICATION SIGN} 5"


def test_a_panel_that_is_looked_at_again_shows_what_other_notebooks_did(browser, stored, trial):
    browser.say({"look": None})
    browser.wait(lambda view: view["opened"])
    other = Session(stored)

    other.upload(trial, name="theirs")
    other.ask("mean age")
    browser.say({"look": None})
    view = browser.wait(lambda view: len(view["datasets"]) == 2)

    assert [dataset["name"] for dataset in view["datasets"]] == ["theirs", "trial"]
    assert [run["dataset"] for run in view["history"]] == ["theirs"]
    other.drop("theirs")
    browser.say({"look": None})
    assert browser.wait(lambda view: len(view["datasets"]) == 1)["dataset"]["name"] == "trial"


def test_looking_again_leaves_the_sentence_of_a_mistake(browser):
    browser.say({"choose": 7})
    error = browser.wait(lambda view: view["error"])["error"]

    browser.say({"look": None})
    browser.say({"look": None})
    view = browser.wait(lambda view: view["opened"])

    assert view["error"] == error


def test_every_message_is_heard_at_once(browser):
    browser.say({"ask": {"question": "median age"}})

    assert browser.sent == [{"heard": "ask"}]


def test_a_question_is_answered_and_in_the_history(browser):
    browser.say({"ask": {"question": "mean age by arm"}})

    view = browser.wait(lambda view: view["answer"])
    assert view["answer"]["status"] == "answered"
    assert "Read as:" in view["answer"]["html"]
    assert view["answer"]["chart"]["picture"].startswith("data:image/png;base64,")
    assert 200 < view["answer"]["chart"]["width"] < 900
    assert [run["question"] for run in view["history"]] == ["mean age by arm"]


def test_what_a_person_typed_is_escaped_in_the_answers_html(browser):
    browser.say({"ask": {"question": "how many <img src=x onerror=alert(1)>"}})

    view = browser.wait(lambda view: view["answer"])
    assert "<img" not in view["answer"]["html"]


def test_a_persons_mistake_is_one_sentence_in_the_panel(home, open_panel):
    browser = open_panel(home)

    browser.say({"ask": {"question": "median age"}})

    error = browser.wait(lambda view: view["error"])["error"]
    assert error == {
        "kind": "ask",
        "message": "There is no dataset yet.",
        "hint": "Upload one: %clinical upload PATH.",
        "detail": "",
    }


def test_a_defect_is_shown_with_its_traceback_and_the_panel_goes_on(browser, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(Session, "ask", None)
        browser.say({"ask": {"question": "median age"}})
        error = browser.wait(lambda view: view["error"])["error"]
    browser.say({"ask": {"question": "median age"}})

    assert "defect of clinical_nb" in error["message"]
    assert "TypeError" in error["detail"]
    assert browser.wait(lambda view: view["answer"])["error"] is None


def test_an_unknown_message_is_an_error_in_the_panel(browser):
    browser.say({"explode": 1})

    assert browser.wait(lambda view: view["error"])["error"]["kind"] == "explode"


def test_an_upload_in_the_panel_is_stored_and_used(home, open_panel, trial):
    browser = open_panel(home)

    browser.upload("trial.csv", trial.read_bytes(), name="mine")

    view = browser.wait(lambda view: view["uploaded"])
    assert view["uploaded"]["name"] == "mine"
    assert view["dataset"]["name"] == "mine"
    assert list((home / "incoming").iterdir()) == []


def test_a_dictionary_can_come_with_the_upload(home, open_panel, trial):
    browser = open_panel(home)
    words = b"column,meaning,codes_or_units\nage,years since birth,years\n"
    browser.send_file("d1", "words.csv", words)

    browser.upload("trial.csv", trial.read_bytes(), dictionary={"file": "d1", "name": "words.csv"})

    browser.wait(lambda view: view["uploaded"])
    browser.say({"describe": "trial"})
    (table,) = browser.wait(lambda view: view["described"])["described"]["tables"]
    age = {"name": "age", "label": "years since birth", "kind": "numeric", "role": "", "detail": "years"}
    (column,) = [column for column in table["columns"] if column["name"] == "age"]
    assert {name: column[name] for name in age} == age


def test_a_bad_file_is_refused_and_leaves_nothing(home, open_panel):
    browser = open_panel(home)

    browser.upload("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    view = browser.wait(lambda view: view["error"])
    assert "picture.csv" in view["error"]["message"]
    assert view["error"]["kind"] == "upload"
    assert list((home / "incoming").iterdir()) == []


def test_a_damaged_piece_is_told_and_acknowledged(home, open_panel):
    browser = open_panel(home)

    browser.say({"chunk": {"file": "f1", "name": "a.csv", "offset": 0, "total": 3, "digest": "0" * 64}}, b"abc")

    assert "damaged" in browser.wait(lambda view: view["error"])["error"]["message"]
    assert browser.sent == [{"stored": {"file": "f1", "offset": 0}}]


def test_a_cancelled_upload_that_waits_is_never_read(browser, trial):
    hold = threading.Event()
    browser.panel._worker.submit(hold.wait)
    browser.upload("second.csv", trial.read_bytes())

    browser.say({"cancel": ["f1"]})
    hold.set()
    browser.say({"look": None})

    view = browser.wait(lambda view: view["datasets"])
    time.sleep(0.2)
    assert [dataset["name"] for dataset in view["datasets"]] == ["trial"]
    assert browser.panel.view["error"] is None


def test_choosing_a_reading_answers_that_one(home, open_panel):
    browser = open_panel(home)
    browser.send_file(
        "d1", "words.csv", b"column,meaning,codes_or_units\nsbp,systolic pressure,mmHg\ndbp,diastolic pressure,mmHg\n"
    )
    rows = b"sbp,dbp\n" + b"".join(b"%d,%d\n" % (120 + number, 60 + number) for number in range(9))
    browser.upload("visits.csv", rows, dictionary={"file": "d1", "name": "words.csv"})
    browser.say({"ask": {"question": "mean pressure"}})
    choices = browser.wait(lambda view: view["answer"])["answer"]["choices"]

    browser.say({"choose": next(number for number, choice in enumerate(choices) if "diastolic" in choice)})

    view = browser.wait(lambda view: view["answer"]["status"] == "answered")
    assert len(choices) == 2
    assert "64" in view["answer"]["html"]  # the mean of 60, 61 … 68
    assert "124" not in view["answer"]["html"]


def test_use_changes_the_dataset(browser, trial):
    browser.upload("second.csv", trial.read_bytes())
    browser.wait(lambda view: view["uploaded"])

    browser.say({"use": "trial"})

    assert browser.wait(lambda view: view["dataset"]["name"] == "trial")


def test_versions_are_listed_compared_and_dropped(browser, trial):
    first = trial.read_bytes()
    browser.upload("trial.csv", first + b"13,sham,44,South,no\n")
    browser.wait(lambda view: view["uploaded"])

    browser.say({"versions": "trial"})
    listed = browser.wait(lambda view: view["versions"])["versions"]
    browser.say({"diff": {"name": "trial", "before": 1, "after": 2}})
    changes = browser.wait(lambda view: view["changes"])["changes"]
    browser.say({"drop": "trial"})
    left = browser.wait(lambda view: view["versions"] is None)

    assert listed["count"] == "its 2 versions"
    assert [(each["number"], each["before"]) for each in listed["versions"]] == [(2, 1), (1, None)]
    assert listed["versions"][1]["sources"] == [f"trial.csv ({hashlib.sha256(first).hexdigest()[:8]})"]
    assert (changes["name"], changes["after"]) == ("trial", 2)
    assert "1 added, 0 removed, 0 changed, 12 as before" in changes["html"]
    assert (left["datasets"], left["dataset"], left["changes"]) == ([], None, None)


def test_the_panel_names_what_goes_with_a_dataset(browser, home):
    (home / "backup-format-1").mkdir()

    browser.say({"versions": "trial"})

    named = browser.wait(lambda view: view["versions"])["versions"]["copies"]
    assert named.endswith("because it may hold the same rows: 'backup-format-1'.")


def test_dropping_a_dataset_takes_its_answer_off_the_panel(browser):
    browser.say({"ask": {"question": "median age"}})
    browser.wait(lambda view: view["answer"])

    browser.say({"drop": "trial"})

    assert browser.wait(lambda view: not view["datasets"])["answer"] is None


def test_a_rerun_is_shown_under_its_run(browser):
    browser.say({"ask": {"question": "mean age by arm"}})
    run = browser.wait(lambda view: view["history"])["history"][0]["id"]

    browser.say({"rerun": {"run": run, "latest": False}})

    view = browser.wait(lambda view: view["rerun"])
    assert view["rerun"]["of"] == run
    assert len(view["history"]) == 2


@pytest.mark.slow
def test_two_calls_in_a_kernel_show_the_same_panel(kernel):
    shown = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "display_data":
            shown.append(message["content"]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"])

    kernel.execute_interactive("%clinical panel\n%clinical panel", output_hook=hear, timeout=60)

    assert shown == [MODEL_ID, MODEL_ID]


MESSY = b"id,weight\n" + b"".join(b"%d,%d\n" % (row, -99 if row % 9 == 0 else 60 + row) for row in range(1, 41))


@pytest.fixture
def messy(browser):
    """A panel that shows the description of a dataset with a code for missing."""
    browser.upload("messy.csv", MESSY)
    browser.wait(lambda view: view["uploaded"])
    browser.say({"describe": "messy"})
    browser.wait(lambda view: view["described"])
    return browser


def settle(browser, kind: str, **said: object) -> dict:
    """Say something of the version that is shown, and return what is shown of the next."""
    seen = browser.panel.view["described"]
    browser.say({kind: {"name": seen["name"], "version": seen["version"], **said}})
    return browser.wait(lambda view: view["described"]["version"] != seen["version"])["described"]


def column_of(described: dict, name: str) -> dict:
    return next(column for column in described["tables"][0]["columns"] if column["name"] == name)


def number_of(described: dict, column: str) -> int:
    return next(each["number"] for each in described["proposals"] if each["column"] == column)


def test_a_proposal_is_accepted_and_the_next_version_is_shown(messy):
    described = messy.panel.view["described"]
    proposal = described["proposals"][number_of(described, "weight") - 1]
    assert proposal["proposal"] == "Treat -99 as missing."
    assert "(rows 9, 18, 27, 36)" in proposal["text"]

    described = settle(messy, "accept", which=[number_of(described, "weight")])

    assert described["changes"] == ("weight: treat -99 as missing",)
    assert described["number"] == 2
    assert column_of(described, "weight")["steps"] == ["treat -99 as missing"]
    assert messy.panel.view["dataset"]["number"] == 2


def test_another_step_is_done_instead_as_the_form_says(messy):
    number = number_of(messy.panel.view["described"], "weight")
    step = {"do": "missing", "values": ["-99"], "reasons": {"-99": "refused"}}

    described = settle(messy, "accept", which=[str(number)], instead=step)

    assert column_of(described, "weight")["steps"] == ["treat -99 (refused) as missing"]


def test_a_rejected_proposal_is_gone(messy):
    described = settle(messy, "reject", which=[number_of(messy.panel.view["described"], "weight")])

    assert "weight" not in [each["column"] for each in described["proposals"]]


def test_fields_are_corrected_and_a_step_is_taken_back(messy):
    settle(messy, "accept", which=["weight"])

    described = settle(messy, "correct", table="messy", column="weight", fields={"label": "body weight", "unit": "kg"})

    assert (column_of(described, "weight")["label"], column_of(described, "weight")["detail"]) == ("body weight", "kg")

    described = settle(messy, "correct", table="messy", column="weight", fields={"clean": "[]"})

    assert column_of(described, "weight")["steps"] == []
    assert column_of(described, "weight")["label"] == "body weight"


def test_what_is_said_of_a_version_that_is_no_longer_the_newest_is_not_done(messy, stored):
    seen = messy.panel.view["described"]
    Session(stored).correct({"weight": {"unit": "kg"}}, name="messy")

    messy.say({"accept": {"name": "messy", "version": seen["version"], "which": [1]}})
    view = messy.wait(lambda view: view["error"])

    assert view["error"]["message"] == "'messy' was changed meanwhile."
    assert view["described"]["number"] == 2
    assert Session(stored).find("messy").number == 2


def test_an_impossible_correction_is_told_and_changes_nothing(messy, stored):
    seen = messy.panel.view["described"]["version"]

    messy.say(
        {"correct": {"name": "messy", "version": seen, "table": "messy", "column": "weight", "fields": {"kind": "x"}}}
    )
    view = messy.wait(lambda view: view["error"])

    assert view["error"]["kind"] == "correct"
    assert "cannot be corrected so" in view["error"]["message"]
    assert Session(stored).find("messy").number == 1


def test_what_is_suggested_can_be_clicked_and_the_history_says_so(stored, browser):
    browser.say({"ask": {"question": "mean age"}})
    suggested = browser.wait(lambda view: view["answer"])["answer"]["suggestions"]
    assert suggested

    browser.say({"ask": {"question": suggested[0]}})  # what the button sends

    run = browser.wait(lambda view: view["answer"]["question"] == suggested[0])["answer"]["run"]
    found = {each.run_id: each for each in read_runs(stored / "history").runs}
    assert found[run].pick.place == 1
    assert found[found[run].pick.offered_by].offers[0].what == "questions"


def test_the_panel_shows_the_profile_in_force_and_changes_it(browser):
    browser.say({"look": None})
    assert browser.wait(lambda view: view["opened"])["profile"] == "off"
    browser.say({"ask": {"question": "how many by arm"}})
    assert "suppressed" not in browser.wait(lambda view: view["answer"])["answer"]["html"]

    browser.say({"disclose": "cms11"})

    view = browser.wait(lambda view: view["profile"] == "cms11")
    assert view["answer"] is None
    assert browser.panel._session.profile.name == "cms11"
    browser.say({"ask": {"question": "how many by arm"}})
    assert "suppressed" in browser.wait(lambda view: view["answer"])["answer"]["html"]
    browser.say({"disclose": "none such"})
    assert "no disclosure profile" in browser.wait(lambda view: view["error"])["error"]["message"]


def test_the_state_that_a_notebook_saves_of_the_panel_has_no_suppressed_number(browser):
    browser.say({"ask": {"question": "how many by arm"}})
    open_answer = browser.wait(lambda view: view["answer"])["answer"]["html"]
    small = r">\s*([1-9]|10)\s*<|\b([1-9]|10) (of|persons|rows)\b"
    assert re.search(small, open_answer)  # the trial is small: each arm is

    browser.say({"disclose": "cms11"})
    browser.wait(lambda view: view["profile"] == "cms11")
    browser.say({"ask": {"question": "how many by arm"}})
    browser.wait(lambda view: view["answer"])

    state = browser.panel.get_state()["view"]
    saved = "".join(str(state[name]) for name in ("answer", "rerun", "described", "uploaded", "changes"))
    assert "suppressed" in saved
    assert not re.search(small, saved.replace("counts of 1 to 10", ""))


def test_the_browser_is_given_one_module_in_which_each_name_is_declared_once():
    given = str(Panel._esm)
    names = re.findall(r"^(?:async function|function|class|const|let) (\w+)", given, re.MULTILINE)

    assert len(names) == len(set(names)) > 50
    assert re.findall(r"^(?:import|export).*", given, re.MULTILINE) == ["export default {"]
