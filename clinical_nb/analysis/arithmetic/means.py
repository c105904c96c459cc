"""Means of independent groups: Welch's t and analysis of variance, and Student's and Fisher's, of equal variances."""

import math
from collections.abc import Sequence

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import f_upper, t_critical, t_two_sided
from clinical_nb.analysis.distribution import Distribution

TOO_FEW = "a group has fewer than 2 known values"
_CONSTANT = "the values do not vary within a group"
_NOISE = 10 * 2.220446049250313e-16  # R's t.test calls less than this, relative to the mean, constant


def welch_t(group: Distribution, reference: Distribution) -> Inference:
    """Return the difference of two means, its interval and Welch's test (Welch 1947); R's `t.test(x, y)`."""
    if group.mean is None or reference.mean is None or group.variance is None or reference.variance is None:
        return Inference(reason=TOO_FEW)
    difference = group.mean - reference.mean
    shares = (group.variance / group.n, reference.variance / reference.n)
    error = math.sqrt(sum(shares))
    if error < _NOISE * max(abs(group.mean), abs(reference.mean)) or error == 0:
        return Inference(estimate=difference, reason="the values do not vary within the groups")
    df = error**4 / (shares[0] ** 2 / (group.n - 1) + shares[1] ** 2 / (reference.n - 1))
    half = t_critical(df) * error
    t = difference / error
    return Inference(difference, difference - half, difference + half, statistic=t, df=df, p=t_two_sided(t, df))


def welch_anova(groups: Sequence[Distribution]) -> Inference:
    """Return Welch's analysis of variance (Welch 1951); R's `oneway.test(x ~ group)`."""
    means = [group.mean for group in groups if group.mean is not None]
    variances = [group.variance for group in groups if group.variance is not None]
    if len(variances) < len(groups):
        return Inference(reason=TOO_FEW)
    if any(math.sqrt(v) <= _NOISE * abs(mean) for mean, v in zip(means, variances, strict=True)):
        return Inference(reason=_CONSTANT)
    count = len(groups)
    weights = [group.n / variance for group, variance in zip(groups, variances, strict=True)]
    weight = math.fsum(weights)
    centre = math.fsum(w * mean for w, mean in zip(weights, means, strict=True)) / weight
    terms = [(1 - w / weight) ** 2 / (group.n - 1) for w, group in zip(weights, groups, strict=True)]
    spread = math.fsum(terms) / (count**2 - 1)
    between = math.fsum(w * (mean - centre) ** 2 for w, mean in zip(weights, means, strict=True))
    f = between / ((count - 1) * (1 + 2 * (count - 2) * spread))
    df, df2 = count - 1, 1 / (3 * spread)
    return Inference(statistic=f, df=df, df2=df2, p=f_upper(f, df, df2))


def student_t(group: Distribution, reference: Distribution) -> Inference:
    """Return the difference of two means and Student's test; R's `t.test(x, y, var.equal = TRUE)`."""
    return pooled_t(group, reference, (group, reference))


def pooled_t(group: Distribution, reference: Distribution, groups: Sequence[Distribution]) -> Inference:
    """Return the difference of two means by the variance within all groups; R's `pairwise.t.test(x, group)`."""
    if group.mean is None or reference.mean is None or min(group.n, reference.n) < 2:  # noqa: PLR2004 - METHODS
        return Inference(reason=TOO_FEW)
    difference = group.mean - reference.mean
    pooled, df = variance_within(groups)
    error = math.sqrt(pooled * (1 / group.n + 1 / reference.n))
    if error <= _NOISE * max(abs(group.mean), abs(reference.mean)):
        return Inference(estimate=difference, reason="the values do not vary within the groups")
    half, t = t_critical(df) * error, difference / error
    return Inference(difference, difference - half, difference + half, statistic=t, df=df, p=t_two_sided(t, df))


def anova(groups: Sequence[Distribution]) -> Inference:
    """Return the analysis of variance (Fisher 1925); R's `oneway.test(x ~ group, var.equal = TRUE)`."""
    if min(group.n for group in groups) < 2:  # noqa: PLR2004 - METHODS: no test with a group of fewer than 2
        return Inference(reason=TOO_FEW)
    pooled, df2 = variance_within(groups)
    if math.sqrt(pooled) <= _NOISE * max(abs(group.mean or 0.0) for group in groups):
        return Inference(reason=_CONSTANT)
    df = len(groups) - 1
    f = squares_between(groups) / df / pooled
    return Inference(statistic=f, df=df, df2=df2, p=f_upper(f, df, df2))


def variance_within(groups: Sequence[Distribution]) -> tuple[float, int]:
    """Return the variance around each group's own mean, and its degrees of freedom, which must not be 0."""
    df = sum(group.n for group in groups) - len(groups)
    return math.fsum(group.moments[0] for group in groups) / df, df


def squares_between(groups: Sequence[Distribution]) -> float:
    """Return the sum of the squared deviations of the groups' means from that of all, weighted by their rows."""
    rows = sum(group.n for group in groups)
    centre = math.fsum(group.n * (group.mean or 0.0) for group in groups) / rows
    return math.fsum(group.n * ((group.mean or 0.0) - centre) ** 2 for group in groups)
