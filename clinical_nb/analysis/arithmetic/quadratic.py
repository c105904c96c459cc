"""How far several numbers lie from 0 together, by their covariance."""

import numpy as np

from clinical_nb.analysis.distribution import Floats

_SINGULAR = 1e12  # the condition of their correlations: what is solved beyond it is rounding


def quadratic(vector: Floats, covariance: Floats) -> float | None:
    """Return a chi-squared with a degree of freedom for each number; None where some follow from the others."""
    variance = np.diag(covariance)
    if not np.isfinite(covariance).all() or not (variance > 0).all():
        return None
    spread = np.sqrt(variance)
    if not np.linalg.cond(covariance / np.outer(spread, spread)) < _SINGULAR:
        return None
    return float(vector @ np.linalg.solve(covariance, vector))
