"""What a store sets aside, and what must go with a dataset that is dropped: it must not live on in a copy."""

import shutil
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


def delete_copies(home: Path, dataset: str) -> None:
    """Delete what was set aside of the whole store, and what this dataset was adopted from."""
    for folder in (*home.glob("backup-format-*"), home / ORPHANS, home / _ADOPTED / file_name(dataset)):
        shutil.rmtree(folder, ignore_errors=True)
    for file in home.glob(f"{RECORD}.damaged-*"):
        delete_file(file)
