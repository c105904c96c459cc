"""Single values of one column: the highest, the lowest, a percentile, the mode, a standard error."""

from collections.abc import Iterator

from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.plan import Extremes, Measure, Measured, Plan

_MEASURES: dict[str, Measure] = {
    "mode": "mode",
    "variance": "variance",
    "standarderror": "standard_error",
    "geometricmean": "geometric_mean",
    "skewness": "skewness",
    "meaninterval": "interval",
    "withinterval": "interval",
}


def extremes(asked: Asked) -> Iterator[Plan]:
    """Yield so many of the highest or the lowest values of a column of numbers."""
    parts, number = asked.parts, asked.parts.number
    is_one_side = len(parts.asks) == 1 and asked.says_only("asks", "items", "number")
    if number is None or not is_one_side or len(parts.items) != 1 or parts.unit or not number.is_integer():
        return
    (column,) = parts.items
    if isinstance(column, str) and asked.is_number(column):
        yield Extremes(asked.cohort(), column, "highest" if "highest" in parts.asks else "lowest", int(number))


def measured(asked: Asked) -> Iterator[Plan]:
    """Yield measures of a column of numbers, in groups where they are said."""
    parts = asked.parts
    if not asked.says_only("asks", "items", "aims", "by", "contrast", "percentiles", "statistics"):
        return
    if not parts.asks <= {*_MEASURES} or parts.statistics not in ((), ("mean",)) or len(asked.pool) != 1:
        return
    if ("withinterval" in parts.asks) != bool(parts.statistics) or (parts.statistics and asked.groups):
        return
    (column,) = asked.pool
    measures: tuple[Measure, ...] = tuple(_MEASURES[name] for name in _MEASURES if name in parts.asks)
    if isinstance(column, str) and asked.is_number(column) and distinct(column, *asked.groups):
        yield Measured(asked.cohort(), column, measures, parts.percentiles, asked.groups)
