"""Durations: which columns of numbers hold the days between two dates beside them, so that their unit is known."""

from collections.abc import Mapping
from itertools import permutations

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.meaning import Column

_FEWEST = 20  # rows that agree; fewer may by chance
_MOST_DATES = 6
_MOST_NUMBERS = 30
_DAYS = "days"
_SECONDS = 86_400  # of a day
_CLOSE = 0.006  # of a day: times that were rounded to two decimals


def with_days(columns: Mapping[str, Column], scan: pl.LazyFrame) -> dict[str, Column]:
    """Return the columns of a table, those that count the days from one date to another with that as their unit.

    Each row that has all three must agree, the first day counting or not counting, or parts of days counting; and the
    numbers must vary.
    """
    dates = [name for name, column in columns.items() if column.kind == "date"]
    numbers = [name for name, column in columns.items() if column.kind == "numeric" and not column.unit]
    if not (2 <= len(dates) <= _MOST_DATES and 0 < len(numbers) <= _MOST_NUMBERS):  # noqa: PLR2004 - from one to another
        return dict(columns)
    schema = scan.collect_schema()
    dates = [name for name in dates if isinstance(schema[name], pl.Date | pl.Datetime)]
    numbers = [name for name in numbers if schema[name].is_numeric()]
    places = [(number, *pair) for number in numbers for pair in permutations(dates, 2)]
    if not places:
        return dict(columns)
    found = scan.select(each for place, names in enumerate(places) for each in _agreement(place, *names)).collect()
    counted = {
        number
        for place, (number, _, _) in enumerate(places)
        if (found[f"rows{place}"][0] or 0) >= _FEWEST
        and (found[f"values{place}"][0] or 0) > 2  # noqa: PLR2004 - 0 and 1 are no times
        and any(found[f"agree{place}_{first}"][0] == found[f"rows{place}"][0] for first in (0, 1, "part"))
    }
    return {
        name: column.model_copy(update={"unit": _DAYS}) if name in counted else column
        for name, column in columns.items()
    }


def _agreement(place: int, number: str, start: str, end: str) -> list[pl.Expr]:
    """Return in how many rows a number is known with both dates, how many it has, and in how many it is their days."""
    value = by_name(number).as_expr().cast(pl.Float64)
    days = (by_name(end).as_expr().cast(pl.Date) - by_name(start).as_expr().cast(pl.Date)).dt.total_days()
    known = value.is_not_null() & days.is_not_null()
    parts = (by_name(end).as_expr().cast(pl.Datetime) - by_name(start).as_expr().cast(pl.Datetime)).dt.total_seconds()
    return [
        known.sum().alias(f"rows{place}"),
        value.filter(known).n_unique().alias(f"values{place}"),
        *((value.eq(days + first) & known).sum().alias(f"agree{place}_{first}") for first in (0, 1)),
        (((value - parts / _SECONDS).abs() < _CLOSE) & known).sum().alias(f"agree{place}_part"),
    ]
