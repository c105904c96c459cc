"""Clears the history before a day, where a policy demands it: what is left still verifies, and says what went."""

import os
from datetime import UTC, date, datetime, time
from pathlib import Path

from clinical_nb.errors import HistoryError
from clinical_nb.history.chain import START, Link, link_of, parse, unchained
from clinical_nb.history.events import Forgetting, from_entry, new_run_id
from clinical_nb.history.logger import QueryLogger, history_files, hold_history


def count_before(folder: Path, before: date) -> int:
    """Return how many entries of a history were written before a day, which begins at midnight UTC."""
    return _cut(_lines(folder), before)


def clear(folder: Path, before: date) -> int:
    """Delete the entries that were written before a day, which begins at midnight UTC; that it was done is an entry.

    The entry is written first: where a kill comes between, clearing again goes on from there.

    Returns
    -------
    int
        How many were deleted.

    Raises
    ------
    HistoryError
        When the history cannot be written.

    """
    lines = _lines(folder)
    gone = lines[: _cut(lines, before)]
    if not gone:
        return 0
    last = next((link for _, line in reversed(gone) if (link := _link(line))), START)
    QueryLogger(folder).log(Forgetting(new_run_id(), before.isoformat(), last.number, last.hash))
    try:
        with hold_history(folder):
            for file in history_files(folder):
                _keep(file, before)
    except OSError as error:
        problem = f"The history in '{folder}' cannot be written: {error.strerror or 'another process holds it'}."
        raise HistoryError(problem, "Clear it again: what is left goes then.") from error
    return len(gone)


def _lines(folder: Path) -> list[tuple[Path, bytes]]:
    return [(file, line) for file in history_files(folder) for line in file.read_bytes().splitlines(keepends=True)]


def _cut(lines: list[tuple[Path, bytes]], before: date) -> int:
    """Return how many lines stand before the first that was written on the day or later."""
    begin = datetime.combine(before, time(), UTC)
    for place, (_, line) in enumerate(lines):
        at = _at(line)
        if at is not None and at >= begin:
            return place
    return len(lines)


def _keep(file: Path, before: date) -> None:
    """Rewrite a file without what was written before a day, or delete it where nothing is left."""
    lines = file.read_bytes().splitlines(keepends=True)
    kept = lines[_cut([(file, line) for line in lines], before) :]
    if len(kept) == len(lines):
        return
    if not kept:
        file.unlink()
        return
    beside = file.with_name(f"{file.name}.new")
    descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.writelines(kept)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


def _at(line: bytes) -> datetime | None:
    """Return when a line was written; None where it is damaged."""
    try:
        return from_entry(unchained(parse(line)))[1]
    except ValueError:
        return None


def _link(line: bytes) -> Link | None:
    try:
        return link_of(parse(line))
    except ValueError:
        return None
