"""Welch's tests from counts are scipy's from rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.arithmetic.means import welch_anova, welch_t
from clinical_nb.analysis.distribution import distribution_from

VARIED = st.lists(st.integers(-200, 200).map(lambda value: value / 4), min_size=2, max_size=40).filter(
    lambda rows: len(set(rows)) > 1
)


def from_rows(rows):
    return distribution_from(*np.unique(np.array(rows, dtype=float), return_counts=True))


@given(VARIED, VARIED)
def test_welchs_t_is_scipys(a, b):
    found = welch_t(from_rows(a), from_rows(b))

    expected = stats.ttest_ind(a, b, equal_var=False)
    interval = expected.confidence_interval()
    assert found.p == pytest.approx(expected.pvalue, rel=1e-8)
    assert (found.statistic, found.df) == pytest.approx((expected.statistic, expected.df), rel=1e-9, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-8, abs=1e-9)


@given(VARIED, VARIED)
def test_of_two_groups_the_analysis_of_variance_is_the_t_test(a, b):
    groups = [from_rows(a), from_rows(b)]

    assert welch_anova(groups).p == pytest.approx(welch_t(*groups).p, rel=1e-7)


def test_a_group_of_one_or_none_has_no_test():
    one, none, many = from_rows([1]), from_rows([]), from_rows([1, 2, 4])

    found = [welch_t(one, many), welch_t(many, none), welch_anova([many, one, many]), welch_anova([many, none])]

    assert {(each.p, each.reason) for each in found} == {(None, "a group has fewer than 2 known values")}


def test_constant_groups_have_a_difference_but_no_test():
    found = welch_t(from_rows([0.1] * 3), from_rows([0.3] * 4))

    assert (found.estimate, found.p) == (pytest.approx(-0.2), None)
    assert "do not vary" in found.reason
    assert "do not vary" in welch_anova([from_rows([1, 1]), from_rows([1, 2]), from_rows([3, 4])]).reason
