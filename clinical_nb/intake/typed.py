"""Columns that have types already → the types that analyses know, and a word where something had to change."""

from datetime import date

import polars as pl

from clinical_nb.dictionary.said import Said
from clinical_nb.intake.header import distinct_names, labels_of_repeated
from clinical_nb.intake.stage import Desk, Stage
from clinical_nb.intake.table import Finding, Reading, Table, counted
from clinical_nb.intake.tidy import tell_tidied, tidy_text

_IN_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
# A day away from the ends, so that a time zone does not lead beyond them.
_FIRST_DAY = (date.min - date(1970, 1, 1)).days + 1
_LAST_DAY = (date.max - date(1970, 1, 1)).days - 1


def read_typed(frame: pl.DataFrame, name: str, desk: Desk | None = None) -> Reading:
    """Return a frame as one table, in the types that analyses know.

    Whole numbers become Int64, decimals Float64, categories text, zoned times UTC. Lists and structs become JSON text.
    What is infinite or not a number becomes missing. Each change of a value is told.

    Parameters
    ----------
    frame : pl.DataFrame
        As its file's own reader gave it.
    name : str
        The table's name.
    desk : Desk, optional
        Where it is put; by default in memory.

    Returns
    -------
    Reading
        One table, with what was changed.

    """
    names = distinct_names(frame.columns)
    findings: list[Finding] = []
    if names != tuple(frame.columns):
        findings.append(Finding(name, None, 0, "Column names made distinct or clean.", ""))
    columns: list[pl.Series] = []
    for column in frame.rename(dict(zip(frame.columns, names, strict=True))).get_columns():
        plain, told = _plain_column(column, name)
        columns.append(plain)
        findings += told
    if not frame.height:
        findings.append(Finding(name, None, 0, "The table has columns but no rows.", "Export it again."))
    stage = Stage(desk or Desk())
    stage.add(pl.DataFrame(columns))
    said = {column: Said(label=label) for column, label in labels_of_repeated(frame.columns, names).items()}
    return Reading((Table(name, stage.scan()[0], frame.height, said),), tuple(findings))


def _plain_column(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:  # noqa: PLR0911 - one return a type
    """Return a column in one of the types that analyses know, with what had to change."""
    match column.dtype:
        case pl.Boolean:
            return column, []
        case pl.Date | pl.Datetime():
            return _dated(column, table)
        case pl.String:
            return _tidied(column, table)
        case pl.Categorical | pl.Enum:
            return _tidied(column.cast(pl.String), table)
        case pl.Float16 | pl.Float32 | pl.Float64:
            return _finite(column.cast(pl.Float64), table)
        case pl.Decimal():
            told = Finding(table, column.name, column.count(), "Exact decimals read as floating-point numbers.", "")
            return column.cast(pl.Float64), [told]
        case pl.Null:
            return column.cast(pl.String), []
        case pl.List() | pl.Array() | pl.Struct() | pl.Map():
            text = "Lists or structures, kept as JSON text; they cannot be analysed as they are."
            told = Finding(table, column.name, column.count(), text, "Unnest them into columns or rows of their own.")
            return _as_json(column), [told]
        case dtype if dtype.is_integer():
            return _exact(column, table)
        case _:
            return _as_text(column, table)


def _tidied(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    text, tidied = tidy_text(column)
    return text, tell_tidied(tidied, column.name, table)


def _finite(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    odd = (~column.is_finite()).fill_null(False)
    rows = int(odd.sum())
    if not rows:
        return column, []
    text = f"{counted(rows, 'cell')} infinite or not a number, taken as missing."
    return column.set(odd, None), [Finding(table, column.name, rows, text, "")]


def _exact(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    whole = column.cast(pl.Int64, strict=False)
    if whole.null_count() == column.null_count():
        return whole, []
    text = "Some numbers are too large to be kept exactly as numbers, so the column was kept as text."
    return column.cast(pl.String), [Finding(table, column.name, column.count(), text, "")]


def _dated(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    """Take dates that Python's calendar does not have as missing: Polars panics where it is asked for one."""
    in_a_day = _IN_A_DAY[column.dtype.time_unit] if isinstance(column.dtype, pl.Datetime) else 1
    days: pl.Series = column.to_physical() // in_a_day
    known: pl.Series = days.is_between(_FIRST_DAY, _LAST_DAY).fill_null(value=True)
    if known.all():
        return _utc(column), []
    rows = known.len() - int(known.sum())
    text = f"{counted(rows, 'cell')} of no date between the years 1 and 9999, taken as missing."
    told = Finding(table, column.name, rows, text, "Check them in the program that wrote the file.")
    return _utc(column.set(~known, None)), [told]


def _utc(column: pl.Series) -> pl.Series:
    """Return dates as they are, times in microseconds, and zoned ones in UTC."""
    if not isinstance(column.dtype, pl.Datetime):
        return column
    times = column.dt.cast_time_unit("us")
    return times.dt.convert_time_zone("UTC") if column.dtype.time_zone else times


def _as_json(column: pl.Series) -> pl.Series:
    """Write each nested value as JSON: Polars encodes structs, so the value is put into one and taken out again."""
    wrapped = column.rename("v").to_frame().select(pl.struct("v").struct.json_encode()).to_series()
    bare = wrapped.str.strip_prefix('{"v":').str.strip_suffix("}")
    return bare.set(column.is_null(), None).rename(column.name)


def _as_text(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    """Keep times of day, durations and bytes as text; bytes that are no text as hexadecimal digits."""
    told = Finding(table, column.name, column.count(), f"{column.dtype} kept as text.", "")
    if column.dtype == pl.Binary:
        try:
            return column.cast(pl.String), [told]
        except pl.exceptions.ComputeError:
            return column.bin.encode("hex"), [told]
    if column.dtype == pl.Duration:
        return column.dt.total_microseconds() / 1_000_000, [
            Finding(table, column.name, column.count(), "Durations read as seconds.", "")
        ]
    return column.cast(pl.String), [told]
