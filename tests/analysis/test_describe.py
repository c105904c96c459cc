"""Descriptions agree with R, say what is missing, and refuse what cannot be described."""

import pytest

from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import Known, OneOf, Threshold


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("pbc_table", "bili"),
        ("pbc_table", "chol"),
        ("pbc_table", "age"),
        ("pbc_table", "alk.phos"),
        ("rct_table", "risk"),
        ("small_table", "untied"),
        ("small_table", "tied"),
        ("small_table", "skewed"),
    ],
)
def test_a_numeric_column_is_described_as_r_does(request, reference, numbers, table, column):
    found = numbers(request.getfixturevalue(table).describe(column), "continuous")

    assert list(found) == list(reference["describe"][column])
    assert found == pytest.approx(reference["describe"][column], rel=1e-10)


def test_each_group_is_described_and_groups_without_rows_are_left_out(pbc_table, numbers):
    result = pbc_table.describe("age", OneOf("stage", (1, 2)), by=("stage",))

    assert [each.group1_level for each in result.statistics if each.stat_name == "N"] == ["1", "2"]
    assert numbers(result, "continuous", group1="stage", group1_level="2")["N"] == 92


def test_two_variables_make_groups_of_their_combinations(pbc_table, numbers):
    result = pbc_table.describe("age", by=("trt", "sex"))

    found = numbers(result, "continuous", group1_level="1", group2="sex", group2_level="m")
    assert found["N"] == 21


def test_missing_values_and_missing_groups_are_counted_with_the_declared_reason(pbc_table, notes):
    result = pbc_table.describe("chol", by=("trt",))

    assert "106 have no known trt (not randomised)." in notes(result, "missing")
    assert "134 have no known chol." in notes(result, "missing")
    assert notes(result, "who") == ["284 of 418 persons are used; each has one row (id does not repeat)."]


def test_every_declared_level_is_counted_with_or_without_rows(pbc_table, numbers):
    result = pbc_table.describe("status", OneOf("status", (0, 2)))

    assert numbers(result, "categorical", variable_level="1") == {"n": 0, "N": 393, "p": 0}
    assert numbers(result, "categorical", variable_level="2") == {"n": 161, "N": 393, "p": 161 / 393}


def test_missing_is_never_a_level(pbc_table, numbers):
    result = pbc_table.describe("stage")

    assert numbers(result, "categorical", variable_level=None) == {"N_miss": 6}
    assert numbers(result, "categorical", variable_level="4") == {"n": 144, "N": 412, "p": 144 / 412}
    assert {each.variable_level for each in result.statistics} == {"1", "2", "3", "4", None}


def test_a_code_declared_missing_is_missing(rct_table, numbers, notes):
    result = rct_table.describe("asa")

    assert numbers(result, "categorical", variable_level="1_yes") == {"n": 56, "N": 601, "p": 56 / 601}
    assert notes(result, "missing") == ["1 have no known asa (unknown)."]


def test_ordered_codes_have_a_median_and_a_mean_only_when_asked_for_with_a_caution(pbc_table, numbers, notes):
    plain, asked = pbc_table.describe("stage"), pbc_table.describe("stage", statistics=("mean",))

    assert numbers(plain, "ordinal") == {"median": 3, "p25": 2, "p75": 4}
    assert notes(plain, "caution") == []
    assert numbers(asked, "ordinal")["mean"] == pytest.approx(1246 / 412, rel=1e-15)
    assert "only rank" in notes(asked, "caution")[0]


@pytest.mark.parametrize("statistic", ["mean", "sd", "median", "quartiles", "range"])
def test_a_number_for_unordered_levels_is_refused(pbc_table, statistic):
    with pytest.raises(PlanError, match="has levels, not numbers"):
        pbc_table.describe("status", statistics=("distribution", statistic))


def test_a_cohort_that_nobody_is_in_is_not_described(pbc_table):
    with pytest.raises(PlanError, match="Nobody meets these conditions"):
        pbc_table.describe("age", Threshold("age", ">", 200))


def test_one_value_has_no_spread_with_the_reason(pbc_table):
    result = pbc_table.describe("age", OneOf("id", (1,)))

    found = {each.stat_name: each for each in result.statistics}
    assert found["mean"].stat == found["median"].stat == pytest.approx(58.7652292950034, rel=1e-15)
    assert (found["sd"].stat, found["sd"].warning) == (None, "fewer than 2 rows have a known value")
    assert (found["skewness"].stat, found["skewness"].warning) == (None, "the values do not vary")


def test_an_identifier_cannot_be_described(pbc_table):
    with pytest.raises(PlanError, match="'id' identifies persons"):
        pbc_table.describe("id")


def test_a_column_that_is_not_there_is_named(pbc_table):
    with pytest.raises(UnknownColumnError, match="Did you mean 'bili'"):
        pbc_table.describe("bil")


def test_three_grouping_variables_are_refused(pbc_table):
    with pytest.raises(PlanError, match="at most 2"):
        pbc_table.describe("age", by=("sex", "trt", "stage"))


def test_known_rows_only_leave_none_missing(pbc_table, numbers):
    result = pbc_table.describe("chol", Known("chol"))

    assert numbers(result, "continuous")["N_miss"] == 0
