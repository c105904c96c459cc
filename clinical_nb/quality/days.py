"""Columns of days: those that no patient has lived or will live, and numbers that are days."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from clinical_nb.dictionary.identifiers import names_birthday, names_row, words_of
from clinical_nb.dictionary.steps import ReadDates
from clinical_nb.quality.counts import PLACEHOLDERS, Counts
from clinical_nb.quality.doubt import Doubt, is_number

_EARLIEST = date(1880, 1, 1)  # nobody alive was born before
_SERIALS = (10_000, 60_000)  # from 1927 to 2064
_OTHER_SERIALS = (10_957, 26_000)  # as SAS and Stata count them from 1960: from 1990 to 2031
_SINCE = {"Excel": date(1899, 12, 30), "SAS or Stata": date(1960, 1, 1), "R": date(1970, 1, 1)}  # each one's day 0
_YEARS_TO_COME = 10  # that are planned; a later day is eight digits of something else
_BUDDHIST, _ISLAMIC = range(2443, 2593), range(1300, 1470)  # years of the last and this century
_UNIX = (946_684_800, 2_208_988_800)  # seconds, from 2000 to 2040
_DAY = "%Y%m%d"
_FORMS = {8: _DAY, 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # by how many digits
_NEVER = date(1, 1, 1)
_FEWEST = 3  # distinct numbers that are all days: of any others with eight digits, one in thirty is
_MOSTLY = 0.5  # of the numbers, where the name says that they are days
_DATE_WORDS = frozenset({"date", "dt", "dob", "dod", "dat", "datum", "dte", "fecha", "data", "datetime"})
_ENDS, _SHORT = ("dt", "date"), 3  # letters that may be anything
_MOMENT_WORDS = frozenset({"ts", "timestamp", "time", "created", "updated", "modified", "epoch", "unix", "at"})
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
        text = f"in the future{_said_of_calendar(counts.first, last, 'Buddhist')}."
        is_future = (day > tomorrow) & (~day.is_in(PLACEHOLDERS) if counts.last is not None else True)
        found.append(Doubt("impossible dates", text, "Correct them, if they are not planned.", "date", is_future))
    if _day(counts.least if counts.first is None else counts.first) < _EARLIEST:
        is_early = (day < _EARLIEST) & (~day.is_in(PLACEHOLDERS) if counts.first is not None else True)
        said = _said_of_calendar(counts.first, last, "Islamic or Persian")
        found.append(Doubt("impossible dates", f"before 1880{said}.", "Correct them.", "date", is_early))
    return found


def calendar_of(years: Collection[int]) -> str:
    """Return which calendar all of some years are likely of, where it is another than the common one."""
    calendars = (("Buddhist", _BUDDHIST), ("Islamic or Persian", _ISLAMIC))
    return next((name for name, its in calendars if years and all(year in its for year in years)), "")


def _said_of_calendar(first: date | None, last: date | None, calendar: str) -> str:
    """Return which calendar all years of a column are likely of, where it is another; nothing where they are not."""
    if first is None or last is None or calendar_of([first.year, last.year]) != calendar:
        return ""
    return f": as their years stand, they may be of the {calendar} calendar"


def _says_date(counts: Counts) -> bool:
    words = words_of(counts.name)
    is_ended_so = bool(words) and len(words[-1]) > _SHORT and words[-1].endswith(_ENDS)  # RANDDT, visitdate
    return is_ended_so or bool(set(words) & _DATE_WORDS) or names_birthday(counts.name)


def _written_together(counts: Counts) -> list[Doubt]:
    """Days, or moments, written as 20230301 or 20230301101500.

    They are where the name says so and most are days, or where all of several are.
    """
    if names_row(counts.name):
        return []
    numbers = [float(number) for number in counts.values | counts.edges]
    forms = {number: form for number in numbers if (form := _form_of(number))}
    odd = [number for number in numbers if number not in forms]
    are_moments = any(len(form) > len(_DAY) for form in forms.values())
    is_plain = (_says_date(counts) or are_moments) and len(forms) > _MOSTLY * len(numbers)
    if not is_plain and (odd or len(forms) < _FEWEST):
        return []
    where = pl.col(counts.name).is_not_null()
    text = "Days written as numbers: year, month and day, as 20230301."
    if are_moments:
        text = "Moments written as numbers: year, month, day, hour and minute, as 20230301101500."
    step = ReadDates(formats=tuple(sorted(set(forms.values()), key=len, reverse=True)))
    found = [Doubt("dates as text", text, "Read them as dates.", where=where, rows=counts.known, step=step)]
    if odd:
        ask = "They become missing when the column is read as dates, and are kept as the reason."
        found.append(
            Doubt("impossible dates", "that is no day of the calendar.", ask, "number", is_number(counts.name, odd))
        )
    return found


def _form_of(number: float) -> str | None:
    """Return the format of a number that is a day, or a moment of one; None where it is none."""
    whole = int(number) if number == number // 1 and 0 < number < 10**14 else 0
    digits = str(whole)
    form = _FORMS.get(len(digits))
    try:
        day = datetime.strptime(digits, form).replace(tzinfo=UTC).date() if form else _NEVER
    except ValueError:
        return None
    return form if day >= _EARLIEST and day.year <= datetime.now(UTC).year + _YEARS_TO_COME else None


def _as_numbers(counts: Counts) -> list[Doubt]:
    """Days as a spreadsheet counts them, in a column that its name says to hold dates, or seconds since 1970."""
    numbers = [float(number) for number in counts.values | counts.edges]
    if not numbers:
        return []
    if set(words_of(counts.name)) & (_DATE_WORDS | _MOMENT_WORDS):
        for unit, per_second in (("seconds", 1), ("milliseconds", 1_000)):
            if all(_UNIX[0] * per_second <= number <= _UNIX[1] * per_second for number in numbers):
                ask = (
                    "Export them as year-month-day hour:minute: as numbers they are compared, and never shown as dates."
                )
                return [Doubt("mixed dates", f"Moments as {unit} since 1970 (Unix time).", ask, rows=counts.known)]
    if not _says_date(counts) or not all(_SERIALS[0] <= number <= _SERIALS[1] for number in numbers):
        return []
    text = "Dates as numbers of days, as spreadsheets count them."
    if any(number % 1 for number in numbers):
        ask = "Export them as year-month-day (2023-04-05); 45021 is 5 April 2023 in Excel."
        return [Doubt("mixed dates", text, ask, rows=counts.known)]
    if not names_birthday(counts.name) and all(_OTHER_SERIALS[0] <= each <= _OTHER_SERIALS[1] for each in numbers):
        first = int(min(numbers))
        said = " or ".join(f"{_SINCE[name] + timedelta(days=first):%Y-%m-%d} in {name}" for name in _SINCE)
        text = "Dates as numbers of days, of which the first day is not said."
        ask = f"Export them as year-month-day: {first} is {said}. Until then they are numbers."
        return [Doubt("mixed dates", text, ask, rows=counts.known)]
    ask = "Read them as dates: 45021 is 5 April 2023 in Excel (one of an old Mac is four years later)."
    step = ReadDates(formats=("%Y-%m-%d",), excel=True)
    where = pl.col(counts.name).is_not_null()
    return [Doubt("mixed dates", text, ask, where=where, rows=counts.known, step=step)]


def _day(value: Any) -> date:  # noqa: ANN401 - a date, or a time of one
    return value.date() if isinstance(value, datetime) else value
