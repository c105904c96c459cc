"""Recording: a count of rows over columns of several tables, as one about the patients and their rows of one table."""

from collections.abc import Mapping
from dataclasses import replace

from clinical_nb.dictionary.joining import leads, patients_table
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, AnyOf, AnyRow, Condition, NoRow, Plan, Records, Variable, columns_of

Places = Mapping[str, tuple[str, str]]


def place_records(plan: Records, places: Places, dictionary: Dictionary) -> Plan:
    """Return a count of rows as one about the patients, each with her rows of the finer table."""
    patients, finer = patients_table(dictionary), plan.rows.table
    if patients is None or not leads(dictionary, finer, patients) or leads(dictionary, patients, finer):
        raise PlanError(f"Whose the rows of '{finer}' are is not known.", "Ask how many rows the table has.")
    beside = [name for part in (plan.cohort.where, plan.by) for each in part for name in columns_of(each)]
    if any(isinstance(each, AnyRow | NoRow) for each in plan.cohort.where):
        raise PlanError("Rows are counted of one table at a time.", "Ask how many patients have each of these.")
    inside = [name for rows in (plan.rows, *plan.among) for each in rows.where for name in columns_of(each)]
    for names, table in ((beside, patients), (inside, finer)):
        for name in names:
            of, column = places[name]
            if of != table and column not in dictionary.tables[table]:
                raise PlanError(f"'{column}' is of '{of}', and not of '{table}'.", "Ask about one table at a time.")

    def own(variable: Variable) -> Variable:
        if isinstance(variable, str):
            return places[variable][1]
        return with_names(variable, {name: places[name][1] for name in columns_of(variable)})

    def rows(of: AnyRow) -> AnyRow:
        return AnyRow(finer, tuple(each for each in map(own, of.where) if not isinstance(each, str)))

    where = tuple(each for each in map(own, plan.cohort.where) if not isinstance(each, str))
    cohort = replace(plan.cohort, table=patients, where=where, joined=())
    return Records(cohort, rows(plan.rows), tuple(map(own, plan.by)), tuple(map(rows, plan.among)))


def with_names(condition: Condition, names: Mapping[str, str]) -> Condition:
    """Return a condition on columns that are called otherwise."""
    match condition:
        case AllOf(conditions):
            return AllOf(tuple(with_names(each, names) for each in conditions))
        case AnyOf(conditions):
            return AnyOf(tuple(with_names(each, names) for each in conditions))
        case AnyRow() | NoRow():
            return condition
        case _:
            return replace(condition, column=names[condition.column])
