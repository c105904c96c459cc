"""Cox's proportional hazards by Newton's method on counted patterns of covariates, and whether they are proportional.

Rows of one pattern are that many persons: ties are Efron's among all of them, as if each had a row.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.inference import Inference
from clinical_nb.analysis.tails import chi_squared_upper

_STEPS = 50
_HALVINGS = 30
_ENOUGH = 1e-11  # of the logarithm of the likelihood, relative; R stops at 1e-9
_INFINITE = 12.0  # a log hazard ratio between two rows that the likelihood only ever approaches
_CHUNK = 4096


@dataclass(frozen=True)
class Patterns:
    """Rows sorted by stratum and then by time: how many have each, whether with the event, and their covariates."""

    time: Floats
    event: NDArray[np.bool_]
    covariates: Floats
    counts: Counts
    stratum: NDArray[np.int64]

    @cached_property
    def deaths(self) -> "_Deaths":
        """Where each time with events begins, and what Efron's method takes of its tied events."""
        return _deaths_of(self)


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimated log hazard ratios with their covariance, and the log likelihood without and with them.

    `reason` says why an estimate is none: the likelihood goes on rising.
    """

    coefficients: Floats
    covariance: Floats
    null: float
    fitted: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Deaths:
    """Of each event, a whole one of a pattern being as many: its time's first row, the end, and its place among ties.

    `first` is the first row of its time, at which and behind which all rows of the stratum are at risk; `share` is how
    much of the tied events Efron takes away from those at risk.
    """

    time_of: NDArray[np.int64]  # of each event: which time
    share: Floats
    first: NDArray[np.int64]  # of each time
    last: NDArray[np.int64]  # of each time: behind its last row
    end: NDArray[np.int64]  # of each time: behind the last row of its stratum
    place: NDArray[np.int64]  # of each row: how many times of its stratum, before those of other strata, are no later


def sort_patterns(
    time: Floats, event: NDArray[np.bool_], covariates: Floats, counts: Counts, stratum: NDArray[Any] | None = None
) -> Patterns:
    """Return patterns in their order, one stratum where none is given."""
    strata = np.zeros(len(time), dtype=np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
    order = np.lexsort((~event, time, strata))
    return Patterns(time[order], event[order], covariates[order], counts[order], strata[order])


def fit_cox(patterns: Patterns) -> Fit:
    """Maximise Efron's partial likelihood (Efron 1977; `coxph(ties = "efron")`).

    Parameters
    ----------
    patterns
        With covariates of which none is a combination of others, and at least one event.

    """
    centred = replace(
        patterns, covariates=patterns.covariates - np.average(patterns.covariates, axis=0, weights=patterns.counts)
    )
    beta = np.zeros(centred.covariates.shape[1])
    null = likelihood = _log_likelihood(centred, beta)
    for _ in range(_STEPS):
        gradient, information = _derivatives(centred, beta)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        found = _log_likelihood(centred, beta + step)
        for _ in range(_HALVINGS):
            if np.isfinite(found) and found >= likelihood - abs(likelihood) * _ENOUGH:
                break
            step = step / 2
            found = _log_likelihood(centred, beta + step)
        beta = beta + step
        done = abs(found - likelihood) <= _ENOUGH * max(abs(likelihood), 1.0)
        likelihood = found
        if done:
            break
    _, information = _derivatives(centred, beta)
    apart = np.ptp(centred.covariates, axis=0) * np.abs(beta)
    covariance: Floats = np.full_like(information, np.nan)
    with suppress(np.linalg.LinAlgError):
        covariance = np.linalg.inv(information).astype(np.float64)
    rising = bool((apart > _INFINITE).any()) or not bool((np.diag(covariance) > 0).all())
    reason = "the likelihood goes on rising: some group or value has no event, or all of them" if rising else None
    return Fit(beta, covariance, null, likelihood, reason)


def check_proportional(patterns: Patterns, fit: Fit, terms: Sequence[Sequence[int]]) -> tuple[Inference, ...]:
    """Test whether the hazards of each term, and of all, stay proportional (Grambsch & Therneau 1994; `cox.zph`).

    The score test of a coefficient that changes with one minus the Kaplan-Meier curve of all.

    Parameters
    ----------
    patterns, fit
        As for `fit_cox`.
    terms
        The columns of each term.

    Returns
    -------
    tuple of Inference
        Chi-squared of each term, and then of all.

    """
    change = _elapsed(patterns)
    change = change - change.mean()
    width = patterns.covariates.shape[1]
    score, blocks = np.zeros(width), np.zeros((2, 2, width, width))
    means, spreads = _moments(patterns, fit.coefficients)
    events = np.flatnonzero(patterns.event)
    rows = np.repeat(events, patterns.counts[events])
    score += ((patterns.covariates[rows] - means) * change[:, None]).sum(axis=0)
    for start in range(0, len(change), _CHUNK):
        some = slice(start, start + _CHUNK)
        spread = spreads(some)
        for power in range(3):
            block = np.einsum("e,eij->ij", change[some] ** power, spread)
            for at in {0: ((0, 0),), 1: ((0, 1), (1, 0)), 2: ((1, 1),)}[power]:
                blocks[at] += block
    information = np.block([[blocks[0, 0], blocks[0, 1]], [blocks[1, 0], blocks[1, 1]]])
    return tuple(_score_test(score, information, width, columns) for columns in [*terms, range(width)])


def _score_test(score: Floats, information: Floats, width: int, columns: Sequence[int]) -> Inference:
    places = [*range(width), *(width + column for column in columns)]
    vector = np.concatenate([np.zeros(width), score[list(columns)]])
    try:
        statistic = float(vector @ np.linalg.solve(information[np.ix_(places, places)], vector))
    except np.linalg.LinAlgError:
        return Inference(reason="the events come at too few different times")
    return Inference(statistic=statistic, df=len(columns), p=chi_squared_upper(statistic, len(columns)))


def _deaths_of(patterns: Patterns) -> _Deaths:
    rows = len(patterns.time)
    starts = np.flatnonzero(
        np.r_[True, (np.diff(patterns.time) != 0) | (np.diff(patterns.stratum) != 0)] if rows else np.empty(0, bool)
    )
    ends = np.r_[starts[1:], rows].astype(np.int64)
    events = np.add.reduceat(patterns.counts * patterns.event, starts)
    some = events > 0
    first, last, tied = starts[some], ends[some], events[some]
    time_of = np.repeat(np.arange(len(first)), tied)
    before = np.repeat(np.cumsum(tied) - tied, tied)
    share = (np.arange(len(time_of)) - before) / tied[time_of]
    end = np.searchsorted(patterns.stratum, patterns.stratum[first], side="right")
    return _Deaths(time_of, share, first, last, end, np.searchsorted(first, np.arange(rows), side="right"))


@dataclass(frozen=True, slots=True)
class _Risk:
    """The sums that the likelihood is made of: of each row, of each time, and of each event."""

    row: Floats
    at_risk: Floats
    tied: Floats
    left: Floats


def _risk(patterns: Patterns, beta: Floats) -> _Risk:
    deaths = patterns.deaths
    row = (patterns.counts * np.exp(patterns.covariates @ beta)).astype(np.float64)
    at_risk = _between(row, deaths.first, deaths.end)
    tied = _between(row * patterns.event, deaths.first, deaths.last)
    return _Risk(row, at_risk, tied, at_risk[deaths.time_of] - deaths.share * tied[deaths.time_of])


def _between(values: Floats, first: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
    """Return the sum of the rows from each first one up to each end, added from the end of the table."""
    padded = np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], np.zeros_like(values[:1])])
    return padded[first] - padded[end]


def _log_likelihood(patterns: Patterns, beta: Floats) -> float:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        risk = _risk(patterns, beta)
        scores = (patterns.covariates @ beta) * patterns.counts * patterns.event
        return float(scores.sum() - np.log(risk.left).sum())


def _derivatives(patterns: Patterns, beta: Floats) -> tuple[Floats, Floats]:
    """Return the gradient and the information.

    Each row weighs by all the events while it was at risk, so that no sum of products is needed for each time.
    """
    deaths, risk, covariates = patterns.deaths, _risk(patterns, beta), patterns.covariates
    inverse = 1.0 / risk.left
    times = len(deaths.first)
    whole = np.bincount(deaths.time_of, inverse, times).astype(np.float64)
    partly = np.bincount(deaths.time_of, inverse * deaths.share, times).astype(np.float64)
    means = _means(patterns, risk)
    gradient = (covariates * (patterns.counts * patterns.event)[:, None]).sum(axis=0) - means.sum(axis=0)
    weight = risk.row * _seen(patterns, whole, partly)
    information = (covariates * weight[:, None]).T @ covariates - means.T @ means
    return gradient, information


def _seen(patterns: Patterns, whole: Floats, partly: Floats) -> Floats:
    """Return for each row the sum over the events of its stratum while it was at risk, less its part in its own."""
    deaths = patterns.deaths
    total = np.concatenate([[0.0], np.cumsum(whole)])
    begun = np.searchsorted(deaths.first, np.searchsorted(patterns.stratum, patterns.stratum))
    seen = total[deaths.place] - total[begun]
    own = np.where(patterns.event, partly[np.maximum(deaths.place - 1, 0)], 0.0)
    return seen - own


def _means(patterns: Patterns, risk: _Risk) -> Floats:
    """Return the mean of the covariates of those at risk at each event."""
    deaths = patterns.deaths
    weighted = patterns.covariates * risk.row[:, None]
    at_risk = _between(weighted, deaths.first, deaths.end)
    tied = _between(weighted * patterns.event[:, None], deaths.first, deaths.last)
    return (at_risk[deaths.time_of] - deaths.share[:, None] * tied[deaths.time_of]) / risk.left[:, None]


def _moments(patterns: Patterns, beta: Floats) -> tuple[Floats, Any]:
    """Return the means at each event, and a function that gives the covariances of some events."""
    centred = replace(patterns, covariates=patterns.covariates - patterns.covariates.mean(axis=0))
    deaths, risk = centred.deaths, _risk(centred, beta)
    means = _means(centred, risk)
    products = np.einsum("ri,rj->rij", centred.covariates * risk.row[:, None], centred.covariates)
    at_risk = _between(products, deaths.first, deaths.end)
    tied = _between(products * centred.event[:, None, None], deaths.first, deaths.last)

    def covariances(some: slice) -> Floats:
        time_of, share = deaths.time_of[some], deaths.share[some][:, None, None]
        squares = (at_risk[time_of] - share * tied[time_of]) / risk.left[some][:, None, None]
        return squares - np.einsum("ei,ej->eij", means[some], means[some])

    return means + patterns.covariates.mean(axis=0), covariances


def _elapsed(patterns: Patterns) -> Floats:
    """Return, of each event, one minus the share of all without an event just before it."""
    times, place = np.unique(patterns.time, return_inverse=True)
    events = np.bincount(place, patterns.counts * patterns.event, len(times))
    everyone = np.bincount(place, patterns.counts, len(times))
    at_risk = np.cumsum(everyone[::-1])[::-1]
    before = np.concatenate([[1.0], np.cumprod(1.0 - events / at_risk)[:-1]])
    rows = np.flatnonzero(patterns.event)
    return np.repeat(1.0 - before[place[rows]], patterns.counts[rows])
