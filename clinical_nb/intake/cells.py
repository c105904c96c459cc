"""The cells of a sheet → text that means the same: all digits of a number, ISO dates, errors as missing."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from clinical_nb.intake.at_once import EXACT_IN_FLOAT
from clinical_nb.intake.table import counted

# What Excel writes where it cannot compute a value; some programs write them as text.
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!")
_CALLED = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_ERROR = re.compile(r"Error\((\w+)\)")
_DURATION = re.compile(r'DurationIso\("P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?"\)')
_DAY_ZERO = datetime(1899, 12, 31)  # noqa: DTZ001 - sheets know no zones
_STAMP = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?$"
_MIDNIGHT = r"[ T]00:00:00(?:\.0+)?$"
_DIGITS = 15  # of a number that Excel keeps; what was typed behind them has become zeros
_LONG = r"^-?\d{16,}$"
_LONGEST_IDENTIFIER = 22  # digits; longer whole numbers are measures, and have an exponent


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about one column of a grid that a person should know."""

    column: int
    cells: int
    text: str
    proposal: str


def count_errors(failed: Sequence[tuple[int, int, str]]) -> dict[int, Counter[str]]:
    """Return how many cells of a column have which error, from the row, the column and the sentence of each."""
    errors: dict[int, Counter[str]] = {}
    for _, column, detail in failed:
        if found := _ERROR.search(detail):
            errors.setdefault(column, Counter())[_CALLED.get(found[1], found[1])] += 1
    return errors


def is_error(detail: str) -> bool:
    """Tell whether the reader's sentence on a cell is that it is an error."""
    return bool(_ERROR.search(detail))


def with_durations(texts: pl.DataFrame, failed: Sequence[tuple[int, int, str]]) -> pl.DataFrame:
    """Write the times of OpenDocument, which are durations and which the reader has no text for, as Excel has them."""
    found = [
        (row, column, *map(float, match.groups("0")))
        for row, column, detail in failed
        if (match := _DURATION.search(detail))
    ]
    for at in {column for _, column, *_ in found}:
        rows = pl.Series([row for row, column, *_ in found if column == at], dtype=pl.UInt32)
        moments = [
            str(_DAY_ZERO + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
            for _, column, days, hours, minutes, seconds in found
            if column == at
        ]
        texts = texts.with_columns(texts.to_series(at).scatter(rows, pl.Series(moments)))
    return texts


def mean_columns(
    texts: pl.DataFrame,
    numbers: pl.DataFrame,
    failed: Mapping[int, Counter[str]],
    from_1904: bool,  # noqa: FBT001 - a fact of the file
) -> tuple[pl.DataFrame, list[Noted]]:
    """Return the cells of a sheet as text that means what they do, and what there is to know of its columns.

    Parameters
    ----------
    texts : polars.DataFrame
        The cells as text, numbers rounded to nine decimals, dates as datetimes; null where they are blank or errors.
    numbers : polars.DataFrame
        The same cells as floating-point numbers; null where they are none.
    failed : mapping
        How many cells of a column have which error (`count_errors`).
    from_1904 : bool
        Whether a time of day is one of 1 January 1904, as on old Macintoshes, instead of 31 December 1899.

    """
    columns = texts.get_columns()
    noted: list[Noted] = []
    floats = numbers.get_columns()
    odd = _find_odd(texts, numbers)
    for at in odd.rounded:
        columns[at] = _with_all_digits(columns[at], floats[at])
    for at in odd.long:
        columns[at], lost = _without_made_up_digits(columns[at])
        inexact = 0 if lost else _count_inexact(columns[at])
        if lost:
            told = "Numbers of 16 or more digits, of which Excel keeps 15: identifiers among them have lost digits."
            noted.append(Noted(at, lost, told, "Take them from the system that they come from, as text."))
        if inexact:
            told = f"Numbers above {EXACT_IN_FLOAT:,}, whose last digits a workbook does not keep: two identifiers may"
            noted.append(Noted(at, inexact, f"{told} have become one.", "Take them from their system, as text."))
    zero = "1904-01-01" if from_1904 else "1899-12-31"
    for at in odd.stamped:
        stamps = columns[at].str.contains(_STAMP).fill_null(False)
        columns[at], told = _without_midnights(columns[at], stamps, zero)
        noted += [Noted(at, int(stamps.sum()), told, "")] if told else []
    for at in sorted({*odd.wrong, *failed}):
        wrong = columns[at].is_in(ERRORS).fill_null(False)
        errors = failed.get(at, Counter[str]()) + Counter(columns[at].filter(wrong).to_list())
        columns[at] = columns[at].set(wrong, None)
        told = f"{counted(errors.total(), 'cell')} with an error ({', '.join(sorted(errors))}) taken as missing."
        noted.append(Noted(at, errors.total(), told, "Correct the formulas if values are needed, and upload it again."))
    return pl.DataFrame(columns), noted


@dataclass(frozen=True, slots=True)
class _Odd:
    """Which columns have cells that need a closer look; few have, so all are asked at once."""

    rounded: Sequence[int]
    long: Sequence[int]
    stamped: Sequence[int]
    wrong: Sequence[int]


def _find_odd(texts: pl.DataFrame, numbers: pl.DataFrame) -> _Odd:
    width, height = texts.width, texts.height
    blank, wordy = texts.null_count().row(0), numbers.null_count().row(0)
    counting = [at for at in range(width) if wordy[at] < height]
    saying = [at for at in range(width) if blank[at] < wordy[at]]
    columns, floats = texts.get_columns(), numbers.get_columns()
    words, digits = (pl.DataFrame([columns[at] for at in some]) for some in (saying, counting))
    as_numbers = digits.select(pl.all().cast(pl.Float64, strict=False)).get_columns()

    def found(asked: Sequence[int], cells: pl.DataFrame, question: pl.Expr) -> list[int]:
        answers = cells.select(question.any()).row(0) if asked else ()
        return [at for at, answer in zip(asked, answers, strict=True) if answer]

    return _Odd(
        rounded=[at for at, said in zip(counting, as_numbers, strict=True) if (said != floats[at]).any()],
        long=found(counting, digits, pl.all().str.contains(_LONG)),
        stamped=found(saying, words, pl.all().str.contains(_STAMP)),
        wrong=found(saying, words, pl.all().is_in(ERRORS)),
    )


def _with_all_digits(text: pl.Series, number: pl.Series) -> pl.Series:
    """Write numbers out in full where the text has them rounded, as the reader does behind nine decimals."""
    rounded = (text.cast(pl.Float64, strict=False) != number).fill_null(False)
    return text.set(rounded, None).fill_null(number.set(~rounded, None).cast(pl.String)) if rounded.any() else text


def _without_made_up_digits(text: pl.Series) -> tuple[pl.Series, int]:
    """Return numbers too long for Excel with zeros for what it has lost, and how many there are.

    A floating-point number written out has digits behind the fifteenth that nobody typed.
    """
    long = text.str.contains(_LONG).fill_null(False)
    if not long.any():
        return text, 0
    found: list[str] = text.filter(long).to_list()
    made_up = {said for said in found if said == format(Decimal(float(said)), "f")}
    measures = {said: repr(float(said)) for said in made_up if len(said) > _LONGEST_IDENTIFIER}
    kept = {said: format(Decimal(repr(float(said))), "f") for said in found if said not in measures}
    is_lost = all(said in made_up or said == kept[said] for said in kept) and not any(
        said.lstrip("-")[_DIGITS:].strip("0") for said in kept.values()
    )
    lost = sum(said in kept for said in found) if is_lost else 0
    return text.replace(measures | (kept if is_lost else {})), lost


def _count_inexact(text: pl.Series) -> int:
    """Return how many whole numbers of an identifier's length are larger than floating point tells apart."""
    said = text.filter(text.str.contains(_LONG) & (text.str.len_bytes() <= _LONGEST_IDENTIFIER))
    return int((said.str.strip_prefix("-").cast(pl.Float64, strict=False) >= EXACT_IN_FLOAT).sum())


def _without_midnights(text: pl.Series, stamps: pl.Series, zero: str) -> tuple[pl.Series, str]:
    """Write days without their midnight, times of day without a day, and longer durations as seconds."""
    found = text.filter(stamps)
    if found.str.contains(_MIDNIGHT).all() and not found.str.starts_with(zero).any():
        return text.set(~stamps, None).str.slice(0, 10).fill_null(text), ""
    if found.str.starts_with(zero).all():
        times = found.str.slice(11)
        return _put(text, stamps, times), ""
    if found.str.slice(0, 4).is_in([zero[:4], str(int(zero[:4]) + 1)]).all():  # durations of days: nobody dates so
        moments = found.str.replace("T", " ", literal=True).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
        start = pl.Series([f"{zero} 00:00:00"]).str.to_datetime("%Y-%m-%d %H:%M:%S")[0]
        seconds = (moments - start).dt.total_milliseconds() / 1_000
        return _put(text, stamps, seconds.cast(pl.String)), "Durations read as seconds."
    return text, ""


def _put(text: pl.Series, where: pl.Series, values: pl.Series) -> pl.Series:
    return text.scatter(where.arg_true(), values)
