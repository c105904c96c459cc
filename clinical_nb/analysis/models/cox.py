"""Cox's proportional hazards by Newton's method on counted patterns of covariates, and whether they are proportional.

Rows of one pattern are that many persons: ties are Efron's among all of them, as if each had a row.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.quadratic import quadratic
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.risk_sets import RiskSets, Ties, merge_alike, sum_ties

_STEPS = 50
_HALVINGS = 30
_ENOUGH = 1e-11  # of the logarithm of the likelihood, relative; R stops at 1e-9
_INFINITE = 12.0  # a log hazard ratio between two rows that the likelihood only ever approaches


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
class Risk:
    """What the likelihood is made of: each row's risk, of those at risk and of the tied at each time with events."""

    row: Floats
    at_risk: Floats
    with_event: Floats
    ties: Ties


def fit_cox(sets: RiskSets, covariates: Floats) -> Fit:
    """Maximise Efron's partial likelihood (Efron 1977; `coxph(ties = "efron")`).

    Parameters
    ----------
    sets
        The rows, with at least one event.
    covariates
        A column each, in the order that the rows were given in; none a combination of others and a constant.

    """
    sets, columns = merge_alike(sets, np.ascontiguousarray(covariates[sets.order].T))
    if not len(columns):
        null = -float(risk_of(sets, columns, np.empty(0)).ties.logs.sum())
        return Fit(np.empty(0), np.empty((0, 0)), null, null)
    centre = np.average(columns, axis=1, weights=sets.counts)
    scale = columns.std(axis=1)
    columns = (columns - centre[:, None]) / scale[:, None]
    own = columns.take(sets.events, axis=1) @ sets.counts[sets.events]

    @lru_cache(maxsize=1)  # a likelihood and its slope are asked of the same place
    def risk_at(place: bytes) -> Risk:
        return risk_of(sets, columns, np.frombuffer(place))

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # steps too long, which are halved
        beta, null, likelihood = climb(
            len(columns),
            lambda beta: float(own @ beta - risk_at(beta.tobytes()).ties.logs.sum()),
            lambda beta: _derivatives(sets, columns, risk_at(beta.tobytes()), own),
        )
        _, information = _derivatives(sets, columns, risk_at(beta.tobytes()), own)
    apart = np.ptp(columns, axis=1) * np.abs(beta)
    covariance: Floats = np.full_like(information, np.nan)
    with suppress(np.linalg.LinAlgError):
        covariance = np.linalg.inv(information).astype(np.float64)
    rising = bool((apart > _INFINITE).any()) or not bool((np.diag(covariance) > 0).all())
    reason = "the likelihood goes on rising: some group or value has no event, or all of them" if rising else None
    return Fit(beta / scale, covariance / np.outer(scale, scale), null, likelihood, reason)


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


def check_proportional(
    sets: RiskSets, covariates: Floats, coefficients: Floats, terms: Sequence[Sequence[int]]
) -> tuple[Inference, ...]:
    """Test whether the hazards of each term, and of all, stay proportional (Grambsch & Therneau 1994; `cox.zph`).

    The score test of a coefficient that changes with one minus the Kaplan-Meier curve of all.

    Parameters
    ----------
    sets, covariates
        As for `fit_cox`.
    coefficients
        Those that it found.
    terms
        The columns of each term.

    Returns
    -------
    tuple of Inference
        Chi-squared of each term, and then of all.

    """
    sets, columns = merge_alike(sets, np.ascontiguousarray(covariates[sets.order].T))
    columns = columns - columns.mean(axis=1)[:, None]
    change = _elapsed(sets)
    change = change - float(change @ sets.tied) / float(sets.tied.sum())
    width = len(columns)
    blocks = np.zeros((2, 2, width, width))
    risk = risk_of(sets, columns, coefficients)
    some = sets.events
    own = sets.counts[some] * change[sets.place[some] - 1]
    score = columns.take(some, axis=1) @ own - mean_sums(sets, columns, risk) @ change
    spreads = _spreads(sets, columns, risk)
    for power in range(3):
        block = spreads @ change**power
        for at in {0: ((0, 0),), 1: ((0, 1), (1, 0)), 2: ((1, 1),)}[power]:
            blocks[at] += block
    information = np.block([[blocks[0, 0], blocks[0, 1]], [blocks[1, 0], blocks[1, 1]]])
    return tuple(_score_test(score, information, width, columns) for columns in [*terms, range(width)])


def _score_test(score: Floats, information: Floats, width: int, columns: Sequence[int]) -> Inference:
    places = [*range(width), *(width + column for column in columns)]
    vector = np.concatenate([np.zeros(width), score[list(columns)]])
    statistic = quadratic(vector, information[np.ix_(places, places)])
    if statistic is None:
        return Inference(reason="the events come at too few different times")
    return Inference(statistic=statistic, df=len(columns), p=chi_squared_upper(statistic, len(columns)))


def risk_of(sets: RiskSets, columns: Floats, beta: Floats) -> Risk:
    """Return the sums that the likelihood is made of."""
    row = (sets.counts * np.exp(beta @ columns)).astype(np.float64)
    at_risk, with_event = sets.at_risk(row), sets.with_event(row)
    return Risk(row, at_risk, with_event, sum_ties(sets, at_risk, with_event))


def _derivatives(sets: RiskSets, columns: Floats, risk: Risk, own: Floats) -> tuple[Floats, Floats]:
    """Return the gradient, from the events' own covariates, and the information.

    Each row weighs by all the events while it was at risk, so that no sum of products is needed for each time.
    """
    weighted = columns * risk.row
    at_risk, tied = sets.at_risk(weighted), sets.with_event(weighted)
    means = at_risk * risk.ties.whole - tied * risk.ties.partly
    gradient = own - means.sum(axis=1)
    weight = sets.seen(risk.ties.whole, risk.ties.partly)
    one, mixed, two = risk.ties.squares
    cross = at_risk @ (tied * mixed).T
    products = at_risk @ (at_risk * one).T - cross - cross.T + tied @ (tied * two).T
    return gradient, (weighted * weight) @ columns.T - products


def mean_sums(sets: RiskSets, columns: Floats, risk: Risk) -> Floats:
    """Return the sum, over the events at each time, of the mean covariates of those at risk."""
    weighted = columns * risk.row
    return sets.at_risk(weighted) * risk.ties.whole - sets.with_event(weighted) * risk.ties.partly


def _spreads(sets: RiskSets, columns: Floats, risk: Risk) -> Floats:
    """Return the sum, over the events at each time, of the covariances of those at risk."""
    weighted = columns * risk.row
    at_risk, tied = sets.at_risk(weighted), sets.with_event(weighted)
    one, mixed, two = risk.ties.squares
    width = len(columns)
    spreads = np.empty((width, width, len(sets.tied)))
    for i in range(width):
        for j in range(i + 1):
            products = weighted[i] * columns[j]
            squares = sets.at_risk(products) * risk.ties.whole - sets.with_event(products) * risk.ties.partly
            squares -= at_risk[i] * at_risk[j] * one + tied[i] * tied[j] * two
            squares += (at_risk[i] * tied[j] + tied[i] * at_risk[j]) * mixed
            spreads[i, j] = spreads[j, i] = squares
    return spreads


def _elapsed(sets: RiskSets) -> Floats:
    """Return, of each time with events, one minus the share of all without an event just before it."""
    times, place = np.unique(sets.time, return_inverse=True)
    events = np.bincount(place, sets.counts * sets.event, len(times))
    everyone = np.bincount(place, sets.counts, len(times))
    at_risk = np.cumsum(everyone[::-1])[::-1]
    before = np.concatenate([[1.0], np.cumprod(1.0 - events / at_risk)[:-1]])
    return 1.0 - before[place[sets.first]]
