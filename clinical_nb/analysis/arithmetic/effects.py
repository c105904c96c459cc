"""How far groups lie apart on a scale without a unit: Hedges' g, the rank-biserial correlation, eta² and epsilon²."""

import math
from collections.abc import Sequence

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW, squares_between, variance_within
from clinical_nb.analysis.arithmetic.tails import Z95
from clinical_nb.analysis.distribution import Distribution

_CONSTANT = "the values do not vary within the groups"


def cohens_d(group: Distribution, reference: Distribution) -> Inference:
    """Return the difference of two means in pooled SDs, with the large-sample interval (Hedges & Olkin 1985, p. 86)."""
    if group.mean is None or reference.mean is None or min(group.n, reference.n) < 2:  # noqa: PLR2004 - METHODS
        return Inference(reason=TOO_FEW)
    pooled, _ = variance_within((group, reference))
    if not pooled > 0:
        return Inference(reason=_CONSTANT)
    d = (group.mean - reference.mean) / math.sqrt(pooled)
    return _interval(d, group.n, reference.n)


def hedges_g(group: Distribution, reference: Distribution) -> Inference:
    """Return Cohen's d without its bias in small samples (Hedges 1981), with an interval as for d."""
    d = cohens_d(group, reference)
    if d.estimate is None:
        return d
    df = group.n + reference.n - 2
    correction = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    return _interval(d.estimate * correction, group.n, reference.n)


def rank_biserial(superiority: float | None, n: int, m: int) -> Inference:
    """Return how much more often the first group has the higher value than the lower, of all pairs (Kerby 2014).

    The interval is on Fisher's scale, as `effectsize::rank_biserial` has it.
    """
    if superiority is None:
        return Inference(reason=TOO_FEW)
    r = 2 * superiority - 1
    if abs(r) == 1:
        return Inference(estimate=r)
    half = Z95 * math.sqrt((n + m + 1) / (3 * n * m))
    return Inference(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


def eta_squared(groups: Sequence[Distribution]) -> Inference:
    """Return the share of the variance that lies between the groups' means."""
    if min(group.n for group in groups) < 2:  # noqa: PLR2004 - METHODS
        return Inference(reason=TOO_FEW)
    between = squares_between(groups)
    total = between + math.fsum(group.moments[0] for group in groups)
    return Inference(estimate=between / total) if total else Inference(reason=_CONSTANT)


def epsilon_squared(kruskal_wallis: Inference, rows: int) -> Inference:
    """Return the share of the ranks' variance between the groups, H / (n - 1) (`effectsize::rank_epsilon_squared`)."""
    if kruskal_wallis.statistic is None:
        return Inference(reason=kruskal_wallis.reason)
    return Inference(estimate=kruskal_wallis.statistic / (rows - 1))


def _interval(d: float, n: int, m: int) -> Inference:
    half = Z95 * math.sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return Inference(d, d - half, d + half)
