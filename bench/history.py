"""The history of a store with datasets at 100,000 entries: append beside the disk's flush, open, search, verify."""

import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time

from clinical_nb.history.chain import START, chained, make_key, write_anchor
from clinical_nb.history.events import Execution, Outcome, Question, new_run_id, to_entry
from clinical_nb.history.logger import ENTRIES_PER_FILE, QueryLogger
from clinical_nb.history.record import read_runs
from clinical_nb.history.verify import verify
from clinical_nb.session import Session

RUNS, DATASETS, ROUNDS, REPEATS = 33_334, 10, 200, 3
PLAN = {"by": [], "cohort": {"dataset": "trial", "kind": "cohort", "table": "trial", "where": []}, "kind": "count"}


def events(run_id: str) -> tuple[Question, Execution, Outcome]:
    """Return what one question leaves behind."""
    asked = Question(run_id, "trial0", "0123456789abcdef", "mean age by arm", "answered", "Mean of age by arm")
    done = Execution(run_id, "k" * 32, PLAN, 602, 588, 12, reused=False, versions={"polars": "2.1.0"})
    return asked, done, Outcome(run_id, "means 46.0 and 44.5, n = 588")


def fill(folder: Path) -> None:
    """Write a whole chain in one go, as appending would have, in place of the one that is there."""
    shutil.rmtree(folder)
    folder.mkdir()
    key, link, lines = make_key(folder), START, list[bytes]()
    for number in range(RUNS):
        for event in events(f"run{number:012}"):
            line, link = chained(to_entry(event, datetime.now(UTC)), link, key)
            lines.append(line)
    for place in range(0, len(lines), ENTRIES_PER_FILE):
        file = folder / f"queries-{place // ENTRIES_PER_FILE + 1:06}.jsonl"
        file.write_bytes(b"".join(lines[place : place + ENTRIES_PER_FILE]))
    write_anchor(folder, link, key)


def flush_times(folder: Path) -> list[float]:
    """Return how long the disk takes to flush a line as long as one of ours."""
    line = json.dumps(PLAN).encode() * 3
    taken: list[float] = []
    with (folder / "plain").open("ab", buffering=0) as file:
        for _ in range(ROUNDS):
            began = perf_counter()
            file.write(line)
            os.fsync(file.fileno())
            taken.append(perf_counter() - began)
    return taken


def append_times(folder: Path) -> list[float]:
    """Return how long each append takes."""
    logger, taken = QueryLogger(folder), list[float]()
    for number in range(ROUNDS):
        began = perf_counter()
        logger.log(events(f"new{number:012}")[0])
        taken.append(perf_counter() - began)
    return taken


def took(name: str, work: Callable[[], object]) -> None:
    """Print how long a call takes, and the processor's time, which other work does not lengthen: medians of several."""
    taken, worked = list[float](), list[float]()
    for _ in range(REPEATS):
        began, at_work = perf_counter(), process_time()
        work()
        taken.append(perf_counter() - began)
        worked.append(process_time() - at_work)
    told = (1000 * statistics.median(each) for each in (taken, worked))
    print(f"{name:58} {next(told):8.1f} ms, of which the processor {next(told):.1f} ms")


def make_store(home: Path) -> Path:
    """Make a store that holds datasets, and with them a short history."""
    rows = "".join(f"{number},{'fm'[number % 2]},{40 + number % 40}\n" for number in range(200))
    with Session(home) as session:
        for number in range(DATASETS):
            (home.parent / f"trial{number}.csv").write_text(f"id,sex,age\n{rows}", encoding="utf-8")
            session.upload(home.parent / f"trial{number}.csv")
    return home


def main() -> None:
    """Measure, and print a line for each."""
    with tempfile.TemporaryDirectory() as place:
        short, full = make_store(Path(place) / "short"), Path(place) / "full"
        shutil.copytree(short, full)
        fill(full / "history")
        flush = 1000 * statistics.median(flush_times(Path(place)))
        for name, home in (("a short history", short), ("100,000 entries", full)):
            append = 1000 * statistics.median(append_times(home / "history"))
            print(f"append to {name:47} {append:8.2f} ms, {append - flush:.2f} ms beyond the flush of {flush:.2f} ms")
        for name, home in (("a short history", short), ("100,000 entries", full)):
            took(f"open a store of {DATASETS} datasets with {name}", lambda home=home: Session(home))
        session, history, logger = Session(full), full / "history", QueryLogger(full / "history")
        took("read 100,000 entries for the first time", lambda: read_runs(history))
        took("session.history() of 100,000 entries, the first", lambda: Session(full).history())
        session.history()

        def look_again() -> None:
            logger.log(events(new_run_id())[0])
            session.history()

        took("session.history() again, one entry later", look_again)
        took("its words, dataset and day sought", lambda: session.history("mean arm", "trial0", date(2026, 1, 1)))
        took("verify 100,000 entries", lambda: verify(history))


if __name__ == "__main__":
    main()
