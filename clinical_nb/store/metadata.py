"""metadata/<dataset>.json: the versions of a dataset, readable without a database, a lock or a data library."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from clinical_nb.store.files import delete_file, file_name, flush_folder, write_whole
from clinical_nb.store.version import Version, version_from_json, version_to_json

_FORMAT = 1


class DamagedError(Exception):
    """Metadata that cannot be read, and why."""


class NewerError(DamagedError):
    """Metadata that this version of clinical_nb is too old for."""


def metadata_file(home: Path, dataset: str) -> Path:
    """Return where a dataset's metadata lies."""
    return home / "metadata" / f"{file_name(dataset)}.json"


def write_metadata(home: Path, versions: Sequence[Version]) -> None:
    """Write all versions of one dataset, oldest first.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    content = {
        "format": _FORMAT,
        "dataset": versions[0].dataset,
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
        name: str = file.stem
        try:
            content = _parse(file)
            name = str(content["dataset"])
            yield name, _versions(content)
        except DamagedError as error:
            yield name, error
        except OSError as error:
            yield name, DamagedError(f"cannot be read ({error.strerror})")
        except (KeyError, TypeError, ValueError, AttributeError):
            yield name, DamagedError("is damaged")


def readable_metadata(home: Path) -> dict[str, list[Version]]:
    """Return the versions of each dataset whose metadata is whole, oldest first."""
    return {name: versions for name, versions in read_metadata(home) if not isinstance(versions, DamagedError)}


def unreadable_metadata(home: Path) -> dict[str, DamagedError]:
    """Return what is wrong with each metadata that is not whole, by its dataset's name as far as that is known."""
    return {name: versions for name, versions in read_metadata(home) if isinstance(versions, DamagedError)}


def _parse(file: Path) -> dict[str, Any]:
    content: object = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise DamagedError("is damaged")
    found = cast("dict[str, Any]", content)
    if found.get("format", 0) > _FORMAT:
        raise NewerError("was written by a newer version of clinical_nb")
    return found


def _versions(content: Mapping[str, Any]) -> list[Version]:
    versions = [version_from_json(entry) for entry in content["versions"]]
    if not versions or any(version.dataset != content["dataset"] for version in versions):
        raise DamagedError("is incomplete")
    return sorted(versions, key=lambda version: version.number)
