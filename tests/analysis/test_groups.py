"""Groups compared as a person asks for it: named tests, effect sizes, trends and pairs, all as R has them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from clinical_nb.analysis.ard import TESTS
from clinical_nb.analysis.arithmetic.shifts import hodges_lehmann
from clinical_nb.analysis.arithmetic.trends import jonckheere
from clinical_nb.analysis.arithmetic.tukey import range_critical, range_upper
from clinical_nb.analysis.distribution import distribution_from
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Compare, OneOf

R = json.loads((Path(__file__).parent.parent / "reference" / "groups.json").read_text(encoding="utf-8"))
TWO = {
    "age_by_trt": ("pbc_table", "age", "trt"),
    "bili_by_died": ("pbc_table", "bili", OneOf("status", (2,))),
    "risk_by_rx": ("rct_table", "risk", "rx"),
    "untied": ("small_table", "untied", "group"),
    "tied": ("small_table", "tied", "group"),
}
MANY = {
    "albumin_by_stage": ("pbc_table", "albumin", "stage"),
    "bili_by_stage": ("pbc_table", "bili", "stage"),
    "age_by_site": ("rct_table", "age", "site"),
    "untied": ("small_table", "untied", "group"),
    "tied": ("small_table", "tied", "group"),
}


def ask(table, outcome, by, *, where=(), **asked):
    return table.run(Compare(Cohort("d", "t", where), outcome, by, **asked))


def two_groups(request, name, **asked):
    table, outcome, by = TWO[name]
    where = (OneOf("group", ("a", "b")),) if table == "small_table" else ()
    return ask(request.getfixturevalue(table), outcome, by, where=where, **asked)


def many_groups(request, name, **asked):
    table, outcome, by = MANY[name]
    return ask(request.getfixturevalue(table), outcome, by, **asked)


def interval(found):
    return [found[name] for name in ("estimate", "conf.low", "conf.high")]


def pairs(result, context):
    rows = {}
    for each in result.statistics:
        if each.context == context:
            rows.setdefault((each.group1_level, each.group2_level), {})[each.stat_name] = each.stat
    return list(rows.values())


def headline(result) -> str:
    return next(each.context for each in result.statistics if each.context in TESTS)


@pytest.mark.parametrize("name", TWO)
def test_students_t_is_the_headline_where_it_is_asked_for_and_agrees_with_r(request, name, numbers, notes):
    result = two_groups(request, name, test="t_test_student")

    assert headline(result) == "t_test_student"
    assert numbers(result, "t_test_student") == pytest.approx(R["two"][name]["student"], rel=1e-9)
    assert notes(result, "test")[0] == "Student's t test, because it was asked for."
    assert "is defensible too" in notes(result, "alternative")[0]


@pytest.mark.parametrize("name", TWO)
def test_how_far_two_groups_lie_apart_agrees_with_r(request, name, numbers):
    result, expected = two_groups(request, name), R["two"][name]

    shift = numbers(result, "hodges_lehmann")
    assert shift["estimate"] == pytest.approx(expected["median"], rel=1e-10, abs=1e-14)
    close = {"rel": 1e-10} if expected["exact"] else {"abs": 2e-4}  # where R stops looking for its root
    assert [shift["conf.low"], shift["conf.high"]] == pytest.approx(expected["shift"], **close)
    for context, key in (("cohens_d", "d"), ("hedges_g", "g"), ("rank_biserial", "r")):
        assert interval(numbers(result, context)) == pytest.approx(expected[key], rel=1e-9)


@pytest.mark.parametrize("name", MANY)
def test_several_groups_agree_with_r_in_their_variance_their_effects_and_their_trend(request, name, numbers):
    result, expected = many_groups(request, name, test="anova"), R["many"][name]

    assert headline(result) == "anova"
    assert numbers(result, "anova") == pytest.approx(expected["anova"], rel=1e-9)
    assert numbers(result, "eta_squared")["estimate"] == pytest.approx(expected["eta"], rel=1e-10)
    assert numbers(result, "epsilon_squared")["estimate"] == pytest.approx(expected["epsilon"], rel=1e-10)
    if name.endswith("stage"):
        assert numbers(result, "jonckheere") == pytest.approx(expected["jonckheere"], rel=1e-9)


@pytest.mark.parametrize("name", MANY)
def test_pairs_agree_with_r_by_tukey_and_by_holm(request, name):
    expected = R["many"][name]

    tukey = pairs(many_groups(request, name, pairwise="tukey"), "tukey")
    pooled = pairs(many_groups(request, name, test="anova", pairwise="holm"), "pairwise_t_test_pooled")
    welch = pairs(many_groups(request, name, test="anova_welch", pairwise="holm"), "pairwise_t_test_welch")
    ranks = pairs(many_groups(request, name, test="kruskal_wallis", pairwise="holm"), "pairwise_wilcoxon")

    for found, key in (("estimate", "estimate"), ("conf.low", "low"), ("conf.high", "high")):
        assert [each[found] for each in tukey] == pytest.approx(expected["tukey"][key], rel=1e-8, abs=1e-12)
    assert [each["p.adjusted"] for each in tukey] == pytest.approx(expected["tukey"]["p"], abs=1e-9)
    for rows, key in ((pooled, "pooled"), (welch, "welch"), (ranks, "wilcoxon")):
        assert [each["p.value"] for each in rows] == pytest.approx(expected[key], rel=1e-8)
        assert [each["p.adjusted"] for each in rows] == pytest.approx(expected[f"{key}_holm"], rel=1e-8)


@pytest.mark.parametrize(
    ("name", "outcome"), [("died_by_stage", OneOf("status", (2,))), ("ascites_by_stage", "ascites")]
)
def test_shares_over_ordered_groups_have_their_trend_and_their_pairs_as_r_says(pbc_table, numbers, name, outcome):
    result, expected = ask(pbc_table, outcome, "stage", pairwise="holm"), R["trend"][name]

    assert numbers(result, "cochran_armitage") == pytest.approx(expected["trend"], rel=1e-9)
    found = {}
    for context in ("pairwise_chi_squared", "pairwise_fisher"):
        for each in result.statistics:
            if each.context == context:
                found.setdefault(each.stat_name, {})[each.group2_level, each.group1_level] = each.stat
    in_order = sorted(found["p.value"])
    assert [found["p.value"][each] for each in in_order] == pytest.approx(expected["pairs"], rel=1e-8)
    assert [found["p.adjusted"][each] for each in in_order] == pytest.approx(expected["holm"], rel=1e-8)


def test_a_trend_that_is_asked_for_comes_first(pbc_table):
    assert headline(ask(pbc_table, "ascites", "stage", test="cochran_armitage")) == "cochran_armitage"
    assert headline(ask(pbc_table, "albumin", "stage", test="jonckheere")) == "jonckheere"


def test_ordered_levels_over_ordered_groups_have_a_trend(pbc_table, with_levels, numbers):
    levels = [(0, "censored"), (1, "transplant"), (2, "died")]
    pbc_table.columns["status"] = with_levels("categorical", *levels, ordered=True)

    result = ask(pbc_table, "stage", "status")

    assert numbers(result, "jonckheere") == pytest.approx(R["stage_by_status"], rel=1e-9)


@pytest.mark.parametrize(
    ("outcome", "by", "test", "why"),
    [
        ("age", "stage", "t_test_student", "does not compare 'age' between the 4 groups"),
        ("age", "trt", "chi_squared", "chi-squared test does not compare 'age'"),
        ("ascites", "trt", "wilcoxon", "rank-sum test does not compare 'ascites'"),
        ("ascites", "trt", "cochran_armitage", "Cochran-Armitage test of trend does not compare"),
        ("age", "status", "jonckheere", "Jonckheere-Terpstra test of trend does not compare"),
    ],
)
def test_a_test_that_does_not_fit_is_refused_with_those_that_do(pbc_table, outcome, by, test, why):
    with pytest.raises(PlanError, match=why) as refused:
        ask(pbc_table, outcome, by, test=test)

    assert "What can be asked for here" in str(refused.value.hint)


def test_two_groups_have_no_pairs_and_levels_no_means(pbc_table):
    with pytest.raises(PlanError, match="two groups, which are one pair"):
        ask(pbc_table, "age", "trt", pairwise="holm")
    with pytest.raises(PlanError, match="Tukey's method compares means"):
        ask(pbc_table, "ascites", "stage", pairwise="tukey")


def test_fisher_is_run_where_it_is_asked_for(rct_table, notes):
    result = ask(rct_table, "outcome", "rx", test="fisher")

    assert headline(result) == "fisher"
    assert notes(result, "test")[0] == "Fisher's exact test, because it was asked for."


def test_kruskal_and_wallis_may_be_asked_of_ordered_levels_in_two_groups(pbc_table):
    assert headline(ask(pbc_table, "stage", "trt", test="kruskal_wallis")) == "kruskal_wallis"


def test_the_studentised_range_agrees_with_r():
    # ptukey(q, means, df, lower.tail = FALSE), which differs from scipy.stats.studentized_range by as much as 1e-9
    expected = {
        (3.5, 3, 20): 5.58918490820594e-02,
        (5.2, 4, 300): 1.58587551393385e-03,
        (2, 5, 3): 6.60526302661319e-01,
    }

    assert [range_upper(*each) for each in expected] == pytest.approx(list(expected.values()), abs=1e-9)
    assert range_critical(3, 20) == pytest.approx(3.57793472522597, rel=1e-11)


def test_a_constant_outcome_has_no_pairs_and_says_why(make_table):
    frame = pl.DataFrame({"x": [1.0] * 9, "g": list("aaabbbccc")})
    table = make_table(frame, {"x": Column(kind="numeric"), "g": Column(kind="categorical")})

    result = ask(table, "x", "g", pairwise="tukey")

    assert {each.stat for each in result.statistics if each.stat_name == "p.adjusted"} == {None}


def test_groups_of_which_nobody_has_a_value_have_no_test_and_say_why(make_table, notes):
    frame = pl.DataFrame({"x": [None] * 4, "g": list("aabb")}, schema={"x": pl.Float64, "g": pl.String})
    table = make_table(frame, {"x": Column(kind="numeric"), "g": Column(kind="categorical")})

    result = ask(table, "x", "g")

    assert notes(result, "test") == ["There is no test, because a group has fewer than 2 known values."]


def test_values_too_many_for_a_shift_say_so():
    many = distribution_from(np.arange(60_000.0), np.ones(60_000, dtype=np.int64))

    assert hodges_lehmann(many, many).reason == "not estimated from more than 100,000 different values"


rows = st.lists(st.integers(-9, 9), min_size=2, max_size=25)


def counted(values):
    return distribution_from(*np.unique(np.array(values, dtype=float), return_counts=True))


@given(rows, rows)
def test_from_counts_the_shift_is_the_median_difference_of_the_rows(one, other):
    found = hodges_lehmann(counted(one), counted(other))

    assert found.estimate == pytest.approx(np.median(np.subtract.outer(one, other)), abs=1e-9)
    assert found.low <= found.estimate <= found.high


@given(st.lists(rows, min_size=3, max_size=4))
def test_from_counts_the_trend_is_kendalls_of_the_rows(groups):
    places = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    values = np.concatenate(groups)

    found = jonckheere([counted(each) for each in groups])

    if len(set(values)) == 1:
        assert found.p is None
    else:
        assert found.p == pytest.approx(kendalltau(places, values, method="asymptotic").pvalue, rel=1e-9)
