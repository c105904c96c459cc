"""Errors of Cox's model that do not rest on it: by what each row, or each person's rows, do to its estimates."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.cox import Fit, risk_of
from clinical_nb.analysis.models.risk_sets import RiskSets


def with_robust_errors(sets: RiskSets, covariates: Floats, fit: Fit, clusters: NDArray[np.int64] | None) -> Fit:
    """Return a fit with the covariance of Lin & Wei (1989); R's `coxph(robust = TRUE)`, or `cluster = ` of persons.

    Parameters
    ----------
    sets, covariates, fit
        As for `fit_cox`, and what it found.
    clusters
        The person of each row, in the order that the rows were given in; None where each row is another one.

    """
    if fit.reason or not covariates.shape[1]:
        return fit
    scores = score_residuals(sets, np.ascontiguousarray(covariates[sets.order].T), fit.coefficients)
    if clusters is None:
        meat = (scores * sets.counts) @ scores.T
    else:
        number = int(clusters.max()) + 1
        sums = np.array([np.bincount(clusters[sets.order], line, number) for line in scores * sets.counts])
        meat = sums @ sums.T
    return replace(fit, covariance=fit.covariance @ meat @ fit.covariance)


def score_residuals(sets: RiskSets, columns: Floats, coefficients: Floats) -> Floats:
    """Return the part of each row, by itself, in the slope of Efron's likelihood; R's `residuals(fit, "score")`."""
    columns = columns - np.average(columns, axis=1, weights=sets.counts)[:, None]
    risk = risk_of(sets, columns, coefficients)
    weighted = columns * risk.row
    at_risk, tied = sets.at_risk(weighted), sets.with_event(weighted)
    one, mixed, two = risk.ties.squares
    seen = sets.seen(risk.ties.whole, risk.ties.partly)
    means = sets.seen(at_risk * one - tied * mixed, at_risk * mixed - tied * two)
    scores = -(columns * seen - means) * (risk.row / sets.counts)
    place = sets.place[sets.events] - 1
    mean = (at_risk * risk.ties.whole - tied * risk.ties.partly) / sets.tied
    scores[:, sets.events] += columns.take(sets.events, axis=1) - mean.take(place, axis=1)
    return scores
