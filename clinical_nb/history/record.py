"""Reads the history: the events of each run folded into one value, what is damaged skipped and told.

What was read before is kept: a look at a long history reads what was written since the last one.
"""

import os
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from clinical_nb.errors import AmbiguousRunError, HistoryError, UnknownRunError
from clinical_nb.garbage import uncollected
from clinical_nb.history.chain import parse, unchained
from clinical_nb.history.events import Beginning, Forgetting, Modelling, Restoration, from_entry
from clinical_nb.history.logger import history_files
from clinical_nb.history.run import Opening, Run, continued, run_of

if TYPE_CHECKING:
    from clinical_nb.history.run import Continuing

_OPENING = get_args(Opening)
_OF_NO_RUN = (Beginning, Restoration, Modelling)
_KNOWN_BY = 300  # bytes before the place that a file was read up to: they hold a line's hash and time


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a history, oldest first, and a sentence for each line that could not be read."""

    runs: tuple[Run, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """Up to where a file was read, in bytes and lines, how it was then, and by which bytes that place is known.

    `is_whole` says that its last line had ended.
    """

    file: Path
    state: tuple[int, int, int]
    up_to: int
    lines: int
    tail: bytes
    is_whole: bool


@dataclass(slots=True)
class _Folded:
    """What the lines that were read came to: runs by their ids, in the order of their opening, and what is to be told.

    `added` is what later events brought to runs that others `opened`; `runs` are made of both where `touched`.
    """

    files: list[_Read] = field(default_factory=list[_Read])
    opened: dict[str, tuple[Opening, datetime]] = field(default_factory=dict[str, tuple[Opening, datetime]])
    added: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    touched: dict[str, None] = field(default_factory=dict[str, None])
    warnings: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    was_cleared: bool = False


class Record:
    """The runs of the history in one folder, from one look to the next; several threads may look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folded = _Folded()
        self._looking = threading.Lock()

    def read(self) -> Runs:
        """Return every run that the history holds; none where there is no history yet.

        Raises
        ------
        HistoryError
            When a file cannot be read at all.

        """
        with self._looking:
            self._catch_up()
            folded = self._folded
            told = folded.warnings if folded.was_cleared else folded.warnings + folded.lost  # which cut runs in two
            return Runs(tuple(folded.runs.values()), tuple(told))

    def find(self, run_id: str) -> Run:
        """Return the run with this id, or the only one whose id begins so.

        Raises
        ------
        UnknownRunError, AmbiguousRunError
            When no run's id begins so, or several do.
        HistoryError
            When a file cannot be read at all.

        """
        with self._looking:
            self._catch_up()
            runs = self._folded.runs
            if run_id in runs:
                return runs[run_id]
            found = [name for name in runs if run_id and name.startswith(run_id)]
            if not found:
                raise UnknownRunError(run_id)
            if len(found) > 1:
                raise AmbiguousRunError(run_id, found)
            return runs[found[0]]

    def _catch_up(self) -> None:
        """Read what was written since the last look; all of it where anything but the end is another."""
        files = history_files(self._folder)
        folded, self._folded = self._folded, _Folded()  # what fails half-way is begun anew with the next look
        if not _goes_on(folded.files, files):
            folded = _Folded()
        last = folded.files.pop() if folded.files else None
        with uncollected():
            for file in files[len(folded.files) :]:
                folded.files.append(_read_on(folded, file, last))
                last = None
            for name in folded.touched:
                folded.runs[name] = run_of(*folded.opened[name], folded.added.get(name, {}))
        folded.touched.clear()
        self._folded = folded


def read_runs(folder: Path) -> Runs:
    """Return every run that a history holds, for who looks once; raises as `Record.read` does."""
    return Record(folder).read()


def _goes_on(known: list[_Read], files: list[Path]) -> bool:
    """Tell whether files are those that were read, the last of them perhaps longer, and newer ones behind them."""
    if not known:
        return True
    if [each.file for each in known] != files[: len(known)]:
        return False
    if any(_state(each.file) != each.state for each in known[:-1]) or not known[-1].is_whole:
        return False
    last = known[-1]
    if (state := _state(last.file)) == last.state:
        return True
    if state[0] != last.state[0] or state[2] < last.up_to:
        return False
    with last.file.open("rb") as content:
        content.seek(last.up_to - len(last.tail))
        return content.read(len(last.tail)) == last.tail


def _read_on(folded: _Folded, file: Path, last: _Read | None) -> _Read:
    """Fold the lines of a file, behind those that were read before where it is the `last` that was."""
    begin, before = (last.up_to, last.lines) if last else (0, 0)
    tail = last.tail if last else b""
    try:
        state = _state(file)
        if last and state == last.state:
            return last
        with file.open("rb") as opened_file:
            opened_file.seek(begin)
            content = opened_file.read()
    except OSError as error:
        raise HistoryError(f"The history's file '{file.name}' cannot be read: {error.strerror}.") from error
    lines = content.split(b"\n")
    for number, line in enumerate(lines, before + 1):
        if line and (told := _fold(folded, line)):
            listed, why = told
            listed.append(f"Line {number} of the history's {file.name} {why}; it was skipped.")
    tail = (tail + content)[-_KNOWN_BY:]
    return _Read(file, state, begin + len(content), before + len(lines) - 1, tail, is_whole=not lines[-1])


def _fold(folded: _Folded, line: bytes) -> tuple[list[str], str] | None:
    """Take what a line says; where it says nothing of any run, return why, and where that is listed."""
    try:
        event, at = from_entry(unchained(parse(line)))
    except ValueError as error:
        return folded.warnings, str(error)
    if isinstance(event, _OF_NO_RUN):
        return None
    name = event.run_id
    if isinstance(event, _OPENING):
        if name in folded.opened:
            return folded.warnings, f"asks again under the id of run {name}"
        folded.opened[name] = (cast("Opening", event), at)
        folded.was_cleared = folded.was_cleared or isinstance(event, Forgetting)
    elif name not in folded.opened:
        return folded.lost, f"belongs to run {name}, whose question is lost"
    else:
        added = folded.added.setdefault(name, {})
        added.update(continued(cast("Continuing", event), added))
    folded.touched[name] = None
    return None


def _state(file: Path) -> tuple[int, int, int]:
    """Return what tells a file apart, and from how it was before: its number on the disk, its time, and its size."""
    found = os.stat(file)  # noqa: PTH116 - each look pays, for each file
    return found.st_ino, found.st_mtime_ns, found.st_size
