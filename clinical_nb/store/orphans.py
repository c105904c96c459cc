"""Which tables may be the last copy of what was lost: noted when a record is lost, and never swept like leftovers."""

import json
from collections.abc import Collection
from pathlib import Path

from clinical_nb.store.files import delete_file, write_whole
from clinical_nb.store.metadata import readable_metadata

ORPHANS = "orphans"  # the folder to which they are moved
_NOTE = "orphans.json"


def note_orphans(home: Path) -> None:
    """Note the tables that no readable metadata knows, durably, before a lost record is made anew and forgets them.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    versions = [version for each in readable_metadata(home).values() for version in each]
    known = {table.hash for version in versions for table in version.tables.values()}
    unknown = {file.stem for file in (home / "parquet").glob("*.parquet") if not file.name.startswith(".")} - known
    noted = noted_orphans(home)
    if not unknown <= noted:
        _write(home, unknown | noted)


def noted_orphans(home: Path) -> frozenset[str]:
    """Return the hashes that are noted; a note that is damaged stands for every table there is."""
    try:
        found: list[str] = json.loads((home / _NOTE).read_text(encoding="ascii"))
        return frozenset(found)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, TypeError):
        return frozenset(file.stem for file in (home / "parquet").glob("*.parquet"))


def forget_orphans(home: Path, gone: Collection[str]) -> None:
    """Take hashes out of the note: they were moved to where people find them, or deleted on purpose.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    noted = noted_orphans(home)
    left = noted - frozenset(gone)
    if left and left != noted:
        _write(home, left)
    elif not left:
        delete_file(home / _NOTE)


def _write(home: Path, hashes: Collection[str]) -> None:
    text = json.dumps(sorted(hashes))
    write_whole(home / _NOTE, lambda beside: beside.write_text(text, encoding="ascii"))
