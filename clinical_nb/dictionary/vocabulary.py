"""The vocabulary: how columns and tables of clinical studies are called, read from `vocabulary.toml`."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.dictionary.meaning import Role

NAMED_ROLES: tuple[Role, ...] = ("arm", "outcome", "visit", "visit date", "birth", "death")


@dataclass(frozen=True, slots=True)
class Tier:
    """Names of columns, and phrases within labels, that say equally well what a column is."""

    names: frozenset[str]
    says: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Patients:
    """What a patient's identifier is called: before all else, after what names a person, and in a label.

    Beside columns of `repeats_beside` it may repeat under each of these names.
    """

    first: frozenset[str]
    after: tuple[frozenset[str], ...]
    repeats_beside: frozenset[str]
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Times:
    """What a time until an event is called: outright, only beside an event, and around the name of an event."""

    named: frozenset[str]
    plain: frozenset[str]
    says: tuple[tuple[str, ...], ...]
    ends: frozenset[str]
    begins: tuple[tuple[str, ...], ...]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Events:
    """What a column is called that says whether an event happened, and what its codes are called."""

    named: frozenset[str]
    plain: frozenset[str]
    ends: frozenset[str]
    reversed: frozenset[str]
    either: frozenset[str]
    survival_codes: frozenset[str]
    happened: frozenset[str]
    did_not: frozenset[str]
    denying: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of event, and how names and labels of times and events say it."""

    name: str
    says: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class StandardEvent:
    """A standard's names for a time and its event, and which code the event has there."""

    time: str
    event: str
    code: int
    why: str


@dataclass(frozen=True, slots=True)
class Baselines:
    """How a measurement before treatment and the same one after it are told apart by their names or labels."""

    pairs: tuple[tuple[str, frozenset[str]], ...]
    fused: tuple[str, ...]
    relative: Mapping[str, str]
    plain: frozenset[str]
    alone: frozenset[str]
    units: frozenset[str]
    not_measured: frozenset[str]
    most_in_a_row: int
    standards: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Columns that tell the rows of one patient apart, and what a row is then called.

    `names` have their place among them, the most telling first. `long` says that there is one row for each of them even
    where a file holds only one; `dates` that any date is one of them; `several` that they only number the rows.
    """

    noun: str
    names: Mapping[str, int]
    long: bool
    dates: bool
    several: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of it; names are as `squeeze` writes them, phrases are the words of a label.

    `texts` are what a list of codes calls their text, with their place among them, the best first; `terms` what says in
    words what each row is of, `counted_apart` tables of which each row is counted for itself.
    """

    patient: Patients
    roles: Mapping[Role, tuple[Tier, ...]]
    refused: Mapping[Role, tuple[tuple[str, ...], ...]]
    time: Times
    event: Events
    happenings: tuple[Happening, ...]
    standard_events: tuple[StandardEvent, ...]
    baseline: Baselines
    within: tuple[Within, ...]
    rows: Mapping[str, str]
    texts: Mapping[str, int]
    terms: frozenset[str]
    counted_apart: frozenset[str]
    patient_tables: frozenset[str]
    other_tables: frozenset[str]


@lru_cache(maxsize=1 << 15)  # a name is looked for among those of every role
def squeeze(name: str) -> str:
    """Return a name without case, blanks and signs: "os_time", "OS time" and "osTime" are one."""
    return "".join(words_of(name))


def says(label: str, phrases: Iterable[Sequence[str]]) -> bool:
    """Tell whether a label has one of several phrases among its words."""
    if not label:
        return False
    words = words_of(label)
    return any(
        tuple(phrase) == words[at : at + len(phrase)]
        for phrase in phrases
        for at in range(len(words) - len(phrase) + 1)
    )


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read once."""
    data: dict[str, Any] = tomllib.loads(files(__package__ or "").joinpath("vocabulary.toml").read_text("utf-8"))
    patient, time, event, baseline = (data[each] for each in ("patient", "time", "event", "baseline"))
    return Vocabulary(
        patient=Patients(
            _names(patient["first"]),
            tuple(_names(tier) for tier in patient["after"]),
            _names(patient["repeats_beside"]),
            _names(patient["labels"]),
        ),
        roles={
            role: tuple(Tier(_names(tier["names"]), _phrases(tier.get("says", ()))) for tier in data[role])
            for role in NAMED_ROLES
        },
        refused={role: _phrases(data.get(f"{role}_not", {}).get("says", ())) for role in NAMED_ROLES},
        time=Times(
            _names(time["named"]),
            _names(time["plain"]),
            _phrases(time["says"]),
            frozenset(time["ends"]),
            _phrases(time["begins"]),
            _names(time["stems"]),
        ),
        event=Events(**{field: _names(event[field]) for field in Events.__slots__}),
        happenings=tuple(Happening(each["name"], _phrases(each["says"])) for each in data["happening"]),
        standard_events=tuple(StandardEvent(**each) for each in data["standard"]),
        baseline=_baselines(baseline),
        within=tuple(
            Within(
                each["noun"],
                {squeeze(name): place for place, name in enumerate(each["names"])},
                long=each.get("long", False),
                dates=each.get("dates", False),
                several=each.get("several", False),
            )
            for each in data["within"]
        ),
        rows={squeeze(name): noun for noun, names in data["rows"].items() for name in names},
        texts={squeeze(name): place for place, name in enumerate(data["terms"]["texts"])},
        terms=_names(data["terms"]["words"]),
        counted_apart=_names(data["apart"]["tables"]),
        patient_tables=_names(data["patients"]["names"]),
        other_tables=_names(data["others"]["names"]),
    )


def _baselines(data: Mapping[str, Any]) -> Baselines:
    pairs = cast("list[list[str]]", data["pairs"])
    return Baselines(
        tuple((first, frozenset(after)) for first, *after in pairs),
        tuple(data["fused"]),
        data["relative"],
        frozenset(data["plain"]),
        frozenset(data["alone"]),
        frozenset(data["units"]),
        frozenset(data["not_measured"]),
        data["most_in_a_row"],
        tuple((each["column"], each["baseline"]) for each in data["standard"]),
    )


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(squeeze, names))


def _phrases(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(words_of, texts))
