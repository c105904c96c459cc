"""Adopting: a folder `{upload_id}_tables` that lies in the store becomes a dataset when the store is opened."""

import os
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from clinical_nb.errors import ClinicalError
from clinical_nb.intake.folder import TABLES, find_dictionary, find_files, find_left_out, name_folder
from clinical_nb.intake.upload import as_text, identify
from clinical_nb.locks import hold_lock
from clinical_nb.store.copies import set_aside
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.version import Version
from clinical_nb.uploading.storing import store_files

SETTLED = 60.0  # seconds without a change, after which a folder is no longer being copied
_LOCK = "adopting.lock"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of one folder: a sentence, and the version that it is now, where it is."""

    told: str
    version: Version | None = None


def adopt_folders(store: DataStore) -> list[Adopted]:
    """Make datasets of the folders of tables that lie in the store, and move those to `adopted/`.

    A dataset that is there already is never given another version so: that is told, and the folder stays; so does one
    that is still being copied, or holds something else than tables. Nothing is done where the store cannot be written,
    or another notebook is adopting.
    """
    if not os.access(store.home, os.W_OK):
        return []
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(store.home / _LOCK, seconds=0))
        except OSError:
            return []
        return [_adopt(store, folder) for folder in find_folders(store.home)]


def find_folders(home: Path, dataset: str | None = None) -> list[Path]:
    """Return the folders of tables that lie in a store: all, or those that would become this dataset."""
    found = [path for path in sorted(home.glob(f"*{TABLES}")) if path.is_dir() and not path.is_symlink()]
    return [path for path in found if dataset in (None, name_folder(path))]


def _adopt(store: DataStore, folder: Path) -> Adopted:
    name, said = name_folder(folder), as_text(folder.name)
    try:
        if not _is_settled(folder):
            return Adopted(
                f"The folder '{said}' in the store was changed in the last {SETTLED:.0f} seconds, as if it were still "
                "being copied: it is adopted at a later start."
            )
        store.check_name(name)
        others = find_left_out([folder])
        if others:  # a drop deletes the folder that it was adopted from
            held = f"The folder '{said}' in the store was not adopted: it holds '{as_text(others[0].path)}', which "
            return Adopted(f'{held}{others[0].reason}. Move that elsewhere, or: %clinical upload "{folder}".')
        if not store.knows(name):
            stored = store_files(store, [folder], name, find_dictionary(folder), None)
            aside = set_aside(store.home, folder, name)
            return Adopted(f"The tables in '{said}' are dataset '{name}' now; the folder is kept in '{aside}'.", stored)
        if _is_of(store, folder, name):  # by a process that was killed before it could move the folder
            aside = set_aside(store.home, folder, name)
            return Adopted(f"The tables in '{said}' were dataset '{name}' already; the folder is kept in '{aside}'.")
    except (ClinicalError, OSError) as error:
        reason = f"{error.strerror}." if isinstance(error, OSError) else str(error)
        return Adopted(f"The folder '{said}' in the store was not adopted: {as_text(reason)}")
    return Adopted(
        f"The folder '{said}' in the store was not adopted: there is a dataset '{name}' already. "
        f'To make it the next version: %clinical upload "{folder}".'
    )


def _is_settled(folder: Path) -> bool:
    """Tell whether nothing in a folder changed of late, by either clock: some copies keep the time of the content."""
    now = time.time()
    changes = (path.lstat() for path in (folder, *folder.rglob("*")))
    return all(min(abs(now - each.st_mtime), abs(now - each.st_ctime)) >= SETTLED for each in changes)


def _is_of(store: DataStore, folder: Path, name: str) -> bool:
    """Tell whether a version of the dataset was made of these very bytes."""
    sources = [asdict(source) for source in identify(find_files([folder]))]
    return any(list(version.provenance.sources) == sources for version in store.list_versions(name))
