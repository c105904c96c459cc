"""Agreement of two measurements of the same persons: limits of agreement, intraclass correlation, concordance."""

# scipy ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import math
from dataclasses import dataclass

from scipy import special

from clinical_nb.analysis.arithmetic.changes import changes_of
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, t_critical
from clinical_nb.analysis.counted.pairs import Pairs, margin
from clinical_nb.analysis.distribution import Distribution

TOO_FEW = "fewer than 3 rows have both values"
_LEAST = 3
_SAME = "the two agree entirely, so there is no interval"
_CONSTANT = "neither varies"


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean difference, and between which differences 95 of 100 lie, each with its interval."""

    bias: Inference
    low: Inference
    high: Inference


@dataclass(frozen=True, slots=True)
class Measured:
    """Two measurements: each, their means and the differences of the first from the second, row by row."""

    one: Distribution
    other: Distribution
    means: Distribution
    differences: Distribution


def measured(pairs: Pairs) -> Measured:
    """Return the distributions by which two measurements are compared."""
    return Measured(
        margin(pairs.one, pairs.counts),
        margin(pairs.other, pairs.counts),
        margin((pairs.one + pairs.other) / 2, pairs.counts),
        changes_of(Pairs(pairs.other, pairs.one, pairs.counts)),
    )


def limits_of_agreement(found: Measured) -> Limits:
    """Return the limits of agreement (Bland & Altman 1986), with intervals by their standard errors (1999)."""
    differences = found.differences
    bias, sd, n = differences.mean, differences.sd, differences.n
    if n < _LEAST or bias is None or sd is None:
        none = Inference(reason=TOO_FEW)
        return Limits(none, none, none)
    t = t_critical(n - 1)
    own, reach = t * sd / math.sqrt(n), t * sd * math.sqrt(1 / n + Z95**2 / (2 * (n - 1)))

    def around(value: float, half: float) -> Inference:
        if not sd:
            return Inference(estimate=value, reason="all differences are the same")
        return Inference(estimate=value, low=value - half, high=value + half)

    return Limits(around(bias, own), around(bias - Z95 * sd, reach), around(bias + Z95 * sd, reach))


def intraclass(found: Measured) -> Inference:
    """Return ICC(2,1): two-way random effects, absolute agreement, one rater (Shrout & Fleiss 1979), with its interval.

    Of two measurements, the mean squares of rows and of error are twice the variance of the means and half that of the
    differences; R's `psych::ICC` and `irr::icc(model = "twoway", type = "agreement")`.
    """
    n = found.means.n
    among, apart, gap = found.means.variance, found.differences.variance, found.differences.mean
    if n < _LEAST or among is None or apart is None or gap is None:
        return Inference(reason=TOO_FEW)
    rows, columns, error = 2 * among, n * gap * gap / 2, apart / 2
    whole = rows + error + 2 / n * (columns - error)
    if whole <= 0:
        return Inference(reason=_CONSTANT)
    icc = (rows - error) / whole
    if not error and not columns:
        return Inference(estimate=icc, reason=_SAME)
    a, b = 2 * icc / (n * (1 - icc)), 1 + 2 * icc * (n - 1) / (n * (1 - icc))
    freedom = (a * columns + b * error) ** 2 / ((a * columns) ** 2 + (b * error) ** 2 / (n - 1))
    rest = 2 * columns + (n - 2) * error
    upper, lower = float(special.fdtri(n - 1, freedom, 0.975)), float(special.fdtri(freedom, n - 1, 0.975))
    low = n * (rows - upper * error) / (upper * rest + n * rows)
    high = n * (lower * rows - error) / (rest + n * lower * rows)
    return Inference(estimate=icc, low=low, high=high)


def lin(found: Measured) -> Inference:
    """Return Lin's concordance correlation (1989, corrected 2000) with its interval on Fisher's scale; `epi.ccc`."""
    n = found.one.n
    spreads = (found.one.variance, found.other.variance, found.differences.variance)
    gap = found.differences.mean
    if n < _LEAST or gap is None:
        return Inference(reason=TOO_FEW)
    first, second, apart = (each or 0.0 for each in spreads)
    if not first or not second:
        return Inference(reason="one of the two does not vary")
    scale = (n - 1) / n
    together = (first + second - apart) / 2
    concordance = 2 * together * scale / ((first + second) * scale + gap * gap)
    r, shift = together / math.sqrt(first * second), gap / math.sqrt(scale * math.sqrt(first * second))
    if 1 - abs(concordance) < 1e-12 or not r:  # noqa: PLR2004 - what rounding leaves of nothing
        return Inference(estimate=concordance, reason=_SAME if r else "the two do not go together")
    squares = concordance * concordance
    spread = (1 - r * r) * squares * (1 - squares) / (r * r)
    spread += 2 * concordance**3 * (1 - concordance) * shift**2 / r - concordance**4 * shift**4 / (2 * r * r)
    error = math.sqrt(max(spread, 0.0) / (n - 2)) / (1 - squares)
    z = math.atanh(concordance)
    return Inference(estimate=concordance, low=math.tanh(z - Z95 * error), high=math.tanh(z + Z95 * error))
