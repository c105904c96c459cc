"""Data that lie outside the store, attached for as long as the session lasts; and which dataset questions are about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import ClinicalError, NoDatasetError, UnknownDatasetError
from clinical_nb.sessions.holdings import Holdings
from clinical_nb.store.version import StoredTable, Version

if TYPE_CHECKING:  # it imports Polars, which %load_ext must not wait for
    import polars as pl

    from clinical_nb.dictionary.corrections import Corrections
    from clinical_nb.dictionary.meaning import Dictionary
    from clinical_nb.store.datastore import DataStore

# ruff: noqa: PLC0415 - the heavy parts come with the first frame, so that %load_ext is quick


@dataclass(frozen=True, slots=True)
class _Lying:
    """Where the tables of an attached dataset lie: frames, by what the version calls their hash."""

    frames: Mapping[str, Any]

    def load_table(self, table_hash: str) -> "pl.LazyFrame":
        """Return a frame of the table's rows, as they are now."""
        from clinical_nb.analysis.rows.attached import fresh

        return cast("pl.LazyFrame", fresh(self.frames[table_hash]))  # or another that the analyses take alike


class Attaching(Holdings):
    """The datasets of a store with those that are attached, and which of them questions are about."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._attached: dict[str, Dataset] = {}
        self._used: str | None = None

    @property
    def current(self) -> Dataset | None:
        """The dataset that questions are about: the one last used, else the newest; None where it is not there."""
        if self._used in self._attached:
            return self._attached[self._used]
        datasets = self.datasets()
        if self._used is not None:
            datasets = [dataset for dataset in datasets if dataset.name == self._used]
        return datasets[0] if datasets else None

    def use(self, name: str) -> Dataset:
        """Make questions be about this dataset from now on.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name, and none is attached.

        """
        dataset = self.find(name)
        self._used = name
        return dataset

    def attach(self, name: str, frame: object, dictionary: str | Path | None = None) -> Dataset:
        """Make data that lie elsewhere a dataset of this session, and use it: nothing is copied, nothing is stored.

        Roles of its columns (patient, arm, time, event, outcome) are proposed as for an upload, and `accept`, `reject`
        and `correct` say otherwise; what its rows are and where they belong is declared by the dictionary alone.
        Each question is answered where the data lie, as they are then; no answer is kept for the next time.

        Parameters
        ----------
        name : str
            The dataset's name, and that of its table; one that the store does not have.
        frame : lazy frame, or mapping of str to lazy frame
            A lazy frame of Polars, a relation of DuckDB, a DataFrame of Spark, or another that narwhals knows; or
            several, by the name of each table.
        dictionary : path, optional
            A CSV (`column, meaning, codes_or_units`) or YAML that declares what columns mean.

        Raises
        ------
        ClinicalError, DictionaryError
            When the frame cannot be queried, the store has that name, or the dictionary does not fit.

        """
        if name in {each.name for each in self.datasets()}:
            raise ClinicalError(f"The store has a dataset '{name}'.", "Attach the data under another name.")
        frames = cast("Mapping[str, Any]", frame) if isinstance(frame, Mapping) else {name: frame}
        self._attached[name] = _describe(name, frames, dictionary)
        return self.use(name)

    def say_of_attached(self, dataset: Dataset, corrections: "Corrections") -> Version:
        """Lay what a person says over the dictionary of an attached dataset, for as long as it is attached.

        Raises
        ------
        ClinicalError, UnknownColumnError, DictionaryError
            When it is a cleaning step or says what rows are, which rests on data that nothing keeps; or is impossible.

        """
        from clinical_nb.dictionary.corrections import check_corrections, correct
        from clinical_nb.dictionary.meaning import to_yaml

        columns = [fields for table in corrections.get("tables", {}).values() for fields in table.values()]
        if corrections.get("grains") or any("clean" in fields for fields in columns):
            raise ClinicalError(
                f"'{dataset.name}' is attached: its rows are neither cleaned nor looked at to the last one.",
                "Say roles, events, labels, units, levels and missing codes of it; upload it for more.",
            )
        check_corrections(dataset.dictionary, corrections)
        meaning = to_yaml(correct(dataset.dictionary, corrections))
        version = replace(dataset.stored, number=dataset.number + 1, dictionary=meaning)
        self._attached[dataset.name] = dataset_of(version, dataset.store)
        return version

    def find(self, name: str) -> Dataset:  # noqa: D102 - as in Holdings
        return self._attached[name] if name in self._attached else super().find(name)

    def versions(self, name: str) -> list[Dataset]:  # noqa: D102 - as in Holdings
        return [self._attached[name]] if name in self._attached else super().versions(name)

    def drop(self, name: str, version: int | str | None = None) -> None:  # noqa: D102 - as in Holdings
        if self._attached.pop(name, None) is None:
            super().drop(name, version)

    def asked_of(self, data: str | None) -> Dataset:
        """Return the dataset of a question; once resolved, another notebook's upload does not change it.

        Raises
        ------
        NoDatasetError, UnknownDatasetError
            When there is none.

        """
        if data is not None:
            return self.find(self._references.resolve(data))  # as an exported history names it
        dataset = self.current
        if dataset is None:
            others = [each.name for each in self.datasets()]
            raise UnknownDatasetError(self._used or "", others) if others else NoDatasetError
        self._used = dataset.name
        return dataset


def _describe(name: str, frames: Mapping[str, Any], dictionary: str | Path | None) -> Dataset:
    """Return frames as a dataset that has no content hash: what their columns are is counted, and then declared."""
    from clinical_nb.analysis.rows.attached import check_frame, count_columns
    from clinical_nb.dictionary.inference import infer_counted
    from clinical_nb.dictionary.meaning import Dictionary, to_yaml
    from clinical_nb.dictionary.roles import propose

    tables: dict[str, StoredTable] = {}
    entries: dict[str, Any] = {}
    for table, frame in frames.items():
        check_frame(frame)
        rows, counted = count_columns(frame)
        entries |= infer_counted(table, counted).tables
        schema = {each.name: str(each.dtype) for each in counted}
        tables[table] = StoredTable(table, rows, len(counted), schema)
    meaning = propose(_declare(Dictionary(tables=entries), dictionary)).dictionary
    columns = {table: list(each.schema) for table, each in tables.items()}
    provenance: dict[str, Any] = {"columns": columns, "findings": [], "sources": [], "attached": True}
    version = Version(name, "", 1, None, datetime.now(UTC), tables, to_yaml(meaning), provenance, "")
    return dataset_of(version, cast("DataStore", _Lying(frames)))  # of a store, a dataset only loads tables


def _declare(meaning: "Dictionary", file: str | Path | None) -> "Dictionary":
    from clinical_nb.dictionary.declared import declare
    from clinical_nb.dictionary.files import read_dictionary_file

    return meaning if file is None else declare(meaning, read_dictionary_file(Path(file)))
