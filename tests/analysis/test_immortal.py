"""Groups that were only known after the start of follow-up are cautioned against, and others are not."""

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import Cohort, Compare, Hazard, Incidence, OneOf, Proportion, Rate, Stratified, Survive, Threshold

C = Cohort("d", "t")
DIED, RELAPSED = OneOf("died", (1,)), OneOf("relapsed", (1,))


@pytest.fixture
def table(make_table, with_levels):
    yes = with_levels("binary", (0, "no"), (1, "yes"))
    frame = pl.DataFrame(
        {
            "days": [30 + (n * 37) % 900 for n in range(80)],
            "died": [n % 3 % 2 for n in range(80)],
            "relapsed": [n % 5 % 2 for n in range(80)],
            "arm": [n % 2 for n in range(80)],
            "crp": [float((n * 7) % 23) for n in range(80)],
            "crp_12": [float((n * 11) % 19) for n in range(80)],
        }
    )
    columns = {
        "days": Column(kind="numeric", role="time"),
        "died": yes.model_copy(update={"role": "event", "event": 1}),
        "relapsed": yes.model_copy(update={"role": "event", "event": 1}),
        "arm": yes,
        "crp": Column(kind="numeric"),
        "crp_12": Column(kind="numeric", baseline="crp"),
    }
    return make_table(frame, columns)


def told(notes, result):
    return [each for each in notes(result, "caution") if "(immortal time)" in each]


@pytest.mark.parametrize(
    ("plan", "late"),
    [
        (Survive(C, "days", DIED, ("relapsed",)), "relapsed"),
        (Survive(Cohort("d", "t", (Threshold("crp_12", ">", 5),)), "days", DIED), "crp_12"),
        (Hazard(C, "days", DIED, ("arm", "crp_12", "relapsed")), "crp_12 and relapsed"),
        (Hazard(C, "days", DIED, ("arm",), ("relapsed",)), "relapsed"),
        (Rate(C, DIED, "days", (Threshold("crp_12", ">", 5),)), "crp_12"),
    ],
)
def test_what_was_seen_after_the_start_is_cautioned_against(table, notes, plan, late):
    (caution,) = told(notes, table.run(plan))

    assert caution.startswith(f"{late} was seen after the start of follow-up: ")


@pytest.mark.parametrize(
    "plan",
    [
        Survive(C, "days", DIED, ("arm",)),
        Hazard(C, "days", DIED, ("arm", "crp")),
        Hazard(C, "days", DIED, ("arm",), (), (RELAPSED,)),
        Incidence(C, "days", OneOf("relapsed", (1,)), OneOf("died", (1,)), ("arm",)),
        Compare(C, "crp_12", "relapsed"),
    ],
)
def test_what_was_known_at_the_start_is_not(table, notes, plan):
    if isinstance(plan, Incidence | Hazard):  # of two events each row has one
        table.frame = table.frame.with_columns(relapsed=pl.when(pl.col("died") == 0).then("relapsed").otherwise(0))

    assert told(notes, table.run(plan)) == []


@pytest.mark.parametrize(
    ("plan", "late"),
    [
        (Compare(C, DIED, "relapsed"), "relapsed"),
        (Compare(C, "died", Threshold("crp_12", ">", 5)), "crp_12"),
        (Proportion(C, DIED, ("relapsed",)), "relapsed"),
        (Stratified(C, DIED, "arm", ("relapsed",)), "relapsed"),
    ],
)
def test_a_risk_by_what_was_seen_later_is_cautioned_against_too(table, notes, plan, late):
    (caution,) = told(notes, table.run(plan))

    assert caution.startswith(f"{late} was seen after the start: ")


@pytest.mark.parametrize(
    "plan",
    [
        Compare(C, DIED, "arm"),
        Compare(C, "crp_12", "arm"),
        Compare(C, "arm", "relapsed"),
        Proportion(C, DIED, (Threshold("crp", ">", 5),)),
        Stratified(C, DIED, "arm", (Threshold("crp", ">", 5),)),
    ],
)
def test_a_risk_by_what_was_known_at_the_start_is_not(table, notes, plan):
    assert told(notes, table.run(plan)) == []
