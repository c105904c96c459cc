"""Tukey's honest significant differences: all pairs of means at once, by the distribution of the studentised range."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import special  # pyright: ignore[reportMissingTypeStubs]

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW, variance_within
from clinical_nb.analysis.distribution import Distribution, Floats

_NODES = 200  # of Gauss and Legendre's quadrature, both ways: the range's probability to 1e-12
_REACH = 9.0  # standard deviations beyond which nothing counts
_TAIL = 1e-16
_STEPS = 100


def tukey_hsd(group: Distribution, reference: Distribution, groups: Sequence[Distribution]) -> Inference:
    """Return the difference of two of several means, its simultaneous interval and its adjusted p; R's `TukeyHSD`.

    For groups of unequal size by Kramer's (1956) variance of a difference.
    """
    if group.mean is None or reference.mean is None or min(each.n for each in groups) < 2:  # noqa: PLR2004 - METHODS
        return Inference(reason=TOO_FEW)
    pooled, df = variance_within(groups)
    error = math.sqrt(pooled / 2 * (1 / group.n + 1 / reference.n))
    difference = group.mean - reference.mean
    if not error > 0:
        return Inference(estimate=difference, reason="the values do not vary within the groups")
    half = range_critical(len(groups), df) * error
    q = abs(difference) / error
    return Inference(difference, difference - half, difference + half, statistic=q, p=range_upper(q, len(groups), df))


def range_upper(q: float, means: int, df: int) -> float:
    """Return the probability of a studentised range above this; R's `ptukey(q, means, df, lower.tail = FALSE)`."""
    roots, weights = _legendre()
    low, high = (
        math.sqrt(float(2 * inverse(df / 2, _TAIL)) / df) for inverse in (special.gammaincinv, special.gammainccinv)
    )
    spread = low + (roots + 1) / 2 * (high - low)
    density = df / 2 * math.log(df / 2) - math.lgamma(df / 2) + math.log(2)
    density = np.exp(density + (df - 1) * np.log(spread) - df * spread * spread / 2) * weights * (high - low) / 2
    above = np.array([_above(q * each, means) for each in spread])
    return min(1.0, max(0.0, float((density * above).sum())))


@cache
def range_critical(means: int, df: int) -> float:
    """Return the studentised range that is exceeded in 5 of 100; R's `qtukey(0.95, means, df)`, which stops at 1e-4."""
    low, high = 0.0, 10.0
    while range_upper(high, means, df) > 0.05:  # noqa: PLR2004 - the 95 % interval
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if range_upper(middle, means, df) > 0.05 else (low, middle)  # noqa: PLR2004 - as above
        if high - low < 1e-12 * high:
            break
    return (low + high) / 2


def _above(width: float, means: int) -> float:
    """Return the probability that the range of so many standard normal values is above a width.

    As one minus the chance that the others lie within it above the smallest, which keeps the digits of a small p.
    """
    roots, weights = _legendre()
    smallest = roots * _REACH
    density = np.exp(-smallest * smallest / 2) / math.sqrt(2 * math.pi) * weights * _REACH
    upper: Floats = special.ndtr(-smallest)
    beyond: Floats = special.ndtr(-smallest - width) / np.maximum(upper, 1e-300)
    inside = -np.expm1((means - 1) * np.log1p(-np.minimum(beyond, 1.0 - 1e-16)))
    return float((means * density * upper ** (means - 1) * inside).sum())


@cache
def _legendre() -> tuple[Floats, Floats]:
    roots, weights = np.polynomial.legendre.leggauss(_NODES)
    return roots, weights
