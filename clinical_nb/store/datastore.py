"""The store: saves tables by content, publishes versions of datasets, and brings both back."""

import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinical_nb.errors import ClinicalError, StoreError, UnknownDatasetError
from clinical_nb.store import catalogue, results
from clinical_nb.store.copies import delete_copies, find_copies
from clinical_nb.store.files import check_names
from clinical_nb.store.frames import load_tables
from clinical_nb.store.mend import adopt_versions, find_parquet, has_table
from clinical_nb.store.metadata import (
    delete_metadata,
    highest_number,
    metadata_file,
    readable_metadata,
    write_metadata,
)
from clinical_nb.store.orphans import forget_orphans
from clinical_nb.store.publishing import publish, take_in
from clinical_nb.store.record import hold_lock, open_record, rewrite_record
from clinical_nb.store.uploads import announce_upload, keep_saved, saved_by_uploads
from clinical_nb.store.version import Provenance, Version, find_new_versions

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

    def save_table(self, table: "pl.DataFrame | pl.LazyFrame") -> str:
        """Save a table, and return the hash of its content; one that is there is not written again."""
        return load_tables().write_table(self.home, table)

    def keep_table(self, table_hash: str) -> None:
        """Let nobody take away a table, which may be there, until the upload that is under way here has published."""
        keep_saved(self.home, table_hash)

    def load_table(self, table_hash: str) -> "pl.LazyFrame":
        """Return a lazy scan of a table's Parquet, which is rebuilt from the record first if it is lost or damaged.

        A file is checked to its last bit when a kernel first uses it.

        Raises
        ------
        StoreError
            When the store has no such table, or has lost both copies.

        """
        return load_tables().scan_table(self.find_file(table_hash))

    def find_file(self, table_hash: str) -> Path:
        """Return where a table's Parquet lies, checked and rebuilt as `load_table` does.

        Raises
        ------
        StoreError
            When the store has no such table, or has lost both copies.

        """
        file, rebuilt = find_parquet(self.home, table_hash)
        if rebuilt:
            warnings.warn(_REBUILT, stacklevel=3)
        return file

    def holds(self, version: Version) -> bool:
        """Tell whether every table of a version is there, which is rebuilt from the record where it must be."""
        return all(self.holds_table(table.hash) for table in version.tables.values())

    def holds_table(self, table_hash: str) -> bool:
        """Tell whether a table is there, which is rebuilt from the record where it must be."""
        return has_table(self.home, table_hash)

    def is_current(self, version: Version) -> bool:
        """Tell whether a version is its dataset's current one, after whatever other notebooks are just doing."""
        with hold_lock(self.home, f"looking at '{version.dataset}'"):
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

    def publish(self, dataset: str, tables: Mapping[str, str], dictionary: str, provenance: Provenance) -> Version:
        """Make saved tables and their dictionary the next version of a dataset.

        Parameters
        ----------
        dataset : str
            Any text that is not empty.
        tables : mapping of str to str
            The hash of each table, as `save_table` gave it, by the table's name.
        dictionary : str
            What the columns mean; to the store it is a text.
        provenance : Provenance
            JSON values on where the tables are from.

        Returns
        -------
        Version
            The new version; or the current one, when it has the same tables and dictionary. What an older version
            held, uploaded again, is the next version, so that the current one is always what was uploaded last. The
            number of a version that was dropped is not given again, as long as the dataset has another one.

        """
        return publish(self.home, dataset, tables, dictionary, provenance)

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
            When the dataset of that name here has another history, or gave such a number to what was dropped.
        StoreError
            When a table is not there, or not as its version says; nothing was added then.

        """
        return take_in(self.home, versions)

    def find_new(self, versions: Sequence[Version]) -> list[Version]:
        """Return those of another store's versions that `take_in` would add as things are; else as it.

        Raises
        ------
        ClinicalError
            When the dataset of that name here has another history.

        """
        dataset = versions[0].dataset
        known = readable_metadata(self.home).get(dataset, [])
        return find_new_versions(known, versions, highest_number(self.home, dataset))

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

    def export_table(self, table_hash: str, columns: Sequence[str], target: Path, form: str) -> None:
        """Write a table to a file as `csv`, `parquet` or `arrow`, its columns in this order; what is there is replaced.

        Raises
        ------
        StoreError
            When the store has no such table, or the disk does not take the file.

        """
        from clinical_nb.store.forms import export_table  # noqa: PLC0415 - as in _tables

        export_table(self.find_file(table_hash), columns, target, form)

    def find_copies(self, dataset: str) -> list[Path]:
        """Return what `drop` deletes beside the dataset: what was set aside of the store, or it was adopted from."""
        return find_copies(self.home, dataset)

    def drop(self, dataset: str, uploads: Collection[str] | None = None) -> list[Version]:
        """Delete a dataset, or the versions with these upload ids: what no other version needs of all that is stored.

        The record is written anew, so that nothing of it can be read there any more; copies that were set aside, which
        hold it too, are deleted: what `find_copies` names, and its own tables among the orphans.
        A table that an upload is just saving again stays for it, and goes at its end unless it was published.

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
        with hold_lock(self.home, f"deleting '{dataset}'"):
            with open_record(self.home) as record:
                known = adopt_versions(self.home, record)
                if dataset not in known:
                    raise UnknownDatasetError(dataset, known)
                gone = [each for each in known[dataset] if uploads is None or each.upload_id in uploads]
                if not gone:
                    raise ClinicalError(f"'{dataset}' has no such version any more.", "Look at its versions again.")
                known[dataset] = [version for version in known[dataset] if version not in gone]
                # also those that only the metadata know, because a table of theirs is lost
                kept = [version for versions in known.values() for version in versions]
                highest = catalogue.read_numbers(record)[dataset]
                hashes = catalogue.delete_versions(record, gone, kept)
            rewrite_record(self.home)
            delete_copies(self.home, dataset, hashes)
            forget_orphans(self.home, hashes)
            results.delete_results(self.home, {version.dataset_version for version in kept})
            # Killed before this line, it has not happened: the record takes it back from metadata and Parquet. Killed
            # after it, it has: what is left of its tables is swept at the next start.
            if known[dataset]:
                write_metadata(self.home, known[dataset], highest)
            else:
                delete_metadata(self.home, dataset)
            # Again: an answer that was saved meanwhile found its version still there.
            results.delete_results(self.home, {version.dataset_version for version in kept})
            for table_hash in hashes - saved_by_uploads(self.home):  # which delete them at their end, or publish them
                load_tables().delete_table(self.home, table_hash)
            return gone

    def save_result(self, run_key: str, data: Mapping[str, Any]) -> None:
        """Keep an answer under its run key, a text of hexadecimal characters.

        `data["dataset_version"]` says what it was computed from, so that `drop` can delete it; an answer that does not
        say so goes with the next dataset that is dropped. No lock is waited for: who drops looks for answers once more
        after the version is gone, and who saves looks for the version after the answer is there.

        Raises
        ------
        StoreError
            When no dataset has that version any more; the answer is not kept.

        """
        results.save_result(self.home, run_key, data)
        origin = data.get("dataset_version")
        versions = [version for each in readable_metadata(self.home).values() for version in each]
        if origin is not None and all(version.dataset_version != origin for version in versions):
            results.delete_result(self.home, run_key)
            raise StoreError("The version that it was computed from was deleted meanwhile.")

    def has_result(self, run_key: str) -> bool:
        """Tell whether an answer is kept under a run key, be it damaged."""
        return results.has_result(self.home, run_key)

    def load_result(self, run_key: str) -> dict[str, Any] | None:
        """Return the answer kept under a run key, or None."""
        return results.load_result(self.home, run_key)
