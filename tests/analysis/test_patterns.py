"""Rows counted for the distinct combinations of a model's columns, and the columns that a model can tell apart."""

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.counted import patterns
from clinical_nb.analysis.counted.patterns import count_patterns
from clinical_nb.analysis.models.design import build_design, find_independent, term_of
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import OneOf, Threshold


@pytest.fixture
def table(make_table, with_levels):
    frame = pl.DataFrame(
        {
            "x": [1.0, 2.0, 1.0, None, -0.0, 0.0, 2.0],
            "arm": ["p", "d", "p", "d", "d", "d", None],
        }
    )
    return make_table(
        frame, {"x": Column(kind="numeric"), "arm": with_levels("binary", ("d", "drug"), ("p", "placebo"))}
    )


def test_known_rows_are_counted_in_one_order_and_missing_ones_told(table):
    found = count_patterns(table.scan, ["x"], ["arm"])

    assert found.values["x"].tolist() == [0.0, 1.0, 2.0]
    assert [found.levels["arm"][int(place)] for place in found.values["arm"]] == ["d", "p", "d"]
    assert found.counts.tolist() == [2, 2, 1]
    assert (found.rows, found.used, found.missing) == (7, 5, {"x": 1, "arm": 1})


def test_conditions_are_levels_and_may_leave_rows_out(table):
    above = Threshold("x", ">", 0.5)

    found = count_patterns(table.scan, [], [above], (OneOf("arm", ("d",)),))

    assert (found.levels[above], found.counts.tolist(), found.missing) == ((False, True), [2, 1], {above: 1})


def test_the_order_of_the_rows_changes_no_bit(pbc_table):
    shuffled = type(pbc_table)(pbc_table.frame.sample(fraction=1, shuffle=True, seed=4), pbc_table.columns)

    one, other = (count_patterns(each.scan, ["age", "bili"], ["stage", "sex"]) for each in (pbc_table, shuffled))

    assert all(np.array_equal(one.values[name], other.values[name]) for name in ("age", "bili", "stage", "sex"))
    assert np.array_equal(one.counts, other.counts)


def test_too_many_different_rows_are_refused(table, monkeypatch):
    monkeypatch.setattr(patterns, "MOST_PATTERNS", 3)

    with pytest.raises(PlanError, match="x, arm together have 5 different combinations of values, and 3 at most"):
        count_patterns(table.scan, ["x"], ["arm"])


def test_levels_are_columns_against_the_reference(table):
    counted = count_patterns(table.scan, ["x"], ["arm"])

    design = build_design([term_of(table.scan, each, counted) for each in ("arm", "x")], counted)

    assert (design.terms[0].reference, design.terms[0].rows, design.terms[1].rows) == ("p", ("d",), (None,))
    assert design.matrix.tolist() == [[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]]
    assert (design.of_term(0), design.of_term(1)) == ([0], [1])


def test_the_later_of_two_columns_that_say_the_same_is_left_out():
    age = np.array([40.0, 51.0, 63.0, 70.0, 70.5])
    other = np.array([1.0, 0.0, 0.0, 1.0, 1.0])

    assert find_independent(np.column_stack([age, 12 * age + 7, other, np.ones(5)])) == (0, 2)
    assert find_independent(np.column_stack([other, age, age - other])) == (0, 1)


def test_a_table_without_rows_has_no_patterns(table):
    table.frame = table.frame.clear()

    counted = count_patterns(table.scan, ["x"], ["arm"])

    assert (counted.used, counted.rows, counted.levels["arm"]) == (0, 0, ())
