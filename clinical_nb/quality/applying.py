"""One cleaning step on one column: pure functions from its values to those that are meant."""

import re
from dataclasses import dataclass, replace
from typing import assert_never

import polars as pl

from clinical_nb.dictionary.steps import Censor, LeaveOut, ReadDates, ReadNumbers, Recode, Split, Step, TreatAsMissing
from clinical_nb.errors import DictionaryError
from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.intake.values import type_columns
from clinical_nb.quality.months import plain_dates
from clinical_nb.quality.numerals import (
    factors_of,
    in_one_unit,
    in_weeks,
    plain_text,
    take_apart,
    unit_of_all,
    without_before,
)
from clinical_nb.quality.pairs import SEPARATORS
from clinical_nb.quality.shapes import with_signs

_DATE_FORMAT = re.compile(
    r"(?=.*%[yY])(?=.*%[mbB])(?=.*%d)(?:[^%]|%[dmbByYHMSpIf]|%\.f)+"
)  # a day, whatever stands around it
_DIGITS_ALONE = re.compile("(?:%Y%m%d|%d%m%Y|%m%d%Y)(?:%H%M(?:%S)?)?")
_EXCEL_DAY = r"^\d{5}(?:\.0+)?$"
_EXCEL_EPOCH = pl.date(1899, 12, 30)
_MIDNIGHT = r" 00:00:00(\.0+)?(Z|\+00:?00| ?UTC)?$"
_PARTED = "\x1f"  # the separator of units, which no cell has
_WITH_SIGN = rf"^([<>≤≥]=?)\s*({PLAIN_NUMBER})\s*(?:[^\d<>]*)$"


@dataclass(frozen=True, slots=True)
class Values:
    """A column while it is cleaned: its values, why some are missing, which lie beyond a limit, columns made of it.

    `unit` is the one that all numbers have now, where text said it.
    """

    values: pl.Series
    reasons: pl.Series | None = None
    limits: pl.Series | None = None
    parts: tuple[pl.Series, ...] = ()
    unit: str = ""


def apply_step(column: Values, step: Step) -> Values:  # noqa: PLR0911 - one return a step
    """Return a column as a step makes it.

    Raises
    ------
    DictionaryError
        When the step cannot be meant for it: a format of dates that is none, parts that have no names.

    """
    match step:
        case Recode():
            return _recode(column, step)
        case TreatAsMissing():
            return _treat_as_missing(column, step)
        case ReadNumbers():
            return _read_numbers(column, step)
        case ReadDates():
            return _read_dates(column, step)
        case Censor():
            return _censor(column, step)
        case Split():
            return _split(column, step)
        case LeaveOut():
            return column  # its rows are gone already (`cleaning.without_rows`)
        case _:
            assert_never(step)


def as_typed(column: Values) -> Values:
    """Return a column of text in the type that all its values have now, as a reader would have read it."""
    if column.values.dtype != pl.String:
        return column
    return replace(column, values=_typed(column.values))


def _typed(text: pl.Series, *, commas: bool = False) -> pl.Series:
    typed, _ = type_columns(text.to_frame(), commas)
    return typed.to_series()


def as_text(values: pl.Series) -> pl.Series:
    """Return values as people write them in a step: 1 for 1.0, true for True, a day without its midnight."""
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        is_whole = (whole.cast(pl.Float64) == values).fill_null(False)
        return whole.cast(pl.String).zip_with(is_whole, values.cast(pl.String))
    if isinstance(values.dtype, pl.Datetime):
        return values.cast(pl.String).str.replace(_MIDNIGHT, "")
    return values.cast(pl.String)


def _with_reason(column: Values, values: pl.Series, reasons: pl.Series) -> Values:
    """Return a column with other values, and the reasons of those that became missing by it."""
    gone = values.is_null() & column.values.is_not_null()
    new = reasons.set(~gone, None)
    if not new.count():
        return replace(column, values=values)
    known = new if column.reasons is None else column.reasons.zip_with(column.reasons.is_not_null(), new)
    return replace(column, values=values, reasons=known)


def _recode(column: Values, step: Recode) -> Values:
    text = as_text(column.values)
    recoded = text.replace(list(step.values.keys()), list(step.values.values()))
    return column if (recoded == text).fill_null(True).all() else replace(column, values=recoded)


def _treat_as_missing(column: Values, step: TreatAsMissing) -> Values:
    text = as_text(column.values)
    is_code = text.is_in(list(step.values)).fill_null(False)
    reasons = text.replace(list(step.reasons.keys()), list(step.reasons.values())) if step.reasons else text
    return _with_reason(column, column.values.set(is_code, None), reasons)


def _read_numbers(column: Values, step: ReadNumbers) -> Values:
    if column.values.dtype != pl.String:
        return column
    if step.weeks_and_days:
        return replace(_with_reason(column, in_weeks(column.values), column.values), unit="weeks")
    found = take_apart(column.values, step)
    factors = factors_of(found, step)
    numbers = in_one_unit(found, factors).rename(column.values.name)
    unit = unit_of_all(found, factors) if numbers.count() else ""
    return replace(_with_reason(column, numbers, column.values), unit=unit)


def _read_dates(column: Values, step: ReadDates) -> Values:
    are_digits = step.excel or any(_DIGITS_ALONE.fullmatch(each) for each in step.formats)
    is_number = column.values.dtype.is_numeric() and are_digits
    if column.values.dtype != pl.String and not is_number:
        return column
    for each in step.formats:
        if not _DATE_FORMAT.fullmatch(each):
            raise DictionaryError(f"'{each}' is no format of dates.", "Formats are as %d/%m/%Y (day, month, year).")
    text = (as_text(column.values) if is_number else column.values).str.strip_chars()
    text = plain_dates(text)
    dtype = pl.Datetime("us") if any(_has_time(each) for each in step.formats) else pl.Date()
    dates = pl.Series(text.name, [None], dtype=dtype).new_from_index(0, text.len())
    for each in step.formats:
        dates = dates.zip_with(dates.is_not_null(), _in_format(text, each, step.latest).cast(dtype))
    if step.excel:
        days = text.set(~text.str.contains(_EXCEL_DAY).fill_null(False), None).cast(pl.Float64, strict=False)
        read = days.cast(pl.Int64).to_frame("days").select(_EXCEL_EPOCH + pl.duration(days="days")).to_series()
        dates = dates.zip_with(dates.is_not_null(), read.cast(dtype))
    return _with_reason(column, dates, as_text(column.values))


def _has_time(form: str) -> bool:
    return "%H" in form or "%I" in form


def _in_format(text: pl.Series, form: str, latest: int | None) -> pl.Series:
    read = text.str.strptime(pl.Datetime("us") if _has_time(form) else pl.Date(), form, strict=False)
    if latest is None or "%y" not in form:
        return read
    return read.zip_with((read.dt.year() <= latest).fill_null(value=True), read.dt.offset_by("-100y"))


def _censor(column: Values, step: Censor) -> Values:
    if column.values.dtype != pl.String:
        return column
    plain = plain_text(without_before(with_signs(column.values), step.before), step.decimal, "")
    frame = plain.to_frame("text").select(
        number=pl.col("text").cast(pl.Float64, strict=False),
        sign=pl.col("text").str.extract(_WITH_SIGN, 1).str.head(1),
        bound=pl.col("text").str.extract(_WITH_SIGN, 2).cast(pl.Float64, strict=False),
    )
    below = pl.col("sign").is_in(["<", "≤"])
    counted = {
        "half": pl.when(below).then(pl.col("bound") / 2).otherwise(pl.col("bound")),
        "limit": pl.col("bound"),
        "missing": pl.lit(None, dtype=pl.Float64),
    }[step.rule]
    values = frame.select(value=pl.coalesce("number", counted))["value"]
    is_limit = frame["bound"].is_not_null() & frame["sign"].is_not_null()
    return replace(_with_reason(column, values, column.values), limits=column.values.set(~is_limit, None))


def _split(column: Values, step: Split) -> Values:
    if column.values.dtype != pl.String:
        return column
    if len(step.into) < 2 or len(set(step.into)) < len(step.into):  # noqa: PLR2004 - one part is no split
        raise DictionaryError("A split needs a name for each part, no two alike.", "Name at least two.")
    if step.labels and len(step.labels) != len(step.into):
        raise DictionaryError("A split needs a label for each part, or none.", "Name as many as there are parts.")
    text = column.values
    if step.unit:
        text = text.str.replace(rf"(?i)(\d)\s*{re.escape(step.unit)}\s*$", "${1}")
    signs = SEPARATORS.get(step.separator, re.escape(step.separator))
    parts = text.str.replace_all(signs, _PARTED).str.split(_PARTED)
    whole = (parts.list.len() == len(step.into)).fill_null(False)
    made = tuple(
        _typed(parts.list.get(at, null_on_oob=True).str.strip_chars().set(~whole, None).rename(name), commas=True)
        for at, name in enumerate(step.into)
    )
    return replace(column, parts=(*column.parts, *made))
