"""One numeric column as distinct values with their rows: sums, moments, quantiles. Arithmetic only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_DIGIT = 18  # bits: a sum of 18-bit digits over up to 2**35 rows stays below 2**53, where floats are exact
_DIGITS = 3  # three of them hold a float's 53 bits
_HALF = 31  # bits


@dataclass(frozen=True)
class Distribution:
    """The distinct known values in increasing order, the rows with each, and the rows where it is missing.

    Not slotted, because what is computed from it is kept.
    """

    values: Floats
    counts: Counts
    missing: int = 0

    @cached_property
    def n(self) -> int:
        """Rows with a known value."""
        return int(self.counts.sum())

    @cached_property
    def mean(self) -> float | None:
        """The mean, correctly rounded; None without rows."""
        return exact_sum(self.values, self.counts) / self.n if self.n else None

    @cached_property
    def moments(self) -> tuple[float, float]:
        """The sums of the squared and of the cubed deviations from the mean."""
        deviations = self.values - (self.mean or 0.0)
        squares = deviations * deviations * self.counts
        # Sorted values and one thread make these plain (pairwise) sums the same bits on every run.
        return float(squares.sum()), float((squares * deviations).sum())

    @property
    def variance(self) -> float | None:
        """The variance with n - 1; None with fewer than 2 rows."""
        return self.moments[0] / (self.n - 1) if self.n > 1 else None

    @property
    def sd(self) -> float | None:
        """The standard deviation with n - 1; None with fewer than 2 rows."""
        return None if self.variance is None else math.sqrt(self.variance)

    @property
    def skewness(self) -> float | None:
        """The moment coefficient of skewness, m3 / m2**1.5; None where nothing varies."""
        return skewness_of([self])

    @cached_property
    def cumulative(self) -> Counts:
        """Rows up to and with each value."""
        return np.cumsum(self.counts)

    def quantile(self, quarter: int) -> float | None:
        """Return the first, second or third quartile (type 7 of Hyndman & Fan 1996, R's default); None without rows."""
        if not self.n:
            return None
        place, rest = divmod((self.n - 1) * quarter, 4)
        low, high = (self._value_at(place), self._value_at(min(place + 1, self.n - 1)))
        return low if low == high else low + (high - low) * rest / 4

    def percentile(self, percent: float) -> float | None:
        """Return the value below which so many per cent lie, of type 7 too; None without rows."""
        if not self.n:
            return None
        place, rest = divmod((self.n - 1) * Fraction(percent), 100)
        low, high = (self._value_at(int(place)), self._value_at(min(int(place) + 1, self.n - 1)))
        return low if low == high else low + (high - low) * float(rest / 100)

    def _value_at(self, place: int) -> float:
        """Return the value of the row at this place in increasing order, counted from 0."""
        return float(self.values[np.searchsorted(self.cumulative, place, side="right")])


def distribution_from(values: NDArray[Any], counts: NDArray[Any]) -> Distribution:
    """Return the distribution of values that are distinct but for NaN, which is missing, in any order."""
    known = ~np.isnan(values)
    if not known.all():
        missing = int(counts[~known].sum())
        return Distribution(*_sorted(values[known], counts[known]), missing)
    return Distribution(*_sorted(values, counts))


def has_negative_zero(values: Floats) -> bool:
    """Tell whether any value is -0, which is told apart from 0 by its sign alone."""
    return bool(np.signbit(values[values == 0]).any())


def exact_sum(values: Floats, counts: Counts) -> float:
    """Return the correctly rounded sum of `values * counts`, whatever their order.

    Each float is an integer times a power of two. The integers are added in 18-bit digits, one total for each power
    and digit, without any rounding; Python's integers then join the totals.

    Parameters
    ----------
    values
        Finite numbers.
    counts
        How often each is added; up to 2**35 in all.

    """
    if not len(values):
        return 0.0
    fractions, exponents = np.frexp(values)
    weights = counts.astype(np.float64)
    # Of sorted values, neighbours share their power of two: a few long runs, each added at once.
    runs = np.flatnonzero(np.concatenate([[True], exponents[1:] != exponents[:-1]]))
    lowest = int(exponents.min())
    places = (exponents[runs] - lowest).tolist()
    total = 0
    for digit in range(1, _DIGITS + 1):
        fractions *= 2.0**_DIGIT
        whole = np.trunc(fractions)
        fractions -= whole
        for place, added in zip(places, np.add.reduceat(whole * weights, runs).tolist(), strict=True):
            total += int(added) << (place + _DIGIT * (_DIGITS - digit))
    shift = lowest - _DIGIT * _DIGITS
    return float(total << shift) if shift >= 0 else total / (1 << -shift)


def power_sums(sizes: Counts) -> tuple[int, int]:
    """Return the exact sums of the squares and of the cubes of how many rows are tied.

    Parameters
    ----------
    sizes
        Numbers of rows; up to 2**31 in all, so that no sum of 64 bits is too large.

    """
    squares = sizes * sizes
    # A cube of some millions does not fit 64 bits: the squares are multiplied in two parts.
    high, low = squares >> _HALF, squares & ((1 << _HALF) - 1)
    return int(squares.sum()), (int((sizes * high).sum()) << _HALF) + int((sizes * low).sum())


def skewness_of(groups: Sequence[Distribution]) -> float | None:
    """Return the moment coefficient of skewness of the deviations from each group's own mean; None if nothing varies.

    Within the groups, so that a difference between them is not taken for skewness.
    """
    rows = sum(group.n for group in groups)
    squares = math.fsum(group.moments[0] for group in groups)
    cubes = math.fsum(group.moments[1] for group in groups)
    spread = math.sqrt(squares / rows) if rows else 0.0
    scale = max((float(np.abs(group.values[[0, -1]]).max()) for group in groups if group.n), default=0.0)
    return cubes / rows / spread**3 if spread > scale * 1e-14 else None


def pool(groups: Sequence[Distribution]) -> Distribution:
    """Return the distribution of all groups together."""
    values, owners = np.unique(np.concatenate([group.values for group in groups]), return_inverse=True)
    counts = np.bincount(owners, np.concatenate([group.counts for group in groups]), len(values))
    return Distribution(values, counts.astype(np.int64), sum(group.missing for group in groups))


def _sorted(values: Floats, counts: Counts) -> tuple[Floats, Counts]:
    """Sort distinct values. Most values of a fine measurement occur once, and a plain sort is five times an argsort."""
    ordered = np.sort(values)
    repeated = counts > 1
    sorted_counts = np.ones(len(values), np.int64)
    sorted_counts[np.searchsorted(ordered, values[repeated])] = counts[repeated]
    return ordered, sorted_counts
