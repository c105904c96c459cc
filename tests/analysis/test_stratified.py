"""Two groups compared within strata agree with R, and with the crude comparison where theory says so."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.arithmetic.intervals import odds_ratio
from clinical_nb.analysis.arithmetic.strata import (
    Fourfold,
    breslow_day,
    cochran_mantel_haenszel,
    common_odds_ratio,
    common_risk_ratio,
    general_association,
)
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, OneOf, Stratified, Threshold

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))["strata"]
LARGER = json.loads((REFERENCE / "larger_tables.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
DIED = OneOf("status", (2,))


def three(found):
    return [found[name] for name in ("estimate", "conf.low", "conf.high")]


def agrees(result, expected, numbers):
    assert three(numbers(result, "mantel_haenszel")) == pytest.approx(expected["or"], rel=1e-9)
    assert three(numbers(result, "mantel_haenszel_risk_ratio")) == pytest.approx(expected["rr"], rel=1e-9)
    test, alike = numbers(result, "cmh"), numbers(result, "breslow_day")
    assert [test["statistic"], test["p.value"]] == pytest.approx(expected["cmh"], rel=1e-8)
    assert [alike[each] for each in ("statistic", "parameter", "p.value")] == pytest.approx(expected["bd"], rel=1e-8)


def test_deaths_within_stages_agree_with_r(pbc_table, numbers, notes):
    result = pbc_table.run(Stratified(C, DIED, "trt", ("stage",)))

    agrees(result, R["died_in_stages"], numbers)
    assert "do not clearly differ" in " ".join(notes(result, "assumption"))
    shares = numbers(result, "stratum", group1_level="1", group2_level="4")
    assert shares["p"] == pytest.approx(shares["n"] / shares["N"])


def test_a_column_of_yes_and_no_agrees_with_r(pbc_table, numbers, notes):
    pbc_table.frame = pbc_table.frame.with_columns(
        late=pl.max_horizontal("stage", pl.when(pl.col("stage") > 0).then(2))
    )
    pbc_table.columns["late"] = Column(kind="categorical")

    result = pbc_table.run(Stratified(C, "ascites", "sex", ("late",)))

    agrees(result, R["ascites_by_sex_in_stages"], numbers)
    assert "The event that is counted: ascites = yes." in notes(result, "assumption")


def test_a_trial_within_its_sites_agrees_with_r(rct_table, numbers):
    small = pl.when(pl.col("site").is_in(["3_UK", "4_Case"])).then(pl.lit("other")).otherwise(pl.col("site"))
    rct_table.frame = rct_table.frame.with_columns(place=small)
    rct_table.columns["place"] = Column(kind="categorical")

    agrees(rct_table.run(Stratified(C, "outcome", "rx", ("place",))), R["outcome_in_sites"], numbers)


def test_a_stratum_without_events_says_nothing_and_is_told(rct_table, numbers, notes):
    result = rct_table.run(Stratified(C, "outcome", "rx", ("site",)))

    assert "1 of 4 strata say nothing here" in " ".join(notes(result, "caution"))
    assert numbers(result, "breslow_day")["parameter"] == 2


def test_several_variables_make_strata_together(pbc_table):
    result = pbc_table.run(Stratified(C, DIED, "trt", ("sex", "stage")))

    strata = {each.group2_level for each in result.statistics if each.context == "stratum"}
    assert "female, 3" in strata
    assert {each.group2 for each in result.statistics if each.context == "stratum"} == {"sex and stage"}


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Stratified(C, "age", "trt", ("sex",)), "'age' has no levels"),
        (Stratified(C, DIED, "age", ("sex",)), "too many to be groups"),
        (Stratified(C, DIED, "trt", ("age",)), "too many to be groups"),
    ],
)
def test_what_cannot_be_compared_within_strata_is_refused(pbc_table, plan, why):
    with pytest.raises(PlanError, match=why):
        pbc_table.run(plan)


def read(make_table, name, *levels):
    frame = pl.read_csv(REFERENCE / "datasets" / f"{name}.csv", null_values="NA")
    return make_table(frame, {each: Column(kind="categorical") for each in levels})


def test_any_groups_and_levels_within_strata_have_rs_general_association(make_table, pbc_table, numbers, notes):
    found = {
        "hair": read(make_table, "hair", "Hair", "Eye", "Sex").run(Stratified(C, "Eye", "Hair", ("Sex",))),
        "status_by_trt": pbc_table.run(Stratified(C, "status", "trt", ("stage",))),
        "spontaneous_by_education": read(make_table, "infert", "education", "spontaneous", "case").run(
            Stratified(C, "spontaneous", "education", ("case",))
        ),
    }

    for name, result in found.items():
        test = [numbers(result, "cmh")[each] for each in ("statistic", "parameter", "p.value")]
        assert test == pytest.approx(LARGER[name]["test"], rel=1e-8)
        assert numbers(result, "cramers_v")["estimate"] == pytest.approx(LARGER[name]["v"], rel=1e-10)
        assert "(general association)" in notes(result, "test")[0]
    brown = numbers(found["hair"], "stratum", group1_level="Black", group2_level="Male", variable_level="Brown")
    assert (brown["n"], brown["N"]) == (32, 56)


def test_an_event_in_several_groups_has_an_odds_ratio_of_each_against_the_reference(make_table, pbc_table, numbers):
    found = {
        "died_by_stage": pbc_table.run(Stratified(C, DIED, "stage", ("sex",))),
        "low_by_race": read(make_table, "birthwt", "race", "smoke", "low").run(
            Stratified(C, OneOf("low", (1,)), "race", ("smoke",))
        ),
    }

    for name, result in found.items():
        test = [numbers(result, "cmh")[each] for each in ("statistic", "parameter", "p.value")]
        assert test == pytest.approx(LARGER[name]["test"], rel=1e-8)
        for place, ratio in enumerate(LARGER[name]["ratios"], 2):
            pooled = numbers(result, "mantel_haenszel", group1_level=str(place), group2_level="1")
            assert [*three(pooled), pooled["p.value"]] == pytest.approx(ratio, rel=1e-8)
            assert pooled["p.adjusted"] == pytest.approx(LARGER[name]["holm"][place - 2], rel=1e-8)


def test_two_groups_and_an_event_are_the_smallest_general_association(pbc_table, numbers):
    result = pbc_table.run(Stratified(C, DIED, "trt", ("stage",)))

    assert [numbers(result, "cmh")[each] for each in ("statistic", "parameter", "p.value")] == pytest.approx(
        LARGER["two"], rel=1e-8
    )


def test_levels_that_never_meet_within_a_stratum_have_no_test():
    apart = [np.array([[3, 4, 0], [2, 1, 0], [0, 0, 0]]), np.array([[0, 0, 0], [0, 0, 0], [0, 0, 9]])]

    assert general_association(apart).reason == "some groups or levels never meet within a stratum"
    assert general_association([np.array([[1, 0], [0, 0]])]).reason == "no stratum has two rows"
    assert general_association([np.array([[1, 2], [0, 0]])]).reason == "there is one group or one level only"


@given(st.lists(st.lists(st.integers(0, 9), min_size=9, max_size=9), min_size=1, max_size=3), st.permutations(range(3)))
def test_the_order_of_groups_changes_no_general_association(tables, order):
    found = [np.array(each).reshape(3, 3) for each in tables]

    one, other = general_association(found), general_association([each[list(order)] for each in found])

    assert (one.df, one.reason) == (other.df, other.reason)
    assert [one.statistic or 0] == pytest.approx([other.statistic or 0], rel=1e-7, abs=1e-9)


def test_strata_need_a_variable():
    with pytest.raises(PlanError, match="needs a variable"):
        Stratified(C, DIED, "trt", ())


def test_groups_may_be_a_condition(pbc_table, numbers):
    result = pbc_table.run(Stratified(C, DIED, Threshold("age", ">", 50), ("sex",)))

    assert numbers(result, "mantel_haenszel", group1_level="yes", group2_level="no")["estimate"] > 1


def test_nothing_is_estimated_where_no_stratum_has_both_groups():
    apart = [Fourfold(3, 4, 0, 0), Fourfold(0, 0, 2, 5)]

    assert common_odds_ratio(apart).reason
    assert common_risk_ratio(apart).reason
    assert cochran_mantel_haenszel(apart).reason
    assert breslow_day(apart, None).reason


cells = st.integers(1, 30)


@given(cells, cells, cells, cells)
def test_one_stratum_has_the_crude_ratio_with_woolfs_interval(a, b, c, d):
    found, crude = common_odds_ratio([Fourfold(a, b, c, d)]), odds_ratio(a, a + b, c, c + d)

    assert [found.estimate, found.low, found.high] == pytest.approx([crude.estimate, crude.low, crude.high], rel=1e-9)


@given(cells, cells, cells, cells, st.integers(2, 5))
def test_strata_that_are_alike_have_their_own_ratio_and_no_difference(a, b, c, d, times):
    alike = [Fourfold(a, b, c, d)] * times

    ratio = common_odds_ratio(alike).estimate

    assert ratio == pytest.approx(a * d / (b * c), rel=1e-9)
    assert breslow_day(alike, ratio).statistic == pytest.approx(0, abs=1e-6)


@given(cells, cells, cells, cells)
def test_an_empty_stratum_changes_nothing(a, b, c, d):
    table = Fourfold(a, b, c, d)

    assert common_odds_ratio([table, Fourfold(0, 0, 0, 0)]) == common_odds_ratio([table])
    assert cochran_mantel_haenszel([table, Fourfold(2, 5, 0, 0)]) == cochran_mantel_haenszel([table])
