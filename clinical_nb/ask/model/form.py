"""The form that a language model fills in: the JSON Schema of plans, short, over the columns that it is told of.

A plan in the form says no table and no dataset, names columns and levels as the model was told them, and the numbers of
the question by their tokens: nothing that was not told or typed can be written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from clinical_nb.dictionary.meaning import Code
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Plan, Records, Sign, plan_from_json, to_json

NO_KIND = "none"  # what a model answers where none of the kinds is meant
_KINDS: dict[str, type[Plan]] = {
    kind.__name__.lower(): kind
    for kind in get_args(Plan)
    if kind is not Records  # whose rows are of a finer table: the form has columns alone
}
_MOST_VALUES = 4  # a small model that cannot end a list fills it


@dataclass(frozen=True, slots=True)
class ToldColumn:
    """A column as a model is told of it: what it is called there and here, what it means, and its shared levels."""

    called: str
    name: str
    kind: str
    label: str
    unit: str
    levels: Mapping[str, Code]


def form_of(columns: Sequence[ToldColumn], numbers: Mapping[str, float]) -> dict[str, Any]:
    """Return the JSON Schema of what a model may answer."""
    kinds = [_kind_form(name, numbers) for name in kinds_of(numbers)]
    refused = {"type": "object", "properties": {"kind": {"const": NO_KIND}}, "required": ["kind"]}
    return {
        "type": "object",
        "properties": {"plan": {"anyOf": [*kinds, {**refused, "additionalProperties": False}]}},
        "required": ["plan"],
        "additionalProperties": False,
        "$defs": {
            "column": {"enum": [column.called for column in columns]},
            "condition": {"anyOf": _conditions(columns, numbers)},
            "variable": {"anyOf": [{"$ref": "#/$defs/column"}, {"$ref": "#/$defs/condition"}]},
            **({"number": {"enum": list(numbers)}} if numbers else {}),
        },
    }


def kinds_of(numbers: Mapping[str, float]) -> dict[str, str]:
    """Return the kinds of plan by name, each in a sentence; those that need a number only where one was typed."""
    return {
        name: " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        for name, kind in _KINDS.items()
        if numbers or not any(_is_number(hint) and _is_required(of) for of, hint in _fields(kind))
    }


def read_form(
    answer: object, columns: Sequence[ToldColumn], numbers: Mapping[str, float], dataset: str, table: str
) -> Plan | None:
    """Return the plan that a model filled in, by the columns' own names and codes; None where it says none is meant.

    Raises
    ------
    PlanError
        When it names what was not told or typed, or is no such form.

    """
    filled = cast("dict[str, Any]", answer).get("plan") if isinstance(answer, dict) else None
    if not isinstance(filled, dict):
        raise PlanError("The answer is no plan.")
    parts = cast("dict[str, Any]", filled)
    name = parts.pop("kind", None)
    if name == NO_KIND:
        return None
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise PlanError("The answer is of no kind of plan.")
    filling = _Filling({column.called: column for column in columns}, numbers)
    where = tuple(filling.condition(each) for each in _list_of(parts.pop("where", [])))
    cohort = {"kind": "cohort", "dataset": dataset, "table": table, "where": list(where)}
    hints = {of.name: (of, hint) for of, hint in _fields(kind)}
    if not parts.keys() <= hints.keys():
        raise PlanError("The answer has fields that its kind of plan has not.")
    whole: dict[str, Any] = {"kind": name, "cohort": cohort}
    for part, (of, hint) in hints.items():
        if part in parts:
            whole[part] = filling.value(parts[part], hint)
            if _is_required(of) and whole[part] == []:
                raise PlanError(f"The answer has nothing in '{part}'.")
        elif _is_required(of):
            raise PlanError(f"The answer lacks '{part}'.")
        else:
            whole[part] = to_json(of.default)
    return plan_from_json(whole)


def _kind_form(name: str, numbers: Mapping[str, float]) -> dict[str, Any]:
    kind = _KINDS[name]
    parts = {
        of.name: _field_form(hint) | ({"minItems": 1} if _is_required(of) and get_origin(hint) is tuple else {})
        for of, hint in _fields(kind)
        if numbers or not _is_number(hint)
    }
    required = [of.name for of, _ in _fields(kind) if _is_required(of)]
    where = {"type": "array", "items": {"$ref": "#/$defs/condition"}, "maxItems": 3}
    return {
        "type": "object",
        "properties": {"kind": {"const": name}, **parts, "where": where},
        "required": ["kind", *required, "where"],
        "additionalProperties": False,
    }


def _field_form(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - types are values here
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _field_form(get_args(hint)[0]), "maxItems": 8}  # a Table 1 has some columns
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if hint is bool:
        return {"type": "boolean"}
    if _is_number(hint):
        return {"$ref": "#/$defs/number"}
    if hint is str:
        return {"$ref": "#/$defs/column"}
    return {"$ref": "#/$defs/variable" if str in get_args(hint) else "#/$defs/condition"}


def _conditions(columns: Sequence[ToldColumn], numbers: Mapping[str, float]) -> list[dict[str, Any]]:
    found = [
        {
            "kind": {"enum": ["oneof", "noneof"]},
            "column": {"const": column.called},
            "values": {
                "type": "array",
                "items": {"enum": list(column.levels)},
                "minItems": 1,
                "maxItems": _MOST_VALUES,
            },
        }
        for column in columns
        if column.levels
    ]
    column = {"$ref": "#/$defs/column"}
    if numbers:
        sign = {"enum": list(get_args(Sign))}
        found.append({"kind": {"const": "threshold"}, "column": column, "sign": sign, "value": {"enum": list(numbers)}})
    found.append({"kind": {"enum": ["missing", "known"]}, "column": column})
    return [
        {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}
        for parts in found
    ]


def _fields(kind: type[Plan]) -> list[tuple[Field[Any], Any]]:
    """Return the fields of a kind of plan with their types, without its cohort."""
    hints = get_type_hints(kind)
    return [(of, hints[of.name]) for of in fields(kind) if hints[of.name] is not Cohort]


def _is_required(of: Field[Any]) -> bool:
    return of.default is MISSING


def _is_number(hint: Any) -> bool:  # noqa: ANN401 - types are values here
    one = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return one in (int, float)


def _list_of(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise PlanError("The answer has no list where one must be.")
    return cast("list[Any]", value)


@dataclass(frozen=True, slots=True)
class _Filling:
    """What a model wrote, by the columns' own names, their codes, and the numbers that were typed."""

    columns: Mapping[str, ToldColumn]
    numbers: Mapping[str, float]

    def value(self, said: object, hint: Any) -> object:  # noqa: ANN401 - types are values here
        if get_origin(hint) is tuple:
            return [self.value(each, get_args(hint)[0]) for each in _list_of(said)]
        if get_origin(hint) is Literal or hint is bool:
            return said
        if _is_number(hint):
            number = self._number(said)
            return int(number) if hint is int and number.is_integer() else number
        return self._column(said).name if hint is str or isinstance(said, str) else self.condition(said)

    def condition(self, said: object) -> dict[str, Any]:
        parts = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        column = self._column(parts.get("column"))
        match parts:
            case {"kind": "oneof" | "noneof" as kind, "values": values}:
                return {
                    "kind": kind,
                    "column": column.name,
                    "values": [_level(column, each) for each in _list_of(values)],
                }
            case {"kind": "threshold", "sign": sign, "value": value}:
                return {"kind": "threshold", "column": column.name, "sign": sign, "value": self._number(value)}
            case {"kind": "missing" | "known" as kind}:
                return {"kind": kind, "column": column.name}
            case _:
                raise PlanError("The answer has a condition that is none.")

    def _column(self, said: object) -> ToldColumn:
        if not isinstance(said, str) or said not in self.columns:
            raise PlanError("The answer names a column that it was not told of.")
        return self.columns[said]

    def _number(self, said: object) -> float:
        """Return a number that was typed, by its token."""
        if isinstance(said, str) and said in self.numbers:
            return self.numbers[said]
        raise PlanError("The answer has a number that was not typed.")


def _level(column: ToldColumn, said: object) -> Code:
    if not isinstance(said, str) or said not in column.levels:
        raise PlanError("The answer names a level that it was not told of.")
    return column.levels[said]
