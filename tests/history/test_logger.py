"""The history as it is written: whole lines, in order, durable, private to their owner, from many processes at once."""

import errno
import json
import multiprocessing
import os
import threading
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

from clinical_nb.errors import HistoryError
from clinical_nb.history.events import SCHEMA, Execution, Failure, FollowUp, Outcome, Question, new_run_id
from clinical_nb.history.logger import ENTRIES_PER_FILE, QueryLogger, history_files
from clinical_nb.history.record import read_runs
from clinical_nb.history.schema import history_schema
from clinical_nb.history.verify import verify
from clinical_nb.locks import hold_lock

SCHEMAS = history_schema()["$defs"]

PLAN = {"kind": "count", "by": [], "cohort": {"kind": "cohort", "dataset": "trial", "table": "trial", "where": []}}
EXECUTION = Execution("r", "k" * 16, PLAN, 602, 588, 12, reused=False, versions={"polars": "2.1.0"})


def asked(run_id: str, text: str = "how many women") -> Question:
    return Question(run_id, "trial", "0123456789abcdef", text, "answered", "Number of rows where sex = female.")


def lines_of(folder: Path) -> list[bytes]:
    return b"".join(file.read_bytes() for file in history_files(folder)).splitlines()


def ask_often(folder: Path, name: str, times: int) -> None:
    logger = QueryLogger(folder)
    for number in range(times):
        logger.log(asked(f"{name}-{number:04}", "mean age " * 40))


def test_every_event_of_a_run_is_one_line_in_order(tmp_path):
    logger = QueryLogger(tmp_path)

    logger.log(asked("r"))
    logger.log(FollowUp("r", "q"))
    logger.log(EXECUTION)
    logger.log(Outcome("r", "588 rows"))
    logger.log(Failure("r", "PlanError", "There is nothing to compare."))

    entries = [json.loads(line) for line in lines_of(tmp_path)]
    assert [entry["event"] for entry in entries] == ["question", "follow_up", "execution", "result", "failure"]
    assert {entry["schema"] for entry in entries} == {SCHEMA}
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5]
    assert {entry["run_id"] for entry in entries} == {"r"}
    times = [datetime.fromisoformat(entry["at"]) for entry in entries]
    assert times == sorted(times)
    assert all(time.utcoffset().total_seconds() == 0 for time in times)


def test_a_line_is_canonical_json(tmp_path):
    QueryLogger(tmp_path).log(asked("r", "wie viele Männer ▢"))

    (line,) = lines_of(tmp_path)

    entry = json.loads(line)
    assert line.decode() == json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert "wie viele Männer ▢" in line.decode()


def test_line_separators_and_lone_surrogates_do_not_break_the_lines(tmp_path):
    logger = QueryLogger(tmp_path)

    logger.log(Outcome("r", "a\nb\u2028c\x85d\ud800e"))
    logger.log(asked("s"))

    content = history_files(tmp_path)[0].read_bytes()
    assert content.count(b"\n") == 2
    assert json.loads(content.split(b"\n")[0])["summary"] == "a\nb\u2028c\x85d?e"


def test_only_the_owner_can_read_it(tmp_path):
    folder = tmp_path / "store" / "history"

    QueryLogger(folder).log(asked("r"))

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_a_logger_that_logs_nothing_makes_nothing(tmp_path):
    QueryLogger(tmp_path / "history")

    assert list(tmp_path.iterdir()) == []


def test_a_file_holds_a_thousand_entries_and_the_next_goes_on(tmp_path):
    file = tmp_path / "queries-000001.jsonl"
    QueryLogger(tmp_path).log(asked("first"))
    file.write_bytes(file.read_bytes() * (ENTRIES_PER_FILE - 1))

    for run_id in ("last", "next", "after"):
        QueryLogger(tmp_path).log(asked(run_id))

    assert [file.name for file in history_files(tmp_path)] == ["queries-000001.jsonl", "queries-000002.jsonl"]
    assert [len(file.read_bytes().splitlines()) for file in history_files(tmp_path)] == [1000, 2]
    assert [json.loads(line)["run_id"] for line in lines_of(tmp_path)[-3:]] == ["last", "next", "after"]


def test_order_is_kept_over_many_files(tmp_path):
    for number in (9, 10, 11):
        (tmp_path / f"queries-{number:06}.jsonl").write_bytes(b"{}\n" * ENTRIES_PER_FILE)

    QueryLogger(tmp_path).log(asked("r"))

    assert history_files(tmp_path)[-1].name == "queries-000012.jsonl"


@pytest.mark.parametrize("kept", [1, 20, -2, -1])
def test_a_line_torn_by_a_killed_process_does_not_swallow_the_next(tmp_path, kept):
    QueryLogger(tmp_path).log(asked("torn"))
    file = history_files(tmp_path)[0]
    file.write_bytes(file.read_bytes()[:kept])

    QueryLogger(tmp_path).log(asked("next"))

    assert json.loads(lines_of(tmp_path)[-1])["run_id"] == "next"
    assert len(lines_of(tmp_path)) == 2


def test_threads_of_one_logger_do_not_mix_their_lines(tmp_path):
    logger = QueryLogger(tmp_path)
    threads = [
        threading.Thread(target=lambda name=name: [logger.log(asked(f"{name}{i}")) for i in range(50)])
        for name in "abcd"
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({json.loads(line)["run_id"] for line in lines_of(tmp_path)}) == 200


@pytest.mark.slow
def test_eight_processes_at_once_lose_and_tear_nothing(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=ask_often, args=(tmp_path, name, 1_000)) for name in "abcdefgh"]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)

    history = read_runs(tmp_path)
    assert [writer.exitcode for writer in writers] == [0] * 8
    assert history.warnings == ()
    assert {run.run_id for run in history.runs} == {f"{name}-{i:04}" for name in "abcdefgh" for i in range(1_000)}
    assert [len(file.read_bytes().splitlines()) for file in history_files(tmp_path)] == [1_000] * 8
    assert verify(tmp_path).problems == ()
    for file in history_files(tmp_path):  # written by processes that no fixture looks at
        for line in map(json.loads, file.read_bytes().splitlines()):
            jsonschema.Draft202012Validator({**SCHEMAS[line["event"]], "$defs": {}}).validate(line)
    times = [run.at for run in history.runs]
    assert times == sorted(times)


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path, monkeypatch):
    logger = QueryLogger(tmp_path)
    logger.log(asked("before"))
    before = history_files(tmp_path)[0].read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:30]))

    with pytest.raises(HistoryError, match="No space left on device"):
        logger.log(asked("lost"))

    assert history_files(tmp_path)[0].read_bytes() == before


def test_a_disk_that_cannot_flush_is_told(tmp_path, monkeypatch):
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(HistoryError, match="Input/output error"):
        QueryLogger(tmp_path).log(asked("r"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "store").write_text("a file where a folder should be")

    with pytest.raises(HistoryError, match="Your questions are answered, but not recorded"):
        QueryLogger(tmp_path / "store" / "history").log(asked("r"))


@pytest.mark.parametrize("why", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_disk_that_takes_nothing_is_told_and_the_next_line_that_it_takes_goes_on(tmp_path, monkeypatch, why):
    logger = QueryLogger(tmp_path)
    logger.log(asked("before"))
    opening = os.open

    def refuse(path, flags, *more, **named):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(why, os.strerror(why))
        return opening(path, flags, *more, **named)

    with monkeypatch.context() as full:
        full.setattr(os, "open", refuse)
        with pytest.raises(HistoryError, match=os.strerror(why)):
            logger.log(asked("lost"))
    logger.log(asked("after"))

    assert [json.loads(line)["run_id"] for line in lines_of(tmp_path)][-2:] == ["before", "after"]
    assert verify(tmp_path).problems == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(HistoryError, match="Permission denied"):
        QueryLogger(tmp_path).log(asked("r"))


def test_a_lock_held_for_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("clinical_nb.history.logger._SECONDS_TO_WAIT", 0.05)
    with hold_lock(tmp_path / "history.lock"), pytest.raises(HistoryError, match="another process holds it"):
        QueryLogger(tmp_path).log(asked("r"))


def test_run_ids_sort_by_time_and_never_repeat():
    ids = [new_run_id() for _ in range(2_000)]

    assert len(set(ids)) == 2_000
    assert [run_id[:9] for run_id in ids] == sorted(run_id[:9] for run_id in ids)
    assert {len(run_id) for run_id in ids} == {16}
