"""What a store sets aside, and what must go with a dataset that is dropped: it must not live on in a copy."""

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from clinical_nb.errors import StoreError
from clinical_nb.store.files import delete_file, file_name, flush_folder, make_folder
from clinical_nb.store.orphans import ORPHANS
from clinical_nb.store.record import RECORD

_ADOPTED = "adopted"


def set_aside(home: Path, folder: Path, dataset: str) -> Path:
    """Move a folder from which a dataset was made to where it is kept, which is returned; to a free name there.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    kept = home / _ADOPTED / file_name(dataset)
    make_folder(kept)
    number, target = 1, kept / folder.name
    while target.exists():
        number += 1
        target = kept / f"{folder.name}-{number}"
    try:
        folder.rename(target)
        flush_folder(kept)
        flush_folder(folder.parent)
    except OSError as error:
        raise StoreError(f"'{folder}' cannot be moved to '{kept}': {error.strerror}.", "Move it elsewhere.") from error
    return target


def find_copies(home: Path, dataset: str) -> list[Path]:
    """Return what was set aside and may hold this dataset: of the whole store, and what it was adopted from."""
    adopted = home / _ADOPTED / file_name(dataset)
    return [
        *sorted(home.glob("backup-format-*")),
        *sorted(home.glob(f"{RECORD}.damaged-*")),
        *sorted(adopted.glob("*")),
    ]


def delete_copies(home: Path, dataset: str, hashes: Collection[str]) -> None:
    """Delete what `find_copies` names, and of the orphans those with these hashes: another may be somebody's last copy.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    for copy in find_copies(home, dataset):
        shutil.rmtree(copy, ignore_errors=True) if copy.is_dir() else delete_file(copy)
    for table_hash in hashes:
        delete_file(home / ORPHANS / f"{table_hash}.parquet")
    for folder in (home / ORPHANS, home / _ADOPTED / file_name(dataset)):
        with suppress(OSError):  # it is not there, or holds something else
            folder.rmdir()
