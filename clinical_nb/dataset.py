"""Dataset: one stored version of what a person uploaded, with its tables, meaning and report."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from clinical_nb.errors import UnknownTableError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.version import Version

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    import polars as pl

    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.intake.upload import Finding, SourceFile
    from clinical_nb.quality.proposals import Proposal

# ruff: noqa: PLC0415 - pydantic and Polars come with the first upload or question, so that %load_ext is quick


@dataclass(frozen=True, repr=False)
class Dataset:
    """One version of a person's dataset.

    Attributes
    ----------
    name : str
        As given at upload.
    version : str
        16 hexadecimal characters; equal content and meaning have equal versions. Empty where it is attached.
    number : int
        1 for the first version of this name, 2 for the second.
    created : datetime
        When this version was stored, in UTC.
    tables : mapping of str to (int, int)
        Rows and columns of each table.
    stored : Version
        What the store says of it.
    store : DataStore
        Where it lies.

    """

    name: str
    version: str
    number: int
    created: datetime
    tables: Mapping[str, tuple[int, int]]
    stored: Version
    store: DataStore

    def __repr__(self) -> str:
        tables = ", ".join(f"{table}: {rows:,} x {columns:,}" for table, (rows, columns) in self.tables.items())
        version = "attached" if self.is_attached else f"version {self.number} ({self.version[:8]})"
        return f"Dataset({self.name!r}, {version}, {tables})"

    @property
    def is_attached(self) -> bool:
        """Whether its rows lie outside the store: they may change, and no hash says whether they did."""
        return self.stored.provenance.attached

    @property
    def dictionary(self) -> "Dictionary":
        """What each column means, inferred at upload and declared by the dictionary file."""
        columns = self.stored.provenance.columns
        order = {table: columns[table] for table in columns if table not in self._sources}
        return _read_dictionary(self.stored.dictionary, tuple((table, tuple(order[table])) for table in order))

    @property
    def _sources(self) -> Collection[str]:
        """What the tables are called in the store from which cleaning made others."""
        return self.stored.provenance.cleaned.values()

    def source_of(self, table: str) -> "pl.LazyFrame":
        """Return a lazy scan of a table as it was uploaded, before any cleaning step.

        Raises
        ------
        UnknownTableError
            When the dataset has no such table.

        """
        if table not in self.tables:
            raise UnknownTableError(table, self.name, self.tables)
        stored = self.stored.provenance.cleaned.get(table, table)
        return self.store.load_table(self.stored.tables[stored].hash)

    @property
    def report(self) -> "tuple[Finding, ...]":
        """What was found in the files: each finding with table, column, rows and a proposal."""
        from clinical_nb.intake.table import finding_from_json

        return tuple(finding_from_json(finding) for finding in self.stored.provenance.findings)

    @property
    def proposals(self) -> "tuple[Proposal, ...]":
        """What waits for a person to accept, change or reject: cleaning steps, roles of columns, what rows are."""
        from clinical_nb.quality.proposals import list_proposals

        return list_proposals(self.report, self.dictionary)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the files that it came from."""
        return tuple(source["name"] for source in self.stored.provenance.sources)

    @property
    def source_files(self) -> "tuple[SourceFile, ...]":
        """The files that it came from: name, folder where there were several, size, and the SHA-256 of their bytes."""
        from clinical_nb.intake.upload import SourceFile

        return tuple(SourceFile(**source) for source in self.stored.provenance.sources)

    @property
    def parent(self) -> str | None:
        """The version before it, which may have been deleted since; None for the first."""
        return self.stored.parent

    def lazy(self, table: str | None = None) -> "pl.LazyFrame":
        """Return a lazy scan of one table's Parquet; without a name, of the only table.

        Raises
        ------
        UnknownTableError
            When the dataset has no such table, or several and none was named.

        """
        name = next(iter(self.tables)) if table is None and len(self.tables) == 1 else table
        if name is None or name not in self.tables:
            raise UnknownTableError(name or "", self.name, self.tables)
        return self.store.load_table(self.stored.tables[name].hash)


@lru_cache(maxsize=16)
def _read_dictionary(text: str, order: tuple[tuple[str, tuple[str, ...]], ...]) -> "Dictionary":
    """Return the dictionary that the store keeps as text; every question asks for it, and it never changes."""
    from clinical_nb.dictionary.meaning import from_yaml, in_order

    return in_order(from_yaml(text), dict(order))


def dataset_of(stored: Version, store: DataStore) -> Dataset:
    """Return what the store says of a version as a dataset."""
    sources = stored.provenance.cleaned.values()
    tables = {name: (table.rows, table.columns) for name, table in stored.tables.items() if name not in sources}
    return Dataset(stored.dataset, stored.dataset_version, stored.number, stored.created, tables, stored, store)
