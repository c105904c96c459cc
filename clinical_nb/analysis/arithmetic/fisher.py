"""Fisher's exact test: the probability, margins fixed, of all tables no more likely than the observed one.

All in integers. The weight of a table is the number of ways to deal the rows into its columns: the product of one
multinomial coefficient a column. Larger tables walk through a network of what remains to be dealt, column by column
(Mehta & Patel 1983): equal pasts are joined, and a past whose every future is counted, or none is, is not followed.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

from clinical_nb.analysis.arithmetic.contingency import Table, is_table
from clinical_nb.analysis.arithmetic.inference import Inference

MOST_STEPS = 200_000  # about two seconds
_TOLERANCE = 10**7  # R's fisher.test counts a table that is more likely by one in 10**7 as equally likely
_State = tuple[int, ...]


class _TooMuchWorkError(Exception):
    """The network is larger than its limit; never leaves this module."""


def fisher(table: Table) -> Inference:
    """Return the two-sided exact p of a table of any size; R's `fisher.test(table)$p.value`.

    Where the network is too large, p is None and the reason says so: it is never simulated.
    """
    if not is_table(table):
        return Inference(reason="fewer than two rows or columns of the table have any counts")
    if len(table) == len(table[0]) == 2:  # noqa: PLR2004 - as it says
        return Inference(p=_count_two_by_two(table))
    rows = list(table) if len(table) <= len(table[0]) else list(zip(*table, strict=True))
    columns = [tuple(column) for column in zip(*rows, strict=True)]
    margins = tuple(map(sum, rows))
    observed = math.prod(map(_multinomial, columns))
    try:
        extreme = _Network([sum(column) for column in columns], observed).count(margins)
    except _TooMuchWorkError:
        return Inference(reason="the table is too large for an exact test")
    return Inference(p=min(1.0, extreme / _multinomial(margins)))


def _count_two_by_two(table: Table) -> float:
    """Return p from the weights of all tables with these margins, one for each count in the first cell."""
    (a, b), (c, d) = table
    # Turned so that the first column is the smallest margin: it alone decides how much there is to compute.
    turns = [((a, b), (c, d)), ((b, a), (d, c)), ((a, c), (b, d)), ((c, a), (d, b))]
    (a, b), (c, d) = min(turns, key=lambda turn: turn[0][0] + turn[1][0])
    first, second, size = a + b, c + d, a + c
    ways = [math.comb(first, x) * math.comb(second, size - x) for x in range(max(0, size - second), size + 1)]
    observed = math.comb(first, a) * math.comb(second, c) * (_TOLERANCE + 1)
    return sum(way for way in ways if way * _TOLERANCE <= observed) / sum(ways)


class _Network:
    """What can still be dealt after each column, and how much of it leads to a table that counts."""

    def __init__(self, columns: Sequence[int], observed: int) -> None:
        # The largest columns first leave the fewest states for the rest.
        self._columns = sorted(columns, reverse=True)
        self._limit = observed * (_TOLERANCE + 1)
        self._steps = 0
        self._reach = cache(self._find_reach)

    def count(self, margins: _State) -> int:
        """Return the number of ways to deal that give a table no more likely than the observed one."""
        pasts: dict[_State, dict[int, int]] = {_sort(margins): {1: 1}}
        counted = 0
        for place, size in enumerate(self._columns):
            following: dict[_State, dict[int, int]] = {}
            for state, weights in pasts.items():
                least, most = self._reach(state, place)
                everything = _multinomial(state)
                for weight, ways in weights.items():
                    if weight * most * _TOLERANCE <= self._limit:
                        counted += weight * ways * everything
                    elif weight * least * _TOLERANCE <= self._limit:
                        self._follow(following, state, size, weight, ways)
            pasts = following
        return counted

    def _follow(
        self, following: dict[_State, dict[int, int]], state: _State, size: int, weight: int, ways: int
    ) -> None:
        for dealt in self._deals(state, size):
            rest = following.setdefault(_sort(_subtract(state, dealt)), {})
            heavier = weight * _multinomial(dealt)
            rest[heavier] = rest.get(heavier, 0) + ways

    def _find_reach(self, state: _State, place: int) -> tuple[int, int]:
        """Return the smallest and largest weight of all that can be dealt from this state on."""
        if place == len(self._columns) - 1:
            return _multinomial(state), _multinomial(state)
        futures = [
            (_multinomial(dealt), self._reach(_sort(_subtract(state, dealt)), place + 1))
            for dealt in self._deals(state, self._columns[place])
        ]
        return min(own * least for own, (least, _) in futures), max(own * most for own, (_, most) in futures)

    def _deals(self, state: _State, size: int) -> Iterator[_State]:
        for dealt in _deal(state, size):
            # A coefficient's cost grows with the square of what does not go into its largest cell.
            self._steps += 1 + (size - max(dealt)) ** 2 // 100_000
            if self._steps > MOST_STEPS:
                raise _TooMuchWorkError
            yield dealt


def _deal(state: _State, size: int) -> Iterator[_State]:
    """Yield every column of this size that takes at most what remains in each row."""
    if len(state) == 1:
        yield (size,)
        return
    rest = sum(state[1:])
    for first in range(max(0, size - rest), min(state[0], size) + 1):
        for others in _deal(state[1:], size - first):
            yield (first, *others)


def _subtract(state: _State, dealt: _State) -> _State:
    return tuple(have - take for have, take in zip(state, dealt, strict=True))


def _sort(state: _State) -> _State:
    """Return the state by size: weights do not depend on the order of the rows."""
    return tuple(sorted(state))


def _multinomial(counts: Sequence[int]) -> int:
    total, ways = 0, 1
    for count in counts:
        total += count
        ways *= math.comb(total, count)
    return ways
