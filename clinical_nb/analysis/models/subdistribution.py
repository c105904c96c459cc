"""Fine and Gray's hazard of an event that another competes with, by Newton's method on counted patterns.

Those with the competing event stay at risk, with the weight that they would not have been censored yet.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.models.cox import Fit, climb

_ENOUGH = 1e-12
_INFINITE = 12.0  # a log hazard ratio between two rows that the likelihood only ever approaches
EVENT, COMPETING = 1, 2


@dataclass(frozen=True)
class Rows:
    """Rows sorted by time: how many have each, what ended it (0 where it was censored), and their covariates."""

    time: Floats
    ended: NDArray[np.int64]
    covariates: Floats
    counts: Floats

    @cached_property
    def times(self) -> Floats:
        """The distinct times of the event."""
        return np.unique(self.time[self.ended == EVENT])

    @cached_property
    def deaths(self) -> Floats:
        """How many had the event at each of them."""
        some = self.ended == EVENT
        places = np.searchsorted(self.times, self.time[some])
        return np.bincount(places, self.counts[some], len(self.times)).astype(np.float64)

    @cached_property
    def before(self) -> NDArray[np.int64]:
        """Where the rows at and behind each time of the event begin."""
        return np.searchsorted(self.time, self.times, side="left")

    @cached_property
    def uncensored(self) -> Floats:
        """The share not censored just before each row's time, by Kaplan and Meier."""
        curve = np.cumprod(1 - self.lost / self.watched)
        return np.concatenate([[1.0], curve[:-1]])[self.place]

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """The place of each row's time among all distinct ones."""
        return np.unique(self.time, return_inverse=True)[1].reshape(-1)

    @cached_property
    def lost(self) -> Floats:
        """How many were censored at each distinct time."""
        return np.bincount(self.place, self.counts * (self.ended == 0)).astype(np.float64)

    @cached_property
    def watched(self) -> Floats:
        """How many were followed up to each distinct time."""
        return np.cumsum(np.bincount(self.place, self.counts)[::-1])[::-1].astype(np.float64)

    @cached_property
    def weight(self) -> Floats:
        """The share not censored just before each time of the event."""
        return self.uncensored[self.before]


def sort_rows(time: Floats, ended: NDArray[np.int64], covariates: Floats, counts: Counts) -> Rows:
    """Return rows in the order of their times."""
    order = np.lexsort((ended, time))
    return Rows(time[order], ended[order], covariates[order], counts[order].astype(np.float64))


def fit_subdistribution(strata: Sequence[Rows]) -> Fit:
    """Fit Fine and Gray's model (1999), Breslow's ties, with their robust covariance; R's `cmprsk::crr`.

    Each of several strata has a hazard and a censoring of its own (Zhou et al. 2011); R's `survival::finegray` and
    `coxph` with `strata`.

    Parameters
    ----------
    strata
        With covariates of which none is a combination of others, and at least one event in one of them.

    """
    centre = np.average(
        np.concatenate([rows.covariates for rows in strata]),
        axis=0,
        weights=np.concatenate([rows.counts for rows in strata]),
    )
    told = [  # where there is no event nothing is compared
        Rows(rows.time, rows.ended, rows.covariates - centre, rows.counts) for rows in strata if len(rows.times)
    ]
    beta, null, likelihood = climb(
        len(centre),
        lambda beta: sum(_likelihood(rows, beta) for rows in told),
        lambda beta: _sum_derivatives(told, beta),
        _ENOUGH,
    )
    apart = np.max([np.ptp(rows.covariates, axis=0) for rows in told], axis=0) * np.abs(beta)
    covariance: Floats = np.full((len(beta), len(beta)), np.nan)
    with suppress(np.linalg.LinAlgError):
        inverse = np.linalg.inv(_sum_derivatives(told, beta)[1])
        middle = np.sum([_spread_of_scores(rows, beta) for rows in told], axis=0)
        covariance = (inverse @ middle @ inverse).astype(np.float64)
    rising = bool((apart > _INFINITE).any()) or not bool((np.diag(covariance) > 0).all())
    reason = "the likelihood goes on rising: some group or value has no event, or all of them" if rising else None
    return Fit(beta, covariance, null, likelihood, reason)


def _sum_derivatives(strata: Sequence[Rows], beta: Floats) -> tuple[Floats, Floats]:
    found = [_derivatives(rows, beta) for rows in strata]
    return np.sum([each for each, _ in found], axis=0), np.sum([each for _, each in found], axis=0)


def _behind(values: Floats, rows: Rows) -> Floats:
    """Return the sum of the rows at and behind each time of the event."""
    padded = np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], np.zeros_like(values[:1])])
    return padded[rows.before]


def _gone(values: Floats, rows: Rows, places: NDArray[np.int64]) -> Floats:
    """Return the sum of the rows before some places that had the competing event, each over its own weight."""
    competing = np.where(rows.ended == COMPETING, 1 / np.where(rows.ended == COMPETING, rows.uncensored, 1.0), 0.0)
    weighted = values * competing.reshape(-1, *[1] * (values.ndim - 1))
    return np.concatenate([np.zeros_like(values[:1]), np.cumsum(weighted, axis=0)])[places]


def _at_risk(values: Floats, rows: Rows) -> Floats:
    """Return the weighted sum of those at risk at each time of the event."""
    weight = rows.weight.reshape(-1, *[1] * (values.ndim - 1))
    return _behind(values, rows) + weight * _gone(values, rows, rows.before)


def _likelihood(rows: Rows, beta: Floats) -> float:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        score = rows.covariates @ beta
        own = float((score * rows.counts * (rows.ended == EVENT)).sum())
        return own - float((rows.deaths * np.log(_at_risk(rows.counts * np.exp(score), rows))).sum())


def _sums(rows: Rows, beta: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each row's risk, and at each time of the event its step of the hazard and the mean covariates."""
    risk = np.exp(rows.covariates @ beta)
    whole = _at_risk(rows.counts * risk, rows)
    means = _at_risk(rows.covariates * (rows.counts * risk)[:, None], rows) / whole[:, None]
    return risk, rows.deaths / whole, means


def _seen(rows: Rows, steps: Floats) -> Floats:
    """Return for each row the sum of some steps at the times of the event while it was at risk, weighted."""
    shape = [1] * (steps.ndim - 1)
    until = np.searchsorted(rows.times, rows.time, side="right")
    so_far = np.concatenate([np.zeros_like(steps[:1]), np.cumsum(steps, axis=0)])[until]
    weighted = steps * rows.weight.reshape(-1, *shape)
    later = np.concatenate([np.cumsum(weighted[::-1], axis=0)[::-1], np.zeros_like(steps[:1])])[until]
    stays = rows.ended == COMPETING
    share = np.where(stays, 1 / np.where(stays, rows.uncensored, 1.0), 0.0)
    return so_far + later * share.reshape(-1, *shape)


def _derivatives(rows: Rows, beta: Floats) -> tuple[Floats, Floats]:
    risk, steps, means = _sums(rows, beta)
    own = rows.counts * (rows.ended == EVENT)
    gradient = (rows.covariates * own[:, None]).sum(axis=0) - (means * rows.deaths[:, None]).sum(axis=0)
    weight = rows.counts * risk * _seen(rows, steps)
    information = (rows.covariates * weight[:, None]).T @ rows.covariates
    return gradient, information - (means * rows.deaths[:, None]).T @ means


def _spread_of_scores(rows: Rows, beta: Floats) -> Floats:
    """Return the squares of each row's part of the score, with what it says of being censored."""
    risk, steps, means = _sums(rows, beta)
    event = rows.ended == EVENT
    place = np.minimum(np.searchsorted(rows.times, rows.time), len(rows.times) - 1)
    own = np.where(event[:, None], rows.covariates - means[place], 0.0)
    hazard, drift = _seen(rows, steps), _seen(rows, steps[:, None] * means)
    parts = own - risk[:, None] * (rows.covariates * hazard[:, None] - drift) + _censoring(rows, risk, steps, means)
    return ((parts * rows.counts[:, None]).T @ parts).astype(np.float64)


def _censoring(rows: Rows, risk: Floats, steps: Floats, means: Floats) -> Floats:
    """Return what each row adds because the weights are estimated too: psi in Fine and Gray's notation."""
    every = np.unique(rows.time)
    begins = np.searchsorted(rows.time, every, side="left")
    gone = _gone(rows.counts * risk, rows, begins)
    moved = _gone(rows.covariates * (rows.counts * risk)[:, None], rows, begins)
    later = np.searchsorted(rows.times, every, side="left")
    weighted = steps * rows.weight
    rest = np.concatenate([np.cumsum(weighted[::-1])[::-1], [0.0]])[later]
    rest_means = np.concatenate(
        [np.cumsum((weighted[:, None] * means)[::-1], axis=0)[::-1], np.zeros((1, means.shape[1]))]
    )[later]
    q = moved * rest[:, None] - rest_means * gone[:, None]
    drift = np.cumsum(q * (rows.lost / rows.watched**2)[:, None], axis=0)
    jump = np.where((rows.ended == 0)[:, None], (q / rows.watched[:, None])[rows.place], 0.0)
    return jump - drift[rows.place]
