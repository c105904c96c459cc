"""Connections to DuckDB, which say nothing by themselves and load no extension."""

import duckdb

Settings = dict[str, str | bool | int | float | list[str]]
_SETTINGS: Settings = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


def connect(database: str = ":memory:", settings: Settings | None = None) -> duckdb.DuckDBPyConnection:
    """Open a database, by default one in memory."""
    connection = duckdb.connect(database, config=_SETTINGS | (settings or {}))
    # in a notebook DuckDB prints how far a long statement is, beside the line that says so already
    connection.execute("SET enable_progress_bar = false")
    return connection
