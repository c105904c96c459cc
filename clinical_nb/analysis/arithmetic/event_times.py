"""Times until an event, as counts: the Kaplan-Meier curve, its quantiles, and the log-rank test. Arithmetic only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.quadratic import quadratic
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper, normal_two_sided
from clinical_nb.analysis.distribution import Counts, Distribution, Floats

_HALF = 0.5
_NEAR = 1e-9  # a curve this close to a half lies on it: products of fractions are not exact


@dataclass(frozen=True)
class EventTimes:
    """The distinct times in increasing order, and how many had the event at each, or were last seen without it.

    Not slotted, because what is computed from it is kept.
    """

    times: Floats
    events: Counts
    censored: Counts

    @property
    def bits(self) -> tuple[bytes, ...]:
        """What puts groups into one order, whichever they come in: sums in another would end in other bits."""
        return self.times.tobytes(), self.events.tobytes(), self.censored.tobytes()

    @cached_property
    def n(self) -> int:
        """How many were followed."""
        return int(self.events.sum() + self.censored.sum())

    @cached_property
    def at_risk(self) -> Counts:
        """How many were still followed, without the event, just before each time."""
        gone = np.cumsum(self.events + self.censored)
        return self.n - np.concatenate([[0], gone[:-1]]).astype(np.int64)

    @cached_property
    def curve(self) -> Floats:
        """The share without the event just after each time (Kaplan & Meier 1958)."""
        return np.cumprod(1.0 - self.events / self.at_risk, dtype=np.float64)

    @cached_property
    def hazard_variance(self) -> Floats:
        """Greenwood's sum, which is the variance of the logarithm of the curve; infinite where that has reached 0."""
        left = self.at_risk - self.events
        with np.errstate(divide="ignore"):
            return np.cumsum(np.where(self.events > 0, self.events / (self.at_risk * left), 0.0))

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """The curve's pointwise 95 % interval on the log-minus-log scale (`survfit(conf.type = "log-log")`).

        Not a number where the curve is 1, or 0, and has none.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(self.curve)
            reach = Z95 * np.sqrt(self.hazard_variance) / logs
            low, high = (np.exp(-np.exp(np.log(-logs) + sign * reach)) for sign in (-1, 1))
        inner = (self.curve > 0) & (self.curve < 1)
        return np.where(inner, low, np.nan), np.where(inner, high, np.nan)

    @cached_property
    def last(self) -> float | None:
        """The longest time that anybody was followed; None where nobody was."""
        return float(self.times[-1]) if len(self.times) else None

    def reversed(self) -> "EventTimes":
        """Return follow-up with the end of observation for the event (Schemper & Smith 1996)."""
        return EventTimes(self.times, self.censored, self.events)


def event_times_from(events: Distribution | None, censored: Distribution | None) -> EventTimes:
    """Return follow-up from the times of those with an event, and of those last seen without."""
    none = Distribution(np.empty(0), np.empty(0, dtype=np.int64))
    first, second = events or none, censored or none
    times = np.union1d(first.values, second.values)
    counts = [np.zeros(len(times), dtype=np.int64) for _ in range(2)]
    for each, found in zip(counts, (first, second), strict=True):
        each[np.searchsorted(times, found.values)] = found.counts
    return EventTimes(times, *counts)


def survival_at(found: EventTimes, time: float) -> tuple[Inference, int]:
    """Return the share without the event at a time with its interval, and how many are followed at that time.

    A time after the last one that anybody was followed has no share, unless the curve reached 0.
    """
    at_risk = int((found.events + found.censored)[found.times >= time].sum())
    place = int(np.searchsorted(found.times, time, side="right")) - 1
    if found.last is None or (time > found.last and found.curve[-1] > 0):
        return Inference(reason="nobody was followed so long"), at_risk
    if place < 0 or found.curve[place] == 1:
        return Inference(estimate=1.0, reason="no event until then, so there is no interval"), at_risk
    low, high = (float(bound[place]) for bound in found.bounds)
    if math.isnan(low):
        return Inference(estimate=0.0, reason="everyone had the event, so there is no interval"), at_risk
    return Inference(estimate=float(found.curve[place]), low=low, high=high), at_risk


def median_time(found: EventTimes) -> Inference:
    """Return the time at which the curve crosses a half, and the times at which its bounds do (Brookmeyer & Crowley).

    Where the curve lies on a half, it is the middle of the times between which it does, as R has it. Where it stays
    above, there is no median, though it may be known to lie above some time.
    """
    estimate = _crossing(found.times, found.curve)
    low, high = (_crossing(found.times, bound) for bound in found.bounds)
    if estimate is None:
        return Inference(low=low, reason="more than half had no event while they were followed")
    reason = None if low is not None and high is not None else "the interval is open: its bound does not cross a half"
    return Inference(estimate=estimate, low=low, high=high, reason=reason)


def _crossing(times: Floats, curve: Floats) -> float | None:
    """Return where a falling curve first lies at a half or below; where it is not a number, it does not."""
    steps = np.where(np.isnan(curve), 1.0, curve)
    fallen = np.flatnonzero(steps <= _HALF + _NEAR)
    if not len(fallen):
        return None
    first = int(fallen[0])
    if abs(steps[first] - _HALF) > _NEAR:
        return float(times[first])
    below = np.flatnonzero(steps < _HALF - _NEAR)
    return float((times[first] + times[below[0] if len(below) else -1]) / 2)


def log_rank(strata: Sequence[Sequence[EventTimes]]) -> Inference:
    """Test whether groups have the same hazard (Mantel 1966; `survdiff`).

    Parameters
    ----------
    strata
        For each stratum, the follow-up of every group, in the same order; one stratum where there is no stratification.

    Returns
    -------
    Inference
        Chi-squared with one degree of freedom fewer than groups; or why there is none.

    """
    groups = len(strata[0])
    order = sorted(range(groups), key=lambda group: [stratum[group].bits for stratum in strata])
    difference, variance = np.zeros(groups), np.zeros((groups, groups))
    for stratum in strata:
        more, spread = _observed_less_expected([stratum[group] for group in order])
        difference += more
        variance += spread
    # a group that nobody left by an event, and that was not at risk at any, says nothing
    kept = np.flatnonzero(np.diag(variance) > 0)
    if len(kept) < 2:  # noqa: PLR2004 - a comparison is of two
        return Inference(reason="no event while two groups were followed")
    some = kept[:-1]
    statistic = quadratic(difference[some], variance[np.ix_(some, some)])
    if statistic is None:
        return Inference(reason="some groups never meet within a stratum")
    df = len(kept) - 1
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df))


def log_rank_trend(strata: Sequence[Sequence[EventTimes]]) -> Inference:
    """Test whether the hazard rises or falls from one group to the next (Tarone 1975), by scores of 1, 2, 3 and on.

    The statistic is signed: above 0 where later groups have more events than expected. R's `survdiff` has the parts.
    """
    groups = len(strata[0])
    difference, variance = np.zeros(groups), np.zeros((groups, groups))
    for stratum in strata:
        more, spread = _observed_less_expected(stratum)
        difference += more
        variance += spread
    scores = np.arange(1.0, groups + 1)
    spread = float(scores @ variance @ scores)
    if spread <= 0:
        return Inference(reason="no event while two groups were followed")
    z = float(scores @ difference) / math.sqrt(spread)
    return Inference(statistic=z, p=normal_two_sided(z))


def expected_events(stratum: Sequence[EventTimes]) -> Floats:
    """Return how many events each group would have, were the hazard the same in all."""
    more, _ = _observed_less_expected(stratum)
    return np.array([float(each.events.sum()) for each in stratum]) - more


def _observed_less_expected(stratum: Sequence[EventTimes]) -> tuple[Floats, Floats]:
    """Return by how much the events of each group exceed those expected, and the covariances."""
    times = np.unique(np.concatenate([each.times[each.events > 0] for each in stratum]))
    events = np.array([_at(each, times, each.events) for each in stratum], dtype=np.float64)
    at_risk = np.array([_risk_at(each, times) for each in stratum], dtype=np.float64)
    total, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / total
    difference = (events - share * all_events).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(total > 1, all_events * (total - all_events) / (total - 1), 0.0)
    variance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    return difference, variance


def _at(found: EventTimes, times: Floats, counts: Counts) -> Counts:
    """Return the counts of some times; 0 where nobody of the group has that time."""
    if not len(found.times):
        return np.zeros(len(times), dtype=np.int64)
    places = np.minimum(np.searchsorted(found.times, times), len(found.times) - 1)
    return np.where(found.times[places] == times, counts[places], 0)


def _risk_at(found: EventTimes, times: Floats) -> Counts:
    left = np.concatenate([found.at_risk, [0]])
    return left[np.searchsorted(found.times, times)]


def restricted_mean(found: EventTimes, until: float) -> tuple[float, float] | None:
    """Return the mean time without the event up to a time, and its standard error (Royston & Parmar 2013).

    None where nobody was followed so long.
    """
    if found.last is None or until > found.last:
        return None
    places = np.flatnonzero(found.times < until)
    steps = np.concatenate([[1.0], found.curve[places]])
    edges = np.concatenate([[0.0], found.times[places], [until]])
    areas = steps * np.diff(edges)
    after = np.cumsum(areas[::-1])[::-1][1:]  # the area behind each time
    left = found.at_risk[places] - found.events[places]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = after**2 * found.events[places] / (found.at_risk[places] * left)
    variance = float(np.where(left > 0, terms, 0.0).sum())
    return float(areas.sum()), math.sqrt(variance)
