"""analytics.duckdb, the record: every version and every table, opened for milliseconds under a lock.

A person's names are never identifiers of what holds the data: a table is `data."<table hash>"` with the columns c0, c1…
(DuckDB takes "Age" and "AGE" for the same), and its real names are kept as JSON in `catalogue.tables`. They appear in
the views `{upload_id}_{table_name}_{dataset_version}` only, quoted, and numbered where two differ by case alone.
"""

import json
import os
import secrets
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from clinical_nb import locks
from clinical_nb.errors import StoreError
from clinical_nb.store.files import delete_file, flush_folder, make_folder
from clinical_nb.store.orphans import note_orphans
from clinical_nb.store.quoting import quote, quote_text, told_apart
from clinical_nb.store.version import StoredTable, Version, version_from_json, version_to_json

if TYPE_CHECKING:
    import polars as pl

RECORD = "analytics.duckdb"
_LOCK = "analytics.duckdb.lock"
FORMAT = 2  # of the whole store; 1 had no checksums beside its Parquet
# What DuckDB says of a record that another program, or this very process in another way, has open, or of full memory.
_LOCKED = "IO Error: Could not set lock"
_IN_USE = (duckdb.ConnectionException, duckdb.OutOfMemoryException)
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TABLES = """
CREATE SCHEMA IF NOT EXISTS catalogue;
CREATE SCHEMA IF NOT EXISTS data;
CREATE TABLE IF NOT EXISTS catalogue.store (format INTEGER);
CREATE TABLE IF NOT EXISTS catalogue.versions (
    dataset VARCHAR, dataset_version VARCHAR, number INTEGER, content JSON, PRIMARY KEY (dataset, number)
);
CREATE TABLE IF NOT EXISTS catalogue.tables (hash VARCHAR PRIMARY KEY, columns JSON);
"""


class NewerStoreError(StoreError):
    """A store that this version of clinical_nb is too old for."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"The store in '{home}' was written by a newer clinical_nb.", "Upgrade clinical_nb.")


class BusyStoreError(StoreError):
    """A store that another notebook or program is writing to."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a look at the record shows: its format, and the number of each version by dataset."""

    format: int
    versions: frozenset[tuple[str, int]]


@contextmanager
def hold_lock(home: Path, doing: str, seconds: float = locks.SECONDS_TO_WAIT) -> Generator[None]:
    """Keep every other notebook from changing the store while this one is `doing` something, as they are told.

    Raises
    ------
    StoreError
        When another one holds it for longer than these seconds, or the folder cannot be written.

    """
    make_folder(home)
    lock = home / _LOCK
    with ExitStack() as held:
        _enter(held, locks.hold_lock(lock, doing, seconds), lock, seconds)
        yield


def _enter(held: ExitStack, lock: AbstractContextManager[None], file: Path, seconds: float) -> None:
    """Take the lock, apart from what is done under it, whose errors are not the lock's."""
    try:
        held.enter_context(lock)
    except TimeoutError as error:
        raise BusyStoreError(
            f"Another notebook has been writing to the store for {seconds:g} s (waited for '{file}').",
            "Try again when its upload has finished.",
        ) from error
    except OSError as error:
        text = f"The store cannot write in '{file.parent}': {error.strerror}."
        raise StoreError(text, "Use another folder.") from error


@contextmanager
def open_record(home: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the record, whose lock the caller holds, for one transaction: all of it is kept, or nothing.

    A record that is lost is made anew; one that is damaged is set aside under another name first.

    Raises
    ------
    StoreError
        When DuckDB cannot open, read or write it.

    """
    with _translated(home):
        record = _connect(home)
        try:
            record.begin()
            record.execute(_TABLES)
            _check_format(record, home)
            yield record
            record.commit()
        finally:
            record.close()


def look_at_record(home: Path) -> Record | None:
    """Return what the record holds; None where it is lost or damaged.

    Raises
    ------
    BusyStoreError
        When another notebook is writing to it, or another program has it open.
    NewerStoreError
        When it was written by a newer version.

    """
    if not (home / RECORD).exists():
        return None
    try:
        with hold_lock(home, "", seconds=0.2):
            return read_record(home)
    except (BusyStoreError, NewerStoreError):
        raise
    except StoreError:
        return None


def read_record(home: Path) -> Record | None:
    """Return what the record holds, whose lock the caller holds; None where it is lost or damaged.

    Raises
    ------
    BusyStoreError, NewerStoreError
        When another program has it open, or a newer version wrote it.

    """
    file = home / RECORD
    if not file.exists():
        return None
    try:
        record = duckdb.connect(str(file), read_only=True, config=_CONFIG)
        try:
            written = record.execute("SELECT max(format) FROM catalogue.store").fetchall()[0][0]
            versions = record.execute("SELECT dataset, number FROM catalogue.versions").fetchall()
        finally:
            record.close()
    except duckdb.Error as error:
        _refuse_newer(home, error)
        if _is_in_use(file, error):
            raise BusyStoreError(f"Another program has the store's record '{file}' open.", "Close it there.") from error
        return None
    if written > FORMAT:
        raise NewerStoreError(home)
    return Record(written, frozenset((dataset, number) for dataset, number in versions))


def read_versions(record: duckdb.DuckDBPyConnection) -> dict[str, list[Version]]:
    """Return the versions of each dataset, oldest first."""
    versions: dict[str, list[Version]] = {}
    for (content,) in record.execute("SELECT content FROM catalogue.versions ORDER BY number").fetchall():
        version = version_from_json(json.loads(content))
        versions.setdefault(version.dataset, []).append(version)
    return versions


def add_version(record: duckdb.DuckDBPyConnection, version: Version, files: Mapping[str, Path]) -> None:
    """Record a version, with the tables that are not recorded yet from their Parquet files, and its views."""
    record.execute(
        "INSERT INTO catalogue.versions VALUES (?, ?, ?, ?)",
        [version.dataset, version.dataset_version, version.number, json.dumps(version_to_json(version))],
    )
    views = _view_names(version)
    for name, table in version.tables.items():
        columns = find_columns(record, table.hash)
        if columns is None:
            columns = table.schema
            _add_table(record, table, files[table.hash])
        chosen = ", ".join(f"c{at} AS {quote(column)}" for at, column in enumerate(told_apart(columns)))
        record.execute(
            f"CREATE OR REPLACE VIEW {quote(views[name])} AS "  # noqa: S608 - every name is quoted
            f"SELECT {chosen} FROM data.{quote(table.hash)}"
        )


def find_columns(record: duckdb.DuckDBPyConnection, table_hash: str) -> dict[str, str] | None:
    """Return the logical type of each column of a recorded table, in order; None where it is not recorded."""
    rows = record.execute("SELECT columns FROM catalogue.tables WHERE hash = ?", [table_hash]).fetchall()
    return json.loads(rows[0][0]) if rows else None


def read_table(record: duckdb.DuckDBPyConnection, table_hash: str) -> "pl.DataFrame":
    """Return the rows of a recorded table, under the names c0, c1 and so on."""
    return record.sql(f"SELECT * FROM data.{quote(table_hash)}").pl()  # noqa: S608 - every name is quoted


def delete_versions(record: duckdb.DuckDBPyConnection, gone: Iterable[Version], kept: Iterable[Version]) -> set[str]:
    """Delete versions with their views, and return the hashes of the tables that none of the kept needs any more."""
    for version in gone:
        for view in _view_names(version).values():
            record.execute(f"DROP VIEW IF EXISTS {quote(view)}")
        key = [version.dataset, version.number]
        record.execute("DELETE FROM catalogue.versions WHERE dataset = ? AND number = ?", key)
    hashes = {table.hash for version in gone for table in version.tables.values()}
    hashes -= {table.hash for version in kept for table in version.tables.values()}
    for table_hash in hashes:
        record.execute(f"DROP TABLE IF EXISTS data.{quote(table_hash)}")
        record.execute("DELETE FROM catalogue.tables WHERE hash = ?", [table_hash])
    return hashes


def rewrite_record(home: Path) -> None:
    """Write the record anew, whose lock the caller holds: what was deleted stays readable in the blocks of the old.

    Raises
    ------
    StoreError
        When DuckDB or the disk does not take it; the record is as it was.

    """
    fresh = home / f"{RECORD}.{secrets.token_hex(4)}.part"
    with _translated(home):
        try:
            record = duckdb.connect(config=_CONFIG)
            try:
                for name, file in (("old", home / RECORD), ("fresh", fresh)):
                    only = " (READ_ONLY)" if name == "old" else ""
                    record.execute(f"ATTACH {quote_text(str(file))} AS {name}{only}")
                record.execute("COPY FROM DATABASE old TO fresh")
            finally:
                record.close()
            fresh.chmod(0o600)
            fresh.replace(home / RECORD)
            flush_folder(home)
        except OSError as error:
            raise StoreError(f"The record in '{home}' cannot be written anew: {error.strerror}.") from error
        finally:
            for left in (fresh, Path(f"{fresh}.wal")):
                delete_file(left)


def _add_table(record: duckdb.DuckDBPyConnection, table: StoredTable, file: Path) -> None:
    names = ", ".join(f"c{at}" for at in range(table.columns))
    record.execute(
        f"CREATE TABLE data.{quote(table.hash)} AS "  # noqa: S608 - every name is quoted
        f"SELECT * FROM read_parquet(?, hive_partitioning = false) AS rows({names})",
        [escape(str(file))],
    )
    record.execute("INSERT INTO catalogue.tables VALUES (?, ?)", [table.hash, json.dumps(dict(table.schema))])


def _view_names(version: Version) -> dict[str, str]:
    """Return the name of the view of each table of a version."""
    views = told_apart(f"{version.upload_id}_{name}_{version.dataset_version}" for name in version.tables)
    return dict(zip(version.tables, views, strict=True))


def _connect(home: Path) -> duckdb.DuckDBPyConnection:
    file = home / RECORD
    if "?" in str(file):  # DuckDB names its log after what stands before it, and then finds no such folder
        raise StoreError(f"The store cannot lie in '{home}', which has a '?' in its path.", "Use another folder.")
    if not file.exists():
        note_orphans(home)
        Path(f"{file}.wal").unlink(missing_ok=True)
    try:
        record = duckdb.connect(str(file), config=_CONFIG)
    except duckdb.Error as error:
        # One exception class stands for "in use" and for "damaged": what is only in use must not be set aside.
        _refuse_newer(home, error)
        if _is_in_use(file, error) or not os.access(file, os.R_OK | os.W_OK):
            raise
        note_orphans(home)
        file.replace(f"{file}.damaged-{secrets.token_hex(4)}")
        return _connect(home)
    file.chmod(0o600)
    return record


def _is_in_use(file: Path, error: duckdb.Error) -> bool:
    return isinstance(error, _IN_USE) or str(error).replace(str(file), "").startswith(_LOCKED)


def _refuse_newer(home: Path, error: BaseException | None) -> None:
    """Tell a record that a newer DuckDB wrote from a damaged one."""
    if "database file with version number" in str(error):
        raise NewerStoreError(home)


def _check_format(record: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Refuse a newer format; a new record is given ours."""
    formats = record.execute("SELECT format FROM catalogue.store").fetchall()
    if not formats:
        record.execute("INSERT INTO catalogue.store VALUES (?)", [FORMAT])
    elif formats[0][0] > FORMAT:
        raise NewerStoreError(home)


def set_format(record: duckdb.DuckDBPyConnection) -> None:
    """Say that the store is of today's format."""
    record.execute("UPDATE catalogue.store SET format = ?", [FORMAT])


@contextmanager
def _translated(home: Path) -> Generator[None]:
    try:
        yield
    except duckdb.Error as error:
        first = str(error).splitlines()[0].rstrip(".")
        raise StoreError(
            f"The store's record '{home / RECORD}' cannot be used: {first}.",
            "Close other programs that have it open, and see that its disk is writable and not full.",
        ) from error
