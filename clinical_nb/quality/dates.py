"""Dates: in notations that can be read in two ways or in several, impossible ones, and those beyond all patients."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from clinical_nb.dictionary.identifiers import names_birthday, words_of
from clinical_nb.dictionary.steps import ReadDates
from clinical_nb.intake.table import counted
from clinical_nb.quality.births import may_be_births
from clinical_nb.quality.counts import PLACEHOLDERS, Counts
from clinical_nb.quality.doubt import Doubt, is_any, quoted, total
from clinical_nb.quality.shapes import shape_of

_MOSTLY = 0.5
_EARLIEST = date(1880, 1, 1)  # nobody alive was born before
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_TIME = re.compile(r"[ T](\d{1,2}:\d{2})(:\d{2})?(\.\d+)?\s*(Z|[-+]\d{2}:?\d{2}| ?[A-Z][a-z]+/[A-Z]\w+)?$")
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_YEAR_FIRST = re.compile(r"(\d{4})([./])\d{1,2}\2\d{1,2}")
_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SERIAL = re.compile(r"[1-5]\d{4}(?:\.0+)?")
_SERIALS = (10_000, 60_000)  # from 1927 to 2064
_PARTIAL = re.compile(
    rf"(?:{_MONTH}[a-z]*[ -]\d{{4}}|\d{{4}}-\d{{2}}|\d{{1,2}}/(?:19|20)\d{{2}}|(?:19|20)\d{{2}})", re.IGNORECASE
)
_NAMED = re.compile(rf"(\d{{1,2}})([ -]?)({_MONTH}[a-z]*)\.?([ -]?)(\d{{4}}|\d{{2}})", re.IGNORECASE)
_NAMED_FIRST = re.compile(rf"({_MONTH}[a-z]*)\.? (\d{{1,2}})(,?) (\d{{4}})", re.IGNORECASE)
_MAY = 3  # letters of a month's short name, which for May is its long one


def doubt_dates(counts: Counts) -> list[Doubt]:
    """Return what is uncertain in a column of text that holds dates, with the formats that would read it."""
    if not counts.is_text:
        return []
    texts = {str(text): rows for text, rows in counts.values.items()}
    dates = {text: rows for text, rows in texts.items() if shape_of(text) == "date" and not _TIME.search(text)}
    times = {text: rows for text, rows in texts.items() if shape_of(text) == "date" and _TIME.search(text)}
    if times and total(times) >= _MOSTLY * total(texts):
        return _times(counts, times)
    # numbers beside dates are days as a spreadsheet counts them, or dates without marks
    like = dates | {text: rows for text, rows in texts.items() if _SERIAL.fullmatch(text) or _COMPACT.fullmatch(text)}
    if not dates or total(like) < _MOSTLY * (total(texts) + counts.numbers):
        return []
    return _notations(counts, texts, dates)


def doubt_days(counts: Counts) -> list[Doubt]:
    """Return which days of a column of dates lie in the future or before anybody's birth."""
    if counts.is_number:
        return _as_numbers(counts)
    if not isinstance(counts.least, date):
        return []
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    found: list[Doubt] = []
    column = pl.col(counts.name)
    day = column.dt.date() if isinstance(counts.least, datetime) else column
    last = counts.most if counts.last is None else counts.last  # the placeholders are told as such
    if _day(last) > tomorrow and not set(words_of(counts.name)) & {
        "planned",
        "due",
        "scheduled",
        "next",
        "expiry",
    }:
        text = "in the future."
        is_future = (day > tomorrow) & (~day.is_in(PLACEHOLDERS) if counts.last is not None else True)
        found.append(Doubt("impossible dates", text, "Correct them, if they are not planned.", "date", is_future))
    if _day(counts.least if counts.first is None else counts.first) < _EARLIEST:
        is_early = (day < _EARLIEST) & (~day.is_in(PLACEHOLDERS) if counts.first is not None else True)
        found.append(Doubt("impossible dates", "before 1880.", "Correct them.", "date", is_early))
    return found


def _as_numbers(counts: Counts) -> list[Doubt]:
    """Days as a spreadsheet counts them, in a column that its name says to hold dates."""
    if not set(words_of(counts.name)) & {"date", "dt", "dob", "dod", "dat", "datum"}:
        return []
    numbers = counts.values | counts.edges
    if not numbers or not all(_SERIALS[0] <= float(number) <= _SERIALS[1] for number in numbers):
        return []
    ask = "Export them as year-month-day (2023-04-05); 45021 is 5 April 2023 in Excel."
    return [Doubt("mixed dates", "Dates as numbers of days, as spreadsheets count them.", ask, rows=counts.known)]


def _day(value: Any) -> date:  # noqa: ANN401 - a date, or a time of one
    return value.date() if isinstance(value, datetime) else value


def _notations(counts: Counts, texts: Mapping[str, int], dates: Mapping[str, int]) -> list[Doubt]:
    formats: dict[str, int] = {}
    ambiguous: dict[str, int] = {}
    partial: dict[str, int] = {}
    others: dict[str, int] = {}
    serials: dict[str, int] = {}
    order = _order(texts)
    for text, rows in texts.items():
        if _SERIAL.fullmatch(text):
            serials[text] = rows
        elif _PARTIAL.fullmatch(text):
            partial[text] = rows
        elif (each := _format_of(text, order)) is None:
            others[text] = rows
        else:
            formats[each] = formats.get(each, 0) + rows
            if _is_ambiguous(text):
                ambiguous[text] = rows
    if not formats:
        return _partial(counts, partial)
    is_short = any("%y" in each for each in formats) and (names_birthday(counts.name) or may_be_births(counts))
    step = ReadDates(
        formats=tuple(sorted(formats, key=lambda each: -formats[each])),
        excel=bool(serials),
        latest=datetime.now(UTC).year if is_short else None,
    )
    impossible = {
        text: rows for text, rows in dates.items() if text not in partial and not _is_read(text, step.formats)
    }
    return [
        _told(counts, ambiguous, order, step, formats, serials),
        *_impossible(counts, impossible),
        *_partial(counts, partial),
        *_others(counts, {text: rows for text, rows in others.items() if text not in impossible}),
    ]


def _order(texts: Mapping[str, int]) -> str:
    """Return which part comes first, where any date settles it: day, month, both (which is a mess), or neither."""
    day = month = False
    for text in texts:
        if parts := _PARTS.fullmatch(text):
            first, second = int(parts[1]), int(parts[3])
            day = day or (12 < first <= 31 and second <= 12)  # noqa: PLR2004 - months and days
            month = month or (12 < second <= 31 and first <= 12)  # noqa: PLR2004
    return "both" if day and month else "day" if day else "month" if month else "neither"


def _format_of(text: str, order: str) -> str | None:  # noqa: PLR0911 - one return a notation
    """Return the format that reads a date, days before months unless all say otherwise."""
    if _ISO.fullmatch(text):
        return "%Y-%m-%d"
    if found := _YEAR_FIRST.fullmatch(text):
        return f"%Y{found[2]}%m{found[2]}%d"
    if _COMPACT.fullmatch(text):
        return "%Y%m%d"
    if found := _PARTS.fullmatch(text):
        mark, year = found[2], "%Y" if len(found[4]) == 4 else "%y"  # noqa: PLR2004 - digits of a year
        month_first = order == "month" or (order == "both" and int(found[3]) > 12)  # noqa: PLR2004 - months
        return f"%m{mark}%d{mark}{year}" if month_first else f"%d{mark}%m{mark}{year}"
    if found := _NAMED.fullmatch(text):
        month = "%b" if len(found[3]) == _MAY else "%B"
        return f"%d{found[2]}{month}{found[4]}{'%Y' if len(found[5]) == 4 else '%y'}"  # noqa: PLR2004
    if found := _NAMED_FIRST.fullmatch(text):
        return f"{'%b' if len(found[1]) == _MAY else '%B'} %d{found[3]} %Y"
    return None


def _is_ambiguous(text: str) -> bool:
    found = _PARTS.fullmatch(text)
    return bool(found and int(found[1]) <= 12 and int(found[3]) <= 12 and found[1] != found[3])  # noqa: PLR2004


@lru_cache(maxsize=1 << 16)  # the days of one column are mostly those of the next
def _is_read(text: str, formats: tuple[str, ...]) -> bool:
    for each in formats:
        try:
            datetime.strptime(text, each)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return True
    return False


def _told(  # noqa: PLR0913, PLR0917 - the parts of one finding
    counts: Counts,
    ambiguous: Mapping[str, int],
    order: str,
    step: ReadDates,
    formats: Mapping[str, int],
    serials: Mapping[str, int],
) -> Doubt:
    """Tell how dates are written, and which reading is proposed."""
    first = {"day": "day first", "month": "month first"}.get(order, "day first")
    rows = total(formats) + total(serials)
    where = pl.col(counts.name).is_not_null()
    if order == "both":
        text = f"Dates with the day first and with the month first; {counted(total(ambiguous), 'date')} can be either."
        ask = "Say which they are; proposed is day first where both are possible. What is no date becomes missing."
        return Doubt("ambiguous dates", text, ask, where=where, rows=rows, step=step)
    if ambiguous and order == "neither":
        text = (
            f"{counted(total(ambiguous), 'date')} that can be read with the day or the month first"
            f"{_quoted(counts, list(ambiguous)[:3])}."
        )
        ask = "Is the day first (05/04 is 5 April) or the month (4 May)? Proposed is day first."
        where = is_any(counts.name, ambiguous)
        return Doubt("ambiguous dates", text, ask, where=where, rows=total(ambiguous), step=step)
    if step.latest is not None:
        text = "Births with years of two digits, of which the century is not said."
        ask = f"Is none after {step.latest}? Proposed is so, {first}: a later year is of the century before."
        return Doubt("ambiguous dates", text, ask, where=where, rows=rows, step=step)
    if len(formats) + bool(serials) > 1:
        also = ", some as the number of a day in Excel" if serials else ""
        text = f"Dates in {len(formats) + bool(serials)} notations{also}."
        ask = f"Read them as dates, {first}; what is none becomes missing."
        return Doubt("mixed dates", text, ask, where=where, rows=rows, step=step)
    text = f"Dates as text, written as {_shown(next(iter(formats)))}."
    return Doubt("dates as text", text, f"Read them as dates, {first}.", where=where, rows=rows, step=step)


def _quoted(counts: Counts, dates: Collection[str]) -> str:
    return "" if may_be_births(counts) else quoted(dates, counts.name)


def _shown(form: str) -> str:
    for code, word in (
        ("%d", "day"),
        ("%m", "month"),
        ("%b", "month"),
        ("%B", "month"),
        ("%Y", "year"),
        ("%y", "year"),
    ):
        form = form.replace(code, word)
    return form


def _impossible(counts: Counts, impossible: Mapping[str, int]) -> list[Doubt]:
    if not impossible:
        return []
    text = f"of days that do not exist{_quoted(counts, impossible)}."
    ask = "They become missing when the column is read as dates, and are kept as the reason."
    return [Doubt("impossible dates", text, ask, "date", is_any(counts.name, impossible))]


def _partial(counts: Counts, partial: Mapping[str, int]) -> list[Doubt]:
    if not partial:
        return []
    text = f"without a day or a month{_quoted(counts, partial)}."
    ask = "They are missing when the column is read as dates, unless a day is written for them."
    return [Doubt("partial dates", text, ask, "date", is_any(counts.name, partial))]


def _others(counts: Counts, others: Mapping[str, int]) -> list[Doubt]:
    if not others:
        return []
    text = f"among dates not a date{_quoted(counts, others)}."
    ask = "They become missing when the column is read as dates, and are kept as the reason."
    return [Doubt("no dates", text, ask, "value", is_any(counts.name, others))]


def _times(counts: Counts, times: Mapping[str, int]) -> list[Doubt]:
    """Time stamps: some with a zone and others without are no one scale; without zones they may be read."""
    zones = {text: (_TIME.search(text) or [""] * 5)[4] for text in times}
    named = {text: rows for text, rows in times.items() if "/" in (zones[text] or "")}
    bare = {text: rows for text, rows in times.items() if not zones[text]}
    if len(bare) < len(times):
        found: list[Doubt] = []
        if bare:
            text = "without a time zone, among others that have one."
            ask = "Write a zone behind each (Z, +01:00); until then the column is text."
            found.append(Doubt("time zones", text, ask, "time stamp", is_any(counts.name, bare)))
        if named:
            text = "with a zone by name, which is not read."
            ask = "Write the hours from UTC instead (+01:00); until then the column is text."
            found.append(Doubt("time zones", text, ask, "time stamp", is_any(counts.name, named)))
        return found
    order = _order({_TIME.sub("", text): 1 for text in times})
    formats: dict[str, int] = {}
    for text, rows in times.items():
        found_time = _TIME.search(text)
        day = _format_of(_TIME.sub("", text), order)
        if day and found_time and not found_time[3]:
            mark = "T" if "T" in found_time[0] else " "
            form = f"{day}{mark}%H:%M{':%S' if found_time[2] else ''}"
            formats[form] = formats.get(form, 0) + rows
    if not formats:
        return []
    step = ReadDates(formats=tuple(sorted(formats, key=lambda each: -formats[each])))
    unread = {text: rows for text, rows in times.items() if not _is_read(text, step.formats)}
    ambiguous = {text: rows for text, rows in times.items() if _is_ambiguous(_TIME.sub("", text))}
    return [_told(counts, ambiguous, order, step, formats, {}), *_impossible(counts, unread)]
