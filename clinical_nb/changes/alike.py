"""One column of two versions in one type, so that its values can be compared exactly, whatever they were stored as."""

import polars as pl

_NANOSECONDS = {"ms": 1_000_000, "us": 1000, "ns": 1}


def alike(before: pl.Expr, then: pl.DataType, after: pl.Expr, now: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """Return both versions' expressions of a column in one type, exactly.

    Numbers are equal by their value, whether whole or float; a date is its midnight. Of a column that was text and is a
    number, or the other way round, the text counts as the number that it reads as ("60.0" is 60); where it reads as
    none, the two differ. Anything else of two types is compared as it is written.
    """
    if then == now and not is_text(then):
        return before, after
    for is_one, widen in (
        (is_text, _text),
        (_is_whole, _whole),
        (_is_float, _float),
        (_is_local, _instant),
        (_is_zoned, _instant),
        (_is_duration, _instant),
    ):
        if is_one(then) and is_one(now):
            return widen(before, then), widen(after, now)
    return as_text(before, then), as_text(after, now)


def as_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a column's values as text: one text for equal numbers, whatever type they have."""
    if dtype.is_float():
        return _float_text(column.cast(pl.Float64))
    if isinstance(dtype, pl.Decimal):
        text = column.cast(pl.String)
        stripped = text.str.strip_chars_end("0").str.strip_chars_end(".")
        return pl.when(text.str.contains(".", literal=True)).then(stripped).otherwise(text)
    if is_text(dtype):
        text = column.cast(pl.String)
        whole = text.cast(pl.Int128, strict=False).cast(pl.String)
        return pl.coalesce(whole, _float_text(text.cast(pl.Float64, strict=False)), text)
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("hex")
    if isinstance(dtype, pl.Duration):
        return _instant(column, dtype).cast(pl.String)
    return column.cast(pl.String)


def _float_text(column: pl.Expr) -> pl.Expr:
    whole = column.cast(pl.Int128, strict=False)
    return pl.when(whole.cast(pl.Float64) == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))


def _whole(column: pl.Expr, _dtype: pl.DataType) -> pl.Expr:
    return column.cast(pl.Int128)


def _float(column: pl.Expr, _dtype: pl.DataType) -> pl.Expr:
    return column.cast(pl.Float64)


def _instant(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a time as its nanoseconds, in as many bits as any year needs."""
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return column.to_physical().cast(pl.Int128) * _NANOSECONDS[dtype.time_unit]
    return column.to_physical().cast(pl.Int128) * (86_400 * 1_000_000_000)


def _text(column: pl.Expr, _dtype: pl.DataType) -> pl.Expr:
    return column.cast(pl.String)


def is_text(dtype: pl.DataType) -> bool:
    """Tell whether a column holds text, however it is stored."""
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def _is_whole(dtype: pl.DataType) -> bool:
    return dtype.is_integer()


def _is_float(dtype: pl.DataType) -> bool:
    return dtype.is_float()


def _is_local(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Date) or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None)


def _is_zoned(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Datetime) and dtype.time_zone is not None


def _is_duration(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Duration)
