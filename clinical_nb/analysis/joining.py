"""Several tables as the rows of one: columns brought from coarser tables, and whether finer ones have any such row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from clinical_nb.analysis.beyond import note_beyond
from clinical_nb.analysis.counts import Frame, Scan, collect, decide, known_values, open_scan
from clinical_nb.analysis.stored import called
from clinical_nb.dictionary.joining import Path, bring_columns, path_between, widen
from clinical_nb.dictionary.meaning import Column, Dictionary, Relation
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Cohort,
    Compare,
    Count,
    Describe,
    Plan,
    Proportion,
    Variable,
    columns_of,
    name_of,
)
from clinical_nb.result import Note

Rows = nw.LazyFrame[Any]


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a dataset, as they are opened when they are needed."""

    dataset: str
    frames: Mapping[str, Frame]
    dictionary: Dictionary

    def open(self, table: str) -> Scan:
        if table not in self.frames:
            raise PlanError(f"The rows of '{table}', which this needs, were not given.")
        return open_scan(self.frames[table], self.dictionary, table)


def related_tables(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Name the tables whose rows a plan needs beside those of its own, sorted.

    Raises
    ------
    UnknownTableError, PlanError
        When no declared relation leads from one to the other.

    """
    used = relations_used(plan, dictionary)
    found = {table for here, relation in used for table in (here, relation.table)}
    return tuple(sorted(found - {plan.cohort.table}))


def relations_used(plan: Plan, dictionary: Dictionary) -> tuple[tuple[str, Relation], ...]:
    """Return the relations that a plan goes along, each with the table whose rows belong to the other, once each.

    Raises
    ------
    UnknownTableError, PlanError
        When no declared relation leads from one to the other.

    """
    table = plan.cohort.table
    ways = [(table, path_between(dictionary, table, other)) for other in plan.cohort.joined]
    for condition in _conditions_on_rows(_variables(plan)):
        ways += _ways_of(condition, table, dictionary)
    steps = [step for start, path in ways for step in zip((start, *(each.table for each in path)), path, strict=False)]
    return tuple(dict.fromkeys(steps))


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
    tables = _Tables(plan.cohort.dataset, {**related, plan.cohort.table: frame}, dictionary)
    scan, notes = tables.open(plan.cohort.table), list[Note]()
    brought = bring_columns(dictionary, scan.table, plan.cohort.joined)
    for other in plan.cohort.joined:
        columns = {name: each.column for name, each in brought.items() if each.table == other}
        meanings = {name: each.meaning for name, each in brought.items() if each.table == other}
        path = path_between(dictionary, scan.table, other)
        scan, alone = _bring(scan, path, columns, meanings, tables)
        notes += _note_brought([name for name in columns_of(plan) if name in columns], scan, path, alone)
    if plan.cohort.joined:  # by which the persons of its rows may have become known
        widened = widen(dictionary, scan.table, plan.cohort.joined)
        scan = replace(scan, identifier=widened.identifier(scan.table))
    for condition in _conditions_on_rows(_variables(plan)):
        scan, more = _decide_rows(scan, condition, tables)
        notes += more
    return scan, notes


def _bring(
    scan: Scan, path: Path, columns: Mapping[str, str], meanings: Mapping[str, Column], tables: _Tables
) -> tuple[Scan, int]:
    """Bring columns (what each is to be called, and is called there) along a path; count the rows that reach no row."""
    relation, *further = path
    coarser = tables.open(relation.table)
    if further:
        inner = dict(zip(columns, _unused(coarser, "brought", len(columns)), strict=True))
        meant = {inner[name]: meaning for name, meaning in meanings.items()}
        coarser, _ = _bring(coarser, tuple(further), {inner[name]: columns[name] for name in columns}, meant, tables)
        columns = inner
    here, there = _keys(scan, relation.columns, coarser, relation.keys)
    keys = _unused(scan, "key", len(here) + 1)
    met = keys.pop()
    values = [known_values(coarser, column).alias(called(name)) for name, column in columns.items()]
    looked = coarser.rows.select(*_named(there, keys), *values).filter(*_are_known(keys))
    _refuse_repeated(looked, keys, scan.table, relation)
    rows = scan.rows.with_columns(*_named(here, keys))
    rows = rows.join(looked.with_columns(nw.lit(1).alias(met)), on=keys, how="left")
    alone = int(collect(rows.select(nw.col(met).is_null().cast(nw.Int64).sum())).item() or 0)
    types = looked.collect_schema()
    added = {name: types[called(name)] for name in columns}
    return _with(scan, rows.drop(*keys, met), added, meanings), alone


def _decide_rows(scan: Scan, condition: AnyRow, tables: _Tables) -> tuple[Scan, list[Note]]:
    """Add whether any row of a finer table meets a condition: yes; unknown where it is open; no where none does."""
    name = name_of(condition)
    if name in scan.schema:
        raise PlanError(f"'{name}' is a column of '{scan.table}', or another condition too.", "Ask for one at a time.")
    *before, relation = path_between(tables.dictionary, condition.table, scan.table)
    finer, notes = tables.open(condition.table), list[Note]()
    for inner in _conditions_on_rows(condition.where):
        finer, more = _decide_rows(finer, inner, tables)
        notes += more
    columns = list(relation.columns)
    if before:
        columns = _unused(finer, "brought", len(relation.columns))
        finer, _ = _bring(finer, tuple(before), dict(zip(columns, relation.columns, strict=True)), {}, tables)
    here, there = _keys(scan, relation.keys, finer, columns)
    keys = _unused(scan, "key", len(here) + 3)
    yes, is_open, number = keys[-3:]
    del keys[-3:]
    answer = decide(finer, AllOf(condition.where)) if condition.where else nw.lit(value=True, dtype=nw.Boolean)
    found = (
        finer.rows.select(*_named(there, keys), answer.fill_null(False).alias(yes), answer.is_null().alias(is_open))
        .with_columns(nw.col(yes, is_open).cast(nw.Int64))
        .group_by(*keys)
        .agg(nw.col(yes, is_open).max(), nw.len().alias(number))
    )
    rows = scan.rows.with_columns(*_named(here, keys))
    alone = _count_alone(found, rows, keys, number)
    rows = rows.join(found.filter(*_are_known(keys)), on=keys, how="left")
    no_key = ~nw.all_horizontal(*_are_known(keys), ignore_nulls=False)
    decided = (
        nw.when(no_key | (nw.col(is_open) == 1)).then(nw.lit(None, nw.Boolean)).otherwise(nw.lit(False, nw.Boolean))
    )
    decided = nw.when(nw.col(yes) == 1).then(nw.lit(True, nw.Boolean)).otherwise(decided)
    rows = rows.with_columns(decided.alias(called(name))).drop(*keys, yes, is_open, number)
    notes += _note_rows(condition, scan, relation, alone)
    notes += note_beyond(Count(Cohort(tables.dataset, condition.table, condition.where)), finer)
    return _with(scan, rows, {name: nw.Boolean()}, {name: Column(kind="binary")}), notes


def _keys(scan: Scan, columns: Sequence[str], other: Scan, keys: Sequence[str]) -> tuple[list[nw.Expr], list[nw.Expr]]:
    """Return the columns by which rows of two tables belong together, of one type each; null where they are missing."""
    here, there = ([known_values(of, each) for each in names] for of, names in ((scan, columns), (other, keys)))
    types = [
        list(of.rows.select(*_named(side, _places(side))).collect_schema().values())
        for of, side in ((scan, here), (other, there))
    ]
    for place, (one, two) in enumerate(zip(*types, strict=True)):
        if one == two:
            continue
        if not (one.is_numeric() and two.is_numeric()):
            raise PlanError(
                f"'{columns[place]}' of '{scan.table}' and '{keys[place]}' of '{other.table}' are not of one type "
                f"({one} and {two}), so their rows cannot be brought together.",
                "Clean one of them, so that both are numbers or both are text.",
            )
        common = nw.Int64() if one.is_integer() and two.is_integer() else nw.Float64()
        here[place], there[place] = here[place].cast(common), there[place].cast(common)
    return here, there


def _refuse_repeated(looked: Rows, keys: Sequence[str], table: str, relation: Relation) -> None:
    number = _other_than("number", keys)
    repeated = looked.group_by(*keys).agg(nw.len().alias(number)).filter(nw.col(number) > 1)
    several = int(collect(repeated.select(nw.len())).item())
    if several:
        raise PlanError(
            f"{several} values of {' and '.join(relation.keys)} stand in several rows of '{relation.table}': bringing "
            f"its columns to '{table}' would multiply rows.",
            f"Ask about '{relation.table}' alone, or upload it with one row for each {' and '.join(relation.keys)}.",
        )


def _count_alone(found: Rows, rows: Rows, keys: Sequence[str], number: str) -> int:
    """Count the rows of the finer table that belong to no row of the coarser."""
    there = rows.select(*keys).filter(*_are_known(keys)).unique()
    met = _other_than("met", [*keys, number])
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


def _with(scan: Scan, rows: Rows, types: Mapping[str, Any], meanings: Mapping[str, Column]) -> Scan:
    return replace(
        scan,
        frame=rows.to_native(),
        rows=rows,
        schema=nw.Schema({**scan.schema, **types}),
        columns={**scan.columns, **meanings},
    )


def _conditions_on_rows(variables: Sequence[Variable]) -> list[AnyRow]:
    """Return the conditions on rows of finer tables, once each, but those within another."""
    return list(dict.fromkeys(_find_on_rows(variables)))


def _find_on_rows(variables: Sequence[Variable]) -> Iterator[AnyRow]:
    for each in variables:
        if isinstance(each, AnyRow):
            yield each
        elif isinstance(each, AllOf | AnyOf):
            yield from _find_on_rows(each.conditions)


def _variables(plan: Plan) -> tuple[Variable, ...]:
    match plan:
        case Count(cohort, by):
            return (*cohort.where, *by)
        case Proportion(cohort, event, by):
            return (*cohort.where, event, *by)
        case Describe(cohort, column, by):
            return (*cohort.where, column, *by)
        case Compare(cohort, outcome, by):
            return (*cohort.where, outcome, by)


def _ways_of(condition: AnyRow, table: str, dictionary: Dictionary) -> list[tuple[str, Path]]:
    found = [(condition.table, path_between(dictionary, condition.table, table))]
    for inner in _conditions_on_rows(condition.where):
        found += _ways_of(inner, condition.table, dictionary)
    return found


def _unused(scan: Scan, name: str, number: int) -> list[str]:
    """Return names that no column of the rows has."""
    while any(column.startswith(name) for column in scan.schema):
        name += "_"
    return [f"{name}{place}" for place in range(number)]


def _other_than(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _named(values: Sequence[nw.Expr], names: Sequence[str]) -> list[nw.Expr]:
    return [value.alias(name) for value, name in zip(values, names, strict=True)]


def _places(values: Sequence[nw.Expr]) -> list[str]:
    return [f"k{place}" for place in range(len(values))]


def _are_known(keys: Sequence[str]) -> list[nw.Expr]:
    return [~nw.col(key).is_null() for key in keys]
