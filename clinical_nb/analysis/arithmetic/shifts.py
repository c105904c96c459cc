"""How far the values of one group lie above those of another: Hodges and Lehmann's estimate, from distinct values."""

import math

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.ranks import SMALL, rank_sum_ways
from clinical_nb.analysis.arithmetic.tails import Z95
from clinical_nb.analysis.distribution import Distribution

_MOST = 100_000  # distinct values up to which the estimate costs no more than a second
_TOO_MANY = "not estimated from more than 100,000 different values"


def hodges_lehmann(group: Distribution, reference: Distribution) -> Inference:
    """Return the median of the differences of all pairs of rows, one of each group (Hodges & Lehmann 1963).

    Its interval lies between two of these differences, as in R's `wilcox.test(x, y, conf.int = TRUE)`: by the exact
    distribution where both groups have fewer than 50 values and none is tied, else by the normal approximation with
    corrections for continuity and for ties within the groups. R's root lies within 1e-4 of that difference.
    """
    n, m = group.n, reference.n
    if min(n, m) < 2:  # noqa: PLR2004 - METHODS: no test with a group of fewer than 2
        return Inference(reason=TOO_FEW)
    if len(group.values) + len(reference.values) > _MOST:
        return Inference(reason=_TOO_MANY)
    pairs = n * m
    middle = [_difference_at(group, reference, place) for place in {(pairs + 1) // 2, pairs // 2 + 1}]
    tied = len(np.unique(np.concatenate([group.values, reference.values]))) < n + m
    if max(n, m) < SMALL and not tied:
        ways, total, below = rank_sum_ways(n, m), 0, 0
        while total + ways[below] < 0.025 * math.comb(n + m, n):
            total += ways[below]
            below += 1
    else:
        all_rows = n + m
        ties = sum(int(t) ** 3 - int(t) for each in (group, reference) for t in each.counts.tolist())
        spread = math.sqrt(pairs / 12 * (all_rows + 1 - ties / (all_rows * (all_rows - 1))))
        below = math.ceil(pairs / 2 - 0.5 - Z95 * spread)
    below = max(below, 1)
    low, high = (_difference_at(group, reference, place) for place in (below, pairs + 1 - below))
    return Inference(math.fsum(middle) / len(middle), low, high)


def _difference_at(group: Distribution, reference: Distribution, place: int) -> float:
    """Return the difference of two rows at this place of all in order, counted from 1: by bisection."""
    values, others = group.values, reference.values
    so_far = np.concatenate([[0], reference.cumulative])
    pairs = group.n * reference.n

    def number_up_to(difference: float) -> int:
        smaller = so_far[np.searchsorted(others, values - difference, side="left")]
        return pairs - int((group.counts * smaller).sum())

    low, high = float(values[0] - others[-1]), float(values[-1] - others[0])
    if number_up_to(low) >= place:
        return low
    narrow = max(abs(low), abs(high)) * 1e-14
    while high - low > narrow:
        middle = low + (high - low) / 2
        low, high = (low, middle) if number_up_to(middle) >= place else (middle, high)
    nearest = np.searchsorted(others, values - high - narrow, side="left")
    known = nearest < len(others)
    return float((values[known] - others[nearest[known]]).max())
