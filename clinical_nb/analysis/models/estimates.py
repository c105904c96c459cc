"""Each term of a model alone and beside the others: its estimates against their reference, and a test of its levels."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.quadratic import quadratic
from clinical_nb.analysis.arithmetic.tails import (
    Z95,
    chi_squared_upper,
    f_upper,
    normal_two_sided,
    t_critical,
    t_two_sided,
)
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.design import Design, Term
from clinical_nb.analysis.models.glm import Model
from clinical_nb.result import Note, Statistic

Fit = Callable[[Floats], Model]
ALIASED = "it cannot be told apart from the other terms"
_ENOUGH_EVENTS = 10
_NOTHING = "nothing is left over to estimate its error from"
_PENALISED = "by Firth's penalised likelihood"


@dataclass(frozen=True, slots=True)
class Estimates:
    """The statistics of the terms of a model, and the model itself."""

    statistics: list[Statistic]
    model: Model
    alone: tuple[Model, ...]


def estimate_terms(design: Design, fit: Fit, *, ratios: bool) -> Estimates:
    """Fit a model of each term alone and one of all, on the same rows.

    Contexts: "unadjusted" and "adjusted", a row a number or level, whose group is the reference; "term_test" of each
    term with several levels, and "model_test" of all terms.

    Parameters
    ----------
    design
        The terms.
    fit
        What fits columns to the outcome.
    ratios
        Whether estimates are logarithms of ratios, which the results show.

    """
    whole = fit(design.fitted)
    alone = tuple(fit(design.alone(place)[1]) for place in range(len(design.terms)))
    statistics: list[Statistic] = []
    for place, term in enumerate(design.terms):
        statistics += _write(term, design, place, (alone[place], "unadjusted"), ratios=ratios)
        statistics += _write(term, design, place, (whole, "adjusted"), ratios=ratios)
        places = design.of_term(place)
        if len(places) > 1:
            found = _test(design, whole, places, fit)
            statistics += write_inference("term_test", term.name, found, [(term.name, None)])
    return Estimates(statistics, whole, alone)


def overall_test(design: Design, whole: Model, fit: Fit) -> Inference:
    """Test all terms at once: F of a linear model, the likelihood ratio of others (Wald under a penalty)."""
    return _test(design, whole, list(range(len(design.kept))), fit)


def note_model(design: Design, events: int, noun: str) -> list[Note]:
    """Say what levels are compared with, which columns cannot be told apart, and whether there are few events."""
    notes: list[Note] = []
    references = [
        f"{term.name} with {term.grouping.label(term.reference)}"
        for term in design.terms
        if term.grouping is not None and isinstance(term.variable, str) and term.levels
    ]
    if references:
        notes.append(Note("test", "Compared: {references}.", {"references": ", ".join(references)}))
    dropped = [column for column in range(len(design.columns)) if column not in design.kept]
    if dropped:
        names = [_name(design, column) for column in dropped]
        text = "{columns} cannot be told apart from the other terms in these rows, and has no estimate beside them."
        notes.append(Note("caution", text, {"columns": " and ".join(names)}))
    width = len(design.kept)
    if width and events < _ENOUGH_EVENTS * width:
        text = (
            f"{{events}} {noun} are under 10 for each estimate ({{width}}): the model may fit these rows and no others."
        )
        notes.append(Note("caution", text, {"events": events, "width": width}))
    return notes


def note_penalised(found: Estimates, names: Sequence[str]) -> list[Note]:
    """Say where the likelihood had no maximum, and what was estimated instead."""
    notes: list[Note] = []
    single = [name for name, model in zip(names, found.alone, strict=True) if model.penalised]
    if found.model.penalised or single:
        where = " and ".join([*(["the adjusted model"] if found.model.penalised else []), *single])
        text = (
            "Separation in {where}: some level or value has the outcome never or always, so that the likelihood goes "
            "on rising and has no estimate. Firth's penalised likelihood is given there, with Wald intervals."
        )
        notes.append(Note("caution", text, {"where": where}))
    return notes


def _write(term: Term, design: Design, place: int, fitted: tuple[Model, str], *, ratios: bool) -> list[Statistic]:
    model, context = fitted
    if context == "unadjusted":
        positions = design.alone(place)[0]
    else:
        positions = [design.columns[design.kept[column]][1] for column in design.of_term(place)]
    columns = range(len(positions)) if context == "unadjusted" else design.of_term(place)
    at = dict(zip(positions, columns, strict=True))
    reference = [] if term.grouping is None else [(term.name, term.grouping.text(term.reference))]
    statistics: list[Statistic] = []
    for position, level in enumerate(term.rows):
        weights = np.zeros(len(model.coefficients))
        if position in at:
            weights[at[position]] = 1.0
        found = infer(model, weights, ratios=ratios) if position in at else Inference(reason=ALIASED)
        statistics += write_inference(context, term.name, found, reference, level=level)
    return statistics


def infer(model: Model, weights: Floats, *, ratios: bool) -> Inference:
    """Return a sum of weighted coefficients with its interval and test; the logarithm of a ratio as the ratio."""
    if model.reason:
        return Inference(reason=model.reason)
    value, variance = float(weights @ model.coefficients), float(weights @ model.covariance @ weights)
    if not variance > 0:
        return Inference(reason=_NOTHING)
    error = math.sqrt(variance)
    df = model.df
    critical = Z95 if df is None else t_critical(df)
    bounds = [value, value - critical * error, value + critical * error]
    estimate, low, high = map(_exponential, bounds) if ratios else bounds
    p = normal_two_sided(value / error) if df is None else t_two_sided(value / error, df)
    reason = _PENALISED if model.penalised else None
    return Inference(estimate, low, high, statistic=value / error, df=df, p=p, reason=reason)


def _exponential(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf  # noqa: PLR2004 - what a float holds


def compare_models(whole: Model, places: Sequence[int], reduced: Callable[[], Model]) -> Inference:  # noqa: PLR0911 - one a test
    """Test some columns of a model at once: F or the likelihood ratio, Wald's under a penalty or with robust errors."""
    if whole.reason:
        return Inference(reason=whole.reason)
    freedom = len(places)
    if whole.penalised or whole.wald:
        statistic = quadratic(whole.coefficients[list(places)], whole.covariance[np.ix_(places, places)])
        if statistic is None:
            return Inference(reason=_NOTHING)
        if whole.df is not None:
            f = statistic / freedom
            return Inference(statistic=f, df=freedom, df2=whole.df, p=f_upper(f, freedom, whole.df), reason="Wald")
        return Inference(statistic=statistic, df=freedom, p=chi_squared_upper(statistic, freedom), reason="Wald")
    without = reduced()
    if without.reason or without.penalised:  # its likelihood is none, or of another kind
        return Inference(reason="the model without it has no maximum")
    if whole.df is not None:
        if not whole.residual or whole.df < 1:
            return Inference(reason="nothing is left to test it against")
        f = (without.residual - whole.residual) / freedom / (whole.residual / whole.df)
        return Inference(statistic=f, df=freedom, df2=whole.df, p=f_upper(f, freedom, whole.df))
    statistic = max(0.0, 2 * (whole.likelihood - without.likelihood))
    return Inference(statistic=statistic, df=freedom, p=chi_squared_upper(statistic, freedom))


def _test(design: Design, whole: Model, places: Sequence[int], fit: Fit) -> Inference:
    others = [column for column in range(len(design.kept)) if column not in places]
    return compare_models(whole, places, lambda: fit(design.fitted[:, others]))


def _name(design: Design, column: int) -> str:
    place, position = design.columns[column]
    level = design.terms[place].rows[position]
    return design.terms[place].name if level is None else f"{design.terms[place].name} {level}"
