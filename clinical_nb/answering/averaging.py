"""Averaging: a number of several rows a person by each person's own mean, or by its rows where each happened apart."""

from clinical_nb.answering.settling import compute
from clinical_nb.ask.insisting import REPEATED, insisting
from clinical_nb.ask.language.lexicon import lexicon, spoken
from clinical_nb.ask.rows.taking import clustered, taking
from clinical_nb.dataset import Dataset
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary
from clinical_nb.errors import PlanError, RepeatedPersonsError
from clinical_nb.plan import Compare, Describe, Hazard, Measured, OneOf, Plan, Proportion, Survive
from clinical_nb.render.numbers import estimate


def of_each_person(plan: Plan, meaning: Dictionary, error: PlanError) -> Plan | None:
    """Return a description that counts each person once, or each stay, where several rows of a person are refused.

    A model of times until an event reckons with which rows are of one person. None where a plan is of anything else.
    """
    if plan.cohort.despite or not isinstance(error, RepeatedPersonsError):
        return None
    if isinstance(plan, Hazard | Survive):
        return clustered(plan)
    if squeeze(plan.cohort.table) in vocabulary().counted_apart:
        apart = _without_test(plan, meaning) if isinstance(plan, Compare) else plan
        return insisting(apart, REPEATED) if isinstance(apart, Describe | Measured | Proportion) else None
    return taking(plan, "mean", meaning) if isinstance(plan, Describe | Measured) else None


def _without_test(plan: Compare, meaning: Dictionary) -> Plan | None:
    """Return what each group has of an outcome, without the test that rows of one person do not allow."""
    if not isinstance(plan.outcome, str):
        return Proportion(plan.cohort, plan.outcome, (plan.by,))
    column = meaning.tables[plan.cohort.table].get(plan.outcome)
    if column is None or column.kind == "numeric":
        return Describe(plan.cohort, plan.outcome, (plan.by,), ("mean", "median")) if column else None
    yes = [level.value for level in column.levels if spoken(level.label) in lexicon().yes]
    return Proportion(plan.cohort, OneOf(plan.outcome, tuple(yes)), (plan.by,)) if len(yes) == 1 else None


def say_of_rows(plan: Plan, dataset: Dataset, meaning: Dictionary) -> tuple[str, ...]:
    """Say what all rows come to, each counted for itself, beside the persons' own means."""
    if not isinstance(plan, Describe) or plan.by:
        return ()
    try:
        found = compute(dataset, insisting(plan, REPEATED), meaning)
    except PlanError:
        return ()
    numbers = {each.stat_name: each.stat for each in found.statistics if each.context == "continuous"}
    named = [f"{name} {estimate(numbers[name])}" for name in ("mean", "median") if numbers.get(name) is not None]
    rows = f"{numbers.get('N', 0):.0f} rows of '{plan.cohort.table}'"
    return (f"Each person's own mean is described. Of the {rows}, each for itself: {', '.join(named)}.",)
