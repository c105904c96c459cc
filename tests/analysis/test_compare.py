"""Comparisons agree with R, choose the test that METHODS names, and say why."""

import polars as pl
import pytest

from clinical_nb.analysis.ard import TESTS
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import Cohort, Compare, OneOf, Threshold

DIED = OneOf("status", (2,))


def headline(result) -> str:
    return next(each.context for each in result.statistics if each.context in TESTS)


@pytest.fixture
def as_r(request, reference, numbers):
    """Answers a question (table, outcome, groups, conditions), and holds all of its tests and effects to R's."""

    def answer(question, place):
        table, *asked = question
        result = request.getfixturevalue(table).compare(*asked)
        expected = reference
        for name in place:
            expected = expected[name]
        for context, wanted in expected.items():
            found = numbers(result, context)
            assert list(found) == list(wanted)
            assert found == pytest.approx(wanted, rel=1e-9)
        return result

    return answer


@pytest.mark.parametrize(
    ("question", "case", "main"),
    [
        (("pbc_table", "bili", DIED), "bili_by_died", "wilcoxon"),
        (("pbc_table", "age", "trt"), "age_by_trt", "t_test_welch"),
        (("rct_table", "risk", "rx"), "risk_by_rx", "t_test_welch"),
    ],
)
def test_a_number_in_two_groups_agrees_with_r(as_r, question, case, main):
    result = as_r(question, ("two_groups", case))

    assert headline(result) == main


@pytest.mark.parametrize(
    ("column", "main"), [("untied", "t_test_welch"), ("tied", "t_test_welch"), ("skewed", "wilcoxon")]
)
def test_a_number_in_two_small_groups_agrees_with_r(as_r, column, main):
    result = as_r(("small_table", column, "group", OneOf("group", ("a", "b"))), ("two_groups", column))

    assert headline(result) == main


@pytest.mark.parametrize(
    ("question", "case", "main"),
    [
        (("pbc_table", "albumin", "stage"), "albumin_by_stage", "anova_welch"),
        (("pbc_table", "bili", "stage"), "bili_by_stage", "kruskal_wallis"),
        (("rct_table", "age", "site"), "age_by_site", "anova_welch"),
        (("small_table", "untied", "group"), "untied", "anova_welch"),
        (("small_table", "tied", "group"), "tied", "anova_welch"),
    ],
)
def test_a_number_in_more_groups_agrees_with_r(as_r, question, case, main):
    result = as_r(question, ("many_groups", case))

    assert headline(result) == main


@pytest.mark.parametrize(
    ("question", "case", "main"),
    [
        (("rct_table", "outcome", "rx"), "outcome_by_rx", "chi_squared"),
        (("rct_table", "outcome", "type"), "outcome_by_type", "chi_squared"),
        (("rct_table", "bleed", "rx"), "bleed_by_rx", "fisher"),
        (("pbc_table", "stage", "trt"), "stage_by_trt", "wilcoxon"),
        (("pbc_table", "stage", "status"), "stage_by_status", "kruskal_wallis"),
        (("rct_table", "type", "site"), "type_by_site", "chi_squared"),
        (("small_table", "event", "group"), "event_by_group", "fisher"),
    ],
)
def test_levels_in_groups_agree_with_r(as_r, question, case, main):
    result = as_r(question, (case,))

    assert headline(result) == main


def test_the_difference_is_of_the_treated_against_the_placebo_group(rct_table):
    result = rct_table.compare("outcome", "rx")

    difference = next(each for each in result.statistics if each.context == "risk_difference")
    assert (difference.group1_level, difference.group2_level) == ("1_indomethacin", "0_placebo")
    assert difference.stat < 0


def test_a_ratio_is_against_the_level_that_was_named(rct_table, numbers):
    plan = Compare(Cohort("d", "t"), "outcome", "rx", against=("1_indomethacin",))
    usual, turned = rct_table.compare("outcome", "rx"), rct_table.run(plan)

    for context in ("risk_ratio", "odds_ratio"):
        one, other = (numbers(result, context) for result in (usual, turned))
        assert other["estimate"] == pytest.approx(1 / one["estimate"], rel=1e-12)
        assert other["conf.low"] == pytest.approx(1 / one["conf.high"], rel=1e-9)
    assert numbers(turned, "risk_difference")["estimate"] == -numbers(usual, "risk_difference")["estimate"]
    assert numbers(turned, "risk_ratio", group2_level="1_indomethacin")


def test_a_condition_is_compared_with_those_for_whom_it_does_not_hold(pbc_table, numbers):
    result = pbc_table.compare("albumin", Threshold("age", ">", 65))

    difference = next(each for each in result.statistics if each.context == "t_test_welch")
    means = [numbers(result, "continuous", group1_level=level)["mean"] for level in ("yes", "no")]
    assert (difference.group1, difference.group1_level, difference.group2_level) == ("age > 65", "yes", "no")
    assert difference.stat == pytest.approx(means[0] - means[1], rel=1e-14)


def test_the_same_question_in_the_other_codes_has_the_same_numbers(pbc_table, numbers):
    by_condition = pbc_table.compare(DIED, "trt")
    recoded = pbc_table.frame.with_columns(dead=pl.col("status") == 2)
    pbc_table.frame, pbc_table.columns["dead"] = recoded, Column(kind="binary")

    by_column = pbc_table.compare("dead", "trt")

    assert numbers(by_condition, "risk_ratio") == numbers(by_column, "risk_ratio")
    assert numbers(by_column, "proportion", group1_level="1")["n"] == 65


def test_the_proportions_of_a_condition_are_shown_with_wilson_intervals(rct_table, numbers, reference):
    wilson = next(each for each in reference["wilson"] if each["N"] == 307)

    result = rct_table.compare(OneOf("outcome", ("1_yes",)), "rx")

    found = numbers(result, "proportion", group1_level="0_placebo", variable_level="yes")
    assert found == pytest.approx(
        {name: wilson[name] for name in ("n", "N", "conf.low", "conf.high")} | {"p": 52 / 307, "N_miss": 0}, rel=1e-10
    )


def test_a_skewed_outcome_says_so_and_whether_the_other_test_agrees(pbc_table, notes):
    result = pbc_table.compare("bili", DIED)

    assert notes(result, "test")[0].startswith("Wilcoxon's rank-sum test, because the values are clearly skewed (")
    assert notes(result, "alternative")[0].endswith("the verdict at 0.05 is the same.")


def test_a_range_that_reaches_an_impossible_sign_is_skewed(make_table, notes, with_levels):
    values = [1, 1, 2, 3, 9, 10, 10, 9, 0, 0, 1, 8]
    table = make_table(
        pl.DataFrame({"days": values, "arm": ["a", "b"] * 6}),
        {"days": Column(kind="numeric"), "arm": with_levels("binary", ("a", "a"), ("b", "b"))},
    )

    result = table.compare("days", "arm")

    assert headline(result) == "wilcoxon"
    assert "a side of 0 that has none" in notes(result, "test")[0]


def test_a_disagreement_between_the_tests_is_said(make_table, notes):
    values = [*range(1, 11), *[6, 7, 8, 9, 10, 11, 12, 13, 14, -30]]
    table = make_table(
        pl.DataFrame({"x": values, "arm": ["a"] * 10 + ["b"] * 10}),
        {"x": Column(kind="numeric"), "arm": Column(kind="binary")},
    )

    result = table.compare("x", "arm")

    assert headline(result) == "wilcoxon"
    assert "that changes the verdict at 0.05" in notes(result, "alternative")[0]


def test_an_ordered_integer_column_is_compared_by_ranks(pbc_table, notes):
    pbc_table.columns["stage"] = Column(kind="numeric", ordered=True)

    result = pbc_table.compare("stage", "sex")

    assert headline(result) == "wilcoxon"
    assert "its levels only rank" in notes(result, "test")[0]


def test_the_event_is_named(rct_table, notes):
    result = rct_table.compare("bleed", "rx")

    assert notes(result, "assumption") == ["The event that is counted: bleed = yes."]


def test_a_group_without_events_has_no_ratio_and_says_why(small_table):
    result = small_table.compare("event", "group", OneOf("group", ("a", "b")))

    found = {(each.context, each.stat_name): each for each in result.statistics}
    for context in ("risk_ratio", "odds_ratio"):
        assert (found[context, "estimate"].stat, found[context, "estimate"].warning) == (None, "a group has no events")
    assert found["risk_difference", "estimate"].stat == pytest.approx(-2 / 7)
    assert found["nnt", "estimate"].warning == "the interval of the risk difference includes 0"


def test_few_events_are_cautioned(small_table, notes):
    result = small_table.compare("event", "group")

    assert notes(result, "caution") == [
        "The smallest group has 0 events, under 5: the estimates are not precise.",
        "Percentages of 5 are of few: one more or less moves them by 20 points.",
    ]


def test_a_group_of_one_has_no_test_and_says_why(pbc_table, notes):
    result = pbc_table.compare("age", OneOf("id", (1,)))

    tests = [each for each in result.statistics if each.context in TESTS]
    assert {(each.stat_name, each.stat, each.warning) for each in tests} == {
        ("p.value", None, "a group has fewer than 2 known values")
    }
    assert notes(result, "test") == ["There is no test, because a group has fewer than 2 known values."]


def test_a_constant_outcome_has_no_test_and_says_why(small_table):
    result = small_table.compare("constant", "group", OneOf("group", ("a", "b")))

    tests = {(each.context, each.stat_name): each for each in result.statistics if each.context in TESTS}
    assert tests["t_test_welch", "p.value"].warning == "the values do not vary within the groups"
    assert tests["wilcoxon", "p.value"].warning == "all values are the same"
    assert tests["t_test_welch", "estimate"].stat == 0


def test_a_p_too_small_for_a_float_is_never_zero(make_table):
    frame = pl.DataFrame({"x": [0, 1] * 5000, "y": [0.0, 1.0] * 5000}).with_columns(pl.col("y") + pl.col("x"))
    table = make_table(frame, {"x": Column(kind="binary"), "y": Column(kind="binary")})

    result = table.compare("y", "x")

    p = next(each for each in result.statistics if each.stat_name == "p.value")
    assert p.stat > 0
    assert p.warning == "smaller than a computer's smallest number"


def test_one_group_is_nothing_to_compare(pbc_table):
    with pytest.raises(PlanError, match="nothing to compare: all rows here have the same 'sex', male"):
        pbc_table.compare("age", "sex", OneOf("sex", ("m",)))


def test_no_group_is_nothing_to_compare(pbc_table):
    with pytest.raises(PlanError, match="nothing to compare: no row here has a known 'trt'"):
        pbc_table.compare("age", "trt", Threshold("id", ">", 312))


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("id", "'id' identifies persons"),
        ("age", "too many to be groups"),
        ("city", "'city' has 31 different values"),
        ("comment", "'comment' holds free text"),
    ],
)
def test_a_column_that_cannot_group_is_refused(pbc_table, by, sentence):
    cities = [f"city {place % 31}" for place in range(418)]
    pbc_table.frame = pbc_table.frame.with_columns(city=pl.Series(cities), comment=pl.lit("well"))
    pbc_table.columns |= {"city": Column(kind="categorical"), "comment": Column(kind="text")}

    with pytest.raises(PlanError, match=sentence):
        pbc_table.compare("bili", by)


def test_an_identifier_is_no_outcome(pbc_table):
    with pytest.raises(PlanError, match="'id' identifies persons, so groups cannot be compared on it"):
        pbc_table.compare("id", "sex")


def test_a_variable_is_not_compared_with_itself(pbc_table):
    with pytest.raises(PlanError, match="with itself"):
        pbc_table.compare("sex", "sex")


def test_a_group_column_that_is_not_there_is_named(pbc_table):
    with pytest.raises(UnknownColumnError, match="Did you mean 'trt'"):
        pbc_table.compare("age", "trtm")


def test_a_table_too_large_for_the_exact_test_gives_chi_squared_with_a_caution(pbc_table, notes):
    result = pbc_table.compare("status", "stage")

    assert headline(result) == "chi_squared"
    assert "could not be computed" in notes(result, "test")[0]
    assert "not reliable" in notes(result, "caution")[0]
