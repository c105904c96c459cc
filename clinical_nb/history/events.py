"""What a run leaves behind, as values: an event is an entry of the history, and comes back from one."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

# Of the entries. The readers of schema 1, which had no chain and its plans as objects, and of schema 2, which had no
# attempts, offers, picks, models and disclosures, stay.
SCHEMA = 3
_READ = (1, 2, SCHEMA)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # base 32 of Crockford: in the order of ASCII, no letter like a digit

Status = Literal[
    "answered", "unclear", "declined", "failed", "queried", "uploaded", "declared", "deleted", "exported",
    "adopted", "repaired", "cleared", "chosen",
]  # fmt: skip
Way = Literal["accepted", "rejected", "corrected", "defined", "undefined"]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked and how it was understood; `text` went through `privacy.mask` before it came here."""

    run_id: str
    dataset: str
    dataset_version: str
    text: str
    status: Status
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """What was computed, or taken from the store (`reused`), from how many rows, with which versions of what."""

    run_id: str
    run_key: str
    plan: Mapping[str, Any]
    rows_in: int | None
    rows_kept: int | None
    milliseconds: int
    reused: bool
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out, in one line that holds no number of a small cell."""

    run_id: str
    summary: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """That a run goes on from another: a question that changes the one before, or a rerun."""

    run_id: str
    parent_run_id: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: the kind of error, and its sentence only where we wrote it ourselves and masked it."""

    run_id: str
    error: str
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one stage tried to read a question: its readings, the words that it could not read, how long it took.

    Both went through the masking that the question did; `failure` says what kept the stage from trying.
    """

    run_id: str
    stage: str
    read: list[str]
    unread: list[str]
    milliseconds: int
    failure: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What was shown to go on with from a run, masked: readings to pick from, or questions to ask next."""

    run_id: str
    what: Literal["readings", "questions"]
    shown: list[str]


@dataclass(frozen=True, slots=True)
class Pick:
    """That a run asks what an earlier one offered, and at which place it showed it, from 1."""

    run_id: str
    offered_by: str
    place: int


@dataclass(frozen=True, slots=True)
class Modelling:
    """That a language model may be asked from now on, on this machine or outside of it, or none any more."""

    run_id: str
    where: Literal["here", "outside", "none"]


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked in SQL: `text` has its literals masked, `datasets` the version that each one had.

    `rows` is how many came out, None where so few would tell on people or where it failed, of which `failure` says the
    kind.
    """

    run_id: str
    datasets: Mapping[str, str]
    text: str
    rows: int | None
    milliseconds: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """That versions of a dataset were deleted from the store, and whether that was all of it."""

    run_id: str
    dataset: str
    dataset_versions: list[str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Export:
    """That versions of a dataset left the store as files of a form; where to is not kept: a path may name a person."""

    run_id: str
    dataset: str
    dataset_versions: list[str]
    form: str
    files: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """That versions of a dataset came into the store otherwise than by an upload: from an `archive` or a `folder`."""

    run_id: str
    dataset: str
    dataset_versions: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class Upload:
    """That files became a version of a dataset: how many, the rows of each table, by how many cleaning steps.

    The rows are None where so few would tell on people; `new` is false where the current version held just that.
    """

    run_id: str
    dataset: str
    dataset_version: str
    files: int
    tables: Mapping[str, int | None]
    steps: int
    new: bool
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """That a person said what a dataset means, which made a version of it: in which way, and of which columns."""

    run_id: str
    dataset: str
    dataset_version: str
    way: Way
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Restoration:
    """That a store was opened: how many datasets it had, and how many things about it had to be told."""

    run_id: str
    datasets: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That a person chose what may be shown: counts of 1 to `most` are not, others as multiples of `base`.

    All is shown under the profile "off"; `anew` says that what was shown before was declared not to have left.
    """

    run_id: str
    profile: str
    most: int
    base: int
    anew: bool


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Under which profile a run's answer was shown, how many of its statistics were, and how many were suppressed."""

    run_id: str
    profile: str
    shown: int
    suppressed: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """That the chain begins here, or begins anew: after `lines` older ones without a chain, or with another `key`.

    The latter also where the note of where it stood is gone (`unnoted`). `digest` is the SHA-256 of the older lines, so
    that they can be checked, too.
    """

    run_id: str
    lines: int
    digest: str
    key: Literal["first", "replaced", "unnoted"]


@dataclass(frozen=True, slots=True)
class Repair:
    """That a file's end was taken away, which a killed process had left torn: how many bytes, and their SHA-256."""

    run_id: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """That the entries up to a number were cleared, all written before a day, and the hash of the last of them."""

    run_id: str
    before: str
    up_to: int
    last_hash: str


RunEvent = Question | Execution | Outcome | FollowUp | Failure | Disclosed | Attempt | Offer | Pick
StoreEvent = Upload | Declaration | Restoration | Deletion | Export | Adoption | Disclosure | Modelling
ChainEvent = Beginning | Repair | Forgetting
Event = RunEvent | Query | StoreEvent | ChainEvent
NAMES: dict[type[Event], str] = {
    Question: "question",
    Execution: "execution",
    Outcome: "result",
    FollowUp: "follow_up",
    Failure: "failure",
    Attempt: "attempt",
    Offer: "offer",
    Pick: "pick",
    Modelling: "modelling",
    Query: "query",
    Upload: "upload",
    Declaration: "declaration",
    Restoration: "restoration",
    Deletion: "deletion",
    Export: "export",
    Adoption: "adoption",
    Disclosure: "disclosure",
    Disclosed: "disclosed",
    Beginning: "beginning",
    Repair: "repair",
    Forgetting: "forgetting",
}


def new_run_id() -> str:
    """Return 16 characters that sort by the millisecond of their making and that no other run has."""
    number = time.time_ns() // 1_000_000 << 35 | secrets.randbits(35)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(75, -1, -5))


def to_entry(event: Event, at: datetime) -> dict[str, Any]:
    """Return the event as an entry: JSON values of which none is a float; a plan is the text of its JSON."""
    parts = {field.name: getattr(event, field.name) for field in fields(event)}
    if isinstance(event, Execution):
        parts["plan"] = json.dumps(event.plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {"schema": SCHEMA, "event": NAMES[type(event)], "at": at.isoformat(timespec="microseconds"), **parts}


def from_entry(entry: Mapping[str, Any]) -> tuple[Event, datetime]:
    """Return the event that `to_entry` wrote, and when it was written.

    Raises
    ------
    ValueError
        When the entry is not an event of a known schema; the text says how.

    """
    parts = dict(entry)
    schema, name, at = parts.pop("schema", None), parts.pop("event", None), parts.pop("at", None)
    if schema not in _READ:
        raise ValueError(f"is of schema {schema}, which this version of clinical_nb does not read")
    if not isinstance(name, str) or name not in _KINDS or not isinstance(at, str):
        raise ValueError("is not an event")
    kind, hints = _KINDS[name]
    if parts.keys() != hints.keys():
        raise ValueError("is not an event")
    if kind is Execution and schema != 1:
        try:
            parts["plan"] = json.loads(parts["plan"])
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError("has a value of the wrong type") from error
    if not all(map(isinstance, map(parts.get, hints), hints.values())):
        raise ValueError("has a value of the wrong type")
    try:
        return kind(**parts), datetime.fromisoformat(at)
    except ValueError as error:
        raise ValueError("has no time") from error


def _runtime_types(hint: Any) -> tuple[type, ...]:  # noqa: ANN401 - types are values here
    """Return what `isinstance` can check of an annotation."""
    if isinstance(hint, UnionType):
        return tuple(each for member in get_args(hint) for each in _runtime_types(member))
    if get_origin(hint) is Literal:
        return (str,)
    return (get_origin(hint) or hint,)


# An event's class and its fields' types by the event's name, looked up once: a history has many lines.
_KINDS: dict[str, tuple[type[Event], dict[str, tuple[type, ...]]]] = {
    name: (kind, {field: _runtime_types(hint) for field, hint in get_type_hints(kind).items()})
    for kind, name in NAMES.items()
}
