"""What changed in one table, from both versions of it: columns, meaning, rows and levels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from clinical_nb.changes.alike import as_text
from clinical_nb.changes.columns import GROUPABLE, compare_columns, compare_grains, compare_meaning
from clinical_nb.changes.rows import Pair, collect, compare_rows, pair_rows
from clinical_nb.changes.values import LevelChanges, TableChanges
from clinical_nb.dictionary.identifiers import names_private, names_row
from clinical_nb.dictionary.meaning import Column, Grain


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A table as one version has it: `number` is the version's, `hash` its content's, `schema` the columns' types."""

    number: int
    hash: str
    rows: int
    schema: Mapping[str, str]
    meaning: Mapping[str, Column]
    scan: Callable[[], pl.LazyFrame]
    grain: Grain | None = None


def compare_tables(table: str, before: TableVersion, after: TableVersion) -> TableChanges:
    """Return what changed in a table; where the content is the same, nothing is read.

    Raises
    ------
    UnreadableTableError
        When a stored file is damaged inside.

    """
    sizes = (before.rows, after.rows)
    rows = compare_grains(before.grain, after.grain)
    if before.hash == after.hash:
        meaning = (*rows, *compare_meaning(before.meaning, after.meaning, ()))
        return TableChanges(table, *sizes, content_is_same=True, meaning=meaning)
    columns = compare_columns(before.schema, after.schema)
    shared = [name for name in after.schema if name in before.schema]
    if not shared:
        return TableChanges(table, *sizes, content_is_same=False, columns=columns, meaning=rows)
    pair = pair_rows(shared, (before.number, after.number), sizes, (before.scan(), after.scan()))
    levels = _compare_levels(pair, before.meaning, after.meaning)
    return TableChanges(
        table,
        *sizes,
        content_is_same=False,
        columns=columns,
        meaning=(*rows, *compare_meaning(before.meaning, after.meaning, levels)),
        rows=compare_rows(pair, before.meaning, after.meaning),
        levels=levels,
    )


def _compare_levels(pair: Pair, before: Mapping[str, Column], after: Mapping[str, Column]) -> tuple[LevelChanges, ...]:
    """Return the values of categories that only one version has; of what may name a person, none is ever told."""
    names = [
        name
        for name in pair.names
        if before[name].kind in GROUPABLE
        and after[name].kind in GROUPABLE
        and not names_private(name)
        and not names_row(name)
    ]
    values = [_find_values(pair, side, names) for side in (0, 1)]
    found: list[LevelChanges] = []
    for name, then, now in zip(names, *values, strict=True):
        appeared = {value: after[name].label_of(value) for value in now if value not in then}
        vanished = {value: before[name].label_of(value) for value in then if value not in now}
        if appeared or vanished:
            found.append(LevelChanges(name, appeared, vanished))
    return tuple(found)


def _find_values(pair: Pair, side: int, names: Sequence[str]) -> list[list[str]]:
    """Return the distinct values of each category as text, sorted."""
    if not names:
        return []
    columns = [pl.col(f"c{pair.names.index(name)}").drop_nulls().unique().implode() for name in names]
    found: list[list[str]] = []
    for name, values in zip(names, collect(pair.frames[side].select(columns)).iter_columns(), strict=True):
        texts = (
            values.explode(empty_as_null=False)
            .to_frame("value")
            .select(as_text(pl.col("value"), pair.types[side][name]))
        )
        found.append(texts.to_series().unique().sort().to_list())
    return found
