"""The types of most columns of most files, found in all columns at once: a table of 10,000 has no time for each."""

import re
from collections.abc import Callable, Sequence

import polars as pl

from clinical_nb.intake.tidy import MISSING_TOKENS

# 007 is an identifier and +44 a telephone number: as numbers they would lose what tells them apart.
NOT_PLAIN = r"^(?:[-+]?0[0-9]|\+)"
NUMBER_STARTS = "0123456789-+."
EXACT_IN_FLOAT = 2**53
DAY = r"^\d{4}-\d{2}-\d{2}$"
_MANY_ROWS = 100_000
_SAMPLED_ROWS = 10_000
_IS_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHORT = 100  # rows, of which asking about a column costs more than answering


def are_any(rows: pl.DataFrame, names: Sequence[str], is_so: Callable[[pl.Expr], pl.Expr]) -> list[bool]:
    """Tell of each of some columns of one type whether any value is so; those of a short table are asked as one."""
    if not names:
        return []
    if not 0 < rows.height <= _SHORT:
        return list(rows[names].select(is_so(pl.all()).any()).row(0))
    every = pl.concat([rows[name] for name in names]).rename("value").to_frame()
    answers = every.select(is_so(pl.col("value")).fill_null(False)).to_series()
    return answers.reshape((len(names), rows.height)).arr.any().to_list()


def distinct_values(rows: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the distinct values of those columns that have few: what a value is, need not be asked a million times.

    A table of few rows has no such column: there each value is looked at sooner.
    """
    if rows.height < _MANY_ROWS:
        return {}
    sample = rows.slice(rows.height // 2, _SAMPLED_ROWS)
    counts = zip(rows.columns, sample.select(pl.all().n_unique()).row(0), strict=True)
    few = [name for name, count in counts if count < _SAMPLED_ROWS // 4]
    return {name: column[0] for name, column in rows.select(pl.col(few).unique().implode()).to_dict().items()}


def whole_numbers(rows: pl.DataFrame) -> dict[str, tuple[pl.Series, int]]:
    """Return the columns that are plain whole numbers, each with the largest, whatever its sign."""
    missing = rows.null_count().row(0)
    cast = rows.select(pl.all().cast(pl.Int64, strict=False))
    after = cast.null_count().row(0)
    whole = [
        name
        for name, before, now in zip(rows.columns, missing, after, strict=True)
        if before == now and before < rows.height
    ]
    if not whole:
        return {}
    odd = are_any(rows, whole, _is_not_plain)
    whole = [name for name, is_odd in zip(whole, odd, strict=True) if not is_odd]
    cast = cast[whole]
    bounds = zip(whole, cast.min().row(0), cast.max().row(0), strict=True) if whole else ()
    return {name: (cast[name], max(abs(least), abs(most))) for name, least, most in bounds}


def largest_of(whole: pl.Series) -> int:
    """Return the largest whole number, whatever its sign; beyond Int64's own, for its least has no opposite."""
    bounds = whole.to_frame("value").select(least=pl.col("value").min(), most=pl.col("value").max()).row(0)
    return max((abs(bound) for bound in bounds if bound is not None), default=0)


def first_values(rows: pl.DataFrame) -> dict[str, str | None]:
    """Return the first value of each column: what it is not, the column is not."""
    if not (rows.height and rows.width):
        return dict.fromkeys(rows.columns)
    return dict(zip(rows.columns, rows.select(pl.all().first(ignore_nulls=True)).row(0), strict=True))


def plain_numbers(rows: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.Series]:
    """Return those columns, as Float64, that hold numbers alone and keep all their digits."""
    if not names:
        return {}
    missing = rows[names].null_count().row(0)
    cast = rows[names].select(pl.all().cast(pl.Float64, strict=False))
    after = cast.null_count().row(0)
    numbers = [name for name, before, now in zip(names, missing, after, strict=True) if before == now]
    if not numbers:
        return {}
    exact = cast[numbers].select((pl.all().abs() < EXACT_IN_FLOAT).all()).row(0)  # neither infinite nor too large
    odd = are_any(rows, numbers, _is_not_plain)
    kept = zip(numbers, exact, odd, strict=True)
    return {name: cast[name] for name, is_exact, is_odd in kept if is_exact and not is_odd}


def tidy_columns(rows: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return those columns of plain ASCII in which nothing is to be tidied: no blanks around, no sign of missing."""
    odd = are_any(rows, names, _is_untidy)
    return [name for name, is_odd in zip(names, odd, strict=True) if not is_odd]


def _is_not_plain(text: pl.Expr) -> pl.Expr:
    return text.str.contains(NOT_PLAIN)


def _is_untidy(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_chars()
    is_far = text.str.len_bytes() != text.str.len_chars()
    return (bare != text) | (bare == "") | bare.is_in(MISSING_TOKENS) | is_far


def _is_no_day(text: pl.Expr) -> pl.Expr:
    return ~text.str.contains(DAY)


def is_day(text: str) -> bool:
    """Tell whether a text is written as an ISO date."""
    return _IS_DAY.fullmatch(text) is not None


def days_at_once(rows: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.Series]:
    """Return those columns that are of ISO dates alone."""
    if not names:
        return {}
    odd = are_any(rows, names, _is_no_day)
    names = [name for name, is_odd in zip(names, odd, strict=True) if not is_odd]
    if not names:
        return {}
    days = rows[names].select(pl.all().str.to_date("%Y-%m-%d", strict=False))
    missing, after = rows[names].null_count().row(0), days.null_count().row(0)
    return {name: days[name] for name, before, now in zip(names, missing, after, strict=True) if before == now}
