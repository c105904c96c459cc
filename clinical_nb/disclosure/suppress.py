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

from clinical_nb.disclosure.crossing import Kinds, Links, Set, Small, key_of
from clinical_nb.disclosure.profile import Profile, rounded
from clinical_nb.disclosure.rows import Codes
from clinical_nb.doing import tell

LEAST_WIDTH = 5  # persons between the least and the most that a small set must be able to be
_TOLERANCE = 1e-6
_TELL_EACH = 10
_GUESSES = 6  # answers of a reader tried at random before each small set is asked for by itself
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


class UncheckedError(Exception):
    """What is known could not be solved: nothing can be said of what it tells."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set of persons whose number may be told; those of a low `rank` are hidden first, where that helps.

    Its number is told as a multiple of `base`. `fixed` ones are of what was told before, and stay; one that is told
    `again` is not hidden for what others tell. `columns` decide who is in it.
    """

    inside: Set
    rank: int
    base: int = 1
    shown: bool = True
    fixed: bool = False
    again: bool = False
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Everyone:
    """How many persons there are of each kind, and which sums of kinds everybody knows to be 0."""

    kinds: Kinds
    links: Links


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a reader knows of the kinds of persons: sums that are equal to numbers, and sums that are at most numbers.

    `equal_of` and `most_of` are the candidates that tell it (-1 for what everybody knows); `beyond` is a number that no
    sum of kinds reaches.
    """

    equal: csr_array
    equal_to: Numbers
    equal_of: Codes
    most: csr_array
    at_most: Numbers
    most_of: Codes
    beyond: float


def protect(
    candidates: Sequence[Candidate],
    small: Sequence[Small],
    kinds: Kinds,
    profile: Profile,
    links: Links | None = None,
) -> list[Candidate]:
    """Return the candidates of which as many are shown as leaves each small set safe.

    Parameters
    ----------
    candidates
        The sets that may be told. Those of 1 to `profile.most` persons are hidden from the outset.
    small
        Sets of 1 to `profile.most` persons that must not become known, beside the candidates that are.
    kinds
        How many persons there are of each kind.
    links
        Sums of kinds that everybody knows to be 0.

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
    own = [
        Small(each.inside, each.columns) for each, size in zip(candidates, sizes, strict=True) if profile.is_small(size)
    ]
    everyone = Everyone(kinds, np.zeros((0, len(kinds))) if links is None else links)
    together, alone = _split(found, _distinct([*small, *own]), everyone, profile)
    if _hide_until_safe(found, together, everyone, profile) and all(
        _hide_until_safe(found, [each], everyone, profile, each.columns) for each in alone
    ):
        return _told_anyway(found, sizes, everyone, profile) if profile.base == 1 else found
    return [each if each.fixed else replace(each, shown=False) for each in found]


def _hide_until_safe(
    found: list[Candidate],
    small: Sequence[Small],
    everyone: Everyone,
    profile: Profile,
    columns: frozenset[str] | None = None,
) -> bool:
    """Hide candidates until each small set is safe from a reader who looks at all of them, or at some columns only.

    Returns
    -------
    bool
        Whether that is so: False where what was told before exposes one by itself.

    """
    seen = [place for place, each in enumerate(found) if columns is None or each.columns <= columns]
    reader = _Reader([found[place] for place in seen], small, everyone, profile)
    for place, each in enumerate(small):
        if place % _TELL_EACH == _TELL_EACH - 1:
            tell(f"Checking what may be shown: {place + 1:,} of {len(small):,}")
        while (by := reader.pins_down(place)) is not None:
            hidden = _hide([found[one] for one in seen], each, by, everyone.kinds)
            if hidden is None:
                return False
            found[seen[hidden]] = replace(found[seen[hidden]], shown=False)
            reader.learn([found[one] for one in seen])
    return True


def _told_anyway(
    found: Sequence[Candidate], sizes: Sequence[int], everyone: Everyone, profile: Profile
) -> list[Candidate]:
    """Show what was hidden for nothing: a number that is a sum of others, by its own columns, that are shown."""
    known: set[int] = set()
    hidden = [
        place for place, each in enumerate(found) if not each.shown and not each.fixed and sizes[place] > profile.most
    ]
    for columns in {found[place].columns for place in hidden}:
        told = [each.inside for each in found if each.shown and each.base == 1 and each.columns <= columns]
        some = [place for place in hidden if found[place].columns == columns]
        rows = np.array([*told, *everyone.links], dtype=np.float64).reshape(-1, len(everyone.kinds))
        wanted = np.array([found[place].inside for place in some], dtype=np.float64)
        sums = np.linalg.lstsq(rows.T, wanted.T, rcond=None)[0]
        left = np.abs(rows.T @ sums - wanted.T).max(axis=0)
        off = np.abs(sums.T @ (rows @ everyone.kinds) - wanted @ everyone.kinds)
        known |= {place for place, *rest in zip(some, left, off, strict=True) if max(rest) < _TOLERANCE}
    return [replace(each, shown=True) if place in known else each for place, each in enumerate(found)]


def _split(
    candidates: Sequence[Candidate], small: Sequence[Small], everyone: Everyone, profile: Profile
) -> tuple[list[Small], list[Small]]:
    """Return the small sets to be checked by all that is told, and those to be checked by their own columns alone.

    These are the ones that what was told before exposes already, of tables of the same persons: they were safe when it
    was told, and only seem exposed, because beside several answers fewer kinds of persons are imagined than beside one.
    """
    fixed = [each for each in candidates if each.fixed]
    if not fixed:
        return list(small), []
    reader = _Reader(fixed, small, everyone, profile)
    exposed = [each.alone and reader.pins_down(place) is not None for place, each in enumerate(small)]
    return (
        [each for each, is_alone in zip(small, exposed, strict=True) if not is_alone],
        [each for each, is_alone in zip(small, exposed, strict=True) if is_alone],
    )


class _Reader:
    """Somebody who knows what is shown, and works out the least and the most that each small set can have.

    What she holds possible stays so when less is shown: nothing is worked out twice.
    """

    def __init__(
        self, candidates: Sequence[Candidate], small: Sequence[Small], everyone: Everyone, profile: Profile
    ) -> None:
        self._small = small
        self._everyone = everyone
        kinds = everyone.kinds
        self._profile = profile
        self._matrix = np.array([each.inside for each in small], dtype=np.float64).reshape(len(small), len(kinds))
        self._most = self._matrix @ kinds  # what is true is possible
        self._least = self._most.copy()
        self.learn(candidates)
        self._guess()

    def learn(self, candidates: Sequence[Candidate]) -> None:
        """Take what is shown now."""
        self._known = know(candidates, self._everyone)

    def pins_down(self, place: int) -> tuple[int, ...] | None:
        """Return the candidates by which a small set is pinned down; None where it is safe."""
        if self._is_safe(place):
            return None
        by = self._try(self._matrix[place])
        if self._is_safe(place):
            return None
        by = (*by, *self._try(-self._matrix[place]))
        return None if self._is_safe(place) else by

    def _guess(self) -> None:
        """Try some answers at random, before each small set is asked for by itself."""
        chance = np.random.default_rng(0)
        for guess in range(_GUESSES):
            still = [place for place in range(len(self._small)) if not self._is_safe(place)]
            if not still:
                return
            asked = self._matrix[still]
            self._try(asked.sum(axis=0) if guess == 0 else chance.random(len(self._everyone.kinds)) * asked.any(axis=0))

    def _try(self, weights: Numbers) -> tuple[int, ...]:
        """Look for what is possible with the greatest weight; return what bounds it."""
        found, by = solve(self._known, weights)
        possible = self._matrix @ found
        self._most, self._least = np.maximum(self._most, possible), np.minimum(self._least, possible)
        return by

    def _is_safe(self, place: int) -> bool:
        least, most = self._least[place], self._most[place]
        return bool(most > self._profile.most + 1 - _TOLERANCE and most - least > LEAST_WIDTH - _TOLERANCE)


def know(candidates: Sequence[Candidate], everyone: Everyone) -> Knowledge:
    """Return what a reader knows: each shown number, rounded or not, and that a suppressed one is not none."""
    kinds = everyone.kinds
    equal: list[tuple[Numbers, float, int]] = [(sums, 0.0, -1) for sums in everyone.links]
    most: list[tuple[Numbers, float, int]] = []
    for place, each in enumerate(candidates):
        size = int(kinds[each.inside].sum())
        if not each.shown and size:
            most.append((-each.inside.astype(np.float64), -1.0, place))
        elif each.shown and (each.base == 1 or not size):
            equal.append((each.inside.astype(np.float64), float(size), place))
        elif each.shown:
            told, half = rounded(size, each.base), each.base // 2
            most.append((-each.inside.astype(np.float64), -float(max(1, told - half)), place))
            most.append((each.inside.astype(np.float64), float(told + half), place))
    return Knowledge(
        *_system(equal, len(kinds)),
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
    return np.asarray(result.x, dtype=np.float64), tuple(int(place) for place in (*equal, *most) if place >= 0)


def _system(rows: Sequence[tuple[Numbers, float, int]], kinds: int) -> tuple[csr_array, Numbers, Codes]:
    matrix = np.array([sums for sums, _, _ in rows], dtype=np.float64).reshape(len(rows), kinds)
    return (
        csr_array(matrix),
        np.array([bound for _, bound, _ in rows], dtype=np.float64),
        np.array([place for _, _, place in rows], dtype=np.int64),
    )


def _hide(candidates: Sequence[Candidate], small: Small, by: Sequence[int], kinds: Kinds) -> int | None:
    """Return which shown candidate to hide: of those that pin the set down, else of those that have some of it.

    Of these, one of the set's own table is better than one of another, however cheap: all tables of a group tell how
    many it has, so that hiding what others tell of that would have no end.
    """
    hideable = [place for place, each in enumerate(candidates) if each.shown and not each.fixed and not each.again]
    binding = [place for place in hideable if place in by]
    sharing = [place for place in hideable if (candidates[place].inside & small.inside).any()]
    order = binding or sharing or hideable
    return min(
        order,
        key=lambda place: (
            not small.columns <= candidates[place].columns,
            candidates[place].rank,
            int(kinds[candidates[place].inside].sum()),
            place,
        ),
        default=None,
    )


def _distinct(sets: Sequence[Small]) -> list[Small]:
    found: dict[bytes, Small] = {}
    for each in sets:  # of two that are the same, the first says more
        found.setdefault(key_of(each.inside), each)
    return list(found.values())
