"""Verifies the history: whether its chain is whole, and where it is not, which line was changed, moved or taken out."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinical_nb.errors import ClinicalError, HistoryError
from clinical_nb.history.chain import (
    START,
    Link,
    is_as_written,
    is_key_elsewhere,
    key_file,
    link_of,
    parse,
    read_anchor,
    read_key,
    unchained,
)
from clinical_nb.history.events import Beginning, Forgetting, Repair, from_entry
from clinical_nb.history.logger import history_lines

_MOST_TOLD = 20
_SEAL_DIGITS = 32  # of a hash: 128 bits, which can be written down


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: the chain is whole where there are no `problems`; `notes` are what a reader should know."""

    entries: int
    head: Link
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, moved or taken out."""
        return not self.problems

    @property
    def seal(self) -> str:
        """The head as text to note elsewhere: the number of the last line and the beginning of its hash."""
        return f"{self.head.number}-{self.head.hash[:_SEAL_DIGITS]}"

    def __str__(self) -> str:
        told = f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'}"
        if not self.problems:
            first = f"The history is whole: {told}, nothing changed, moved or missing."
            return "\n".join((first, *self.notes, f"Seal: {self.seal}"))
        listed = self.problems[:_MOST_TOLD]
        more = len(self.problems) - len(listed)
        rest = (f"… and {more:,} more.",) if more else ()
        return "\n".join((f"The history is NOT whole ({told}):", *(f"- {each}" for each in listed), *rest, *self.notes))


@dataclass(slots=True)
class _Walk:
    """What is known at a line of the history, while all of them are walked along."""

    key: bytes
    at: Link = START
    cleared: Link | None = None
    was_cleared: bool = False
    older_told: bool = False
    entries: int = 0
    older: int = 0
    older_digest: Any = field(default_factory=hashlib.sha256)
    links: dict[int, str] = field(default_factory=dict[int, str])
    problems: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def verify(folder: Path, seal: str | None = None) -> Verdict:
    """Walk along the chain of a history and compare it with the note of where it stood, and with a seal.

    Parameters
    ----------
    folder : Path
        The history's.
    seal : str, optional
        What an earlier `Verdict.seal` said: that the history still holds that line, as it was, is checked as well.

    Raises
    ------
    HistoryError
        When a file cannot be read.
    ClinicalError
        When the seal is not one.

    """
    sealed = _read_seal(seal) if seal else None
    try:
        key = read_key(folder)
        anchor = read_anchor(folder, key) if key else None
    except OSError as error:
        raise HistoryError(f"The history's key, or the note beside it, cannot be read: {error.strerror}.") from error
    # read behind the note: what another notebook writes meanwhile is not missing
    lines = [(f"{file}, line {number}", line) for file, number, line in history_lines(folder)]
    if key is None:
        problems = (f"The key '{key_file(folder).name}' is gone: nothing can be checked.",) if lines else ()
        return Verdict(len(lines), START, problems)
    cleared = _cleared(lines)
    begins = cleared or START
    walk = _Walk(key, begins, cleared)
    for place, line in lines:
        _step(walk, place, line)
    _compare_beginning(walk)
    _compare_anchor(walk, anchor)
    if sealed:
        _compare_seal(walk, *sealed)
    return Verdict(walk.entries, walk.at, tuple(walk.problems), tuple(walk.notes))


def _cleared(lines: list[tuple[str, bytes]]) -> Link | None:
    """Return the last entry that was cleared, behind which the chain begins; None where nothing was."""
    cleared: Link | None = None
    for _, line in lines:
        if b'"event":"forgetting"' in line:
            try:
                event, _ = from_entry(unchained(parse(line)))
            except ValueError:
                continue
            if isinstance(event, Forgetting):
                cleared = Link(event.up_to, event.last_hash)
    return cleared


def _step(walk: _Walk, place: str, line: bytes) -> None:
    """Check one line against the one before."""
    walk.entries += 1
    try:
        entry = parse(line)
    except ValueError as error:
        walk.problems.append(f"{place}, {error}.")
        return
    link = link_of(entry)
    if link is None:
        _step_older(walk, place, line)
        return
    if walk.cleared and link.number <= walk.cleared.number:
        walk.problems.append(f"{place}, entry {link.number:,} was to be cleared, and is there: clear it again.")
        return
    if link.number > walk.at.number + 1:
        walk.problems.append(f"Before {place}: {_numbers(walk.at.number + 1, link.number - 1)} missing.")
    elif link.number <= walk.at.number:
        walk.problems.append(f"{place}, is entry {link.number:,} and stands behind entry {walk.at.number:,}.")
    elif not is_as_written(line, entry, walk.at.hash, walk.key):
        walk.problems.append(f"{place}, entry {link.number:,} was changed, or was not written with the key.")
    else:
        _note_event(walk, place, entry)
    walk.links[link.number] = link.hash
    walk.at = link if link.number > walk.at.number else walk.at


def _step_older(walk: _Walk, place: str, line: bytes) -> None:
    """Take a line that is of no chain: all of these stand before the chain begins."""
    if walk.links:
        walk.problems.append(f"{place}, is of no chain, and stands behind entry {walk.at.number:,}.")
        return
    walk.older += 1
    walk.older_digest.update(line + b"\n")


def _note_event(walk: _Walk, place: str, entry: dict[str, Any]) -> None:
    """Take what an entry says of the chain itself."""
    if entry.get("event") not in {"beginning", "repair", "forgetting"}:
        return
    match from_entry(unchained(entry))[0]:
        case Beginning(key="replaced"):
            walk.problems.append(f"From {place}, on another key was used: the entries before cannot be checked.")
        case Beginning(key="unnoted"):
            walk.problems.append(f"Before {place}, the note of where the chain stood was gone: its end may be cut.")
        case Beginning(lines=lines, digest=digest):
            walk.older_told = True
            if walk.cleared:
                walk.notes.extend([f"{walk.older:,} older lines cannot be checked."] * bool(walk.older))
            elif (walk.older, walk.older_digest.hexdigest()) != (lines, digest):
                walk.problems.append(f"The {lines:,} older lines, from before there was a chain, were changed.")
            else:
                walk.notes.append(f"The first {lines:,} are from before there was a chain, and as they were then.")
        case Repair(size=count):
            walk.notes.append(f"{place}: {count:,} bytes that a killed process had left behind were taken away.")
        case Forgetting(before=before, up_to=up_to, last_hash=last_hash):
            walk.was_cleared = walk.was_cleared or walk.cleared == Link(up_to, last_hash)
            walk.notes.append(f"{place}: entries up to {up_to:,}, from before {before}, were cleared.")
        case _:
            pass


def _compare_beginning(walk: _Walk) -> None:
    """Compare where the chain begins with what its entries say of that: only they are written with the key."""
    if walk.cleared and not walk.was_cleared:
        walk.problems.append(
            f"The entry that says up to {walk.cleared.number:,} all were cleared was not written with the key."
        )
    if walk.older and not walk.older_told:
        walk.problems.append(f"{walk.older:,} older lines stand before the chain, and no entry tells of them.")


def _compare_anchor(walk: _Walk, anchor: Link | None) -> None:
    """Compare where the chain ends with the note of where it stood."""
    if anchor is None:
        if walk.links or not is_key_elsewhere():
            walk.problems.append("The note of where the chain stood is lost or forged: its end may have been cut.")
    elif anchor.number > walk.at.number:
        walk.problems.append(f"At the end: {_numbers(walk.at.number + 1, anchor.number)} missing.")
    elif walk.links.get(anchor.number, anchor.hash) != anchor.hash:
        walk.problems.append(f"Entry {anchor.number:,} is not the one that was noted when it was written.")


def _compare_seal(walk: _Walk, number: int, digits: str) -> None:
    """Compare the chain with what somebody noted of it."""
    first = min(walk.links, default=1)
    if number < first:
        walk.notes.append(f"The sealed entry {number:,} was cleared since.")
    elif walk.links.get(number, "")[:_SEAL_DIGITS] != digits:
        walk.problems.append(f"Entry {number:,} is not the one that was sealed: the history is another one.")
    else:
        walk.notes.append(f"It still holds entry {number:,} as it was sealed.")


def _read_seal(seal: str) -> tuple[int, str]:
    number, _, digits = seal.strip().partition("-")
    if not number.isdecimal() or len(digits) != _SEAL_DIGITS or not set(digits) <= set("0123456789abcdef"):
        raise ClinicalError(f"'{seal}' is not a seal.", "A seal is what %clinical seal printed, such as 12-9f86d081….")
    return int(number), digits


def _numbers(first: int, last: int) -> str:
    return f"entry {first:,} is" if first == last else f"entries {first:,} to {last:,} are"
