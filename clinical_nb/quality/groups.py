"""Groups that are called by their bounds (<12 and >=12 years), which are no values beyond a limit of detection."""

import re
from collections.abc import Iterable, Mapping

from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import total
from clinical_nb.quality.shapes import Shape

_FEW = 12  # groups of ages or doses, of which people make no more
_AGAIN = 3  # rows of each
_BOUND = re.compile(r"([<>≤≥])=?\s*(\d[\d.,]*)")
_BELOW = frozenset("<≤")


def are_groups(shapes: Mapping[Shape, Mapping[str, int]], counts: Counts) -> bool:
    """Tell whether a column's texts with < and > are the names of groups.

    They are where there is nothing else that is a number; where one number bounds what is below and what is above it,
    which no instrument does; and where a few values, in both directions, come again and again.
    """
    limits = shapes.get("limit", {})
    if not limits:
        return False
    measured = counts.numbers + sum(total(shapes.get(shape, {})) for shape in ("number", "comma", "marks", "unit"))
    below, above = _bounds(limits)
    if not measured or (below & above and measured <= total(limits)):
        return True
    distinct = sum(len(texts) for texts in shapes.values())
    return bool(below and above) and not counts.numbers and distinct <= _FEW and counts.known >= distinct * _AGAIN


def _bounds(limits: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the numbers below which something lies, and those above which something does."""
    found = [bound.groups() for text in limits if (bound := _BOUND.match(text))]
    below = frozenset(number for sign, number in found if sign in _BELOW)
    return below, frozenset(number for sign, number in found if sign not in _BELOW)
