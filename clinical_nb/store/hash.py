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
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
# Small enough for a core's cache, large enough that a call's overhead does not show; measured on a million rows. It is
# rows of one column, or as many columns of few rows as have so many cells.
_CELLS_AT_ONCE = 1 << 16

_Words = tuple[NDArray[np.uint64], NDArray[np.uint64]]  # the first and the second of each cell, or of each row


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
    for part in scan.collect_batches(chunk_size=_CELLS_AT_ONCE, maintain_order=False) if columns else ():
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


def _sum_rows(part: pl.DataFrame, columns: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Return the sums, modulo 2**64, of the two words of each row."""
    rows = np.zeros(part.height, np.uint64), np.zeros(part.height, np.uint64)
    at_once = max(1, _CELLS_AT_ONCE // max(1, part.height))
    for start in range(0, len(columns), at_once):
        for words in _encode_columns(part, columns[start : start + at_once]):
            _absorb(rows, words)
    return int(rows[0].sum(dtype=np.uint64)), int(rows[1].sum(dtype=np.uint64))


def _encode_columns(part: pl.DataFrame, columns: Sequence[tuple[str, str]]) -> list[_Words]:
    """Return the two words of each cell of each column; columns of one type are encoded as one, which few rows need."""
    alike: dict[tuple[str, pl.DataType], list[int]] = {}
    cells = [part.get_column(name).alias("") for _, name in columns]  # Polars reads '^a$' as a pattern of names
    for at, (kind, _) in enumerate(columns):
        alike.setdefault((kind, cells[at].dtype), []).append(at)
    encoded: dict[int, _Words] = {}
    for (kind, _), places in alike.items():
        together = cells[places[0]] if len(places) == 1 else pl.concat([cells[at] for at in places])
        left, right = _encode(together.rechunk(), kind)
        for number, at in enumerate(places):
            its = slice(number * part.height, (number + 1) * part.height)
            encoded[at] = left[its], right[its]
    return [encoded[at] for at in range(len(columns))]


def _encode(cells: pl.Series, kind: str) -> _Words:
    """Return the two words of each cell."""
    if kind in {"text", "bytes", "decimal"}:
        left, right = _digest(cells, kind)
    else:
        left, right = _encode_number(cells, kind)
    if not cells.null_count():
        return left, right
    unknown = cells.is_null().to_numpy()
    return np.where(unknown, np.uint64(_NULL[0]), left), np.where(unknown, np.uint64(_NULL[1]), right)


def _encode_number(cells: pl.Series, kind: str) -> _Words:
    if kind == "float":
        double = cells.cast(pl.Float64).fill_null(0.0).to_numpy()
        bits = np.where(double == 0, 0.0, double).view(np.uint64)
        words = np.where(np.isnan(double), np.uint64(_NOT_A_NUMBER), bits)
        return words, words
    if kind == "integer":
        return _encode_integer(cells)
    if kind.startswith(("datetime", "duration")):
        return _encode_instant(cells)
    words = _bits(cells.to_physical().cast(pl.Int64))
    return words, words


def _bits(numbers: pl.Series) -> NDArray[np.uint64]:
    return numbers.fill_null(0).to_numpy().view(np.uint64)


def _encode_instant(cells: pl.Series) -> _Words:
    count = cells.to_physical()
    match cells.dtype:
        case pl.Datetime(time_unit="ms") | pl.Duration(time_unit="ms"):
            words = _bits(count * 1000)
        case pl.Datetime(time_unit="ns") | pl.Duration(time_unit="ns"):
            whole = _bits(count // 1000)
            return whole, whole + _bits(count % 1000) * np.uint64(_MIX[0][0])
        case _:
            words = _bits(count)
    return words, words


def _encode_integer(cells: pl.Series) -> _Words:
    signed = cells.cast(pl.Int64, strict=False)
    words = _bits(signed)
    if signed.null_count() == cells.null_count():
        return words, words
    left, right = _digest(cells.cast(pl.String), "text")
    outside = signed.is_null().to_numpy()
    return np.where(outside, left, words), np.where(outside, right, words)


def _digest(cells: pl.Series, kind: str) -> _Words:
    """Return the two words of each value's bytes; a value that occurs often is digested once."""
    distinct = cells.unique()
    if distinct.len() > cells.len() // 2:
        return _digest_each(_to_bytes(cells, kind))
    left, right = _digest_each(_to_bytes(distinct, kind))
    words = distinct.alias("cell").to_frame().with_columns(left=pl.Series(left), right=pl.Series(right))
    each = cells.alias("cell").to_frame().join(words, on="cell", how="left", nulls_equal=True, maintain_order="left")
    return each.get_column("left").to_numpy(), each.get_column("right").to_numpy()


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


def _digest_each(values: pl.Series) -> _Words:
    known = values.fill_null(b"")
    sizes = known.bin.size().cast(pl.UInt64)
    size = sizes.to_numpy()
    words = size.copy(), ~size
    short = known.alias("value").to_frame().select(pl.when(sizes <= _SHORT).then("value").otherwise(pl.lit(b"")))
    for start, block in _blocks(short.to_series(), min(int(size.max(initial=0)), _SHORT)):
        reached = (size > start) & (size <= _SHORT)
        part = words[0][reached], words[1][reached]
        _absorb(part, (block[reached], block[reached]))
        words[0][reached], words[1][reached] = part
    _digest_long(values, size > _SHORT, words)
    return words


def _blocks(values: pl.Series, longest: int) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """Yield where each 8 bytes begin, and these bytes of each value as a word, filled with zeros."""
    starts = range(0, longest, 8)
    frame = values.alias("value").to_frame().select(pl.col("value") + pl.lit(b"\0" * 8))
    size = pl.col("value").bin.size()
    zeros = pl.lit(b"\0" * 8)
    # An empty slice cannot be read as a word, so that a value past its end lends zeros, which are not absorbed.
    blocks = frame.select(
        pl.when(size >= start + 8)
        .then(pl.col("value").bin.slice(start, 8))
        .otherwise(zeros)
        .bin.reinterpret(dtype=pl.UInt64)
        .alias(str(start))
        for start in starts
    )
    for start in starts:
        yield start, blocks.get_column(str(start)).to_numpy()


def _digest_long(values: pl.Series, is_long: NDArray[np.bool_], words: _Words) -> None:
    """Replace the words of values that are long enough for BLAKE2b to be the faster way."""
    if not is_long.any():
        return
    digests = b"".join(hashlib.blake2b(value, digest_size=16).digest() for value in values.filter(pl.Series(is_long)))
    halves = np.frombuffer(digests, "<u8").reshape(-1, 2)
    words[0][is_long], words[1][is_long] = halves[:, 0], halves[:, 1]


def _absorb(into: _Words, words: _Words) -> None:
    """Change words in place by a bijection under which a changed bit changes each bit with probability one half."""
    for state, word, mix in zip(into, words, _MIX, strict=True):
        increment, shift, factor, shift_2, factor_2, shift_3 = map(np.uint64, mix)
        np.bitwise_xor(state, word, out=state)
        np.add(state, increment, out=state)
        np.bitwise_xor(state, state >> shift, out=state)
        np.multiply(state, factor, out=state)
        np.bitwise_xor(state, state >> shift_2, out=state)
        np.multiply(state, factor_2, out=state)
        np.bitwise_xor(state, state >> shift_3, out=state)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
