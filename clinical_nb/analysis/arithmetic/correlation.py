"""How closely two columns rise and fall together: Pearson, Spearman and Kendall, from counted pairs of values."""

import math
from collections.abc import Sequence

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.orders import below_kendall, tail_spearman
from clinical_nb.analysis.arithmetic.tails import Z95, normal_two_sided, t_two_sided
from clinical_nb.analysis.counted.pairs import DENSE, Order, Pairs
from clinical_nb.analysis.distribution import Counts, Floats, exact_sum, power_sums

TOO_FEW = "fewer than 3 rows have both values"
_CONSTANT = "one of the two does not vary"
_LINE = "both orders agree entirely, or are reversed, which no approximation can weigh"
_LEAST = 3
_EXACT_SPEARMAN = 9  # R's cor.test: exact up to here, Edgeworth's series up to the next
_SERIES = 1290
_EXACT_KENDALL = 50  # R's cor.test: exact below
_EPSILON = 1e-14


def pearson(pairs: Pairs) -> Inference:
    """Return Pearson's r with the interval by Fisher's z and the t test; R's `cor.test(x, y)`."""
    n = pairs.n
    if n < _LEAST:
        return Inference(reason=TOO_FEW)
    deviations = [values - exact_sum(values.copy(), pairs.counts) / n for values in (pairs.one, pairs.other)]
    scales = [float(np.abs(values).max()) for values in (pairs.one, pairs.other)]
    spreads = [math.sqrt(_dot(each, each, pairs.counts) / n) for each in deviations]
    if any(spread <= scale * _EPSILON for spread, scale in zip(spreads, scales, strict=True)):
        return Inference(reason=_CONSTANT)
    r = _bounded(_dot(deviations[0], deviations[1], pairs.counts) / n / spreads[0] / spreads[1])
    if 1 - abs(r) < _EPSILON:
        return Inference(estimate=r, reason="all pairs lie on one line")
    df = n - 2
    t = math.sqrt(df) * r / math.sqrt(1 - r * r)
    low, high = fisher_interval(r, 1.0, n - 3)
    return Inference(r, low, high, statistic=t, df=df, p=t_two_sided(t, df))


def spearman(pairs: Pairs) -> tuple[Inference, str]:
    """Return Spearman's rho with the interval of Bonett & Wright (2000), and how its p was found; R's `cor.test`.

    The statistic is R's S, the sum of the squared differences of ranks. Without ties p is exact up to 9 rows, up to
    1290 by Edgeworth's series (AS 89); otherwise by Student's t.
    """
    n = pairs.n
    if n < _LEAST:
        return Inference(reason=TOO_FEW), ""
    ranks = [order.doubled_ranks for order in pairs.orders]
    squares = [_dot(each, each, pairs.counts) for each in ranks]
    if 0 in squares:
        return Inference(reason=_CONSTANT), ""
    rho = _bounded(_dot(ranks[0], ranks[1], pairs.counts) / math.sqrt(squares[0]) / math.sqrt(squares[1]))
    low, high = fisher_interval(rho, 1 + rho * rho / 2, n - 3)
    total = (n**3 - n) / 6
    s = total * (1 - rho)
    if not any(order.has_ties for order in pairs.orders) and n <= _SERIES:
        upper = s > total
        tail = tail_spearman(round(s) + (0 if upper else 2), n, upper=upper)
        how = "exact" if n <= _EXACT_SPEARMAN else "Edgeworth's series (AS 89)"
        return Inference(rho, low, high, statistic=s, p=min(1.0, 2 * tail)), how
    if 1 - abs(rho) < _EPSILON:
        return Inference(estimate=rho, statistic=s, reason=_LINE), ""
    p = t_two_sided(rho / math.sqrt((1 - rho * rho) / (n - 2)), n - 2)
    return Inference(rho, low, high, statistic=s, p=p), "Student's t approximation"


def kendall(pairs: Pairs) -> tuple[Inference, str]:
    """Return Kendall's tau-b with the interval of Bonett & Wright (2000), and how its p was found; R's `cor.test`.

    Without ties p is exact below 50 rows and the statistic T, the concordant pairs; otherwise it is the normal
    approximation's z, corrected for ties.
    """
    n = pairs.n
    if n < _LEAST:
        return Inference(reason=TOO_FEW), ""
    ties = [power_sums(order.tied) for order in pairs.orders]
    all_pairs = n * (n - 1) // 2
    untied = [all_pairs - (squares - n) // 2 for squares, _ in ties]
    if 0 in untied:
        return Inference(reason=_CONSTANT), ""
    both = (power_sums(pairs.counts)[0] - n) // 2
    discordant = _count_discordant(pairs.orders, pairs.counts)
    concordant = sum(untied) - all_pairs + both - discordant
    score = concordant - discordant
    tau = _bounded(score / math.sqrt(untied[0]) / math.sqrt(untied[1]))
    low, high = fisher_interval(tau, 0.437, n - 4)
    if n < _EXACT_KENDALL and not any(order.has_ties for order in pairs.orders):
        tail = min(below_kendall(concordant, n), 1 - below_kendall(concordant - 1, n))
        return Inference(tau, low, high, statistic=concordant, p=min(1.0, 2 * tail)), "exact"
    z = score / math.sqrt(_variance(n, ties))
    return Inference(tau, low, high, statistic=z, p=normal_two_sided(z)), "normal approximation"


def _variance(n: int, ties: Sequence[tuple[int, int]]) -> float:
    plain = n * (n - 1) * (2 * n + 5)
    # Of the ties t of each column, the sums of t (t - 1) (2 t + 5), t (t - 1) and t (t - 1) (t - 2).
    tied = sum(2 * cubes + 3 * squares - 5 * n for squares, cubes in ties)
    pairs = math.prod(squares - n for squares, _ in ties)
    threes = math.prod(cubes - 3 * squares + 2 * n for squares, cubes in ties)
    return (plain - tied) / 18 + pairs / (2 * n * (n - 1)) + threes / (9 * n * (n - 1) * (n - 2))


def _count_discordant(orders: Sequence[Order], counts: Counts) -> int:
    """Count the pairs of rows of which the one has the higher first and the lower second value."""
    first, second = orders
    height, width = len(first.tied), len(second.tied)
    if height * width > DENSE * len(counts):
        return _count_by_halves(second.places, counts)
    table = np.zeros((height, width), dtype=np.int64)
    table[first.places, second.places] = counts
    rows = table if height <= width else table.T
    found, before = 0, np.zeros(rows.shape[1], dtype=np.int64)  # the rows of lower values of the one, by the other
    for row in rows:
        higher = before[::-1].cumsum()[::-1] - before
        found += int(row @ higher)
        before += row
    return found


def _count_by_halves(ranks: Counts, counts: Counts) -> int:
    """Count the same where most pairs of values are nobody's: by merging.

    The pairs come sorted by both, so that those with the same first value are not out of order.
    """
    positions = np.arange(len(ranks))
    most = int(ranks.max()) + 1
    found, width = 0, 1
    while width < len(ranks):
        blocks = positions // (2 * width)
        # The halves are sorted, which a stable sort uses; the left one comes first among equals.
        order = np.argsort(blocks * most + ranks, kind="stable")
        right = (order // width) % 2 == 1
        ranks, counts = ranks[order], counts[order]
        so_far = np.cumsum(np.where(right, 0, counts))
        ends = np.minimum((blocks + 1) * 2 * width, len(ranks)) - 1
        found += int(((so_far[ends] - so_far) * counts)[right].sum())
        width *= 2
    return found


def _dot(one: Floats, other: Floats, counts: Counts) -> float:
    # Sorted pairs and one thread make this plain (pairwise) sum the same bits on every run.
    return float((one * other * counts).sum())


def _bounded(r: float) -> float:
    return max(-1.0, min(1.0, r))


def fisher_interval(r: float, variance: float, freedom: int) -> tuple[float | None, float | None]:
    """Return the interval on Fisher's scale, atanh, with this variance over the degrees of freedom."""
    if freedom < 1 or 1 - abs(r) < _EPSILON:
        return None, None
    half = Z95 * math.sqrt(variance / freedom)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
