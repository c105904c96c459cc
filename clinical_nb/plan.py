"""What to compute, as plain values: no text, no SQL, no data.

A plan goes to JSON and back without loss. Two plans that mean the same have the same canonical JSON: the parts of a
conjunction are flat, sorted and said once, and whole numbers are integers whatever column they came from.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from clinical_nb.errors import PlanError
from clinical_nb.plans.comparisons import (
    Change,
    Correlate,
    Correlations,
    Margin,
    Mixed,
    NamedChange,
    NamedCorrelation,
    Pair,
    Repeated,
    Stratified,
    Visits,
)
from clinical_nb.plans.conditions import (
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
    name_of,
    omitted_of,
    to_json,
)
from clinical_nb.plans.derived import (
    DateOf,
    Derived,
    Difference,
    Elapsed,
    Merged,
    OfRows,
    PartOf,
    Unit,
    name_of_derived,
    sources_of,
    with_inner,
)
from clinical_nb.plans.frequencies import Bands, Rank, Records
from clinical_nb.plans.kinds import (
    Agree,
    Cohort,
    Compare,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    Extremes,
    Family,
    FollowUp,
    Guard,
    Hazard,
    Incidence,
    Measure,
    Measured,
    Missingness,
    NamedTest,
    Pairwise,
    Period,
    Proportion,
    Rate,
    Regress,
    Side,
    Statistic,
    Survive,
    TableOne,
    Trend,
)

__all__ = [
    "Agree", "AllOf", "AnyOf", "AnyRow", "Bands", "Change", "Cohort", "Compare", "Condition", "Correlate",
    "Correlations", "Count", "DateOf", "Derived", "Describe", "Diagnose", "Difference", "Discriminate", "Elapsed",
    "Extremes", "Family", "FollowUp", "Guard", "Hazard", "Incidence", "Known", "Margin", "Measure", "Measured",
    "Merged", "Missing", "Missingness", "Mixed", "NamedChange", "NamedCorrelation", "NamedTest", "NoRow", "NoneOf",
    "OfRows", "OneOf", "Pair", "Pairwise", "PartOf", "Period", "Plan", "Proportion", "Rank", "Rate", "Records",
    "Regress", "Repeated", "Scalar", "Side", "Sign", "Statistic", "Stratified", "Survive", "TableOne", "Threshold",
    "Trend", "Unit", "Variable", "Visits", "all_of", "any_of", "canonical_json", "columns_of", "condition_from_json",
    "name_of", "name_of_derived", "numbers_of", "parts_of", "plan_from_json", "sources_of", "to_json", "variables_of",
    "with_derived", "with_inner", "with_parts",
]  # fmt: skip

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
    | Rate
    | Diagnose
    | Discriminate
    | Agree
    | Incidence
    | Trend
    | Change
    | Stratified
    | Correlations
    | Margin
    | Visits
    | Repeated
    | Records
    | Rank
    | Bands
    | Mixed
    | Extremes
    | Measured
)
_HELD = (*get_args(Condition), *get_args(Plan), *get_args(Derived), Cohort)
KINDS: dict[str, type] = {kind.__name__.lower(): kind for kind in _HELD}


def columns_of(part: Variable | Plan) -> tuple[str, ...]:
    """Name the columns that a plan or a part of it reads, sorted and once each; `AnyRow` is one, by its name.

    So is a derived variable; of a plan, the columns that it is made of are named too.
    """
    return tuple(sorted(set(_columns(part))))


def numbers_of(data: object) -> frozenset[float]:
    """Return the numbers that the JSON of a plan holds: its thresholds, and codes that are numbers."""
    found: set[float] = set()

    def visit(value: Any) -> None:  # noqa: ANN401 - JSON values
        if isinstance(value, dict):
            visit(list(cast("dict[str, Any]", value).values()))
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                visit(item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.add(float(value))

    visit(data)
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


def condition_from_json(data: object) -> Condition:
    """Return the condition that `to_json` wrote.

    Raises
    ------
    PlanError
        When the JSON is not of a condition.

    """
    return _read(data, Condition, "condition")


def variables_of(plan: Plan) -> tuple[Variable, ...]:
    """Return the columns and conditions of a plan, those of its cohort first."""
    return (*plan.cohort.where, *(each for part in parts_of(plan).values() for each in part))


def parts_of(plan: Plan) -> dict[str, tuple[Variable, ...]]:
    """Return the columns and conditions that a plan asks about, by the field that holds them."""
    held = {name: getattr(plan, name) for name in _variable_fields(type(plan))}
    return {name: part if isinstance(part, tuple) else (part,) for name, part in held.items() if part}


def with_parts(plan: Plan, cohort: Cohort, parts: Mapping[str, tuple[Variable, ...]]) -> Plan:
    """Return a plan of the same kind about another cohort, with other columns and conditions in its fields."""
    held = {name: part if isinstance(getattr(plan, name), tuple) else part[0] for name, part in parts.items()}
    return replace(plan, cohort=cohort, **held)


def with_derived(plan: Plan, derived: tuple[Derived, ...]) -> Plan:
    """Return the plan with those of some derived variables that its fields name."""
    named = {column for variable in variables_of(plan) for column in _columns(variable)}
    used = tuple(how for how in derived if name_of_derived(how) in named)
    return replace(plan, cohort=replace(plan.cohort, derived=used))


@cache
def _variable_fields(kind: type[Plan]) -> tuple[str, ...]:
    """Name the fields of a kind of plan that hold columns or conditions, one or several."""
    allowed = {str, *get_args(Condition)}

    def holds(hint: Any) -> bool:  # noqa: ANN401 - types are values here
        one = get_args(hint)[0] if get_origin(hint) is tuple else hint
        return set(get_args(one) or (one,)) <= allowed

    return tuple(name for name, hint in get_type_hints(kind).items() if name != "cohort" and holds(hint))


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
            made = [column for each in part.cohort.derived for column in sources_of(each)]
            return [*made, *(column for each in variables_of(part) for column in _columns(each))]


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
        if {*entries, *omitted_of(kind)} != {"kind", *hints}:
            raise PlanError(f"In the plan, '{place}' must have exactly the fields {', '.join(hints)}.")
        return kind(
            **{name: _read(entries[name], hint, f"{place}.{name}") for name, hint in hints.items() if name in entries}
        )
    number = isinstance(data, int | float) and not isinstance(data, bool)
    if type(data) in members or (number and float in members):
        return data
    raise PlanError(f"In the plan, '{place}' has a value of the wrong type.")
