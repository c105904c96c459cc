"""Publishing: saved tables become a version, in the record and the metadata, or nothing does."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clinical_nb.errors import StoreError
from clinical_nb.store import catalogue
from clinical_nb.store.files import check_names
from clinical_nb.store.frames import load_tables
from clinical_nb.store.mend import adopt_versions, find_parquet, has_table
from clinical_nb.store.metadata import delete_metadata, highest_number, readable_metadata, write_metadata
from clinical_nb.store.record import hold_lock, open_record
from clinical_nb.store.version import Provenance, Version, compute_dataset_version, find_new_versions


def publish(home: Path, dataset: str, tables: Mapping[str, str], dictionary: str, provenance: Provenance) -> Version:
    """Make saved tables and their dictionary the next version of a dataset; see `DataStore.publish`."""
    check_names([dataset, *tables])
    if not tables:
        raise StoreError(f"Dataset '{dataset}' has no tables.", "Upload at least one.")
    dataset_version = compute_dataset_version(tables, dictionary)
    doing = f"storing '{dataset}'"
    with (
        hold_lock(home, doing),
        _undone_on_failure(home, dataset),
        open_record(home) as record,
    ):
        known = adopt_versions(home, record).get(dataset, [])
        if known and known[-1].dataset_version == dataset_version:
            if readable_metadata(home).get(dataset) != known:
                write_metadata(home, known, catalogue.read_numbers(record)[dataset])
            return known[-1]
        files = {table_hash: find_parquet(home, table_hash, record)[0] for table_hash in tables.values()}
        version = Version(
            dataset=dataset,
            dataset_version=dataset_version,
            number=catalogue.read_numbers(record).get(dataset, 0) + 1 if known else 1,
            parent=known[-1].dataset_version if known else None,
            created=datetime.now(UTC),
            tables={name: load_tables().describe_table(home, table_hash) for name, table_hash in tables.items()},
            dictionary=dictionary,
            provenance=provenance,
            upload_id=secrets.token_hex(4),
        )
        catalogue.add_version(record, version, files)
        catalogue.keep_number(record, dataset, version.number)
        write_metadata(home, [*known, version], version.number)
        return version


def take_in(home: Path, versions: Sequence[Version]) -> list[Version]:
    """Add the versions of another store's dataset, whose tables are saved; see `DataStore.take_in`."""
    dataset = versions[0].dataset
    check_names([dataset, *(name for version in versions for name in version.tables)])
    for version in versions:
        there = [table for table in version.tables.values() if has_table(home, table.hash)]
        if any(load_tables().describe_table(home, table.hash) != table for table in there):
            raise StoreError(f"Version {version.number} of '{dataset}' is not what it says.", "Pack it again.")
    with (
        hold_lock(home, f"storing '{dataset}'"),
        _undone_on_failure(home, dataset),
        open_record(home) as record,
    ):
        stored = adopt_versions(home, record)
        known = stored.get(dataset, [])
        highest = catalogue.read_numbers(record).get(dataset, 0)
        taken = {version.upload_id for each in stored.values() for version in each}
        new = [
            replace(version, upload_id=secrets.token_hex(4)) if version.upload_id in taken else version
            for version in find_new_versions(known, versions, highest)
        ]
        for version in new:
            files = {each.hash: find_parquet(home, each.hash, record)[0] for each in version.tables.values()}
            catalogue.add_version(record, version, files)
        if new:
            highest = max(new[-1].number, highest)
            catalogue.keep_number(record, dataset, highest)
            write_metadata(home, [*known, *new], highest)
        return new


@contextmanager
def _undone_on_failure(home: Path, dataset: str) -> Generator[None]:
    """Put the metadata back as they were where a version could not be published to the end."""
    before, highest = readable_metadata(home).get(dataset), highest_number(home, dataset)
    try:
        yield
    except BaseException:
        if readable_metadata(home).get(dataset) != before:
            write_metadata(home, before, highest) if before else delete_metadata(home, dataset)
        raise
