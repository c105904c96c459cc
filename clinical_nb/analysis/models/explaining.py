"""What a model explains, as numbers: counted with its terms, and refused where the model cannot explain it."""

from dataclasses import replace

import numpy as np

from clinical_nb.analysis.counted.levels import column_of, event_of, grouping_of
from clinical_nb.analysis.counted.patterns import PatternTable, count_patterns, indicator
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.models.design import is_measured
from clinical_nb.analysis.models.fitting import Explained
from clinical_nb.analysis.models.glm import Outcome
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Regress, Variable, name_of

COUNTS = ("poisson", "negative_binomial")
_TWO = 2


def count_outcome(plan: Regress, scan: Scan) -> PatternTable:
    """Count the rows of each combination of the outcome and the terms, and of the persons where errors are clustered.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, or the outcome is not of the kind that the model explains.

    """
    variables = (plan.outcome, *plan.terms)
    measured = {each for each in variables if is_measured(scan, each)}
    counts = plan.family in COUNTS
    if plan.family in ("logistic", "ordinal"):
        measured.discard(plan.outcome)
    elif counts and _counts_by_codes(scan, plan.outcome):
        measured.add(plan.outcome)
    elif plan.outcome not in measured and not (plan.family == "poisson" and not isinstance(plan.outcome, str)):
        model = plan.family.replace("_", " ")
        raise PlanError(
            f"'{name_of(plan.outcome)}' is not measured in numbers, which a {model} model explains.",
            "Ask for the odds of one of its values (a logistic model).",
        )
    if counts and not isinstance(plan.outcome, str) and not plan.exposure:
        raise PlanError(
            f"'{name_of(plan.outcome)}' is a yes or no, which has a rate only over a time.",
            "Name the time during which it could happen, or ask for its odds (a logistic model).",
        )
    numeric = [str(each) for each in variables if each in measured]
    if plan.exposure:
        column_of(scan, plan.exposure)
        numeric.append(plan.exposure)
    others = [each for each in variables if each not in measured]
    if plan.errors == "clustered":
        others.append(clusters_of(scan))
    return count_patterns(scan, numeric, others, plan.cohort.where)


def clusters_of(scan: Scan) -> str:
    """Return the column whose values say which rows are of one person.

    Raises
    ------
    PlanError
        When none is known.

    """
    if scan.identifier is None:
        why = f"It is not known which rows of '{scan.table}' are of one person, so their errors cannot be clustered."
        raise PlanError(why, "Declare the column that identifies persons.")
    return scan.identifier


def _counts_by_codes(scan: Scan, outcome: Variable) -> bool:
    """Say whether levels are few numbers without names, as of a count that is mostly small."""
    if not isinstance(outcome, str) or not scan.schema[outcome].is_numeric():
        return False
    column = scan.columns[outcome]
    named = any(level.label and level.label != value_text(level.value) for level in column.levels)
    return column.kind == "categorical" and not named


def explain(plan: Regress, scan: Scan, table: PatternTable) -> Explained:
    """Return the outcome as numbers, or refuse what the model cannot explain.

    Raises
    ------
    PlanError
        When it does not vary, has too many levels or none in an order, or does not count.

    """
    found = _explain(plan, scan, table)
    if plan.errors != "clustered" or scan.identifier is None:
        return found
    _, persons = np.unique(table.values[scan.identifier], return_inverse=True)
    if len(persons) and int(persons.max()) < 1:
        raise PlanError("All rows here are of one person, of whom errors cannot be clustered.")
    return replace(found, clusters=persons.astype(np.int64))


def _explain(plan: Regress, scan: Scan, table: PatternTable) -> Explained:
    name, values = name_of(plan.outcome), table.values[plan.outcome]
    if not isinstance(plan.outcome, str):
        values = indicator(table, plan.outcome, True).astype(np.float64)
    offset = np.zeros(len(values))
    if plan.family == "logistic":
        return _yes_or_no(plan, scan, table)
    if plan.family == "ordinal":
        return _in_order(plan, scan, table)
    if table.used and np.ptp(values) == 0:
        raise PlanError(f"All rows here have the same '{name}': there is nothing to explain.")
    if plan.family == "linear":
        return Explained(Outcome(values, table.counts, offset))
    if (values < 0).any() or (values != np.trunc(values)).any():
        raise PlanError(f"'{name}' does not count: it has values below 0 or between whole numbers.")
    if plan.exposure:
        time = table.values[plan.exposure]
        if (time <= 0).any():
            raise PlanError(f"'{plan.exposure}' has values of 0 or below, during which nothing can be counted.")
        offset = np.log(time)
    events = int((values * table.counts).sum())
    return Explained(Outcome(values, table.counts, offset), events=events)


def _yes_or_no(plan: Regress, scan: Scan, table: PatternTable) -> Explained:
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
    return Explained(outcome, grouping.text(event), int(table.counts[happened].sum()))


def _in_order(plan: Regress, scan: Scan, table: PatternTable) -> Explained:
    """Return the places of the outcome's levels in their order."""
    name, levels = name_of(plan.outcome), table.levels[plan.outcome]
    grouping = grouping_of(scan, plan.outcome, levels)
    column = grouping.column
    if column is None or len(levels) <= _TWO:
        raise PlanError(
            f"An ordinal model explains three levels or more in an order, and '{name}' has {len(levels)} here.",
            "Ask for the odds of one of them (a logistic model).",
        )
    if not (column.ordered or column.kind == "numeric"):
        labels = ", ".join(map(grouping.label, grouping.levels))
        raise PlanError(
            f"The levels of '{name}' ({labels}) have no order that was declared, which an ordinal model needs.",
            f"Upload with a dictionary that has 'ordered' as the kind of '{name}' and its levels from the lowest to "
            "the highest, or ask for the odds of one of them (a logistic model).",
        )
    places = {level: place for place, level in enumerate(grouping.levels)}
    values = np.array([places[levels[int(at)]] for at in table.values[plan.outcome]], dtype=np.float64)
    sizes = np.bincount(values.astype(np.int64), table.counts)
    rarer = int(table.used - sizes.max())
    return Explained(Outcome(values, table.counts, np.zeros(len(values))), events=rarer)
