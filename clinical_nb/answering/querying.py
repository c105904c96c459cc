"""Querying: from a statement of SQL to its rows, and into the history without its values."""

import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clinical_nb.errors import HistoryError, SqlError
from clinical_nb.history.events import Query as QueryEvent
from clinical_nb.history.events import new_run_id
from clinical_nb.history.logger import QueryLogger
from clinical_nb.history.privacy import told
from clinical_nb.history.references import References
from clinical_nb.history.sql import mask_sql
from clinical_nb.render.rows import write_html, write_text
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.quoting import quote
from clinical_nb.store.sql.names import Names, name_stored
from clinical_nb.store.sql.query import known_words, prepare, reserved_words
from clinical_nb.store.sql.tokens import outline

if TYPE_CHECKING:
    import polars as pl

_ROWS_SHOWN = 20
_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a statement of SQL selected; it shows itself in a notebook, and as text.

    Attributes
    ----------
    frame : pl.LazyFrame
        All of its rows. Where they are more than `first` has, each time that it is collected the statement runs again
        on the tables that it was first run on, in parts of bounded size: no other rows are held in memory, a later
        version of a dataset changes nothing, and where the dataset was deleted there is an error. Only of a statement
        whose rows would be others each time (a sample, random numbers, the clock) all rows are kept. It runs on one
        thread, so that it gives the same each time; which order rows have is for ORDER BY to say, and without it
        another machine or release may give another, also of the rows that LIMIT leaves. Whole numbers of 128 bits, such
        as sums, come as Int64, intervals and categories as text, times with a zone in UTC.
    rows : int
        How many there are.
    first : pl.DataFrame
        The first of them, at most 20.
    remarks : tuple of str
        What is called otherwise in SQL than in the files, and whether the history could not be written.
    run_id : str
        Its id in the history.

    """

    frame: "pl.LazyFrame"
    rows: int
    first: "pl.DataFrame"
    remarks: tuple[str, ...]
    run_id: str

    def html(self) -> str:
        """Return the first rows as a fragment of HTML."""
        return write_html(self.first, self.rows, self.remarks)

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return write_text(self.first, self.rows, self.remarks)


class Querying:
    """Runs SQL over what a store holds, and writes each run into the history."""

    def __init__(self, store: DataStore, log: QueryLogger, references: References) -> None:
        self._store = store
        self._log = log
        self._references = references

    def run(self, text: str, in_use: str | None) -> Selection:
        """Walk from the statement to its rows."""
        started = time.perf_counter()
        run_id = new_run_id()
        names = name_stored(self._store.home, in_use)
        datasets: Mapping[str, str] = {}
        rows: int | None = None
        finished = False
        try:
            query = prepare(self._store, text, names)
            datasets = query.datasets
            found = query.look(_ROWS_SHOWN)
            rows = found.rows
            finished = True
        finally:
            event = QueryEvent(
                run_id=run_id,
                datasets={self._references.name(name): version for name, version in datasets.items()},
                text=mask_sql(outline(text), known_words(), self._names_told(names)),
                rows=told(rows),
                milliseconds=round(1000 * (time.perf_counter() - started)),
                failure=None if finished else _kind_of(sys.exc_info()[1]),
            )
            untold = self._record(event)
        return Selection(found.frame, found.rows, found.first, (*query.remarks, *untold), run_id)

    def _names_told(self, names: Names) -> dict[str, str]:
        """Return what the history says for each name: columns as they are, datasets and tables as it calls them."""
        columns = {name for table in names.tables for name in (*table.columns, *table.stored.schema)}
        others = {name: self._references.name(name) for name in _names_of(names) - columns}
        return {name: name for name in columns} | others

    def _record(self, event: QueryEvent) -> tuple[str, ...]:
        """Write a run; a history that cannot be written is told, and the rows are given anyway."""
        try:
            self._log.log(event)
        except HistoryError as error:
            return (str(error),)
        return ()


def list_names(home: Path, in_use: str | None) -> list[tuple[str, str]]:
    """List what a statement can name, and what each is; the columns are those of the dataset in use."""
    names = name_stored(home, in_use)
    found: dict[str, str] = {}
    for name in names.bare:
        found.setdefault(_written(name), "table")
    for table in names.tables:
        found.setdefault(_written(table.schema), "dataset")
        found.setdefault(f"{_written(table.schema)}.{_written(table.sql_name)}", "table")
    for table in names.tables:
        for column in table.columns if table.dataset.dataset == in_use else ():
            found.setdefault(_written(column), "column")
    return list(found.items())


def _written(name: str) -> str:
    """Return a name as it stands in a statement: quoted where it must be."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in reserved_words() else quote(name)


def _kind_of(error: BaseException | None) -> str:
    """Return what sort of failure it was, in words that hold nothing of the data."""
    if isinstance(error, SqlError):
        return error.kind
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def _names_of(names: Names) -> frozenset[str]:
    """Return every name that the store gives, and what SQL makes of it."""
    return frozenset(
        name
        for table in names.tables
        for name in (
            table.schema,
            table.dataset.dataset,
            table.name,
            table.sql_name,
            *table.columns,
            *table.stored.schema,
        )
    )
