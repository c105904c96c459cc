"""Rank tests of independent groups: Wilcoxon's rank sum and Kruskal-Wallis, from distinct values and their rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper, normal_two_sided
from clinical_nb.analysis.distribution import Distribution, power_sums

SMALL = 50  # R's wilcox.test: exact when both groups have fewer and no value is tied
_ALL_TIED = "all values are the same"


@dataclass(frozen=True, slots=True)
class RankSums:
    """The sizes and doubled rank sums of the groups, and the sum of t**3 - t over the tied values. All integers."""

    sizes: tuple[int, ...]
    doubled: tuple[int, ...]
    ties: int


def rank_sums(groups: Sequence[Distribution]) -> RankSums:
    """Rank the values of all groups together, tied values by their middle rank (doubled, to stay an integer)."""
    if not any(len(group.values) for group in groups):
        return RankSums((0,) * len(groups), (0,) * len(groups), 0)
    values = np.concatenate([group.values for group in groups])
    order = np.argsort(values, kind="stable")  # merges the sorted groups: linear in their number of values
    counts = np.concatenate([group.counts for group in groups])[order]
    owners = np.repeat(np.arange(len(groups)), [len(group.values) for group in groups])[order]
    values = values[order]
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    tied = np.add.reduceat(counts, first)
    doubled_rank = np.repeat(2 * np.cumsum(tied) - tied + 1, np.diff(np.append(first, len(values))))
    weighted, total = doubled_rank * counts, int(counts.sum())
    doubled = [int(weighted[owners == owner].sum()) for owner in range(len(groups) - 1)]
    doubled.append(total * (total + 1) - sum(doubled))
    _, cubes = power_sums(tied)
    return RankSums(tuple(group.n for group in groups), tuple(doubled), cubes - total)


def wilcoxon(sums: RankSums) -> Inference:
    """Return Wilcoxon's rank-sum test of the first group against the second; R's `wilcox.test(x, y)`.

    Exact when both groups have fewer than 50 values and none are tied; else the normal approximation, corrected for
    ties and continuity. The statistic is R's W: the first group's rank sum less its smallest possible value.
    """
    n, m = sums.sizes
    if min(n, m) < 2:  # noqa: PLR2004 - METHODS: no test with a group of fewer than 2
        return Inference(reason=TOO_FEW)
    doubled = sums.doubled[0] - n * (n + 1)
    superiority = doubled / (2 * n * m)
    if max(n, m) < SMALL and not sums.ties:
        return Inference(superiority=superiority, statistic=doubled / 2, p=_exact_p(doubled // 2, n, m))
    total = n + m
    variance = n * m / 12 * (total + 1 - sums.ties / (total * (total - 1)))
    if sums.ties == total**3 - total:
        return Inference(reason=_ALL_TIED)
    distance = max(abs(doubled - n * m) / 2 - 0.5, 0.0)
    p = normal_two_sided(distance / math.sqrt(variance))
    return Inference(superiority=superiority, statistic=doubled / 2, p=p)


def kruskal_wallis(sums: RankSums) -> Inference:
    """Return the Kruskal-Wallis test, corrected for ties; R's `kruskal.test(x ~ group)`."""
    if min(sums.sizes) < 2:  # noqa: PLR2004 - as above
        return Inference(reason=TOO_FEW)
    total = sum(sums.sizes)
    if sums.ties == total**3 - total:
        return Inference(reason=_ALL_TIED)
    # Around the mean rank, where the textbook's formula would lose digits to cancellation.
    spread = math.fsum(
        (doubled / 2 - size * (total + 1) / 2) ** 2 / size
        for size, doubled in zip(sums.sizes, sums.doubled, strict=True)
    )
    statistic = 12 * spread / (total * (total + 1)) / (1 - sums.ties / (total**3 - total))
    df = len(sums.sizes) - 1
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df))


def _exact_p(w: int, n: int, m: int) -> float:
    """Return the two-sided exact p of W: all orders of the two groups are equally likely."""
    ways = rank_sum_ways(n, m)
    tail = sum(ways[: min(w, n * m - w) + 1])
    return min(1.0, 2 * tail / sum(ways))


def rank_sum_ways(n: int, m: int) -> list[int]:
    """Return the number of orders with each W from 0 to n * m: the coefficients of the Gaussian binomial."""
    ways = [1] + [0] * (n * m)
    for size in range(1, n + 1):
        for w in range(n * m, m + size - 1, -1):
            ways[w] -= ways[w - m - size]
        for w in range(size, n * m + 1):
            ways[w] += ways[w - size]
    return ways
