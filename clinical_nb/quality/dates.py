"""Dates as text: in notations that can be read in two ways or in several, impossible ones, and parts of dates."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import polars as pl

from clinical_nb.dictionary.identifiers import names_birthday
from clinical_nb.dictionary.steps import ReadDates
from clinical_nb.intake.table import counted
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.births import may_be_births
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.days import calendar_of
from clinical_nb.quality.doubt import Doubt, is_any, quoted, total
from clinical_nb.quality.notations import (
    COMPACT,
    format_of,
    has_time,
    is_ambiguous,
    order_of,
    say_format,
    which_first,
    zone_of,
)
from clinical_nb.quality.shapes import PARTIAL_DATE, shape_of, years_of

_MOSTLY = 0.5  # of the values: among more words, dates are remarks
_SERIAL = re.compile(r"[1-5]\d{4}(?:\.0+)?")
_PARTIAL = re.compile(rf"{PARTIAL_DATE}|(?:19|20)\d{{2}}", re.IGNORECASE)


def doubt_dates(counts: Counts) -> list[Doubt]:
    """Return what is uncertain in a column of text that holds dates, with the formats that would read it."""
    if not counts.is_text:
        return []
    texts = {str(text): rows for text, rows in counts.values.items()}
    dates = {text: rows for text, rows in texts.items() if shape_of(text) == "date"}
    times = {text: rows for text, rows in dates.items() if has_time(text)}
    if times and total(times) >= _MOSTLY * total(texts) and len(times) == len(dates):
        return _times(counts, times)
    if any(zone_of(text) for text in times):
        dates = {text: rows for text, rows in dates.items() if text not in times}
    # numbers beside dates are days as a spreadsheet counts them, or dates without marks
    like = dates | {text: rows for text, rows in texts.items() if _SERIAL.fullmatch(text) or COMPACT.fullmatch(text)}
    if not dates or total(like) < _MOSTLY * (total(texts) + counts.numbers):
        return []
    return _notations(counts, texts, dates)


def _notations(counts: Counts, texts: Mapping[str, int], dates: Mapping[str, int]) -> list[Doubt]:
    formats: dict[str, int] = {}
    ambiguous: dict[str, int] = {}
    partial: dict[str, int] = {}
    others: dict[str, int] = {}
    serials: dict[str, int] = {}
    order = order_of(texts)
    for text, rows in texts.items():
        if _SERIAL.fullmatch(text):
            serials[text] = rows
        elif _PARTIAL.fullmatch(text):
            partial[text] = rows
        elif (each := format_of(text, order)) is None:
            others[text] = rows
        else:
            formats[each] = formats.get(each, 0) + rows
            if is_ambiguous(text):
                ambiguous[text] = rows
    if not formats:
        return _partial(counts, partial)
    if calendar := calendar_of(years_of(dates)):
        text = f"Dates whose years seem to be of the {calendar} calendar."
        ask = "Convert them to the common calendar (2024-03-01), and upload the file again; until then they are text."
        return [Doubt("impossible dates", text, ask, where=is_any(counts.name, dates), rows=total(dates))]
    is_short = any("%y" in each for each in formats) and (names_birthday(counts.name) or may_be_births(counts))
    step = ReadDates(
        formats=tuple(sorted(formats, key=lambda each: -formats[each])),
        excel=bool(serials),
        latest=datetime.now(UTC).year if is_short else None,
    )
    impossible = _unread({text: rows for text, rows in dates.items() if text not in partial}, step)
    return [
        _told(counts, ambiguous, order, step, formats, serials),
        *_impossible(counts, impossible),
        *_partial(counts, partial),
        *_others(counts, {text: rows for text, rows in others.items() if text not in impossible}),
    ]


def _unread(texts: Mapping[str, int], step: ReadDates) -> dict[str, int]:
    """Return which of some dates a step does not read: days that no calendar has."""
    read = apply_step(Values(pl.Series(list(texts), dtype=pl.String)), step).values.is_not_null()
    return {text: rows for (text, rows), is_read in zip(texts.items(), read.to_list(), strict=True) if not is_read}


def _told(  # noqa: PLR0913, PLR0917 - the parts of one finding
    counts: Counts,
    ambiguous: Mapping[str, int],
    order: str,
    step: ReadDates,
    formats: Mapping[str, int],
    serials: Mapping[str, int],
) -> Doubt:
    """Tell how dates are written, and which reading is proposed."""
    first = which_first(step.formats, order)
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
        ask = f"Is none after {step.latest}? Proposed is so{first}: a later year is of the century before."
        return Doubt("ambiguous dates", text, ask, where=where, rows=rows, step=step)
    if len(formats) + bool(serials) > 1:
        also = ", some as the number of a day in Excel" if serials else ""
        text = f"Dates in {len(formats) + bool(serials)} notations{also}."
        ask = f"Read them as dates{first}; what is none becomes missing."
        return Doubt("mixed dates", text, ask, where=where, rows=rows, step=step)
    text = f"Dates as text, written as {say_format(next(iter(formats)))}."
    return Doubt("dates as text", text, f"Read them as dates{first}.", where=where, rows=rows, step=step)


def _quoted(counts: Counts, dates: Collection[str]) -> str:
    return "" if may_be_births(counts) else quoted(dates, counts.name)


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
    zones = {text: zone_of(text) for text in times}
    named = {text: rows for text, rows in times.items() if "/" in zones[text]}
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
    order = order_of(times)
    formats: dict[str, int] = {}
    for text, rows in times.items():
        if form := format_of(text, order):
            formats[form] = formats.get(form, 0) + rows
    if not formats:
        return []
    step = ReadDates(formats=tuple(sorted(formats, key=lambda each: -formats[each])))
    ambiguous = {text: rows for text, rows in times.items() if is_ambiguous(text)}
    return [_told(counts, ambiguous, order, step, formats, {}), *_impossible(counts, _unread(times, step))]
