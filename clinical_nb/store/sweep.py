"""What a killed process left lying: found at the next start, and swept unless somebody is still uploading."""

import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from clinical_nb.store.files import PART, delete_file, make_folder
from clinical_nb.store.metadata import DamagedError
from clinical_nb.store.orphans import ORPHANS, forget_orphans, noted_orphans
from clinical_nb.store.record import RECORD, SPILL
from clinical_nb.store.results import delete_results
from clinical_nb.store.uploads import UPLOADS, living_uploads
from clinical_nb.store.version import Version

_SECONDS_TO_WRITE = 3_600.0  # an answer is kept in milliseconds, and no lock says that it is being written


def find_leftovers(home: Path, found: Mapping[str, Sequence[Version] | DamagedError]) -> list[Path]:
    """Return the files and folders that nothing needs of what was found: half written, unpublished, or of what is gone.

    As long as any metadata cannot be read, every table may be one of theirs.
    """
    damaged = any(isinstance(versions, DamagedError) for versions in found.values())
    known = [version for each in found.values() if not isinstance(each, DamagedError) for version in each]
    hashes = {table.hash for version in known for table in version.tables.values()}
    written = [] if damaged else sorted((home / "parquet").glob("*"))
    return [
        *(file for file in written if not file.name.startswith(".") and file.stem not in hashes),
        *(file for folder in ("parquet", "metadata") for file in (home / folder).glob(f".*{PART}")),
        *(file for file in (home / "results").glob(f".*{PART}") if _is_old(file)),
        *home.glob(f"{RECORD}.*{PART}*"),
        *home.glob(SPILL),
        *home.glob(f".backup-*{PART}"),
        *(place for place in (home / UPLOADS).glob("*") if place.is_dir() or not place.with_suffix("").is_dir()),
    ]


def is_abandoned(home: Path) -> bool:
    """Tell whether a folder has tables, of which nothing says what they are, and nobody is uploading the first ones."""
    return any((home / "parquet").glob("*.parquet")) and not any((home / UPLOADS).glob("*"))


def sweep(home: Path, found: Mapping[str, Sequence[Version] | DamagedError]) -> int:
    """Delete the leftovers of a store whose lock the caller holds; nothing while anybody uploads.

    Tables that were noted when a record was lost may be the last copy of something: they are moved to `orphans/`
    instead; how many is returned.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    leftovers = find_leftovers(home, found)
    if not leftovers or any(living_uploads(home)):
        return 0
    noted = noted_orphans(home)
    orphans = [left for left in leftovers if left.suffix == ".parquet" and left.stem in noted]
    for orphan in orphans:
        make_folder(home / ORPHANS)
        orphan.replace(home / ORPHANS / orphan.name)
    for left in leftovers:
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else delete_file(left)
    forget_orphans(home, noted)
    known = [each for each in found.values() if not isinstance(each, DamagedError)]
    if len(known) == len(found):  # a process that was killed while it dropped a version may have left an answer of it
        delete_results(home, {version.dataset_version for versions in known for version in versions})
    return len(orphans)


def _is_old(file: Path) -> bool:
    with suppress(OSError):
        return time.time() - file.stat().st_mtime > _SECONDS_TO_WRITE
    return False
