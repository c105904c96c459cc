"""The notations of dates: in which format a text is a day or a moment, and which part of it comes first."""

import re
from collections.abc import Iterable

from clinical_nb.quality.months import ENGLISH, plain_date

_MONTH = "(" + "|".join(ENGLISH) + ")"
_TIME = re.compile(r"(, |[ T:])\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( [AP]M)?\s*(Z|[-+]\d{2}:?\d{2}| ?[A-Z][a-z]+/[A-Z]\w+)?$")
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_YEAR_FIRST = re.compile(r"(\d{4})([./])\d{1,2}\2\d{1,2}")
_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_COMPACT_TIME = re.compile(rf"{COMPACT.pattern}([T ]?)(?:[01]\d|2[0-3])[0-5]\d([0-5]\d)?")
_NAMED = re.compile(rf"(\d{{1,2}})(\. |\.| de |[ /-]|){_MONTH}(, | de | del |\. |[ ./-]|)(\d{{4}}|\d{{2}})")
_NAMED_FIRST = re.compile(rf"{_MONTH}([ -])(\d{{1,2}})(, |,| )(\d{{4}})")
_NAMED_AFTER_YEAR = re.compile(rf"(\d{{4}})([ /-]|){_MONTH}\2(\d{{1,2}})")
_WORDS = (
    *(("%d", "day"), ("%m", "month"), ("%b", "month"), ("%B", "month"), ("%Y", "year"), ("%y", "year")),
    *(("%H", "hour"), ("%I", "hour"), ("%M", "minute"), ("%S", "second"), ("%.f", ""), ("%p", "AM or PM")),
)


def has_time(text: str) -> bool:
    """Tell whether a date has a time of the day behind it."""
    return bool(_COMPACT_TIME.fullmatch(text) or _TIME.search(plain_date(text)))


def zone_of(text: str) -> str:
    """Return the zone behind a time, by hours or by name; empty where there is none."""
    found = _TIME.search(plain_date(text))
    return (found[5] or "") if found else ""


def order_of(texts: Iterable[str]) -> str:
    """Return which part comes first, where any date settles it: day, month, both (which is a mess), or neither."""
    day = month = False
    for text in texts:
        if parts := _PARTS.fullmatch(_day_of(text)):
            first, second = int(parts[1]), int(parts[3])
            day = day or (12 < first <= 31 and second <= 12)  # noqa: PLR2004 - months and days
            month = month or (12 < second <= 31 and first <= 12)  # noqa: PLR2004
    return "both" if day and month else "day" if day else "month" if month else "neither"


def format_of(text: str, order: str) -> str | None:
    """Return the format that reads a date or a moment, days before months unless all say otherwise."""
    if found := _COMPACT_TIME.fullmatch(text):
        return f"%Y%m%d{found[1]}%H%M{'%S' if found[2] else ''}"
    plain = plain_date(text)
    found = _TIME.search(plain)
    if not found:
        return _format_of_day(plain, order)
    day = _format_of_day(plain[: found.start()], order)
    if day is None or found[5]:
        return None
    hour = "%I" if found[4] else "%H"
    seconds = (":%S" if found[2] else "") + ("%.f" if found[3] else "")
    return f"{day}{found[1]}{hour}:%M{seconds}{' %p' if found[4] else ''}"


def is_ambiguous(text: str) -> bool:
    """Tell whether a date is another day where its parts are read in another order."""
    found = _PARTS.fullmatch(_day_of(text))
    return bool(found and int(found[1]) <= 12 and int(found[3]) <= 12 and found[1] != found[3])  # noqa: PLR2004


def which_first(formats: Iterable[str], order: str) -> str:
    """Return what is to be said of formats that have the day and the month in numbers before the year."""
    is_of_numbers = any(form.startswith(("%d", "%m")) and "%m" in form for form in formats)
    return (", month first" if order == "month" else ", day first") if is_of_numbers else ""


def say_format(form: str) -> str:
    """Return a format in words: day/month/year."""
    for code, word in _WORDS:
        form = form.replace(code, word)
    return form


def _day_of(text: str) -> str:
    return _TIME.sub("", plain_date(text))


def _format_of_day(text: str, order: str) -> str | None:  # noqa: PLR0911 - one return a notation
    if _ISO.fullmatch(text):
        return "%Y-%m-%d"
    if found := _YEAR_FIRST.fullmatch(text):
        return f"%Y{found[2]}%m{found[2]}%d"
    if COMPACT.fullmatch(text):
        return "%Y%m%d"
    if found := _PARTS.fullmatch(text):
        mark, year = found[2], "%Y" if len(found[4]) == 4 else "%y"  # noqa: PLR2004 - digits of a year
        month_first = order == "month" or (order == "both" and int(found[3]) > 12)  # noqa: PLR2004 - months
        return f"%m{mark}%d{mark}{year}" if month_first else f"%d{mark}%m{mark}{year}"
    if found := _NAMED.fullmatch(text):
        return f"%d{found[2]}%b{found[4]}{'%Y' if len(found[5]) == 4 else '%y'}"  # noqa: PLR2004
    if found := _NAMED_FIRST.fullmatch(text):
        return f"%b{found[2]}%d{found[4]}%Y"
    if found := _NAMED_AFTER_YEAR.fullmatch(text):
        return f"%Y{found[2]}%b{found[2]}%d"
    return None
