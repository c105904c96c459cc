"""Days that stand for none: 1900-01-01 and 9999-12-31, far from all other days of a column."""

from datetime import date

import polars as pl

from clinical_nb.dictionary.steps import TreatAsMissing
from clinical_nb.quality.counts import PLACEHOLDERS, Counts
from clinical_nb.quality.doubt import Doubt, is_any
from clinical_nb.quality.shapes import shape_of, years_of

_MOSTLY = 0.5  # of the values are dates, or the column is of something else
_APART = 5  # years
_NOTATIONS = (
    *("{y}-{m}-{d}", "{y}/{m}/{d}", "{y}.{m}.{d}", "{y}{m}{d}", "{d}-{b}-{y}", "{d} {b} {y}", "{d}{b}{y}"),
    *(f"{first}{mark}{second}{mark}{{y}}" for mark in "./-" for first, second in (("{d}", "{m}"), ("{m}", "{d}"))),
)


def _written() -> dict[str, date]:
    """Return each placeholder by all that it may be written as, in lower case, at midnight too."""
    found: dict[str, date] = {}
    for day in PLACEHOLDERS:
        for notation in _NOTATIONS:
            full = notation.format(y=f"{day.year:04}", m=f"{day.month:02}", d=f"{day.day:02}", b=f"{day:%b}").casefold()
            short = notation.format(y=f"{day.year:04}", m=day.month, d=day.day, b=f"{day:%b}").casefold()
            times = ("", " 00:00", "t00:00", " 00:00:00", "t00:00:00")
            found |= {written + time: day for written in (full, short) for time in times if written.isascii()}
    return found


_WRITTEN = _written()


def doubt_placeholders(counts: Counts) -> list[Doubt]:
    """Return which days of a column of dates, or of text that holds dates, stand apart and are used for none."""
    if counts.is_text:
        return _in_text(counts)
    if counts.first is None:
        return []
    days = sorted(day for day in counts.placeholders if _is_apart(day, counts.first.year, counts.last.year))
    if not days:
        return []
    where = pl.col(counts.name).cast(pl.Date).is_in(days)
    return [_told(days, tuple(day.isoformat() for day in days), where)]


def _in_text(counts: Counts) -> list[Doubt]:
    texts = {text: day for each in counts.values if (day := _WRITTEN.get((text := str(each)).casefold()))}
    if not texts:
        return []
    dates = [text for each in counts.values if (text := str(each)) not in texts and shape_of(text) == "date"]
    years = years_of(dates)
    if not years or len(dates) + len(texts) < _MOSTLY * len(counts.values):
        return []
    apart = {text: day for text, day in texts.items() if _is_apart(day, min(years), max(years))}
    if not apart:
        return []
    return [_told(sorted(set(apart.values())), tuple(sorted(apart)), is_any(counts.name, apart))]


def _is_apart(day: date, first: int, last: int) -> bool:
    return day.year + _APART <= first or day.year >= last + _APART


def _told(days: list[date], values: tuple[str, ...], where: pl.Expr) -> Doubt:
    said = ", ".join(day.isoformat() for day in days)  # which are nobody's birthday, and may be told
    text = f"of {said}, apart from all others, which may mean that it is missing."
    step = TreatAsMissing(values=values)
    return Doubt("missing codes", text, f"Treat {said} as missing.", "date", where, step=step)
