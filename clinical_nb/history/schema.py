"""The JSON Schema of the history's lines: what a program that reads them can rest on."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from clinical_nb.history.events import NAMES, SCHEMA

_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PLAN = {"type": "string", "contentMediaType": "application/json"}  # the text of its JSON: the lines hold no float
_SIMPLE = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def history_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every line of a history satisfies, of the schema that is written now."""
    definitions = {
        name: {
            "type": "object",
            "description": (kind.__doc__ or "").strip(),
            "properties": {
                "schema": {"const": SCHEMA},
                "event": {"const": name},
                "at": {"type": "string", "format": "date-time"},
                "number": {"type": "integer", "minimum": 1},
                "hash": _HASH,
                **{field: _PLAN if field == "plan" else _of(hint) for field, hint in get_type_hints(kind).items()},
            },
            "required": ["schema", "event", "at", "number", "hash", *get_type_hints(kind)],
            "additionalProperties": False,
        }
        for kind, name in NAMES.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of the history of clinical_nb",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions],
        "$defs": definitions,
    }


def _of(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - types are values here
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (UnionType, Union):
        return {"anyOf": [_of(member) for member in inside]}
    if origin is list:
        return {"type": "array", "items": _of(inside[0])}
    if origin is not None:  # a mapping by text
        return {"type": "object", "additionalProperties": _of(inside[1])}
    return {"type": _SIMPLE[hint]}
