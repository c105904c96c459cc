"""Frames to Parquet and back: immutable files named by their content, and their repair from the record."""

import hashlib
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path

import polars as pl
from polars.exceptions import ComputeError, PolarsError
from polars.selectors import by_name

from clinical_nb.errors import StoreError
from clinical_nb.store.files import delete_file, show_file, write_whole, written_beside
from clinical_nb.store.hash import hash_table, logical_type
from clinical_nb.store.record import hold_lock
from clinical_nb.store.uploads import keep_saved
from clinical_nb.store.version import StoredTable

_HASH = re.compile(r"[0-9a-f]{32}")


def parquet_file(home: Path, table_hash: str) -> Path:
    """Return where a table's Parquet lies.

    Raises
    ------
    StoreError
        When it is not the hash of a table.

    """
    if not _HASH.fullmatch(table_hash):
        raise StoreError(f"'{table_hash}' is not the hash of a table.", "Save the table first.")
    return home / "parquet" / f"{table_hash}.parquet"


def is_intact(file: Path) -> bool:
    """Tell whether a Parquet file has the bytes that were written; each file is read for it once a kernel.

    Its checksum lies beside it. Where that is lost, the content is hashed, which takes longer, and it is written anew.
    """
    try:
        found = file.stat()
        return _has_checksum(file, found.st_ino, found.st_mtime_ns, found.st_size)
    except OSError:
        return False


@lru_cache(maxsize=1024)
def _has_checksum(file: Path, _inode: int, _written: int, _size: int) -> bool:
    try:
        expected = checksum_file(file).read_text(encoding="ascii")
    except (OSError, UnicodeError):
        return _has_content(file)
    return _checksum(file) == expected


def _has_content(file: Path) -> bool:
    try:
        intact = hash_table(pl.scan_parquet(file, glob=False, hive_partitioning=False)) == file.stem
    except (PolarsError, StoreError):
        return False
    if intact:
        with suppress(StoreError):  # a store that cannot be written is checked so each time
            _write_checksum(file, file)
    return intact


def checksum_file(file: Path) -> Path:
    """Return where the checksum of a Parquet file lies."""
    return file.with_suffix(".sha256")


def _checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write_checksum(file: Path, written: Path) -> None:
    text = _checksum(written)
    write_whole(checksum_file(file), lambda beside: beside.write_text(text, encoding="ascii"))


def write_table(home: Path, table: pl.DataFrame | pl.LazyFrame) -> str:
    """Write a table under its hash, which is returned; nothing is written when it is there.

    A lazy table is read twice, part by part, and never held whole.

    Raises
    ------
    StoreError
        When it has no columns, or nested ones, or the disk does not take it.

    """
    if not table.collect_schema():
        raise StoreError("A table has no columns.", "Upload a table that has some.")
    table_hash = hash_table(table)
    keep_saved(home, table_hash)
    _write(home, table_hash, table.lazy(), hold_lock(home, "storing a table"))
    return table_hash


def delete_table(home: Path, table_hash: str) -> None:
    """Delete a table's Parquet and its checksum, where they are.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    file = parquet_file(home, table_hash)
    for each in (file, checksum_file(file)):
        delete_file(each)


def describe_table(home: Path, table_hash: str) -> StoredTable:
    """Return the size and the columns of a table that is on the disk."""
    scan = scan_table(parquet_file(home, table_hash))
    schema = {name: logical_type(name, dtype) for name, dtype in scan.collect_schema().items()}
    return StoredTable(table_hash, scan.select(pl.len()).collect().item(), len(schema), schema)


def scan_table(file: Path) -> pl.LazyFrame:
    """Return a lazy scan of exactly this file, whatever characters its path has.

    While the file is the same, so is the scan: what was learnt of it for one question holds for the next.
    """
    found = file.stat()
    return _scan(file, found.st_ino, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _scan(file: Path, _inode: int, _written: int) -> pl.LazyFrame:
    """Scan a file as it was written: a scan that has read the footer of another would misread a rebuilt one."""
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)


def repair_table(home: Path, table_hash: str, copy: Path, schema: Mapping[str, str]) -> None:
    """Write a lost table again from the record's copy, whose columns have lost their names and some of their types.

    Raises
    ------
    StoreError
        When the copy is not what the hash says.

    """
    scan = pl.scan_parquet(copy, glob=False, hive_partitioning=False)
    try:
        columns = zip(schema.items(), scan.collect_schema().names(), strict=True)
        table = scan.select(_restored(pl.col(column), kind).alias(name) for (name, kind), column in columns)
        found = hash_table(table)
    except (PolarsError, ValueError) as error:
        raise StoreError(f"Table {table_hash} cannot be rebuilt.", "Upload its file again.") from error
    if found != table_hash:
        raise StoreError(f"Table {table_hash} and its copy are damaged.", "Upload its file again.")
    _write(home, table_hash, table, nullcontext())  # who repairs holds the lock


def _write(home: Path, table_hash: str, table: pl.LazyFrame, lock: AbstractContextManager[None]) -> None:
    file = parquet_file(home, table_hash)
    if not is_intact(file):
        kept = table.with_columns(**_as_both_keep_it(table))
        with written_beside(file, lambda beside: _write_parquet(kept, beside)) as beside, lock:
            # The same rows in another order are another file: of two notebooks only the first shows its own.
            if not is_intact(file):
                _write_checksum(file, beside)  # first: whoever sees the file sees its checksum, too
                show_file(beside, file)


def _write_parquet(table: pl.LazyFrame, file: Path) -> None:
    try:
        table.sink_parquet(file, compression="zstd")
    except ComputeError as error:  # what Polars makes of the system's error
        text = f"The store cannot write a table in '{file.parent}': its disk is full, or refuses."
        raise StoreError(text, "Free some of it, or use another folder; what was stored before is there.") from error


def _as_both_keep_it(table: pl.LazyFrame) -> dict[str, pl.Expr]:
    """Return the columns that change to a type that Parquet and DuckDB both hold, so that either can rebuild the other.

    Raises
    ------
    StoreError
        When a value would not be the same in it.

    """
    changed: dict[str, pl.Expr] = {}
    same: dict[str, pl.Expr] = {}
    for name, dtype in table.collect_schema().items():
        column = by_name(name)  # a name like "^a.*$" is a pattern to pl.col
        match dtype:
            case pl.Int128() | pl.UInt128():
                changed[name] = column.cast(pl.Int64, strict=False)
                same[f"Column '{name}' has numbers beyond 64 bits."] = changed[name].is_null() == column.is_null()
            case pl.Duration(time_unit="ms" | "ns") | pl.Datetime(time_unit="ms" | "ns", time_zone=str()):
                changed[name] = column.dt.cast_time_unit("us")
                back = changed[name].dt.cast_time_unit(dtype.time_unit)
                same[f"Column '{name}' has times finer than microseconds."] = back == column
            case _:
                pass
    if same:
        kept = table.select(all_same.all().alias(problem) for problem, all_same in same.items()).collect()
        for problem, is_kept in kept.row(0, named=True).items():
            if not is_kept:
                raise StoreError(problem, "Round them, or give them as text.")
    return changed


def _restored(copy: pl.Expr, kind: str) -> pl.Expr:
    """Give a column back what DuckDB does not keep: its time zone, that it counts time, that it is empty."""
    if kind == "duration":
        return copy.cast(pl.Duration("us"))
    if kind == "null":
        return copy.cast(pl.Null)
    if kind.startswith("datetime["):
        return copy.dt.convert_time_zone(kind.removeprefix("datetime[").removesuffix("]"))
    return copy
