"""Persons told apart: what several answers count, as sets of the fewest kinds of persons that any of them distinguish.

An answer's counts are sets of persons. Two persons who are in the same sets are of one kind: what anybody can derive of
counts is a statement about how many persons there are of each kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.disclosure.rows import Codes, Rows, Table

Kinds = np.ndarray[tuple[int], np.dtype[np.int64]]  # how many persons there are of each kind
Links = np.ndarray[tuple[int, int], np.dtype[np.float64]]  # sums of kinds that are 0, whatever is told
Set = np.ndarray[tuple[int], np.dtype[np.bool_]]  # which kinds a set of persons has


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing by which an answer tells persons apart: what it is read from, and which value each person has of it.

    `is_plain` says that its values are those of a column, and not whether some condition holds of it.
    """

    columns: tuple[str, ...]
    codes: Codes
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer distinguishes and tells: persons by name, the parts of its tables, and the sets it counts.

    `parts` has for each table of counts the part that a person is in; `sets` who is in each set. `shown` says of each
    whether its number is told, and `base` of what it is told as a multiple: 1 where to the last person. `parts_of` and
    `sets_of` name by their places the `features` that decide who is in each; without features nobody knows what does.
    """

    universe: str
    names: tuple[str, ...]
    parts: tuple[Codes, ...]
    sets: tuple[Rows, ...]
    shown: tuple[bool, ...]
    base: int
    features: tuple[Feature, ...] = ()
    parts_of: tuple[tuple[int, ...], ...] = ()
    sets_of: tuple[tuple[int, ...], ...] = ()

    def columns_of(self, of: Sequence[Sequence[int]], place: int) -> frozenset[str]:
        """Return the columns that decide a part or set, of which `of` names the features; none where unknown."""
        named = of[place] if self.features else ()
        return frozenset(column for each in named for column in self.features[each].columns)


@dataclass(frozen=True, slots=True)
class Small:
    """A set of few persons that must not become known, and the columns of the table that it is of.

    `alone` says that it may be looked at by what is read from these columns alone: all answers are of the same persons.
    """

    inside: Set
    columns: frozenset[str] = frozenset()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The kinds of persons of several answers, how many there are of each, and what each answer has of them.

    That are the parts that they are in, its sets, and the values of its features.
    """

    kinds: Kinds
    parts: tuple[tuple[Codes, ...], ...]
    sets: tuple[tuple[Set, ...], ...]
    features: tuple[tuple[Codes, ...], ...]


def persons_of(table: Table, rows: Rows) -> Rows:
    """Return which persons have any of some rows, by their places among the table's names."""
    found = np.zeros(len(table.names), np.bool_)
    found[table.persons[rows & table.whole]] = True
    return found


def numbered(codes: Codes) -> Codes:
    """Return the place of each code, none below 0, among the distinct ones in their order."""
    highest = int(codes.max(initial=0))
    if highest > 8 * len(codes) + 1_000:
        return np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)
    there = np.zeros(highest + 1, np.bool_)  # counting is quicker than sorting where there are few
    there[codes] = True
    return (np.cumsum(there) - 1)[codes]


def key_of(inside: Rows) -> bytes:
    """Return what is the same for the same set of persons or kinds alone."""
    return np.packbits(inside).tobytes()


def merge(told: Sequence[Told]) -> Merged:
    """Return the kinds of persons that some answers about the same persons tell apart."""
    if are_same(told):
        size = len(told[-1].names)
        widened = [(each.parts, each.sets, tuple(feature.codes for feature in each.features)) for each in told]
    else:
        names = sorted({name for each in told for name in each.names})
        place = {name: number for number, name in enumerate(names)}
        size = len(names)
        widened = [_widen(each, place) for each in told]
    kind = np.zeros(size, np.int64)
    for parts, sets, features in widened:
        for codes in (*parts, *(each.astype(np.int64) for each in sets), *features):
            kind = numbered(kind * (int(codes.max(initial=0)) + 2) + codes + 1)
    count = int(kind.max(initial=-1)) + 1
    kinds = np.bincount(kind, minlength=count).astype(np.int64)
    first = np.full(count, 0, np.int64)
    first[kind[::-1]] = np.arange(size)[::-1]
    return Merged(
        kinds,
        tuple(tuple(codes[first] for codes in parts) for parts, _, _ in widened),
        tuple(tuple(each[first] for each in sets) for _, sets, _ in widened),
        tuple(tuple(codes[first] for codes in features) for _, _, features in widened),
    )


def _widen(told: Told, place: dict[str, int]) -> tuple[Sequence[Codes], Sequence[Rows], Sequence[Codes]]:
    """Return what an answer has of the persons of all; who is not among its own is in part -1 and no set."""
    at = np.fromiter((place[name] for name in told.names), np.int64, len(told.names))

    def wide(codes: Codes) -> Codes:
        found = np.full(len(place), -1, np.int64)
        found[at] = codes
        return found

    def inside(rows: Rows) -> Rows:
        found = np.zeros(len(place), np.bool_)
        found[at] = rows
        return found

    return [*map(wide, told.parts)], [*map(inside, told.sets)], [wide(each.codes) for each in told.features]


def small_sets(told: Sequence[Told], merged: Merged, most: int, limit: int) -> list[Small] | None:
    """Return the sets of 1 to `most` persons that no answer may tell, each once; None where there are too many.

    These are the parts of each table; what is in one set and not in the other, of two of which one has all of the
    other; and, where the last answer is about others than an earlier one, or by conditions, the parts of their tables
    crossed. That is how answers tell on somebody: what is in the one and not in the other. Two tables of the levels of
    columns, about the same persons, do not.
    """
    found: dict[bytes, Small] = {}
    for each in (*_parts(told, merged, most), *_nested(told, merged, most)):
        found.setdefault(key_of(each.inside), each)
    for each in _crossed(told, merged, most):
        found.setdefault(key_of(each.inside), each)
        if len(found) > limit:
            return None
    return list(found.values())


def _parts(told: Sequence[Told], merged: Merged, most: int) -> Iterator[Small]:
    for each, parts in zip(told, merged.parts, strict=True):
        for place, codes in enumerate(parts):
            columns = each.columns_of(each.parts_of, place)
            yield from (
                Small(inside, columns, are_same(told) and bool(columns)) for inside in _few(codes, merged.kinds, most)
            )


def are_same(told: Sequence[Told]) -> bool:
    """Tell whether all answers are about the same persons."""
    return all(each.names == told[-1].names for each in told)


def _crossed(told: Sequence[Told], merged: Merged, most: int) -> Iterator[Small]:
    last = len(told) - 1
    for other in range(last):
        for one_place, one in enumerate(merged.parts[last]):
            for other_place, another in enumerate(merged.parts[other]):
                if _are_apart(told, merged, (last, one_place), (other, other_place)):
                    crossed = (one + 1) * (int(another.max(initial=0)) + 2) + another + 1
                    columns = told[last].columns_of(told[last].parts_of, one_place)
                    yield from (Small(inside, columns) for inside in _few(crossed, merged.kinds, most))


def _few(codes: Codes, kinds: Kinds, most: int) -> list[Set]:
    """Return the parts of 1 to `most` persons, by the code that each kind has."""
    parts, place = np.unique(codes, return_inverse=True)
    sizes = np.bincount(place.reshape(-1), weights=kinds, minlength=len(parts))
    return [codes == parts[each] for each in np.flatnonzero((sizes > 0) & (sizes <= most))]


def _nested(told: Sequence[Told], merged: Merged, most: int) -> list[Small]:
    """Return the few persons by whom a set is larger than one that it has all of."""
    sets = [each for answer in merged.sets for each in answer]
    columns = [each.columns_of(each.sets_of, place) for each in told for place in range(len(each.sets))]
    if not sets:
        return []
    inside = np.array(sets)
    there = inside[:, merged.kinds > 0]
    shared = (there * merged.kinds[merged.kinds > 0]).astype(np.float64) @ there.T.astype(np.float64)
    more = shared.diagonal()[:, None] - shared  # persons of the one who are not in the other
    pairs: list[list[int]] = np.argwhere((more > 0) & (more <= most) & (more.T == 0)).tolist()
    answers = [number for number, each in enumerate(told) for _ in each.sets]
    plain = [_is_plain(each, place) for each in told for place in range(len(each.sets))]
    of_same = are_same(told)

    def may_be_known(one: int, other: int) -> bool:
        """Tell whether a reader may know that the one has all of the other: by their columns, or by conditions."""
        if not of_same:
            return True
        if max(answers[one], answers[other]) < len(told) - 1:
            return False  # looked at when these were told
        comparable = columns[one] <= columns[other] or columns[other] <= columns[one]
        return comparable or not (plain[one] and plain[other])

    return [
        Small(inside[one] & ~inside[other], columns[one] | columns[other])
        for one, other in pairs
        if may_be_known(one, other)
    ]


def _is_plain(each: Told, place: int) -> bool:
    """Tell whether a set is of the levels of columns, and not by conditions."""
    return bool(each.features) and all(each.features[one].is_plain for one in each.sets_of[place] if one > 0)


def _are_apart(told: Sequence[Told], merged: Merged, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two tables may differ by few: they are of different persons, or of conditions."""
    cohorts: list[Codes] = []
    for answer, place in (one, other):
        if not told[answer].features:
            return True
        of = told[answer].parts_of[place]
        if not all(told[answer].features[each].is_plain for each in of[1:]):
            return True
        cohorts.append(merged.features[answer][of[0]])
    return not np.array_equal(cohorts[0], cohorts[1])
