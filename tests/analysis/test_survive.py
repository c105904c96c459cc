"""Time until an event: R's medians, shares, tests and hazard ratios on a real trial, and what is refused or told."""

import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, OneOf, Survive, Threshold

R = {
    name: json.loads((Path(__file__).parent.parent / "reference" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("survival", "cox")
}
DIED = OneOf("status", (2,))


def survive(table, *where, event=DIED, **more):
    return table.run(Survive(Cohort("d", "t", where), "time", event, **more))


def test_each_arm_has_its_median_and_its_shares_as_r_says(pbc_table, numbers):
    result = survive(pbc_table, by=("trt",), at=(365.25, 1826.25))

    for level, name in (("1", "pbc_drug"), ("2", "pbc_placebo")):
        expected = R["survival"][name]
        found = numbers(result, "survival", group1_level=level)
        assert [found["estimate"], found["conf.low"], found["conf.high"]] == [
            expected[each] for each in ("median", "low", "high")
        ]
        for place, time in enumerate(("365.25", "1826.25")):
            share = numbers(result, "survival_at", group1_level=level, variable_level=time)
            names = {"estimate": "surv", "conf.low": "lower", "conf.high": "upper", "n.risk": "at_risk"}
            for mine, of_r in names.items():
                assert share[mine] == pytest.approx(expected[of_r][place], rel=1e-10)
    followed = numbers(result, "follow_up", group1_level="2")["estimate"]
    assert followed == R["survival"]["pbc_placebo_reversed"]["median"]


@pytest.mark.parametrize(
    ("strata", "rank", "model"), [((), "rank_trt", "arms"), (("sex",), "rank_trt_by_sex", "arms_within_sex")]
)
def test_arms_are_compared_as_r_does_also_within_strata(pbc_table, numbers, strata, rank, model):
    result = survive(pbc_table, by=("trt",), strata=strata)

    test = numbers(result, "log_rank")
    assert test["statistic"] == pytest.approx(R["survival"][rank]["chisq"], rel=1e-9)
    assert test["parameter"] == 1
    ratio = numbers(result, "hazard_ratio", group1_level="1", group2_level="2")
    log, variance = R["cox"][model]["coef"], R["cox"][model]["vcov"][0][0]
    expected = [2.718281828459045 ** (log + z * variance**0.5) for z in (0, -1.959963984540054, 1.959963984540054)]
    assert [ratio[name] for name in ("estimate", "conf.low", "conf.high")] == pytest.approx(expected, rel=1e-6)
    check = numbers(result, "proportional_hazards")
    assert check["statistic"] == pytest.approx(R["cox"][model]["zph"][0], rel=1e-6)


def test_each_of_several_groups_is_compared_with_the_first(pbc_table):
    result = survive(pbc_table, by=("stage",))

    pairs = [(each.group1_level, each.group2_level) for each in result.statistics if each.context == "hazard_ratio"]
    assert list(dict.fromkeys(pairs)) == [("2", "1"), ("3", "1"), ("4", "1")]


def test_a_competing_event_is_named_with_how_many_had_it(pbc_table, notes):
    told = [note for note in notes(survive(pbc_table), "assumption") if "more codes" in note]

    assert len(told) == 1
    assert told[0].startswith("status has more codes than the event: 25 with transplant count as followed")
    assert notes(survive(pbc_table, event=OneOf("status", (1, 2))), "assumption") == []


def test_negative_times_are_refused(make_table, with_levels):
    table = make_table(
        pl.DataFrame({"time": [1.0, -2.0, 3.0], "status": [1, 2, 2]}),
        {"time": Column(kind="numeric"), "status": with_levels("categorical", (1, "alive"), (2, "died"))},
    )

    with pytest.raises(PlanError, match="1 values of 'time' are negative"):
        survive(table)


def test_without_any_event_there_is_no_ratio_and_no_test_and_the_reason_is_told(pbc_table, numbers, notes):
    result = survive(pbc_table, Threshold("time", ">", 4400), by=("trt",))

    (ratio,) = [each for each in result.statistics if each.context == "hazard_ratio"]
    assert (ratio.stat, ratio.warning) == (None, "there was no event")
    assert numbers(result, "survival", group1_level="1")["n"] == 0
    assert notes(result, "test") == ["There is no test, because no event while two groups were followed."]


def test_a_curve_for_the_figure_begins_at_one_and_never_rises(pbc_table):
    result = survive(pbc_table)

    curve = [(float(each.variable_level), each.stat) for each in result.statistics if each.context == "survival_curve"]
    assert curve[0] == (0.0, 1.0)
    assert len(curve) <= 122
    assert all(one[0] < other[0] and one[1] >= other[1] for one, other in pairwise(curve))


@pytest.mark.parametrize(("strata", "name"), [((), "trend_stage"), (("sex",), "trend_stage_by_sex")])
def test_groups_in_an_order_are_tested_for_a_trend_as_r_does_also_within_strata(pbc_table, numbers, strata, name):
    found = numbers(survive(pbc_table, by=("stage",), strata=strata), "log_rank_trend")

    assert found["statistic"] == pytest.approx(R["survival"][name]["z"], rel=1e-8)
    assert found["p.value"] == pytest.approx(R["survival"][name]["p"], rel=1e-6)


def test_groups_without_an_order_have_no_trend(pbc_table, numbers):
    assert numbers(survive(pbc_table, by=("trt",)), "log_rank_trend") == {}


def test_a_named_reference_turns_the_hazard_ratio_over(pbc_table, numbers):
    usual = numbers(survive(pbc_table, by=("trt",)), "hazard_ratio", group1_level="1", group2_level="2")

    turned = numbers(survive(pbc_table, by=("trt",), against=(1,)), "hazard_ratio", group1_level="2", group2_level="1")

    assert turned["estimate"] == pytest.approx(1 / usual["estimate"], rel=1e-9)
    assert turned["conf.low"] == pytest.approx(1 / usual["conf.high"], rel=1e-9)


def test_the_share_with_the_event_is_told_as_one_minus_the_curve_with_those_seen(pbc_table, numbers):
    result = survive(pbc_table, at=(1826.25,), told="event")

    without, had = (numbers(result, context, variable_level="1826.25") for context in ("survival_at", "event_at"))
    assert had["estimate"] == pytest.approx(1 - without["estimate"])
    assert [had["conf.low"], had["conf.high"]] == pytest.approx([1 - without["conf.high"], 1 - without["conf.low"]])
    rows = pbc_table.frame
    before = rows.filter(pl.col("time") < 1826.25)
    assert had["n.event"] == rows.filter((pl.col("time") <= 1826.25) & (pl.col("status") == 2)).height
    assert had["n.censored"] == before.filter(pl.col("status") != 2).height
    assert had["n.event"] + had["n.censored"] + without["n.risk"] == rows.height


def test_mean_times_go_as_far_as_was_asked_for_as_r_has_them(pbc_table, numbers):
    # R: summary(survfit(Surv(time, status == 2) ~ trt, pbc), rmean = 1826.25)$table
    result = survive(pbc_table, by=("trt",), until=(1826.25,))

    means = [numbers(result, "restricted_mean", group1_level=level)["estimate"] for level in ("1", "2")]
    assert means == pytest.approx([1571.17317032, 1527.49100042], rel=1e-9)
    whole = numbers(survive(pbc_table, until=(1826.25,)), "restricted_mean")
    assert means[1] < whole["estimate"] < means[0] + 100


def test_a_mean_time_beyond_all_follow_up_is_not_estimated(pbc_table):
    result = survive(pbc_table, until=(9999.0,))

    (mean,) = [each for each in result.statistics if each.context == "restricted_mean"]
    assert (mean.stat, mean.warning) == (None, "nobody was followed so long")
