"""Data that lie outside the store: described as a dataset, for as long as a session lasts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from clinical_nb.dataset import Dataset, dataset_of
from clinical_nb.errors import ClinicalError
from clinical_nb.store.version import Provenance, StoredTable, Version

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


def describe_frames(name: str, frames: Mapping[str, Any], dictionary: str | Path | None) -> Dataset:
    """Return frames as a dataset that has no content hash: what their columns are is counted, and then declared.

    Raises
    ------
    ClinicalError, DictionaryError
        When a frame cannot be queried, or the dictionary does not fit.

    """
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
    provenance = Provenance(columns={table: list(each.schema) for table, each in tables.items()}, attached=True)
    version = Version(name, "", 1, None, datetime.now(UTC), tables, to_yaml(meaning), provenance, "")
    return dataset_of(version, cast("DataStore", _Lying(frames)))  # of a store, a dataset only loads tables


def correct_attached(dataset: Dataset, corrections: "Corrections") -> Dataset:
    """Lay what a person says over the dictionary of an attached dataset.

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
    return dataset_of(version, dataset.store)


def _declare(meaning: "Dictionary", file: str | Path | None) -> "Dictionary":
    from clinical_nb.dictionary.declared import declare
    from clinical_nb.dictionary.files import read_dictionary_file

    return meaning if file is None else declare(meaning, read_dictionary_file(Path(file)))
