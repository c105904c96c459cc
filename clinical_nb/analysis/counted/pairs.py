"""Two numeric columns as distinct pairs of values with their rows, counted in the scan; also in bins for a figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import narwhals as nw
import numpy as np

from clinical_nb.analysis.counts import LARGEST, Scan, collect, counted_values, decide
from clinical_nb.analysis.distribution import Counts, Distribution, Floats
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Condition
from clinical_nb.result import Note

MOST_BINS = 20  # of each column in a figure
DENSE = 8  # cells a pair, up to which a table of all pairs of values is counted
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Order:
    """One column's distinct values in order, each pair's place among them, and how many rows share each."""

    values: Floats
    places: Counts
    tied: Counts

    @property
    def has_ties(self) -> bool:
        """Whether any two rows have the same value."""
        return int(self.tied.max()) > 1

    @property
    def doubled_ranks(self) -> Floats:
        """Twice each pair's middle rank less the mean rank: whole numbers, exact as floats."""
        return (2 * np.cumsum(self.tied) - self.tied - int(self.tied.sum())).astype(np.float64)[self.places]


@dataclass(frozen=True)
class Pairs:
    """The distinct pairs of known values, in order, and the rows with each; rows where a value is missing.

    Not slotted, because what is computed from it is kept.
    """

    one: Floats
    other: Floats
    counts: Counts
    only_one: int = 0
    only_other: int = 0
    neither: int = 0

    @cached_property
    def orders(self) -> tuple[Order, Order]:
        """The order of each column's values."""
        one, other = (_order(values, self.counts) for values in (self.one, self.other))
        return one, other

    @property
    def margins(self) -> tuple[Distribution, Distribution]:
        """The distribution of each column among the rows with both, and how often it is missing."""
        one, other = self.orders
        return (
            Distribution(one.values, one.tied, self.only_other + self.neither),
            Distribution(other.values, other.tied, self.only_one + self.neither),
        )

    @property
    def n(self) -> int:
        """Rows with both values."""
        return int(self.counts.sum())

    @property
    def rows(self) -> int:
        """All rows."""
        return self.n + self.only_one + self.only_other + self.neither


def count_pairs(scan: Scan, one: str, other: str, where: Sequence[Condition] = ()) -> Pairs:
    """Count the rows of each distinct pair of two numeric columns' values.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or does not hold numbers, or a value is larger than LARGEST.

    """
    rows = scan.rows.filter(decide(scan, AllOf(tuple(where)))) if where else scan.rows
    values = [counted_values(scan, column) for column in (one, other)]
    for column in (one, other):
        if not scan.schema[column].is_numeric():
            raise PlanError(f"'{column}' does not hold numbers.")
    floats = [value.cast(nw.Float64).alias(name) for value, name in zip(values, ("one", "other"), strict=True)]
    rows = rows.select(*floats)
    counted = collect(rows.group_by("one", "other").agg(nw.len().alias("number")))
    x, y = (counted[name].to_numpy().astype(np.float64) for name in ("one", "other"))
    n = counted["number"].to_numpy().astype(np.int64)
    has_x, has_y = ~np.isnan(x), ~np.isnan(y)
    for column, found in ((one, x[has_x]), (other, y[has_y])):
        if len(found) and np.abs(found).max() > LARGEST:
            raise PlanError(f"'{column}' holds infinite values.", "Declare them as missing, or leave them out.")
    both = has_x & has_y
    missing = [int(n[each].sum()) for each in (has_x & ~has_y, ~has_x & has_y, ~has_x & ~has_y)]
    return Pairs(*_in_order(x[both], y[both], n[both]), *missing)


def _in_order(x: Floats, y: Floats, n: Counts) -> tuple[Floats, Floats, Counts]:
    """Return pairs of values in order of the first and then of the second; those that differ by -0 alone are one."""
    (first, row), (second, column) = (_placed(each + 0.0) for each in (x, y))
    key, cells = row * len(second) + column, len(first) * len(second)
    if cells <= DENSE * len(n):
        table = np.bincount(key, n, cells)
        key = np.flatnonzero(table)
        n = table[key].astype(np.int64)
    else:
        key, place = np.unique(key, return_inverse=True)
        n = np.bincount(place, n, len(key)).astype(np.int64)
    rows, columns = np.divmod(key, max(len(second), 1))
    return first[rows], second[columns], n


def _placed(values: Floats) -> tuple[Floats, Counts]:
    """Return the distinct values in order, and the place of each value among them."""
    if (values[1:] >= values[:-1]).all():  # as the first column of pairs in order is
        begins = np.append(True, values[1:] != values[:-1])[: len(values)]
        return values[begins], np.cumsum(begins) - 1
    return np.unique(values, return_inverse=True)


def check_units(scan: Scan, one: str, other: str) -> list[Note]:
    """Refuse to subtract columns in other units; say where it is not known that the unit is the same.

    Raises
    ------
    PlanError
        When they are known to be in different units.

    """
    units = [scan.columns[name].unit for name in (one, other)]
    if all(units) and units[0].casefold() != units[1].casefold():
        raise PlanError(
            f"'{one}' is in {units[0]} and '{other}' in {units[1]}: their difference has no meaning.",
            "Convert one of them first.",
        )
    if all(units):
        return []
    text = "The unit is not known of both {before} and {after}: they are taken to be in the same."
    return [Note("assumption", text, {"before": one, "after": other})]


def margin(values: Floats, counts: Counts) -> Distribution:
    """Return the distribution of values that may repeat."""
    order = _order(values, counts)
    return Distribution(order.values, order.tied)


def _order(values: Floats, counts: Counts) -> Order:
    distinct, places = _placed(values)
    return Order(distinct, places.astype(np.int64), np.bincount(places, counts, len(distinct)).astype(np.int64))


def bin_pairs(pairs: Pairs) -> tuple[Floats, Floats, Counts]:
    """Return the edges of equal bins of each column, at most 20 of each, and the rows in each pair of bins."""
    edges = [edges_of(values) for values in (pairs.one, pairs.other)]
    places = [
        np.clip(np.searchsorted(edge, values, side="right") - 1, 0, len(edge) - 2)
        for edge, values in zip(edges, (pairs.one, pairs.other), strict=True)
    ]
    width, height = (len(edge) - 1 for edge in edges)
    cells = np.bincount(places[0] * height + places[1], pairs.counts, width * height)
    return edges[0], edges[1], cells.astype(np.int64).reshape(width, height)


def edges_of(values: Floats) -> Floats:
    """Return the edges of at most 20 equal bins at round numbers, each bin without its upper edge."""
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.trunc(values)).all())
    if low == high or (whole and high - low < MOST_BINS):  # a bin around each whole number
        return np.arange(low - 0.5, high + 1.0)
    power = 10.0 ** math.floor(math.log10((high - low) / MOST_BINS))
    for step in (each * scale * power for scale in (1.0, 10.0) for each in _STEPS):
        first, last = math.floor(low / step), math.floor(high / step) + 1
        if last - first <= MOST_BINS and (step >= 1 or not whole):
            decimals = max(0, 1 - math.floor(math.log10(step)))
            return np.array([round(place * step, decimals) for place in range(first, last + 1)])
    return np.array([low, high])
