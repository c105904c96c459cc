"""Rates of events in clusters: how much more rows vary than Poisson's law supposes, and errors that allow for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper, normal_two_sided
from clinical_nb.analysis.counted.patterns import count_patterns
from clinical_nb.analysis.counts import Key, Scan
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.models.glm import Outcome
from clinical_nb.analysis.models.negative_binomial import fit_negative_binomial
from clinical_nb.plan import Rate

_NO_EVENTS = "a group has no events"


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each row of a group has the event, over which time: distinct pairs, and the rows of each."""

    events: Floats
    time: Floats
    rows: Counts

    @property
    def rate(self) -> float:
        """Events for each unit of time."""
        return float((self.events * self.rows).sum() / (self.time * self.rows).sum())

    @property
    def variance(self) -> float | None:
        """The robust variance of the rate's logarithm; R's `sandwich` of `glm(poisson)` with an offset."""
        total = float((self.events * self.rows).sum())
        rest = self.events - self.rate * self.time
        return float((self.rows * rest * rest).sum()) / total**2 if total else None


def count_events(plan: Rate, scan: Scan, scale: float) -> Mapping[Key, Counted]:
    """Return the rows of each group that were watched for some time, by the number of their events and that time."""
    column = str(plan.event)
    table = count_patterns(scan, [column, plan.time], plan.by, plan.cohort.where)
    watched = table.values[plan.time] > 0
    found: dict[Key, Counted] = {}
    for levels in product(*(enumerate(table.levels[each]) for each in plan.by)):
        here = watched.copy()
        for variable, (place, _) in zip(plan.by, levels, strict=True):
            here &= table.values[variable] == place
        if here.any():
            time = table.values[plan.time][here] / scale
            found[tuple(level for _, level in levels)] = Counted(table.values[column][here], time, table.counts[here])
    return found


def dispersion_of_rates(groups: Sequence[Counted]) -> float | None:
    """Return Pearson's dispersion about the rates of the groups; None where nothing is left to tell it by."""
    df = sum(int(each.rows.sum()) for each in groups) - len(groups)
    squares = 0.0
    for each in groups:
        expected = each.rate * each.time
        if each.rate:
            squares += float((each.rows * (each.events - expected) ** 2 / expected).sum())
    return squares / df if df > 0 else None


def robust_rate(rate: float, variance: float | None) -> Inference:
    """Return a rate with the interval of its logarithm by robust errors."""
    if variance is None:
        return Inference(estimate=rate, reason="there was no event")
    factor = math.exp(Z95 * math.sqrt(variance))
    return Inference(rate, rate / factor, rate * factor)


def robust_ratio(rates: tuple[float, float], variances: tuple[float | None, float | None]) -> Inference:
    """Return the ratio of two rates with its robust interval and Wald's test."""
    one, other = variances
    if one is None or other is None:
        return Inference(reason=_NO_EVENTS)
    value, error = math.log(rates[0] / rates[1]), math.sqrt(one + other)
    if not error:
        return Inference(reason="the rows of a group do not vary")
    bounds = (math.exp(each) for each in (value, value - Z95 * error, value + Z95 * error))
    return Inference(*bounds, statistic=value / error, p=normal_two_sided(value / error))


def robust_difference(rates: tuple[float, float], variances: tuple[float | None, float | None]) -> Inference:
    """Return the difference of two rates with its robust interval."""
    one, other = variances
    if one is None or other is None:
        return Inference(reason=_NO_EVENTS)
    reach = Z95 * math.sqrt(one * rates[0] ** 2 + other * rates[1] ** 2)
    return Inference(rates[0] - rates[1], rates[0] - rates[1] - reach, rates[0] - rates[1] + reach)


def robust_equal_rates(rates: Sequence[float], variances: Sequence[float | None]) -> Inference:
    """Test whether several groups have one rate, by Wald's test of their logarithms."""
    known = [each for each in variances if each]
    if len(known) < len(rates):
        return Inference(reason=_NO_EVENTS)
    weights, logs = 1 / np.array(known), np.log(np.array(rates))
    statistic = float((weights * (logs - np.average(logs, weights=weights)) ** 2).sum())
    return Inference(statistic=statistic, df=len(rates) - 1, p=chi_squared_upper(statistic, len(rates) - 1))


def negative_binomial_ratio(one: Counted, other: Counted) -> Inference:
    """Return the ratio of two rates by a negative binomial model (`MASS::glm.nb`)."""
    values = np.concatenate([one.events, other.events])
    offset: Floats = np.log(np.concatenate([one.time, other.time]))
    first = np.concatenate([np.ones(len(one.events)), np.zeros(len(other.events))])
    model = fit_negative_binomial(first[:, None], Outcome(values, np.concatenate([one.rows, other.rows]), offset))
    if model.reason:
        return Inference(reason=model.reason)
    value, error = float(model.coefficients[0]), math.sqrt(float(model.covariance[0, 0]))
    bounds = (math.exp(each) for each in (value, value - Z95 * error, value + Z95 * error))
    return Inference(*bounds, statistic=value / error, p=normal_two_sided(value / error))
