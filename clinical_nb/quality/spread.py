"""Where the numbers of a column lie, whatever a few of them are: their median, and which lie far from all others."""

import math
from collections.abc import Mapping, Sequence

_FAR = 8.0  # of the median, in robust standard deviations
_FAR_ON_LOG_SCALE = 4.5  # median deviations as SDs: skewed laboratory values lie far out honestly
_TO_SD = 1.4826  # of a normal distribution, for each of its median absolute deviation
_FEW_OUT = 5  # values: more are a second group, and no slips
_SHARE_OUT = 0.02  # of the rows, for the same reason


def far_out(numbers: Mapping[float, int], middle: Mapping[float, int], known: int) -> list[float]:
    """Return the few numbers that are far from the median on their own scale, and on the logarithmic one too.

    Parameters
    ----------
    numbers : mapping of float to int
        The numbers with their rows, in order.
    middle : mapping of float to int
        Those that tell where most are: all, or a sample.
    known : int
        The rows of the column that have a value.

    Returns
    -------
    list of float
        None where they are many, or where values lie everywhere up to them, as in a long tail.

    """
    center, spread = _center(middle)
    if not spread:
        return []
    out = [number for number in numbers if abs(number - center) > _FAR * spread]
    if out and min(numbers) > 0:
        log_center, log_spread = _center({math.log(number): rows for number, rows in middle.items()})
        out = [n for n in out if log_spread and abs(math.log(n) - log_center) > _FAR_ON_LOG_SCALE * log_spread]
    rows = sum(numbers[number] for number in out)
    if len(out) > _FEW_OUT or rows > max(3, _SHARE_OUT * known) or not _is_gap(numbers, out):
        return []
    return out


def median(numbers: Mapping[float, int]) -> float:
    """Return the median of values with their counts."""
    half, seen = sum(numbers.values()) / 2, 0
    for number in sorted(numbers):
        seen += numbers[number]
        if seen >= half:
            return number
    return math.nan


def _is_gap(numbers: Mapping[float, int], out: Sequence[float]) -> bool:
    """Tell whether outliers stand apart: a long tail has values everywhere up to them."""
    rest = [number for number in numbers if number not in out]
    spread = rest[-1] - rest[0]
    return all(min(abs(number - rest[0]), abs(number - rest[-1])) > spread for number in out)


def _center(numbers: Mapping[float, int]) -> tuple[float, float]:
    """Return the median of values with their counts, and their robust standard deviation (Hampel 1974)."""
    center = median(numbers)
    away: dict[float, int] = {}
    for number, rows in numbers.items():
        away[abs(number - center)] = away.get(abs(number - center), 0) + rows
    return center, _TO_SD * median(away)
