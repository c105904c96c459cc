"""A statement over the stored tables, run on an in-memory DuckDB that can read the tables it names and nothing else."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from glob import escape
from pathlib import Path
from typing import cast
from unicodedata import normalize

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from clinical_nb.errors import StoreError
from clinical_nb.store.connection import Settings, connect
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.quoting import quote, quote_text
from clinical_nb.store.sql.mistakes import FAR_OFF, translate
from clinical_nb.store.sql.names import Names, Table
from clinical_nb.store.sql.statement import SELECT, Statement, read_only, read_statement
from clinical_nb.store.sql.types import far_off, from_logical_type, to_polars_type
from clinical_nb.store.sql.waiting import WAITING, wait_for, wait_in_steps
from clinical_nb.store.tables import parquet_file, scan_table

_CONFIG: Settings = {
    "errors_as_json": True,
    "memory_limit": "50%",
    "python_enable_replacements": False,  # a variable of the notebook is no table
    "python_scan_all_frames": False,
    "threads": 1,  # with several, rows in no order and the last bits of a sum are others at each run
    "temp_directory": "",  # what is too large for the memory is refused: it would lie on the disk after a crash
}
_COUNT = "SELECT count(*) FROM ("  # what stands before a statement, which ) ends
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: its first rows, how many there are, and all of them as a lazy frame."""

    first: pl.DataFrame
    rows: int
    frame: pl.LazyFrame


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that can be run: on the versions that the datasets had when it was read, whatever comes after."""

    store: DataStore
    names: Names
    statement: Statement

    @property
    def datasets(self) -> dict[str, str]:
        """The version of each dataset that it reads."""
        return {table.dataset.dataset: table.dataset.dataset_version for table in self.statement.tables}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is called otherwise in SQL than the person called it."""
        return self.names.remarks(self.statement.tables, everything=self.statement.lists)

    def look(self, rows: int) -> Found:
        """Return the first rows, how many there are in all, which are counted and not fetched, and a lazy frame.

        Rows that would be others each time (a sample, random numbers, the clock) are fetched and kept, and so are few,
        so that what is shown, counted and collected is the same.

        Raises
        ------
        SqlError, StoreError
            When the statement cannot be run, or a table that it names is gone.

        """
        takes_all = self.statement.explain is not None or self.statement.varies
        with self._connected() as connection:
            select, offset = self._select(connection)
            limited = select if takes_all else f"{select} LIMIT {rows + 1}"
            with self._translated(offset):
                found: pl.DataFrame = wait_for(connection, lambda: connection.sql(read_only(connection, limited)).pl())
            if takes_all:
                return Found(found.head(rows), found.height, found.lazy())
            if found.height <= rows:
                return Found(found, found.height, found.lazy())
            with self._translated(len(_COUNT)):
                counting = read_only(connection, f"{_COUNT}{self.statement.select})")
                count = int(wait_for(connection, lambda: connection.execute(counting).fetchall())[0][0])
        return Found(found.head(rows), count, self._lazy(found.schema))

    def _lazy(self, schema: pl.Schema) -> pl.LazyFrame:
        """Return a frame that runs the statement each time that it is collected, and holds no rows until then."""

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _size: int | None
        ) -> Iterator[pl.DataFrame]:
            left = rows
            for batch in self._batches(schema):
                part = batch if columns is None else batch.select(columns)
                part = part if predicate is None else part.filter(predicate)
                part = part if left is None else part.head(left)
                left = None if left is None else left - part.height
                yield part
                if left == 0:
                    return

        return register_io_source(read, schema=schema)

    def _batches(self, schema: pl.Schema) -> Iterator[pl.DataFrame]:
        """Yield the rows as they come, and none while they do not, so that Polars can be interrupted."""
        with self._connected() as connection:
            select, offset = self._select(connection)
            with self._translated(offset):
                batches = _stream(connection, select)
                batch: pl.DataFrame | None = schema.to_frame()
                while batch is not None:
                    yield batch
                    for batch in wait_in_steps(connection, lambda: next(batches, None)):
                        if batch is WAITING:
                            yield schema.to_frame()

    def _select(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, int]:
        """Return what selects the rows in types that Polars takes, and how many bytes are before the statement's."""
        if self.statement.explain is not None:
            begin = f"{self.statement.explain} "
            return f"{begin}{self.statement.select}", len(begin)
        with self._translated(0):
            described = connection.execute(read_only(connection, f"{self.statement.select} LIMIT 0")).description
        columns: list[str] = []
        for at, (name, kind, *_) in enumerate(described):
            wanted, far = to_polars_type(str(kind)), far_off(f"c{at}", str(kind))
            taken = f"CAST(c{at} AS {wanted})" if wanted else f"c{at}"
            taken = f"CASE WHEN {far} THEN error({quote_text(FAR_OFF)}) ELSE {taken} END" if far else taken
            columns.append(f"{taken} AS {quote(str(name))}")
        begin = f"SELECT {', '.join(columns)} FROM ("  # noqa: S608 - every name is quoted
        aliases = ", ".join(f"c{at}" for at in range(len(columns)))
        return f"{begin}{self.statement.select}) AS rows({aliases})", len(begin.encode())

    @contextmanager
    def _connected(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Open a database of its own, with a view for each table that is named, and close all else to it."""
        files = {table: self._find_file(table) for table in self.statement.tables}
        connection = connect(settings=_CONFIG)
        try:
            with self._translated(0):
                connection.execute("SET TimeZone = 'UTC'")
                for statement in self._definitions(files):
                    connection.execute(statement)
                # DuckDB asks for a file by the pattern that names it, in which brackets and stars are escaped
                paths = ", ".join(
                    quote_text(path) for file in map(str, files.values()) for path in {file, escape(file)}
                )
                connection.execute(f"SET allowed_paths = [{paths}]")
                connection.execute("SET enable_external_access = false")
                connection.execute("SET lock_configuration = true")
            yield connection
        finally:
            connection.close()

    def _find_file(self, table: Table) -> Path:
        try:
            return self.store.find_file(table.stored.hash)
        except StoreError as error:
            text = f"Table '{table.name}' of dataset '{table.dataset.dataset}' cannot be read. {error.message}"
            raise StoreError(text, error.hint) from error

    def _definitions(self, files: Mapping[Table, Path]) -> Iterator[str]:
        """Yield what makes the schemas and views of the named tables, or of all where it is asked which there are."""
        shown = self.names.tables if self.statement.lists else self.statement.tables
        for schema in dict.fromkeys(table.schema for table in shown):
            yield f"CREATE SCHEMA {quote(schema)}"
        for table in shown:
            full = f"{quote(table.schema)}.{quote(table.sql_name)}"
            yield f"CREATE VIEW {full} AS {_read(table, files[table]) if table in files else _list(table)}"
        for name, table in self.names.bare.items():
            if table in shown:
                full = f"{quote(table.schema)}.{quote(table.sql_name)}"
                yield f"CREATE VIEW main.{quote(name)} AS SELECT * FROM {full}"  # noqa: S608 - every name is quoted

    @contextmanager
    def _translated(self, offset: int) -> Generator[None]:
        columns = [column for table in self.statement.tables for column in table.columns]
        try:
            yield
        except (duckdb.Error, OSError) as error:  # Arrow makes an OSError of what DuckDB says while it is read
            for table in self.statement.tables:
                if not parquet_file(self.store.home, table.stored.hash).exists():
                    raise _deleted(table) from None
            raise translate(error, self.statement.text, columns, offset + len(SELECT)) from None


def prepare(store: DataStore, text: str, names: Names) -> Query:
    """Return the query of a text, which is one statement that only reads.

    Raises
    ------
    SqlError
        When it is not, or names a table that there is not.

    """
    connection = connect(settings=_CONFIG | {"enable_external_access": False})
    try:
        statement = read_statement(connection, text, names)
    finally:
        connection.close()
    return Query(store, names, statement)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return the words of SQL itself, in lower case: keywords, functions and types."""
    return _ask(
        "SELECT keyword_name FROM duckdb_keywords() UNION SELECT function_name FROM duckdb_functions() "
        "UNION SELECT type_name FROM duckdb_types()"
    )


@lru_cache(maxsize=1)
def reserved_words() -> frozenset[str]:
    """Return the keywords that are no names unless they are quoted, in lower case."""
    return _ask("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'")


def _ask(select: str) -> frozenset[str]:
    connection = connect(settings=_CONFIG | {"enable_external_access": False})
    try:
        return frozenset(str(word).lower() for (word,) in connection.execute(select).fetchall())
    finally:
        connection.close()


def _read(table: Table, file: Path) -> str:
    """Return what selects the rows of a table by the columns' names in SQL."""
    # by their names in the file, whose order, and whose form of an accent, may be those of another upload
    stands = dict(zip(table.stored.schema, table.columns, strict=True))
    normal = {normalize("NFC", name): column for name, column in stands.items()}
    in_file = scan_table(file).collect_schema().names()
    aliases = ", ".join(quote(stands.get(name) or normal[normalize("NFC", name)]) for name in in_file)
    source = f"read_parquet({quote_text(escape(str(file)))}, hive_partitioning = false) AS rows({aliases})"
    return f"SELECT {', '.join(map(quote, table.columns))} FROM {source}"  # noqa: S608 - every name is quoted


def _deleted(table: Table) -> StoreError:
    text = f"Table '{table.name}' of dataset '{table.dataset.dataset}' was deleted meanwhile."
    return StoreError(text, "Another notebook did so. %clinical datasets lists what there is.")


def _list(table: Table) -> str:
    """Return what has the columns of a table, which is only listed, so that its file need not be checked."""
    columns = zip(table.columns, table.stored.schema.values(), strict=True)
    return "SELECT " + ", ".join(f"CAST(NULL AS {from_logical_type(kind)}) AS {quote(name)}" for name, kind in columns)


def _stream(connection: duckdb.DuckDBPyConnection, select: str) -> Iterator[pl.DataFrame]:
    """Yield the rows in parts of bounded size; DuckDB works on while one is looked at."""
    for batch in connection.sql(read_only(connection, select)).to_arrow_reader(_ROWS_AT_ONCE):
        yield cast("pl.DataFrame", pl.from_arrow(batch))  # pyright: ignore[reportUnknownMemberType] - pyarrow has no types
