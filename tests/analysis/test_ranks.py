"""Rank tests from counts are R's, and scipy's from rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.arithmetic.ranks import kruskal_wallis, rank_sums, wilcoxon
from clinical_nb.analysis.distribution import distribution_from

TIED = st.lists(st.integers(0, 12), min_size=2, max_size=70)


def from_rows(rows):
    return distribution_from(*np.unique(np.array(rows, dtype=float), return_counts=True))


def test_the_exact_rank_sum_test_is_rs(reference):
    for case in reference["wilcoxon_exact"]:
        found = wilcoxon(rank_sums([from_rows(case["x"]), from_rows(case["y"])]))

        assert found.statistic == case["statistic"]
        assert found.p == pytest.approx(case["p.value"], rel=1e-10)


@given(TIED, TIED)
def test_with_ties_the_rank_sum_test_is_scipys(a, b):
    sums = rank_sums([from_rows(a), from_rows(b)])

    found = wilcoxon(sums)

    if len({*a, *b}) == 1:
        assert (found.p, found.reason) == (None, "all values are the same")
    elif sums.ties:
        expected = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
        assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-8)


@given(TIED, TIED)
def test_the_probability_of_superiority_is_the_share_of_pairs(a, b):
    above = sum((x > y) + (x == y) / 2 for x in a for y in b)

    found = wilcoxon(rank_sums([from_rows(a), from_rows(b)]))

    assert found.superiority is None if len({*a, *b}) == 1 else found.superiority == above / (len(a) * len(b))


@given(st.lists(TIED, min_size=2, max_size=5))
def test_kruskal_wallis_is_scipys(groups):
    found = kruskal_wallis(rank_sums([from_rows(group) for group in groups]))

    if len({value for group in groups for value in group}) == 1:
        assert (found.p, found.reason) == (None, "all values are the same")
    else:
        expected = stats.kruskal(*groups)
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-8, abs=1e-9)
        # Near 0 scipy's statistic is a rounding error, of which its p is the square root: p is held to our own.
        assert found.p == pytest.approx(stats.chi2.sf(found.statistic, len(groups) - 1), rel=1e-7)


def test_a_tie_of_millions_does_not_overflow():
    values, counts = np.array([0.0, 1.0]), np.array([3_000_000, 4_000_000])
    groups = [distribution_from(values, counts), distribution_from(values, counts[::-1])]

    assert rank_sums(groups).ties == 2 * (7_000_000**3 - 7_000_000)
    assert wilcoxon(rank_sums(groups)).p > 0


def test_fifty_values_are_no_longer_exact():
    small, large = list(range(0, 98, 2)), list(range(1, 101, 2))

    found = wilcoxon(rank_sums([from_rows(small), from_rows(large)]))

    assert found.p == pytest.approx(stats.mannwhitneyu(small, large, method="asymptotic").pvalue, rel=1e-9)


def test_a_group_of_one_has_no_test():
    sums = rank_sums([from_rows([1]), from_rows([2, 3, 4])])

    assert wilcoxon(sums).reason == kruskal_wallis(sums).reason == "a group has fewer than 2 known values"
