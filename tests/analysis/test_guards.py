"""Every guard fires with its sentence, and what it stands before is answered once the person who asks says so.

Rows of one person that are treated as independent, and overlapping groups, are in test_independent.py; groups that were
only known later, in test_immortal.py.
"""

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    Change,
    Cohort,
    Compare,
    Describe,
    Hazard,
    Incidence,
    Margin,
    Measured,
    NoneOf,
    OneOf,
    Proportion,
    Rate,
    Regress,
    Stratified,
    Survive,
    TableOne,
    Threshold,
)

C = Cohort("d", "t")
ROWS = 60


def when(column):
    return OneOf(column, (1,))


@pytest.fixture(scope="module")
def table(make_table, with_levels):
    numbers = {f"x{place}": [float((row * (place + 3)) % 17) for row in range(ROWS)] for place in range(11)}
    days = [30 + (row * 37) % 900 for row in range(ROWS)]
    levels = {
        "died": [row % 3 % 2 for row in range(ROWS)],
        "never": [0] * ROWS,
        "status": [row % 2 if row % 10 else 9 for row in range(ROWS)],
        "arm": [row % 2 for row in range(ROWS)],
        "copy": [row % 2 for row in range(ROWS)],
        "one": [1] * ROWS,
        "rare": [int(row == 7) for row in range(ROWS)],
    }
    frame = pl.DataFrame(
        {
            **numbers,
            **levels,
            "site": [row % 6 for row in range(ROWS)],
            "days": days,
            "zero": [0 if row < 3 else days[row] for row in range(ROWS)],
            "negative": [-5 if row < 2 else days[row] for row in range(ROWS)],
        }
    )
    yes_or_no = with_levels("binary", (0, "no"), (1, "yes"))
    columns = {name: Column(kind="numeric") for name in frame.columns}
    columns |= dict.fromkeys(levels, yes_or_no) | {"site": Column(kind="categorical")}
    return make_table(frame, columns)


CAUTIONS = {
    "separation": (Regress(C, when("arm"), ("copy",), "logistic"), "Separation in the adjusted model and copy: "),
    "too few events": (Regress(C, when("died"), ("x0", "x1", "x2"), "logistic"), "20 events (or rows without) are un"),
    "no events": (Survive(C, "days", when("never"), ("arm",)), "The smallest group has 0 events, under 5: "),
    "one group of times": (Survive(C, "days", when("died"), ("one",)), "All with a known one are of one group: noth"),
    "one group in Table 1": (TableOne(C, ("x0",), ("one",), tests=True), "All with a known one are of one group: n"),
    "one person": (Describe(C, "x0", ("rare",)), "x0 where rare = 1: one alone has a known value, which has no SD an"),
    "one person of all": (
        Measured(Cohort("d", "t", (when("rare"),)), "x0", ("variance",)),
        "x0: one alone has a known value, which has no SD and says nothing of others.",
    ),
    "events at time 0": (Survive(C, "zero", when("died")), "1 had the event at time 0: they count as at risk then."),
    "events at time 0 of a model": (Hazard(C, "zero", when("died"), ("arm",)), "1 had the event at time 0: they "),
    "events at time 0 of a rate": (Rate(C, when("died"), "zero"), "1 had the event at time 0: it counts, and adds no"),
    "undeclared code": (Survive(C, "days", when("status")), "status has codes that are not declared (6 with 9): "),
    "undeclared code of a model": (Hazard(C, "days", when("status"), ("x0",)), "status has codes that are not decl"),
    "undeclared code that competes": (
        Incidence(C, "days", when("died"), OneOf("status", (9,))),
        "status has codes that are not declared (6 with 9): ",
    ),
    "percentages of few": (
        Proportion(C, when("died"), ("site",)),
        "Percentages of 10 are of few: one more or less moves them by 10 points.",
    ),
    "groups made of the outcome": (
        Compare(C, "x0", Threshold("x0", ">", 0)),
        "x0 makes the groups itself: that they differ on it is no finding.",
    ),
    "groups made of the time": (Survive(C, "days", when("died"), (Threshold("days", ">", 9),)), "days makes the group"),
    "many tests": (
        TableOne(C, tuple(f"x{place}" for place in range(11)), ("arm",), tests=True),
        "11 tests are many: one in 20 is below 0.05 by chance. p corrected by Holm's method is beside each.",
    ),
}


@pytest.mark.parametrize(("plan", "sentence"), CAUTIONS.values(), ids=CAUTIONS)
def test_a_guard_cautions(table, notes, plan, sentence):
    if isinstance(plan, Incidence):  # of two events each row has one
        table = type(table)(table.frame.with_columns(died=pl.col("died") * (pl.col("status") != 9)), table.columns)

    assert [each for each in notes(table.run(plan), "caution") if each.startswith(sentence)] != []


@pytest.mark.parametrize(
    "plan",
    [
        Survive(C, "days", when("died"), ("arm",)),
        Hazard(C, "days", when("died"), ("arm",)),
        Proportion(C, when("died"), ("arm",)),
        Describe(C, "x0", ("arm",)),
        Compare(C, "x0", "arm"),
        TableOne(C, tuple(f"x{place}" for place in range(10)), ("arm",), tests=True),
        TableOne(C, tuple(f"x{place}" for place in range(11)), ("arm",)),
    ],
)
def test_where_there_is_nothing_to_caution_against_nothing_is(table, notes, plan):
    said = [sentence for _, sentence in CAUTIONS.values()]

    assert [each for each in notes(table.run(plan), "caution") if each.startswith(tuple(said))] == []


REFUSALS = {
    "one group": (Compare(C, "x0", "one"), "There is nothing to compare: all rows here have the same 'one', yes."),
    "one group of a model": (Hazard(C, "days", when("died"), ("one",)), "all rows here have the same 'one'"),
    "no events of a model": (Hazard(C, "days", when("never"), ("arm",)), "Nobody here has the event, never = 1"),
    "negative times": (Survive(C, "negative", when("died")), "2 values of 'negative' are negative, and nobody is fo"),
    "negative times of a model": (Hazard(C, "negative", when("died"), ("arm",)), "2 values of 'negative' are neg"),
    "negative times of a rate": (Rate(C, when("died"), "negative"), "2 values of 'negative' are negative, and nobod"),
}


@pytest.mark.parametrize(("plan", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_a_guard_refuses(table, plan, sentence):
    with pytest.raises(PlanError, match=sentence):
        table.run(plan)


@pytest.mark.parametrize("kind", [Survive, Rate])
def test_negative_times_are_left_out_where_the_person_says_so(table, kind):
    at_least = Cohort("d", "t", (Threshold("negative", ">=", 0),))
    plans = {Survive: Survive(at_least, "negative", when("died")), Rate: Rate(at_least, when("died"), "negative")}

    counted = table.run(plans[kind]).ard.filter(stat_name="N", variable="died = 1")["stat"]

    assert counted[0] == ROWS - 2


def test_a_code_that_nobody_declared_is_left_out_where_the_person_says_so(table):
    known = Cohort("d", "t", (NoneOf("status", (9,)),))

    counted = table.run(Survive(known, "days", when("status"))).ard.filter(stat_name="N", variable="status = 1")["stat"]

    assert counted[0] == ROWS - 6


def test_what_cannot_be_estimated_is_null_with_its_reason_whatever_is_overridden(table):
    anyway = Cohort("d", "t", (when("rare"),), despite=("repeated",))

    row = table.run(Describe(anyway, "x0")).ard.filter(stat_name="sd")

    assert row["stat"].to_list() == [None]
    assert row["warning"].to_list() == ["fewer than 2 rows have a known value"]


ALONE = {
    "log_rank": Survive(C, "days", when("died"), ("rare",)),
    "hazard_ratio": Survive(C, "days", when("died"), ("rare",)),
    "proportional_hazards": Survive(C, "days", when("died"), ("rare",)),
    "restricted_mean_difference": Survive(C, "days", when("died"), ("rare",)),
    "gray": Incidence(C, "days", OneOf("status", (1,)), OneOf("status", (9,)), ("rare",)),
    "cmh": Stratified(C, when("died"), "rare", ("site",)),
    "ancova": Change(C, "x0", "x1", "rare"),
    "tost": Margin(C, when("died"), "rare", 0.1, "equivalence"),
    "fisher": Compare(C, when("died"), "rare", "fisher"),
    "t_test_welch": Compare(C, "x0", "rare"),
}


@pytest.mark.parametrize(("context", "plan"), ALONE.items(), ids=ALONE)
def test_a_group_of_one_is_not_tested(table, context, plan):
    found = [each for each in table.run(plan).statistics if each.context == context]

    assert {each.stat for each in found if each.stat_name == "p.value"} <= {None}
    assert "a group has fewer than 2 known values" in {each.warning for each in found}
