"""The store: saves tables by content, publishes versions of datasets, and brings both back."""

import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb

from clinical_nb.errors import StoreError, UnknownDatasetError
from clinical_nb.store import catalogue, results
from clinical_nb.store.files import check_names, delete_file, file_name, flush_folder, write_whole
from clinical_nb.store.metadata import metadata_file, readable_metadata, write_metadata
from clinical_nb.store.version import Version, compute_dataset_version

if TYPE_CHECKING:
    import polars as pl


class DataStore:
    """Versions of datasets in one folder, which any number of notebooks can use at once.

    Parameters
    ----------
    home : Path
        The folder; made, for its owner alone, with the first thing that is stored.

    Raises
    ------
    StoreError
        From every method that writes, when the disk does not take it; what was published before stays as it was.

    """

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()

    def save_table(self, frame: "pl.DataFrame") -> str:
        """Save a table, and return the hash of its content; one that is there is not written again."""
        return _tables().write_table(self.home, frame)

    def load_table(self, table_hash: str) -> "pl.LazyFrame":
        """Return a lazy scan of a table's Parquet, which is rebuilt from the record first if it is lost.

        Raises
        ------
        StoreError
            When the store has no such table, or has lost both copies.

        """
        return _tables().scan_table(self._find_file(table_hash))

    def check_name(self, dataset: str) -> None:
        """Refuse a name that no dataset can have, before anything is stored for it.

        Raises
        ------
        StoreError
            When it is empty.

        """
        check_names([dataset])

    def rebuild_table(self, table_hash: str) -> None:
        """Write a table's Parquet anew from the record: for one that turned out to be damaged inside.

        Raises
        ------
        StoreError
            When the record does not have it either.

        """
        file = _tables().parquet_file(self.home, table_hash)
        damaged = file.with_suffix(f".damaged-{secrets.token_hex(2)}")
        with catalogue.hold_lock(self.home), catalogue.open_record(self.home) as record:
            columns = catalogue.find_columns(record, table_hash)
            if columns is None:
                raise StoreError(f"Table {table_hash} is damaged, and the record does not have it.", "Upload it again.")
            file.rename(damaged)
            try:
                _tables().repair_table(self.home, table_hash, catalogue.read_table(record, table_hash), columns)
            except StoreError:
                damaged.rename(file)
                raise
        damaged.unlink()

    def publish(
        self, dataset: str, tables: Mapping[str, str], dictionary: str, provenance: Mapping[str, Any]
    ) -> Version:
        """Make saved tables and their dictionary the next version of a dataset.

        Parameters
        ----------
        dataset : str
            Any text that is not empty.
        tables : mapping of str to str
            The hash of each table, as `save_table` gave it, by the table's name.
        dictionary : str
            What the columns mean; to the store it is a text.
        provenance : mapping
            JSON values on where the tables are from.

        Returns
        -------
        Version
            The new version; or the current one, when it has the same tables and dictionary. What an older version
            held, uploaded again, is the next version, so that the current one is always what was uploaded last.

        """
        check_names([dataset, *tables])
        if not tables:
            raise StoreError(f"Dataset '{dataset}' has no tables.", "Upload at least one.")
        dataset_version = compute_dataset_version(tables, dictionary)
        with catalogue.hold_lock(self.home), catalogue.open_record(self.home) as record:
            known = self._adopt(record).get(dataset, [])
            if known and known[-1].dataset_version == dataset_version:
                self._repair_metadata(known)
                return known[-1]
            files = {table_hash: self._find_file(table_hash, record) for table_hash in tables.values()}
            version = Version(
                dataset=dataset,
                dataset_version=dataset_version,
                number=known[-1].number + 1 if known else 1,
                parent=known[-1].dataset_version if known else None,
                created=datetime.now(UTC),
                tables={name: _tables().describe_table(self.home, table_hash) for name, table_hash in tables.items()},
                dictionary=dictionary,
                provenance=provenance,
                upload_id=secrets.token_hex(4),
            )
            catalogue.add_version(record, version, files)
            write_metadata(self.home, [*known, version])
            return version

    def list_datasets(self) -> list[Version]:
        """List the current version of each dataset, newest first."""
        current = [versions[-1] for versions in readable_metadata(self.home).values()]
        return sorted(current, key=lambda version: version.created, reverse=True)

    def list_versions(self, dataset: str) -> list[Version]:
        """List the versions of a dataset, oldest first.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.

        """
        known = readable_metadata(self.home)
        if dataset not in known:
            raise UnknownDatasetError(dataset, known)
        return known[dataset]

    def export_to_parquet(self, dataset_or_version: str | Version, folder: Path) -> list[Path]:
        """Copy each table of a dataset's current version, or of a given version, to `folder/<table>.parquet`.

        Raises
        ------
        UnknownDatasetError, StoreError
            When there is no such dataset, or the folder cannot be written.

        """
        version = dataset_or_version
        if not isinstance(version, Version):
            version = self.list_versions(version)[-1]
        exported: list[Path] = []
        for name, table in version.tables.items():
            source, target = self._find_file(table.hash), folder / f"{file_name(name)}.parquet"
            write_whole(target, lambda beside, source=source: shutil.copyfile(source, beside))
            exported.append(target)
        return exported

    def drop(self, dataset: str) -> None:
        """Delete every version of a dataset: tables that no other version has, views, metadata, and its results.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.

        """
        with catalogue.hold_lock(self.home):
            with catalogue.open_record(self.home) as record:
                known = self._adopt(record)
                if dataset not in known:
                    raise UnknownDatasetError(dataset, known)
                hashes = catalogue.delete_dataset(record, dataset)
            gone = {version.dataset_version for version in known.pop(dataset)}
            kept = {version.dataset_version for versions in known.values() for version in versions}
            # Killed before this line, the dataset is all there: the record takes it back from metadata and Parquet.
            delete_file(metadata_file(self.home, dataset))
            flush_folder(self.home / "metadata")
            for table_hash in hashes:
                delete_file(_tables().parquet_file(self.home, table_hash))
            results.delete_results(self.home, gone - kept)

    def save_result(self, run_key: str, data: Mapping[str, Any]) -> None:
        """Keep an answer under its run key, a text of hexadecimal characters.

        `data["dataset_version"]` says what it was computed from, so that `drop` can delete it; an answer that does not
        say so goes with the next dataset that is dropped.
        """
        results.save_result(self.home, run_key, data)

    def load_result(self, run_key: str) -> dict[str, Any] | None:
        """Return the answer kept under a run key, or None."""
        return results.load_result(self.home, run_key)

    def _adopt(self, record: duckdb.DuckDBPyConnection) -> dict[str, list[Version]]:
        """Return the versions of each dataset, having recorded those that only the metadata knows.

        That is how a lost record is rebuilt, and how a publishing that was killed before its commit is completed.
        """
        known = catalogue.read_versions(record)
        for dataset, versions in readable_metadata(self.home).items():
            recorded = known.setdefault(dataset, [])
            for version in versions:
                if any(version.number == other.number for other in recorded):
                    continue
                recorded.append(version)
                files = {table.hash: _tables().parquet_file(self.home, table.hash) for table in version.tables.values()}
                if all(map(_tables().is_whole, files.values())):
                    catalogue.add_version(record, version, files)
            recorded.sort(key=lambda version: version.number)
        return known

    def _repair_metadata(self, known: list[Version]) -> None:
        if readable_metadata(self.home).get(known[0].dataset) != known:
            write_metadata(self.home, known)

    def _find_file(self, table_hash: str, record: duckdb.DuckDBPyConnection | None = None) -> Path:
        """Return the Parquet file of a table, rebuilt from the record if it is lost."""
        file = _tables().parquet_file(self.home, table_hash)
        if _tables().is_whole(file):
            return file
        if record is None:
            with catalogue.hold_lock(self.home), catalogue.open_record(self.home) as opened:
                return self._find_file(table_hash, opened)
        columns = catalogue.find_columns(record, table_hash)
        if columns is None:
            raise StoreError(f"The store has lost table {table_hash}.", "Upload its file again.")
        _tables().repair_table(self.home, table_hash, catalogue.read_table(record, table_hash), columns)
        return file


def _tables() -> ModuleType:
    """Return the module that handles frames, imported with the first one: Polars costs `%load_ext` 80 to 140 ms."""
    from clinical_nb.store import tables  # noqa: PLC0415 - see above

    return tables
