"""Errors of a model that do not rest on its variance: robust ones, and ones of rows that belong together."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.glm import Model, Outcome, scale_columns
from clinical_nb.plan import Family

_NEAR = 1e-10


def with_robust_errors(model: Model, matrix: Floats, outcome: Outcome, family: Family) -> Model:
    """Return a model with heteroscedasticity-consistent errors: HC3 of a linear one, HC0 of others.

    R's `sandwich::vcovHC(lm)` and `sandwich::sandwich(glm)`. Not a number where a row alone decides an estimate.
    """
    if model.reason or not matrix.shape[1]:
        return replace(model, wald=True)
    scaled, scale, bread = _bread(model, matrix, outcome, family)
    rest = outcome.values - model.expected
    if family == "linear":
        leverage = np.einsum("ri,ij,rj->r", scaled, bread, scaled)
        if float(leverage.max()) > 1 - _NEAR:  # a row that the model fits whatever it has
            return _with(model, np.full(bread.shape, np.nan), scale)
        rest = rest / (1 - leverage)
    meat = (scaled * (outcome.counts * rest * rest)[:, None]).T @ scaled
    return _with(model, bread @ meat @ bread, scale)


def with_clustered_errors(
    model: Model, matrix: Floats, outcome: Outcome, family: Family, clusters: NDArray[np.int64]
) -> Model:
    """Return a model with errors that let the rows of a cluster depend on each other; R's `sandwich::vcovCL`.

    Multiplied by G / (G - 1) of G clusters, and in a linear model by (n - 1) / (n - k) as well, which is tested by
    Student's t of G - 1 degrees of freedom (Cameron & Miller 2015): rows of one person do not say as much as others.
    """
    if model.reason or not matrix.shape[1]:
        return replace(model, wald=True)
    scaled, scale, bread = _bread(model, matrix, outcome, family)
    scores = scaled * (outcome.counts * (outcome.values - model.expected))[:, None]
    number = int(clusters.max()) + 1
    sums = np.column_stack([np.bincount(clusters, column, number) for column in scores.T])
    factor = number / (number - 1)
    if family == "linear":
        factor *= (outcome.n - 1) / (outcome.n - scaled.shape[1])
        model = replace(model, df=number - 1)
    return _with(model, bread @ (sums.T @ sums) @ bread * factor, scale)


def _bread(model: Model, matrix: Floats, outcome: Outcome, family: Family) -> tuple[Floats, Floats, Floats]:
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    spread = {"linear": np.ones(len(weights)), "logistic": model.expected * (1 - model.expected)}
    bread: Floats = np.linalg.inv(
        (columns * (weights * spread.get(family, model.expected))[:, None]).T @ columns
    ).astype(np.float64)
    return columns, scale, bread


def _with(model: Model, covariance: Floats, scale: Floats) -> Model:
    slopes: Floats = covariance[1:, 1:] / np.outer(scale, scale)
    return replace(model, covariance=slopes, naive=model.covariance, wald=True)
