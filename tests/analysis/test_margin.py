"""Equivalence and non-inferiority agree with R's one-sided tests, and say what decides."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.ard import TESTS
from clinical_nb.analysis.arithmetic.intervals import risk_difference
from clinical_nb.analysis.arithmetic.margins import hold_shares
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Margin, OneOf

R = json.loads((Path(__file__).parent.parent / "reference" / "designs.json").read_text(encoding="utf-8"))["margins"]
C = Cohort("d", "t")
DIED = OneOf("status", (2,))


def agrees(result, expected, numbers):
    found = numbers(result, "margin_difference")
    assert found["estimate"] == pytest.approx(expected["estimate"], rel=1e-10)
    assert [found["conf.low"], found["conf.high"]] == pytest.approx(expected["ci95"], rel=1e-9)
    assert [found["conf90.low"], found["conf90.high"]] == pytest.approx(expected["ci90"], rel=1e-9)
    for context, key in (("not_lower", "above"), ("not_higher", "below")):
        test, wanted = numbers(result, context), expected[key]
        assert test["p.value"] == pytest.approx(wanted[-1] if isinstance(wanted, list) else wanted, rel=1e-8)
        if isinstance(wanted, list):
            assert [test["statistic"], test["parameter"]] == pytest.approx(wanted[:2], rel=1e-9)


@pytest.mark.parametrize(
    ("table", "plan", "name"),
    [
        ("pbc_table", Margin(C, "age", "trt", 4, "equivalence"), "age_by_trt"),
        ("pbc_table", Margin(C, "albumin", "sex", 0.05, "equivalence"), "albumin_by_sex"),
        ("pbc_table", Margin(C, DIED, "trt", 0.1, "equivalence"), "died_by_trt"),
        ("rct_table", Margin(C, "outcome", "rx", 0.05, "equivalence"), "outcome_by_rx"),
    ],
)
def test_both_sides_of_the_margin_agree_with_r(request, numbers, table, plan, name):
    result = request.getfixturevalue(table).run(plan)

    agrees(result, R[name], numbers)
    both = [numbers(result, context)["p.value"] for context in ("not_lower", "not_higher")]
    assert numbers(result, "tost")["p.value"] == max(both)
    assert next(each.context for each in result.statistics if each.context in TESTS) == "tost"


@pytest.mark.parametrize(("better", "side"), [("higher", "above"), ("lower", "below")])
def test_non_inferiority_is_held_against_the_worse_side(pbc_table, numbers, better, side):
    result = pbc_table.run(Margin(C, "age", "trt", 4, "noninferiority", better))

    assert numbers(result, "noninferiority")["p.value"] == pytest.approx(R["age_by_trt"][side][2], rel=1e-9)
    assert not numbers(result, "tost")


def test_the_verdict_is_that_of_the_interval(pbc_table, notes):
    shown = pbc_table.run(Margin(C, "age", "trt", 4, "noninferiority", "higher"))
    not_shown = pbc_table.run(Margin(C, "age", "trt", 4, "noninferiority", "lower"))

    reached = pbc_table.run(Margin(C, "age", "trt", 4, "equivalence"))
    within = pbc_table.run(Margin(C, "age", "trt", 5, "equivalence"))

    assert "Non-inferiority is shown: the 95 % interval does not reach the margin" in " ".join(notes(shown, "test"))
    assert "Non-inferiority is not shown: the 95 % interval reaches the margin" in " ".join(notes(not_shown, "test"))
    assert "Equivalence is not shown: the 90 % interval reaches beyond" in " ".join(notes(reached, "test"))
    assert "Equivalence is shown: the 90 % interval lies within" in " ".join(notes(within, "test"))


def test_a_margin_of_skewed_values_is_cautioned(pbc_table, notes):
    assert "clearly skewed" in " ".join(notes(pbc_table.run(Margin(C, "bili", "trt", 1, "equivalence")), "caution"))


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Margin(C, "age", "stage", 4, "equivalence"), "4 groups, and a margin is between two"),
        (Margin(C, "status", "trt", 0.1, "equivalence"), "neither a number nor a yes or no"),
        (Margin(C, DIED, "trt", 10, "equivalence"), "below 1"),
    ],
)
def test_what_has_no_margin_is_refused(pbc_table, plan, why):
    with pytest.raises(PlanError, match=why):
        pbc_table.run(plan)


def test_a_margin_is_stated_whole():
    with pytest.raises(PlanError, match="number above 0"):
        Margin(C, "age", "trt", 0, "equivalence")
    with pytest.raises(PlanError, match="Whether more is better"):
        Margin(C, "age", "trt", 4, "noninferiority")
    assert Margin(C, "age", "trt", 4, "equivalence", "higher") == Margin(C, "age", "trt", 4.0, "equivalence")


sizes = st.integers(2, 60)


@given(sizes, sizes, st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.05, 0.1, 0.3]))
def test_p_is_below_the_level_exactly_where_the_interval_is_within(n, m, share, other, margin):
    counts = (round(share * n), n, round(other * m), m)
    interval = risk_difference(*counts)

    held = hold_shares(*counts, margin)

    if abs(interval.low + margin) > 1e-9:
        assert (held.above.p < 0.025) == (interval.low > -margin)
    if abs(interval.high - margin) > 1e-9:
        assert (held.below.p < 0.025) == (interval.high < margin)
