"""Taking: one number of several rows of a person: her first, last, highest, lowest or mean value."""

import math
from collections.abc import Sequence
from typing import Any

import narwhals as nw

from clinical_nb.analysis.counts import Scan, collect, decide, known_values
from clinical_nb.analysis.stored import called
from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import AllOf, OfRows, name_of_derived
from clinical_nb.result import Note

_DIGITS = 12  # of a sum that is the same on every engine: of whole numbers, and so is each value before it is added


def take_values(
    scan: Scan, taken: OfRows, whose: Sequence[nw.Expr], keys: Sequence[str]
) -> tuple[nw.LazyFrame[Any], int]:
    """Return one value for each of `keys`, which the expressions `whose` are called, and how many are left open.

    Left open is which value is meant where several stand in the row that is asked for.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, or holds no numbers.

    """
    name = called(name_of_derived(taken))
    if taken.take == "number":
        rows = scan.rows.filter(decide(scan, AllOf(taken.where))) if taken.where else scan.rows
        known = [~nw.col(each).is_null() for each in keys]
        return rows.select(*whose).filter(*known).group_by(*keys).agg(nw.len().cast(nw.Int64).alias(name)), 0
    for column in filter(None, (taken.column, taken.order)):
        if column not in scan.schema:
            raise UnknownColumnError(column, scan.table, scan.schema)
    if not scan.schema[taken.column].is_numeric():
        raise PlanError(f"'{taken.column}' does not hold numbers.", "Name a numeric column.")
    if scan.columns[taken.column].limit:
        raise PlanError(
            f"Some values of '{taken.column}' are only known to lie beyond a limit.",
            "Ask of its rows, with a condition.",
        )
    value, order, low, high = _apart(keys)
    rows = scan.rows.filter(decide(scan, AllOf(taken.where))) if taken.where else scan.rows
    kept = [known_values(scan, taken.column).alias(value)]
    if taken.order:
        kept.append(known_values(scan, taken.order).alias(order))
    rows = rows.select(*whose, *kept)
    rows = rows.filter(~nw.any_horizontal(*(nw.col(each).is_null() for each in (*keys, value)), ignore_nulls=False))
    if taken.take in ("highest", "lowest"):
        found = nw.col(value).max() if taken.take == "highest" else nw.col(value).min()
        return rows.group_by(*keys).agg(found.alias(name)), 0
    if taken.take == "mean":
        return _means(rows, keys, value, name), 0
    if taken.order:
        rows = rows.filter(~nw.col(order).is_null())
        edge = nw.col(order).min() if taken.take == "first" else nw.col(order).max()
        edges = rows.group_by(*keys).agg(edge.alias(low))
        rows = rows.join(edges, on=list(keys), how="inner").filter(nw.col(order) == nw.col(low)).drop(low)
    ends = rows.group_by(*keys).agg(nw.col(value).min().alias(low), nw.col(value).max().alias(high))
    tied = int(collect(ends.filter(nw.col(low) != nw.col(high)).select(nw.len())).item())
    one = nw.when(nw.col(low) == nw.col(high)).then(nw.col(low))
    return ends.with_columns(one.alias(name)).drop(low, high), tied


def _apart(keys: Sequence[str]) -> tuple[str, str, str, str]:
    """Return names that are none of the keys'."""
    more = "_" * (max(map(len, keys)) + 1)
    return f"value{more}", f"order{more}", f"low{more}", f"high{more}"


def _means(rows: nw.LazyFrame[Any], keys: Sequence[str], value: str, name: str) -> nw.LazyFrame[Any]:
    """Return the mean of each, summed in whole numbers: the sum of floats differs from run to run."""
    number, total = f"n{value}", f"sum{value}"
    size = collect(rows.select(nw.col(value).cast(nw.Float64).abs().max())).item() or 0.0
    digits = _DIGITS - math.ceil(math.log10(size)) if size and math.isfinite(size) else 0
    power = float(10 ** max(digits, 0))
    whole = (nw.col(value).cast(nw.Float64) * power).round(0).cast(nw.Int64)
    sums = rows.with_columns(whole.alias(total)).group_by(*keys)
    sums = sums.agg(nw.col(total).sum(), nw.len().alias(number))
    of = nw.col(number).cast(nw.Float64) * power
    return sums.with_columns((nw.col(total).cast(nw.Float64) / of).alias(name)).drop(total, number)


def note_taken(taken: OfRows, key: str, tied: int) -> list[Note]:
    """Say which rows a value was taken of, and for how many it is open which."""
    facts: dict[str, float | int | str] = {
        "column": taken.column, "finer": taken.table, "key": key, "order": taken.order, "rows": tied
    }  # fmt: skip
    if taken.take == "number":
        return [Note("caution", "Who has no such row of {finer} (by {key}) has 0 of them.", facts)]
    text = f"{_SAID[taken.take]} of the rows of {{finer}} of each {{key}}: each {{key}} counts once."
    notes = [Note("caution", text, facts)]
    if tied:
        where = "at the same {order}" if taken.order else "in rows that are asked for"
        notes.append(
            Note("caution", f"{{rows}} have different values of {{column}} {where}: theirs is missing.", facts)
        )
    return notes


_SAID = {
    "first": "The known value of {column} with the earliest {order}",
    "last": "The known value of {column} with the latest {order}",
    "highest": "The highest {column}",
    "lowest": "The lowest {column}",
    "mean": "The mean of {column}",
    "only": "The value of {column}",
}
