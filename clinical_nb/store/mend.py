"""Either copy rebuilds the other: the record from metadata and Parquet, metadata and Parquet from the record."""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import duckdb

from clinical_nb.doing import tell
from clinical_nb.errors import DeletedTableError, StoreError
from clinical_nb.store import catalogue
from clinical_nb.store.files import flush_folder, make_folder, written_beside
from clinical_nb.store.frames import load_tables
from clinical_nb.store.metadata import (
    DamagedError,
    NewerError,
    highest_number,
    read_metadata,
    readable_metadata,
    unreadable_metadata,
    write_metadata,
)
from clinical_nb.store.orphans import ORPHANS, noted_orphans
from clinical_nb.store.record import (
    FORMAT,
    RECORD,
    BusyStoreError,
    NewerStoreError,
    Record,
    hold_lock,
    look_at_record,
    open_record,
    read_record,
    set_format,
)
from clinical_nb.store.sweep import find_leftovers, is_abandoned, sweep
from clinical_nb.store.version import Version

_SECONDS_TO_WAIT = 5.0  # what is mended at a kernel's start can be mended at the next
_REBUILT = "was rebuilt from the store's other copy"


def mend_store(home: Path) -> list[str]:
    """Rebuild what is lost or damaged of the record and the metadata, sweep up, and say what was done.

    A store that is whole is looked at and not written; one that cannot be written is left as it is, which is said. A
    format of an older clinical_nb is brought to today's.

    Raises
    ------
    StoreError
        When the store was written by a newer version.

    """
    has_names = any((home / "metadata").glob("*.json")) or (home / RECORD).exists()
    if not home.is_dir() or not (has_names or is_abandoned(home)):
        return []
    found = dict(read_metadata(home))  # once: a kernel's start waits for it
    known = {name: versions for name, versions in found.items() if not isinstance(versions, DamagedError)}
    damaged = len(known) < len(found)
    if any(isinstance(versions, NewerError) for versions in found.values()):
        raise NewerStoreError(home)
    if not os.access(home, os.W_OK):
        with suppress(BusyStoreError):
            _look(read_record, home)  # which refuses a newer one
        return [f"The store in '{home}' can only be read: its datasets can be asked, and nothing new is kept."]
    try:
        record = _look(look_at_record, home)
    except BusyStoreError:
        if not damaged:
            return []  # what another notebook is just writing looks unfinished; the next start looks again
        record = None
    listed = frozenset((version.dataset, version.number) for versions in known.values() for version in versions)
    is_whole = record and record.format == FORMAT and record.versions == listed and not damaged
    if is_whole and not find_leftovers(home, found):
        return []
    try:
        with hold_lock(home, "repairing the store", _SECONDS_TO_WAIT):
            return _mend(home)
    except StoreError as error:
        return [] if is_whole else [f"The store could not be repaired: {error}"]


def _look(look: Callable[[Path], Record | None], home: Path) -> Record | None:
    """Return what a look at the record shows, or None: who then mends looks again, and leaves it if that fails too."""
    try:
        return look(home)
    except (BusyStoreError, NewerStoreError):
        raise
    except StoreError:
        return None


def _mend(home: Path) -> list[str]:
    """Mend the store, whose lock the caller holds."""
    tell("Repairing the store")
    told: list[str] = []
    before, was_there = read_record(home), (home / RECORD).exists()
    if before and before.format < FORMAT:
        told.append(_back_up(home, before.format))
    with open_record(home) as record:
        set_format(record)
        known = adopt_versions(home, record)
        written = readable_metadata(home)
        changed = [dataset for dataset, versions in known.items() if written.get(dataset) != versions]
        for dataset in changed:
            write_metadata(home, known[dataset], catalogue.read_numbers(record)[dataset])
    if not was_there:
        told.append(f"The store's record was lost and {_REBUILT}.")
    elif before is None:
        told.append(f"The store's record was damaged and {_REBUILT}; the damaged file is kept beside it.")
    told += [f"The metadata of dataset '{dataset}' was lost or damaged and {_REBUILT}." for dataset in changed]
    orphans = sweep(home, {**unreadable_metadata(home), **known})
    if orphans:
        told.append(f"No version knows of {orphans} table(s) found; they are kept in '{ORPHANS}': upload them again.")
    return told


def adopt_versions(home: Path, record: duckdb.DuckDBPyConnection) -> dict[str, list[Version]]:
    """Return the versions of each dataset, having recorded those that only the metadata knows.

    That is how a lost record is rebuilt, and how a publishing that was killed before its commit is completed. A table
    whose Parquet is lost as well is recorded with the version of a later upload that brings it.
    """
    known, numbers = catalogue.read_versions(record), catalogue.read_numbers(record)
    for dataset, versions in readable_metadata(home).items():
        recorded = known.setdefault(dataset, [])
        for version in versions:
            if any(version.number == other.number for other in recorded):
                continue
            recorded.append(version)
            files = {table.hash: load_tables().parquet_file(home, table.hash) for table in version.tables.values()}
            if all(map(load_tables().is_intact, files.values())):
                catalogue.add_version(record, version, files)
        recorded.sort(key=lambda version: version.number)
    for dataset, versions in known.items():
        highest = max(versions[-1].number, highest_number(home, dataset), numbers.get(dataset, 0))
        if highest != numbers.get(dataset):
            catalogue.keep_number(record, dataset, highest)
    return known


def find_parquet(home: Path, table_hash: str, record: duckdb.DuckDBPyConnection | None = None) -> tuple[Path, bool]:
    """Return the Parquet file of a table, and whether it had to be rebuilt from the record.

    Raises
    ------
    DeletedTableError
        When no version has the table, where it is not asked for to make one of it, as who opened the record does.
    StoreError
        When the store has lost both copies.

    """
    file = load_tables().parquet_file(home, table_hash)
    if load_tables().is_intact(file):
        return file, False
    if record is None:
        with hold_lock(home, "rebuilding a table"), open_record(home) as opened:
            if not file.exists() and _is_deleted(home, table_hash):
                raise DeletedTableError
            return find_parquet(home, table_hash, opened)
    columns = catalogue.find_columns(record, table_hash)
    if columns is None:
        state = "is damaged, and the record does not have it" if file.exists() else "is lost"
        raise StoreError(f"Table {table_hash} of the store {state}.", "Upload its file again.")
    tell("Rebuilding a damaged table")
    with written_beside(file, partial(catalogue.copy_table, record, table_hash)) as copy:
        load_tables().repair_table(home, table_hash, copy, columns)
    return file, True


def _is_deleted(home: Path, table_hash: str) -> bool:
    """Tell whether no version has a table, as far as all of them can be read; what is lost is still in one."""
    if unreadable_metadata(home) or table_hash in noted_orphans(home):
        return False
    versions = [version for each in readable_metadata(home).values() for version in each]
    return all(table.hash != table_hash for version in versions for table in version.tables.values())


def has_table(home: Path, table_hash: str) -> bool:
    """Tell whether a table is there, which is rebuilt from the record where it must be."""
    if not (home / RECORD).exists():  # looking into it would make it
        return load_tables().is_intact(load_tables().parquet_file(home, table_hash))
    try:
        find_parquet(home, table_hash)
    except StoreError:
        return False
    return True


def _back_up(home: Path, older: int) -> str:
    """Keep the record and the metadata as an older version wrote them; Parquet is never changed."""
    folder = home / f"backup-format-{older}"
    if not folder.exists():
        beside = home / f".{folder.name}.part"
        shutil.rmtree(beside, ignore_errors=True)
        make_folder(beside / "metadata")
        _copy([file for file in (home / RECORD, home / f"{RECORD}.wal") if file.exists()], beside)
        _copy((home / "metadata").glob("*.json"), beside / "metadata")
        flush_folder(beside)
        beside.rename(folder)
    return f"The store was brought to today's format; '{folder.name}' keeps its record and metadata as they were."


def _copy(files: Iterable[Path], folder: Path) -> None:
    try:
        for file in files:
            copy = folder / file.name
            shutil.copyfile(file, copy)
            copy.chmod(0o600)
    except OSError as error:
        raise StoreError(f"The store cannot be backed up in '{folder}': {error.strerror}.", "Free its disk.") from error
