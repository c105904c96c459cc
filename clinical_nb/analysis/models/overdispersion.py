"""Counts that vary more than Poisson's model supposes: how much more, and which model is reported instead."""

from dataclasses import dataclass, replace

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.models.design import Design
from clinical_nb.analysis.models.estimates import infer
from clinical_nb.analysis.models.fitting import Explained, fit_family
from clinical_nb.analysis.models.glm import Model, Outcome
from clinical_nb.analysis.models.sandwich import with_robust_errors
from clinical_nb.plan import Regress, name_of
from clinical_nb.result import Note, Statistic

OVERDISPERSED = 1.5  # squared residuals for each degree of freedom
_VERDICT = 0.05
_NARROW = "its own intervals are too narrow and its p too small"


@dataclass(frozen=True, slots=True)
class Settled:
    """The model that is fitted for a plan, what is told of how counts vary, and why this one (empty: as usual)."""

    plan: Regress
    statistics: tuple[Statistic, ...] = ()
    notes: tuple[Note, ...] = ()
    why: tuple[Note, ...] = ()


def dispersion_of(model: Model, outcome: Outcome, estimates: int) -> float:
    """Return Pearson's dispersion: squared residuals over what is expected, for each degree of freedom."""
    squares = outcome.counts * (outcome.values - model.expected) ** 2 / model.expected
    return float(squares.sum()) / (outcome.n - estimates - 1)


def settle_model(plan: Regress, design: Design, explained: Explained) -> Settled:
    """Return the model of counts that is reported: Poisson's unless the counts vary too much for it.

    Then it is a negative binomial model, and where that cannot be fitted Poisson's with robust errors; a plan that asks
    for errors or intervals by name keeps them. Context "dispersion", of Poisson's model.
    """
    if plan.family != "poisson" or not isinstance(plan.outcome, str):
        return Settled(plan)  # how much a yes or no varies says nothing of its dispersion
    outcome = explained.outcome
    model = fit_family("poisson", design.fitted, outcome)
    if model.reason:
        return Settled(plan)
    dispersion = dispersion_of(model, outcome, len(design.kept))
    written = tuple(write_inference("dispersion", name_of(plan.outcome), Inference(estimate=dispersion), ()))
    if dispersion <= OVERDISPERSED:
        return Settled(plan, written)
    facts = {"dispersion": dispersion}
    if plan.errors in ("robust", "clustered"):
        text = "The counts vary {dispersion} times as much as Poisson's model supposes, which these errors allow for."
        return Settled(plan, written, (Note("assumption", text, facts),))
    return replace(_settle_wide(plan, design, explained, model, facts), statistics=written)


def _settle_wide(plan: Regress, design: Design, explained: Explained, model: Model, facts: dict[str, float]) -> Settled:
    """Return what is reported of counts that vary too much for Poisson's model."""
    outcome = explained.outcome
    wider = fit_family("negative_binomial", design.fitted, outcome)
    if plan.errors or plan.intervals:
        text = (
            f"The counts vary {{dispersion}} times as much as Poisson's model supposes: {_NARROW}. They are given as "
            "asked for; a negative binomial model or robust errors are not misled."
        )
        notes = (Note("caution", text, facts), *_note_other(design, model, wider, "A negative binomial model"))
        return Settled(plan, notes=notes)
    robust = with_robust_errors(model, design.fitted, outcome, "poisson")
    if wider.reason:
        text = (
            "Poisson's model with robust errors (HC0), because the counts vary {dispersion} times as much as it "
            "supposes, and a negative binomial model cannot be fitted: estimates are ratios of rates."
        )
        notes = _note_other(design, robust, model, "Poisson's own errors", misled=True)
        return Settled(replace(plan, errors="robust"), notes=notes, why=(Note("test", text, facts),))
    text = (
        "A negative binomial model, because the counts vary {dispersion} times as much as Poisson's model supposes: "
        "estimates are ratios of rates with Wald intervals."
    )
    notes = (
        *_note_other(design, wider, model, "Poisson's own errors", misled=True),
        *_note_other(design, wider, robust, "Poisson's model with robust errors"),
    )
    return Settled(replace(plan, family="negative_binomial"), notes=notes, why=(Note("test", text, facts),))


def _note_other(design: Design, one: Model, other: Model, name: str, *, misled: bool = False) -> tuple[Note, ...]:
    """Say what another model finds of the first term, and whether its verdict is another."""
    weights = np.eye(len(design.kept))[0]
    reported, found = (infer(each, weights, ratios=True) for each in (one, other))
    if reported.p is None or found.p is None:
        return ()
    changes = (reported.p < _VERDICT) != (found.p < _VERDICT)
    effect = "that changes the verdict at 0.05" if changes else "the verdict at 0.05 is the same"
    found_by = f"{name} would give" if misled else f"{name} finds"
    narrow = ", too narrow" if misled else ""
    text = f"{found_by} a rate ratio of {{ratio}} ({{low}} to {{high}}{narrow}) of {{term}}, p = {{p}}: {effect}."
    facts = {
        "ratio": found.estimate, "low": found.low, "high": found.high, "term": design.terms[0].name, "p": found.p
    }  # fmt: skip
    return (Note("alternative", text, {key: value for key, value in facts.items() if value is not None}),)
