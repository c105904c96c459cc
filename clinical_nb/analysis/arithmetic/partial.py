"""Correlations of columns that are counted together, with others held still: of the values or of their ranks."""

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np

from clinical_nb.analysis.arithmetic.correlation import fisher_interval
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import t_two_sided
from clinical_nb.analysis.distribution import Counts, Floats

_NEAR = 1e-12
_SINGULAR = 1e-10


def partial_correlations(columns: Floats, counts: Counts, given: int) -> dict[tuple[int, int], Inference]:
    """Return the correlation of each pair of columns while the last ones, `given`, are held still.

    The t test has n - 2 - given degrees of freedom, the interval is on Fisher's scale with n - 3 - given; R's
    `ppcor::pcor.test`, and `cor.test` where nothing is given.
    """
    return _each_pair(columns, counts, given, lambda _: 1.0)


def partial_rank_correlations(ranks: Floats, counts: Counts, given: int) -> dict[tuple[int, int], Inference]:
    """Return the same of columns of ranks: Spearman's, with the interval of Bonett & Wright (2000)."""
    return _each_pair(ranks, counts, given, lambda rho: 1 + rho * rho / 2)


def _each_pair(
    columns: Floats, counts: Counts, given: int, variance: Callable[[float], float]
) -> dict[tuple[int, int], Inference]:
    n, width = int(counts.sum()), columns.shape[1]
    matrix = _correlate(columns, counts.astype(np.float64))
    own = width - given
    some = list(range(own, width))
    return {pair: _partial(matrix, pair, some, n, variance) for pair in combinations(range(own), 2)}


def rank_columns(columns: Floats, counts: Counts) -> Floats:
    """Return each column's middle ranks among all rows."""
    ranks = np.empty(columns.shape)
    for place, values in enumerate(columns.T):
        distinct, at = np.unique(values, return_inverse=True)
        tied = np.bincount(at, counts, len(distinct))
        ranks[:, place] = (np.cumsum(tied) - (tied - 1) / 2)[at]
    return ranks


def _correlate(columns: Floats, weights: Floats) -> Floats:
    """Return the correlations of all columns; NaN for one that does not vary."""
    centred = columns - np.average(columns, axis=0, weights=weights)
    spread = np.sqrt(np.average(centred * centred, axis=0, weights=weights))
    scale = np.abs(columns).max(axis=0, initial=0.0)
    spread = np.where(spread > scale * _NEAR, spread, np.nan)
    scaled = centred / spread
    return np.asarray((scaled * weights[:, None]).T @ scaled / weights.sum(), dtype=np.float64)


def _partial(
    matrix: Floats, pair: tuple[int, int], given: list[int], n: int, variance: Callable[[float], float]
) -> Inference:
    some = matrix[np.ix_([*pair, *given], [*pair, *given])]
    if np.isnan(some).any():
        return Inference(reason="a column does not vary")
    df = n - 2 - len(given)
    if df < 1:
        return Inference(reason="there are fewer rows than it takes")
    if given and float(np.linalg.det(some)) < _SINGULAR:
        return Inference(reason="the columns cannot be told apart")
    inverse = np.linalg.inv(some) if given else np.array([[1.0, -some[0, 1]], [-some[0, 1], 1.0]])
    r = max(-1.0, min(1.0, float(-inverse[0, 1] / math.sqrt(inverse[0, 0] * inverse[1, 1]))))
    if 1 - abs(r) < _NEAR:
        return Inference(estimate=r, reason="all rows lie on one line")
    t = r * math.sqrt(df / (1 - r * r))
    low, high = fisher_interval(r, variance(r), df - 1)
    return Inference(r, low, high, statistic=t, df=df, p=t_two_sided(t, df))
