"""A change in several groups, adjusted for what it was before, agrees with R's linear model."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.ard import TESTS
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Change, Cohort, Compare

R = json.loads((Path(__file__).parent.parent / "reference" / "designs.json").read_text(encoding="utf-8"))["change"]
C = Cohort("d", "t")


@pytest.fixture
def pbc_changes(pbc_table):
    pbc_table.frame = pbc_table.frame.with_columns(quarter=pl.col("chol") / 4, three=pl.col("albumin") * 3)
    pbc_table.columns |= {"quarter": Column(kind="numeric"), "three": Column(kind="numeric")}
    return pbc_table


def three(found):
    return [found[name] for name in ("estimate", "conf.low", "conf.high")]


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        (Change(C, "quarter", "copper", "trt"), "copper_by_arm"),
        (Change(C, "protime", "three", "sex"), "albumin_by_sex"),
    ],
)
def test_two_groups_agree_with_r(pbc_changes, numbers, plan, name):
    result, expected = pbc_changes.run(plan), R[name]

    found = numbers(result, "ancova")
    assert three(found) == pytest.approx([expected[each] for each in ("estimate", "low", "high")], rel=1e-8)
    assert [found["statistic"], found["parameter"]] == pytest.approx([expected["t"], expected["df"]], rel=1e-9)
    assert found["p.value"] == pytest.approx(expected["p"], rel=1e-8)
    slopes = numbers(result, "equal_slopes")
    assert [slopes["statistic"], slopes["p.value"]] == pytest.approx(expected["slopes"], rel=1e-8)
    assert next(each.context for each in result.statistics if each.context in TESTS) == "ancova"


def test_the_adjusted_means_agree_with_r(pbc_changes, numbers):
    result = pbc_changes.run(Change(C, "quarter", "copper", "stage"))

    means = [three(numbers(result, "adjusted_mean", group1_level=stage)) for stage in "1234"]
    assert means == [pytest.approx(each, rel=1e-9) for each in R["copper_by_stage"]["means"]]


def test_more_groups_have_a_test_of_all_and_a_difference_each_with_holm_beside(pbc_changes, numbers):
    result, expected = pbc_changes.run(Change(C, "quarter", "copper", "stage")), R["copper_by_stage"]

    whole = numbers(result, "ancova")
    assert [whole[each] for each in ("statistic", "parameter", "parameter2", "p.value")] == pytest.approx(
        expected["f"], rel=1e-8
    )
    for place, stage in enumerate("234"):
        found = numbers(result, "adjusted_difference", group1_level=stage, group2_level="1")
        assert three(found) == pytest.approx([expected[each][place] for each in ("estimate", "low", "high")], rel=1e-8)
        assert found["p.value"] == pytest.approx(expected["p"][place], rel=1e-8)
    assert numbers(result, "adjusted_difference", group1_level="4")["p.adjusted"] == pytest.approx(
        3 * expected["p"][2], rel=1e-8
    )


def test_the_raw_changes_are_those_that_a_comparison_of_differences_has(pbc_changes, numbers):
    pbc_changes.frame = pbc_changes.frame.with_columns(difference=pl.col("copper") - pl.col("quarter"))
    pbc_changes.columns["difference"] = Column(kind="numeric")

    result = pbc_changes.run(Change(C, "quarter", "copper", "trt"))
    compared = pbc_changes.run(Compare(C, "difference", "trt"))

    assert numbers(result, "t_test_welch") == pytest.approx(numbers(compared, "t_test_welch"), rel=1e-9)
    drug = numbers(result, "changed", group1_level="1", variable_level="change")
    described = numbers(compared, "continuous", group1_level="1")
    for name in ("N", "mean", "sd", "conf.low", "conf.high"):
        assert drug[name] == pytest.approx(described[name], rel=1e-9)


def test_a_slope_that_differs_between_the_groups_is_cautioned(make_table, notes):
    before = [float(n % 20) for n in range(80)]
    after = [each * (2 if n < 40 else -1) + (n * 7) % 5 for n, each in enumerate(before)]
    frame = pl.DataFrame({"before": before, "after": after, "arm": ["a"] * 40 + ["b"] * 40})
    table = make_table(
        frame, {name: Column(kind="numeric") for name in ("before", "after")} | {"arm": Column(kind="binary")}
    )

    result = table.run(Change(C, "before", "after", "arm"))

    assert "depends on before differs between the groups, p = " in " ".join(notes(result, "caution"))


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Change(C, "age", "age", "trt"), "cannot be compared with itself"),
        (Change(C, "age", "sex", "trt"), "'sex' does not hold numbers"),
        (Change(C, "age", "bili", "id"), "'id' identifies persons"),
    ],
)
def test_what_is_no_change_is_refused(pbc_table, plan, why):
    with pytest.raises(PlanError, match=why):
        pbc_table.run(plan)


def test_a_value_before_that_all_have_leaves_nothing_to_adjust_for(make_table):
    frame = pl.DataFrame({"before": [1.0] * 6, "after": [1.0, 2, 3, 4, 5, 6], "arm": list("ababab")})
    columns = {"before": Column(kind="numeric"), "after": Column(kind="numeric"), "arm": Column(kind="binary")}

    with pytest.raises(PlanError, match="nothing to adjust for"):
        make_table(frame, columns).run(Change(C, "before", "after", "arm"))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=8, max_size=40).filter(
        lambda rows: {each[2] for each in rows} == {True, False} and len({each[0] for each in rows}) > 2
    )
)
def test_from_counts_the_adjusted_difference_is_least_squares_of_the_rows(make_table, numbers, rows):
    before, after, arm = zip(*rows, strict=True)
    design = np.column_stack([np.ones(len(rows)), before, np.array(arm, dtype=float)])
    if np.linalg.matrix_rank(design) < 3:
        return
    frame = pl.DataFrame({"before": before, "after": after, "arm": arm}, schema_overrides={"arm": pl.Boolean})
    columns = {"before": Column(kind="numeric"), "after": Column(kind="numeric"), "arm": Column(kind="binary")}

    found = numbers(make_table(frame, columns).run(Change(C, "before", "after", "arm")), "ancova")

    expected = np.linalg.lstsq(design, np.array(after, dtype=float), rcond=None)[0][2]
    assert found["estimate"] is None or found["estimate"] == pytest.approx(expected, abs=1e-9)


def test_groups_that_the_value_before_tells_apart_are_refused(make_table):
    frame = pl.DataFrame({"before": [1.0, 1, 2, 2], "after": [1.0, 2, 3, 5], "arm": ["a", "a", "b", "b"]})
    columns = {"before": Column(kind="numeric"), "after": Column(kind="numeric"), "arm": Column(kind="binary")}

    with pytest.raises(PlanError, match="cannot be told apart in these rows"):
        make_table(frame, columns).run(Change(C, "before", "after", "arm"))
