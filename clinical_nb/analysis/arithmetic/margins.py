"""Two groups held against a margin: one-sided tests of a difference of means or of shares, and its intervals."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import risk_difference
from clinical_nb.analysis.arithmetic.means import TOO_FEW, welch_t
from clinical_nb.analysis.arithmetic.tails import normal_upper, t_critical, t_upper
from clinical_nb.analysis.distribution import Distribution

Z90 = 1.6448536269514722
_LEAST = 2  # of a group that is tested
_STEPS = 200
_FARTHEST = 38.0  # the largest z whose tail a float holds


@dataclass(frozen=True, slots=True)
class Held:
    """A difference with its intervals, and the tests that it is above the lower and below the upper margin."""

    difference: Inference
    low90: float | None = None
    high90: float | None = None
    above: Inference = field(default_factory=Inference)
    below: Inference = field(default_factory=Inference)


def hold_means(group: Distribution, reference: Distribution, margin: float) -> Held:
    """Hold a difference of two means, by Welch's t; R's `t.test(x, y, mu = -margin, alternative = "greater")`."""
    found = welch_t(group, reference)
    if found.statistic is None or found.df is None or found.estimate is None:
        reason = found.reason or TOO_FEW
        return Held(found, above=Inference(reason=reason), below=Inference(reason=reason))
    difference, df = found.estimate, found.df
    shares = ((each.variance or 0.0) / each.n for each in (group, reference))
    error = math.sqrt(math.fsum(shares))
    half = t_critical(df, 0.95) * error
    up, down = (difference + margin) / error, (difference - margin) / error
    return Held(
        Inference(difference, found.low, found.high),
        difference - half,
        difference + half,
        Inference(statistic=up, df=df, p=t_upper(up, df)),
        Inference(statistic=down, df=df, p=t_upper(-down, df)),
    )


def hold_shares(events: int, n: int, reference_events: int, reference_n: int, margin: float) -> Held:
    """Hold a difference of two shares, by Newcombe's interval (1998, method 10).

    p is where that interval, made wider or narrower, just reaches the margin: it is below 0.025 exactly when the 95 %
    interval is within.
    """
    counts = (events, n, reference_events, reference_n)
    found = risk_difference(*counts)
    narrow = risk_difference(*counts, z=Z90)
    difference = found.estimate or 0.0
    if min(n, reference_n) < _LEAST:
        few = Inference(reason=TOO_FEW)
        return Held(found, narrow.low, narrow.high, few, few)

    def low(z: float) -> float:
        return risk_difference(*counts, z=z).low or 0.0

    def high(z: float) -> float:
        return risk_difference(*counts, z=z).high or 0.0

    above = _tail(difference > -margin, lambda z: (low if difference > -margin else high)(z) + margin)
    below = _tail(difference < margin, lambda z: (high if difference < margin else low)(z) - margin)
    return Held(found, narrow.low, narrow.high, Inference(p=above), Inference(p=below))


def _tail(within: bool, distance: Callable[[float], float]) -> float:  # noqa: FBT001 - on which side the estimate lies
    """Return the one-sided p at which an interval's bound, z wide, reaches a margin."""
    sign = math.copysign(1.0, distance(0.0))
    near, far = 0.0, _FARTHEST
    if distance(far) * sign > 0:
        return normal_upper(far) if within else 1.0
    for _ in range(_STEPS):
        middle = (near + far) / 2
        near, far = (middle, far) if distance(middle) * sign > 0 else (near, middle)
    return normal_upper(near) if within else normal_upper(-near)
