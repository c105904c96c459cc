"""Proportions are of those for whom the event is known."""

import pytest

from clinical_nb.errors import PlanError
from clinical_nb.plan import Missing, OneOf, Threshold


def test_a_proportion_has_wilsons_and_the_exact_interval(pbc_table, numbers, reference):
    wilson = next(each for each in reference["wilson"] if each["N"] == 418)

    found = numbers(pbc_table.proportion(OneOf("status", (2,))), "proportion", variable="status = 2")

    assert found == pytest.approx({**wilson, "p": 161 / 418, "N_miss": 0}, rel=1e-10)


def test_the_unknown_are_left_out_and_counted(pbc_table, numbers, notes):
    result = pbc_table.proportion(Threshold("platelet", "<", 150))

    found = numbers(result, "proportion")
    assert (found["n"], found["N"], found["p"], found["N_miss"]) == (59, 407, 59 / 407, 11)
    assert notes(result, "missing") == ["11 have no known platelet < 150."]


def test_each_group_has_its_own(rct_table, numbers):
    result = rct_table.proportion(OneOf("outcome", ("1_yes",)), by=("rx", "gender"))

    found = numbers(result, "proportion", group1_level="0_placebo", group2_level="2_male")
    assert (found["n"], found["N"]) == (9, 60)
    assert {each.variable_level for each in result.statistics} == {"yes"}


def test_a_cohort_that_nobody_is_in_has_no_proportion(pbc_table):
    with pytest.raises(PlanError, match="Nobody meets these conditions"):
        pbc_table.proportion(OneOf("status", (2,)), Threshold("age", ">", 200))


def test_a_proportion_that_is_known_of_nobody_is_null_with_the_reason(pbc_table):
    result = pbc_table.proportion(Threshold("chol", ">", 200), Missing("chol"))

    found = {each.stat_name: (each.stat, each.warning) for each in result.statistics}
    assert found["N"] == (0, None)
    assert found["p"] == found["conf.low"] == (None, "no row has a known value")


def test_rows_that_the_conditions_cannot_place_are_said(pbc_table, notes):
    result = pbc_table.proportion(OneOf("status", (2,)), OneOf("trt", (2,)))

    assert notes(result, "who") == ["154 of 154 persons are used; each has one row (id does not repeat)."]
    assert notes(result, "missing")[0].startswith("106 more are neither counted in nor out")
