"""Taking: plans about one number of each person's several rows: the last value, the highest, the change to week 12."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import spoken
from clinical_nb.ask.language.words import name_words
from clinical_nb.dictionary.joining import bring_columns, leads, original_of, patients_table
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Change,
    Cohort,
    Compare,
    Condition,
    Count,
    Describe,
    Difference,
    Hazard,
    Measured,
    NoRow,
    OfRows,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Regress,
    Sign,
    Survive,
    Threshold,
    Variable,
    columns_of,
    name_of_derived,
)
from clinical_nb.plans.derived import Taken

_BEGUN = frozenset({"start", "begin", "started", "onset", "stdtc", "admit", "admission", "charttime", "stdt", "from"})


def taking(plan: Plan, take: Taken, dictionary: Dictionary) -> Plan | None:
    """Return a plan about persons, of whose rows a value is taken; None where it measures nothing of several rows."""
    return _Taking(plan, take, dictionary).plan()


@dataclass(frozen=True, slots=True)
class _Taking:
    asked: Plan
    take: Taken
    dictionary: Dictionary

    def plan(self) -> Plan | None:
        plan = self.asked
        if plan.cohort.derived or plan.cohort.despite:
            return None
        match plan:
            case Describe(_, column) | Measured(_, column):
                return self._measured(column, lambda cohort, name, by: replace(plan, cohort=cohort, column=name, by=by))
            case Compare(_, str() as outcome, by):
                return self._compared(plan, outcome, by)
            case Count() | Proportion() if not plan.by or isinstance(plan, Count):
                return self._counted(plan)
            case _:
                return None

    def _compared(self, plan: Compare, outcome: str, by: Variable) -> Plan | None:
        def made(cohort: Cohort, name: str, groups: tuple[Variable, ...]) -> Plan:
            return replace(plan, cohort=cohort, outcome=name, by=groups[0])

        return self._measured(outcome, made, (by,))

    def _measured(
        self,
        column: str,
        made: Callable[[Cohort, str, tuple[Variable, ...]], Plan],
        by: tuple[Variable, ...] | None = None,
    ) -> Plan | None:
        groups = self.asked.by if by is None and isinstance(self.asked, Describe | Measured) else by or ()
        parted = self._parted(self.asked.cohort.where)
        if parted is None or not self._is_number(column):
            return None
        of_person, of_rows = parted
        taken = self._of_rows(self._table, column, of_rows)
        named = tuple(self._of_person(each) for each in groups)
        if taken is None or None in named:
            return None
        cohort = Cohort(self.asked.cohort.dataset, self._persons(), of_person, (), (taken,))
        return made(cohort, name_of_derived(taken), tuple(each for each in named if each is not None))

    def _counted(self, plan: Count | Proportion) -> Plan | None:
        """Return how many have a value on one side of a number in the row that is meant."""
        conditions = (*plan.cohort.where, *((plan.event,) if isinstance(plan, Proportion) else ()))
        found: list[tuple[Condition, OfRows, Threshold]] = []
        for each in conditions:
            inside = each.where if isinstance(each, AnyRow) else (each,) if self._is_alone else ()
            flat = [part for one in inside for part in (one.conditions if isinstance(one, AllOf) else (one,))]
            sides = [part for part in flat if isinstance(part, Threshold) and not isinstance(part.value, str)]
            table = each.table if isinstance(each, AnyRow) else self._table
            if (
                len(sides) != 1
                or not may_have_several(self.dictionary, table)
                or not self._is_measured(sides[0].column, table)
            ):
                continue
            rest = tuple(part for part in flat if part is not sides[0])
            taken = self._of_rows(table, sides[0].column, rest)
            if taken is None:
                return None
            found.append((each, taken, sides[0]))
        if len(found) != 1:
            return None
        ((old, taken, side),) = found
        new = Threshold(name_of_derived(taken), side.sign, side.value)
        where = tuple(new if each is old else each for each in plan.cohort.where)
        cohort = replace(plan.cohort, where=where, derived=(taken,))
        if isinstance(plan, Proportion):
            return replace(plan, cohort=cohort, event=new if plan.event is old else plan.event)
        return replace(plan, cohort=cohort)

    @property
    def _table(self) -> str:
        return self.asked.cohort.table

    @property
    def _is_alone(self) -> bool:
        """Whether a table is not related to a table of patients: its rows say who they are of."""
        return patients_table(self.dictionary) is None

    def _persons(self) -> str:
        return patients_table(self.dictionary) or self._table

    def _is_number(self, column: str) -> bool:
        own = self.dictionary.tables[self._table]
        return may_have_several(self.dictionary, self._table) and column in own and own[column].kind == "numeric"

    def _is_measured(self, column: str, table: str) -> bool:
        """Whether a number is of a row, and not of the person beside it."""
        of = self.dictionary.tables[table].get(column)
        is_age = ("age",) in {name_words(column), spoken(of.label) if of else ()}
        return of is not None and of.kind == "numeric" and not is_age

    def _of_rows(self, table: str, column: str, where: tuple[Condition, ...]) -> OfRows | None:
        is_in_order = self.take in ("first", "last")
        order = order_of(self.dictionary, table) if is_in_order else ""
        return None if is_in_order and not order else OfRows(table, column, self.take, where, order)

    def _parted(self, conditions: Sequence[Condition]) -> tuple[tuple[Condition, ...], tuple[Condition, ...]] | None:
        """Part conditions into those on the person and those on the rows that are looked at."""
        if self._is_alone:
            return (), tuple(conditions)
        person: list[Condition] = []
        rows: list[Condition] = []
        for each in conditions:
            named = self._of_person(each)
            if named is not None and not isinstance(named, str):
                person.append(named)
            elif all(self._is_own(name) for name in columns_of(each)) and not isinstance(each, AnyRow | NoRow):
                rows.append(each)
            else:
                return None
        return tuple(person), tuple(rows)

    def _is_own(self, name: str) -> bool:
        own = self.dictionary.tables[self._table]
        return name in own and original_of(self.dictionary, self._table, name)[0] == self._table

    def _of_person(self, variable: Variable) -> Variable | None:
        """Return a variable as the table of the patients has it; None where it is not of a person."""
        if self._is_alone:
            return variable
        patients = self._persons()
        match variable:
            case str():
                return self._names(patients).get(variable)
            case AnyRow(table) | NoRow(table):
                return variable if table != self._table and leads(self.dictionary, table, patients) else None
            case AllOf(conditions) | AnyOf(conditions):
                parts = tuple(self._of_person(each) for each in conditions)
                held = tuple(each for each in parts if each is not None and not isinstance(each, str))
                return replace(variable, conditions=held) if len(held) == len(parts) else None
            case _:
                name = self._names(patients).get(variable.column)
                return None if name is None else replace(variable, column=name)

    def _names(self, patients: str) -> Mapping[str, str]:
        """Return what the patients' columns are called in the patients' table, by their names in the rows."""
        own = self.dictionary.tables[self._table]
        copies = {name: original_of(self.dictionary, self._table, name) for name in own}
        found = {name: column for name, (table, column) in copies.items() if table == patients}
        try:
            brought = bring_columns(self.dictionary, self._table, self.asked.cohort.joined)
        except PlanError:
            return found
        return {**found, **{name: each.column for name, each in brought.items() if each.table == patients}}


def may_have_several(dictionary: Dictionary, table: str) -> bool:
    """Tell whether a person may have several rows of a table."""
    patients = patients_table(dictionary)
    if patients is not None:
        return table != patients and leads(dictionary, table, patients) and not leads(dictionary, patients, table)
    grain = dictionary.grains.get(table)
    return dictionary.identifier(table) is not None and grain is not None and grain.row != "patient"


def order_of(dictionary: Dictionary, table: str) -> str:
    """Return the column that says in which order a person's rows are; empty where it is not known which."""
    columns = dictionary.tables[table]
    dates = [
        name for name, column in columns.items() if column.kind == "date" and column.role not in ("birth", "death")
    ]
    grain = dictionary.grains.get(table)
    key = [name for name in (grain.key if grain else ()) if name in columns]
    visits = [name for name, column in columns.items() if column.role == "visit date" and name in dates]
    started = [name for name in dates if not _BEGUN.isdisjoint((*name_words(name), *spoken(columns[name].label)))]
    ranked = [name for name in key if _is_ranked(columns[name])]
    numbered = [name for name, column in columns.items() if column.role == "visit" and _is_ranked(column)]
    for found in (visits, dates, ranked, started, numbered):
        if len(found) == 1:
            return found[0]
    return ""


def _is_ranked(column: Column) -> bool:
    """Whether a column's values are numbers that say what is earlier."""
    is_number = column.kind in ("categorical", "binary") and all(
        isinstance(level.value, int | float) and not isinstance(level.value, bool) for level in column.levels
    )
    return column.role != "patient" and (column.kind == "numeric" or is_number)


def changed(one: Plan, other: Plan) -> Plan | None:
    """Return the change between two numbers of each person, which two plans describe."""
    before, after = one, other
    if not isinstance(before, Describe) or not isinstance(after, Describe) or len(before.by) > 1:
        return None
    cohorts = [replace(each.cohort, derived=()) for each in (before, after)]
    (first,), (last,) = before.cohort.derived, after.cohort.derived
    if not isinstance(first, OfRows) or not isinstance(last, OfRows) or first.column != last.column:
        return None
    if first == last or cohorts[0] != cohorts[1] or before.by != after.by:
        return None
    cohort = replace(before.cohort, derived=(first, last))
    if before.by:
        return Change(cohort, before.column, after.column, before.by[0])
    if before.statistics in ((), ("mean",)):
        return Pair(cohort, before.column, after.column)
    how = Difference(last, first)
    return replace(before, cohort=replace(before.cohort, derived=(how,)), column=name_of_derived(how))


def at_one_time(plan: Plan | None, dictionary: Dictionary) -> Plan | None:
    """Return a plan about the rows of one visit as one about the persons who have it."""
    is_one = plan is not None and is_at_visit(plan, dictionary)
    return taking(plan, "only", dictionary) if plan is not None and is_one else None


def is_at_visit(plan: Plan, dictionary: Dictionary) -> bool:
    """Tell whether the rows that a plan is about are of one visit each."""
    columns = dictionary.tables[plan.cohort.table]
    return any(
        isinstance(each, OneOf)
        and len(each.values) == 1
        and each.column in columns
        and columns[each.column].role == "visit"
        for each in plan.cohort.where
    )


def having(plan: Plan, side: tuple[Sign, float], dictionary: Dictionary) -> Plan | None:
    """Return a count of persons who have so many rows of what they are asked to have any of."""
    if not isinstance(plan, Count | Proportion):
        return None
    rows = [each for each in plan.cohort.where if isinstance(each, AnyRow)]
    event = plan.event if isinstance(plan, Proportion) and isinstance(plan.event, AnyRow) else None
    found = [event] if event else rows
    if len(found) != 1 or plan.cohort.derived or plan.cohort.table != (patients_table(dictionary) or ""):
        return None
    taken = OfRows(found[0].table, "", "number", found[0].where)
    new = Threshold(name_of_derived(taken), *side)
    cohort = replace(plan.cohort, derived=(taken,))
    if event is not None and isinstance(plan, Proportion):
        return replace(plan, cohort=cohort, event=new)
    where = tuple(new if each is found[0] else each for each in plan.cohort.where)
    return replace(plan, cohort=replace(cohort, where=where))


def clustered(plan: Plan) -> Plan | None:
    """Return a model of times until an event whose errors reckon with which rows are of one person."""
    match plan:
        case Survive(cohort, time, event, (by,), strata, (), _, (), ""):
            return Hazard(cohort, time, event, (by,), strata, errors="clustered")
        case Hazard(competing=(), errors=""):
            return replace(plan, errors="clustered")
        case Regress(errors=""):
            return replace(plan, errors="clustered")
        case _:
            return None


def twice(plan: Plan, dictionary: Dictionary) -> Plan | None:
    """Return how many persons have two rows or more of what a count has any of: both eyes, of a row each."""
    if not isinstance(plan, Count) or plan.by or plan.cohort.derived or plan.cohort.despite:
        return None
    if patients_table(dictionary) is not None or not may_have_several(dictionary, plan.cohort.table):
        return None
    taken = OfRows(plan.cohort.table, "", "number", plan.cohort.where)
    where = (Threshold(name_of_derived(taken), ">=", 2),)
    return replace(plan, cohort=replace(plan.cohort, where=where, derived=(taken,)))
