"""Levels in an order explained by several terms: the proportional odds model, by Newton's method."""

import numpy as np

from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.models.glm import ENDLESS, Model, Outcome, no_model, scale_columns

_STEPS = 50
_HALVINGS = 40
_SMALL = 1e-9
_FARTHEST = 30.0  # logarithms of odds between two rows: beyond, it is separation that is on its way to no end


def fit_ordinal(matrix: Floats, outcome: Outcome) -> Model:
    """Maximise the likelihood of ordered levels, 0 the lowest; R's `MASS::polr`.

    A coefficient is the logarithm of the odds ratio of a higher level, the same wherever the levels are cut in two.
    """
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    levels: Counts = outcome.values.astype(np.int64)
    cuts = int(levels.max())
    below = np.array([float(weights[levels <= cut].sum()) for cut in range(cuts)]) / weights.sum()
    found: Floats = np.concatenate([np.log(below / (1 - below)), np.zeros(scaled.shape[1])])
    upper, lower = (_places(levels + shift, cuts, scaled) for shift in (0, -1))
    likelihood = _likelihood(upper, lower, levels, cuts, found, weights)
    information = np.eye(len(found))
    for _ in range(_STEPS):
        slope, information = _slopes(upper, lower, levels, cuts, found, weights)
        if not np.isfinite(information).all():
            return no_model(matrix, ENDLESS)
        try:
            step = np.asarray(np.linalg.solve(information, slope), dtype=np.float64)
        except np.linalg.LinAlgError:
            return no_model(matrix, ENDLESS)
        next_one = _likelihood(upper, lower, levels, cuts, found + step, weights)
        for _ in range(_HALVINGS):
            if np.isfinite(next_one) and next_one >= likelihood - abs(likelihood) * 1e-13:
                break
            step = step / 2
            next_one = _likelihood(upper, lower, levels, cuts, found + step, weights)
        found, likelihood = found + step, next_one
        if scaled.shape[1] and float(np.ptp(scaled @ found[cuts:])) > _FARTHEST:
            return no_model(matrix, ENDLESS)
        if float(np.abs(step).max()) < _SMALL:
            break
    else:
        return no_model(matrix, ENDLESS)
    _, information = _slopes(upper, lower, levels, cuts, found, weights)
    covariance = np.linalg.inv(information)[cuts:, cuts:] / np.outer(scale, scale)
    coefficients: Floats = found[cuts:] / scale
    return Model(coefficients, covariance, outcome.values, likelihood)


def _places(cut: Counts, cuts: int, scaled: Floats) -> Floats:
    """Return what an end of each level's interval depends on: its cut, less the terms; nothing at the outer ends."""
    inside = (cut >= 0) & (cut < cuts)
    hot = np.zeros((len(cut), cuts))
    hot[np.flatnonzero(inside), cut[inside]] = 1.0
    return np.column_stack([hot, -scaled * inside[:, None]])


def _ends(upper: Floats, lower: Floats, levels: Counts, cuts: int, found: Floats) -> tuple[Floats, Floats]:
    high = np.where(levels < cuts, upper @ found, np.inf)
    low = np.where(levels > 0, lower @ found, -np.inf)
    return high, low


def _likelihood(upper: Floats, lower: Floats, levels: Counts, cuts: int, found: Floats, weights: Floats) -> float:  # noqa: PLR0913, PLR0917 - the model's parts
    high, low = _ends(upper, lower, levels, cuts, found)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float((weights * np.log(_share(high, low))).sum())


def _slopes(  # noqa: PLR0913, PLR0917 - the model's parts
    upper: Floats, lower: Floats, levels: Counts, cuts: int, found: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Return the slope of the likelihood and the observed information."""
    high, low = _ends(upper, lower, levels, cuts, found)
    share = _share(high, low)
    (at_high, bent_high), (at_low, bent_low) = _density(high), _density(low)
    with np.errstate(divide="ignore", invalid="ignore"):  # where separation leaves no share, which is found out below
        a, b = at_high / share, at_low / share
        bent_high, bent_low = bent_high / share, bent_low / share
    slope: Floats = upper.T @ (weights * a) - lower.T @ (weights * b)
    mixed = (upper * (weights * a * b)[:, None]).T @ lower
    information: Floats = (upper * (weights * (a * a - bent_high))[:, None]).T @ upper
    information += (lower * (weights * (b * b + bent_low))[:, None]).T @ lower
    return slope, information - mixed - mixed.T


def _share(high: Floats, low: Floats) -> Floats:
    """Return the logistic probability between two ends, whose tails are the same on either side."""
    turned = low > 0  # where both lie far above, their difference would lose its digits
    one, other = np.where(turned, -low, high), np.where(turned, -high, low)
    return _below(one) - _below(other)


def _below(value: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-value)), dtype=np.float64)


def _density(value: Floats) -> tuple[Floats, Floats]:
    """Return the logistic density and its slope."""
    below = _below(value)
    density: Floats = below * (1 - below)
    return density, density * (1 - 2 * below)
