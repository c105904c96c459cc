"""What to compute, as plain values: no text, no SQL, no data.

A plan goes to JSON and back without loss. Two plans that mean the same have the same canonical JSON: the parts of a
conjunction are flat, sorted and said once, and whole numbers are integers whatever column they came from.
"""

import json
import types
from dataclasses import dataclass
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from clinical_nb.conditions import (
    OMITTED,
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Known,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Scalar,
    Sign,
    Threshold,
    Variable,
    all_of,
    any_of,
    canonical_conditions,
    name_of,
    to_json,
)
from clinical_nb.errors import PlanError

__all__ = [
    "AllOf", "AnyOf", "AnyRow", "Cohort", "Compare", "Condition", "Correlate", "Count", "Describe", "Family",
    "FollowUp", "Hazard", "Known", "Missing", "Missingness", "NoRow", "NoneOf", "OneOf", "Pair", "Plan",
    "Proportion", "Regress", "Scalar", "Sign", "Statistic", "Survive", "TableOne", "Threshold", "Variable",
    "all_of", "any_of", "canonical_json", "columns_of", "name_of", "numbers_of", "plan_from_json", "to_json",
    "variables_of",
]  # fmt: skip

Statistic = Literal["mean", "sd", "median", "quartiles", "range", "distribution"]
Family = Literal["linear", "logistic", "poisson"]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Whom a plan is about: the rows of one table for which every condition holds.

    `joined` are the coarser tables that its rows belong to and whose columns the plan uses as if they were its own.
    """

    dataset: str
    table: str
    where: tuple[Condition, ...] = ()
    joined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "joined", tuple(sorted(set(self.joined))))
        object.__setattr__(self, "where", canonical_conditions(self.where, AllOf))


@dataclass(frozen=True, slots=True)
class Count:
    """How many, in all or in each group."""

    cohort: Cohort
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Proportion:
    """What share of those for whom the event is known have it, in all or in each group."""

    cohort: Cohort
    event: Condition
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Describe:
    """How a column is distributed, in all or in each group; `statistics` names what was asked for first."""

    cohort: Cohort
    column: str
    by: tuple[Variable, ...] = ()
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    """Whether an outcome differs between the independent groups of another variable."""

    cohort: Cohort
    outcome: Variable
    by: Variable


@dataclass(frozen=True, slots=True)
class Survive:
    """How long it takes until an event, in all or in each group; `at` are times, in the time column's own unit.

    Within `strata`, groups are compared only with those of the same stratum.
    """

    cohort: Cohort
    time: str
    event: Condition
    by: tuple[Variable, ...] = ()
    strata: tuple[Variable, ...] = ()
    at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(sorted({float(time) for time in self.at})))


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How long people were followed: until the end of observation, an event being what cut it short."""

    cohort: Cohort
    time: str
    event: Condition
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class TableOne:
    """Several columns described at once, in all and in each group, with tests of the groups where they are asked for.

    `columns` keep their order, which is that of the table's rows; `by` is empty or one variable.
    """

    cohort: Cohort
    columns: tuple[str, ...]
    by: tuple[Variable, ...] = ()
    tests: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(dict.fromkeys(self.columns)))
        if not self.columns or len(self.by) > 1:
            raise PlanError("A table of characteristics needs at least one column, and at most one variable of groups.")


@dataclass(frozen=True, slots=True)
class Correlate:
    """Whether two columns that are numbers or have an order rise and fall together."""

    cohort: Cohort
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Pair:
    """How far a value changed in the same persons, from what was told before to what was told after."""

    cohort: Cohort
    before: Variable
    after: Variable


@dataclass(frozen=True, slots=True)
class Missingness:
    """How many values of each column are missing, in all or in each group, and which are missing together."""

    cohort: Cohort
    columns: tuple[str, ...]
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Regress:
    """How an outcome depends on several terms at once: the first is asked about, adjusted for the others.

    `exposure` names the column of the time over which the events of a Poisson model were counted; empty where none.
    """

    cohort: Cohort
    outcome: Variable
    terms: tuple[Variable, ...]
    family: Family
    exposure: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(dict.fromkeys(self.terms)))


@dataclass(frozen=True, slots=True)
class Hazard:
    """How the hazard of an event depends on several terms at once: the first is asked about, adjusted for the others.

    Within `strata`, each has a hazard of its own.
    """

    cohort: Cohort
    time: str
    event: Condition
    terms: tuple[Variable, ...]
    strata: tuple[Variable, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(dict.fromkeys(self.terms)))


Plan = (
    Count
    | Proportion
    | Describe
    | Compare
    | Survive
    | FollowUp
    | TableOne
    | Correlate
    | Pair
    | Missingness
    | Regress
    | Hazard
)
KINDS: dict[str, type] = {kind.__name__.lower(): kind for kind in (*get_args(Condition), *get_args(Plan), Cohort)}


def columns_of(part: Variable | Plan) -> tuple[str, ...]:
    """Name the columns that a plan or a part of it reads, sorted and once each; `AnyRow` is one, by its name."""
    return tuple(sorted(set(_columns(part))))


def numbers_of(plan: Plan) -> frozenset[float]:
    """Return the numbers that the conditions of a plan hold: its thresholds, and codes that are numbers."""
    found: set[float] = set()

    def visit(value: Any) -> None:  # noqa: ANN401 - JSON values
        if isinstance(value, dict):
            visit(list(cast("dict[str, Any]", value).values()))
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                visit(item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.add(float(value))

    visit(to_json(plan))
    return frozenset(found)


def canonical_json(plan: Plan) -> str:
    """Return the one text that all plans of the same meaning share: sorted keys, no blanks, UTF-8."""
    return json.dumps(to_json(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plan_from_json(data: object) -> Plan:
    """Return the plan that `to_json` wrote.

    Raises
    ------
    PlanError
        When the JSON is not of a plan: an unknown kind, a missing or unknown field, a value of the wrong type.

    """
    return _read(data, Plan, "plan")


def variables_of(plan: Plan) -> tuple[Variable, ...]:  # noqa: C901 - one case a kind of plan
    """Return the columns and conditions of a plan, those of its cohort first."""
    match plan:
        case Count(cohort, by):
            parts = by
        case Proportion(cohort, event, by):
            parts = (event, *by)
        case Describe(cohort, column, by):
            parts = (column, *by)
        case Compare(cohort, outcome, by):
            parts = (outcome, by)
        case Survive(cohort, time, event, by, strata):
            parts = (time, event, *by, *strata)
        case FollowUp(cohort, time, event, by):
            parts = (time, event, *by)
        case Correlate(cohort, one, other) | Pair(cohort, one, other):
            parts = (one, other)
        case TableOne(cohort, columns, by) | Missingness(cohort, columns, by):
            parts = (*columns, *by)
        case Regress(cohort, outcome, terms, _, exposure):
            parts = (outcome, *terms, *((exposure,) if exposure else ()))
        case Hazard(cohort, time, event, terms, strata):
            parts = (time, event, *terms, *strata)
    return (*cohort.where, *parts)


def _columns(part: Variable | Plan) -> list[str]:
    match part:
        case str():
            return [part]
        case OneOf() | NoneOf() | Threshold() | Missing() | Known():
            return [part.column]
        case AnyRow():
            return [name_of(part)]
        case NoRow():
            return [name_of(part.contrary)]
        case AllOf() | AnyOf():
            return [column for condition in part.conditions for column in _columns(condition)]
        case _:
            return [column for each in variables_of(part) for column in _columns(each)]


def _read(data: Any, wanted: Any, place: str) -> Any:  # noqa: ANN401 - types are values here
    """Turn JSON values into a value of the wanted type, or say where they are of another."""
    if get_origin(wanted) is tuple:
        if not isinstance(data, list):
            raise PlanError(f"In the plan, '{place}' must be a list.")
        items = cast("list[Any]", data)
        return tuple(_read(item, get_args(wanted)[0], f"{place}[{number}]") for number, item in enumerate(items))
    if get_origin(wanted) is Literal:
        if data not in get_args(wanted):
            raise PlanError(f"In the plan, '{place}' must be one of {', '.join(map(str, get_args(wanted)))}.")
        return data
    members = get_args(wanted) if get_origin(wanted) in (types.UnionType, Union) else (wanted,)
    if isinstance(data, dict):
        entries = cast("dict[str, Any]", data)
        kind = KINDS.get(str(entries.get("kind")))
        if kind is None or kind not in members:
            raise PlanError(f"In the plan, '{place}' cannot be of kind '{entries.get('kind')}'.")
        hints = get_type_hints(kind)
        if {*entries, *(OMITTED & hints.keys())} != {"kind", *hints}:
            raise PlanError(f"In the plan, '{place}' must have exactly the fields {', '.join(hints)}.")
        return kind(
            **{name: _read(entries[name], hint, f"{place}.{name}") for name, hint in hints.items() if name in entries}
        )
    number = isinstance(data, int | float) and not isinstance(data, bool)
    if type(data) in members or (number and float in members):
        return data
    raise PlanError(f"In the plan, '{place}' has a value of the wrong type.")
