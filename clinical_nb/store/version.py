"""What a dataset's version is: named tables by content, and what they mean."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from clinical_nb.errors import ClinicalError


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table in the store: its hash, its size, and the logical type of each of its columns, in order."""

    hash: str
    rows: int
    columns: int
    schema: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a version was made of, and how, so that the next can be made of the same; JSON values of those who say it.

    `sources` are the files, `read_as` what each table was called when it was read, `said` what the files say of their
    columns, by table. `findings` are what was found, of which the first `read` were found by reading. `columns` are
    those of each table in the order of the file. `cleaned` is, for each table that cleaning made, what the one as it
    was uploaded is called in the store. `declared` is the dictionary file, which may fit none of these columns and be
    kept for a later file (`declared_fits`), `corrections` what persons said since. `read_by` is the version of
    clinical_nb that read the files. What an older one did not write is as if it had said nothing.

    Data that are `attached` are in no store, and neither is this.
    """

    sources: Sequence[Mapping[str, Any]] = ()
    read_as: Mapping[str, str] = field(default_factory=dict[str, str])
    findings: Sequence[Mapping[str, Any]] = ()
    read: int = 0
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    cleaned: Mapping[str, str] = field(default_factory=dict[str, str])
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    declared: Mapping[str, Any] | None = None
    declared_fits: bool = True
    corrections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    read_by: str | None = None
    attached: bool = False


_KEPT = tuple(each.name for each in fields(Provenance) if each.name != "attached")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a dataset; what it holds is what `dataset_version` is the hash of.

    `number` counts the dataset's versions from 1, `parent` is the version before it, `created` is in UTC, and
    `upload_id` tells this upload from every other.
    """

    dataset: str
    dataset_version: str
    number: int
    parent: str | None
    created: datetime
    tables: Mapping[str, StoredTable]
    dictionary: str
    provenance: Provenance
    upload_id: str


def compute_dataset_version(tables: Mapping[str, str], dictionary: str) -> str:
    """Return the version of a dataset: 16 hexadecimal characters.

    Parameters
    ----------
    tables : mapping of str to str
        The hash of each table, by the table's name; their order does not matter.
    dictionary : str
        The dictionary's text, as it is.

    """
    content = json.dumps([1, sorted(tables.items()), dictionary], ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def find_new_versions(known: Sequence[Version], offered: Sequence[Version], highest: int) -> list[Version]:
    """Return the versions that go on from where a dataset is; what was dropped before that is not brought back.

    Both are in the order of their numbers. Versions of the same number are the same where they hold the same. `highest`
    is the largest number that was given here: to a version that was dropped, where it is none of those known.

    Raises
    ------
    ClinicalError
        When they are another history: a version differs, nothing joins the two, or a number was given to another.

    """
    if not known:
        return list(offered)
    last = known[-1]
    theirs = {version.number: version.dataset_version for version in offered}
    new = [version for version in offered if version.number > last.number]
    differing = [each.number for each in known if theirs.get(each.number, each.dataset_version) != each.dataset_version]
    joined = last.number in theirs or any(version.parent == last.dataset_version for version in new[:1])
    if differing or not (joined or (not new and any(each.number in theirs for each in known))):
        where = f"of which version {differing[0]} is different" if differing else "which has other versions"
        raise ClinicalError(
            f"The store has a dataset '{last.dataset}' already, {where}.", "Take it in under another name: --name NAME."
        )
    if new and new[0].number <= highest:  # the history has runs of that number, and none can tell the two apart
        text = f"Version {new[0].number} of '{last.dataset}' was dropped here, and its number is not given again."
        raise ClinicalError(text, "Take it in under another name: --name NAME.")
    return new


def version_to_json(version: Version) -> dict[str, Any]:
    """Return JSON values from which `version_from_json` makes the version again."""
    return {
        "dataset": version.dataset,
        "dataset_version": version.dataset_version,
        "number": version.number,
        "parent": version.parent,
        "created": version.created.isoformat(),
        "upload_id": version.upload_id,
        "tables": {
            name: {
                "hash": table.hash,
                "rows": table.rows,
                "columns": table.columns,
                "schema": dict(table.schema),
            }
            for name, table in version.tables.items()
        },
        "provenance": {name: getattr(version.provenance, name) for name in _KEPT},
        "dictionary": version.dictionary,
    }


def version_from_json(data: Mapping[str, Any]) -> Version:
    """Return the version that `version_to_json` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it was damaged since: the content no longer has the version that it is filed under.

    """
    version = Version(
        **{name: data[name] for name in ("dataset", "dataset_version", "number", "parent", "upload_id")},
        created=datetime.fromisoformat(data["created"]),
        tables={name: StoredTable(**table) for name, table in dict(data["tables"]).items()},
        dictionary=data["dictionary"],
        provenance=_provenance_from_json(data["provenance"]),
    )
    hashes = {name: table.hash for name, table in version.tables.items()}
    if compute_dataset_version(hashes, version.dictionary) != version.dataset_version:
        raise ValueError(version.dataset_version)
    return version


def _provenance_from_json(data: Mapping[str, Any]) -> Provenance:
    known: dict[str, Any] = {name: data[name] for name in _KEPT if name in data}
    known |= {name: tuple(known[name]) for name in ("sources", "findings") if name in known}
    return Provenance(**known)
