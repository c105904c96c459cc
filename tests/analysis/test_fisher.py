"""Fisher's exact test of tables of any size is R's."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.arithmetic.fisher import fisher

CELL = st.integers(0, 12)


def test_exact_p_is_rs(reference):
    assert len(reference["fisher"]) == 13
    for case in reference["fisher"]:
        assert fisher(case["table"]).p == pytest.approx(case["p"], rel=1e-8), case["table"]


@given(st.tuples(CELL, CELL), st.tuples(CELL, CELL))
def test_of_two_by_two_it_is_scipys(first, second):
    found = fisher([first, second])

    if all(map(sum, (first, second, (first[0], second[0]), (first[1], second[1])))):
        assert found.p == pytest.approx(stats.fisher_exact([first, second]).pvalue, rel=1e-8)
    else:
        assert found.p is None


def test_the_order_of_rows_and_columns_changes_no_bit():
    table = [[3, 1, 4, 0], [1, 5, 2, 2], [2, 0, 3, 6]]

    found = {fisher(list(rows)).p for rows in permutations(table)}
    turned = {fisher(list(zip(*rows, strict=True))).p for rows in permutations(table)}

    assert found == turned
    assert len(found) == 1


def test_rare_events_in_a_large_trial_are_exact():
    assert fisher([[3, 499_997], [1, 499_999]]).p == pytest.approx(0.625, rel=1e-5)


def test_margins_of_thousands_are_exact_where_the_events_are_rare_everywhere():
    table = [[4, 1_996], [2_004, 995_996]]

    assert fisher(table).p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-8)


def test_too_much_work_is_refused_not_simulated():
    found = fisher([[40, 30, 20, 35], [25, 45, 30, 20], [30, 20, 45, 30], [22, 31, 28, 39]])

    assert (found.p, found.reason) == (None, "the table is too large for an exact test")
