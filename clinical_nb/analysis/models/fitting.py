"""How a model of each family is fitted, with the errors that were asked for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.glm import Model, Outcome, fit_firth, fit_linear, fit_logistic, fit_poisson
from clinical_nb.analysis.models.negative_binomial import fit_negative_binomial
from clinical_nb.analysis.models.ordinal import fit_ordinal
from clinical_nb.analysis.models.sandwich import with_clustered_errors, with_robust_errors
from clinical_nb.plan import Family, Regress

_FITTERS = {
    "linear": fit_linear,
    "logistic": fit_logistic,
    "poisson": fit_poisson,
    "negative_binomial": fit_negative_binomial,
    "ordinal": fit_ordinal,
}


@dataclass(frozen=True, slots=True)
class Explained:
    """The outcome as numbers; the level that is the event and the rows with it; which rows are of one person."""

    outcome: Outcome
    level: str | None = None
    events: int = 0
    clusters: NDArray[np.int64] | None = None


def fit_model(plan: Regress, matrix: Floats, explained: Explained) -> Model:
    """Fit a model of a plan's family; a logistic one that has no maximum by Firth's penalty."""
    model = fit_family(plan.family, matrix, explained.outcome)
    if model.penalised or model.reason:
        return model
    if plan.errors == "robust":
        return with_robust_errors(model, matrix, explained.outcome, plan.family)
    if explained.clusters is not None:
        return with_clustered_errors(model, matrix, explained.outcome, plan.family, explained.clusters)
    return model


def fit_likelihood(family: Family, matrix: Floats, outcome: Outcome) -> Model:
    """Fit a model by its own likelihood, or say that this has no maximum."""
    return _FITTERS[family](matrix, outcome)


def fit_family(family: Family, matrix: Floats, outcome: Outcome) -> Model:
    """Fit a model with the errors that it supposes; a logistic one that has no maximum by Firth's penalty."""
    model = fit_likelihood(family, matrix, outcome)
    return fit_firth(matrix, outcome) if family == "logistic" and model.reason else model
