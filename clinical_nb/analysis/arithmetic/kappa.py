"""Agreement of two readings beyond chance: Cohen's kappa, as it is or with weights, from their table of counts."""

import math

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95
from clinical_nb.analysis.distribution import Counts, Floats

_EPSILON = 1e-12


def quadratic_weights(levels: int) -> Floats:
    """Return weights that fall with the square of how far levels lie apart (Fleiss & Cohen 1973)."""
    places = np.arange(levels, dtype=np.float64)
    return 1 - ((places[:, None] - places[None, :]) / max(levels - 1, 1)) ** 2


def kappa_of(table: Counts, weights: Floats | None = None) -> Inference:
    """Return kappa with its large-sample interval (Fleiss, Cohen & Everitt 1969); R's `psych::cohen.kappa`.

    Parameters
    ----------
    table
        Rows by the level of one reading (down) and the other (across), the same levels in the same order.
    weights
        How far each pair of levels agrees, 1 on the diagonal; by default 0 everywhere else.

    """
    n = int(table.sum())
    if n < 2:  # noqa: PLR2004 - an interval needs two
        return Inference(reason="fewer than 2 rows have both readings")
    weight = np.eye(len(table)) if weights is None else weights
    share = table / n
    down, across = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float((weight * share).sum()), float(down @ weight @ across)
    if 1 - expected < _EPSILON:
        return Inference(reason="all readings are of one level")
    kappa = (observed - expected) / (1 - expected)
    if 1 - observed < _EPSILON:
        return Inference(estimate=1.0, reason="the readings agree entirely, so there is no interval")
    mean = (weight @ across)[:, None] + (down @ weight)[None, :]
    spread = float((share * (weight - mean * (1 - kappa)) ** 2).sum()) - (kappa - expected * (1 - kappa)) ** 2
    reach = Z95 * math.sqrt(max(spread, 0.0) / n) / (1 - expected)
    return Inference(estimate=kappa, low=max(-1.0, kappa - reach), high=min(1.0, kappa + reach))
