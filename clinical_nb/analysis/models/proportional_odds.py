"""Whether one odds ratio holds at all cuts of ordered levels: Brant's test, and the ratio at each cut."""

from dataclasses import replace

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.design import Design
from clinical_nb.analysis.models.estimates import infer
from clinical_nb.analysis.models.fitting import fit_family
from clinical_nb.analysis.models.glm import Model, Outcome, scale_columns
from clinical_nb.result import Note, Statistic

_VERDICT = 0.05
_NO_FIT = "at some cut a level or value has the outcome never or always"


def describe_cuts(design: Design, outcome: Outcome, name: str) -> tuple[list[Statistic], list[Note]]:
    """Return the odds ratio of the first column at each cut of the levels in two, and whether the model may take one.

    Contexts: "cut" (whose level is the number of the cut), "proportional_odds" of each term and of all (Brant 1990).
    """
    models = _fit_cuts(design, outcome)
    weights = np.eye(len(design.kept))[0]
    found = [infer(model, weights, ratios=True) for model in models]
    statistics: list[Statistic] = []
    for cut, each in enumerate(found, 1):
        statistics += write_inference("cut", name, each, [(design.terms[0].name, None)], level=str(cut))
    ratios = [each.estimate for each in found if each.estimate is not None]
    tests, told = _test(design, outcome, models, name)
    if not ratios:
        return [*statistics, *tests], told
    text = (
        "One odds ratio is supposed wherever the levels are cut in two; by logistic models of each cut that of {term} "
        "goes from {low} to {high}."
    )
    facts = {"term": design.terms[0].name, "low": min(ratios), "high": max(ratios)}
    return [*statistics, *tests], [Note("assumption", text, facts), *told]


def brant(models: list[Model], matrix: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the coefficients of the logistic models of all cuts, one after the other, and their joint covariance.

    Brant 1990 (Biometrics 46, 1171): of cuts j before k, rows weigh P(above k) - P(above j) P(above k).
    """
    scaled, scale = scale_columns(matrix, counts)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    shares = [model.expected for model in models]
    breads = [np.linalg.inv((columns * (counts * p * (1 - p))[:, None]).T @ columns) for p in shares]
    width = matrix.shape[1]
    joint = np.zeros((width * len(models), width * len(models)))
    for j, one in enumerate(shares):
        for k in range(j, len(shares)):
            meat = (columns * (counts * (shares[k] - one * shares[k]))[:, None]).T @ columns
            block = (breads[j] @ meat @ breads[k])[1:, 1:] / np.outer(scale, scale)
            joint[j * width : (j + 1) * width, k * width : (k + 1) * width] = block
            joint[k * width : (k + 1) * width, j * width : (j + 1) * width] = block.T
    return np.concatenate([model.coefficients for model in models]), joint


def _fit_cuts(design: Design, outcome: Outcome) -> list[Model]:
    above = ((outcome.values > cut).astype(np.float64) for cut in range(int(outcome.values.max())))
    return [fit_family("logistic", design.fitted, replace(outcome, values=each)) for each in above]


def _test(design: Design, outcome: Outcome, models: list[Model], name: str) -> tuple[list[Statistic], list[Note]]:
    """Return Brant's test of each term and of all."""
    if any(model.reason or model.penalised for model in models):
        none = write_inference("proportional_odds", name, Inference(reason=_NO_FIT), ())
        text = f"Whether one odds ratio holds at all cuts cannot be tested: {_NO_FIT}."
        return none, [Note("caution", text)]
    beta, covariance = brant(models, design.fitted, outcome.counts.astype(np.float64))
    statistics: list[Statistic] = []
    bent: list[str] = []
    for place, term in enumerate(design.terms):
        if columns := design.of_term(place):
            found = _compare(beta, covariance, columns, len(models))
            statistics += write_inference("proportional_odds", term.name, found, [(term.name, None)])
            bent += [term.name] if found.p is not None and found.p < _VERDICT else []
    overall = _compare(beta, covariance, list(range(len(design.kept))), len(models))
    statistics += write_inference("proportional_odds", name, overall, ())
    if overall.p is None:
        return statistics, [
            Note("caution", f"Brant's test of one odds ratio cannot be made, because {overall.reason}.")
        ]
    notes = [Note("assumption", "Brant's test of one odds ratio at all cuts: p = {p}.", {"p": overall.p})]
    if bent:
        text = (
            "The odds ratio of {terms} does not look the same at all cuts (Brant): it is an average over them. Ask for "
            "the odds of one cut (a logistic model) to see one."
        )
        notes.append(Note("caution", text, {"terms": " and ".join(bent)}))
    return statistics, notes


def _compare(beta: Floats, covariance: Floats, columns: list[int], cuts: int) -> Inference:
    """Test that some columns have the same coefficients at the first cut and at each other one, by Wald's test."""
    width = len(beta) // cuts
    contrasts = np.zeros((len(columns) * (cuts - 1), len(beta)))
    for cut in range(1, cuts):
        for place, column in enumerate(columns):
            row = (cut - 1) * len(columns) + place
            contrasts[row, column], contrasts[row, cut * width + column] = 1.0, -1.0
    apart, spread = contrasts @ beta, contrasts @ covariance @ contrasts.T
    if float(np.linalg.eigvalsh(spread)[0]) <= 0:  # the covariance is an estimate, and of small tables none
        return Inference(reason="the cuts hold too few rows to be told apart")
    statistic = float(apart @ np.linalg.solve(spread, apart))
    return Inference(statistic=statistic, df=len(apart), p=chi_squared_upper(statistic, len(apart)))
