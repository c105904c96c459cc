"""The history as it is read: runs folded from their events, oldest first; damage skipped and told, never a crash."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.errors import AmbiguousRunError, HistoryError, UnknownRunError
from clinical_nb.history.chain import parse
from clinical_nb.history.events import Execution, Failure, FollowUp, Outcome, Question, from_entry
from clinical_nb.history.logger import QueryLogger, history_files
from clinical_nb.history.record import Record, read_runs

PLAN = {"kind": "describe", "column": "bilirubin", "by": ["arm"], "statistics": ["mean"], "threshold": 2.5}


def asked(run_id: str) -> Question:
    return Question(run_id, "trial", "0123456789abcdef", "mean bilirubin by arm", "answered", "Mean of bilirubin.")


def executed(run_id: str) -> Execution:
    return Execution(run_id, "k" * 16, PLAN, 602, 588, 12, reused=True, versions={"polars": "2.1.0"})


@pytest.fixture
def folder(tmp_path):
    logger = QueryLogger(tmp_path)
    for run_id in ("aaaa1111", "aaaa2222", "bbbb3333"):
        logger.log(asked(run_id))
        logger.log(executed(run_id))
        logger.log(Outcome(run_id, "mean 2.1"))
    return tmp_path


def test_there_is_no_history_before_the_first_question(tmp_path):
    assert read_runs(tmp_path / "nowhere").runs == ()


def test_a_run_is_folded_from_its_events(tmp_path):
    logger = QueryLogger(tmp_path)
    logger.log(asked("r"))
    logger.log(FollowUp("r", "q"))
    logger.log(executed("r"))
    logger.log(Outcome("r", "mean 2.1 against 3.4"))

    (run,) = read_runs(tmp_path).runs

    assert (run.run_id, run.dataset, run.dataset_version, run.status) == ("r", "trial", "0123456789abcdef", "answered")
    assert (run.question, run.reading) == ("mean bilirubin by arm", "Mean of bilirubin.")
    assert (run.plan, run.run_key, run.reused, run.milliseconds) == (PLAN, "k" * 16, True, 12)
    assert (run.rows_in, run.rows_kept, run.versions) == (602, 588, {"polars": "2.1.0"})
    assert (run.summary, run.parent, run.failure) == ("mean 2.1 against 3.4", "q", None)
    assert run.at.utcoffset().total_seconds() == 0


def test_a_history_from_before_there_was_a_chain_is_read(tmp_path):
    at = '"at":"2026-01-01T00:00:00.000000+00:00"'
    asked_then = f'{{{at},"dataset":"trial","dataset_version":"0123456789abcdef","event":"question","reading":null,'
    (tmp_path / "queries-000001.jsonl").write_text(
        asked_then
        + '"run_id":"old","schema":1,"status":"answered","text":"mean age"}\n'
        + f'{{{at},"event":"execution","milliseconds":3,"plan":{{"threshold":2.5}},"reused":false,"rows_in":9,'
        + '"rows_kept":null,"run_id":"old","run_key":"k","schema":1,"versions":{}}\n'
    )
    QueryLogger(tmp_path).log(asked("new"))

    history = read_runs(tmp_path)

    assert [(run.run_id, run.plan) for run in history.runs] == [("old", {"threshold": 2.5}), ("new", None)]
    assert history.warnings == ()


def test_events_of_two_runs_may_interleave(tmp_path):
    logger = QueryLogger(tmp_path)
    logger.log(asked("r"))
    logger.log(asked("s"))
    logger.log(Outcome("s", "of s"))
    logger.log(Outcome("r", "of r"))

    runs = read_runs(tmp_path).runs

    assert [(run.run_id, run.summary) for run in runs] == [("r", "of r"), ("s", "of s")]


@pytest.mark.parametrize(
    ("failure", "told"),
    [(Failure("r", "KeyError"), "KeyError"), (Failure("r", "PlanError", "Nothing to compare."), "Nothing to compare.")],
)
def test_a_failure_is_told_by_its_sentence_else_by_its_kind(tmp_path, failure, told):
    logger = QueryLogger(tmp_path)
    logger.log(asked("r"))
    logger.log(failure)

    (run,) = read_runs(tmp_path).runs

    assert run.failure == told
    assert run.plan is None


def test_a_torn_last_line_is_skipped_and_told(folder):
    file = history_files(folder)[0]
    file.write_bytes(file.read_bytes()[:-10])

    history = read_runs(folder)

    assert [run.run_id for run in history.runs] == ["aaaa1111", "aaaa2222", "bbbb3333"]
    assert history.runs[-1].summary is None
    assert history.warnings == ("Line 9 of the history's queries-000001.jsonl is torn or not JSON; it was skipped.",)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (b"\x00\xff\xfe garbage", "is torn or not JSON"),
        (b"[" * 100_000, "is torn or not JSON"),
        (b"[]", "is not an event"),
        (b'"question"', "is not an event"),
        (b'{"schema":1}', "is not an event"),
        (b'{"at":"2026-01-01T00:00:00+00:00","event":["question"],"schema":1}', "is not an event"),
        (b'{"at":"2026-01-01T00:00:00+00:00","event":"result","run_id":"aaaa2222","schema":1}', "is not an event"),
        (b'{"at":"noon","event":"result","run_id":"aaaa2222","schema":1,"summary":"x"}', "has no time"),
        (
            b'{"at":"2026-01-01T00:00:00+00:00","event":"result","run_id":"aaaa2222","schema":1,"summary":7}',
            "has a value of the wrong type",
        ),
        (
            json.dumps(
                {
                    "at": "2026-01-01T00:00:00+00:00",
                    "event": "execution",
                    "milliseconds": 1,
                    "plan": "{",
                    "reused": True,
                    "rows_in": 1,
                    "rows_kept": 1,
                    "run_id": "aaaa2222",
                    "run_key": "k",
                    "schema": 2,
                    "versions": {},
                }
            ).encode(),
            "has a value of the wrong type",
        ),
        (b'{"schema":4,"event":"question"}', "is of schema 4, which this version of clinical_nb does not read"),
    ],
)
def test_a_damaged_line_in_the_middle_is_skipped_and_told(folder, damage, told):
    file = history_files(folder)[0]
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([*lines[:5], damage, *lines[6:]]))

    history = read_runs(folder)

    assert [(run.run_id, run.summary) for run in history.runs] == [
        ("aaaa1111", "mean 2.1"),
        ("aaaa2222", None),
        ("bbbb3333", "mean 2.1"),
    ]
    assert history.warnings == (f"Line 6 of the history's queries-000001.jsonl {told}; it was skipped.",)


def test_a_run_whose_question_is_lost_is_told(folder):
    file = history_files(folder)[0]
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[1:]))

    history = read_runs(folder)

    assert [run.run_id for run in history.runs] == ["aaaa2222", "bbbb3333"]
    assert [warning.partition(" belongs to ")[2] for warning in history.warnings] == [
        "run aaaa1111, whose question is lost; it was skipped."
    ] * 2


def test_a_second_question_of_the_same_id_obscures_nothing(folder):
    QueryLogger(folder).log(Question("aaaa1111", "other", "f" * 16, "another question", "declined"))

    history = read_runs(folder)

    assert history.runs[0].question == "mean bilirubin by arm"
    assert history.warnings[0].endswith("asks again under the id of run aaaa1111; it was skipped.")


def test_the_oldest_run_comes_first_over_several_files(tmp_path):
    for number, run_id in ((10, "late"), (9, "early")):
        QueryLogger(tmp_path / run_id).log(asked(run_id))
        history_files(tmp_path / run_id)[0].rename(tmp_path / f"queries-{number:06}.jsonl")

    assert [run.run_id for run in read_runs(tmp_path).runs] == ["early", "late"]


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "queries-000001.jsonl").mkdir()

    with pytest.raises(HistoryError, match=r"'queries-000001\.jsonl' cannot be read: Is a directory"):
        read_runs(tmp_path)


@pytest.mark.parametrize("asked_for", ["bbbb3333", "bbbb", "aaaa1"])
def test_a_run_is_found_by_its_id_or_a_beginning_that_no_other_has(folder, asked_for):
    assert Record(folder).find(asked_for).run_id.startswith(asked_for)


@pytest.mark.parametrize("asked_for", ["bbx", "", "cccc"])
def test_a_run_that_is_not_there_is_unknown(folder, asked_for):
    with pytest.raises(
        UnknownRunError, match=f"The history has no run '{asked_for}'. %clinical history --find WORDS lists runs"
    ):
        Record(folder).find(asked_for)


def test_a_beginning_that_several_runs_share_is_not_guessed(folder):
    with pytest.raises(AmbiguousRunError, match=r"2 runs that begin with 'aaaa'.*aaaa1111, aaaa2222"):
        Record(folder).find("aaaa")


def test_a_second_look_reads_what_was_written_since_and_nothing_else(folder, monkeypatch):
    record = Record(folder)
    first = record.read()
    parsed: list[bytes] = []
    monkeypatch.setattr("clinical_nb.history.record.parse", lambda line: parsed.append(line) or parse(line))

    assert record.read() == first
    QueryLogger(folder).log(asked("cccc4444"))
    QueryLogger(folder).log(Outcome("bbbb3333", "mean 2.2"))
    second = record.read()

    assert second == read_runs(folder)
    assert [run.summary for run in second.runs] == ["mean 2.1", "mean 2.1", "mean 2.2", None]
    assert len(parsed) == 2 + len(history_files(folder)[0].read_bytes().splitlines())  # and all by who looks once


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(file.read_bytes().replace(b"mean 2.1", b"mean 2.2")),
        lambda file: file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:4])),
        lambda file: file.write_bytes(file.read_bytes()[:-20]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"mean 2.1", b"mean 12.1")),
        lambda file: file.rename(file.with_name("queries-000002.jsonl")),
        lambda file: file.unlink(),
        lambda file: file.with_name("queries-000000.jsonl").write_bytes(file.read_bytes().replace(b"aaaa", b"cccc")),
    ],
)
def test_a_history_that_is_no_longer_as_it_was_read_is_read_again(folder, change):
    record = Record(folder)
    record.read()

    change(history_files(folder)[0])

    assert record.read() == read_runs(folder)


def test_a_look_at_a_line_that_is_not_all_there_yet_sees_it_whole_the_next_time(folder):
    file = history_files(folder)[0]
    whole = file.read_bytes()
    record = Record(folder)
    file.write_bytes(whole[:-10])
    assert len(record.read().warnings) == 1

    with file.open("ab") as torn:
        torn.write(whole[-10:])

    assert record.read() == read_runs(folder)
    assert record.read().warnings == ()


def test_what_cannot_be_read_once_is_read_when_it_can_be(folder):
    record = Record(folder)
    runs = record.read()
    (folder / "queries-000002.jsonl").mkdir()
    with pytest.raises(HistoryError):
        record.read()

    (folder / "queries-000002.jsonl").rmdir()

    assert record.read() == runs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["schema", "event", "at"]), inner),
    max_leaves=8,
)


@given(st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_no_event_is_a_value_error(line):
    with pytest.raises(ValueError, match=r"^(is|has) "):
        from_entry(parse(line))


@pytest.mark.slow
def test_ten_thousand_runs_in_thirty_files_are_read(tmp_path):
    logger = QueryLogger(tmp_path / "one")
    logger.log(asked("r"))
    logger.log(executed("r"))
    logger.log(Outcome("r", "mean 2.1"))
    lines = history_files(tmp_path / "one")[0].read_text()
    for file in range(30):
        runs = range(file * 334, file * 334 + 334)
        content = "".join(lines.replace('"run_id":"r"', f'"run_id":"{number}"') for number in runs)
        (tmp_path / f"queries-{file:06}.jsonl").write_text(content)

    history = read_runs(tmp_path)

    assert len(history.runs) == 10_020
    assert history.warnings == ()
    assert json.dumps(history.runs[-1].plan) == json.dumps(PLAN, sort_keys=True)
