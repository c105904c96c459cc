"""Connections to DuckDB, which say nothing by themselves and load no extension."""

import duckdb

Settings = dict[str, str | bool | int | float | list[str]]
_SETTINGS: Settings = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Of files that are made: a quarter of DuckDB's own, which clears a block for each column. 10,000 columns are
    # written three times as fast, long tables as fast and in no more room; smaller ones keep no dictionaries of text.
    "default_block_size": 65_536,
}


def connect(database: str = ":memory:", settings: Settings | None = None) -> duckdb.DuckDBPyConnection:
    """Open a database, by default one in memory."""
    connection = duckdb.connect(database, config=_SETTINGS | (settings or {}))
    # in a notebook DuckDB prints how far a long statement is, beside the line that says so already
    connection.execute("SET enable_progress_bar = false")
    return connection
