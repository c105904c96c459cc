"""Times until the first of two events, as counts: cumulative incidence, and Gray's test. Arithmetic only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.quadratic import quadratic
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper
from clinical_nb.analysis.distribution import Counts, Distribution, Floats

_NONE = Distribution(np.empty(0), np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class FirstEvents:
    """The distinct times in increasing order, and how many had the event, the competing one, or neither, at each.

    Not slotted, because what is computed from it is kept.
    """

    times: Floats
    events: Counts
    competing: Counts
    censored: Counts

    @property
    def bits(self) -> tuple[bytes, ...]:
        """What puts groups into one order, whichever they come in: sums in another would end in other bits."""
        return tuple(each.tobytes() for each in (self.times, self.events, self.competing, self.censored))

    @cached_property
    def n(self) -> int:
        """How many were followed."""
        return int((self.events + self.competing + self.censored).sum())

    @cached_property
    def at_risk(self) -> Counts:
        """How many were followed without either event just before each time."""
        gone = np.cumsum(self.events + self.competing + self.censored)
        return self.n - np.concatenate([[0], gone[:-1]]).astype(np.int64)

    @cached_property
    def free(self) -> Floats:
        """The share without either event just after each time."""
        return np.cumprod(1.0 - (self.events + self.competing) / self.at_risk, dtype=np.float64)

    @cached_property
    def free_before(self) -> Floats:
        """The share without either event just before each time."""
        return np.concatenate([[1.0], self.free[:-1]]) if len(self.times) else self.free

    @cached_property
    def incidence(self) -> Floats:
        """The share that has had the event just after each time (Aalen & Johansen 1978)."""
        return np.cumsum(self.free_before * self.events / self.at_risk)

    @property
    def turned(self) -> "FirstEvents":
        """The same with the competing event for the event."""
        return FirstEvents(self.times, self.competing, self.events, self.censored)


def first_events_from(
    events: Distribution | None, competing: Distribution | None, censored: Distribution | None
) -> FirstEvents:
    """Return follow-up from the times of those whose first event was either, and of those last seen without."""
    found = [each or _NONE for each in (events, competing, censored)]
    times = np.unique(np.concatenate([each.values for each in found]))
    counts = [np.zeros(len(times), dtype=np.int64) for _ in found]
    for each, of in zip(counts, found, strict=True):
        each[np.searchsorted(times, of.values)] = of.counts
    return FirstEvents(times, *counts)


def incidence_at(found: FirstEvents, time: float) -> tuple[Inference, int]:
    """Return the share that has had the event by a time, its interval, and how many are followed at that time.

    Variance of Aalen (1978) as `cmprsk::cuminc` has it; the interval by the logarithm of minus the logarithm. A time
    after the last one that anybody was followed has no share, unless everybody had an event.
    """
    at_risk = int((found.events + found.competing + found.censored)[found.times >= time].sum())
    if not found.n or (time > found.times[-1] and found.free[-1] > 0):
        return Inference(reason="nobody was followed so long"), at_risk
    place = int(np.searchsorted(found.times, time, side="right")) - 1
    share = float(found.incidence[place]) if place >= 0 else 0.0
    if not share:
        return Inference(estimate=0.0, reason="no event until then, so there is no interval"), at_risk
    error = math.sqrt(_variance(found, place))
    if share >= 1 or not error:
        return Inference(estimate=min(share, 1.0), reason="everyone had the event, so there is no interval"), at_risk
    power = math.exp(Z95 * error / (share * -math.log(share)))
    return Inference(estimate=share, low=share**power, high=share ** (1 / power)), at_risk


def _variance(found: FirstEvents, place: int) -> float:
    """Return the variance of the incidence just after a time, by its place, with ties as Gray has them."""
    until = slice(0, place + 1)
    free, at_risk = found.free[until], found.at_risk[until].astype(np.float64)
    later = found.incidence[place] - found.incidence[until]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(free > 0, later / free, 0.0)
        scale = (found.free_before[until] / at_risk) ** 2
        own = (1 - reach) ** 2 * found.events[until] * _untied(found.events[until], at_risk)
        others = reach**2 * found.competing[until] * _untied(found.competing[until], at_risk)
    others = np.where(free > 0, others, 0.0)
    return float((scale * (own + others)).sum())


def _untied(events: Counts, at_risk: Floats) -> Floats:
    """Return by how much several events at one time vary less than as many at different times."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(events > 1, 1 - (events - 1) / (at_risk - 1), 1.0)


def gray(groups: Sequence[FirstEvents]) -> Inference:
    """Test whether groups have the same incidence (Gray 1988, rho = 0); R's `cmprsk::cuminc(…)$Tests`.

    Returns
    -------
    Inference
        Chi-squared with one degree of freedom fewer than groups; or why there is none.

    """
    groups = sorted(groups, key=lambda each: each.bits)
    had = [each.times[(each.events + each.competing) > 0] for each in groups]
    times = np.unique(np.concatenate(had))
    if not sum(int(each.events.sum()) for each in groups):
        return Inference(reason="there was no event")
    score, variance = _score(times, groups)
    kept = np.flatnonzero(np.diag(variance) > 0)
    if len(kept) < 2:  # noqa: PLR2004 - a comparison is of two
        return Inference(reason="no event while two groups were followed")
    some = kept[:-1]
    statistic = quadratic(score[some], variance[np.ix_(some, some)])
    if statistic is None:
        return Inference(reason="the groups were not followed together for long enough")
    df = len(kept) - 1
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df))


def _score(times: Floats, groups: Sequence[FirstEvents]) -> tuple[Floats, Floats]:
    """Return by how much each group's events exceed those expected under one incidence, and the covariances.

    In Gray's notation a column is a group: `h` its number at risk over its share without either event, `r` the same
    for the subdistribution, whose risk set those with a competing event do not leave.
    """
    events, competing = (
        np.column_stack([_at(each, times, kind) for each in groups]) for kind in ("events", "competing")
    )
    at_risk = np.column_stack([_risk_at(each, times) for each in groups])
    free, before = (
        np.column_stack([_curve(each, times, of, 1.0) for each in groups]) for of in ("free", "free_before")
    )
    own = np.column_stack([_before(each, times) for each in groups])
    here = at_risk > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(here, at_risk / before, 0.0)
        r = np.where(here, h * (1 - own), 0.0)
        total = h.sum(axis=1)
        deaths = events.sum(axis=1)
        step = np.where(total > 0, deaths / total, 0.0)
        pooled = np.cumsum(step)
        pooled_before = pooled - step
        score = (events - np.where(here, deaths[:, None] * r / r.sum(axis=1)[:, None], 0.0)).sum(axis=0)
        share = np.where(here, h / total[:, None], 0.0)
        left = np.where(free > 0, (1 - pooled)[:, None] / free, 0.0)
        tied = np.where(deaths[:, None] > 1, 1 - (deaths[:, None] - 1) / (total[:, None] * before - 1), 1.0)
        first = np.where(here & (deaths[:, None] > 0), tied * before * step[:, None] / at_risk, 0.0)
        risk = at_risk.astype(np.float64)
        second = _untied(competing, risk) * before**2 * competing / risk**2
        second = np.where((competing > 0) & (free > 0), second, 0.0)
        # nothing is left where all of one incidence have had it: one group alone is at risk then, and answers nothing
        slope = np.where(pooled_before < 1, step / (1 - pooled_before), 0.0)
    variance = np.zeros((len(groups), len(groups)))
    for k in range(len(groups)):
        # how the score of each group answers to an event in group k, at each time and from then on
        answer = np.where(here & here[:, [k]], h * (np.arange(len(groups)) == k) - h * share[:, [k]], 0.0)
        path = np.cumsum(answer * slope[:, None], axis=0)
        rest = path[-1] - path
        towards, away = answer + (1 - left[:, [k]]) * rest, left[:, [k]] * rest
        variance += towards.T @ (towards * first[:, [k]]) + away.T @ (away * second[:, [k]])
    return score, variance


def _at(found: FirstEvents, times: Floats, kind: str) -> Counts:
    """Return the counts of some times; 0 where nobody of the group has that time."""
    counts: Counts = found.events if kind == "events" else found.competing
    if not len(found.times):
        return np.zeros(len(times), dtype=np.int64)
    places = np.minimum(np.searchsorted(found.times, times), len(found.times) - 1)
    return np.where(found.times[places] == times, counts[places], 0)


def _risk_at(found: FirstEvents, times: Floats) -> Counts:
    left = np.concatenate([found.at_risk, [0]])
    return left[np.searchsorted(found.times, times)]


def _curve(found: FirstEvents, times: Floats, of: str, start: float) -> Floats:
    """Return the share without either event just after some times, or just before them."""
    whole = np.concatenate([[start], found.free])
    return whole[np.searchsorted(found.times, times, side="right" if of == "free" else "left")]


def _before(found: FirstEvents, times: Floats) -> Floats:
    """Return the incidence just before some times."""
    return np.concatenate([[0.0], found.incidence])[np.searchsorted(found.times, times, side="left")]
