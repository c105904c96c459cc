"""analytics.duckdb, the record, as a file: opened for milliseconds under a lock, set aside if damaged, written anew."""

import errno
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from clinical_nb import locks
from clinical_nb.errors import StoreError
from clinical_nb.store.connection import Settings, connect
from clinical_nb.store.files import flush_folder, make_folder
from clinical_nb.store.orphans import note_orphans
from clinical_nb.store.quoting import quote_text

RECORD = "analytics.duckdb"
SPILL = f"{RECORD}.tmp"  # the private folder of what DuckDB takes out of memory, and of records being written
_LOCK = "analytics.duckdb.lock"
FORMAT = 2  # of the whole store; 1 had no checksums beside its Parquet
# What DuckDB says of a record that another program, or this very process in another way, has open, or of full memory.
_LOCKED = "IO Error: Could not set lock"
_IN_USE = (duckdb.ConnectionException, duckdb.OutOfMemoryException)
# What DuckDB 2.0 says of a file, or of its log, that is not as it was written. All else may be over in a moment: too
# many open files, a full disk, a network disk that does not answer.
_DAMAGED = (
    "not a valid DuckDB database file",
    "Could not read enough bytes from file",
    "Corrupt database file",
    "Corrupt WAL file",
    "WAL does not match database file",
)
_SETTINGS: Settings = {"memory_limit": "40%"}  # a kernel's frames are in the same memory
_TABLES = """
CREATE SCHEMA IF NOT EXISTS catalogue;
CREATE SCHEMA IF NOT EXISTS data;
CREATE TABLE IF NOT EXISTS catalogue.store (format INTEGER);
CREATE TABLE IF NOT EXISTS catalogue.versions (
    dataset VARCHAR, dataset_version VARCHAR, number INTEGER, content JSON, PRIMARY KEY (dataset, number)
);
CREATE TABLE IF NOT EXISTS catalogue.numbers (dataset VARCHAR PRIMARY KEY, highest INTEGER);
CREATE TABLE IF NOT EXISTS catalogue.tables (hash VARCHAR PRIMARY KEY, columns JSON);
"""


class NewerStoreError(StoreError):
    """A store that this version of clinical_nb is too old for."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"The store in '{home}' was written by a newer clinical_nb.", "Upgrade clinical_nb.")


class BusyStoreError(StoreError):
    """A store that another notebook or program is writing to."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a look at the record shows: its format, and the number of each version by dataset."""

    format: int
    versions: frozenset[tuple[str, int]]


@contextmanager
def hold_lock(home: Path, doing: str, seconds: float = locks.SECONDS_TO_WAIT) -> Generator[None]:
    """Keep every other notebook from changing the store while this one is `doing` something, as they are told.

    Raises
    ------
    StoreError
        When another one holds it for longer than these seconds, or the folder cannot be written.

    """
    make_folder(home)
    lock = home / _LOCK
    with ExitStack() as held:
        _enter(held, locks.hold_lock(lock, doing, seconds), lock, seconds)
        yield


def _enter(held: ExitStack, lock: AbstractContextManager[None], file: Path, seconds: float) -> None:
    """Take the lock, apart from what is done under it, whose errors are not the lock's."""
    try:
        held.enter_context(lock)
    except TimeoutError as error:
        raise BusyStoreError(
            f"Another notebook has been writing to the store for {seconds:g} s (waited for '{file}').",
            "Try again when its upload has finished.",
        ) from error
    except OSError as error:
        text = f"The store cannot write in '{file.parent}': {error.strerror}."
        raise StoreError(text, "Use another folder.") from error


@contextmanager
def open_record(home: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the record, whose lock the caller holds, for one transaction: all of it is kept, or nothing.

    A record that is lost is made anew; one that is damaged is set aside under another name first.

    Raises
    ------
    StoreError
        When DuckDB cannot open, read or write it.

    """
    with _translated(home), _spilling(home) as settings:
        record = _connect(home, settings)
        try:
            record.begin()
            yield record
            record.commit()
        finally:
            record.close()
            with suppress(OSError):  # it costs nothing where it stays
                for log in _logs_of(home / RECORD):
                    if log.stat().st_size == 0:  # nothing was changed, so that DuckDB left it where we made it
                        log.unlink()


def look_at_record(home: Path) -> Record | None:
    """Return what the record holds; None where it is lost or damaged.

    Raises
    ------
    BusyStoreError
        When another notebook is writing to it, or another program has it open.
    NewerStoreError
        When it was written by a newer version.
    StoreError
        When it cannot be read now, which says nothing of what it holds.

    """
    if not (home / RECORD).exists():
        return None
    with hold_lock(home, "", seconds=0.2):
        return read_record(home)


def read_record(home: Path) -> Record | None:
    """Return what the record holds, whose lock the caller holds; None where it is lost or damaged.

    Raises
    ------
    BusyStoreError, NewerStoreError
        When another program has it open, or a newer version wrote it.
    StoreError
        When it cannot be read now, which says nothing of what it holds.

    """
    file = home / RECORD
    if not file.exists():
        return None
    try:
        record = connect(str(file), _SETTINGS | {"access_mode": "read_only"})
        try:
            if not record.execute("FROM duckdb_tables() WHERE schema_name = 'catalogue'").fetchall():
                return Record(FORMAT, frozenset())  # of a process that was killed when it had just made the file
            written = record.execute("SELECT max(format) FROM catalogue.store").fetchall()[0][0]
            versions = record.execute("SELECT dataset, number FROM catalogue.versions").fetchall()
        finally:
            record.close()
    except duckdb.Error as error:
        _refuse_newer(home, error)
        if _is_in_use(file, error):
            raise BusyStoreError(f"Another program has the store's record '{file}' open.", "Close it there.") from error
        if not _is_damaged(file, error):
            raise _refuse(home, error) from error
        return None
    if written > FORMAT:
        raise NewerStoreError(home)
    return Record(written, frozenset((dataset, number) for dataset, number in versions))


def rewrite_record(home: Path) -> None:
    """Write the record anew, whose lock the caller holds: what was deleted stays readable in the blocks of the old.

    Raises
    ------
    StoreError
        When DuckDB or the disk does not take it; the record is as it was.

    """
    fresh = home / SPILL / RECORD
    with _translated(home), _spilling(home) as settings:
        try:
            record = connect(settings=settings)
            try:
                for name, file in (("old", home / RECORD), ("fresh", fresh)):
                    record.execute(f"ATTACH {quote_text(str(file))} AS {name}")
                    record.execute(f"CHECKPOINT {name}")
                record.execute("COPY FROM DATABASE old TO fresh")
                record.execute("CHECKPOINT fresh")
            finally:
                record.close()
            # A log that is left has what its file has not, and DuckDB takes a file beside another's log for damaged.
            if [*_logs_of(home / RECORD), *_logs_of(fresh)]:
                raise StoreError(f"The record in '{home}' cannot be written anew.", "Close other programs in it.")
            _show(home)
        except (OSError, duckdb.Error) as error:
            if os.strerror(errno.ENOSPC) in str(error):
                text = f"The record in '{home}' cannot be written anew: its disk is full."
                hint = "deleting writes the record anew, which takes as much room as is kept."
                raise StoreError(text, f"Free some of its disk first: {hint}") from error
            if isinstance(error, duckdb.Error):
                raise
            raise StoreError(f"The record in '{home}' cannot be written anew: {error.strerror}.") from error


def _show(home: Path) -> None:
    """Give a record that was written in the private folder its place."""
    fresh = home / SPILL / RECORD
    fresh.chmod(0o600)
    fresh.replace(home / RECORD)
    flush_folder(home)


@contextmanager
def _spilling(home: Path) -> Generator[Settings]:
    """Return DuckDB's settings, with a folder that only its owner can read for what it writes elsewhere."""
    folder = home / SPILL
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    make_folder(folder)
    try:
        yield {**_SETTINGS, "temp_directory": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _logs_of(file: Path) -> list[Path]:
    """Return DuckDB's logs of what was committed and is not in the file yet."""
    return [log for log in file.parent.iterdir() if log.name.startswith(f"{file.name}.wal")]


def _connect(home: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the record with its tables, made anew where it is lost, or set aside with its log because it is damaged."""
    file = home / RECORD
    if "?" in str(file):  # DuckDB names its log after what stands before it, and then finds no such folder
        raise StoreError(f"The store cannot lie in '{home}', which has a '?' in its path.", "Use another folder.")
    try:
        if not file.exists():
            note_orphans(home)
            for log in _logs_of(file):
                log.unlink()
        try:
            return _open(home, settings)
        except duckdb.Error as error:
            _refuse_newer(home, error)
            if not _is_damaged(file, error):
                raise
            _set_aside(home)
            return _connect(home, settings)
    except OSError as error:
        text = f"The store's record '{file}' cannot be made or set aside: {error.strerror}."
        raise StoreError(text, "Free or unlock its folder, or use another.") from error


def _set_aside(home: Path) -> None:
    """Give a damaged record another name, with its log, so that it is made anew."""
    file = home / RECORD
    note_orphans(home)
    damaged = f"{file}.damaged-{secrets.token_hex(4)}"
    for log in _logs_of(file):  # first: without its file it would be deleted as nobody's
        log.replace(damaged + log.name.removeprefix(file.name))
    file.replace(damaged)


def _open(home: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the record, and see that its tables are there and can be read."""
    file = home / RECORD
    if not file.exists():  # made where only its owner looks, and shown when it is whole
        connect(str(home / SPILL / RECORD), settings).close()
        _show(home)
    with ExitStack() as opened:
        record = connect(str(file), settings)
        opened.callback(record.close)
        file.chmod(0o600)
        # DuckDB would make its log for everybody to read, and takes this one. A umask would be every thread's, and a
        # home that a person made is hers to close.
        (home / f"{RECORD}.wal").touch(mode=0o600)
        record.begin()
        record.execute(_TABLES)
        _check_format(record, home)
        for table in ("versions", "numbers", "tables"):  # damage is found when a block is read, not before
            record.execute(f"SELECT * FROM catalogue.{table}").fetchall()  # noqa: S608 - named above
        record.commit()
        opened.pop_all()
        return record


def _is_in_use(file: Path, error: duckdb.Error) -> bool:
    return isinstance(error, _IN_USE) or str(error).replace(str(file), "").startswith(_LOCKED)


def _is_damaged(file: Path, error: duckdb.Error) -> bool:
    said = str(error).replace(str(file), "")
    return isinstance(error, duckdb.SerializationException) or any(sign in said for sign in _DAMAGED)


def _refuse_newer(home: Path, error: BaseException | None) -> None:
    """Tell a record that a newer DuckDB wrote from a damaged one."""
    if "database file with version number" in str(error):
        raise NewerStoreError(home)


def _check_format(record: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Refuse a newer format; a new record is given ours."""
    formats = record.execute("SELECT format FROM catalogue.store").fetchall()
    if not formats:
        record.execute("INSERT INTO catalogue.store VALUES (?)", [FORMAT])
    elif formats[0][0] > FORMAT:
        raise NewerStoreError(home)


def set_format(record: duckdb.DuckDBPyConnection) -> None:
    """Say that the store is of today's format."""
    record.execute("UPDATE catalogue.store SET format = ?", [FORMAT])


@contextmanager
def _translated(home: Path) -> Generator[None]:
    """Say in a sentence what DuckDB refuses; set the record aside where it is damaged, when it is closed."""
    try:
        yield
    except duckdb.Error as error:
        if not _is_damaged(home / RECORD, error):
            raise _refuse(home, error) from error
        try:
            _set_aside(home)  # damage within a table is found when its block is read
        except OSError:
            raise _refuse(home, error) from error
        text = f"The store's record '{home / RECORD}' was damaged, and is set aside."
        raise StoreError(text, "Try again: it is rebuilt from the store's other copy.") from error


def _refuse(home: Path, error: duckdb.Error) -> StoreError:
    first = str(error).splitlines()[0].rstrip(".")
    return StoreError(
        f"The store's record '{home / RECORD}' cannot be used: {first}.",
        "Close other programs that have it open, see that its disk is writable and not full, and try again.",
    )
