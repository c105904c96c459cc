"""Archiving: a dataset with all its versions into one file, and from such a file into a store."""

from dataclasses import replace
from os.path import lexists
from pathlib import Path

from clinical_nb.doing import tell
from clinical_nb.errors import ClinicalError
from clinical_nb.moving.archive import check_members, open_archive, open_table, pack
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.files import check_new_name, file_name, write_whole
from clinical_nb.store.version import Version

_ENDING = ".clinical.zip"


def archive_dataset(store: DataStore, dataset: str, to: Path, *, replace: bool) -> tuple[Path, list[str]]:
    """Pack every version of a dataset into one file, for its owner alone; return the file, and which they are.

    Raises
    ------
    UnknownDatasetError
        When the store has none of this name.
    ClinicalError
        When the file is there already and is not to be replaced.
    StoreError
        When a table is lost, or the disk does not take the file.

    """
    versions = store.list_versions(dataset)
    target = to / f"{file_name(dataset)}{_ENDING}" if to.is_dir() else to
    if lexists(target) and not replace:
        raise ClinicalError(f"'{target}' is there already.", "Choose another name, or --replace.")
    hashes = sorted({table.hash for version in versions for table in version.tables.values()})
    files = {table_hash: store.find_file(table_hash) for table_hash in hashes}
    tell(f"Packing {dataset}: versions {len(versions):,}, tables {len(files):,}")
    write_whole(target, lambda beside: pack(versions, files, beside))
    return target, [version.dataset_version for version in versions]


def take_in_archive(store: DataStore, file: Path, name: str | None) -> tuple[str, list[Version]]:
    """Add the versions of an archive that the store does not have; return the dataset's name, and what was added.

    Raises
    ------
    FileError
        When the archive is damaged.
    ClinicalError
        When the store has a dataset of that name with another history.
    StoreError
        When the store cannot be written.

    """
    tell(f"Reading {file.name}")
    with open_archive(file, store) as archive:
        versions = [replace(version, dataset=name or version.dataset) for version in archive.versions]
        dataset = versions[0].dataset
        store.check_name(dataset)
        if name:
            check_new_name(name)
        is_there = any(stored.dataset == dataset for stored in store.list_datasets())
        known = store.list_versions(dataset) if is_there else []
        numbers = {version.number for version in (*known, *store.find_new(versions))}
        tables = {t.hash: t for each in versions if each.number in numbers for t in each.tables.values()}
        with store.begin_upload() as place:
            for table_hash in tables:
                store.keep_table(table_hash)
            wanted = [table for table in tables.values() if not store.holds_table(table.hash)]
            check_members(archive, wanted)
            for at, table in enumerate(wanted, 1):
                tell(f"Taking in {dataset}: table {at:,} of {len(wanted):,}, {table.rows:,} rows")
                with open_table(archive, table, place) as scan:
                    store.save_table(scan)
            tell(f"Recording {dataset}")
            return dataset, store.take_in(versions)
