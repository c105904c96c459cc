"""Whom a plan is about: conditions on the columns of a row, as plain values that have one order and one JSON."""

import json
import math
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, cast

from clinical_nb.errors import PlanError

Scalar = str | int | float | bool
Sign = Literal["<", "<=", ">", ">="]
# Left out of the JSON where they are empty, so that plans from before there were such fields keep theirs.
OMITTED = frozenset(
    {
        "joined",
        "derived",
        "despite",
        "competing",
        "test",
        "effect",
        "pairwise",
        "better",
        "modifiers",
        "errors",
        "intervals",
        "against",
        "until",
        "told",
        "step",
        "order",
    }
)


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
    """The column is known and lies on this side of a number, in the column's own unit, or of a day (2021-06-01)."""

    column: str
    sign: Sign
    value: float | str

    def __post_init__(self) -> None:
        if isinstance(self.value, str):
            if not is_day(self.value):
                raise PlanError(f"A threshold for '{self.column}' must be a number, or a day such as 2021-06-01.")
        elif not math.isfinite(self.value):
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
        object.__setattr__(self, "conditions", canonical_conditions(self.conditions, AllOf))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these conditions holds."""

    conditions: "tuple[Condition, ...]"

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", canonical_conditions(self.conditions, AnyOf))


@dataclass(frozen=True, slots=True)
class AnyRow:
    """At least one row of a finer table, of those that belong to this row, meets every one of these conditions."""

    table: str
    where: "tuple[Condition, ...]" = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", canonical_conditions(self.where, AllOf))


@dataclass(frozen=True, slots=True)
class NoRow:
    """No row of a finer table, of those that belong to this row, meets every one of these conditions."""

    table: str
    where: "tuple[Condition, ...]" = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", canonical_conditions(self.where, AllOf))

    @property
    def contrary(self) -> AnyRow:
        """That there is any, of which this is the contrary."""
        return AnyRow(self.table, self.where)


Condition = OneOf | NoneOf | Threshold | Missing | Known | AllOf | AnyOf | AnyRow | NoRow
# A column as it is, or the yes/no of a condition: unknown where a column that it needs is missing (Kleene's logic).
Variable = str | Condition


def is_day(text: str) -> bool:
    """Tell whether a text is a day as ISO 8601 writes it, year first."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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


def omitted_of(kind: type) -> frozenset[str]:
    """Name the fields of a kind of value that its JSON may lack."""
    return frozenset(each.name for each in fields(kind) if each.name in OMITTED and each.default in ((), ""))


def all_of(*conditions: Condition) -> Condition:
    """Return the conjunction, which for one condition is that condition."""
    return _joined(AllOf(conditions))


def any_of(*conditions: Condition) -> Condition:
    """Return the disjunction, which for one condition is that condition."""
    return _joined(AnyOf(conditions))


def _joined(several: AllOf | AnyOf) -> Condition:
    return several.conditions[0] if len(several.conditions) == 1 else several


def _canonical_value(value: Scalar) -> Scalar:
    """Write whole numbers as integers, so that 1 and 1.0 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _canonical_values(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    if not values:
        raise PlanError("A condition on values needs at least one value.")
    distinct = {(type(value).__name__, value): value for value in map(_canonical_value, values)}
    return tuple(distinct[key] for key in sorted(distinct, key=lambda key: (key[0], key[1])))


def canonical_conditions(conditions: tuple[Condition, ...], joined: type[AllOf | AnyOf]) -> tuple[Condition, ...]:
    """Flatten what is nested in the same kind of junction, sort by JSON, and say each condition once."""
    flat = [
        inner
        for condition in conditions
        for inner in (condition.conditions if isinstance(condition, joined) else (condition,))
    ]
    return tuple(dict.fromkeys(sorted(flat, key=lambda condition: json.dumps(to_json(condition), sort_keys=True))))
