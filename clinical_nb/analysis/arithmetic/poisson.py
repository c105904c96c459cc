"""Events over a time that people were watched: rates, their ratios and differences, exact where they can be."""

# scipy ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper

NO_TIME = "nobody was watched for any time"
_TAIL = 0.025
_ALIKE = 1 + 1e-7  # R's binom.test: probabilities this near are of one likelihood
_FEW_EXPECTED = 5


def rate_interval(events: int, time: float) -> tuple[float, float]:
    """Return the exact interval of a rate (Garwood 1936); R's `poisson.test(events, time)$conf.int`."""
    low = float(special.gammaincinv(events, _TAIL)) if events else 0.0
    return low / time, float(special.gammainccinv(events + 1, _TAIL)) / time


def rate_of(events: int, time: float) -> Inference:
    """Return events for each unit of time with the exact interval."""
    if time <= 0:
        return Inference(reason=NO_TIME)
    low, high = rate_interval(events, time)
    return Inference(estimate=events / time, low=low, high=high)


def rate_ratio(events: int, time: float, reference_events: int, reference_time: float) -> tuple[Inference, Inference]:
    """Return the ratio of two rates with its exact interval, and the exact test that it is 1.

    R's `poisson.test(c(events, reference_events), c(time, reference_time))`: given all events, how many are the first
    group's is binomial (Przyborowski & Wilenski 1940).
    """
    total = events + reference_events
    if min(time, reference_time) <= 0:
        return Inference(reason=NO_TIME), Inference(reason=NO_TIME)
    if not total:
        return Inference(reason="there was no event"), Inference(reason="there was no event")
    test = Inference(statistic=events, p=_binomial_two_sided(events, total, time / (time + reference_time)))
    if not events or not reference_events:
        return Inference(reason="a group has no events"), test
    low = float(special.betaincinv(events, reference_events + 1, _TAIL))
    high = float(special.betainccinv(events + 1, reference_events, _TAIL))
    scale = reference_time / time
    ratio = events / reference_events * scale
    return Inference(estimate=ratio, low=low / (1 - low) * scale, high=high / (1 - high) * scale), test


def rate_difference(events: int, time: float, reference_events: int, reference_time: float) -> Inference:
    """Return the difference of two rates with Wald's interval (Rothman & Greenland 2008, ch. 14)."""
    if min(time, reference_time) <= 0:
        return Inference(reason=NO_TIME)
    difference = events / time - reference_events / reference_time
    if not events and not reference_events:
        return Inference(reason="there was no event")
    reach = Z95 * math.sqrt(events / time**2 + reference_events / reference_time**2)
    return Inference(estimate=difference, low=difference - reach, high=difference + reach)


def equal_rates(events: Sequence[int], times: Sequence[float]) -> Inference:
    """Test whether several groups have one rate; R's `chisq.test(events, p = times / sum(times))`."""
    total, watched = sum(events), math.fsum(times)
    if not total:
        return Inference(reason="there was no event")
    if min(times) <= 0:
        return Inference(reason=NO_TIME)
    expected = [total * time / watched for time in times]
    statistic = math.fsum((n - e) ** 2 / e for n, e in zip(events, expected, strict=True))
    df = len(events) - 1
    few = f"an expected count is under {_FEW_EXPECTED}" if min(expected) < _FEW_EXPECTED else None
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df), reason=few)


def _binomial_two_sided(x: int, n: int, share: float) -> float:
    """Return the probability of all numbers that are no more likely than this one; R's `binom.test`."""
    mean = n * share
    if x == mean:
        return 1.0
    limit = float(_log_probability(np.array([x]), n, share)[0]) + math.log(_ALIKE)
    if x < mean:
        others = np.arange(math.ceil(mean), n + 1)
        beyond = n - int((_log_probability(others, n, share) <= limit).sum())  # the last that is likelier
        p = float(special.bdtr(x, n, share)) + (float(special.bdtrc(beyond, n, share)) if beyond < n else 0.0)
    else:
        others = np.arange(math.floor(mean) + 1)
        below = int((_log_probability(others, n, share) <= limit).sum()) - 1
        p = (float(special.bdtr(below, n, share)) if below >= 0 else 0.0) + float(special.bdtrc(x - 1, n, share))
    return min(1.0, p)


def _log_probability(x: np.ndarray[tuple[int], np.dtype[np.int64]], n: int, share: float) -> np.ndarray:  # type: ignore[type-arg]
    ways = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    return ways + special.xlogy(x, share) + special.xlog1py(n - x, -share)
