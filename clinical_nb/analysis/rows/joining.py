"""Several tables as the rows of one: columns brought from coarser tables, and whether finer ones have any such row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals as nw

from clinical_nb.analysis.counts import Frame, Scan, collect, decide, known_values
from clinical_nb.analysis.guards.beyond import note_beyond
from clinical_nb.analysis.rows.bringing import (
    Rows,
    Tables,
    are_known,
    bring,
    keys_of,
    named,
    other_than,
    unused_names,
    with_columns_of,
)
from clinical_nb.analysis.rows.deriving import derive, note_derived
from clinical_nb.analysis.rows.needed import conditions_on_rows, holder_of, persons_of, rows_taken
from clinical_nb.analysis.rows.taking import note_taken, take_values
from clinical_nb.analysis.stored import called
from clinical_nb.dictionary.deriving import made_column
from clinical_nb.dictionary.joining import Path, bring_columns, path_between, widen
from clinical_nb.dictionary.meaning import Column, Dictionary, Relation
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AllOf,
    AnyRow,
    Cohort,
    Count,
    OfRows,
    Plan,
    Records,
    columns_of,
    name_of,
    name_of_derived,
    variables_of,
)
from clinical_nb.result import Note


def join_tables(
    plan: Plan, frame: Frame, dictionary: Dictionary, related: Mapping[str, Frame]
) -> tuple[Scan, list[Note]]:
    """Return the rows of a plan's table with all that it needs of others, and what is said of it.

    No row is lost and none is multiplied: a coarser table's keys are checked to be unique, and of a finer table's rows
    it only is asked whether there is any.

    Raises
    ------
    UnknownTableError, UnknownColumnError, PlanError
        When a table or a column is not there, no relation leads to it, or a key is repeated.

    """
    table, joined = plan.cohort.table, plan.cohort.joined
    tables = Tables(plan.cohort.dataset, {**related, table: frame}, dictionary)
    scan, notes = tables.open(table), list[Note]()
    brought = bring_columns(dictionary, table, joined)
    for other in joined:
        columns = {name: each.column for name, each in brought.items() if each.table == other}
        meanings = {name: each.meaning for name, each in brought.items() if each.table == other}
        scan, alone = bring(scan, tables.way(table, other), columns, meanings, tables)
        path = path_between(dictionary, table, other)
        notes += _note_brought([name for name in columns_of(plan) if name in columns], scan, path, alone)
    if joined:  # by which the persons of its rows may have become known
        scan = replace(scan, identifier=widen(dictionary, table, joined).identifier(table))
    scan = _with_persons(scan, tables, joined)
    for taken in rows_taken(plan):
        scan, more = _take_of_rows(scan, taken, tables)
        notes += more
    scan = derive(scan, plan.cohort.derived)
    if isinstance(plan, Records):
        return _number_records(plan, scan, tables, notes)
    for condition in conditions_on_rows(variables_of(plan)):
        holder = holder_of(condition, table, joined, dictionary)
        if holder == table:
            scan, more = _decide_rows(scan, condition, tables)
        else:
            scan, more = _decide_beside(scan, condition, holder, tables)
        notes += more
    return scan, [*notes, *note_derived(plan, scan)]


def _number_records(plan: Records, scan: Scan, tables: Tables, notes: list[Note]) -> tuple[Scan, list[Note]]:
    """Add to each person how many rows she has of each kind that the plan counts, and how many may be of it."""
    for condition in conditions_on_rows((*plan.cohort.where, *plan.by)):
        scan, more = _decide_rows(scan, condition, tables)
        notes += more
    for condition in (plan.rows, *plan.among):
        scan, more = _number_rows(scan, condition, tables)
        notes += more
    return scan, [note for place, note in enumerate(notes) if note not in notes[:place]]


def _with_persons(scan: Scan, tables: Tables, joined: Sequence[str]) -> Scan:
    """Bring the patient to rows that only relations say whose they are: each would pass for another person's else."""
    for patients in persons_of(scan.table, tables.dictionary):
        keys = tables.dictionary.grains[patients].key
        meanings = [tables.dictionary.tables[patients][key] for key in keys]
        if len(keys) == 1 and patients in joined:
            return scan
        names = [f"{patients}.{keys[0]}"] if len(keys) == 1 else unused_names(scan, "person", len(keys))
        names = [other_than(name, list(scan.schema)) for name in names]
        way = tables.way(scan.table, patients)
        scan, _ = bring(scan, way, dict(zip(names, keys, strict=True)), dict(zip(names, meanings, strict=True)), tables)
        person = names[0]
        if len(keys) > 1:
            person = other_than(" and ".join(keys), list(scan.schema))
            whole = nw.concat_str([nw.col(called(each)).cast(nw.String) for each in names], separator="\x1f")
            rows = scan.rows.with_columns(whole.alias(called(person)))
            scan = with_columns_of(
                scan, rows, {person: nw.String()}, {person: Column(kind="identifier", role="patient")}
            )
        scan = replace(scan, identifier=person)
    return scan


def _take_of_rows(scan: Scan, taken: OfRows, tables: Tables) -> tuple[Scan, list[Note]]:
    """Add to each row what the rows of a finer table come to; of the table's own rows, to each of a person's."""
    name = name_of_derived(taken)
    if name in scan.schema:
        raise PlanError(f"'{name}' is a column of '{scan.table}' and a derived variable too.")
    finer, notes = (scan if taken.table == scan.table else tables.open(taken.table)), list[Note]()
    for inner in conditions_on_rows(taken.where):
        finer, more = _decide_rows(finer, inner, tables)
        notes += more
    if taken.table == scan.table:
        if scan.identifier is None:
            raise PlanError(f"Which rows of '{scan.table}' are of one person is not known.", "Confirm an identifier.")
        here = there = [known_values(scan, scan.identifier)]
        key = scan.identifier
    else:
        *before, relation = tables.way(taken.table, scan.table)
        columns = list(relation.columns)
        if before:
            columns = unused_names(finer, "brought", len(relation.columns))
            finer, _ = bring(finer, tuple(before), dict(zip(columns, relation.columns, strict=True)), {}, tables)
        here, there = keys_of(scan, relation.keys, finer, columns)
        key = " and ".join(relation.keys)
    keys = unused_names(scan, "key", len(here))
    found, tied = take_values(finer, taken, named(there, keys), keys)
    rows = scan.rows.with_columns(*named(here, keys)).join(found, on=keys, how="left").drop(*keys)
    if taken.take == "number":
        rows = rows.with_columns(nw.col(called(name)).fill_null(0))
    meaning = made_column(taken, finer.columns)
    types = {name: found.collect_schema()[called(name)]}
    return with_columns_of(scan, rows, types, {name: meaning}), [*notes, *note_taken(taken, key, tied)]


def _decide_beside(scan: Scan, condition: AnyRow, holder: str, tables: Tables) -> tuple[Scan, list[Note]]:
    """Add to each row whether the row of another table that it belongs to has any such row of a third."""
    name = name_of(condition)
    decided, notes = _decide_rows(tables.open(holder), condition, tables)
    held = replace(tables, opened={**tables.opened, holder: decided})
    path = tables.way(scan.table, holder)
    scan, alone = bring(scan, path, {name: name}, {name: Column(kind="binary")}, held)
    return scan, [*notes, *_note_brought([name], scan, path, alone)]


def _decide_rows(scan: Scan, condition: AnyRow, tables: Tables) -> tuple[Scan, list[Note]]:
    """Add whether any row of a finer table meets a condition: yes; unknown where it is open; no where none does."""
    name = name_of(condition)
    found = _gather_rows(scan, condition, tables)
    no_key = ~nw.all_horizontal(*are_known(found.keys), ignore_nulls=False)
    decided = (
        nw.when(no_key | (nw.col(found.open) > 0)).then(nw.lit(None, nw.Boolean)).otherwise(nw.lit(False, nw.Boolean))
    )
    decided = nw.when(nw.col(found.yes) > 0).then(nw.lit(True, nw.Boolean)).otherwise(decided)
    rows = found.rows.with_columns(decided.alias(called(name))).drop(*found.names)
    notes = [*found.notes, *_note_rows(condition, scan, found.relation, found.alone)]
    notes += note_beyond(Count(Cohort(tables.dataset, condition.table, condition.where)), found.finer)
    return with_columns_of(scan, rows, {name: nw.Boolean()}, {name: Column(kind="binary")}), notes


def _number_rows(scan: Scan, condition: AnyRow, tables: Tables) -> tuple[Scan, list[Note]]:
    """Add how many rows of a finer table meet a condition, and for how many it is open; 0 where there is none."""
    names = numbers_of_rows(condition)
    found = _gather_rows(scan, condition, tables)
    known = nw.all_horizontal(*are_known(found.keys), ignore_nulls=False)
    numbers = [
        nw.when(known).then(nw.col(each).fill_null(0)).alias(called(name))
        for each, name in zip((found.yes, found.open), names, strict=True)
    ]
    rows = found.rows.with_columns(*numbers).drop(*found.names)
    types, meanings = dict.fromkeys(names, nw.Int64()), dict.fromkeys(names, Column(kind="numeric"))
    facts: dict[str, float | int | str] = {
        "finer": condition.table, "table": scan.table, "key": " and ".join(found.relation.keys)
    }  # fmt: skip
    notes = [*found.notes, Note("caution", "A row of {table} without rows of {finer} (by {key}) has 0 of them.", facts)]
    if found.alone:
        text = "{rows} rows of {finer} belong to no row of {table} by {key}, and are not counted."
        notes.append(Note("caution", text, {**facts, "rows": found.alone}))
    notes += note_beyond(Count(Cohort(tables.dataset, condition.table, condition.where)), found.finer)
    return with_columns_of(scan, rows, types, meanings), notes


def numbers_of_rows(condition: AnyRow) -> tuple[str, str]:
    """Return what the numbers of a person's rows are called: those that meet a condition, and those that may."""
    return f"number of rows: {name_of(condition)}", f"number of open rows: {name_of(condition)}"


@dataclass(frozen=True, slots=True)
class _Gathered:
    """The rows of a table with `yes` and `open`: how many finer rows meet a condition, and for how many that is open.

    `names` are those that were added to its rows, of which `keys` tell whose the finer rows are.
    """

    rows: Rows
    finer: Scan
    keys: list[str]
    yes: str
    open: str
    names: list[str]
    relation: Relation
    alone: int
    notes: list[Note]


def _gather_rows(scan: Scan, condition: AnyRow, tables: Tables) -> _Gathered:
    for name in (name_of(condition), *numbers_of_rows(condition)):
        if name in scan.schema:
            raise PlanError(f"'{name}' is a column of '{scan.table}', or another condition too.", "Ask for one.")
    *before, relation = tables.way(condition.table, scan.table)
    finer, notes = tables.open(condition.table), list[Note]()
    for inner in conditions_on_rows(condition.where):
        finer, more = _decide_rows(finer, inner, tables)
        notes += more
    columns = list(relation.columns)
    if before:
        columns = unused_names(finer, "brought", len(relation.columns))
        finer, _ = bring(finer, tuple(before), dict(zip(columns, relation.columns, strict=True)), {}, tables)
    here, there = keys_of(scan, relation.keys, finer, columns)
    keys = unused_names(scan, "key", len(here) + 3)
    yes, is_open, number = keys[-3:]
    del keys[-3:]
    answer = decide(finer, AllOf(condition.where)) if condition.where else nw.lit(value=True, dtype=nw.Boolean)
    found = (
        finer.rows.select(*named(there, keys), answer.fill_null(False).alias(yes), answer.is_null().alias(is_open))
        .with_columns(nw.col(yes, is_open).cast(nw.Int64))
        .group_by(*keys)
        .agg(nw.col(yes, is_open).sum(), nw.len().alias(number))
    )
    rows = scan.rows.with_columns(*named(here, keys))
    alone = _count_alone(found, rows, keys, number)
    rows = rows.join(found.filter(*are_known(keys)), on=keys, how="left")
    return _Gathered(rows, finer, keys, yes, is_open, [*keys, yes, is_open, number], relation, alone, notes)


def _count_alone(found: Rows, rows: Rows, keys: Sequence[str], number: str) -> int:
    """Count the rows of the finer table that belong to no row of the coarser."""
    there = rows.select(*keys).filter(*are_known(keys)).unique()
    met = other_than("met", [*keys, number])
    lost = found.join(there.with_columns(nw.lit(1).alias(met)), on=list(keys), how="left").filter(nw.col(met).is_null())
    return int(collect(lost.select(nw.col(number).sum())).item() or 0)


def _note_brought(columns: Sequence[str], scan: Scan, path: Path, alone: int) -> list[Note]:
    key = " and ".join(path[0].columns)
    facts: dict[str, float | int | str] = {"table": scan.table, "other": path[-1].table, "key": key}
    if not columns:
        return []
    text = "{columns} of {other} is brought to each row of {table} by {key}: no row is lost or counted twice."
    notes = [Note("caution", text, {**facts, "columns": ", ".join(columns)})]
    if alone:
        text = "{rows} rows of {table} belong to no row of {other} by {key}: what comes from it is missing for them."
        notes.append(Note("caution", text, {**facts, "rows": alone}))
    return notes


def _note_rows(condition: AnyRow, scan: Scan, relation: Relation, alone: int) -> list[Note]:
    key = " and ".join(relation.keys)
    facts: dict[str, float | int | str] = {"finer": condition.table, "table": scan.table, "key": key}
    text = (
        "A row of {table} has it where at least one of its rows of {finer} (by {key}) does; where it has none, it has "
        "not. All rows of {table} are looked at."
    )
    notes = [Note("caution", text, facts)]
    if alone:
        text = "{rows} rows of {finer} belong to no row of {table} by {key}, and are not looked at."
        notes.append(Note("caution", text, {**facts, "rows": alone}))
    return notes
