"""How likely an order is by chance: the distributions of Spearman's S, Kendall's T and Wilcoxon's V without ties."""

import math
from functools import cache

from clinical_nb.analysis.arithmetic.tails import normal_upper

_ENUMERATED = 9  # AS 89 as R has it: exact up to here, Edgeworth's series above


def tail_spearman(s: float, n: int, *, upper: bool) -> float:
    """Return the probability that S is at least `s`, or below it; algorithm AS 89 (Best & Roberts 1975) as R has it."""
    if n <= _ENUMERATED:
        ways = _ways_of_squares(n)
        at_least = sum(number for found, number in ways.items() if found >= s)
        total = math.factorial(n)
        return (at_least if upper else total - at_least) / total
    if s <= 0:
        return 1.0 if upper else 0.0
    if s > n * (n * n - 1) / 3:
        return 0.0 if upper else 1.0
    b = 1 / n
    x = (6 * (s - 1) * b / (n * n - 1) - 1) * math.sqrt(n - 1)
    y = x * x
    inner = 0.0879 + 0.0151 * b - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y))
    middle = 0.2274 + b * (0.2531 + 0.1745 * b) + y * (-0.0758 + b * (0.1033 + 0.3932 * b) - y * b * inner)
    term = x * b * middle / math.exp(y / 2)
    tail = term + normal_upper(x) if upper else -term + normal_upper(-x)
    return min(1.0, max(0.0, tail))


def below_kendall(t: int, n: int) -> float:
    """Return the probability of at most `t` concordant pairs among n rows without ties."""
    if t < 0:
        return 0.0
    ways = _ways_of_inversions(n)
    return sum(ways[: t + 1]) / sum(ways)


def signed_rank_ways(n: int) -> tuple[int, ...]:
    """Return in how many of the 2**n signs of the ranks 1 to n the positive ones add up to each number."""
    ways = [1]
    for rank in range(1, n + 1):
        ways = [
            (ways[v] if v < len(ways) else 0) + (ways[v - rank] if v >= rank else 0) for v in range(len(ways) + rank)
        ]
    return tuple(ways)


@cache
def _ways_of_inversions(n: int) -> tuple[int, ...]:
    ways = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(ways) + size - 1)
        for place, number in enumerate(ways):
            for more in range(size):
                longer[place + more] += number
        ways = longer
    return tuple(ways)


@cache
def _ways_of_squares(n: int) -> dict[int, int]:
    """Return how many orders of n ranks have each sum of squared differences: rank by rank, over the ranks taken."""
    taken: dict[int, dict[int, int]] = {0: {0: 1}}
    for rank in range(n):
        longer: dict[int, dict[int, int]] = {}
        for mask, sums in taken.items():
            for other in range(n):
                if mask >> other & 1:
                    continue
                into = longer.setdefault(mask | 1 << other, {})
                for found, number in sums.items():
                    into[found + (rank - other) ** 2] = into.get(found + (rank - other) ** 2, 0) + number
        taken = longer
    return taken[2**n - 1]
