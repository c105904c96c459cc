"""Whether values are clearly skewed or only rank, so that ranks say more of them than means: METHODS.md's rule."""

import math
from collections.abc import Sequence

import numpy as np

from clinical_nb.analysis.distribution import Distribution, skewness_of
from clinical_nb.result import Note

_SKEWED = 1.0  # METHODS: clearly skewed above this, either way
_RANGE = 1.96  # SDs either side of the mean: the 95 % range
_FEW_LEVELS = 10


def find_skew(groups: Sequence[Distribution], of: str = "", *, signed: bool = True) -> Note | None:
    """Return why the values are clearly skewed; None where they are not.

    Parameters
    ----------
    groups
        The values of each group, whose differences are not taken for skewness.
    of
        Whose values they are, where that is not clear; no groups are spoken of then.
    signed
        Whether values of one sign only cannot have the other, as measurements cannot and differences can.

    """
    skewness = skewness_of(groups)
    if skewness is None:
        return None
    if abs(skewness) > _SKEWED:
        text = f"{_values(of)} are clearly skewed (skewness {{skewness}}{_within(of)}, beyond 1)"
        return Note("test", text, _facts(of, skewness))
    known = [group for group in groups if group.n]
    rows = sum(group.n for group in known)
    mean = math.fsum(group.mean * group.n for group in known if group.mean is not None) / rows
    reach = _RANGE * math.sqrt(math.fsum(group.moments[0] for group in known) / max(rows - len(known), 1))
    lowest, highest = min(group.values[0] for group in known), max(group.values[-1] for group in known)
    if signed and ((lowest >= 0 and mean - reach < 0) or (highest <= 0 and mean + reach > 0)):
        text = "are clearly skewed (mean and SD would put many of them on a side of 0 that has none)"
        return Note("test", f"{_values(of)} {text}", _facts(of))
    return None


def measure_skew(groups: Sequence[Distribution], of: str = "") -> Note | None:
    """Return that the values are not clearly skewed, with the figure; None where nothing varies."""
    skewness = skewness_of(groups)
    if skewness is None:
        return None
    text = f"{_values(of)} are not clearly skewed (skewness {{skewness}}{_within(of)})"
    return Note("test", text, _facts(of, skewness))


def has_few_integers(groups: Sequence[Distribution]) -> bool:
    """Say whether all values are of at most 10 whole numbers."""
    if any(len(group.values) > _FEW_LEVELS for group in groups):
        return False
    values = np.unique(np.concatenate([group.values for group in groups]))
    return len(values) <= _FEW_LEVELS and bool((values == np.trunc(values)).all())


def _values(of: str) -> str:
    return "the values of {variable}" if of else "the values"


def _within(of: str) -> str:
    return "" if of else " within the groups"


def _facts(of: str, skewness: float | None = None) -> dict[str, float | int | str]:
    facts: dict[str, float | int | str] = {"variable": of} if of else {}
    return facts if skewness is None else {**facts, "skewness": skewness}
