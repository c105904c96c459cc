"""analytics.duckdb, the record: every version and every table, opened for milliseconds under a lock.

A person's names are never identifiers of what holds the data: a table is `data."<table hash>"` with the columns c0, c1…
(DuckDB takes "Age" and "AGE" for the same), and its real names are kept as JSON in `catalogue.tables`. They appear in
the views `{upload_id}_{table_name}_{dataset_version}` only, quoted, and numbered where two differ by case alone.
"""

import json
import os
import secrets
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from clinical_nb.errors import StoreError
from clinical_nb.store.files import make_folder
from clinical_nb.store.version import StoredTable, Version, version_from_json, version_to_json

if TYPE_CHECKING:
    import polars as pl

RECORD = "analytics.duckdb"
_LOCK = "analytics.duckdb.lock"
_FORMAT = 1
_SECONDS_TO_WAIT = 10.0
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


@contextmanager
def hold_lock(home: Path, seconds: float = _SECONDS_TO_WAIT) -> Generator[None]:
    """Keep every other notebook from changing the store for a moment.

    Raises
    ------
    StoreError
        When another one holds it for longer than these seconds, or the folder cannot be written.

    """
    make_folder(home)
    try:
        lock = FileLock(home / _LOCK, timeout=seconds, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            f"Another notebook has been writing to the store for {seconds:g} s (waited for '{home / _LOCK}').",
            "Try again when its upload has finished.",
        ) from error
    except OSError as error:
        raise StoreError(f"The store cannot write in '{home}': {error.strerror}.", "Use another folder.") from error
    try:
        yield
    finally:
        lock.release()


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


def recorded_datasets(home: Path) -> set[str]:
    """Return the names in the record; none where it cannot be looked at in a moment, which is not worth waiting for."""
    if not (home / RECORD).exists():
        return set()
    try:
        with hold_lock(home, seconds=0.2), _translated(home):
            record = duckdb.connect(str(home / RECORD), read_only=True, config=_CONFIG)
            try:
                return {row[0] for row in record.execute("SELECT dataset FROM catalogue.versions").fetchall()}
            finally:
                record.close()
    except StoreError:
        return set()


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
        chosen = ", ".join(f"c{at} AS {_quote(column)}" for at, column in enumerate(_told_apart(columns)))
        record.execute(
            f"CREATE OR REPLACE VIEW {_quote(views[name])} AS "  # noqa: S608 - every name is quoted
            f"SELECT {chosen} FROM data.{_quote(table.hash)}"
        )


def find_columns(record: duckdb.DuckDBPyConnection, table_hash: str) -> dict[str, str] | None:
    """Return the logical type of each column of a recorded table, in order; None where it is not recorded."""
    rows = record.execute("SELECT columns FROM catalogue.tables WHERE hash = ?", [table_hash]).fetchall()
    return json.loads(rows[0][0]) if rows else None


def read_table(record: duckdb.DuckDBPyConnection, table_hash: str) -> "pl.DataFrame":
    """Return the rows of a recorded table, under the names c0, c1 and so on."""
    return record.sql(f"SELECT * FROM data.{_quote(table_hash)}").pl()  # noqa: S608 - every name is quoted


def delete_dataset(record: duckdb.DuckDBPyConnection, dataset: str) -> set[str]:
    """Delete a dataset's versions and views, and return the hashes of the tables that went with them."""
    versions = read_versions(record)
    gone = versions.pop(dataset, [])
    kept = {table.hash for others in versions.values() for version in others for table in version.tables.values()}
    for view in (view for version in gone for view in _view_names(version).values()):
        record.execute(f"DROP VIEW IF EXISTS {_quote(view)}")
    hashes = {table.hash for version in gone for table in version.tables.values()} - kept
    for table_hash in hashes:
        record.execute(f"DROP TABLE IF EXISTS data.{_quote(table_hash)}")
        record.execute("DELETE FROM catalogue.tables WHERE hash = ?", [table_hash])
    record.execute("DELETE FROM catalogue.versions WHERE dataset = ?", [dataset])
    return hashes


def _add_table(record: duckdb.DuckDBPyConnection, table: StoredTable, file: Path) -> None:
    names = ", ".join(f"c{at}" for at in range(table.columns))
    record.execute(
        f"CREATE TABLE data.{_quote(table.hash)} AS "  # noqa: S608 - every name is quoted
        f"SELECT * FROM read_parquet(?, hive_partitioning = false) AS rows({names})",
        [escape(str(file))],
    )
    record.execute("INSERT INTO catalogue.tables VALUES (?, ?)", [table.hash, json.dumps(dict(table.schema))])


def _view_names(version: Version) -> dict[str, str]:
    """Return the name of the view of each table of a version."""
    views = _told_apart(f"{version.upload_id}_{name}_{version.dataset_version}" for name in version.tables)
    return dict(zip(version.tables, views, strict=True))


def _told_apart(names: Iterable[str]) -> list[str]:
    """Return identifiers: no two the same but for case, and none empty."""
    taken: set[str] = set()
    apart: list[str] = []
    for name in names:
        wanted = free = name or "unnamed"
        number = 1
        while free.casefold() in taken:
            number += 1
            free = f"{wanted}_{number}"
        taken.add(free.casefold())
        apart.append(free)
    return apart


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _connect(home: Path) -> duckdb.DuckDBPyConnection:
    file = home / RECORD
    if "?" in str(file):  # DuckDB names its log after what stands before it, and then finds no such folder
        raise StoreError(f"The store cannot lie in '{home}', which has a '?' in its path.", "Use another folder.")
    if not file.exists():
        Path(f"{file}.wal").unlink(missing_ok=True)
    try:
        record = duckdb.connect(str(file), config=_CONFIG)
    except duckdb.Error as error:
        # One exception class stands for "in use" and for "damaged": what is only in use must not be set aside.
        in_use = str(error).replace(str(file), "").startswith("IO Error: Could not set lock")
        if in_use or not os.access(file, os.R_OK | os.W_OK):
            raise
        file.replace(f"{file}.damaged-{secrets.token_hex(4)}")
        return _connect(home)
    file.chmod(0o600)
    return record


def _check_format(record: duckdb.DuckDBPyConnection, home: Path) -> None:
    formats = record.execute("SELECT format FROM catalogue.store").fetchall()
    if not formats:
        record.execute("INSERT INTO catalogue.store VALUES (?)", [_FORMAT])
    elif formats[0][0] > _FORMAT:
        raise StoreError(f"The store in '{home}' was written by a newer clinical_nb.", "Upgrade clinical_nb.")


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
