"""Persons who might be: kinds of which the data have nobody, but a reader, who has not seen them, must think possible.

A reader knows what is shown, and not which values go together. Without such kinds it would be held that he does, and
counts would be suppressed that tell nobody anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from clinical_nb.disclosure.crossing import Merged, Told, numbered
from clinical_nb.disclosure.rows import Codes

_MOST = 6_000  # kinds; with fewer of them more is suppressed
_MOST_OF_ONE = 1_500


@dataclass(frozen=True, slots=True)
class _Imagined:
    """Kinds that are like `those` in all but what is read from a column, and in that like `others`."""

    column: str
    those: Codes
    others: Codes


def imagine(told: Sequence[Told], merged: Merged, most: int) -> Merged:
    """Return the kinds of persons of several answers, and behind them, of nobody, such as might be.

    Each is like a kind that there is, but has of one column the value of another one, who is the same in all else that
    is told together with that column: so no cell of a table gets persons that has none. Only columns are taken of which
    a table has a small cell, and none that another column of the data decides, or is decided by.
    """
    found: list[_Imagined] = []
    room = _MOST
    for column in _small_columns(told, merged, most):
        each = _exchange(told, merged, column, min(room, _MOST_OF_ONE))
        if each is not None:
            found.append(each)
            room -= len(each.those)
    if not found:
        return merged
    return _extended(told, merged, found)


def _small_columns(told: Sequence[Told], merged: Merged, most: int) -> list[str]:
    """Return the columns whose exchange is no contradiction and of which some table has a small cell."""
    wanted: dict[str, None] = {}
    mixed: set[str] = set()
    for answer, each in enumerate(told):
        for feature in each.features:
            if len(feature.columns) > 1:
                mixed.update(feature.columns)
        for codes, of in zip(merged.parts[answer], each.parts_of, strict=False):
            sizes = np.bincount(codes + 1, weights=merged.kinds)
            if ((sizes > 0) & (sizes <= most)).any():
                wanted.update({name: None for place in of for name in each.features[place].columns})
    return [name for name in wanted if name not in mixed and not _is_tied(told, merged, name)]


def _is_tied(told: Sequence[Told], merged: Merged, column: str) -> bool:
    """Tell whether another column decides what is read from this one, or the other way round."""
    own = [codes for each, codes in _features(told, merged) if each == (column,)]
    others = [codes for each, codes in _features(told, merged) if column not in each]
    return any(is_tied(one, other) for one in own for other in others)


def is_tied(one: Codes, other: Codes) -> bool:
    """Tell whether what is known of one thing decides another, or the other way round."""
    known = (one >= 0) & (other >= 0)
    one, other = one[known], other[known]
    pairs = _count(one * (int(other.max(initial=0)) + 1) + other)
    values = _count(one), _count(other)
    return min(values) > 1 and pairs in values


def _count(codes: Codes) -> int:
    return int(numbered(codes).max(initial=-1)) + 1


def _features(told: Sequence[Told], merged: Merged) -> list[tuple[tuple[str, ...], Codes]]:
    return [
        (feature.columns, codes)
        for answer, each in enumerate(told)
        for feature, codes in zip(each.features, merged.features[answer], strict=True)
    ]


def _exchange(told: Sequence[Told], merged: Merged, column: str, most: int) -> _Imagined | None:
    """Return up to so many kinds that have another's value of a column; None where there are none."""
    together: list[Codes] = [np.zeros(len(merged.kinds), np.int64)]
    changed: list[Codes] = [np.zeros(len(merged.kinds), np.int64)]
    kept: list[Codes] = [np.zeros(len(merged.kinds), np.int64)]
    for answer, each in enumerate(told):
        features = merged.features[answer]
        if not each.features:  # nobody knows what decides: both have to be in all of it alike
            together += [*merged.parts[answer], *(inside.astype(np.int64) for inside in merged.sets[answer])]
        for place, feature in enumerate(each.features):
            (changed if column in feature.columns else kept).append(features[place])
        for codes, of in _tables(each, merged, answer):
            if _reads(each, of, column):
                changed.append(codes)
                together += [features[place] for place in of if column not in each.features[place].columns]
            else:
                kept.append(codes)
    those, others = _new_pairs(*map(_numbered, (together, changed, kept)))
    if not len(those):
        return None
    return _Imagined(column, those[:most], others[:most])


def _new_pairs(group: Codes, outcome: Codes, rest: Codes) -> tuple[Codes, Codes]:
    """Return each two kinds of a group of which one's rest and the other's outcome are nobody's together, once."""
    known = set(zip(rest.tolist(), outcome.tolist(), strict=True))
    found: list[tuple[int, int]] = []
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        values = members[np.unique(outcome[members], return_index=True)[1]].tolist()
        persons = members[np.unique(rest[members], return_index=True)[1]].tolist()
        for person, other in product(persons, values):
            if (pair := (int(rest[person]), int(outcome[other]))) not in known:
                known.add(pair)
                found.append((person, other))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _tables(each: Told, merged: Merged, answer: int) -> list[tuple[Codes, tuple[int, ...]]]:
    """Return the parts and sets of an answer as codes, with the features that decide them."""
    parts = zip(merged.parts[answer], each.parts_of, strict=False)
    sets = zip((inside.astype(np.int64) for inside in merged.sets[answer]), each.sets_of, strict=False)
    return [*parts, *sets]


def _reads(each: Told, of: Sequence[int], column: str) -> bool:
    return any(column in each.features[place].columns for place in of)


def _numbered(tables: Sequence[Codes]) -> Codes:
    """Return a number for each combination of codes."""
    return np.unique(np.stack(tables), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _extended(told: Sequence[Told], merged: Merged, found: Sequence[_Imagined]) -> Merged:
    """Return the kinds with the imagined ones behind them, of which there is nobody."""

    def like(of: Sequence[str] | None) -> Codes:
        """Return whom each kind is like in what is read `of` some columns; None where nobody knows: both are alike."""
        more = [each.others if of is not None and each.column in of else each.those for each in found]
        return np.concatenate([np.arange(len(merged.kinds)), *more])

    def columns(each: Told, of: Sequence[tuple[int, ...]], place: int) -> list[str] | None:
        return [name for which in of[place] for name in each.features[which].columns] if each.features else None

    nobody = np.zeros(sum(len(each.those) for each in found), np.int64)
    return Merged(
        np.concatenate([merged.kinds, nobody]),
        tuple(
            tuple(codes[like(columns(each, each.parts_of, place))] for place, codes in enumerate(parts))
            for each, parts in zip(told, merged.parts, strict=True)
        ),
        tuple(
            tuple(inside[like(columns(each, each.sets_of, place))] for place, inside in enumerate(sets))
            for each, sets in zip(told, merged.sets, strict=True)
        ),
        tuple(
            tuple(codes[like(feature.columns)] for feature, codes in zip(each.features, values, strict=True))
            for each, values in zip(told, merged.features, strict=True)
        ),
    )
