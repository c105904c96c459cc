"""Who is who: the rows of one stored table found again in another, by what stands in them and not by what it is called.

A file that was uploaded twice, under two names or with two dictionaries, or with rows and columns more or less, has the
same persons: what was shown of the one was shown of the other. Columns are known by their names, rows by their cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from clinical_nb.analysis.counts import collect, known_values, open_scan
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.disclosure.crossing import Feature, Told
from clinical_nb.disclosure.rows import Codes, name_of_value

_ENOUGH = 0.5  # the share of a table's columns, of a column's values and of rows that must be found again
_SOME = 2  # values that a column has at least, to tell persons apart
_ALIKE = 0.9  # the share of rows in which a column must be the same to say that these are of the same persons


Pairs = np.ndarray[tuple[int, int], np.dtype[np.int64]]  # the places of the same row in two tables


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a stored table, and what an answer calls whom each is of: None where nobody knows."""

    frame: pl.DataFrame
    names: Sequence[str | None]


def read_rows(frame: pl.LazyFrame, meaning: Dictionary, table: str, *, by_identifier: bool) -> Rows | None:
    """Return the rows of a table with whom each is of, by its identifier or its place; None where it has none."""
    scan = open_scan(frame, meaning, table)
    rows = frame.collect()
    if not by_identifier:
        return Rows(rows, [*map(str, range(rows.height))])
    if scan.identifier is None:
        return None
    persons = collect(scan.rows.select(known_values(scan, scan.identifier).alias("person"))).to_polars()
    return Rows(rows, [None if each is None else name_of_value(each) for each in persons["person"].to_list()])


def find_again(then: Rows, now: Rows, *, are_persons: bool) -> Mapping[str, str]:
    """Return what each person of a table is called in another; nobody where the two have too little in common.

    Parameters
    ----------
    then, now
        The rows of both.
    are_persons
        Whether both are called by identifiers, so that who has changed in all else is still the same.

    """
    pairs = next(_pairings(then.frame, now.frame), None)
    found: dict[str, str] = {}
    for one, other in pairs.tolist() if pairs is not None else ():
        before, after = then.names[one], now.names[other]
        if before is not None and after is not None:
            found.setdefault(before, after)
    if pairs is None:
        return {}
    if are_persons:
        taken = {*found.values()}
        known = {name for name in now.names if name is not None and name not in taken}
        found |= {name: name for name in then.names if name is not None and name in known and name not in found}
    return found if len({*found.values()}) == len(found) else {}


def _pairings(one: pl.DataFrame, other: pl.DataFrame) -> Iterator[Pairs]:
    """Yield which rows of two tables are of the same: by all that stands in them, by one column, or by their place."""
    names = [name for name in one.columns if name in other.columns]
    before, after = ([_text(each, name) for name in names] for each in (one, other))
    fewer, narrower = min(one.height, other.height), min(one.width, other.width)
    kept = [at for at in range(len(names)) if _count_shared(before[at], after[at]) >= _ENOUGH * fewer]
    ways = [kept, *([at] for at in kept if before[at].is_unique().all() and after[at].is_unique().all())]
    for by in ways:
        pairs = (
            _pair(_keys([before[at] for at in by]), _keys([after[at] for at in by])) if by else np.zeros((0, 2), int)
        )
        rest = [at for at in range(len(names)) if by is kept or at not in by]
        alike = [at for at in rest if _are_alike(before[at], after[at], pairs)]
        if len(pairs) >= max(1, _ENOUGH * fewer) and len(alike) >= max(
            1, _ENOUGH * (narrower - len(names) + len(rest))
        ):
            yield pairs
    if one.height == other.height and one.height:
        pairs = np.stack([np.arange(one.height)] * 2, axis=1)
        if sum(_are_alike(before[at], after[at], pairs) for at in range(len(names))) >= max(1, _ENOUGH * narrower):
            yield pairs


def _count_shared(one: pl.Series, other: pl.Series) -> int:
    """Count the values that two columns have both, each as often as both do."""
    counts = [each.value_counts(name="rows") for each in (one, other)]
    both = counts[0].join(counts[1], on="value", nulls_equal=True)
    return int(both.select(pl.min_horizontal("rows", "rows_right").sum()).item())


def _are_alike(one: pl.Series, other: pl.Series, pairs: Pairs) -> bool:
    """Tell whether a column is mostly the same in rows that are taken for the same, and says something of them."""
    if not len(pairs) or one.n_unique() < _SOME:
        return False
    same = one.gather(pairs[:, 0]).eq_missing(other.gather(pairs[:, 1]))
    return int(same.sum()) >= _ALIKE * len(pairs)


def _text(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column's values as text: a whole number is the same, whatever type holds it."""
    values = frame.get_column(name)
    numbers = values.cast(pl.Float64, strict=False) if values.dtype.is_numeric() else values
    return numbers.cast(pl.String, strict=False).alias("value")


def _keys(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Return a key of what stands in each row, and which of those that are alike it is."""
    texts = pl.DataFrame([each.alias(str(place)) for place, each in enumerate(columns)])
    return pl.DataFrame({"key": texts.hash_rows(), "row": np.arange(texts.height)}).with_columns(
        pl.int_range(pl.len()).over("key").alias("time")
    )


def _pair(one: pl.DataFrame, other: pl.DataFrame) -> Pairs:
    joined = one.join(other, on=["key", "time"], suffix="_now")
    return joined.select("row", "row_now").to_numpy().astype(np.int64)


def renamed(told: Told, found: Mapping[str, str], universe: str) -> Told:
    """Return what was told with its persons called as in another table; who is not found again is somebody else."""
    called = (found.get(name, f"{told.universe}: {name}") for name in told.names)
    return replace(told, universe=universe, names=tuple(called))


def in_order(told: Told, names: Sequence[str]) -> Told:
    """Return what was told with its persons in the order of `names`, where they are just these."""
    if told.names == names or len(told.names) != len(names) or {*told.names} != {*names}:
        return told
    place = {name: number for number, name in enumerate(told.names)}
    order: Codes = np.fromiter((place[name] for name in names), np.int64, len(names))
    return replace(
        told,
        names=tuple(names),
        parts=tuple(each[order] for each in told.parts),
        sets=tuple(each[order] for each in told.sets),
        features=tuple(Feature(each.columns, each.codes[order], each.is_plain) for each in told.features),
    )
