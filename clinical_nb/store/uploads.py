"""Uploads under way: what they have saved and not yet published is neither swept nor dropped, while they live."""

import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from clinical_nb import locks
from clinical_nb.errors import StoreError
from clinical_nb.store.files import delete_file, make_folder
from clinical_nb.store.metadata import readable_metadata, unreadable_metadata
from clinical_nb.store.orphans import noted_orphans
from clinical_nb.store.record import hold_lock

UPLOADS = "uploads"
_SAVED = ".saved"  # ends the name of an empty file in an upload's folder that names a table

_here: ContextVar[Path | None] = ContextVar("here", default=None)


@contextmanager
def announce_upload(home: Path) -> Generator[Path]:
    """Let nobody take away what this upload saves until it is published; give it a folder of its own.

    At its end, what it saved and no version has is deleted: so is what was dropped meanwhile, and stayed for it.

    Raises
    ------
    StoreError
        When the store cannot be written.

    """
    place = home / UPLOADS / secrets.token_hex(8)
    with ExitStack() as announced:  # what is done at the end is done to its last line, whatever interrupts one of them
        with hold_lock(home, "beginning an upload"):  # nobody sweeps now
            make_folder(place)
            announced.callback(_lock_of(place).unlink, missing_ok=True)
            announced.enter_context(locks.hold_lock(_lock_of(place)))
        announced.callback(shutil.rmtree, place, ignore_errors=True)
        announced.callback(_delete_unpublished, home, place)
        announced.callback(_here.reset, _here.set(place))
        yield place


def keep_saved(home: Path, table_hash: str) -> None:
    """Note that the upload that is under way here needs a table, before it relies on the one that may be there.

    Raises
    ------
    StoreError
        When the store cannot be written.

    """
    place = _here.get()
    if place is None or place.parent.parent != home:
        return
    with hold_lock(home, "storing a table"):  # nobody is just dropping it
        (place / f"{table_hash}{_SAVED}").touch(mode=0o600)


def saved_by_uploads(home: Path) -> set[str]:
    """Return the hashes of what living uploads have saved, of a store whose lock the caller holds."""
    return {table_hash for place in living_uploads(home) for table_hash in _saved_in(place)}


def living_uploads(home: Path) -> Iterator[Path]:
    """Yield the folder of each upload whose lock is held; a lock that is not is of the dead, and is removed."""
    for lock in (home / UPLOADS).glob("*.lock"):
        try:
            with locks.hold_lock(lock, seconds=0):
                lock.unlink(missing_ok=True)
        except TimeoutError:
            yield lock.with_suffix("")
        except OSError:
            continue


def _delete_unpublished(home: Path, place: Path) -> None:
    """Delete what an upload saved and nobody needs: no version, no other upload, nobody who looks for a last copy."""
    if not _saved_in(place):
        return
    with suppress(StoreError), hold_lock(home, "ending an upload"):  # else it is swept at the next start
        left = _saved_in(place)
        shutil.rmtree(place, ignore_errors=True)
        if unreadable_metadata(home):
            return
        versions = [version for each in readable_metadata(home).values() for version in each]
        needed = {table.hash for version in versions for table in version.tables.values()}
        for table_hash in left - needed - saved_by_uploads(home) - noted_orphans(home):
            for file in (home / "parquet").glob(f"{table_hash}.*"):
                delete_file(file)


def _saved_in(place: Path) -> set[str]:
    return {note.stem for note in place.glob(f"*{_SAVED}")}


def _lock_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.lock")
