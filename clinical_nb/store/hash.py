"""The hash of a table: what makes two tables the same data, on every machine and after every upgrade.

The encoding, version 1. It is arithmetic on 64-bit words modulo 2**64, and BLAKE2b; no library's own hash, file format
or number formatting takes part.

A *cell* is two words, by the logical type of its column:

=====================  =============================================================================================
logical type           words
=====================  =============================================================================================
null (of any type)     0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
boolean                0 or 1, twice
integer                two's complement, twice, whatever the width; outside of Int64: digest of its decimal text
float                  the bits of the IEEE double, twice; -0.0 is 0.0 and every NaN is 0x7FF8000000000000
decimal                digest of its decimal text without trailing zeros
date                   days since 1970-01-01, twice
datetime               microseconds since 1970-01-01, twice; see below
datetime[zone]         the same, of the instant in UTC; the zone is part of the type
duration               as a datetime
time                   nanoseconds since midnight, twice
text                   digest of its UTF-8 bytes in Unicode's normal form C; also categories and enumerations
bytes                  digest of the bytes
=====================  =============================================================================================

Of a datetime or duration finer than that, the nanoseconds that are left, times 0x9E3779B97F4A7C15, are added to its
second word.

The *digest* of n bytes is two words. Of at most 64 bytes: start at n and its complement, then absorb each 8 bytes
(little endian, filled with zeros), twice, as below. Of more: the two little-endian halves of their 16-byte BLAKE2b.

To *absorb* words (x, y) into (a, b): a = M(a ^ x) and b = M'(b ^ y). M is SplitMix64 (Steele, Lea & Flood 2014):
z += 0x9E3779B97F4A7C15, z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9, z = (z ^ z >> 27) * 0x94D049BB133111EB, z ^ z >> 31.
M' is an increment and MurmurHash3's fmix64 (Appleby 2011):
z += 0xD1B54A32D192ED03, z = (z ^ z >> 33) * 0xFF51AFD7ED558CCD, z = (z ^ z >> 33) * 0xC4CEB9FE1A85EC53, z ^ z >> 33.

A *row* absorbs its cells, columns in the order of their names' UTF-8 bytes (normal form C), from (0, 0). The *rows* are
the sums of their two words each: the order of rows cannot matter, and how often one occurs does.

The *hash* is the 16-byte BLAKE2b of the JSON of [1, [[name, logical type], …], rows, sum, sum'], in hexadecimal.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable

import polars as pl

from clinical_nb.errors import StoreError

_NULL = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
# (increment, shift, factor, shift, factor, shift) of the two bijections.
_MIX = (
    (0x9E3779B97F4A7C15, 30, 0xBF58476D1CE4E5B9, 27, 0x94D049BB133111EB, 31),
    (0xD1B54A32D192ED03, 33, 0xFF51AFD7ED558CCD, 33, 0xC4CEB9FE1A85EC53, 33),
)
_NOT_A_NUMBER = 0x7FF8000000000000
_WORD = 1 << 64
_SHORT = 64
# Small enough for a core's cache, large enough that a call's overhead does not show; measured on a million rows.
_ROWS_AT_ONCE = 1 << 16

_LEFT, _RIGHT = pl.col("left"), pl.col("right")


def hash_table(table: pl.DataFrame | pl.LazyFrame) -> str:
    """Return the hash of a table's content, as 32 hexadecimal characters.

    The order of rows and columns does not matter, nor do chunks, integer widths, float widths, or whether text is
    stored as categories. Memory beside a frame is constant, and so is all memory for a lazy one, read part by part.

    Raises
    ------
    StoreError
        When a column has values that are tables themselves (lists, structures, objects).

    """
    scan = table.lazy()
    columns = sorted((_normal(name), logical_type(name, dtype), name) for name, dtype in scan.collect_schema().items())
    rows, sums = 0, [0, 0]
    for part in scan.collect_batches(chunk_size=_ROWS_AT_ONCE, maintain_order=False) if columns else ():
        rows += part.height
        for lane, total in enumerate(_sum_rows(part, [(kind, name) for _, kind, name in columns])):
            sums[lane] = (sums[lane] + total) % _WORD
    header = [1, [[name, kind] for name, kind, _ in columns], rows, *sums]
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def logical_type(column: str, dtype: pl.DataType) -> str:
    """Return what a column's values are, apart from how they are stored.

    Raises
    ------
    StoreError
        When they are tables themselves.

    """
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "float"
    match dtype:
        case pl.Datetime(time_zone=zone):
            return f"datetime[{zone}]" if zone else "datetime"
        case pl.String() | pl.Categorical() | pl.Enum():
            return "text"
        case pl.Boolean() | pl.Date() | pl.Duration() | pl.Time() | pl.Decimal() | pl.Null():
            return str(dtype.base_type()).lower()
        case pl.Binary():
            return "bytes"
        case _:
            raise StoreError(f"Column '{column}' has values of type {dtype}.", "Split them into columns of their own.")


def _sum_rows(part: pl.DataFrame, columns: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """Return the sums, modulo 2**64, of the two words of each row."""
    rows = part.select(left=pl.repeat(0, pl.len(), dtype=pl.UInt64), right=pl.repeat(0, pl.len(), dtype=pl.UInt64))
    for kind, name in columns:
        rows = _absorb(rows, _encode(part.get_column(name), kind))
    # The sums of 32-bit halves cannot overflow, so that they do not depend on how a sum of UInt64 is widened.
    half = 1 << 32
    low_left, high_left, low_right, high_right = rows.select(
        a=(_LEFT % half).sum(), b=(_LEFT // half).sum(), c=(_RIGHT % half).sum(), d=(_RIGHT // half).sum()
    ).row(0)
    return (low_left + high_left * half) % _WORD, (low_right + high_right * half) % _WORD


def _encode(cells: pl.Series, kind: str) -> pl.DataFrame:
    """Return the two words of each cell."""
    words = _digest(cells, kind) if kind in {"text", "bytes", "decimal"} else _encode_number(cells, kind)
    return words.select(left=_LEFT.fill_null(_word(_NULL[0])), right=_RIGHT.fill_null(_word(_NULL[1])))


def _encode_number(cells: pl.Series, kind: str) -> pl.DataFrame:
    value = pl.col("cell")
    frame = cells.alias("cell").to_frame()
    if kind == "null":
        return frame.select(left=value.cast(pl.UInt64), right=value.cast(pl.UInt64))
    if kind == "float":
        double = value.cast(pl.Float64)
        # A literal for zero: adding 0.0 is optimised away.
        bits = pl.when(double == 0).then(pl.lit(0.0)).otherwise(double).reinterpret(dtype=pl.UInt64)
        left = pl.when(double.is_nan()).then(_word(_NOT_A_NUMBER)).otherwise(bits)
        return frame.select(left=left).with_columns(right=_LEFT)
    if kind == "integer":
        return _encode_integer(cells)
    if kind.startswith(("datetime", "duration")):
        return _encode_instant(cells)
    return frame.select(left=value.to_physical().cast(pl.Int64).reinterpret(dtype=pl.UInt64)).with_columns(right=_LEFT)


def _encode_instant(cells: pl.Series) -> pl.DataFrame:
    count = pl.col("cell").to_physical()
    match cells.dtype:
        case pl.Datetime(time_unit="ms") | pl.Duration(time_unit="ms"):
            whole, rest = count * 1000, pl.lit(0, dtype=pl.Int64)
        case pl.Datetime(time_unit="ns") | pl.Duration(time_unit="ns"):
            whole, rest = count // 1000, count % 1000
        case _:
            whole, rest = count, pl.lit(0, dtype=pl.Int64)
    words = cells.alias("cell").to_frame().select(left=whole.reinterpret(dtype=pl.UInt64), rest=rest.cast(pl.UInt64))
    return words.select("left", right=_LEFT + pl.col("rest") * _word(_MIX[0][0]))


def _encode_integer(cells: pl.Series) -> pl.DataFrame:
    signed = cells.cast(pl.Int64, strict=False)
    words = signed.alias("left").to_frame().select(_LEFT.reinterpret(dtype=pl.UInt64)).with_columns(right=_LEFT)
    if signed.null_count() == cells.null_count():
        return words
    large = _digest(cells.cast(pl.String), "text")
    outside = signed.is_null()
    return words.select(
        left=pl.when(outside).then(large.get_column("left")).otherwise(_LEFT),
        right=pl.when(outside).then(large.get_column("right")).otherwise(_RIGHT),
    )


def _digest(cells: pl.Series, kind: str) -> pl.DataFrame:
    """Return the two words of each value's bytes; a value that occurs often is digested once."""
    distinct = cells.unique()
    if distinct.len() > cells.len() // 2:
        return _digest_each(_to_bytes(cells, kind))
    words = distinct.alias("cell").to_frame().hstack(_digest_each(_to_bytes(distinct, kind)))
    return cells.alias("cell").to_frame().join(words, on="cell", how="left", nulls_equal=True, maintain_order="left")


def _to_bytes(cells: pl.Series, kind: str) -> pl.Series:
    if kind == "bytes":
        return cells
    if kind == "decimal":
        plain = cells.cast(pl.String)
        whole = plain.str.contains(".", literal=True)
        text = plain.to_frame("cell").select(
            pl.when(whole).then(pl.col("cell").str.strip_chars_end("0").str.strip_chars_end(".")).otherwise("cell")
        )
        return text.to_series().cast(pl.Binary)
    text = cells.cast(pl.String)
    if (text.str.len_bytes() != text.str.len_chars()).any():
        text = text.str.normalize("NFC")
    return text.cast(pl.Binary)


def _digest_each(values: pl.Series) -> pl.DataFrame:
    value, size = pl.col("value"), pl.col("size")
    frame = values.alias("value").to_frame().with_columns(size=value.bin.size().cast(pl.UInt64))
    filled = frame.select(size, filled=pl.when(size <= _SHORT).then(value + pl.lit(b"\0" * 8)))
    words = frame.select(left=size, right=_word(_WORD - 1) - size)
    longest = filled.select(size.max().clip(upper_bound=_SHORT)).item() or 0
    for start in range(0, longest, 8):
        reached = size > start
        # An empty slice cannot be read as a word, so that a value past its end lends zeros, which are not absorbed.
        block = pl.when(reached).then(pl.col("filled").bin.slice(start, 8)).otherwise(pl.lit(b"\0" * 8))
        blocks = filled.select(reached.alias("reached"), left=block.bin.reinterpret(dtype=pl.UInt64))
        absorbed = _absorb(words, blocks.with_columns(right=_LEFT))
        words = blocks.select(
            left=pl.when("reached").then(absorbed.get_column("left")).otherwise(words.get_column("left")),
            right=pl.when("reached").then(absorbed.get_column("right")).otherwise(words.get_column("right")),
        )
    return _digest_long(values, words) if filled.select((size > _SHORT).any()).item() else words


def _digest_long(values: pl.Series, words: pl.DataFrame) -> pl.DataFrame:
    """Replace the words of values that are long enough for BLAKE2b to be the faster way."""
    digests = [
        hashlib.blake2b(value, digest_size=16).digest() if value is not None and len(value) > _SHORT else None
        for value in values
    ]
    digest = pl.Series("digest", digests, dtype=pl.Binary)
    half = (pl.lit(digest).bin.slice(start, 8).bin.reinterpret(dtype=pl.UInt64) for start in (0, 8))
    return words.select(left=pl.coalesce(next(half), _LEFT), right=pl.coalesce(next(half), _RIGHT))


def _absorb(into: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Return both words after a bijection under which a changed bit changes each bit with probability one half.

    Step by step: as one expression, which names each step twice, it costs ten times as much on a small table.
    """
    left, right = words.get_column("left"), words.get_column("right")
    mixed = into.select(left=(_LEFT ^ left) + _word(_MIX[0][0]), right=(_RIGHT ^ right) + _word(_MIX[1][0]))
    for at in (1, 3, 5):
        mixed = mixed.select(left=_scramble(_LEFT, _MIX[0][at:]), right=_scramble(_RIGHT, _MIX[1][at:]))
    return mixed


def _scramble(word: pl.Expr, step: tuple[int, ...]) -> pl.Expr:
    shift, *factor = step[:2]
    word = word ^ (word // _word(1 << shift))
    return word * _word(factor[0]) if factor else word


def _word(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
