"""Variables that no column holds and a plan makes of columns: differences, times between dates, parts of a text."""

import re
from dataclasses import dataclass
from typing import Literal

from clinical_nb.errors import PlanError
from clinical_nb.plans.conditions import AllOf, Condition, all_of, canonical_conditions, name_of

Taken = Literal["first", "last", "highest", "lowest", "mean", "only", "number"]
Unit = Literal["day", "week", "month", "year"]
DAYS: dict[Unit, float] = {"day": 1, "week": 7, "month": 30.4375, "year": 365.25}
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
_PLACES = ("1st", "2nd")


@dataclass(frozen=True, slots=True)
class PartOf:
    """The first (0) or second (1) number of a text of two numbers, such as 114/72; missing where it is no such text."""

    column: str
    place: int
    separator: str = "/"

    def __post_init__(self) -> None:
        if self.place not in (0, 1) or len(self.separator) != 1 or self.separator.isalnum():
            raise PlanError("A text of two numbers has a first and a second one, and a sign between them.")


@dataclass(frozen=True, slots=True)
class DateOf:
    """The date of which year, month and day stand in a column each; missing where they make no date."""

    year: str
    month: str
    day: str


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The time from one date to another, a year being 365.25 days; missing where the second is before the first."""

    since: str | DateOf
    until: str | DateOf
    unit: Unit = "day"


@dataclass(frozen=True, slots=True)
class OfRows:
    """What the rows of a person come to in one number, or those of whatever a row of the plan's table is.

    The first, last, highest, lowest or mean known value of a column in the rows of `table` of which `where` holds;
    `order` is the column that says which row is first. The "only" value is missing where rows differ; the "number" is
    of the rows themselves, 0 where there is none, and of no column.
    """

    table: str
    column: str
    take: Taken
    where: tuple[Condition, ...] = ()
    order: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", canonical_conditions(self.where, AllOf))
        if (self.take in ("first", "last")) != bool(self.order):
            raise PlanError("Which row is the first or the last is told by a column, and of other values by none.")
        if (self.take == "number") == bool(self.column):
            raise PlanError("A value is of a column, and a number of rows of none.")


@dataclass(frozen=True, slots=True)
class Difference:
    """One number minus another of the same row; missing where either is."""

    minuend: str | PartOf | OfRows
    subtrahend: str | PartOf | OfRows


@dataclass(frozen=True, slots=True)
class Merged:
    """A column of text in which spellings are the level that they mean: pairs of a spelling and its level."""

    column: str
    spellings: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        pairs = dict(each for each in self.spellings if len(each) == len(_PLACES))
        if len(pairs) < len(self.spellings) or not pairs or pairs.keys() & set(pairs.values()):
            raise PlanError("Spellings are merged by pairs of one and its level, which is no spelling itself.")
        object.__setattr__(self, "spellings", tuple(sorted(pairs.items())))


Derived = Difference | Elapsed | DateOf | PartOf | Merged | OfRows


def name_of_derived(derived: str | Derived) -> str:  # noqa: PLR0911 - one return a kind of variable
    """Return what a variable is called in the fields of a plan: what it is made of says which it is."""
    match derived:
        case str():
            return derived
        case PartOf(column, place):
            return f"{_PLACES[place]} number of {column}"
        case DateOf(year, month, day):
            return f"date of {year}, {month}, {day}"
        case Elapsed(since, until, unit):
            return f"{unit}s from {name_of_derived(since)} to {name_of_derived(until)}"
        case Merged(column):
            return f"{column}, spellings merged"
        case OfRows(table, column, take, where):
            said = f"{take} {column} of {table}" if column else f"number of rows of {table}"
            return f"{said} with {name_of(all_of(*where))}" if where else said
        case Difference(minuend, subtrahend):
            return f"{name_of_derived(minuend)} - {name_of_derived(subtrahend)}"


def sources_of(derived: str | Derived) -> tuple[str, ...]:
    """Name the columns of its row that a variable is made of, once each."""
    match derived:
        case str():
            return (derived,)
        case PartOf(column) | Merged(column):
            return (column,)
        case OfRows():
            return ()
        case DateOf(year, month, day):
            return (year, month, day)
        case Elapsed(one, other) | Difference(other, one):
            return tuple(dict.fromkeys((*sources_of(one), *sources_of(other))))


def with_inner(derived: Derived) -> tuple[Derived, ...]:
    """Return what a variable is made of that is itself made, then the variable."""
    match derived:
        case Elapsed(one, other) | Difference(one, other):
            return (*(each for each in (one, other) if not isinstance(each, str)), derived)
        case _:
            return (derived,)


def canonical_derived(derived: tuple[Derived, ...]) -> tuple[Derived, ...]:
    """Return variables in one order, each once.

    Raises
    ------
    PlanError
        When two that differ are called the same.

    """
    named = {name_of_derived(each): each for each in derived}
    if len(named) < len(set(derived)):
        raise PlanError("Two derived variables of a plan are called the same.", "Leave one of them out.")
    return tuple(named[name] for name in sorted(named))


def patterns_of_pair(separator: str) -> tuple[str, str, str]:
    """Return patterns of a text of two numbers: the whole, what follows the first number, what is before the second.

    All engines read them alike (RE2 and Rust's), and whatever else splits such texts.
    """
    sign = re.escape(separator)
    return rf"^\s*{_NUMBER}\s*{sign}\s*{_NUMBER}\s*$", rf"\s*{sign}.*$", rf"^.*{sign}\s*"
