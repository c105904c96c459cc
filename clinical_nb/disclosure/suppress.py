"""Suppression and its proof: hide counts until no linear programme over what is told can pin a small one down.

What a reader knows is a system of linear equations and inequalities: how many persons each shown set has, that a
suppressed one has somebody, and that no kind of persons is negative. The least and the most that a small set can then
be are two linear programmes. See Fischetti & Salazar (2001), "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47(7), and Hundepool et al. (2012), "Statistical Disclosure Control", chapter 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog  # pyright: ignore[reportUnknownVariableType] - scipy types it partly
from scipy.sparse import csr_array

from clinical_nb.disclosure.crossing import Kinds, Set
from clinical_nb.disclosure.profile import Profile, rounded
from clinical_nb.disclosure.rows import Codes

LEAST_WIDTH = 5  # persons between the least and the most that a small set must be able to be
_TOLERANCE = 1e-6
_GUESSES = 6  # answers of a reader tried at random before each small set is asked for by itself
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


class UncheckedError(Exception):
    """What is known could not be solved: nothing can be said of what it tells."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set of persons whose number may be told; those of a low `rank` are hidden first, where that helps.

    Its number is told as a multiple of `base`. `fixed` ones were told before, and stay.
    """

    inside: Set
    rank: int
    base: int = 1
    shown: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a reader knows of the kinds of persons: sums that are equal to numbers, and sums that are at most numbers.

    `equal_of` and `most_of` are the candidates that tell it; `beyond` is a number that no sum of kinds reaches.
    """

    equal: csr_array
    equal_to: Numbers
    equal_of: Codes
    most: csr_array
    at_most: Numbers
    most_of: Codes
    beyond: float


def protect(candidates: Sequence[Candidate], small: Sequence[Set], kinds: Kinds, profile: Profile) -> list[Candidate]:
    """Return the candidates of which as many are shown as leaves each small set safe.

    Parameters
    ----------
    candidates
        The sets that may be told. Those of 1 to `profile.most` persons are hidden from the outset.
    small
        Sets of 1 to `profile.most` persons that must not become known, beside the candidates that are.
    kinds
        How many persons there are of each kind.

    Returns
    -------
    list of Candidate
        In the same order. A set is safe where a reader must hold it possible that it has more than `profile.most`
        persons, and the least and the most that it can have are LEAST_WIDTH apart. Where what was told before exposes
        one by itself, nothing new is shown.

    """
    sizes = [int(kinds[each.inside].sum()) for each in candidates]
    found = [
        replace(each, shown=each.shown and not profile.is_small(size))
        for each, size in zip(candidates, sizes, strict=True)
    ]
    sensitive = _distinct(
        [*small, *(each.inside for each, size in zip(candidates, sizes, strict=True) if profile.is_small(size))]
    )
    while (exposed := expose(found, sensitive, kinds, profile)) is not None:
        hidden = _hide(found, exposed, kinds)
        if hidden is None:
            return [each if each.fixed else replace(each, shown=False) for each in found]
        found[hidden] = replace(found[hidden], shown=False)
        sensitive = [*exposed.rest]
    return found


@dataclass(frozen=True, slots=True)
class Exposed:
    """A small set that a reader could pin down: by which candidates, and what is still to be checked, it first."""

    inside: Set
    by: tuple[int, ...]
    rest: tuple[Set, ...]


def expose(candidates: Sequence[Candidate], small: Sequence[Set], kinds: Kinds, profile: Profile) -> Exposed | None:
    """Return a small set that a reader could pin down, None where there is none."""
    if not small:
        return None
    known = know(candidates, kinds)
    sizes = np.array([float(kinds[each].sum()) for each in small])
    matrix = np.array(small, dtype=np.float64)
    most, least = sizes.copy(), sizes.copy()  # what is true is possible
    chance = np.random.default_rng(0)
    for guess in range(_GUESSES):
        still = [place for place in range(len(small)) if not _is_safe(least[place], most[place], profile)]
        if not still:
            return None
        weights = matrix[still].sum(axis=0) if guess == 0 else chance.random(len(kinds)) * (matrix[still].any(axis=0))
        possible = matrix @ solve(known, weights)[0]
        most, least = np.maximum(most, possible), np.minimum(least, possible)
    for place, inside in enumerate(small):
        if _is_safe(least[place], most[place], profile):
            continue
        found, by = solve(known, inside.astype(np.float64))
        possible = matrix @ found
        most, least = np.maximum(most, possible), np.minimum(least, possible)
        if not _is_safe(least[place], most[place], profile) and most[place] > profile.most + 1 - _TOLERANCE:
            found, more = solve(known, -inside.astype(np.float64))
            by = (*by, *more)
            least = np.minimum(least, matrix @ found)
        if not _is_safe(least[place], most[place], profile):
            return Exposed(inside, by, (inside, *small[place + 1 :]))
    return None


def know(candidates: Sequence[Candidate], kinds: Kinds) -> Knowledge:
    """Return what a reader knows: each shown number, rounded or not, and that a suppressed one is not none."""
    equal: list[tuple[Set, float, int]] = []
    most: list[tuple[Numbers, float, int]] = []
    for place, each in enumerate(candidates):
        size = int(kinds[each.inside].sum())
        if not each.shown and size:
            most.append((-each.inside.astype(np.float64), -1.0, place))
        elif each.shown and (each.base == 1 or not size):
            equal.append((each.inside, float(size), place))
        elif each.shown:
            told, half = rounded(size, each.base), each.base // 2
            most.append((-each.inside.astype(np.float64), -float(max(1, told - half)), place))
            most.append((each.inside.astype(np.float64), float(told + half), place))
    return Knowledge(
        *_system([(sums.astype(np.float64), bound, place) for sums, bound, place in equal], len(kinds)),
        *_system(most, len(kinds)),
        beyond=float(max(1_000, 10 * kinds.sum())),
    )


def solve(known: Knowledge, weights: Numbers) -> tuple[Numbers, tuple[int, ...]]:
    """Return the persons of each kind that a reader must hold possible with the greatest weight; and what bounds it."""
    result: Any = linprog(
        -weights,
        A_ub=known.most if len(known.at_most) else None,
        b_ub=known.at_most if len(known.at_most) else None,
        A_eq=known.equal if len(known.equal_to) else None,
        b_eq=known.equal_to if len(known.equal_to) else None,
        bounds=(0, known.beyond),
        method="highs",
    )
    if result.x is None:
        raise UncheckedError
    equal = known.equal_of[np.abs(result.eqlin.marginals) > _TOLERANCE] if len(known.equal_to) else known.equal_of
    most = known.most_of[np.abs(result.ineqlin.marginals) > _TOLERANCE] if len(known.at_most) else known.most_of
    return np.asarray(result.x, dtype=np.float64), tuple(int(place) for place in (*equal, *most))


def _system(rows: Sequence[tuple[Numbers, float, int]], kinds: int) -> tuple[csr_array, Numbers, Codes]:
    matrix = np.array([sums for sums, _, _ in rows], dtype=np.float64).reshape(len(rows), kinds)
    return (
        csr_array(matrix),
        np.array([bound for _, bound, _ in rows], dtype=np.float64),
        np.array([place for _, _, place in rows], dtype=np.int64),
    )


def _is_safe(least: float, most: float, profile: Profile) -> bool:
    return most > profile.most + 1 - _TOLERANCE and most - least > LEAST_WIDTH - _TOLERANCE


def _hide(candidates: Sequence[Candidate], exposed: Exposed, kinds: Kinds) -> int | None:
    """Return which shown candidate to hide: of those that pin the set down, else of those that have some of it."""
    hideable = [place for place, each in enumerate(candidates) if each.shown and not each.fixed]
    binding = [place for place in hideable if place in exposed.by]
    sharing = [place for place in hideable if (candidates[place].inside & exposed.inside).any()]
    order = binding or sharing or hideable
    return min(
        order,
        key=lambda place: (candidates[place].rank, int(kinds[candidates[place].inside].sum()), place),
        default=None,
    )


def _distinct(sets: Sequence[Set]) -> list[Set]:
    return list({np.packbits(each).tobytes(): each for each in sets}.values())
