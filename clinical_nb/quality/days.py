"""Columns of days: those that no patient has lived or will live, and numbers that are days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clinical_nb.dictionary.identifiers import names_birthday, names_row, words_of
from clinical_nb.dictionary.steps import ReadDates
from clinical_nb.quality.counts import PLACEHOLDERS, Counts
from clinical_nb.quality.doubt import Doubt, is_number

_EARLIEST = date(1880, 1, 1)  # nobody alive was born before
_SERIALS = (10_000, 60_000)  # from 1927 to 2064
_YEARS_TO_COME = 10
_FEWEST = 3  # distinct numbers that are all days: of any others with eight digits, one in thirty is
_MOSTLY = 0.5
_DATE_WORDS = frozenset({"date", "dt", "dob", "dod", "dat", "datum", "dte", "fecha", "data", "datetime"})
_PLANNED = frozenset({"planned", "due", "scheduled", "next", "expiry"})


def doubt_days(counts: Counts) -> list[Doubt]:
    """Return which days of a column of dates lie in the future or before anybody's birth, or that numbers are days."""
    if counts.is_number:
        return _written_together(counts) or _as_numbers(counts)
    if not isinstance(counts.least, date):
        return []
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    found: list[Doubt] = []
    column = pl.col(counts.name)
    day = column.dt.date() if isinstance(counts.least, datetime) else column
    last = counts.most if counts.last is None else counts.last  # the placeholders are told as such
    if _day(last) > tomorrow and not set(words_of(counts.name)) & _PLANNED:
        text = "in the future."
        is_future = (day > tomorrow) & (~day.is_in(PLACEHOLDERS) if counts.last is not None else True)
        found.append(Doubt("impossible dates", text, "Correct them, if they are not planned.", "date", is_future))
    if _day(counts.least if counts.first is None else counts.first) < _EARLIEST:
        is_early = (day < _EARLIEST) & (~day.is_in(PLACEHOLDERS) if counts.first is not None else True)
        found.append(Doubt("impossible dates", "before 1880.", "Correct them.", "date", is_early))
    return found


def _says_date(counts: Counts) -> bool:
    return bool(set(words_of(counts.name)) & _DATE_WORDS) or names_birthday(counts.name)


def _written_together(counts: Counts) -> list[Doubt]:
    """Days written as 20230301: where the name says so and most are days, or where all of several are."""
    if names_row(counts.name):
        return []
    numbers = counts.values | counts.edges
    odd = [float(number) for number in numbers if not _is_day(float(number))]
    days = len(numbers) - len(odd)
    is_plain = _says_date(counts) and days > _MOSTLY * len(numbers)
    if not is_plain and (odd or days < _FEWEST):
        return []
    where = pl.col(counts.name).is_not_null()
    text = "Days written as numbers: year, month and day, as 20230301."
    step = ReadDates(formats=("%Y%m%d",))
    found = [Doubt("dates as text", text, "Read them as dates.", where=where, rows=counts.known, step=step)]
    if odd:
        ask = "They become missing when the column is read as dates, and are kept as the reason."
        found.append(
            Doubt("impossible dates", "that is no day of the calendar.", ask, "number", is_number(counts.name, odd))
        )
    return found


def _is_day(number: float) -> bool:
    whole = int(number) if number == number // 1 and 0 < number < 10**8 else 0
    try:
        day = date(whole // 10_000, whole // 100 % 100, whole % 100)
    except ValueError:
        return False
    return day >= _EARLIEST and day.year <= datetime.now(UTC).year + _YEARS_TO_COME


def _as_numbers(counts: Counts) -> list[Doubt]:
    """Days as a spreadsheet counts them, in a column that its name says to hold dates."""
    if not _says_date(counts):
        return []
    numbers = counts.values | counts.edges
    if not numbers or not all(_SERIALS[0] <= float(number) <= _SERIALS[1] for number in numbers):
        return []
    ask = "Export them as year-month-day (2023-04-05); 45021 is 5 April 2023 in Excel."
    return [Doubt("mixed dates", "Dates as numbers of days, as spreadsheets count them.", ask, rows=counts.known)]


def _day(value: Any) -> date:  # noqa: ANN401 - a date, or a time of one
    return value.date() if isinstance(value, datetime) else value
