"""The JSON Schema of plans: what a program that fills one in has to keep to."""

import types
from dataclasses import fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from clinical_nb.plan import KINDS, Plan
from clinical_nb.plans.conditions import omitted_of


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every plan's JSON satisfies."""
    definitions = {
        kind: {
            "type": "object",
            "description": (of.__doc__ or "").strip(),
            "properties": {"kind": {"const": kind}, **{n: _schema(t) for n, t in get_type_hints(of).items()}},
            "required": ["kind", *(field.name for field in fields(of) if field.name not in omitted_of(of))],
            "additionalProperties": False,
        }
        for kind, of in KINDS.items()
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_schema(Plan), "$defs": definitions}


def _schema(wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - types are values here
    if get_origin(wanted) is tuple:
        return {"type": "array", "items": _schema(get_args(wanted)[0])}
    if get_origin(wanted) is Literal:
        return {"enum": list(get_args(wanted))}
    if get_origin(wanted) in (types.UnionType, Union):
        return {"anyOf": [_schema(member) for member in get_args(wanted)]}
    if wanted in KINDS.values():
        return {"$ref": f"#/$defs/{wanted.__name__.lower()}"}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[wanted]}
