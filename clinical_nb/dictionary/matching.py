"""Matching: how many rows of one table have the key of a row of another, counted exactly without holding either."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from clinical_nb.dictionary.keys import known

_LARGEST_WHOLE = 2**53  # above it, not every whole number is a float
_FEW = 0.1  # of the rows may be without a partner, and the tables still belong together
_FEWEST = 5  # values that must be in the other table where the names do not agree


@dataclass(frozen=True, slots=True)
class Match:
    """How the rows of a table meet the keys of another.

    Of `rows`, `missing` have no value, and `without` one that is no key; `values` of the `keys` are met by some row.
    """

    rows: int
    missing: int
    without: int
    values: int
    keys: int


def match_rows(child: pl.LazyFrame, columns: Sequence[str], parent: pl.LazyFrame, keys: Sequence[str]) -> Match | None:
    """Return how the rows of a table meet the keys of another; None where their types cannot be compared.

    Whole numbers meet floats of the same value. Only the distinct values of both tables are held.
    """
    sides: tuple[list[pl.Expr], list[pl.Expr]] = ([], [])
    for place, (column, key) in enumerate(zip(columns, keys, strict=True)):
        types = child.collect_schema()[column], parent.collect_schema()[key]
        if not _can_meet(*types):
            return None
        for side, scan, name, dtype in zip(sides, (child, parent), (column, key), types, strict=True):
            value = known(scan, name)
            side.append((_whole(value, dtype) if types[0] != types[1] else value).alias(f"k{place}"))
    names = [f"k{place}" for place in range(len(columns))]
    is_missing = pl.any_horizontal(known(child, column).is_null() for column in columns)
    rows = child.select(*sides[0], is_missing.alias("missing"))
    counted = rows.group_by(names).agg(pl.len().alias("rows"), pl.col("missing").sum())
    there = parent.select(sides[1]).with_columns(pl.lit(value=True).alias("there"))
    met = counted.join(there, on=names, how="left")
    is_there = pl.col("there").is_not_null()
    found = met.select(
        pl.col("rows").sum(),
        pl.col("missing").sum(),
        pl.col("rows").filter(is_there).sum().alias("with"),
        is_there.sum().alias("values"),
    ).collect(engine="streaming")
    total, missing, with_key, values = found.row(0)
    held = parent.select(pl.len()).collect(engine="streaming").item()
    return Match(total, missing, total - missing - with_key, values, held)


def find_copied(
    child: pl.LazyFrame, columns: Sequence[str], parent: pl.LazyFrame, keys: Sequence[str]
) -> tuple[str, ...]:
    """Return the columns of a table that hold, in each of its rows, what the row of the other table has."""
    shared = _find_shared(child, columns, parent, keys)
    if not shared:
        return ()
    same = [pl.col(f"c{place}").eq_missing(pl.col(f"p{place}")).all() for place in range(len(shared))]
    named = (each.alias(f"s{place}") for place, each in enumerate(same))
    met = _meet(child, columns, parent, keys, shared)
    rows, *are = met.select(pl.len().alias("rows"), *named).collect(engine="streaming").row(0)
    return tuple(name for name, is_same in zip(shared, are, strict=True) if rows and is_same)


def count_differing(
    child: pl.LazyFrame, columns: Sequence[str], parent: pl.LazyFrame, keys: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return of each column of one name in both tables in how many rows both have a value, and how many differ."""
    shared = _find_shared(child, columns, parent, keys)
    if not shared:
        return {}
    differs = [pl.col(f"c{place}") != pl.col(f"p{place}") for place in range(len(shared))]
    counted = (
        each
        for place, one in enumerate(differs)
        for each in (one.count().alias(f"b{place}"), one.sum().alias(f"d{place}"))
    )
    row = _meet(child, columns, parent, keys, shared).select(counted).collect(engine="streaming").row(0)
    return {name: (int(row[2 * place]), int(row[2 * place + 1])) for place, name in enumerate(shared)}


def _find_shared(child: pl.LazyFrame, columns: Sequence[str], parent: pl.LazyFrame, keys: Sequence[str]) -> list[str]:
    """Return the columns of one name and type in both tables, but for the keys; none where these are of two types."""
    here, there = child.collect_schema(), parent.collect_schema()
    pairs = zip(columns, keys, strict=True)
    if any(here.get(one) is None or here.get(one) != there.get(other) for one, other in pairs):
        return []
    return [name for name in here if here[name] == there.get(name) and name not in (*columns, *keys)]


def _meet(
    child: pl.LazyFrame, columns: Sequence[str], parent: pl.LazyFrame, keys: Sequence[str], shared: Sequence[str]
) -> pl.LazyFrame:
    """Return the rows of two tables that meet, with what they share: `c0` beside the other's `p0`, and so on."""
    names = [f"k{place}" for place in range(len(columns))]
    ours, theirs = (
        scan.select(
            *(known(scan, key).alias(name) for name, key in zip(names, own, strict=True)),
            *(known(scan, column).alias(f"{letter}{place}") for place, column in enumerate(shared)),
        )
        for scan, own, letter in ((child, columns, "c"), (parent, keys, "p"))
    )
    return ours.join(theirs, on=names)


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often the values of a column stand in its rows: `missing` have none, `repeated` one that others have too."""

    rows: int
    missing: int
    repeated: int


def count_repeats(scan: pl.LazyFrame, column: str) -> Repeats:
    """Count the rows that a column does not tell apart."""
    counted = scan.select(known(scan, column).alias("value")).group_by("value").agg(pl.len().alias("rows"))
    is_missing = pl.col("value").is_null()
    found = counted.select(
        pl.col("rows").sum(),
        pl.col("rows").filter(is_missing).sum().alias("missing"),
        pl.col("rows").filter(~is_missing & (pl.col("rows") > 1)).sum().alias("repeated"),
    ).collect(engine="streaming")
    return Repeats(*found.row(0))


def _can_meet(one: pl.DataType, other: pl.DataType) -> bool:
    if one.is_numeric() and other.is_numeric():
        return not (one.is_decimal() or other.is_decimal())
    return one == other and (one == pl.String or one.is_temporal())


def _whole(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return numbers as whole ones; those that are not whole meet nothing."""
    if not dtype.is_float():
        return value.cast(pl.Int64, strict=False)
    is_whole = (value == value.floor()) & (value.abs() <= _LARGEST_WHOLE)
    return pl.when(is_whole).then(value).cast(pl.Int64, strict=False)


def is_unmistakable(match: Match) -> bool:
    """Tell whether values alone show that a column holds another table's keys: all are, and they are most of them."""
    return not match.without and match.values >= _FEWEST and match.values * 2 >= match.keys


def is_near(match: Match) -> bool:
    """Tell whether values alone nearly show it, but for a few rows."""
    known = match.rows - match.missing
    return match.values >= _FEWEST and 0 < match.without <= _FEW * known and match.values * 2 >= match.keys


def is_related(match: Match) -> bool:
    """Tell whether hardly a row is without a partner: the tables belong together, but for these."""
    known = match.rows - match.missing
    return match.without <= _FEW * known or (match.without == 1 and known >= _FEWEST)
