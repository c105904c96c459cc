"""What a file itself says of a column: its label, its unit, the words of its codes, why values are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from clinical_nb.dictionary.meaning import Kind, Level, Limit, MissingCode


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of one column; empty where it says nothing.

    `levels` are the words of its codes, in the file's order. `missing` are codes that stand for missing and are still
    among the values, or, with the value None, the reasons of empty cells. `reasons` is the column beside it that says
    of each empty cell why, `limit` which values lie beyond one.
    """

    label: str = ""
    unit: str = ""
    levels: tuple[Level, ...] = ()
    missing: tuple[MissingCode, ...] = ()
    reasons: str = ""
    limit: Limit | None = None
    kind: Kind | None = None


Saying = Mapping[str, Said]  # by column

_SAYING: TypeAdapter[dict[str, Said]] = TypeAdapter(dict[str, Said])


def said_to_json(said: Saying) -> dict[str, Any]:
    """Return JSON values from which `said_from_json` makes what a file says of its columns."""
    return _SAYING.dump_python(dict(said), mode="json", exclude_defaults=True)


def said_from_json(data: Mapping[str, Any]) -> dict[str, Said]:
    """Return what a file says of its columns, as `said_to_json` wrote it."""
    return _SAYING.validate_python(data)
