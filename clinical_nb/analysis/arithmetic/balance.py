"""How far groups differ on a column before any test: the standardised mean difference."""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.distribution import Distribution

_NO_VALUES = "a group has too few known values"
_NO_SPREAD = "no group varies, and they differ"
_NEAR = 1e-8  # what a generalised inverse leaves of rounding


def smd_of_numbers(groups: Sequence[Distribution]) -> Inference:
    """Return the difference of two means over the root of the mean of their variances (Austin 2009).

    Of more groups, the mean over all pairs, as R's tableone has it; never negative.
    """
    found: list[float] = []
    for one, other in combinations(groups, 2):
        if one.mean is None or other.mean is None or one.variance is None or other.variance is None:
            return Inference(reason=_NO_VALUES)
        apart, spread = abs(one.mean - other.mean), math.sqrt((one.variance + other.variance) / 2)
        if apart and not spread:
            return Inference(reason=_NO_SPREAD)
        found.append(apart / spread if apart else 0.0)
    return Inference(estimate=sum(found) / len(found))


def smd_of_levels(table: Sequence[Sequence[int]]) -> Inference:
    """Return the distance between the shares of levels, by their multinomial covariances (Yang & Dalton 2012).

    Of more groups, the mean over all pairs.

    Parameters
    ----------
    table
        Rows of each level (columns) in each group (rows).

    """
    found: list[float] = []
    for pair in combinations(table, 2):
        counts = np.array(pair, dtype=np.float64)
        if not counts.sum(axis=1).all():
            return Inference(reason=_NO_VALUES)
        shares = (counts / counts.sum(axis=1, keepdims=True))[:, 1:]
        apart = shares[0] - shares[1]
        spread = sum(np.diag(share) - np.outer(share, share) for share in shares) / 2
        if not apart.any():
            found.append(0.0)
            continue
        inverse = np.linalg.pinv(spread, rcond=1e-10, hermitian=True)
        distance = float(apart @ inverse @ apart)
        if np.abs(spread @ inverse @ apart - apart).max() > _NEAR:
            return Inference(reason=_NO_SPREAD)
        found.append(math.sqrt(distance))
    return Inference(estimate=sum(found) / len(found)) if found else Inference(reason=_NO_VALUES)
