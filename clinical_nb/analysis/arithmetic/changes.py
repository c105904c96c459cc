"""Changes within the same persons: the paired t test, the signed-rank test and the pseudo-median, from counts."""

import math

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.orders import signed_rank_ways
from clinical_nb.analysis.arithmetic.tails import Z95, normal_two_sided, t_critical, t_two_sided
from clinical_nb.analysis.counted.pairs import Pairs, margin
from clinical_nb.analysis.distribution import Distribution

TOO_FEW = "fewer than 2 persons have both values"
_NO_CHANGE = "all changes are the same"
_NOISE = 10 * 2.220446049250313e-16  # R's t.test calls less than this, relative to the mean, constant
_EXACT = 50  # R's wilcox.test: exact below, where there are no ties and no zeros
_DIGITS = 12  # of a difference: 0.3 - 0.2 and 0.2 - 0.1 are one change, as they are in decimals
_TOO_MANY = "no pseudo-median of more than 100,000 different changes"
_MOST = 100_000  # distinct changes up to which the pseudo-median costs no more than a few seconds


def changes_of(pairs: Pairs) -> Distribution:
    """Return the distribution of the second value minus the first."""
    differences = pairs.other - pairs.one
    scale = float(np.abs([pairs.one, pairs.other]).max()) if pairs.n else 0.0
    if scale:
        differences = np.round(differences, _DIGITS - math.ceil(math.log10(scale))) + 0.0
    return margin(differences, pairs.counts)


def paired_t(changes: Distribution) -> Inference:
    """Return the mean change, its interval and its t test; R's `t.test(after, before, paired = TRUE)`."""
    if changes.mean is None or changes.sd is None:
        return Inference(reason=TOO_FEW)
    error, df = changes.sd / math.sqrt(changes.n), changes.n - 1
    if error <= _NOISE * abs(changes.mean):
        return Inference(estimate=changes.mean, reason=_NO_CHANGE)
    t, half = changes.mean / error, t_critical(df) * error
    low, high = changes.mean - half, changes.mean + half
    return Inference(changes.mean, low, high, statistic=t, df=df, p=t_two_sided(t, df))


def signed_rank(changes: Distribution) -> tuple[Inference, str]:
    """Return the pseudo-median with its interval and the signed-rank test, and how p was found.

    R's `wilcox.test(after, before, paired = TRUE, digits.rank = 10)`: exact with fewer than 50 changes, none of them
    tied or 0; else the normal approximation without the zeros, corrected for ties and continuity. The pseudo-median is
    the median of the averages of all pairs of changes (Hodges & Lehmann 1963), zeros included; its interval lies
    between two of them, by the exact distribution or its normal approximation (Hollander & Wolfe, 3.3).
    """
    if changes.n < 2:  # noqa: PLR2004 - METHODS: no test with fewer than 2
        return Inference(reason=TOO_FEW), ""
    moved = changes.values != 0
    sizes, places = np.unique(np.abs(changes.values[moved]), return_inverse=True)
    if not len(sizes):
        return Inference(estimate=0.0, reason="nobody changed"), ""
    counts = changes.counts[moved]
    tied = np.bincount(places, counts, len(sizes)).astype(np.int64)
    doubled = 2 * np.cumsum(tied) - tied + 1
    positive = changes.values[moved] > 0
    v = int((doubled[places] * counts)[positive].sum()) / 2
    n = int(tied.sum())
    exact = n < _EXACT and n == changes.n and int(tied.max()) == 1
    estimate, low, high = _pseudo_median(changes, exact=exact)
    if exact:
        ways = signed_rank_ways(n)
        least = min(int(v), n * (n + 1) // 2 - int(v))
        p = min(1.0, 2 * sum(ways[: least + 1]) / 2**n)
        return Inference(estimate, low, high, statistic=v, p=p), "exact"
    ties = sum(size**3 - size for size in tied.tolist())
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    distance = max(abs(v - n * (n + 1) / 4) - 0.5, 0.0)
    p = normal_two_sided(distance / spread)
    reason = _TOO_MANY if estimate is None else None
    how = "normal approximation, as there are ties, zeros or many"
    return Inference(estimate, low, high, statistic=v, p=p, reason=reason), how


def _pseudo_median(changes: Distribution, *, exact: bool) -> tuple[float | None, float | None, float | None]:
    if len(changes.values) > _MOST:
        return None, None, None
    n = changes.n
    averages = n * (n + 1) // 2
    middle = [_average_at(changes, place) for place in {(averages + 1) // 2, averages // 2 + 1}]
    if exact:
        ways, total, below = signed_rank_ways(n), 0, 0
        while total + ways[below] < 0.025 * 2**n:
            total += ways[below]
            below += 1
    else:
        below = round(n * (n + 1) / 4 - Z95 * math.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    below = max(below, 1)
    bounds = [_average_at(changes, place) for place in (below, averages + 1 - below)]
    return math.fsum(middle) / len(middle), bounds[0], bounds[1]


def _average_at(changes: Distribution, place: int) -> float:
    """Return the average of two changes at this place of all of them in order, counted from 1: by bisection."""
    values = changes.values
    so_far = np.concatenate([[0], changes.cumulative])

    def number_up_to(total: float) -> int:
        pairs = int((changes.counts * so_far[np.searchsorted(values, total - values, side="right")]).sum())
        own = int(so_far[np.searchsorted(values, total / 2, side="right")])
        return (pairs + own) // 2

    low, high = 2 * float(values[0]), 2 * float(values[-1])
    if number_up_to(low) >= place:
        return low / 2
    narrow = max(abs(low), abs(high)) * 1e-14
    while high - low > narrow:
        middle = low + (high - low) / 2
        low, high = (low, middle) if number_up_to(middle) >= place else (middle, high)
    nearest = np.searchsorted(values, high + narrow - values, side="right") - 1
    sums = (values + values[nearest])[nearest >= 0]
    return float(sums.max()) / 2
