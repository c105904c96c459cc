"""Values of the same persons at several times: Friedman's test, Cochran's Q and Kendall's W, from counted patterns."""

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper
from clinical_nb.analysis.distribution import Counts, Floats

_TOO_FEW = "fewer than 2 persons have all values"


def friedman(values: Floats, counts: Counts) -> Inference:
    """Return Friedman's test, corrected for ties; R's `friedman.test`. Of yes and no it is Cochran's Q.

    Parameters
    ----------
    values
        A row for each pattern of values, a column for each time.
    counts
        The persons with each pattern.

    """
    persons, times = int(counts.sum()), values.shape[1]
    if persons < 2:  # noqa: PLR2004 - METHODS: no test with fewer than 2
        return Inference(reason=_TOO_FEW)
    # Twice each middle rank less the mean rank, and for each person the sum of t**3 - t over tied values: integers.
    doubled = np.zeros(values.shape, dtype=np.int64)
    tied = np.zeros(len(values), dtype=np.int64)
    for time in range(times):
        equal = (values == values[:, [time]]).sum(axis=1)
        doubled[:, time] = 2 * (values < values[:, [time]]).sum(axis=1) + equal - times
        tied += equal * equal - 1
    sums = (doubled * counts[:, None]).sum(axis=0)
    ties = int((tied * counts).sum())
    spread = persons * times * (times + 1) - ties / (times - 1)
    if not spread:
        return Inference(reason="nobody's values differ between the times")
    statistic = 12 * float((sums.astype(np.float64) ** 2).sum()) / 4 / spread
    return Inference(statistic=statistic, df=times - 1, p=chi_squared_upper(statistic, times - 1))


def kendalls_w(found: Inference, persons: int, times: int) -> Inference:
    """Return how far all persons agree in the order of the times, from 0 to 1 (Kendall & Babington Smith 1939)."""
    if found.statistic is None:
        return Inference(reason=found.reason)
    return Inference(estimate=found.statistic / (persons * (times - 1)))
