"""Several comparisons in one answer: p corrected for their number."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


def holm(values: Mapping[Name, float]) -> dict[Name, float]:
    """Return each p adjusted for all of them (Holm 1979); R's `p.adjust(p, "holm")`."""
    adjusted: dict[Name, float] = {}
    least = 0.0
    for place, name in enumerate(sorted(values, key=lambda each: values[each])):
        least = max(least, min(1.0, (len(values) - place) * values[name]))
        adjusted[name] = least
    return adjusted
