"""A linear mixed model of means in cells, with an intercept for each person, by restricted maximum likelihood.

Rows of one person share the intercept, so that few sums say all: each cell's rows and values, and of the persons with
so many rows each how their cells and sums go together.
"""

import math
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import f_upper, t_critical, t_two_sided
from clinical_nb.analysis.distribution import Counts, Floats

_STEP = 1e-4  # of the ratio of the variances, relative: second differences are good to 1e-8
_LARGEST = 1e9
_NOTHING = "nothing is left over to estimate its error from"


@dataclass(frozen=True, slots=True)
class CellSums:
    """The sums of a table of persons: `rows` and `values` of each cell, and all values squared.

    Of the persons with each number of rows (`sizes`): how many they are, how often they have two cells together, the
    sums of their values by their cells, and of the squares of these sums.
    """

    rows: Floats
    values: Floats
    squares: float
    sizes: Floats
    persons: Floats
    together: Floats
    sums: Floats
    squared_sums: Floats


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """Estimated means of the cells with their covariance, and the variances of persons and of rows.

    `singular` says that persons do not differ more than their rows do: their variance is 0.
    """

    means: Floats
    covariance: Floats
    between: float
    within: float
    freedom: float
    singular: bool
    slope: Floats
    parameters: Floats

    def contrast(self, weights: Floats) -> Inference:
        """Return a weighted sum of the means, its interval and test by t with Satterthwaite's degrees of freedom."""
        value, variance = float(weights @ self.means), float(weights @ self.covariance @ weights)
        if not variance > 0:
            return Inference(reason=_NOTHING)
        df, error = self._freedom_of(weights), math.sqrt(variance)
        half = t_critical(df) * error
        t = value / error
        return Inference(value, value - half, value + half, statistic=t, df=df, p=t_two_sided(t, df))

    def test(self, contrasts: Floats) -> Inference:
        """Test several weighted sums at once by F (Fai & Cornelius 1996, as `lmerTest::contest` has it)."""
        values, vectors = np.linalg.eigh(contrasts @ self.covariance @ contrasts.T)
        if not values[0] > values[-1] * 1e-12:
            return Inference(reason=_NOTHING)
        turned = vectors.T @ contrasts
        f = float(((turned @ self.means) ** 2 / values).mean())
        each = [self._freedom_of(weights) for weights in turned]
        df = len(contrasts)
        if df == 1:
            df2 = each[0]
        else:
            sure = sum(freedom / (freedom - 2) for freedom in each if freedom > 2)  # noqa: PLR2004 - F has a mean then
            df2 = 2 * sure / (sure - df) if sure > df else 2.0
        return Inference(statistic=f, df=df, df2=df2, p=f_upper(f, df, df2))

    def _freedom_of(self, weights: Floats) -> float:
        if self.singular:
            return self.freedom
        variance = float(weights @ self.covariance @ weights)
        gradient = np.array([float(weights @ self.slope @ weights), variance / self.within])
        return 2 * variance**2 / float(gradient @ self.parameters @ gradient)


def sum_cells(cells: Floats, values: Floats, counts: Counts) -> CellSums:
    """Return the sums of patterns of persons.

    Parameters
    ----------
    cells
        Of each pattern, the place of the cell of each value among all cells.
    values
        Of each pattern, its values, NaN where it has none.
    counts
        The persons with each pattern.

    """
    known = ~np.isnan(values)
    width = int(cells.max()) + 1
    has = np.zeros((len(values), width))
    kept = np.zeros((len(values), width))
    at = np.nonzero(known)
    has[at[0], cells[at].astype(np.int64)] = 1.0
    kept[at[0], cells[at].astype(np.int64)] = values[at]
    sums, sizes = kept.sum(axis=1), known.sum(axis=1)
    weights = counts.astype(np.float64)
    every = np.unique(sizes[sizes > 0])
    of = [sizes == size for size in every]
    return CellSums(
        weights @ has,
        weights @ kept,
        float((weights @ (kept * kept)).sum()),
        every.astype(np.float64),
        np.array([weights[some].sum() for some in of]),
        np.array([(has[some] * weights[some, None]).T @ has[some] for some in of]),
        np.array([(weights[some] * sums[some]) @ has[some] for some in of]),
        np.array([weights[some] @ (sums[some] * sums[some]) for some in of]),
    )


def fit_random_intercept(found: CellSums) -> RandomIntercept | None:
    """Fit the means of the cells and the variances by restricted maximum likelihood; R's `lme4::lmer`, `nlme::lme`.

    None where the rows vary no more than their cells and persons do, so that no variance is left.
    """
    freedom = float(found.rows.sum()) - len(found.rows)
    scale = found.squares - float((found.values**2 / found.rows).sum())
    if freedom <= 0 or not scale > found.squares * 1e-14:
        return None
    ratio, singular = 0.0, True
    if _slope(found, 0.0) < 0:
        high = 1.0
        while _slope(found, high) < 0:
            high *= 4
            if high > _LARGEST:
                return None
        ratio, singular = _find_level(found, high), False
    inverse, means, rest = _solve(found, ratio)
    within = rest / freedom
    step = max(ratio, 1e-6) * _STEP
    curve = (_slope(found, ratio + step) - _slope(found, max(ratio - step, 0.0))) / (step + min(step, ratio))
    weight = 1 / (1 + found.sizes * ratio) ** 2
    bent = inverse @ np.einsum("n,nij->ij", weight, found.together) @ inverse
    # of the ratio and the variance of rows: the inverse of half the second derivatives of the deviance
    fall = -_rest_slope(found, ratio, means) / within**2
    apart = curve + _rest_slope(found, ratio, means) ** 2 / (within * rest)  # the deviance was of the best variance
    information = np.array([[apart, fall], [fall, freedom / within**2]]) / 2
    parameters = np.zeros((2, 2)) if singular else np.array(np.linalg.inv(information), dtype=np.float64)
    return RandomIntercept(
        means, within * inverse, ratio * within, within, freedom, singular, within * bent, parameters
    )


def _find_level(found: CellSums, high: float) -> float:
    """Return where the deviance is level between 0 and a ratio from which on it rises, halved as far as floats go."""
    low = 0.0
    while low < (middle := (low + high) / 2) < high:
        if _slope(found, middle) < 0:
            low = middle
        else:
            high = middle
    return high


def _solve(found: CellSums, ratio: float) -> tuple[Floats, Floats, float]:
    """Return the inverse of the means' information, the means, and the weighted sum of what is left of the values."""
    weight = ratio / (1 + found.sizes * ratio)
    information = np.diag(found.rows) - np.einsum("n,nij->ij", weight, found.together)
    inverse = np.array(np.linalg.inv(information), dtype=np.float64)
    score = found.values - weight @ found.sums
    means = inverse @ score
    away = found.squares - float(weight @ found.squared_sums) - float(means @ score)
    return inverse, means, away


def _rest_slope(found: CellSums, ratio: float, means: Floats) -> float:
    """Return how fast what is left falls as the ratio of the variances grows."""
    weight = 1 / (1 + found.sizes * ratio) ** 2
    squares = found.squared_sums - 2 * found.sums @ means + np.einsum("i,nij,j->n", means, found.together, means)
    return -float(weight @ squares)


def _slope(found: CellSums, ratio: float) -> float:
    """Return the slope of the restricted deviance, of the best variance, in the ratio of the variances."""
    freedom = float(found.rows.sum()) - len(found.rows)
    inverse, means, rest = _solve(found, ratio)
    weight = 1 / (1 + found.sizes * ratio) ** 2
    bent = np.einsum("n,nij->ij", weight, found.together)
    spread = float((found.persons * found.sizes / (1 + found.sizes * ratio)).sum())
    return freedom * _rest_slope(found, ratio, means) / rest + spread - float((inverse * bent).sum())
