"""An outcome explained by several terms at once: linear, logistic and Poisson models, each term alone and adjusted."""

from collections.abc import Sequence

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.cohort import Who, examine_cohort, note_missing, note_undecided, note_who, refuse_nobody
from clinical_nb.analysis.cohort import refuse_repeated_persons as refuse_repeated
from clinical_nb.analysis.counted.patterns import PatternTable
from clinical_nb.analysis.counts import Scan, count_undecided
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.design import Design, build_design, term_of
from clinical_nb.analysis.models.discrimination import auc_of, by_share, hosmer_lemeshow
from clinical_nb.analysis.models.estimates import estimate_terms, note_model, note_penalised, overall_test
from clinical_nb.analysis.models.explaining import count_outcome, explain
from clinical_nb.analysis.models.fitting import Explained, fit_model
from clinical_nb.analysis.models.glm import ENDLESS, Model, fit_linear
from clinical_nb.analysis.models.inflation import inflation_of
from clinical_nb.analysis.models.interactions import find_interactions
from clinical_nb.analysis.models.overdispersion import settle_model
from clinical_nb.analysis.models.profile import with_profile
from clinical_nb.analysis.models.proportional_odds import describe_cuts
from clinical_nb.errors import PlanError
from clinical_nb.plan import Condition, Hazard, Regress, Variable, columns_of, name_of
from clinical_nb.result import Note, Result, Statistic

_FITS = 0.05
_FEW_CLUSTERS = 30
_SANDWICHED = ("linear", "logistic", "poisson")
_PROFILED = ("logistic", "poisson")


def regress(plan: Regress, scan: Scan) -> Result:
    """Fit the model of all terms, and one of each term alone, on the rows where all of them are known.

    Contexts: "model" (N, and the events n), "unadjusted" and "adjusted" (a row a term, or a level against its
    reference), "term_test" and "model_test"; of a linear model "r_squared" and "adjusted_r_squared", of a logistic one
    "auc" and "hosmer_lemeshow", of Poisson's "dispersion", of an ordinal one "cut" and "proportional_odds".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, the outcome does not vary, a person has several
        rows, or there are fewer rows than terms.

    """
    check_terms(plan.terms, (plan.outcome,))
    _refuse_request(plan)
    who = examine_cohort(scan, plan.cohort.where)
    if plan.errors != "clustered":
        refuse_repeated(scan, who)
    table = count_outcome(plan, scan)
    refuse_nobody(table.rows)
    explained = explain(plan, scan, table)
    design = design_of(scan, plan.terms, table)
    asked, settled = plan, settle_model(plan, design, explained)
    plan = settled.plan
    ratios, name = plan.family != "linear", name_of(plan.outcome)

    def fit(matrix: Floats) -> Model:
        return fit_model(plan, matrix, explained)

    found = estimate_terms(design, fit, ratios=ratios)
    counted = {"N": table.used, **({"n": explained.events} if plan.family in _EVENTS else {})}
    further = (
        _describe_fit(plan, design, found.model, explained),
        inflation_of(design, found.model),
        find_interactions(design, found.model, fit, plan.modifiers, ratios=ratios),
    )
    rows = found.statistics
    if plan.intervals and not (found.model.reason or found.model.penalised):
        rows = with_profile(rows, design, found.model, explained.outcome, plan.family)
    statistics = [
        *write_rows("model", name, counted, level=explained.level),
        *rows,
        *(write_rows("maximum_likelihood", name, {"estimate": None}, reason=ENDLESS) if found.model.penalised else ()),
        *write_inference("model_test", name, overall_test(design, found.model, fit), ()),
        *settled.statistics,
        *(each for written, _ in further for each in written),
    ]
    clustered = explained.clusters is not None
    notes = [
        *(note_rows(plan, scan, table) if clustered else note_used(scan, who, table, plan.cohort.where)),
        *(settled.why or [Note("test", _WHY[plan.family])]),
        *_note_request(asked, explained),
        *note_penalised(found, [term.name for term in design.terms]),
        *_note_size(plan, design, explained, table.used),
        *settled.notes,
        *(note for _, told in further for note in told),
    ]
    return Result(tuple(statistics), tuple(notes))


def _note_size(plan: Regress, design: Design, explained: Explained, used: int) -> list[Note]:
    """Say whether there are enough events, or rows, for the estimates."""
    rarer = min(explained.events, used - explained.events)
    events = {"linear": used, "logistic": rarer}.get(plan.family, explained.events)
    return note_model(design, events, _EVENTS.get(plan.family, _NOUNS.get(plan.family, "rows")))


_EVENTS = {"logistic": "events (or rows without)", "poisson": "events", "negative_binomial": "events"}
_NOUNS = {"ordinal": "rows outside the most frequent level"}
_WHY = {
    "negative_binomial": "A negative binomial model, because events are counted and may vary more than Poisson's model "
    "supposes: estimates are ratios of rates with Wald intervals.",
    "ordinal": "A proportional odds model, because the levels have an order: estimates are odds ratios.",
    "linear": "A linear model by least squares: each estimate is how much the mean of the outcome differs.",
    "logistic": "A logistic model, because the outcome is yes or no: estimates are odds ratios with Wald intervals.",
    "poisson": "Poisson's model, because events are counted: estimates are ratios of rates with Wald intervals.",
}


def _refuse_request(plan: Regress) -> None:
    """Refuse errors and intervals that a family does not have here."""
    if plan.errors not in ("", "model") and plan.family not in _SANDWICHED:
        raise PlanError(
            f"A model that is {plan.family.replace('_', ' ')} has the errors that it supposes.",
            "Ask for a linear, logistic or Poisson model with robust or clustered errors.",
        )
    if plan.intervals and (plan.errors not in ("", "model") or plan.family not in _PROFILED):
        raise PlanError(
            "Profile intervals are of the likelihood of a logistic or a Poisson model.",
            "Ask for them without robust or clustered errors.",
        )


def note_rows(plan: Regress | Hazard, scan: Scan, table: PatternTable) -> list[Note]:
    """Say how many rows, and of how many persons, are used where errors are clustered."""
    persons = len(table.levels[scan.identifier or ""])
    text = "{used} of {rows} rows are used, of {persons} persons by {identifier}."
    facts = {"used": table.used, "rows": table.rows, "persons": persons, "identifier": scan.identifier or ""}
    missing = [note for name, n in table.missing.items() for note in note_missing(scan, name, n, plan.cohort.where)]
    undecided = note_undecided(count_undecided(scan, plan.cohort.where))
    return [Note("who", text, facts), *undecided, *missing]


def _note_request(plan: Regress, explained: Explained) -> list[Note]:
    notes: list[Note] = []
    if plan.errors == "robust":
        kind = "HC3" if plan.family == "linear" else "HC0"
        text = f"Errors are robust ({kind}), as asked for: they hold where the model's own variance does not."
        notes.append(Note("test", text))
    if explained.clusters is not None:
        notes += note_clusters(int(explained.clusters.max()) + 1)
    if plan.intervals:
        notes.append(Note("test", "Adjusted intervals are by profile likelihood, as asked for; p is Wald's."))
    return notes


def note_clusters(persons: int) -> list[Note]:
    """Say that errors are clustered, and whether there are few persons for that."""
    notes = [Note("test", "Errors are clustered by person, as asked for: rows of one person may be alike.")]
    if persons < _FEW_CLUSTERS:
        text = "{persons} persons are few for clustered errors, which are then too small."
        notes.append(Note("caution", text, {"persons": persons}))
    return notes


def check_terms(terms: Sequence[Variable], outcome: Sequence[Variable]) -> None:
    """Refuse a model without terms, and one in which a column explains itself.

    Raises
    ------
    PlanError
        When it is so.

    """
    if not terms:
        raise PlanError("A model needs at least one term.", "Name what the outcome may depend on.")
    own = {column for each in outcome for column in columns_of(each)}
    for term in terms:
        if shared := own & set(columns_of(term)):
            raise PlanError(f"'{min(shared)}' cannot explain itself.", "Leave it out of the terms.")


def design_of(scan: Scan, terms: Sequence[Variable], table: PatternTable) -> Design:
    """Return the columns of the terms.

    Raises
    ------
    PlanError
        When a term does not vary, or there are not more rows than estimates.

    """
    if not table.used:
        raise PlanError("No row here has a known value in all of these columns.", "Ask with fewer terms.")
    design = build_design([term_of(scan, each, table) for each in terms], table)
    if not design.of_term(0):
        raise PlanError(
            f"There is nothing to compare: all rows here have the same '{design.terms[0].name}'.",
            "Ask with fewer conditions, or by another column.",
        )
    for place, term in enumerate(design.terms):
        if not design.of_term(place) and not design.alone(place)[0]:
            raise PlanError(
                f"All rows here have the same '{term.name}', so nothing can be adjusted for it.", "Ask without it."
            )
    if table.used <= len(design.columns) + 1:
        raise PlanError(
            f"{table.used} rows cannot tell {len(design.columns)} estimates apart.",
            "Ask with fewer terms or conditions.",
        )
    return design


def note_used(scan: Scan, who: Who, table: PatternTable, where: Sequence[Condition]) -> list[Note]:
    """Say who was used, and what the others do not have."""
    missing = [note for variable, rows in table.missing.items() for note in note_missing(scan, variable, rows, where)]
    return [*note_who(scan, who, table.used, table.rows), *missing]


def _describe_fit(
    plan: Regress, design: Design, model: Model, explained: Explained
) -> tuple[list[Statistic], list[Note]]:
    if model.reason:
        return [], []
    name, outcome = name_of(plan.outcome), explained.outcome
    match plan.family:
        case "linear":
            total = fit_linear(np.empty((len(outcome.values), 0)), outcome).residual
            r2 = 1 - model.residual / total
            adjusted = 1 - (1 - r2) * (outcome.n - 1) / (outcome.n - 1 - len(model.coefficients))
            return [
                *write_inference("r_squared", name, Inference(estimate=r2), ()),
                *write_inference("adjusted_r_squared", name, Inference(estimate=adjusted), ()),
            ], []
        case "logistic":
            shares = by_share(model.expected, outcome.values, outcome.counts)
            calibrated = hosmer_lemeshow(*shares)
            written = [
                *write_inference("auc", name, auc_of(*shares), ()),
                *write_inference("hosmer_lemeshow", name, calibrated, ()),
            ]
            text = "What the model expects differs from what happened, p = {p} (Hosmer-Lemeshow): a term may be bent."
            poor = calibrated.p is not None and calibrated.p < _FITS
            return written, [Note("caution", text, {"p": calibrated.p})] if poor and calibrated.p else []
        case "negative_binomial":
            shape = Inference(estimate=model.shape)
            return write_inference("shape", name, shape, ()), []
        case "ordinal":
            return describe_cuts(design, outcome, name)
        case "poisson":
            return [], []  # settle_model has told how its counts vary
