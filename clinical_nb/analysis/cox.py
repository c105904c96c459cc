"""Cox's proportional hazards by Newton's method on counted patterns of covariates, and whether they are proportional.

Rows of one pattern are that many persons: ties are Efron's among all of them, as if each had a row.
"""

from collections.abc import Callable, Sequence
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
    """The times with events, by stratum, and the events at each, a whole one of a pattern being as many.

    `share` is how much of the tied events Efron takes away from those at risk, of each event.
    """

    begins: NDArray[np.int64]  # of each time of a stratum, with events or without: its first row
    some: NDArray[np.int64]  # of each time with events: its place among those
    end: NDArray[np.int64]  # of each time with events: behind the last time of its stratum
    tied: NDArray[np.int64]  # of each time with events: how many they are
    time_of: NDArray[np.int64]  # of each event: which time with events
    share: Floats
    place: NDArray[np.int64]  # of each row: how many times with events, from the first stratum on, are no later

    @property
    def first(self) -> NDArray[np.int64]:
        """Of each time with events, its first row."""
        return self.begins[self.some]


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
    beta, null, likelihood = climb(
        centred.covariates.shape[1],
        lambda beta: _log_likelihood(centred, beta),
        lambda beta: _derivatives(centred, beta),
    )
    _, information = _derivatives(centred, beta)
    apart = np.ptp(centred.covariates, axis=0) * np.abs(beta)
    covariance: Floats = np.full_like(information, np.nan)
    with suppress(np.linalg.LinAlgError):
        covariance = np.linalg.inv(information).astype(np.float64)
    rising = bool((apart > _INFINITE).any()) or not bool((np.diag(covariance) > 0).all())
    reason = "the likelihood goes on rising: some group or value has no event, or all of them" if rising else None
    return Fit(beta, covariance, null, likelihood, reason)


def climb(
    terms: int,
    likelihood_of: Callable[[Floats], float],
    derivatives_of: Callable[[Floats], tuple[Floats, Floats]],
    enough: float = _ENOUGH,
) -> tuple[Floats, float, float]:
    """Return where a log likelihood is highest, its value at the start and there.

    By Newton's steps, halved where they go too far, until it rises by less than `enough` of itself.
    """
    beta = np.zeros(terms)
    null = likelihood = likelihood_of(beta)
    for _ in range(_STEPS):
        gradient, information = derivatives_of(beta)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        found = likelihood_of(beta + step)
        for _ in range(_HALVINGS):
            if np.isfinite(found) and found >= likelihood - abs(likelihood) * enough:
                break
            step = step / 2
            found = likelihood_of(beta + step)
        beta = beta + step
        done = abs(found - likelihood) <= enough * max(abs(likelihood), 1.0)
        likelihood = found
        if done:
            break
    return beta, null, likelihood


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
    centred = replace(patterns, covariates=patterns.covariates - patterns.covariates.mean(axis=0))
    deaths = centred.deaths
    change = _elapsed(patterns)
    change = change - float(change @ deaths.tied) / float(deaths.tied.sum())
    width = patterns.covariates.shape[1]
    blocks = np.zeros((2, 2, width, width))
    risk = _risk(centred, fit.coefficients)
    own = np.zeros(len(centred.time))
    some = np.flatnonzero(centred.event)
    own[some] = centred.counts[some] * change[np.maximum(deaths.place[some] - 1, 0)]
    score = own @ centred.covariates - change @ _mean_sums(centred, risk)
    spreads = _spreads(centred, risk)
    for power in range(3):
        block = np.einsum("t,tij->ij", change**power, spreads)
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
    begins = np.flatnonzero(
        np.r_[True, (np.diff(patterns.time) != 0) | (np.diff(patterns.stratum) != 0)] if rows else np.empty(0, bool)
    )
    events = np.add.reduceat(patterns.counts * patterns.event, begins)
    some = np.flatnonzero(events > 0)
    tied = events[some]
    time_of = np.repeat(np.arange(len(some)), tied)
    before = np.repeat(np.cumsum(tied) - tied, tied)
    share = (np.arange(len(time_of)) - before) / tied[time_of]
    end = np.searchsorted(patterns.stratum[begins], patterns.stratum[begins[some]], side="right")
    place = np.searchsorted(begins[some], np.arange(rows), side="right")
    return _Deaths(begins, some, end, tied, time_of, share, place)


@dataclass(frozen=True, slots=True)
class _Risk:
    """The sums that the likelihood is made of: of each row, and of each event what is left of those at risk.

    Of each time with events, Efron's sums over them of one over what is left, its square, and these times the share.
    """

    row: Floats
    left: Floats
    whole: Floats
    partly: Floats
    squares: tuple[Floats, Floats, Floats]


def _risk(patterns: Patterns, beta: Floats) -> _Risk:
    deaths = patterns.deaths
    row = (patterns.counts * np.exp(patterns.covariates @ beta)).astype(np.float64)
    at_risk, tied = _at_risk(patterns, row), _tied(patterns, row)
    left = at_risk[deaths.time_of] - deaths.share * tied[deaths.time_of]
    inverse = 1.0 / left
    partly = deaths.share * inverse
    begins = np.cumsum(deaths.tied) - deaths.tied
    whole, part, *squares = (
        np.add.reduceat(each, begins)
        for each in (inverse, partly, inverse * inverse, inverse * partly, partly * partly)
    )
    return _Risk(row, left, whole, part, (squares[0], squares[1], squares[2]))


def _at_risk(patterns: Patterns, values: Floats) -> Floats:
    """Return the sum of those at risk at each time with events: time by time, added from the end of the table."""
    deaths = patterns.deaths
    sums = np.add.reduceat(values, deaths.begins, axis=0)
    padded = np.concatenate([np.cumsum(sums[::-1], axis=0)[::-1], np.zeros_like(sums[:1])])
    return padded[deaths.some] - padded[deaths.end]


def _tied(patterns: Patterns, values: Floats) -> Floats:
    """Return the sum of those with the event at each time with events."""
    deaths = patterns.deaths
    event = patterns.event if values.ndim == 1 else patterns.event[:, None]
    return np.add.reduceat(values * event, deaths.begins, axis=0)[deaths.some]


def _log_likelihood(patterns: Patterns, beta: Floats) -> float:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        risk = _risk(patterns, beta)
        scores = (patterns.covariates @ beta) * patterns.counts * patterns.event
        return float(scores.sum() - np.log(risk.left).sum())


def _derivatives(patterns: Patterns, beta: Floats) -> tuple[Floats, Floats]:
    """Return the gradient and the information.

    Each row weighs by all the events while it was at risk, so that no sum of products is needed for each time.
    """
    risk, covariates = _risk(patterns, beta), patterns.covariates
    weighted = covariates * risk.row[:, None]
    at_risk, tied = _at_risk(patterns, weighted), _tied(patterns, weighted)
    means = at_risk * risk.whole[:, None] - tied * risk.partly[:, None]
    gradient = (patterns.counts * patterns.event) @ covariates - means.sum(axis=0)
    weight = risk.row * _seen(patterns, risk.whole, risk.partly)
    one, mixed, two = (each[:, None] for each in risk.squares)
    cross = at_risk.T @ (tied * mixed)
    products = at_risk.T @ (at_risk * one) - cross - cross.T + tied.T @ (tied * two)
    return gradient, (covariates * weight[:, None]).T @ covariates - products


def _seen(patterns: Patterns, whole: Floats, partly: Floats) -> Floats:
    """Return for each row the sum over the events of its stratum while it was at risk, less its part in its own."""
    deaths = patterns.deaths
    total = np.concatenate([[0.0], np.cumsum(whole)])
    strata = np.searchsorted(patterns.stratum, np.arange(int(patterns.stratum[-1]) + 1))
    begun = total[np.searchsorted(deaths.first, strata)]
    seen = total[deaths.place] - begun[patterns.stratum]
    own = np.where(patterns.event, partly[np.maximum(deaths.place - 1, 0)], 0.0)
    return seen - own


def _mean_sums(patterns: Patterns, risk: _Risk) -> Floats:
    """Return the sum, over the events at each time, of the mean covariates of those at risk."""
    weighted = patterns.covariates * risk.row[:, None]
    whole, partly = risk.whole[:, None], risk.partly[:, None]
    return _at_risk(patterns, weighted) * whole - _tied(patterns, weighted) * partly


def _spreads(patterns: Patterns, risk: _Risk) -> Floats:
    """Return the sum, over the events at each time, of the covariances of those at risk."""
    weighted = patterns.covariates * risk.row[:, None]
    at_risk, tied = _at_risk(patterns, weighted), _tied(patterns, weighted)
    one, mixed, two = risk.squares
    width = patterns.covariates.shape[1]
    spreads = np.empty((len(risk.whole), width, width))
    for i in range(width):
        for j in range(i + 1):
            products = weighted[:, i] * patterns.covariates[:, j]
            squares = _at_risk(patterns, products) * risk.whole - _tied(patterns, products) * risk.partly
            squares -= at_risk[:, i] * at_risk[:, j] * one + tied[:, i] * tied[:, j] * two
            squares += (at_risk[:, i] * tied[:, j] + tied[:, i] * at_risk[:, j]) * mixed
            spreads[:, i, j] = spreads[:, j, i] = squares
    return spreads


def _elapsed(patterns: Patterns) -> Floats:
    """Return, of each time with events, one minus the share of all without an event just before it."""
    times, place = np.unique(patterns.time, return_inverse=True)
    events = np.bincount(place, patterns.counts * patterns.event, len(times))
    everyone = np.bincount(place, patterns.counts, len(times))
    at_risk = np.cumsum(everyone[::-1])[::-1]
    before = np.concatenate([[1.0], np.cumprod(1.0 - events / at_risk)[:-1]])
    return 1.0 - before[place[patterns.deaths.first]]
