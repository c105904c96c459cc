"""The line that says what is being done: silent when it is quick, updated in place when it is not."""

import time

import pytest
from IPython.utils.capture import capture_output

from clinical_nb.doing import tell
from clinical_nb.notebook.progress import progress


def test_what_is_quick_says_nothing(notebook):
    assert notebook
    with capture_output() as shown, progress("Reading a.csv"):
        pass

    assert shown.outputs == []


def test_what_takes_long_says_so_and_then_what_came_of_it(notebook):
    assert notebook
    with capture_output() as shown, progress("Reading a.csv") as line:
        time.sleep(1.2)
        line.show({"text/plain": "stored"})
        line.tick()

    assert [output.data["text/plain"] for output in shown.outputs] == ["Reading a.csv … 1 s", "stored"]
    assert shown.outputs[1].transient == shown.outputs[0].transient
    assert shown.outputs[1].update


def test_where_progress_is_off_only_what_came_of_it_is_shown(notebook, monkeypatch):
    assert notebook
    monkeypatch.setenv("CLINICAL_NB_PROGRESS", "off")
    with capture_output() as shown, progress("Reading a.csv") as line:
        line.tick()
        line.show({"text/plain": "stored"})

    assert [output.data["text/plain"] for output in shown.outputs] == ["stored"]


def test_what_the_work_tells_of_itself_is_shown(notebook):
    assert notebook
    with capture_output() as shown, progress("Reading a.csv"):
        tell("Reading a.csv: 3,000 rows")
        time.sleep(1.2)

    assert [output.data["text/plain"] for output in shown.outputs] == ["Reading a.csv: 3,000 rows … 1 s"]


def test_what_is_stopped_says_so_in_the_place_of_its_line(notebook):
    assert notebook

    def interrupted():
        with progress("Reading a.csv"):
            time.sleep(1.2)
            raise KeyboardInterrupt

    with capture_output() as shown, pytest.raises(KeyboardInterrupt):
        interrupted()

    assert [output.data["text/plain"] for output in shown.outputs][-1] == "Reading a.csv … stopped after 1 s"
    assert shown.outputs[-1].update
