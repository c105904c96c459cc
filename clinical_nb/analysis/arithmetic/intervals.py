"""Proportions, their differences and ratios, with 95 % intervals: arithmetic on counts."""

import math

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, beta_critical, t_critical


def mean_interval(mean: float, sd: float, n: int) -> tuple[float, float]:
    """Return the t interval of a mean; R's `t.test(x)$conf.int`."""
    half = t_critical(n - 1) * sd / math.sqrt(n)
    return mean - half, mean + half


def wilson_interval(events: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the interval of a proportion (Wilson 1927); R's `prop.test(events, n, correct = FALSE)$conf.int`."""
    share, z2 = events / n, z * z
    centre = share + z2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if events == 0 else (centre - half) / (1 + z2 / n)
    high = 1.0 if events == n else (centre + half) / (1 + z2 / n)
    return low, high


def exact_interval(events: int, n: int) -> tuple[float, float]:
    """Return the exact interval of a proportion (Clopper & Pearson 1934); R's `binom.test(events, n)$conf.int`."""
    low = beta_critical(events, n - events + 1, 0.025) if events else 0.0
    high = beta_critical(events + 1, n - events, 0.975) if events < n else 1.0
    return low, high


def risk_difference(events: int, n: int, reference_events: int, reference_n: int, z: float = Z95) -> Inference:
    """Return the difference of two proportions with the square-and-add interval (Newcombe 1998, method 10)."""
    risk, reference = events / n, reference_events / reference_n
    low, high = wilson_interval(events, n, z)
    reference_low, reference_high = wilson_interval(reference_events, reference_n, z)
    difference = risk - reference
    return Inference(
        estimate=difference,
        low=difference - math.hypot(risk - low, reference_high - reference),
        high=difference + math.hypot(high - risk, reference - reference_low),
    )


def number_needed_to_treat(difference: Inference) -> Inference:
    """Return one over a risk difference, where its interval excludes 0 (Altman 1998); without a sign."""
    if difference.estimate is None or difference.low is None or difference.high is None:
        return Inference(reason=difference.reason)
    if difference.low <= 0 <= difference.high:
        return Inference(reason="the interval of the risk difference includes 0")
    near, far = sorted((abs(difference.low), abs(difference.high)))
    return Inference(estimate=1 / abs(difference.estimate), low=1 / far, high=1 / near)


def risk_ratio(events: int, n: int, reference_events: int, reference_n: int) -> Inference:
    """Return the ratio of two proportions with the log interval (Katz 1978); R's `epitools::riskratio.wald`."""
    if not events or not reference_events:
        return Inference(reason="a group has no events")
    ratio = (events / n) / (reference_events / reference_n)
    return _log_interval(ratio, 1 / events - 1 / n + 1 / reference_events - 1 / reference_n)


def odds_ratio(events: int, n: int, reference_events: int, reference_n: int) -> Inference:
    """Return the ratio of two odds with the log interval (Woolf 1955); R's `epitools::oddsratio.wald`."""
    cells = (events, n - events, reference_events, reference_n - reference_events)
    if 0 in cells:
        missing = "events" if not events or not reference_events else "rows without the event"
        return Inference(reason=f"a group has no {missing}")
    ratio = (cells[0] * cells[3]) / (cells[1] * cells[2])
    return _log_interval(ratio, math.fsum(1 / cell for cell in cells))


def _log_interval(ratio: float, variance: float) -> Inference:
    factor = math.exp(Z95 * math.sqrt(variance))
    return Inference(estimate=ratio, low=ratio / factor, high=ratio * factor)
