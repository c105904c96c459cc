"""metadata/<dataset>.json: the versions of a dataset, readable without a database, a lock or a data library."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from clinical_nb.store.files import delete_file, file_name, flush_folder, write_whole
from clinical_nb.store.version import Version, version_from_json, version_to_json

_FORMAT = 1


class DamagedError(Exception):
    """Metadata that cannot be read, and why."""


class NewerError(DamagedError):
    """Metadata that this version of clinical_nb is too old for."""


@dataclass(frozen=True, slots=True)
class _Content:
    """What one file holds: the versions of a dataset, oldest first, or what is wrong with them."""

    dataset: str
    versions: tuple[Version, ...] = ()
    highest: int = 0
    error: DamagedError | None = None


# One entry a file, with what tells whether it is still the same: a list of datasets is asked for with every question.
_seen: dict[Path, tuple[tuple[int, int, int], _Content]] = {}


def metadata_file(home: Path, dataset: str) -> Path:
    """Return where a dataset's metadata lies."""
    return home / "metadata" / f"{file_name(dataset)}.json"


def write_metadata(home: Path, versions: Sequence[Version], highest: int) -> None:
    """Write all versions of one dataset, oldest first, and the highest number that one ever had.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    content = {
        "format": _FORMAT,
        "dataset": versions[0].dataset,
        "highest": highest,
        "versions": [version_to_json(version) for version in versions],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    write_whole(metadata_file(home, versions[0].dataset), lambda beside: beside.write_text(text, encoding="utf-8"))


def delete_metadata(home: Path, dataset: str) -> None:
    """Delete the metadata of one dataset, durably.

    Raises
    ------
    StoreError
        When the disk refuses.

    """
    file = metadata_file(home, dataset)
    delete_file(file)
    if file.parent.is_dir():
        flush_folder(file.parent)


def read_metadata(home: Path) -> Iterator[tuple[str, list[Version] | DamagedError]]:
    """Yield each dataset's name with its versions, oldest first, or with what is wrong with them."""
    for file in sorted((home / "metadata").glob("*.json")):
        found = _read(file)
        yield found.dataset, found.error or list(found.versions)


def highest_number(home: Path, dataset: str) -> int:
    """Return the highest number that a version of a dataset ever had, as its metadata say; 0 where nothing says so."""
    return _read(metadata_file(home, dataset)).highest


def readable_metadata(home: Path) -> dict[str, list[Version]]:
    """Return the versions of each dataset whose metadata is whole, oldest first."""
    return {name: versions for name, versions in read_metadata(home) if not isinstance(versions, DamagedError)}


def unreadable_metadata(home: Path) -> dict[str, DamagedError]:
    """Return what is wrong with each metadata that is not whole, by its dataset's name as far as that is known."""
    return {name: versions for name, versions in read_metadata(home) if isinstance(versions, DamagedError)}


def _read(file: Path) -> _Content:
    """Return what a file holds, which is parsed once as long as it stays the same."""
    try:
        found = file.stat()
        written = (found.st_ino, found.st_mtime_ns, found.st_size)
        before = _seen.get(file)
        if before is None or before[0] != written:
            before = _seen[file] = written, _parse(file)
        return before[1]
    except OSError as error:
        return _Content(file.stem, error=DamagedError(f"cannot be read ({error.strerror})"))


def _parse(file: Path) -> _Content:
    name: str = file.stem
    try:
        content: object = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            return _Content(name, error=DamagedError("is damaged"))
        found = cast("dict[str, Any]", content)
        if found.get("format", 0) > _FORMAT:
            return _Content(name, error=NewerError("was written by a newer version of clinical_nb"))
        name = str(found["dataset"])
        versions = _versions(found)
        return _Content(name, versions, max(versions[-1].number, int(found.get("highest", 0))))
    except DamagedError as error:
        return _Content(name, error=error)
    except (KeyError, TypeError, ValueError, AttributeError):
        return _Content(name, error=DamagedError("is damaged"))


def _versions(content: Mapping[str, Any]) -> tuple[Version, ...]:
    versions = [version_from_json(entry) for entry in content["versions"]]
    if not versions or any(version.dataset != content["dataset"] for version in versions):
        raise DamagedError("is incomplete")
    return tuple(sorted(versions, key=lambda version: version.number))
