"""What follows from a limit ("<5", ">100") for a condition: it holds, it does not, or the limit leaves it open."""

import re
from dataclasses import dataclass

from clinical_nb.dictionary.meaning import Column
from clinical_nb.dictionary.steps import Censor
from clinical_nb.plan import Sign

_BOUND = re.compile(r"\s*(<=|>=|[<>≤≥])\s*([-+]?\d+(?:\.\d+)?)\s*")
_MIRRORED: dict[Sign, Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Bound:
    """That a value lies on this side of a number."""

    sign: Sign
    number: float


def read_bound(text: str, column: Column) -> Bound | None:
    """Return the limit that a text writes with its column's decimal mark; None where it is not one plain number."""
    decimals = {step.decimal for step in column.clean if isinstance(step, Censor)}
    if decimals == {","}:
        text = text.replace(".", "?").replace(",", ".")
    found = _BOUND.fullmatch(text)
    if found is None:
        return None
    signs: dict[str, Sign] = {"<": "<", "≤": "<=", "<=": "<=", ">": ">", "≥": ">=", ">=": ">="}
    return Bound(signs[found.group(1)], float(found.group(2)))


def meets_threshold(bound: Bound | None, sign: Sign, value: float) -> bool | None:
    """Tell whether what lies beyond a bound lies on a side of a number; None where the bound leaves it open."""
    if bound is None:
        return None
    if bound.sign in (">", ">="):
        return meets_threshold(Bound(_MIRRORED[bound.sign], -bound.number), _MIRRORED[sign], -value)
    if sign in (">", ">="):
        return False if meets_threshold(bound, "<=" if sign == ">" else "<", value) else None
    touches = bound.number == value and (sign == "<=" or bound.sign == "<")
    return True if bound.number < value or touches else None


def can_equal(bound: Bound | None, value: float) -> bool:
    """Tell whether what lies beyond a bound can be this number."""
    side: Sign = "<" if bound is None or bound.sign in ("<", "<=") else ">"
    return not meets_threshold(bound, side, value)
