"""Counts that vary more than Poisson's model supposes: the negative binomial model, by maximum likelihood."""

import math

import numpy as np

from clinical_nb.analysis.arithmetic.tails import digamma, log_gamma, trigamma
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.glm import ENDLESS, Model, Outcome, fit_poisson, no_model, scale_columns

_STEPS = 200
_HALVINGS = 40
_SMALL = 1e-10
_FARTHEST = 30.0  # the logarithm of a rate that nothing has
_LARGEST = 1e7  # a shape beyond which the model is Poisson's
NO_MORE = "the counts vary no more than Poisson's model supposes: ask for it"


def fit_negative_binomial(matrix: Floats, outcome: Outcome) -> Model:
    """Maximise the likelihood of counts whose variance is mu + mu**2 / shape; R's `MASS::glm.nb`.

    Its errors take the shape as known, as `summary` of R's has it.
    """
    start = fit_poisson(matrix, outcome)
    if start.reason:
        return start
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    linear = np.log(start.expected) - outcome.offset
    beta: Floats = np.linalg.lstsq(columns * np.sqrt(weights)[:, None], linear * np.sqrt(weights), rcond=None)[
        0
    ].astype(np.float64)
    shape = outcome.n / float((weights * (outcome.values / start.expected - 1) ** 2).sum())
    best = _likelihood(columns @ beta, shape, outcome)
    for _ in range(_STEPS):
        try:
            step, information = _slopes(columns, beta, shape, outcome)
        except np.linalg.LinAlgError:
            return no_model(matrix, ENDLESS)
        beta, moved = _climb(columns, beta, step, shape, outcome)
        shape = _fit_shape(np.exp(columns @ beta + outcome.offset), shape, outcome)
        found = _likelihood(columns @ beta, shape, outcome)
        if not shape < _LARGEST:
            return no_model(matrix, NO_MORE)
        if float(np.abs(columns @ beta).max()) > _FARTHEST:
            return no_model(matrix, ENDLESS)
        if moved < _SMALL and abs(found - best) <= abs(best) * 1e-15 + 1e-12:
            break
        best = found
    else:
        return no_model(matrix, ENDLESS)
    _, information = _slopes(columns, beta, shape, outcome)
    covariance = np.linalg.inv(information)[1:, 1:] / np.outer(scale, scale)
    expected: Floats = np.exp(columns @ beta + outcome.offset)
    coefficients: Floats = beta[1:] / scale
    likelihood = _likelihood(columns @ beta, shape, outcome)
    return Model(coefficients, covariance, expected, likelihood, shape=shape)


def _slopes(columns: Floats, beta: Floats, shape: float, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return Fisher's step and his information."""
    mean = np.exp(columns @ beta + outcome.offset)
    widened = 1 + mean / shape
    score = columns.T @ (outcome.counts * (outcome.values - mean) / widened)
    information: Floats = (columns * (outcome.counts * mean / widened)[:, None]).T @ columns
    return np.asarray(np.linalg.solve(information, score), dtype=np.float64), information


def _climb(columns: Floats, beta: Floats, step: Floats, shape: float, outcome: Outcome) -> tuple[Floats, float]:
    """Go a step, or a part of it that does not lead down."""
    start = _likelihood(columns @ beta, shape, outcome)
    for _ in range(_HALVINGS):
        if _likelihood(columns @ (beta + step), shape, outcome) >= start - abs(start) * 1e-13:
            break
        step = step / 2
    return beta + step, float(np.abs(step).max())


def _fit_shape(mean: Floats, shape: float, outcome: Outcome) -> float:
    """Maximise the likelihood over the shape by Newton's method on its logarithm."""
    y, weights = outcome.values, outcome.counts.astype(np.float64)
    for _ in range(_STEPS):
        total = y + shape
        own = np.array([shape])
        slopes = digamma(total) - digamma(own) + math.log(shape) + 1 - np.log(shape + mean) - total / (shape + mean)
        bends = trigamma(own) - trigamma(total) - 1 / shape + 2 / (shape + mean) - total / (shape + mean) ** 2
        slope, bend = float((weights * slopes).sum()), float((weights * bends).sum())
        curved = shape * shape * bend - shape * slope
        step = shape * slope / curved if curved > 0 else math.copysign(1.0, slope)
        shape *= math.exp(max(-2.0, min(2.0, step)))
        if abs(step) < _SMALL or shape > _LARGEST:
            break
    return shape


def _likelihood(linear: Floats, shape: float, outcome: Outcome) -> float:
    y = outcome.values
    mean = np.exp(linear + outcome.offset)
    each = log_gamma(y + shape) - math.lgamma(shape) - log_gamma(y + 1) + shape * math.log(shape)
    each = each + y * (linear + outcome.offset) - (shape + y) * np.log(shape + mean)
    return float((outcome.counts * each).sum())
