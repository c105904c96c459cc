"""What to compute, as plain values: no text, no SQL, no data.

A plan goes to JSON and back without loss. Two plans that mean the same have the same canonical JSON: the parts of a
conjunction are flat, sorted and said once, and whole numbers are integers whatever column they came from.
"""

import json
import math
import types
from dataclasses import dataclass, fields
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from clinical_nb.errors import PlanError

Scalar = str | int | float | bool
Sign = Literal["<", "<=", ">", ">="]
Statistic = Literal["mean", "sd", "median", "quartiles", "range", "distribution"]


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column is known and has one of these values."""

    column: str
    values: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _canonical_values(self.values))


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The column is known and has none of these values."""

    column: str
    values: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _canonical_values(self.values))


@dataclass(frozen=True, slots=True)
class Threshold:
    """The column is known and lies on this side of a number, in the column's own unit."""

    column: str
    sign: Sign
    value: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise PlanError(f"A threshold for '{self.column}' must be a number.")
        object.__setattr__(self, "value", _canonical_value(self.value))


@dataclass(frozen=True, slots=True)
class Missing:
    """The column is missing."""

    column: str


@dataclass(frozen=True, slots=True)
class Known:
    """The column is not missing."""

    column: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these conditions holds."""

    conditions: "tuple[Condition, ...]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", _canonical_conditions(self.conditions, AllOf))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these conditions holds."""

    conditions: "tuple[Condition, ...]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", _canonical_conditions(self.conditions, AnyOf))


@dataclass(frozen=True, slots=True)
class AnyRow:
    """At least one row of a finer table, of those that belong to this row, meets every one of these conditions."""

    table: str
    where: "tuple[Condition, ...]" = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", _canonical_conditions(self.where, AllOf))


@dataclass(frozen=True, slots=True)
class NoRow:
    """No row of a finer table, of those that belong to this row, meets every one of these conditions."""

    table: str
    where: "tuple[Condition, ...]" = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", _canonical_conditions(self.where, AllOf))

    @property
    def contrary(self) -> AnyRow:
        """That there is any, of which this is the contrary."""
        return AnyRow(self.table, self.where)


Condition = OneOf | NoneOf | Threshold | Missing | Known | AllOf | AnyOf | AnyRow | NoRow
# A column as it is, or the yes/no of a condition: unknown where a column that it needs is missing (Kleene's logic).
Variable = str | Condition


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
        object.__setattr__(self, "where", _canonical_conditions(self.where, AllOf))


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


Plan = Count | Proportion | Describe | Compare
OMITTED = frozenset({"joined"})  # where they are empty, so that plans of one table keep the JSON that they had
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


def name_of(variable: Variable) -> str:  # noqa: C901, PLR0911 - one return a kind of condition
    """Return the column's name, or a condition written shortly in the data's own codes ("status = 2")."""
    match variable:
        case str():
            return variable
        case OneOf(column, values):
            return f"{column} = {' or '.join(map(str, values))}"
        case NoneOf(column, values):
            return f"{column} not {' or '.join(map(str, values))}"
        case Threshold(column, sign, value):
            return f"{column} {sign} {value}"
        case Missing(column):
            return f"{column} missing"
        case Known(column):
            return f"{column} known"
        case AllOf(conditions):
            return " and ".join(map(name_of, conditions))
        case AnyOf(conditions):
            return f"({' or '.join(map(name_of, conditions))})"
        case NoRow():
            return f"no {name_of(variable.contrary).removeprefix('any ')}"
        case AnyRow(table, where):
            return f"any {table} with {' and '.join(map(name_of, where))}" if where else f"any {table}"


def to_json(value: Any) -> Any:  # noqa: ANN401 - JSON values
    """Return JSON values (dict, list, str, number) that `from_json` turns back into an equal value."""
    if isinstance(value, tuple):
        return [to_json(item) for item in cast("tuple[Any, ...]", value)]
    if isinstance(value, str | int | float) or value is None:
        return value
    parts = {
        field.name: to_json(part)
        for field in fields(value)
        if (part := getattr(value, field.name)) or field.name not in OMITTED
    }
    return {"kind": type(value).__name__.lower(), **parts}


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


def all_of(*conditions: Condition) -> Condition:
    """Return the conjunction, which for one condition is that condition."""
    return _joined(AllOf(conditions))


def any_of(*conditions: Condition) -> Condition:
    """Return the disjunction, which for one condition is that condition."""
    return _joined(AnyOf(conditions))


def _joined(several: AllOf | AnyOf) -> Condition:
    return several.conditions[0] if len(several.conditions) == 1 else several


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
        case Count(cohort, by):
            parts = by
        case Proportion(cohort, event, by):
            parts = (event, *by)
        case Describe(cohort, column, by):
            parts = (column, *by)
        case Compare(cohort, outcome, by):
            parts = (outcome, by)
    return [column for each in (*cohort.where, *parts) for column in _columns(each)]


def _canonical_value(value: Scalar) -> Scalar:
    """Write whole numbers as integers, so that 1 and 1.0 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _canonical_values(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    if not values:
        raise PlanError("A condition on values needs at least one value.")
    distinct = {(type(value).__name__, value): value for value in map(_canonical_value, values)}
    return tuple(distinct[key] for key in sorted(distinct, key=lambda key: (key[0], key[1])))


def _canonical_conditions(conditions: tuple[Condition, ...], joined: type[AllOf | AnyOf]) -> tuple[Condition, ...]:
    """Flatten what is nested in the same kind of junction, sort by JSON, and say each condition once."""
    flat = [
        inner
        for condition in conditions
        for inner in (condition.conditions if isinstance(condition, joined) else (condition,))
    ]
    return tuple(dict.fromkeys(sorted(flat, key=lambda condition: json.dumps(to_json(condition), sort_keys=True))))


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
