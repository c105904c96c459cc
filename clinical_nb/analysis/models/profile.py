"""Profile intervals: where the likelihood falls by as much as chance lets it, the other terms fitted anew each time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from clinical_nb.analysis.arithmetic.tails import Z95
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.design import Design
from clinical_nb.analysis.models.fitting import fit_likelihood
from clinical_nb.analysis.models.glm import Model, Outcome
from clinical_nb.plan import Family
from clinical_nb.result import Statistic

_STEPS = 60
_WIDER = 12  # doublings of a Wald interval beyond which there is no bound


def with_profile(
    statistics: Sequence[Statistic], design: Design, model: Model, outcome: Outcome, family: Family
) -> list[Statistic]:
    """Return the statistics with the adjusted estimates' intervals by profile; R's `confint(glm)`, exactly.

    A bound that the likelihood does not have is null.
    """
    bounds: dict[tuple[str, str | None], tuple[float | None, float | None]] = {}
    for column, kept in enumerate(design.kept):
        place, position = design.columns[kept]
        term = design.terms[place]
        bounds[term.name, term.rows[position]] = _bounds(design.fitted, column, model, outcome, family)
    sides = {"conf.low": 0, "conf.high": 1}
    written: list[Statistic] = []
    for row in statistics:
        found = bounds.get((row.variable or "", row.variable_level))
        if row.context != "adjusted" or row.stat_name not in sides or found is None:
            written.append(row)
            continue
        bound = found[sides[row.stat_name]]
        reason = "the likelihood has no bound there" if bound is None else None
        written.append(replace(row, stat=None if bound is None else math.exp(bound), warning=reason))
    return written


def _bounds(
    matrix: Floats, column: int, model: Model, outcome: Outcome, family: Family
) -> tuple[float | None, float | None]:
    value = float(model.coefficients[column])
    error = math.sqrt(float(model.covariance[column, column]))
    others = np.delete(matrix, column, axis=1)
    own = matrix[:, column] - np.average(matrix[:, column], weights=outcome.counts)  # so that offsets stay near 0

    def fall(at: float) -> float:
        fitted = fit_likelihood(family, others, replace(outcome, offset=outcome.offset + at * own))
        if fitted.reason:
            return math.inf
        return 2 * (model.likelihood - fitted.likelihood) - Z95 * Z95

    return _bound(fall, value, -Z95 * error), _bound(fall, value, Z95 * error)


def _bound(fall: Callable[[float], float], value: float, step: float) -> float | None:
    """Return where the likelihood has fallen enough, on one side of the estimate."""
    inner, outer = value, value + step
    for _ in range(_WIDER):
        if fall(outer) > 0:
            break
        inner, outer = outer, outer + (outer - value)
    else:
        return None
    for _ in range(_STEPS):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if fall(middle) < 0 else (inner, middle)
        if abs(outer - inner) <= 1e-12 * max(1.0, abs(outer)):
            break
    return (inner + outer) / 2 if math.isfinite(fall(outer)) else None  # else it lies where no model could be fitted
