"""Clears the history before a day, where a policy demands it: what is left still verifies, and says what went."""

import os
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from itertools import dropwhile
from pathlib import Path

from clinical_nb.errors import HistoryError
from clinical_nb.history.chain import START, Link, link_of, parse, unchained
from clinical_nb.history.events import Forgetting, from_entry, new_run_id
from clinical_nb.history.logger import QueryLogger, history_files, hold_history
from clinical_nb.history.references import References, tokens_of


def clear(folder: Path, before: date) -> int:
    """Delete the entries that were written before a day, which begins at midnight UTC; that it was done is an entry.

    What only they point at goes too. The entry is written first: where a kill comes between, clearing again goes on
    from there.

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
    cut = _cut(lines, before)
    gone, left = lines[:cut], lines[cut:]
    if not gone:
        return 0
    last = next((link for line in reversed(gone) if (link := _link(line))), START)
    QueryLogger(folder).log(Forgetting(new_run_id(), before.isoformat(), last.number, last.hash))
    try:
        References(folder).forget_tokens(tokens_of(b"".join(gone)) - tokens_of(b"".join(left)))
        with hold_history(folder):
            _take_away(folder, frozenset(gone))
    except OSError as error:
        problem = f"The history in '{folder}' cannot be written: {error.strerror or 'another process holds it'}."
        raise HistoryError(problem, "Clear it again: what is left goes then.") from error
    return len(gone)


def _lines(folder: Path) -> list[bytes]:
    return [line for file in history_files(folder) for line in file.read_bytes().splitlines(keepends=True)]


def _cut(lines: list[bytes], before: date) -> int:
    """Return how many lines stand before the first that was written on the day or later."""
    begin = datetime.combine(before, time(), UTC)
    for place, line in enumerate(lines):
        at = _at(line)
        if at is not None and at >= begin:
            return place
    return len(lines)


def _take_away(folder: Path, gone: Collection[bytes]) -> None:
    """Take lines away up to the first that is to stay: by what they are, because a clock may have been set back."""
    for file in history_files(folder):
        lines = file.read_bytes().splitlines(keepends=True)
        kept = [*dropwhile(gone.__contains__, lines)]
        if kept:
            if len(kept) < len(lines):
                _rewrite(file, kept)
            return
        file.unlink()


def _rewrite(file: Path, lines: list[bytes]) -> None:
    beside = file.with_name(f"{file.name}.new")
    descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.writelines(lines)
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
