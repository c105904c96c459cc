"""What is computed from distinct values and counts is what numpy and scipy compute from the rows."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.distribution import distribution_from, exact_sum, power_sums, skewness_of

MEASURED = st.integers(-1000, 1000).map(lambda value: value / 8)
ROWS = st.lists(MEASURED, min_size=2, max_size=80)


def from_rows(rows):
    values, counts = np.unique(np.array(rows, dtype=float), return_counts=True)
    return distribution_from(values[::-1], counts[::-1])


@given(ROWS)
def test_counts_give_what_numpy_gives_from_rows(rows):
    found = from_rows(rows)

    assert found.n == len(rows)
    assert found.mean == math.fsum(rows) / len(rows)
    assert found.variance == pytest.approx(np.var(rows, ddof=1), rel=1e-12)
    assert [found.quantile(quarter) for quarter in (1, 2, 3)] == pytest.approx(np.quantile(rows, [0.25, 0.5, 0.75]))


@given(ROWS.filter(lambda rows: len(set(rows)) > 1))
def test_skewness_is_scipys(rows):
    assert from_rows(rows).skewness == pytest.approx(stats.skew(rows), rel=1e-9, abs=1e-12)


def test_skewness_of_a_constant_is_unknown():
    assert from_rows([0.1] * 7).skewness is None


def test_skewness_within_groups_is_not_of_the_difference_between_them():
    low, high = from_rows([1, 2, 3] * 9), from_rows([1001, 1002, 1003])

    assert skewness_of([low, high]) == pytest.approx(0, abs=1e-12)


@given(st.lists(st.tuples(st.floats(-1e100, 1e100), st.integers(1, 10**6)), max_size=50))
def test_a_sum_is_correctly_rounded(cells):
    values = np.array([value for value, _ in cells], dtype=float)
    counts = np.array([count for _, count in cells], dtype=np.int64)

    exact = sum((Fraction(value) * count for value, count in cells), Fraction(0))

    assert exact_sum(values, counts) == float(exact)


def test_a_sum_keeps_what_floats_would_lose():
    assert exact_sum(np.array([1e100, 1.0, -1e100]), np.array([1, 3, 1])) == 3.0


def test_nan_is_missing_and_order_does_not_matter():
    found = distribution_from(np.array([3.0, np.nan, 1.0]), np.array([2, 4, 1]))

    assert (found.values.tolist(), found.counts.tolist(), found.missing) == ([1, 3], [1, 2], 4)


def test_nothing_has_no_statistics():
    found = distribution_from(np.empty(0), np.empty(0, dtype=np.int64))

    assert (found.n, found.mean, found.sd, found.quantile(2), found.skewness) == (0, None, None, None, None)


@given(st.lists(st.integers(1, 2**31 // 40), min_size=1, max_size=40))
def test_sums_of_squares_and_cubes_are_those_of_integers_without_end(sizes):
    found = power_sums(np.array(sizes, dtype=np.int64))

    assert found == (sum(size**2 for size in sizes), sum(size**3 for size in sizes))


def test_cubes_do_not_overflow_where_all_rows_are_tied():
    assert power_sums(np.array([2**31], dtype=np.int64)) == (2**62, 2**93)
