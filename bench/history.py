"""The history at 100,000 entries: an append beside the disk's own flush, opening a store, finding runs, verifying."""

import json
import os
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from clinical_nb.history.chain import START, chained, make_key, write_anchor
from clinical_nb.history.events import Execution, Outcome, Question, to_entry
from clinical_nb.history.logger import ENTRIES_PER_FILE, QueryLogger
from clinical_nb.history.record import read_runs
from clinical_nb.history.verify import verify
from clinical_nb.session import Session

RUNS, EVENTS, ROUNDS = 33_334, 3, 200
PLAN = {"by": [], "cohort": {"dataset": "trial", "kind": "cohort", "table": "trial", "where": []}, "kind": "count"}


def events(run_id: str) -> tuple[Question, Execution, Outcome]:
    """Return what one question leaves behind."""
    asked = Question(run_id, "trial", "0123456789abcdef", "mean age by arm", "answered", "Mean of age by arm")
    done = Execution(run_id, "k" * 32, PLAN, 602, 588, 12, reused=False, versions={"polars": "2.1.0"})
    return asked, done, Outcome(run_id, "means 46.0 and 44.5, n = 588")


def fill(folder: Path) -> None:
    """Write a whole chain in one go, as appending would have."""
    folder.mkdir(parents=True)
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


def took(name: str, *work: object) -> None:
    """Print how long one call takes."""
    began = perf_counter()
    for each in work:
        each()  # type: ignore[operator]
    print(f"{name:58} {1000 * (perf_counter() - began):8.1f} ms")


def main() -> None:
    """Measure, and print a line for each."""
    with tempfile.TemporaryDirectory() as place:
        full, empty = Path(place) / "full", Path(place) / "empty"
        fill(full / "history")
        Session(empty)
        flush = 1000 * statistics.median(flush_times(Path(place)))
        for name, home in (("an empty history", empty), ("100,000 entries", full)):
            append = 1000 * statistics.median(append_times(home / "history"))
            print(f"append to {name:47} {append:8.2f} ms, {append - flush:.2f} ms beyond the flush of {flush:.2f} ms")
        took("open a store with an empty history", lambda: Session(empty))
        took("open a store with 100,000 entries", lambda: Session(full))
        took("find runs among 100,000 entries", lambda: read_runs(full / "history"))
        took("verify 100,000 entries", lambda: verify(full / "history"))


if __name__ == "__main__":
    main()
