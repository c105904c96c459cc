"""Linear, logistic and Poisson models of counted patterns: least squares and Newton's method, and Firth's penalty.

A row of a pattern weighs as many persons as have it. Columns are centred and scaled for the arithmetic alone.
"""

from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.distribution import Counts, Floats

_STEPS = 30  # where nothing converges by then, rows are told apart at odds of e**30, and steps go on being as long
_PENALISED_STEPS = 1000  # of which each is a fraction of the one before
_HALVINGS = 40
_ENOUGH = 1e-13  # of the logarithm of the likelihood, relative; R stops at 1e-8
_PENALISED_SMALL = 1e-11
_SMALL = 1e-6  # a step of a coefficient of a scaled column; the next one would be its square
ENDLESS = "the likelihood goes on rising: some level or value has the outcome never or always"


@dataclass(frozen=True, slots=True)
class Model:
    """Estimated coefficients without the constant, their covariance, and what each pattern is expected to have.

    `likelihood` is the logarithm of it; `df` are the degrees of freedom that a linear model leaves, `residual` its sum
    of squares. Of a `wald` one the likelihood is of another kind, and tests nothing; `naive` is the covariance that it
    supposes where its errors do not rest on it, `shape` that of a negative binomial model. `reason` says why there is
    no estimate.
    """

    coefficients: Floats
    covariance: Floats
    expected: Floats
    likelihood: float = 0.0
    df: int | None = None
    residual: float = 0.0
    penalised: bool = False
    wald: bool = False
    naive: Floats | None = None
    shape: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model explains: a number for each pattern, its rows, and the logarithm of the time it was counted over."""

    values: Floats
    counts: Counts
    offset: Floats

    @property
    def n(self) -> int:
        """The rows."""
        return int(self.counts.sum())


def fit_linear(matrix: Floats, outcome: Outcome) -> Model:
    """Fit by least squares (`lm`)."""
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    mean = float(np.average(outcome.values, weights=weights))
    root = np.sqrt(weights)
    q, r = np.linalg.qr(scaled * root[:, None])
    centred = outcome.values - mean
    beta = _solve(r, q.T @ (centred * root)) if scaled.shape[1] else np.empty(0)
    rest = centred - scaled @ beta
    residual = float((weights * rest * rest).sum())
    df = outcome.n - 1 - scaled.shape[1]
    inverse = np.linalg.inv(r) if scaled.shape[1] else np.empty((0, 0))
    variance = residual / df if df > 0 else np.nan
    covariance = inverse @ inverse.T * variance / np.outer(scale, scale)
    return Model(beta / scale, covariance, mean + scaled @ beta, df=df, residual=residual)


def fit_logistic(matrix: Floats, outcome: Outcome) -> Model:
    """Maximise the likelihood of yes or no (`glm(family = binomial)`)."""
    return _fit(matrix, outcome, _Binomial())


def fit_poisson(matrix: Floats, outcome: Outcome) -> Model:
    """Maximise the likelihood of counts, with a logarithm as the link (`glm(family = poisson)`)."""
    return _fit(matrix, outcome, _Poisson())


def fit_firth(matrix: Floats, outcome: Outcome) -> Model:
    """Maximise the likelihood times the root of the information (Firth 1993; Heinze & Schemper 2002; `logistf`)."""
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    family, beta = _Binomial(), np.zeros(columns.shape[1])
    penalised, last = _penalised(columns, beta, outcome, family), np.zeros_like(beta)
    for _ in range(_PENALISED_STEPS):
        expected = family.expect(columns @ beta)
        spread = weights * expected * (1 - expected)
        covariance = np.linalg.inv((columns * spread[:, None]).T @ columns)
        leverage = spread * np.einsum("ri,ij,rj->r", columns, covariance, columns)
        score = columns.T @ (weights * (outcome.values - expected) + leverage * (0.5 - expected))
        step = covariance @ score
        if step @ last < 0:  # of a level with one row it goes as far beyond the maximum as it was before it
            step = step / 2
        found = _penalised(columns, beta + step, outcome, family)
        for _ in range(_HALVINGS):
            if np.isfinite(found) and found >= penalised - abs(penalised) * _ENOUGH:
                break
            step = step / 2
            found = _penalised(columns, beta + step, outcome, family)
        beta, penalised, last = beta + step, found, step
        if float(np.abs(step).max()) < _PENALISED_SMALL * max(1.0, float(np.abs(beta).max())):
            break
    else:
        return no_model(matrix, "Firth's penalised likelihood was not maximised")
    covariance = np.linalg.inv(_information(columns, beta, outcome, family))[1:, 1:]
    expected = family.expect(columns @ beta)
    penalised += float(np.log(scale).sum())  # the information of the columns as they came
    return Model(beta[1:] / scale, covariance / np.outer(scale, scale), expected, penalised, penalised=True)


class _Binomial:
    """Yes or no by its odds."""

    def expect(self, linear: Floats) -> Floats:
        return np.where(linear < 0, np.exp(-np.logaddexp(0.0, -linear)), 1.0 / (1.0 + np.exp(-np.abs(linear))))

    def spread(self, expected: Floats) -> Floats:
        return expected * (1 - expected)

    def likelihood(self, linear: Floats, outcome: Outcome) -> float:
        return float((outcome.counts * (outcome.values * linear - np.logaddexp(0.0, linear))).sum())

    def start(self, outcome: Outcome) -> float:
        share = float(np.average(outcome.values, weights=outcome.counts))
        return float(np.log(share / (1 - share))) if 0 < share < 1 else 0.0


class _Poisson:
    """Counts by the logarithm of their mean."""

    def expect(self, linear: Floats) -> Floats:
        return np.exp(linear)

    def spread(self, expected: Floats) -> Floats:
        return expected

    def likelihood(self, linear: Floats, outcome: Outcome) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float((outcome.counts * (outcome.values * linear - np.exp(linear))).sum())

    def start(self, outcome: Outcome) -> float:
        total = float((outcome.values * outcome.counts).sum())
        return float(np.log(total / (outcome.counts * np.exp(outcome.offset)).sum())) if total else 0.0


_Family = _Binomial | _Poisson


def _fit(matrix: Floats, outcome: Outcome, family: _Family) -> Model:
    weights = outcome.counts.astype(np.float64)
    scaled, scale = scale_columns(matrix, weights)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    beta = np.zeros(columns.shape[1])
    beta[0] = family.start(outcome)
    likelihood = family.likelihood(columns @ beta + outcome.offset, outcome)
    for _ in range(_STEPS):
        expected = family.expect(columns @ beta + outcome.offset)
        score = columns.T @ (weights * (outcome.values - expected))
        try:
            step = _solve(_information(columns, beta, outcome, family), score)
        except np.linalg.LinAlgError:
            return no_model(matrix, ENDLESS)
        found = family.likelihood(columns @ (beta + step) + outcome.offset, outcome)
        for _ in range(_HALVINGS):
            if np.isfinite(found) and found >= likelihood - abs(likelihood) * _ENOUGH:
                break
            step = step / 2
            found = family.likelihood(columns @ (beta + step) + outcome.offset, outcome)
        beta, likelihood = beta + step, found
        if float(np.abs(step).max()) < _SMALL:
            break
    else:
        return no_model(matrix, ENDLESS)
    expected = family.expect(columns @ beta + outcome.offset)
    covariance = np.linalg.inv(_information(columns, beta, outcome, family))[1:, 1:]
    coefficients: Floats = beta[1:] / scale
    return Model(coefficients, covariance / np.outer(scale, scale), expected, likelihood)


def _solve(matrix: Floats, vector: Floats) -> Floats:
    return np.linalg.solve(matrix, vector).astype(np.float64)


def _information(columns: Floats, beta: Floats, outcome: Outcome, family: _Family) -> Floats:
    spread = outcome.counts * family.spread(family.expect(columns @ beta + outcome.offset))
    return (columns * spread[:, None]).T @ columns


def _penalised(columns: Floats, beta: Floats, outcome: Outcome, family: _Binomial) -> float:
    sign, determinant = np.linalg.slogdet(_information(columns, beta, outcome, family))
    return family.likelihood(columns @ beta, outcome) + float(determinant) / 2 if sign > 0 else -np.inf


def no_model(matrix: Floats, reason: str) -> Model:
    """Return a model without estimates, and why."""
    rows, width = matrix.shape
    coefficients: Floats = np.full((width,), np.nan)
    covariance: Floats = np.full((width, width), np.nan)
    expected: Floats = np.full((rows,), np.nan)
    return Model(coefficients, covariance, expected, reason=reason)


def scale_columns(matrix: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return columns with mean 0 and SD 1, and their SDs."""
    if not matrix.shape[1]:
        return matrix, np.empty(0)
    centred: Floats = matrix - np.average(matrix, axis=0, weights=weights)
    scale: Floats = np.sqrt(np.average(centred * centred, axis=0, weights=weights))
    return centred / scale, scale
