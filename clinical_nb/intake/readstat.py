"""The rows of SAS, SPSS and Stata files by two readers in one form: polars-readstat, or pyreadstat where that errs.

polars-readstat is ten times as fast. It is not used where it is known to be wrong (0.25): it cuts text of Stata before
14 that has letters beyond ASCII, loses long text of Stata (strL) that other programs wrote, knows few encodings of
SPSS, and makes days of what Stata counts in months.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import polars as pl
import polars_readstat

from clinical_nb.errors import FileError
from clinical_nb.intake.stata_header import has_long_texts
from clinical_nb.intake.variables import (
    ERRORS,
    OLD_ENCODING,
    Contents,
    Source,
    Variable,
    code_text,
    read_by_pyreadstat,
)

_DECODED = {"utf-8", "windows-1252", "cp1252", "iso-8859-1", "us-ascii"}  # of SPSS, by polars-readstat
_FIRST_OF_UTF8 = 118  # Stata's format of version 14
_HEAD = 1024
_TAG = "\uf8ffwhy"  # ends the name of a column of reasons: no column of a file is called so


def tag_of(column: str) -> str:
    """Return the name of the column of a piece that says why cells of another are missing."""
    return column + _TAG


def pieces(source: Source, contents: Contents) -> Iterator[pl.DataFrame]:
    """Yield the rows of a file in their order, piece by piece, each with the columns of the file.

    Dates and moments are such, or numbers as they stand in the file, where they have to be converted. What is declared
    missing is null, and beside a column that may have such cells stands one (`tag_of`) of their codes as text.

    Raises
    ------
    FileError
        When it is damaged.

    """
    if _is_fast(source, contents):
        found = _unbroken(_fast(source, contents))
        try:
            first = next(found)
        except _UnreadError:
            yield _slow(source, contents)
            return
        if source.format == "xpt":  # which does not say how its text is encoded
            whole = [first, *found]
            illegible = any(_is_illegible(piece) for piece in whole)
            yield from [_slow(source, replace(contents, forced=OLD_ENCODING))] if illegible else whole
            return
        yield first
        try:
            yield from found
        except _UnreadError as error:
            raise source.damaged() from error
        return
    yield _slow(source, contents)


class _UnreadError(Exception):
    """That polars-readstat cannot read a file."""


def _unbroken(found: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Translate what polars-readstat raises."""
    try:
        yield from found
    except FileError:
        raise
    except ERRORS as error:
        raise _UnreadError from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a class of each library's own, which none of them exports
            raise
        raise _UnreadError from error


def _is_fast(source: Source, contents: Contents) -> bool:
    """Tell whether polars-readstat reads a file rightly."""
    if source.format == "por" or contents.forced:
        return False
    has_text = any(variable.is_text for variable in contents.variables)
    if source.format == "sav":
        return not has_text or contents.encoding in _DECODED
    if source.format == "dta" and has_text:
        head = _head(source)
        return _stata_release(head) >= _FIRST_OF_UTF8 and not has_long_texts(head)
    return True


def _is_illegible(piece: pl.DataFrame) -> bool:
    return any(
        piece[name].str.contains("\ufffd", literal=True).any() for name in piece.select(pl.col(pl.String)).columns
    )


def _stata_release(head: bytes) -> int:
    if head[:1] != b"<":
        return head[0]
    number = head.partition(b"<release>")[2][:3]
    return int(number) if number.isdigit() else 0


def _head(source: Source) -> bytes:
    if isinstance(source.content, bytes):
        return source.content[:_HEAD]
    with source.content.open("rb") as file:
        return file.read(_HEAD)


def tags(source: Source, columns: Sequence[str], heights: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Yield, for pieces of such heights, why cells of some columns are missing, where the pieces did not say it.

    That is so of SAS datasets alone: few of their columns have cells that are missing, and all would be slowed down.
    """
    if source.format != "sas7bdat" or not columns:
        return
    names = [tag_of(name) for name in columns]
    scan = _scan(source, list(columns)).select(columns)
    found = (_unwrapped(batch).select(names) for batch in scan.collect_batches(maintain_order=True, lazy=True))
    try:
        yield from _recut(_unbroken(found), heights)
    except _UnreadError as error:
        raise source.damaged() from error


def _recut(frames: Iterator[pl.DataFrame], heights: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Cut what follows each other at other places."""
    held = next(frames, pl.DataFrame())
    for height in heights:
        while held.height < height and (more := next(frames, None)) is not None:
            held = pl.concat([held, more])
        yield held.head(height)
        held = held.slice(height)


def _scan(source: Source, tagged: Sequence[str] | str) -> pl.LazyFrame:
    by_path = isinstance(source.content, Path)
    # in columns of their own they cannot be asked for beside some of the columns
    reasons: dict[str, Any] = {"columns": tagged, "mode": "struct", "use_value_labels": False}
    return polars_readstat.scan_readstat(  # pyright: ignore[reportUnknownMemberType] - in part
        str(source.content) if by_path else f"content.{source.format}",
        missing_string_as_null=True,
        preserve_order=True,
        threads=1,  # more would hold the whole file to keep its order
        informative_nulls=reasons if tagged else None,
        data=None if by_path else cast("bytes", source.content),
    )


def _tagged(source: Source, contents: Contents) -> Sequence[str] | str:
    """Return the columns to be read with the reasons of their missing cells."""
    if source.format == "dta":
        return "all"
    return [variable.name for variable in contents.variables if variable.missing] if source.format == "sav" else []


def _fast(source: Source, contents: Contents) -> Iterator[pl.DataFrame]:
    scan = _scan(source, _tagged(source, contents))
    schema = scan.collect_schema()
    if schema.names() != [variable.name for variable in contents.variables]:
        raise source.damaged()
    again = [variable.name for variable in contents.variables if _is_misread(variable, schema[variable.name])]
    other = _read_frame(source, contents, again) if again else pl.DataFrame()
    kept = scan.select([name for name in schema.names() if name not in again])
    start = 0
    for batch in kept.collect_batches(maintain_order=True, lazy=True) if len(again) < len(schema) else (other,):
        piece = _unwrapped(batch).with_columns(other.slice(start, batch.height).get_columns())
        start += batch.height
        yield piece
    if not start:
        yield _unwrapped(kept.head(0).collect()).with_columns(other.get_columns())
    if contents.rows is not None and start != contents.rows:
        raise source.damaged(f": {contents.rows:,} rows are announced, and {start:,} are there")


def _unwrapped(batch: pl.DataFrame) -> pl.DataFrame:
    """Put the reasons of missing cells beside the values that they came in one column with."""
    columns: list[pl.Series] = []
    for column in batch.get_columns():
        if isinstance(column.dtype, pl.Struct):
            value, reason = column.struct.unnest().get_columns()
            columns += [value.rename(column.name), reason.rename(tag_of(column.name))]
        else:
            columns.append(column)
    return pl.DataFrame(columns)


def _is_misread(variable: Variable, dtype: pl.DataType) -> bool:
    """Tell whether polars-readstat takes a column for something else than its format says."""
    if isinstance(dtype, pl.Struct):
        return _is_misread(variable, cast("pl.DataType", dtype.fields[0].dtype))
    if variable.is_text:
        return dtype != pl.String
    if dtype.is_numeric():
        return False
    return not (
        (variable.meaning == "date" and dtype == pl.Date)
        or (variable.meaning == "moment" and isinstance(dtype, pl.Datetime))
    )


def _slow(source: Source, contents: Contents) -> pl.DataFrame:
    try:
        frame = _read_frame(source, contents, [variable.name for variable in contents.variables])
    except ERRORS as error:
        raise source.damaged() from error
    if contents.rows is not None and frame.height != contents.rows:
        raise source.damaged(f": {contents.rows:,} rows are announced, and {frame.height:,} are there")
    return frame


def _read_frame(source: Source, contents: Contents, columns: Sequence[str]) -> pl.DataFrame:
    """Read columns by pyreadstat, dates as numbers."""
    values, _ = read_by_pyreadstat(source, contents.forced, usecols=list(columns))
    by_name = {variable.name: variable for variable in contents.variables}
    series: list[pl.Series] = []
    for name in columns:
        series += _with_tags(by_name[name], values[name])
    return pl.DataFrame(series)


def _with_tags(variable: Variable, values: Sequence[Any]) -> list[pl.Series]:
    """Return a column, and what its missing cells are marked with, where they are."""
    if variable.is_text:
        text = pl.Series(variable.name, list(values), dtype=pl.String)
        return _without_declared(text.set(text == "", None), variable)
    listed = list(values)
    marks = [f".{value}" if isinstance(value, str) else None for value in listed]
    plain = [None if isinstance(value, str) or value is None or _is_nan(value) else value for value in listed]
    column = pl.Series(variable.name, plain, dtype=pl.Int64 if variable.is_whole else pl.Float64, strict=False)
    if variable.missing:
        return _without_declared(column, variable)
    return [column, pl.Series(tag_of(variable.name), marks, dtype=pl.String)]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _without_declared(column: pl.Series, variable: Variable) -> list[pl.Series]:
    """Take declared codes and ranges out of a column, and keep them as text beside it."""
    if not variable.missing:
        return [column]
    odd = pl.Series([False]).new_from_index(0, column.len())
    for low, high in variable.missing:
        odd |= ((column >= low) & (column <= high)).fill_null(False)
    codes = column if variable.is_text else pl.Series([code_text(value) for value in column.to_list()], dtype=pl.String)
    return [column.set(odd, None), codes.set(~odd, None).rename(tag_of(variable.name))]
