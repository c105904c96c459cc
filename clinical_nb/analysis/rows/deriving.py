"""Deriving: the variables that a plan makes of columns, as columns of its rows, lazily in whatever engine has them."""

import math
from collections.abc import Sequence
from typing import Any

import narwhals as nw

from clinical_nb.analysis.counts import Scan, collect, count_rows, known_values
from clinical_nb.analysis.rows.bringing import with_columns_of
from clinical_nb.analysis.stored import called
from clinical_nb.dictionary.deriving import made_column
from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import (
    DateOf,
    Derived,
    Difference,
    Elapsed,
    Known,
    Merged,
    Missing,
    OfRows,
    PartOf,
    Plan,
    columns_of,
    name_of_derived,
    sources_of,
    with_inner,
)
from clinical_nb.plans.derived import DAYS, patterns_of_pair
from clinical_nb.result import Note

_DIGITS = 12  # of a difference, as `changes_of` has it: 0.3 - 0.2 and 0.2 - 0.1 are one, as they are in decimals
_MOST_POWER = 22  # up to here a power of ten is a float


def derive(scan: Scan, derived: tuple[Derived, ...]) -> Scan:
    """Return a table whose rows have the derived variables too, each under its name.

    Raises
    ------
    UnknownColumnError, PlanError
        When it is made of what is not there, or not of numbers or dates.

    """
    for how in dict.fromkeys(inner for each in derived for inner in with_inner(each)):
        name = name_of_derived(how)
        if isinstance(how, OfRows):  # which joining has brought
            continue
        for source in sources_of(how):
            if source not in scan.schema:
                raise UnknownColumnError(source, scan.table, scan.schema)
        if name in scan.schema:
            raise PlanError(f"'{name}' is a column of '{scan.table}' and a derived variable too.")
        value = _value(scan, how)
        rows = scan.rows.with_columns(value.alias(called(name)))
        scan = with_columns_of(scan, rows, {name: _type(scan, how)}, {name: made_column(how, scan.columns)})
    return scan


def note_derived(plan: Plan, scan: Scan) -> list[Note]:
    """Say how many rows of the cohort have what a derived variable is made of, and no value of it, and why."""
    notes: list[Note] = []
    for how in dict.fromkeys(inner for each in plan.cohort.derived for inner in with_inner(each)):
        if isinstance(how, Difference | Merged | OfRows):
            continue
        name = name_of_derived(how)
        where = [each for each in plan.cohort.where if name not in columns_of(each)]
        parts = (
            [name_of_derived(each) for each in (how.since, how.until)] if isinstance(how, Elapsed) else sources_of(how)
        )
        lost = count_rows(scan, (), (*where, *map(Known, parts), Missing(name)))[()]
        if lost:
            notes.append(Note("caution", f"{{rows}} {_WHY[type(how)]}", {"rows": lost, **_facts(how)}))
    return notes


_WHY = {
    Elapsed: "rows have {until} before {since}, which cannot be: this time is taken to be missing, the dates stay.",
    PartOf: "rows of {column} do not hold two numbers: both are taken to be missing.",
    DateOf: "rows have {parts} that make no date: it is taken to be missing.",
}


def _facts(how: Derived) -> dict[str, float | int | str]:
    match how:
        case Elapsed(since, until):
            return {"since": name_of_derived(since), "until": name_of_derived(until)}
        case PartOf(column):
            return {"column": column}
        case _:
            return {"parts": ", ".join(sources_of(how))}


def _type(scan: Scan, how: Derived) -> Any:  # noqa: ANN401 - narwhals types a schema's values so
    match how:
        case DateOf():
            return nw.Date()
        case Merged():
            return nw.String()
        case OfRows():
            return scan.schema[name_of_derived(how)]
        case Difference(one, other) if all(scan.schema[name_of_derived(each)].is_integer() for each in (one, other)):
            return nw.Int64()
        case Elapsed(unit="day"):
            return nw.Int64()
        case _:
            return nw.Float64()


def _value(scan: Scan, how: Derived) -> nw.Expr:
    match how:
        case PartOf(column, place, separator):
            return _part(scan, column, place, separator)
        case Merged(column, spellings):
            return _merged(scan, column, spellings)
        case DateOf(year, month, day):
            return _date(scan, year, month, day)
        case OfRows():
            return known_values(scan, name_of_derived(how))
        case Elapsed(since, until, unit):
            days = _day_number(scan, name_of_derived(until)) - _day_number(scan, name_of_derived(since))
            days = nw.when(days >= 0).then(days)
            return days if unit == "day" else _divided(days.cast(nw.Float64), DAYS[unit])
        case Difference(minuend, subtrahend):
            return _difference(scan, name_of_derived(minuend), name_of_derived(subtrahend))


def _merged(scan: Scan, column: str, spellings: Sequence[tuple[str, str]]) -> nw.Expr:
    if not isinstance(scan.schema[column], nw.String | nw.Categorical | nw.Enum):
        raise PlanError(f"'{column}' does not hold text, of which spellings could be merged.")
    text = known_values(scan, column)
    merged = text
    for level in dict.fromkeys(level for _, level in spellings):
        of = [spelling for spelling, meant in spellings if meant == level]
        merged = nw.when(text.is_in(of)).then(nw.lit(level)).otherwise(merged)
    return merged


def _part(scan: Scan, column: str, place: int, separator: str) -> nw.Expr:
    if not isinstance(scan.schema[column], nw.String | nw.Categorical | nw.Enum):
        raise PlanError(f"'{column}' does not hold text of two numbers.")
    whole, after_first, before_second = patterns_of_pair(separator)
    text = known_values(scan, column)
    pair = nw.when(text.str.contains(whole)).then(text)
    return pair.str.replace_all(before_second if place else after_first, "").str.strip_chars().cast(nw.Float64)


def _date(scan: Scan, year: str, month: str, day: str) -> nw.Expr:
    y, m, d = (_whole(scan, name) for name in (year, month, day))
    is_leap = ((y % 4 == 0) & (y % 100 != 0)) | (y % 400 == 0)
    short = m.is_in([4, 6, 9, 11])
    last = (
        nw.when(m.is_in([2]))
        .then(nw.when(is_leap).then(29).otherwise(28))
        .otherwise(nw.when(short).then(30).otherwise(31))
    )
    is_date = (y >= 1000) & (y <= 9999) & (m >= 1) & (m <= 12) & (d >= 1) & (d <= last)  # noqa: PLR2004 - years of four digits, twelve months
    text = nw.concat_str([y.cast(nw.String), m.cast(nw.String), d.cast(nw.String)], separator="-")
    return nw.when(is_date).then(text).str.to_date(format="%Y-%m-%d")


def _whole(scan: Scan, column: str) -> nw.Expr:
    """Return the whole numbers of a column; null where they are none."""
    if not scan.schema[column].is_numeric():
        raise PlanError(f"'{column}' does not hold numbers, which a date is made of.")
    value = known_values(scan, column)
    if scan.schema[column].is_integer():
        return value.cast(nw.Int64)
    return nw.when((value == value.round(0)) & (value.abs() < 1e6)).then(value).cast(nw.Int64)  # noqa: PLR2004 - no year is beyond


def _day_number(scan: Scan, column: str) -> nw.Expr:
    """Return the days since 0000-03-01 by whole numbers alone, which all engines count alike (Hinnant 2013)."""
    if not isinstance(scan.schema[column], nw.Date | nw.Datetime):
        raise PlanError(f"'{column}' does not hold dates, between which time could be counted.")
    value = known_values(scan, column).cast(nw.Date)
    year, month, day = (part.cast(nw.Int64) for part in (value.dt.year(), value.dt.month(), value.dt.day()))
    year = nw.when(month.is_in([1, 2])).then(year - 1).otherwise(year)
    month = (month + 9) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


def _difference(scan: Scan, minuend: str, subtrahend: str) -> nw.Expr:
    for name in (minuend, subtrahend):
        if not scan.schema[name].is_numeric():
            raise PlanError(f"'{name}' does not hold numbers, of which there could be a difference.")
    one, other = known_values(scan, minuend), known_values(scan, subtrahend)
    if scan.schema[minuend].is_integer() and scan.schema[subtrahend].is_integer():
        return one.cast(nw.Int64) - other.cast(nw.Int64)
    one, other = one.cast(nw.Float64), other.cast(nw.Float64)
    sizes = collect(scan.rows.select(one.abs().max().alias("one"), other.abs().max().alias("other"))).row(0)
    scale = max((size for size in sizes if size), default=0.0)
    digits = _DIGITS - math.ceil(math.log10(scale)) if scale and math.isfinite(scale) else 0
    if not 0 < digits <= _MOST_POWER:
        return one - other
    power = float(10**digits)
    return _divided(((one - other) * power).round(0), power) + 0.0


def _divided(value: nw.Expr, by: float) -> nw.Expr:
    """Divide as IEEE 754 rounds it: Polars multiplies by the inverse of a literal, which differs in the last bit."""
    return value / (value * 0.0 + by)
