"""Correlations of several columns, and with others held still, agree with R."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from clinical_nb.analysis.arithmetic.partial import partial_correlations, rank_columns
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Correlate, Correlations

R = json.loads((Path(__file__).parent.parent / "reference" / "designs.json").read_text(encoding="utf-8"))["partial"]
C = Cohort("d", "t")


def agrees(found, expected):
    assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(expected["r"], rel=1e-9)
    assert [found[each] for each in ("statistic", "parameter", "p.value")] == pytest.approx(expected["test"], rel=1e-8)
    assert found["N"] == expected["n"]


def test_partial_correlations_agree_with_r(pbc_table, numbers):
    result = pbc_table.run(Correlations(C, ("albumin", "bili"), ("age", "copper")))

    agrees(numbers(result, "matrix_pearson"), R["pearson"])
    agrees(numbers(result, "matrix_spearman"), R["spearman"])


def test_each_pair_of_a_matrix_agrees_with_r_and_has_holms_p_beside(pbc_table, numbers):
    result = pbc_table.run(Correlations(C, ("albumin", "bili", "age", "copper")))

    for context, name in (("matrix_pearson", "alone"), ("matrix_spearman", "ranks")):
        found = numbers(result, context, variable="albumin", group1_level="bili")
        agrees(found, R[name])
        assert found["p.adjusted"] >= found["p.value"]
    assert len({(each.variable, each.group1_level) for each in result.statistics}) == 6


def test_a_pair_has_the_same_coefficients_and_intervals_alone_and_in_a_matrix(pbc_table, numbers):
    alone = pbc_table.run(Correlate(C, "albumin", "bili"))
    matrix = pbc_table.run(Correlations(C, ("albumin", "bili")))

    for context in ("pearson", "spearman"):
        one, other = numbers(alone, context), numbers(matrix, f"matrix_{context}")
        for name in ("estimate", "conf.low", "conf.high", "p.value"):
            assert one[name] == pytest.approx(other[name], rel=1e-9)


def test_ranks_come_first_where_a_column_is_skewed(pbc_table, notes):
    skewed = pbc_table.run(Correlations(C, ("albumin", "bili")))
    plain = pbc_table.run(Correlations(C, ("albumin", "age")))

    assert skewed.statistics[0].context == "matrix_spearman"
    assert plain.statistics[0].context == "matrix_pearson"
    assert "the values of bili are clearly skewed" in notes(skewed, "test")[0]


def test_many_pairs_are_cautioned(pbc_table, notes):
    result = pbc_table.run(Correlations(C, ("albumin", "bili", "age", "copper", "platelet", "protime")))

    assert notes(result, "caution") == [
        "15 pairs are many: one in 20 is below 0.05 by chance. p corrected by Holm's method is beside each."
    ]


def test_columns_that_do_not_vary_or_repeat_others_have_no_correlation(make_table):
    frame = pl.DataFrame(
        {"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 6], "same": [1.0] * 5, "twice": [2.0, 4, 6, 8, 10]}
    )
    table = make_table(frame, {name: Column(kind="numeric") for name in frame.columns})

    constant = table.run(Correlations(C, ("a", "same")))
    repeated = table.run(Correlations(C, ("a", "b"), ("twice",)))

    assert {each.warning for each in constant.statistics if each.stat_name == "estimate"} == {"a column does not vary"}
    assert {each.warning for each in repeated.statistics if each.stat_name == "estimate"} == {
        "the columns cannot be told apart"
    }


def test_a_column_is_not_correlated_with_itself_or_held_still_too(pbc_table):
    with pytest.raises(PlanError, match="two or more columns"):
        Correlations(C, ("age", "age"))
    with pytest.raises(PlanError, match="two or more columns"):
        Correlations(C, ("age", "bili"), ("age",))
    with pytest.raises(PlanError, match="neither numbers nor levels in an order"):
        pbc_table.run(Correlations(C, ("age", "sex")))


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=6, max_size=30))
def test_from_counts_ranks_and_their_correlation_are_those_of_the_rows(rows):
    data = np.array(rows, dtype=float)
    patterns, counts = np.unique(data, axis=0, return_counts=True)

    ranks = rank_columns(patterns, counts)
    found = partial_correlations(ranks, counts, 0)[0, 1]

    for pattern, own in zip(patterns, ranks, strict=True):
        row = np.flatnonzero((data == pattern).all(axis=1))[0]
        assert own == pytest.approx([rankdata(column)[row] for column in data.T])
    if found.p is not None:
        assert found.estimate == pytest.approx(spearmanr(data[:, 0], data[:, 1]).statistic, abs=1e-9)
