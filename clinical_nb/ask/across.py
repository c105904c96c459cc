"""Questions across tables: a plan over columns of several tables as one about the rows of one, none of them twice.

Every plan that was read goes this way. What is measured and what makes groups decides whose rows are looked at; what a
coarser table says is brought to them; a condition on any other table holds where any row of it does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.recording import place_records, with_names
from clinical_nb.dictionary.joining import bring_columns, code_lists, leads, original_of, patients_table, shared_table
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Cohort,
    Condition,
    Count,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Plan,
    Proportion,
    Records,
    Variable,
    all_of,
    any_of,
    columns_of,
    parts_of,
    variables_of,
    with_parts,
)

Place = tuple[str, str]  # a table and its column
Places = Mapping[str, Place]
_MEASURED = frozenset({"column", "columns", "time", "one", "other", "exposure"})  # fields that hold no conditions


def all_columns(dictionary: Dictionary) -> tuple[Mapping[str, Column], Places]:
    """Return the columns of all tables under names that tell them apart, and where each lies.

    One whose name other tables have too is called with its table, and is found by its own name all the same. Copies of
    what a coarser table has are left out, and the codes and texts of lists of codes, which their users have.
    """
    lists = code_lists(dictionary)
    own_columns = {
        table: {
            name: column
            for name, column in own.items()
            if original_of(dictionary, table, name) == (table, name)
            and not (table in lists and column.kind in ("identifier", "text"))
        }
        for table, own in dictionary.tables.items()
    }
    taken = Counter(name for columns in own_columns.values() for name in columns)
    columns: dict[str, Column] = {}
    places: dict[str, Place] = {}
    for table, own in own_columns.items():
        for name, column in own.items():
            called = name if taken[name] == 1 else f"{table}.{name}"
            while called in columns:
                called += "_"
            label = column.label or name
            columns[called] = column.model_copy(update={"label": label}) if called != name else column
            places[called] = (table, name)
    return columns, places


def repeated_columns(dictionary: Dictionary, places: Places) -> frozenset[str]:
    """Return the columns of which a patient may have several values, but for when they were: "visits 1 and 2"."""
    patients = patients_table(dictionary)
    return frozenset(
        called
        for called, (table, name) in places.items()
        if patients
        and original_of(dictionary, table, name)[0] != patients
        and dictionary.column(table, name).role not in ("visit", "visit date")
    )


def naming_columns(dictionary: Dictionary, places: Places) -> frozenset[str]:
    """Return the columns of tables that have a number without a name of its own: the value of a test, or its result."""
    neutral = lexicon().neutral
    long = {
        table
        for table, columns in dictionary.tables.items()
        if any(column.kind == "numeric" and name_words(name) in neutral for name, column in columns.items())
    }
    return frozenset(called for called, (table, _) in places.items() if table in long)


def tables_of(plan: Plan, places: Places) -> frozenset[str]:
    """Name the tables whose columns or rows a plan reads."""
    return frozenset(each for variable in variables_of(plan) for each in _tables_in(variable, places))


def _tables_in(variable: Variable, places: Places) -> Iterator[str]:
    match variable:
        case AnyRow(table, where) | NoRow(table, where):
            yield table
            for each in where:
                yield from _tables_in(each, places)
        case AllOf(conditions) | AnyOf(conditions):
            for each in conditions:
                yield from _tables_in(each, places)
        case _:
            yield from (places[name][0] for name in columns_of(variable))


def place(plan: Plan, places: Places, dictionary: Dictionary) -> Plan:
    """Return a plan over columns of several tables as a plan about the rows of one.

    Persons are counted in their own table, all of them. Where no table's rows are right, the plan joins what cannot be
    joined: the analysis refuses it, and can count how many rows would be made.

    Raises
    ------
    PlanError
        When it is open what a condition on several rows means.

    """
    originals = {name: original_of(dictionary, *place) for name, place in places.items()}
    if isinstance(plan, Records):
        return place_records(plan, originals, dictionary)
    return _Placing(plan, originals, dictionary).place()


def is_joinable(plan: Plan, dictionary: Dictionary) -> bool:
    """Tell whether each row of a plan's table belongs to at most one row of each that it joins."""
    return all(leads(dictionary, plan.cohort.table, other) for other in plan.cohort.joined)


@dataclass(frozen=True, slots=True)
class _Placing:
    plan: Plan
    places: Places
    dictionary: Dictionary

    def place(self) -> Plan:
        table = self._unit()
        asked = parts_of(self.plan)
        if not isinstance(self.plan, Count | Proportion):
            (measured, *_) = asked.values()
            for each in measured:
                self._refuse_repeated(each, table)
        where = self._and_of(self.plan.cohort.where, table)
        parts = {name: self._all(part, table) for name, part in asked.items()}
        return with_parts(self.plan, self._cohort(table, where), parts)

    def _unit(self) -> str:
        """Return the table whose rows are looked at: the coarsest that has, or can be brought, what is asked of it."""
        used, patients = tables_of(self.plan, self.places), patients_table(self.dictionary)
        measured = self._measured_tables()
        if not isinstance(self.plan, Count | Proportion) and len(measured) == 1:
            return measured[0]
        candidates = [*([patients] if patients else []), *measured, *sorted(used)]
        shared = shared_table(self.dictionary, *sorted(used)) if used else None
        fitting = [
            each
            for each in [*candidates, *([shared] if shared else [])]
            if all(self._leads(each, other) for other in measured) and all(self._holder(other, each) for other in used)
        ]
        own = self.plan.cohort.table
        return [*fitting, *measured, *([own] if own in used or not used else sorted(used))][0]

    def _measured_tables(self) -> list[str]:
        """Name the tables whose rows have to be looked at: each has what is measured, or two parts of the question.

        Of those with a fever at visit 2, the share with a high pulse is asked at visit 2, and not at any visit.
        """
        parts = [part for name, part in parts_of(self.plan).items() if name not in _MEASURED]
        inside = [set(self._tables((each,))) for part in parts for each in part]
        inside.append(set(self._tables(self.plan.cohort.where)))
        twice = [
            table for table, parts_with in Counter(each for part in inside for each in part).items() if parts_with > 1
        ]
        return list(dict.fromkeys([*self._tables(self._measured()), *sorted(twice)]))

    def _measured(self) -> tuple[Variable, ...]:
        if isinstance(self.plan, Count | Proportion):
            return self.plan.by
        return tuple(each for part in parts_of(self.plan).values() for each in part if isinstance(each, str))

    def _tables(self, variables: Sequence[Variable]) -> Iterator[str]:
        for each in variables:
            yield from _tables_in(each, self.places)

    def _leads(self, finer: str, coarser: str) -> bool:
        return leads(self.dictionary, finer, coarser)

    def _holder(self, other: str, table: str) -> str | None:
        """Return which row a condition on another table is held by: this one, or the one that both belong to."""
        if self._leads(table, other) or self._leads(other, table):
            return table
        return shared_table(self.dictionary, table, other)

    def _cohort(self, table: str, where: tuple[Condition, ...]) -> Cohort:
        return replace(self.plan.cohort, table=table, where=where, joined=self._joined(table))

    def _joined(self, table: str) -> tuple[str, ...]:
        """Name the tables whose columns are brought to the rows, and those by which others hold a condition."""
        found: set[str] = set()
        measured = set(self._measured_tables())
        columns = [name for name in columns_of(self.plan) if name in self.places]
        needed = {self.places[name][0] for name in columns if self._copy_in(table, name) is None}
        for other in needed:
            if other in measured or self._leads(table, other):
                found.add(other)
            elif holder := self._holder(other, table):
                found.add(holder)
            else:
                found.add(other)  # with no relation: the analysis says so
        return tuple(found - {table})

    def _column(self, name: str, table: str) -> str:
        """Return what a column is called in the rows of a table."""
        if own := self._copy_in(table, name):
            return own
        of, column = self.places[name]
        try:
            brought = bring_columns(self.dictionary, table, self._joined(table))
        except PlanError:  # which the analysis says, with numbers
            return name
        return next((called for called, each in brought.items() if (each.table, each.column) == (of, column)), column)

    def _copy_in(self, table: str, name: str) -> str | None:
        """Return the column of a table that is the one meant, or a copy of it."""
        column = self.places[name][1]
        own = self.dictionary.tables.get(table, {})
        return column if column in own and original_of(self.dictionary, table, column) == self.places[name] else None

    def _all(self, variables: Sequence[Variable], table: str) -> tuple[Variable, ...]:
        return tuple(self._variable(each, table) for each in variables)

    def _variable(self, variable: Variable, table: str) -> Variable:
        if isinstance(variable, str):
            return self._column(variable, table)
        placed = self._and_of((variable,), table)
        if not placed:
            raise PlanError(
                f"Each row of '{table}' has that, so that there is no share of them.", "Ask about patients."
            )
        return all_of(*placed)

    def _and_of(self, conditions: Sequence[Condition], table: str) -> tuple[Condition, ...]:
        """Return conditions that all hold of a row: those on one finer table must hold in the same of its rows."""
        flat = [part for each in conditions for part in (each.conditions if isinstance(each, AllOf) else (each,))]
        placed: list[Condition] = []
        finer: dict[str, list[Condition]] = {}
        for each in flat:
            tables = set(self._tables((each,)))
            if isinstance(each, AnyRow | NoRow):
                placed += self._rows(each, table, finer)
                continue
            held = each.conditions if isinstance(each, AnyOf | AllOf) else ()
            is_of_rows = any(isinstance(part, AnyRow | NoRow) for part in held)
            if not is_of_rows and all(self._is_brought(table, other) for other in tables):
                placed.append(self._renamed(each, table))
            elif not is_of_rows and len(tables) == 1:
                finer.setdefault(tables.pop(), []).append(self._own(each))
            elif isinstance(each, AnyOf | AllOf):
                parts = (all_of(*self._and_of((part,), table)) for part in each.conditions)
                placed.append(any_of(*parts) if isinstance(each, AnyOf) else all_of(*parts))
        return (*placed, *(_on_rows(other, tuple(where)) for other, where in finer.items()))

    def _rows(self, rows: AnyRow | NoRow, table: str, finer: dict[str, list[Condition]]) -> list[Condition]:
        """Place what is said of a table's rows: of each row itself where these are looked at, else of any of them."""
        where = [self._own(each) for each in rows.where]
        may_have_none = rows.table != table and self._leads(rows.table, table)
        if self._leads(table, rows.table) and not may_have_none:
            if isinstance(rows, NoRow):
                raise PlanError(f"Each row of '{table}' has its row of '{rows.table}'.", "Ask about patients.")
            return [self._renamed(each, table) for each in rows.where]
        if isinstance(rows, NoRow):
            return [NoRow(rows.table, tuple(where))]
        said = {name for each in finer.get(rows.table, ()) for name in columns_of(each)}
        if said.intersection(name for each in where for name in columns_of(each)):
            return [AnyRow(rows.table, tuple(where))]  # two diagnoses are on two rows
        finer.setdefault(rows.table, []).extend(where)
        return []

    def _is_brought(self, table: str, other: str) -> bool:
        return self._leads(table, other) or not self._holder(other, table)

    def _renamed(self, condition: Condition, table: str) -> Condition:
        return with_names(condition, {name: self._column(name, table) for name in columns_of(condition)})

    def _own(self, condition: Condition) -> Condition:
        return with_names(condition, {name: self.places[name][1] for name in columns_of(condition)})

    def _refuse_repeated(self, measured: Variable, table: str) -> None:
        """Refuse to count what is coarser than persons once a person: beds of a site, once for each of its patients."""
        patients = patients_table(self.dictionary)
        for of in self._tables((measured,)):
            if isinstance(measured, str) and patients and of not in (table, patients) and self._leads(patients, of):
                if self._leads(of, patients):
                    continue
                raise PlanError(
                    f"'{self.places[measured][1]}' is of a row of '{of}', to which several rows of '{table}' belong: "
                    "it would count once for each of them.",
                    f"Ask about '{of}' alone, or for those who have any row of '{table}' with something.",
                )


def _on_rows(table: str, where: tuple[Condition, ...]) -> Condition:
    """Return conditions on the rows of a finer table: that any has it, or that none has what is denied.

    Raises
    ------
    PlanError
        When it is open which rows are denied what.

    """
    denied = [each for each in where if isinstance(each, NoneOf | NoRow)]
    if not where:
        return AnyRow(table, ())
    (name, *_) = [name for each in where for name in columns_of(each)]
    if any(isinstance(each, Missing) for each in where):
        raise PlanError(
            f"There may be several rows of '{table}' for each: whether '{name}' is missing in one or in all is open.",
            f"Ask for those with a known value, or of the rows: how many {table} with missing {name}.",
        )
    if not denied:
        return AnyRow(table, where)
    (first,) = denied[:1]
    if len(where) == 1 and isinstance(first, NoneOf):
        return NoRow(table, (OneOf(first.column, first.values),))
    raise PlanError(
        f"There may be several rows of '{table}' for each: whether one of them must have the one and not the other, "
        "or none the other, is open.",
        "Ask for those who have it, or for those who have it not, one at a time.",
    )
