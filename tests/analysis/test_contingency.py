"""Chi-squared and Cramér's V from counts are scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import association

from clinical_nb.analysis.arithmetic.contingency import (
    chi_squared,
    cramers_v,
    drop_empty,
    expected_counts,
    smallest_expected,
)

TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(1, 60), min_size=width, max_size=width), min_size=2, max_size=5)
)


@given(TABLES)
def test_chi_squared_and_v_are_scipys(table):
    found = chi_squared(table)

    expected = stats.chi2_contingency(table, correction=False)
    assert (found.statistic, found.df) == pytest.approx((expected.statistic, expected.dof), rel=1e-9, abs=1e-10)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-8)
    assert smallest_expected(table) == pytest.approx(expected.expected_freq.min(), rel=1e-12)
    assert cramers_v(table).estimate == pytest.approx(association(table), rel=1e-6, abs=1e-7)


def test_empty_levels_are_left_out():
    assert drop_empty([[1, 0, 2], [0, 0, 0], [3, 0, 4]]) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("table", [[], [[1, 2]], [[1], [2]], [[1, 0], [2, 0]], [[0, 0], [1, 2]]])
def test_less_than_a_table_is_not_tested(table):
    assert chi_squared(table).p is None
    assert "fewer than two" in chi_squared(table).reason
    assert cramers_v(table).estimate is None


def test_expected_counts_keep_the_margins():
    assert expected_counts([[10, 20], [30, 40]]) == [[12.0, 18.0], [28.0, 42.0]]
