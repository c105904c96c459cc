"""Rows counted by year, quarter or month of a date, with the values of a column where they are wanted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np

from clinical_nb.analysis.counts import LARGEST, Key, Scan, collect, decide, known_values
from clinical_nb.analysis.distribution import Distribution, Floats
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Condition, Period, Variable

MOST_PERIODS = 1200  # a hundred years of months; more is a date that is none
MONTHS = {"year": 12, "quarter": 3, "month": 1}
# Years and months are counted as months from year 0: period p of a length l begins with month p * l.


def count_periods(
    scan: Scan, date: str, period: Period, by: Sequence[Variable], where: Sequence[Condition] = ()
) -> Mapping[tuple[int | None, Key], int]:
    """Count the rows of each period (None where the date is missing), for each combination of levels.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, or it does not hold dates.

    """
    counted = _count(scan, date, by, where, [])
    found: dict[tuple[int | None, Key], int] = {}
    for month, key, row in _keys(counted, len(by)):
        place = (None if month is None else month // MONTHS[period], key)
        found[place] = found.get(place, 0) + int(row)
    return found


def values_in_periods(  # noqa: PLR0913, PLR0917 - what is counted, by what and where
    scan: Scan, date: str, period: Period, column: str, by: Sequence[Variable], where: Sequence[Condition] = ()
) -> Mapping[tuple[int | None, Key], Distribution]:
    """Count the rows of each distinct value of a numeric column in each period, for each combination of levels.

    Raises
    ------
    UnknownColumnError, PlanError
        As `count_periods`, and when the column does not hold numbers or holds infinite ones.

    """
    if not scan.schema[column].is_numeric():
        raise PlanError(f"'{column}' does not hold numbers.")
    value = (known_values(scan, column).cast(nw.Float64) + 0.0).alias("value")  # so that -0.0 and 0.0 are one value
    counted = _count(scan, date, by, where, [value])
    parts: dict[tuple[int | None, Key], list[tuple[float, int]]] = {}
    values: Floats = counted["value"].to_numpy().astype(np.float64)
    if len(values) and np.nanmax(np.abs(np.nan_to_num(values, posinf=np.inf, neginf=np.inf))) > LARGEST:
        raise PlanError(f"'{column}' holds infinite values.", "Declare them as missing, or leave them out.")
    for (month, key, number), found in zip(_keys(counted, len(by)), values.tolist(), strict=True):
        place = (None if month is None else month // MONTHS[period], key)
        parts.setdefault(place, []).append((found, int(number)))
    return {place: _distribution(rows) for place, rows in parts.items()}


def name_period(place: int, period: Period) -> str:
    """Return what a period is called: "2021", "2021 Q3", "2021-07"."""
    if period == "year":
        return f"{place:04}"
    year, part = divmod(place, 12 // MONTHS[period])
    return f"{year:04} Q{part + 1}" if period == "quarter" else f"{year:04}-{part + 1:02}"


def every_period(found: Sequence[int]) -> range:
    """Return all periods from the first to the last, those without a row too.

    Raises
    ------
    PlanError
        When they are too many to be told.

    """
    periods = range(min(found), max(found) + 1)
    if len(periods) > MOST_PERIODS:
        raise PlanError(
            f"From the first date to the last there are {len(periods)} periods, too many to be told.",
            "Ask for years, or leave out dates that cannot be meant.",
        )
    return periods


def _count(
    scan: Scan, date: str, by: Sequence[Variable], where: Sequence[Condition], more: Sequence[nw.Expr]
) -> nw.DataFrame[Any]:
    if not scan.schema[date].is_temporal() or isinstance(scan.schema[date], nw.Time | nw.Duration):
        raise PlanError(f"'{date}' does not hold dates.", "Name a column of dates, or clean it so that it is one.")
    rows = scan.rows.filter(decide(scan, AllOf(tuple(where)))) if where else scan.rows
    day = known_values(scan, date)
    derived = [known_values(scan, each) if isinstance(each, str) else decide(scan, each) for each in by]
    names = ["year", "month", *(f"by{place}" for place in range(len(by)))]
    selected = rows.select(
        day.dt.year().cast(nw.Int64).alias("year"),
        day.dt.month().cast(nw.Int64).alias("month"),
        *(value.alias(f"by{place}") for place, value in enumerate(derived)),
        *more,
    )
    keys = [*names, *(["value"] if more else [])]
    return collect(selected.group_by(*keys).agg(nw.len().alias("number")))


def _keys(counted: nw.DataFrame[Any], width: int) -> Iterator[tuple[int | None, Key, int]]:
    names = [f"by{place}" for place in range(width)]
    for year, month, *key, number in counted.select("year", "month", *names, "number").iter_rows():
        yield (None if year is None else int(year) * 12 + int(month) - 1), tuple(key), int(number)


def _distribution(rows: Sequence[tuple[float, int]]) -> Distribution:
    """Return one distribution of values that several months may have."""
    values, counts = np.array([value for value, _ in rows]), np.array([n for _, n in rows], dtype=np.int64)
    known = ~np.isnan(values)
    distinct, places = np.unique(values[known], return_inverse=True)
    merged = np.bincount(places, counts[known], len(distinct)).astype(np.int64)
    return Distribution(distinct, merged, int(counts[~known].sum()))
