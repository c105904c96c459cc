"""Persons told apart: what several answers count, as sets of the fewest kinds of persons that any of them distinguish.

An answer's counts are sets of persons. Two persons who are in the same sets are of one kind: what anybody can derive of
counts is a statement about how many persons there are of each kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.disclosure.rows import Codes, Rows, Table

Kinds = np.ndarray[tuple[int], np.dtype[np.int64]]  # how many persons there are of each kind
Set = np.ndarray[tuple[int], np.dtype[np.bool_]]  # which kinds a set of persons has


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer distinguishes and tells: persons by name, the parts of its tables, and the sets it counts.

    `parts` has for each table of counts the part that a person is in; `sets` who is in each set. `shown` says of each
    whether its number is told, and `base` of what it is told as a multiple: 1 where to the last person.
    """

    universe: str
    names: tuple[str, ...]
    parts: tuple[Codes, ...]
    sets: tuple[Rows, ...]
    shown: tuple[bool, ...]
    base: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The kinds of persons of several answers, how many there are of each, and each answer's parts and sets of them."""

    kinds: Kinds
    parts: tuple[tuple[Codes, ...], ...]
    sets: tuple[tuple[Set, ...], ...]


def persons_of(table: Table, rows: Rows) -> Rows:
    """Return which persons have any of some rows, by their places among the table's names."""
    found = np.zeros(len(table.names), np.bool_)
    found[table.persons[rows & table.whole]] = True
    return found


def merge(told: Sequence[Told]) -> Merged:
    """Return the kinds of persons that some answers about the same persons tell apart."""
    names = sorted({name for each in told for name in each.names})
    place = {name: number for number, name in enumerate(names)}
    kind = np.zeros(len(names), np.int64)
    widened = [_widen(each, place) for each in told]
    for parts, sets in widened:
        for codes in (*parts, *(each.astype(np.int64) for each in sets)):
            kind = np.unique(kind * (int(codes.max(initial=0)) + 2) + codes + 1, return_inverse=True)[1]
    count = int(kind.max(initial=-1)) + 1
    kinds = np.bincount(kind, minlength=count).astype(np.int64)
    first = np.full(count, 0, np.int64)
    first[kind[::-1]] = np.arange(len(names))[::-1]
    return Merged(
        kinds,
        tuple(tuple(codes[first] for codes in parts) for parts, _ in widened),
        tuple(tuple(each[first] for each in sets) for _, sets in widened),
    )


def _widen(told: Told, place: dict[str, int]) -> tuple[list[Codes], list[Rows]]:
    """Return an answer's parts and sets for the persons of all; who is not among its own is in part -1 and no set."""
    at = np.fromiter((place[name] for name in told.names), np.int64, len(told.names))
    parts: list[Codes] = []
    for codes in told.parts:
        wide = np.full(len(place), -1, np.int64)
        wide[at] = codes
        parts.append(wide)
    sets: list[Rows] = []
    for rows in told.sets:
        inside = np.zeros(len(place), np.bool_)
        inside[at] = rows
        sets.append(inside)
    return parts, sets


def small_parts(merged: Merged, most: int, limit: int) -> list[Set] | None:
    """Return each part of at most `most` persons of any two crossed tables, once; None where there are too many.

    That is how two answers tell on somebody: what is in the one and not in the other.
    """
    tables = [codes for parts in merged.parts for codes in parts]
    found: dict[bytes, Set] = {}
    for place, one in enumerate(tables):
        for other in tables[place:]:
            crossed = np.unique((one + 1) * (int(other.max(initial=0)) + 2) + other + 1, return_inverse=True)[1]
            sizes = np.bincount(crossed, weights=merged.kinds)
            for part in np.flatnonzero((sizes > 0) & (sizes <= most)):
                inside = crossed == part
                found.setdefault(np.packbits(inside).tobytes(), inside)
                if len(found) > limit:
                    return None
    return list(found.values())
