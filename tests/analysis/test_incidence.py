"""Competing events in a trial: R's incidences and test, both events told, and what is refused."""

import json
from pathlib import Path

import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Incidence, OneOf, Threshold

R = json.loads((Path(__file__).parent.parent / "reference" / "incidence.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
DIED, TRANSPLANT = OneOf("status", (2,)), OneOf("status", (1,))
YEARS = (365.25, 1826.25, 3652.5)


@pytest.fixture
def timed(pbc_table):
    pbc_table.columns["time"] = Column(kind="numeric", unit="days")
    return pbc_table


def agrees(result, expected, numbers, context="incidence_at", **group):
    for place, when in enumerate(expected["when"]):
        found = numbers(result, context, variable_level=str(when), **group)
        assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
            [expected[each][place] for each in ("estimate", "low", "high")], rel=1e-10
        )


def test_a_real_trial_agrees_with_r_for_the_event_and_for_the_one_that_competes(timed, numbers):
    result = timed.run(Incidence(C, "time", DIED, TRANSPLANT, (), YEARS))

    agrees(result, R["pbc"], numbers)
    agrees(result, R["pbc_transplant"], numbers, "competing_at")
    assert numbers(result, "incidence") == {"N": 418, "n": 161, "n.competing": 25}


@pytest.mark.parametrize(("by", "name"), [("trt", "arms"), ("stage", "stages"), ("sex", "sexes")])
def test_groups_agree_with_r(timed, numbers, by, name):
    result = timed.run(Incidence(C, "time", DIED, TRANSPLANT, (by,), YEARS))

    found, expected = numbers(result, "gray"), R[name][1]
    assert found["statistic"] == pytest.approx(expected["statistic"], rel=1e-8)
    assert found["p.value"] == pytest.approx(expected["p"], rel=1e-8)
    if by == "trt":
        agrees(result, R["placebo"], numbers, group1_level="2")


def test_no_time_asked_for_means_round_times(timed):
    result = timed.run(Incidence(C, "time", DIED, TRANSPLANT))

    times = {each.variable_level for each in result.statistics if each.context == "incidence_at"}
    assert times == {"1826.25", "3652.5"}


@pytest.mark.parametrize(
    ("event", "competing", "told"),
    [
        (DIED, DIED, "cannot compete with itself"),
        (DIED, Threshold("status", ">", 0), "161 rows have both"),
    ],
)
def test_events_that_cannot_compete_are_refused(timed, event, competing, told):
    with pytest.raises(PlanError, match=told):
        timed.run(Incidence(C, "time", event, competing))
