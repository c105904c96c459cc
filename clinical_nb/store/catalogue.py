"""What the record holds: every version, and every table under identifiers that no person's name can be.

A table is `data."<table hash>"` with the columns c0, c1… (DuckDB takes "Age" and "AGE" for the same), and its real
names are kept as JSON in `catalogue.tables`. They appear in the views `{upload_id}_{table_name}_{dataset_version}`
only, quoted, and numbered where two differ by case alone.
"""

import json
from collections.abc import Collection, Mapping
from glob import escape
from pathlib import Path

import duckdb

from clinical_nb.store.quoting import quote, quote_text, told_apart
from clinical_nb.store.version import StoredTable, Version, version_from_json, version_to_json


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


def read_numbers(record: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the highest number that a version of each dataset ever had: those of dropped ones are not given again."""
    return dict(record.execute("SELECT dataset, highest FROM catalogue.numbers").fetchall())


def keep_number(record: duckdb.DuckDBPyConnection, dataset: str, highest: int) -> None:
    """Record the highest number that a version of a dataset ever had."""
    record.execute("INSERT OR REPLACE INTO catalogue.numbers VALUES (?, ?)", [dataset, highest])


def find_columns(record: duckdb.DuckDBPyConnection, table_hash: str) -> dict[str, str] | None:
    """Return the logical type of each column of a recorded table, in order; None where it is not recorded."""
    rows = record.execute("SELECT columns FROM catalogue.tables WHERE hash = ?", [table_hash]).fetchall()
    return json.loads(rows[0][0]) if rows else None


def copy_table(record: duckdb.DuckDBPyConnection, table_hash: str, file: Path) -> None:
    """Copy the rows of a recorded table into a Parquet file, under the names c0, c1 and so on."""
    target = quote_text(str(file))  # in its own place at once: what DuckDB writes beside it everybody could read
    record.execute(f"COPY data.{quote(table_hash)} TO {target} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)")


def delete_versions(
    record: duckdb.DuckDBPyConnection, gone: Collection[Version], kept: Collection[Version]
) -> set[str]:
    """Delete versions with their views, and return the hashes of the tables that none of the kept needs any more."""
    for version in gone:
        for view in _view_names(version).values():
            record.execute(f"DROP VIEW IF EXISTS {quote(view)}")
        key = [version.dataset, version.number]
        record.execute("DELETE FROM catalogue.versions WHERE dataset = ? AND number = ?", key)
    for dataset in {version.dataset for version in gone} - {version.dataset for version in kept}:
        record.execute("DELETE FROM catalogue.numbers WHERE dataset = ?", [dataset])
    hashes = {table.hash for version in gone for table in version.tables.values()}
    hashes -= {table.hash for version in kept for table in version.tables.values()}
    for table_hash in hashes:
        record.execute(f"DROP TABLE IF EXISTS data.{quote(table_hash)}")
        record.execute("DELETE FROM catalogue.tables WHERE hash = ?", [table_hash])
    return hashes


def _add_table(record: duckdb.DuckDBPyConnection, table: StoredTable, file: Path) -> None:
    names = ", ".join(f"c{at}" for at in range(table.columns))
    record.execute("PRAGMA disable_optimizer")  # half the time of 10,000 columns; there is nothing in it to plan
    record.execute(
        f"CREATE TABLE data.{quote(table.hash)} AS "  # noqa: S608 - every name is quoted
        f"SELECT * FROM read_parquet(?, hive_partitioning = false) AS rows({names})",
        [escape(str(file))],
    )
    record.execute("PRAGMA enable_optimizer")
    record.execute("INSERT INTO catalogue.tables VALUES (?, ?)", [table.hash, json.dumps(dict(table.schema))])


def _view_names(version: Version) -> dict[str, str]:
    """Return the name of the view of each table of a version."""
    views = told_apart(f"{version.upload_id}_{name}_{version.dataset_version}" for name in version.tables)
    return dict(zip(version.tables, views, strict=True))
