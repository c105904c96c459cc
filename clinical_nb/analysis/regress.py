"""An outcome explained by several terms at once: linear, logistic and Poisson models, each term alone and adjusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.cohort import Who, examine_cohort, note_missing, note_who, refuse_nobody
from clinical_nb.analysis.cohort import refuse_repeated_persons as refuse_repeated
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.design import Design, build_design, is_measured, term_of
from clinical_nb.analysis.discrimination import auc_of, by_share, hosmer_lemeshow
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.estimates import estimate_terms, note_model, note_penalised, overall_test
from clinical_nb.analysis.glm import ENDLESS, Model, Outcome, fit_firth, fit_linear, fit_logistic, fit_poisson
from clinical_nb.analysis.inference import Inference
from clinical_nb.analysis.levels import column_of, event_of, grouping_of
from clinical_nb.analysis.patterns import PatternTable, count_patterns, indicator
from clinical_nb.errors import PlanError
from clinical_nb.plan import Condition, Regress, Variable, columns_of, name_of
from clinical_nb.result import Note, Result, Statistic

_OVERDISPERSED = 1.5  # squared residuals for each degree of freedom
_FITS = 0.05
_TWO = 2


@dataclass(frozen=True, slots=True)
class _Explained:
    """The outcome as numbers; of a logistic model the level that is the event, and the rows with it."""

    outcome: Outcome
    level: str | None = None
    events: int = 0


def regress(plan: Regress, scan: Scan) -> Result:
    """Fit the model of all terms, and one of each term alone, on the rows where all of them are known.

    Contexts: "model" (N, and the events n), "unadjusted" and "adjusted" (a row a term, or a level against its
    reference), "term_test" and "model_test"; of a linear model "r_squared" and "adjusted_r_squared", of a logistic one
    "auc" and "hosmer_lemeshow", of Poisson's "dispersion".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, the outcome does not vary, a person has several
        rows, or there are fewer rows than terms.

    """
    check_terms(plan.terms, (plan.outcome,))
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated(scan, who)
    table = _count(plan, scan)
    refuse_nobody(table.rows)
    explained = _explain(plan, scan, table)
    design = design_of(scan, plan.terms, table)
    found = estimate_terms(design, lambda matrix: _fit(plan, matrix, explained.outcome), ratios=plan.family != "linear")
    name = name_of(plan.outcome)
    counted = {"N": table.used, **({"n": explained.events} if plan.family != "linear" else {})}
    overall = overall_test(design, found.model, lambda matrix: _fit(plan, matrix, explained.outcome))
    fit_statistics, fit_notes = _describe_fit(plan, design, found.model, explained)
    statistics = [
        *write_rows("model", name, counted, level=explained.level),
        *found.statistics,
        *(write_rows("maximum_likelihood", name, {"estimate": None}, reason=ENDLESS) if found.model.penalised else ()),
        *write_inference("model_test", name, overall, ()),
        *fit_statistics,
    ]
    rarer = min(explained.events, table.used - explained.events)
    events = {"linear": table.used, "logistic": rarer, "poisson": explained.events}[plan.family]
    noun = {"linear": "rows", "logistic": "events (or rows without)", "poisson": "events"}[plan.family]
    notes = [
        *note_used(scan, who, table, plan.cohort.where),
        Note("test", _WHY[plan.family]),
        *note_penalised(found, [term.name for term in design.terms]),
        *note_model(design, events, noun),
        *fit_notes,
    ]
    return Result(tuple(statistics), tuple(notes))


_WHY = {
    "linear": "A linear model by least squares: each estimate is how much the mean of the outcome differs.",
    "logistic": "A logistic model, because the outcome is yes or no: estimates are odds ratios with Wald intervals.",
    "poisson": "Poisson's model, because events are counted: estimates are ratios of rates with Wald intervals.",
}


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
        When the first term does not vary, or there are not more rows than estimates.

    """
    if not table.used:
        raise PlanError("No row here has a known value in all of these columns.", "Ask with fewer terms.")
    design = build_design([term_of(scan, each, table) for each in terms], table)
    if not design.of_term(0):
        raise PlanError(
            f"There is nothing to compare: all rows here have the same '{design.terms[0].name}'.",
            "Ask with fewer conditions, or by another column.",
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


def _count(plan: Regress, scan: Scan) -> PatternTable:
    variables = (plan.outcome, *plan.terms)
    measured = {each for each in variables if is_measured(scan, each)}
    if plan.family == "logistic":
        measured.discard(plan.outcome)
    elif plan.outcome not in measured and not (plan.family == "poisson" and not isinstance(plan.outcome, str)):
        raise PlanError(
            f"'{name_of(plan.outcome)}' is not measured in numbers, which a {plan.family} model explains.",
            "Ask for the odds of one of its values (a logistic model).",
        )
    if plan.family == "poisson" and not isinstance(plan.outcome, str) and not plan.exposure:
        raise PlanError(
            f"'{name_of(plan.outcome)}' is a yes or no, which has a rate only over a time.",
            "Name the time during which it could happen, or ask for its odds (a logistic model).",
        )
    numeric = [str(each) for each in variables if each in measured]
    if plan.exposure:
        column_of(scan, plan.exposure)
        numeric.append(plan.exposure)
    return count_patterns(scan, numeric, [each for each in variables if each not in measured], plan.cohort.where)


def _explain(plan: Regress, scan: Scan, table: PatternTable) -> _Explained:
    """Return the outcome as numbers, or refuse what the model cannot explain."""
    name, values = name_of(plan.outcome), table.values[plan.outcome]
    if not isinstance(plan.outcome, str):
        values = indicator(table, plan.outcome, True).astype(np.float64)
    offset = np.zeros(len(values))
    if plan.family == "logistic":
        return _yes_or_no(plan, scan, table)
    if table.used and np.ptp(values) == 0:
        raise PlanError(f"All rows here have the same '{name}': there is nothing to explain.")
    if plan.family == "linear":
        return _Explained(Outcome(values, table.counts, offset))
    if (values < 0).any() or (values != np.trunc(values)).any():
        raise PlanError(f"'{name}' does not count: it has values below 0 or between whole numbers.")
    if plan.exposure:
        time = table.values[plan.exposure]
        if (time <= 0).any():
            raise PlanError(f"'{plan.exposure}' has values of 0 or below, during which nothing can be counted.")
        offset = np.log(time)
    events = int((values * table.counts).sum())
    return _Explained(Outcome(values, table.counts, offset), events=events)


def _yes_or_no(plan: Regress, scan: Scan, table: PatternTable) -> _Explained:
    name, levels = name_of(plan.outcome), table.levels[plan.outcome]
    if len(levels) > _TWO:
        raise PlanError(
            f"'{name}' has {len(levels)} different values, and a logistic model explains a yes or no.",
            "Say which of them is the event, such as one level, or above a number.",
        )
    grouping = grouping_of(scan, plan.outcome, levels)
    if table.used and len(levels) < _TWO:
        only = grouping.label(levels[0])
        raise PlanError(f"All rows here have the same '{name}', {only}: there is nothing to explain.")
    event = True if not isinstance(plan.outcome, str) else event_of(grouping) if levels else None
    happened = indicator(table, plan.outcome, event)
    outcome = Outcome(happened.astype(np.float64), table.counts, np.zeros(len(happened)))
    return _Explained(outcome, grouping.text(event), int(table.counts[happened].sum()))


def _fit(plan: Regress, matrix: Floats, outcome: Outcome) -> Model:
    match plan.family:
        case "linear":
            return fit_linear(matrix, outcome)
        case "poisson":
            return fit_poisson(matrix, outcome)
        case "logistic":
            model = fit_logistic(matrix, outcome)
            return fit_firth(matrix, outcome) if model.reason else model


def _describe_fit(
    plan: Regress, design: Design, model: Model, explained: _Explained
) -> tuple[list[Statistic], list[Note]]:
    if model.reason:
        return [], []
    name, outcome = name_of(plan.outcome), explained.outcome
    match plan.family:
        case "linear":
            total = fit_linear(np.empty((len(outcome.values), 0)), outcome).residual
            r2 = 1 - model.residual / total
            adjusted = 1 - (1 - r2) * (outcome.n - 1) / (model.df or 1)
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
        case "poisson" if not isinstance(plan.outcome, str):
            return [], []  # how much a yes or no varies says nothing of its dispersion
        case "poisson":
            freedom = outcome.n - len(design.kept) - 1
            squares = outcome.counts * (outcome.values - model.expected) ** 2 / model.expected
            dispersion = float(squares.sum()) / freedom
            written = write_inference("dispersion", name, Inference(estimate=dispersion), ())
            text = (
                "The counts vary {dispersion} times as much as Poisson's model supposes: its intervals are too narrow "
                "and its p too small. A negative binomial model would say so."
            )
            over = dispersion > _OVERDISPERSED
            return written, [Note("caution", text, {"dispersion": dispersion})] if over else []
