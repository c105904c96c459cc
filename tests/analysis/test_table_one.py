"""Table 1: R's standardised differences and corrected p values, whom each row is about, and what has no row."""

import json
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.arithmetic.balance import smd_of_levels, smd_of_numbers
from clinical_nb.analysis.distribution import distribution_from
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Known, OneOf, TableOne

R = json.loads((Path(__file__).parent.parent / "reference" / "table_one.json").read_text(encoding="utf-8"))


def table_one(table, columns, *where, by=("trt",), tests=False):
    return table.run(TableOne(Cohort("d", "t", where), columns, by, tests))


def distribution(*values):
    counted = pl.Series(values, dtype=pl.Float64).value_counts(sort=False, name="n")
    return distribution_from(counted[counted.columns[0]].to_numpy(), counted["n"].to_numpy())


def test_the_arms_of_a_trial_are_apart_as_r_says(pbc_table, numbers):
    result = table_one(pbc_table, tuple(R["arms"]), Known("trt"))

    for name, expected in R["arms"].items():
        assert numbers(result, "smd", variable=name)["estimate"] == pytest.approx(expected, rel=1e-9)


def test_more_groups_are_apart_as_the_mean_over_all_pairs(pbc_table, numbers):
    result = table_one(pbc_table, ("age", "sex"), Known("trt"), by=("stage",))

    for name, expected in R["stages"].items():
        assert numbers(result, "smd", variable=name)["estimate"] == pytest.approx(expected, rel=1e-9)


def test_each_row_has_its_test_and_holms_correction_as_r_says(pbc_table):
    result = table_one(pbc_table, ("age", "sex", "bili", "ascites"), Known("trt"), tests=True)

    plain = [each.stat for each in result.statistics if each.stat_name == "p.value"]
    corrected = [each.stat for each in result.statistics if each.stat_name == "p.adjusted"]
    assert plain == pytest.approx(R["p"], rel=1e-9)
    assert corrected == pytest.approx(R["holm"], rel=1e-9)


def test_tests_are_left_out_and_why_is_said_where_they_are_not_asked_for(pbc_table, notes):
    result = table_one(pbc_table, ("age",))

    assert [each for each in result.statistics if each.stat_name == "p.value"] == []
    assert notes(result, "test") == [
        "No tests: differences at baseline of a randomised trial are chance. Ask 'with p values' to have them."
    ]


def test_all_are_those_with_a_known_group_and_each_group_is_described_as_alone(pbc_table, numbers):
    result = table_one(pbc_table, ("age", "chol", "sex"))

    assert numbers(result, "group", group1=None)["n"] == 312
    assert numbers(result, "continuous", variable="age", group1=None)["N"] == 312
    assert numbers(result, "continuous", variable="chol", group1=None)["N_miss"] == 28
    alone = numbers(pbc_table.describe("chol", OneOf("trt", (1,))), "continuous")
    assert numbers(result, "continuous", variable="chol", group1_level="1") == alone
    women = [numbers(result, "categorical", variable_level="f", group1_level=arm)["n"] for arm in ("1", "2")]
    assert women == [137, 139]
    assert numbers(result, "categorical", variable_level="f", group1=None)["n"] == 276


def test_without_groups_everyone_is_described(pbc_table, numbers):
    result = table_one(pbc_table, ("age", "sex"), by=())

    assert numbers(result, "group")["n"] == 418
    assert [each for each in result.statistics if each.context == "smd"] == []


def test_an_identifier_has_no_row(pbc_table):
    with pytest.raises(PlanError, match="'id' identifies persons, so it has no row in the table"):
        table_one(pbc_table, ("age", "id"))


def test_groups_of_which_nobody_is_known_are_refused(make_table):
    frame = pl.DataFrame({"arm": [None, None], "n": [1.0, 2.0]}, schema_overrides={"arm": pl.String})

    with pytest.raises(PlanError, match="No row here has a known 'arm'"):
        table_one(
            make_table(frame, {"arm": Column(kind="categorical"), "n": Column(kind="numeric")}), ("n",), by=("arm",)
        )


def test_a_level_that_one_group_lacks_is_there_with_nobody(make_table, numbers):
    frame = pl.DataFrame({"arm": ["a", "a", "b", "b"], "kind": ["x", "x", "y", "y"], "n": [1.0, 1.0, 2.0, 2.0]})
    columns = {"arm": Column(kind="categorical"), "kind": Column(kind="categorical"), "n": Column(kind="numeric")}

    result = table_one(make_table(frame, columns), ("kind", "n"), by=("arm",))

    assert numbers(result, "categorical", variable_level="y", group1_level="a")["n"] == 0
    unknown = {each.variable: each.warning for each in result.statistics if each.context == "smd"}
    assert unknown == {"kind": "no group varies, and they differ", "n": "no group varies, and they differ"}


def test_equal_groups_are_not_apart_and_small_ones_say_so():
    same = distribution(1, 2, 3)

    assert smd_of_numbers([same, same]).estimate == 0
    assert smd_of_numbers([distribution(5, 5), distribution(5, 5)]).estimate == 0
    assert smd_of_numbers([same, distribution(1)]).reason == "a group has too few known values"
    assert smd_of_levels([[5, 5], [10, 10]]).estimate == 0
    assert smd_of_levels([[5, 5], [0, 0]]).reason == "a group has too few known values"
