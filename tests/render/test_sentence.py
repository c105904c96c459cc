"""The direct answer: direction in words, intervals turned with them, and what a sentence leaves to the table."""

import dataclasses
from dataclasses import replace

import pytest

from clinical_nb.plan import Cohort, Compare, Count, Describe, OneOf, Proportion, Survive, Threshold
from clinical_nb.render.phrase import capitalised, plain
from clinical_nb.render.sentence import say_answer
from clinical_nb.render.text import write_text
from clinical_nb.result import Result, Statistic

TRIAL = Cohort("trial", "trial")
TYPICAL = "mean 45.0 years, SD 9.00, median 44.0 years, quartiles 40.0 to 50.0 years"


def changed(answer, context: str, **numbers: float | None) -> str:
    """Say an answer with other numbers in one context; None leaves the number out."""
    names = {name.replace("_", "."): number for name, number in numbers.items()}
    statistics = [
        dataclasses.replace(row, stat=names.get(row.stat_name, row.stat)) if row.context == context else row
        for row in answer.result.statistics
        if not (row.context == context and names.get(row.stat_name, 0) is None)
    ]
    return plain(say_answer(answer.plan, Result(tuple(statistics), ()), answer.dictionary))


def spread(variable: str, group: str, level: str, **numbers: float) -> list[Statistic]:
    return [
        Statistic(variable, name, name, number, "continuous", group1=group, group1_level=level)
        for name, number in numbers.items()
    ]


@pytest.mark.parametrize(
    ("estimate", "low", "high", "words"),
    [
        (2.92, 0.85, 4.99, "higher in the died group by 2.92 (95 % CI 0.850 to 4.99)"),
        (-2.92, -4.99, -0.85, "lower in the died group by 2.92 (95 % CI 0.850 to 4.99)"),
        (-0.5, -2.0, 1.0, "lower in the died group by 0.500 (95 % CI -1.00 to 2.00)"),
        (0.0, -1.0, 1.0, "no different in the died group, the difference is 0.0 (95 % CI -1.00 to 1.00)"),
    ],
)
def test_the_direction_is_in_words_and_the_interval_turns_with_it(estimate, low, high, words, ages):
    said = changed(ages, "t_test_welch", estimate=estimate, conf_low=low, conf_high=high)

    assert words in said


def test_a_risk_difference_turns_too(risk):
    said = changed(risk, "risk_difference", estimate=0.05, conf_low=-0.01, conf_high=0.11)

    assert "higher in the active group by 5.0 percentage points (95 % CI -1.0 to 11.0)" in said


@pytest.mark.parametrize("estimate", [0.0004, -0.0004, 0.0])
def test_what_is_shown_as_no_difference_is_called_none_and_its_interval_stays(risk, estimate):
    said = changed(risk, "risk_difference", estimate=estimate, conf_low=-0.04, conf_high=0.05)

    assert "no different in the active group, the difference is 0.0 percentage points (95 % CI -4.0 to 5.0)" in said


def test_a_rank_test_first_means_medians_first_and_how_often_a_value_is_the_higher_one(ages):
    statistics = [row for row in ages.result.statistics if row.context != "t_test_welch"]

    said = plain(say_answer(ages.plan, Result(tuple(statistics), ()), ages.dictionary))

    assert said == (
        "Median age at entry was 48.0 years in the not died group and 45.0 years in the died group: "
        "lower in the died group, whose value is the higher one in 41.1 % of pairs; "
        "Wilcoxon's rank-sum test, p = 0.0031."
    )


def test_groups_of_one_median_still_differ_in_the_direction_of_their_ranks(ages):
    level = [row if row.stat_name != "median" else replace(row, stat=46.0) for row in ages.result.statistics]
    statistics = [row for row in level if row.context != "t_test_welch"]

    said = plain(say_answer(ages.plan, Result(tuple(statistics), ()), ages.dictionary))

    assert "46.0 years in the died group: lower in the died group" in said


def test_yes_and_no_groups_are_with_and_without(meanings):
    plan = Compare(TRIAL, "age", "relapse")
    statistics = [*spread("age", "relapse", "0", N=9, mean=40.0), *spread("age", "relapse", "1", N=8, mean=44.0)]

    said = plain(say_answer(plan, Result(tuple(statistics), ()), meanings))

    assert (
        said
        == "Mean age at entry was 40.0 years without relapse within a year and 44.0 years with relapse within a year."
    )


def test_a_share_of_nobody_is_not_a_number(meanings):
    plan = Proportion(TRIAL, Threshold("age", ">", 65))
    numbers = {"n": 0.0, "N": 0.0, "p": None, "N_miss": 12.0}
    statistics = tuple(Statistic("age > 65", name, name, number, "proportion") for name, number in numbers.items())

    said = plain(say_answer(plan, Result(statistics, ()), meanings))

    assert said == "Age at entry > 65 years: 0 of 0 (not estimable)."


def test_counts_by_group_of_those_with_a_condition_say_that_they_are_shares_of_these(meanings):
    relapsed = replace(TRIAL, where=(OneOf("relapse", (1,)),))
    statistics = [
        Statistic(None, name, name, number, "count", **group)
        for group, n, of in (({}, 16, 40), ({"group1": "stage", "group1_level": "2"}, 4, 16))
        for name, number in (("n", n), ("N", of), ("p", n / of))
    ]

    said = plain(say_answer(Count(relapsed, ("stage",)), Result(tuple(statistics), ()), meanings))

    with_relapse = said.split(" with ")[1].split(";")[0]
    assert said.startswith("16 of 40 ")
    assert f"; of all with {with_relapse}, 4 of 16 (25 %) in the stage 2 group." in said


def test_a_sentence_names_the_three_largest_of_many_groups(meanings):
    statistics = [
        Statistic(None, name, name, number, "count", group1="stage", group1_level=str(level))
        for level in range(8)
        for name, number in (("n", level + 1), ("N", 36), ("p", (level + 1) / 36))
    ]

    said = plain(say_answer(Count(TRIAL, ("stage",)), Result(tuple(statistics), ()), meanings))

    assert said == (
        "8 of 36 (22.2 %) in the stage 7 group, 7 of 36 (19.4 %) in the stage 6 group "
        "and 6 of 36 (16.7 %) in the stage 5 group, and 5 more."
    )


@pytest.mark.parametrize(
    ("statistics", "said"),
    [
        (("median",), "Age at entry: median 44.0 years."),
        (("sd", "mean"), "Age at entry: SD 9.00, mean 45.0 years."),
        (("range",), "Age at entry: range 20 to 70 years."),
        (("distribution",), f"Age at entry: {TYPICAL}, range 20 to 70 years."),
        ((), f"Age at entry: {TYPICAL}."),
    ],
)
def test_what_was_asked_for_comes_first(statistics, said, meanings):
    numbers = {"N": 90, "mean": 45, "sd": 9, "median": 44, "p25": 40, "p75": 50, "min": 20, "max": 70}
    rows = tuple(Statistic("age", name, name, number, "continuous") for name, number in numbers.items())

    assert plain(say_answer(Describe(TRIAL, "age", (), statistics), Result(rows, ()), meanings)) == said


def test_the_median_of_ordered_levels_is_told_when_asked_for(stages):
    ranks = tuple(Statistic("stage", name, name, 3.0, "ordinal") for name in ("median", "p25", "p75"))
    plan = Describe(TRIAL, "stage", (), ("median", "mean"))

    said = plain(say_answer(plan, Result((*stages.result.statistics, *ranks), ()), stages.dictionary))

    assert said == "Stage: median 3.00."


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("age", "Age"),
        ("post-ERCP pain", "Post-ERCP pain"),
        ("pH", "pH"),
        ("mRNA", "mRNA"),
        ("ÄRZTE", "ÄRZTE"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_the_word_is_written_otherwise(word, shown):
    assert plain(capitalised((word,))) == shown


def test_a_median_that_is_not_reached_is_told_with_the_bound_that_is(meanings):
    plan, event = Survive(TRIAL, "age", OneOf("status", (2,))), "status = 2"
    numbers = {"N": 13.0, "n": 5.0, "conf.low": 464.0, "estimate": None}
    statistics = [Statistic(event, name, name, number, "survival") for name, number in numbers.items()]
    followed = Statistic(event, "estimate", "estimate", 770.0, "follow_up")

    said = write_text(plan, Result((*statistics, followed), ()), meanings)

    assert "not reached (95 % CI 464 to not reached)" in said
    assert "median (95 % CI) not reached (464 to not reached)" in said
