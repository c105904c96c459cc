"""Whether the first term of a model has another effect by another term: products, and the effect at each level."""

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.design import Design, Term, find_independent
from clinical_nb.analysis.models.estimates import Fit, compare_models, infer
from clinical_nb.analysis.models.glm import Model
from clinical_nb.plan import Variable
from clinical_nb.result import Note, Statistic

_VERDICT = 0.05
_ALIASED = "no row tells it apart from the terms themselves"


def find_interactions(
    design: Design, whole: Model, fit: Fit, modifiers: tuple[Variable, ...], *, ratios: bool
) -> tuple[list[Statistic], list[Note]]:
    """Add the products of the first term and each modifier to the model of all terms, one modifier at a time.

    Contexts: "interaction_test" (of all products: F, the likelihood ratio, or Wald's with robust errors), "interaction"
    (how many times the effect of the first is as large, or how much larger, for each level or unit of the modifier, the
    second group), and "within" (the effect of the first at each level of the modifier).
    """
    statistics: list[Statistic] = []
    notes: list[Note] = []
    for place, modifier in enumerate(design.terms):
        if place and modifier.variable in modifiers:
            found, told = _by(design, whole, fit, place, ratios=ratios)
            statistics += found
            notes += told
    if notes:
        text = "Each modifier is tested alone beside the model of all terms; few rows in a level show no difference."
        notes.append(Note("assumption", text))
    return statistics, notes


def _by(design: Design, whole: Model, fit: Fit, place: int, *, ratios: bool) -> tuple[list[Statistic], list[Note]]:
    first, modifier = design.terms[0], design.terms[place]
    own, others = design.of_term(0), design.of_term(place)
    width = len(design.kept)
    products = [(one, other) for one in own for other in others]
    columns = [design.fitted[:, one] * design.fitted[:, other] for one, other in products]
    matrix = np.column_stack([design.fitted, *columns])
    kept = list(find_independent(matrix))
    added = {pair: width + at for at, pair in enumerate(products)}
    at = {column: position for position, column in enumerate(kept)}
    model = fit(matrix[:, kept])
    tested = [at[column] for column in added.values() if column in at]
    test = compare_models(model, tested, lambda: whole) if tested else Inference(reason=_ALIASED)
    statistics = write_inference("interaction_test", modifier.name, test, [(first.name, None), (modifier.name, None)])
    for one in own:
        level = _row(design, one)
        reference = None if first.grouping is None else first.grouping.text(first.reference)
        for other in others:
            groups = [(first.name, reference), (modifier.name, _row(design, other))]
            column = at.get(added[one, other])
            found = (
                Inference(reason=_ALIASED) if column is None else infer(model, _at(kept, {column: 1.0}), ratios=ratios)
            )
            statistics += write_inference("interaction", first.name, found, groups, level=level)
        for level_of, column in _levels(design, modifier, others):
            groups = [(first.name, reference), (modifier.name, level_of)]
            weights = {at[one]: 1.0}
            if column is not None:
                product = at.get(added[one, column])
                if product is None:
                    continue
                weights[product] = 1.0
            found = infer(model, _at(kept, weights), ratios=ratios)
            statistics += write_inference("within", first.name, found, groups, level=level)
    return statistics, _note(first, modifier, test)


def _row(design: Design, column: int) -> str | None:
    place, position = design.columns[design.kept[column]]
    return design.terms[place].rows[position]


def _levels(design: Design, modifier: Term, columns: list[int]) -> list[tuple[str, int | None]]:
    """Return each level of a modifier with its column, of the reference none; a measurement has no levels."""
    if modifier.grouping is None:
        return []
    reference: list[tuple[str, int | None]] = [(modifier.grouping.text(modifier.reference), None)]
    return [*reference, *((_row(design, column) or "", column) for column in columns)]


def _at(kept: list[int], weights: dict[int, float]) -> Floats:
    vector = np.zeros(len(kept))
    for column, weight in weights.items():
        vector[column] = weight
    return vector


def _note(first: Term, modifier: Term, test: Inference) -> list[Note]:
    facts = {"first": first.name, "modifier": modifier.name}
    if test.p is None:
        return [Note("caution", "Whether the effect of {first} differs by {modifier} cannot be told.", facts)]
    if test.p < _VERDICT:
        text = "The effect of {first} differs by {modifier}, p = {p}: one estimate for all is an average."
        return [Note("caution", text, {**facts, "p": test.p})]
    text = "The effect of {first} does not clearly differ by {modifier}, p = {p}."
    return [Note("test", text, {**facts, "p": test.p})]
