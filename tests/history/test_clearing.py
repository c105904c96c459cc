"""What a policy wants gone is gone, the rest verifies, and the history says that something went."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinical_nb.history import logger
from clinical_nb.history.clearing import clear
from clinical_nb.history.events import Outcome, Question
from clinical_nb.history.logger import QueryLogger, history_files
from clinical_nb.history.record import read_runs
from clinical_nb.history.references import References
from clinical_nb.history.verify import verify

DAYS = (date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three runs on each of four days, in files of eight entries."""
    monkeypatch.setattr(logger, "ENTRIES_PER_FILE", 8)
    for day in DAYS:
        for number in range(3):
            _at(monkeypatch, datetime(day.year, day.month, day.day, 9, number, tzinfo=UTC))
            run_id = f"{day}-{number}"
            asked = Question(run_id, "trial", "v", "mean age", "answered", "Mean of age")
            QueryLogger(tmp_path / "history").log(asked, Outcome(run_id, "n = 40"))
    monkeypatch.undo()
    return tmp_path / "history"


def _at(monkeypatch, moment):
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    monkeypatch.setattr(logger, "datetime", Then)


@pytest.mark.parametrize(("before", "gone"), [(DAYS[0], 0), (DAYS[1], 6), (DAYS[2], 12), (date(2026, 3, 1), 24)])
def test_what_is_older_goes_and_the_rest_verifies(folder, before, gone):
    assert clear(folder, before) == gone

    assert verify(folder).problems == ()
    runs = read_runs(folder)
    assert runs.warnings == ()
    left = [run for run in runs.runs if run.status != "cleared"]
    assert all(run.at.date() >= before for run in left)
    assert len(left) == (24 - gone) // 2
    if gone:
        assert runs.runs[-1].question == f"%clinical forget --before {before}"
        assert runs.runs[-1].summary == f"entries up to number {gone} cleared"
        assert f"entries up to {gone}, from before {before}, were cleared." in verify(folder).notes[0]
    assert clear(folder, before) == 0
    text = b"".join(file.read_bytes() for file in history_files(folder)).decode()
    assert [day for day in DAYS if day < before and f'"at":"{day}' in text] == []


def test_the_history_goes_on_behind_what_was_cleared_and_forging_is_still_found(folder):
    clear(folder, DAYS[2])
    QueryLogger(folder).log(Question("after", "trial", "v", "mean age", "declined", ""))
    assert verify(folder).problems == ()

    files = history_files(folder)
    content = files[0].read_bytes().splitlines(keepends=True)
    files[0].write_bytes(b"".join(content[1:]))

    assert verify(folder).problems == ("Before queries-000002.jsonl, line 1: entry 13 is missing.",)


def test_clearing_twice_keeps_one_chain(folder):
    clear(folder, DAYS[1])
    clear(folder, DAYS[3])

    assert verify(folder).problems == ()
    assert [run.status for run in read_runs(folder).runs].count("cleared") == 2


def test_a_kill_between_the_entry_and_the_deletion_is_told_and_mended_by_clearing_again(folder, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("clinical_nb.history.clearing._take_away", _killed)
        with pytest.raises(KeyboardInterrupt):
            clear(folder, DAYS[1])

    assert "entry 1 was to be cleared, and is there: clear it again." in verify(folder).problems[0]
    clear(folder, DAYS[1])
    assert verify(folder).problems == ()


def _killed(*_arguments):
    raise KeyboardInterrupt


def test_what_is_brought_back_from_a_copy_is_found(folder):
    copies = {file: file.read_bytes() for file in history_files(folder)}
    clear(folder, DAYS[1])

    first = history_files(folder)[0]
    first.write_bytes(b"".join(copies[first].splitlines(keepends=True)[:2]) + first.read_bytes())

    assert verify(folder).problems[0].endswith("entry 1 was to be cleared, and is there: clear it again.")


def test_lines_from_before_there_was_a_chain_can_be_cleared(tmp_path):
    folder = tmp_path / "history"
    folder.mkdir()
    older = '{"at":"2026-01-01T00:00:00.000000+00:00","event":"result","run_id":"old","schema":1,"summary":"5 rows"}\n'
    (folder / "queries-000001.jsonl").write_text(older * 3)
    QueryLogger(folder).log(Question("new", "trial", "v", "mean age", "declined", ""))

    assert clear(folder, date(2026, 1, 2)) == 3

    assert verify(folder).problems == ()
    assert [run.run_id for run in read_runs(folder).runs if run.status != "cleared"] == ["new"]


def test_clearing_up_to_a_day_that_is_to_come_leaves_that_it_was_done(folder):
    assert clear(folder, datetime.now(UTC).date() + timedelta(days=2)) == 24

    assert verify(folder).problems == ()
    assert [run.status for run in read_runs(folder).runs] == ["cleared"]


def test_a_clock_that_was_set_back_does_not_let_newer_entries_go(tmp_path, monkeypatch):
    monkeypatch.setattr(logger, "ENTRIES_PER_FILE", 2)
    for number, day in enumerate((DAYS[0], DAYS[3], DAYS[0], DAYS[0], DAYS[3])):
        _at(monkeypatch, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
        QueryLogger(tmp_path / "history").log(Question(f"run{number}", "trial", "v", "mean age", "declined", ""))
    monkeypatch.undo()

    assert clear(tmp_path / "history", DAYS[2]) == 1

    assert verify(tmp_path / "history").problems == ()
    left = [run.run_id for run in read_runs(tmp_path / "history").runs if run.status == "declined"]
    assert left == ["run1", "run2", "run3", "run4"]


def test_what_only_cleared_entries_point_at_is_cleared_too(tmp_path, monkeypatch):
    folder = tmp_path / "history"
    references = References(folder)
    gone, kept = references.refer("Zorbin Plimp", "trial"), references.refer("Tavrix Mepgul", "trial")
    for day, said in ((DAYS[0], f"mean age of {gone} and {kept}"), (DAYS[3], f"mean age of {kept}")):
        _at(monkeypatch, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
        QueryLogger(folder).log(Question(f"{day}", "trial", "v", said, "declined", ""))
    monkeypatch.undo()

    clear(folder, DAYS[2])

    assert "Zorbin" not in folder.with_name("history.values").read_text()
    assert references.resolve(f"{gone} {kept}") == f"{gone} Tavrix Mepgul"
