"""The store: saves tables by content, publishes versions of datasets, and brings both back."""

import secrets
import warnings
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from clinical_nb.errors import ClinicalError, StoreError, UnknownDatasetError
from clinical_nb.store import catalogue, results
from clinical_nb.store.copies import delete_copies
from clinical_nb.store.files import check_names
from clinical_nb.store.mend import adopt_versions, find_parquet
from clinical_nb.store.metadata import delete_metadata, metadata_file, readable_metadata, write_metadata
from clinical_nb.store.orphans import forget_orphans
from clinical_nb.store.sweep import announce_upload
from clinical_nb.store.version import Version, compute_dataset_version, find_new_versions

if TYPE_CHECKING:
    import polars as pl


_REBUILT = (
    "A table was damaged or lost on the disk; it was rebuilt from the store's record, and is the same to the last bit."
)


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

    def begin_upload(self) -> AbstractContextManager[Path]:
        """Keep what is saved from being swept as somebody's leftovers until it is published; give a folder to work in.

        Raises
        ------
        StoreError
            When the store cannot be written.

        """
        return announce_upload(self.home)

    def save_table(self, frame: "pl.DataFrame") -> str:
        """Save a table, and return the hash of its content; one that is there is not written again."""
        return _tables().write_table(self.home, frame)

    def load_table(self, table_hash: str) -> "pl.LazyFrame":
        """Return a lazy scan of a table's Parquet, which is rebuilt from the record first if it is lost or damaged.

        A file is checked to its last bit when a kernel first uses it.

        Raises
        ------
        StoreError
            When the store has no such table, or has lost both copies.

        """
        file, rebuilt = find_parquet(self.home, table_hash)
        if rebuilt:
            warnings.warn(_REBUILT, stacklevel=2)
        return _tables().scan_table(file)

    def holds(self, version: Version) -> bool:
        """Tell whether every table of a version is there, which is rebuilt from the record where it must be."""
        return all(self.holds_table(table.hash) for table in version.tables.values())

    def holds_table(self, table_hash: str) -> bool:
        """Tell whether a table is there, which is rebuilt from the record where it must be."""
        if not (self.home / catalogue.RECORD).exists():  # looking into it would make it
            return _tables().is_intact(_tables().parquet_file(self.home, table_hash))
        try:
            find_parquet(self.home, table_hash)
        except StoreError:
            return False
        return True

    def is_current(self, version: Version) -> bool:
        """Tell whether a version is its dataset's current one, after whatever other notebooks are just doing."""
        with catalogue.hold_lock(self.home, f"looking at '{version.dataset}'"):
            versions = readable_metadata(self.home).get(version.dataset, [])
        return bool(versions) and versions[-1].upload_id == version.upload_id

    def knows(self, dataset: str) -> bool:
        """Tell whether there is a dataset of this name, or the remains of its metadata."""
        return dataset in readable_metadata(self.home) or metadata_file(self.home, dataset).exists()

    def check_name(self, dataset: str) -> None:
        """Refuse a name that no dataset can have, before anything is stored for it.

        Raises
        ------
        StoreError
            When it is empty.

        """
        check_names([dataset])

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
        doing = f"storing '{dataset}'"
        with (
            catalogue.hold_lock(self.home, doing),
            self._publishing(dataset),
            catalogue.open_record(self.home) as record,
        ):
            known = adopt_versions(self.home, record).get(dataset, [])
            if known and known[-1].dataset_version == dataset_version:
                if readable_metadata(self.home).get(dataset) != known:
                    write_metadata(self.home, known)
                return known[-1]
            files = {table_hash: find_parquet(self.home, table_hash, record)[0] for table_hash in tables.values()}
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

    def take_in(self, versions: Sequence[Version]) -> list[Version]:
        """Add the versions of another store's dataset, whose tables are saved, to the one of that name here.

        Parameters
        ----------
        versions : sequence of Version
            Of one dataset, by number. They keep all that they are, but an upload id that is taken here.

        Returns
        -------
        list of Version
            Those that were added: none where the dataset here has come as far.

        Raises
        ------
        ClinicalError
            When the dataset of that name here has another history.
        StoreError
            When a table is not there, or not as its version says; nothing was added then.

        """
        dataset = versions[0].dataset
        check_names([dataset, *(name for version in versions for name in version.tables)])
        for version in versions:
            there = [table for table in version.tables.values() if self.holds_table(table.hash)]
            if any(_tables().describe_table(self.home, table.hash) != table for table in there):
                raise StoreError(f"Version {version.number} of '{dataset}' is not what it says.", "Pack it again.")
        with (
            catalogue.hold_lock(self.home, f"storing '{dataset}'"),
            self._publishing(dataset),
            catalogue.open_record(self.home) as record,
        ):
            stored = adopt_versions(self.home, record)
            known = stored.get(dataset, [])
            taken = {version.upload_id for each in stored.values() for version in each}
            new = [
                replace(version, upload_id=secrets.token_hex(4)) if version.upload_id in taken else version
                for version in find_new_versions(known, versions)
            ]
            for version in new:
                files = {each.hash: find_parquet(self.home, each.hash, record)[0] for each in version.tables.values()}
                catalogue.add_version(record, version, files)
            if new:
                write_metadata(self.home, [*known, *new])
            return new

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

    def find_file(self, table_hash: str) -> Path:
        """Return the Parquet file of a table, whole to its last bit, to be read and never written.

        Raises
        ------
        StoreError
            When the store has no such table, or has lost both copies.

        """
        return find_parquet(self.home, table_hash)[0]

    def export_table(self, table_hash: str, columns: Sequence[str], target: Path, form: str) -> None:
        """Write a table to a file as `csv`, `parquet` or `arrow`, its columns in this order; what is there is replaced.

        Raises
        ------
        StoreError
            When the store has no such table, or the disk does not take the file.

        """
        from clinical_nb.store.export import export_table  # noqa: PLC0415 - as in _tables

        export_table(self.find_file(table_hash), columns, target, form)

    def drop(self, dataset: str, uploads: Collection[str] | None = None) -> list[Version]:
        """Delete a dataset, or the versions with these upload ids: what no other version needs of all that is stored.

        The record is written anew, so that nothing of it can be read there any more; copies that were set aside, which
        hold it too, are deleted: damaged files, backups of older formats, orphans, the folder that it was adopted from.

        Returns
        -------
        list of Version
            What was deleted, oldest first.

        Raises
        ------
        UnknownDatasetError
            When the store has none of this name.
        ClinicalError
            When the dataset has no such version.

        """
        with catalogue.hold_lock(self.home, f"deleting '{dataset}'"):
            with catalogue.open_record(self.home) as record:
                known = adopt_versions(self.home, record)
                if dataset not in known:
                    raise UnknownDatasetError(dataset, known)
                gone = [each for each in known[dataset] if uploads is None or each.upload_id in uploads]
                if not gone:
                    raise ClinicalError(f"'{dataset}' has no such version any more.", "Look at its versions again.")
                known[dataset] = [version for version in known[dataset] if version not in gone]
                # also those that only the metadata know, because a table of theirs is lost
                kept = [version for versions in known.values() for version in versions]
                hashes = catalogue.delete_versions(record, gone, kept)
            catalogue.rewrite_record(self.home)
            delete_copies(self.home, dataset)
            forget_orphans(self.home, hashes)
            results.delete_results(self.home, {version.dataset_version for version in kept})
            # Killed before this line, it has not happened: the record takes it back from metadata and Parquet. Killed
            # after it, it has: what is left of its tables is swept at the next start.
            if known[dataset]:
                write_metadata(self.home, known[dataset])
            else:
                delete_metadata(self.home, dataset)
            for table_hash in hashes:
                _tables().delete_table(self.home, table_hash)
            return gone

    def save_result(self, run_key: str, data: Mapping[str, Any]) -> None:
        """Keep an answer under its run key, a text of hexadecimal characters.

        `data["dataset_version"]` says what it was computed from, so that `drop` can delete it; an answer that does not
        say so goes with the next dataset that is dropped.
        """
        results.save_result(self.home, run_key, data)

    def load_result(self, run_key: str) -> dict[str, Any] | None:
        """Return the answer kept under a run key, or None."""
        return results.load_result(self.home, run_key)

    @contextmanager
    def _publishing(self, dataset: str) -> Generator[None]:
        """Put the metadata back as they were where a version could not be published to the end."""
        before = readable_metadata(self.home).get(dataset)
        try:
            yield
        except BaseException:
            if readable_metadata(self.home).get(dataset) != before:
                write_metadata(self.home, before) if before else delete_metadata(self.home, dataset)
            raise


def _tables() -> ModuleType:
    """Return the module that handles frames, imported with the first one: Polars costs `%load_ext` 80 to 140 ms."""
    from clinical_nb.store import tables  # noqa: PLC0415 - see above

    return tables
