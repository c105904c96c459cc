"""Columns brought to rows from the rows of coarser tables that they belong to: no row lost, and none multiplied."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import narwhals as nw

from clinical_nb.analysis.counts import Frame, Scan, collect, known_values, open_scan
from clinical_nb.analysis.stored import called
from clinical_nb.dictionary.joining import Path, paths_between
from clinical_nb.dictionary.meaning import Column, Dictionary, Relation
from clinical_nb.errors import PlanError

Rows = nw.LazyFrame[Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a dataset, as they are opened when they are needed."""

    dataset: str
    frames: Mapping[str, Frame]
    dictionary: Dictionary
    opened: Mapping[str, Scan] = field(default_factory=dict[str, Scan])

    def open(self, table: str) -> Scan:
        """Return the rows of a table, with what was decided of them before."""
        if table in self.opened:
            return self.opened[table]
        if table not in self.frames:
            raise PlanError(f"The rows of '{table}', which this needs, were not given.")
        return open_scan(self.frames[table], self.dictionary, table)

    def way(self, finer: str, coarser: str) -> Path:
        """Return the shortest way between two tables, after seeing that no other leads to another row.

        Raises
        ------
        PlanError
            When one does, with how many rows it concerns.

        """
        first, *others = paths_between(self.dictionary, finer, coarser)
        for other in others:
            _refuse_contradiction(self, finer, first, other)
        return first


def most_rows_each(finer: str, coarser: str, frames: Mapping[str, Frame], dictionary: Dictionary) -> int:
    """Return how many rows of a table belong to one row of another, at most."""
    if finer == coarser:
        return 1
    tables = Tables("", frames, dictionary)
    path, scan = tables.way(finer, coarser), tables.open(finer)
    keys = unused_names(scan, "end", len(path[-1].keys))
    scan, _ = bring(scan, path, dict(zip(keys, path[-1].keys, strict=True)), {}, tables)
    counted = scan.rows.filter(*are_known(keys)).group_by(*keys).agg(nw.len().alias(other_than("number", keys)))
    return int(collect(counted.select(nw.col(other_than("number", keys)).max())).item() or 0)


def bring(
    scan: Scan, path: Path, columns: Mapping[str, str], meanings: Mapping[str, Column], tables: Tables
) -> tuple[Scan, int]:
    """Bring columns (what each is to be called, and is called there) along a path; count the rows that reach no row."""
    relation, *further = path
    coarser = tables.open(relation.table)
    if further:
        inner = dict(zip(columns, unused_names(coarser, "brought", len(columns)), strict=True))
        meant = {inner[name]: meaning for name, meaning in meanings.items()}
        coarser, _ = bring(coarser, tuple(further), {inner[name]: columns[name] for name in columns}, meant, tables)
        columns = inner
    here, there = keys_of(scan, relation.columns, coarser, relation.keys)
    keys = unused_names(scan, "key", len(here) + 1, columns)
    met = keys.pop()
    values = [known_values(coarser, column).alias(called(name)) for name, column in columns.items()]
    looked = coarser.rows.select(*named(there, keys), *values).filter(*are_known(keys))
    _refuse_repeated(looked, keys, scan.table, relation)
    rows = scan.rows.with_columns(*named(here, keys))
    rows = rows.join(looked.with_columns(nw.lit(1).alias(met)), on=keys, how="left")
    alone = int(collect(rows.select(nw.col(met).is_null().cast(nw.Int64).sum())).item() or 0)
    types = looked.collect_schema()
    added = {name: types[called(name)] for name in columns}
    return with_columns_of(scan, rows.drop(*keys, met), added, meanings), alone


def keys_of(
    scan: Scan, columns: Sequence[str], other: Scan, keys: Sequence[str]
) -> tuple[list[nw.Expr], list[nw.Expr]]:
    """Return the columns by which rows of two tables belong together, of one type each; null where they are missing."""
    here, there = ([known_values(of, each) for each in names] for of, names in ((scan, columns), (other, keys)))
    types = [
        list(of.rows.select(*named(side, _places(side))).collect_schema().values())
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


def _refuse_contradiction(tables: Tables, finer: str, one: Path, other: Path) -> None:
    """Refuse two ways to another table that lead to different rows of it."""
    scan, keys = tables.open(finer), one[-1].keys
    ends: list[list[str]] = []
    for path in (one, other):
        names = unused_names(scan, "end", len(keys))
        scan, _ = bring(scan, path, dict(zip(names, keys, strict=True)), {}, tables)
        ends.append(names)
    differ = [nw.col(here) != nw.col(there) for here, there in zip(*ends, strict=True)]
    wrong = scan.rows.select(nw.any_horizontal(*differ, ignore_nulls=True).fill_null(False).cast(nw.Int64).alias("n"))
    rows = int(collect(wrong.select(nw.col("n").sum())).item() or 0)
    if rows:
        ways = [" and ".join(path[0].columns) for path in (one, other)]
        raise PlanError(
            f"{rows} rows of '{finer}' belong to one row of '{one[-1].table}' by {ways[0]} and to another by "
            f"{ways[1]}: it is open which is meant.",
            "Keep the relation that is meant in the dictionary, or mend these rows.",
        )


def _refuse_repeated(looked: Rows, keys: Sequence[str], table: str, relation: Relation) -> None:
    number = other_than("number", keys)
    repeated = looked.group_by(*keys).agg(nw.len().alias(number)).filter(nw.col(number) > 1)
    several = int(collect(repeated.select(nw.len())).item())
    if several:
        raise PlanError(
            f"{several} values of {' and '.join(relation.keys)} stand in several rows of '{relation.table}': bringing "
            f"its columns to '{table}' would multiply rows.",
            f"Ask about '{relation.table}' alone, or upload it with one row for each {' and '.join(relation.keys)}.",
        )


def with_columns_of(scan: Scan, rows: Rows, types: Mapping[str, Any], meanings: Mapping[str, Column]) -> Scan:
    """Return a table with rows that have further columns."""
    return replace(
        scan,
        frame=rows.to_native(),
        rows=rows,
        schema=nw.Schema({**scan.schema, **types}),
        columns={**scan.columns, **meanings},
    )


def unused_names(scan: Scan, name: str, number: int, taken: Collection[str] = ()) -> list[str]:
    """Return names that no column of the rows has, and none that will come to them."""
    while any(column.startswith(name) for column in (*scan.schema, *taken)):
        name += "_"
    return [f"{name}{place}" for place in range(number)]


def other_than(name: str, taken: Sequence[str]) -> str:
    """Return a name that is not taken."""
    while name in taken:
        name += "_"
    return name


def named(values: Sequence[nw.Expr], names: Sequence[str]) -> list[nw.Expr]:
    """Return expressions under these names."""
    return [value.alias(name) for value, name in zip(values, names, strict=True)]


def _places(values: Sequence[nw.Expr]) -> list[str]:
    return [f"k{place}" for place in range(len(values))]


def are_known(keys: Sequence[str]) -> list[nw.Expr]:
    """Return whether each key is known."""
    return [~nw.col(key).is_null() for key in keys]
