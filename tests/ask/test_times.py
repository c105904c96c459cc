"""Questions about time until an event as a clinic asks them: ratios, mortality, means, follow-up, and near misses."""

import pytest

from clinical_nb.ask.censoring import CENSORED, COMPLETE, DEATHS
from clinical_nb.ask.reading import Declined, Read, Unclear, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import (
    Cohort,
    Count,
    Describe,
    FollowUp,
    Hazard,
    Incidence,
    NoneOf,
    OneOf,
    Rate,
    Survive,
    Threshold,
    all_of,
)

YEAR = 365.25
NO_YES = (Level(value=0, label="no"), Level(value=1, label="yes"))
SHARED = {
    "who": Column(kind="identifier", label="study number", role="patient"),
    "sex": Column(kind="binary", levels=(Level(value="f", label="female"), Level(value="m", label="male"))),
    "age": Column(kind="numeric", unit="years"),
    "wound": Column(
        kind="categorical",
        label="wound class",
        levels=tuple(Level(value=each, label=str(each)) for each in (1, 2, 3)),
    ),
    "lactate": Column(kind="numeric", unit="mmol/l"),
    "smoker": Column(kind="binary", label="smoker", levels=NO_YES),
}
ENDS = {
    **SHARED,
    "days": Column(kind="numeric", label="survival time", unit="days", role="time"),
    "ended": Column(
        kind="categorical",
        label="status at last contact",
        role="event",
        levels=(
            Level(value=0, label="alive"),
            Level(value=1, label="died of sepsis"),
            Level(value=2, label="died from other causes"),
        ),
    ),
}
TWO = {
    **SHARED,
    "rtime": Column(kind="numeric", label="days to relapse or last visit", unit="days", role="time"),
    "relapse": Column(kind="binary", role="event", event=1, levels=NO_YES),
    "dtime": Column(kind="numeric", label="days to death or last visit", unit="days", role="time"),
    "death": Column(
        kind="binary", role="event", event=1, levels=(Level(value=0, label="alive"), Level(value=1, label="dead"))
    ),
}
EITHER = {
    **SHARED,
    "weeks": Column(kind="numeric", label="relapse free survival time", unit="weeks", role="time"),
    "state": Column(
        kind="binary",
        label="relapse or death",
        role="event",
        event=1,
        levels=(Level(value=0, label="alive without relapse"), Level(value=1, label="relapse or death")),
    ),
}
DIED, SEPSIS, OTHER = OneOf("ended", (1, 2)), OneOf("ended", (1,)), OneOf("ended", (2,))
DEAD, RELAPSED = OneOf("death", (1,)), OneOf("relapse", (1,))
FIRST = all_of(DEAD, NoneOf("relapse", (1,)))
WOMEN = OneOf("sex", ("f",))
C = Cohort("trial", "t")


def read(question, columns=ENDS):
    found = read_question(question, "trial", Dictionary(tables={"t": columns}))
    return found.plan if isinstance(found, Read) else found


def ended(*where, event=DIED, **more):
    return Survive(Cohort("trial", "t", where), "days", event, **more)


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("median survival", ended()),
        ("median survival in men and women", ended(by=("sex",))),
        ("hazard ratio of female vs male", ended(by=("sex",), against=("m",))),
        ("HR for men compared to women", ended(by=("sex",), against=("f",))),
        ("10-year survival for men vs women", ended(by=("sex",), at=(10 * YEAR,))),
        ("5 year mortality", ended(at=(5 * YEAR,), told="event")),
        ("1 year mortality by sex", ended(by=("sex",), at=(YEAR,), told="event")),
        ("mortality at 90 days in women", ended(WOMEN, at=(90.0,), told="event")),
        ("how many died within 200 days", ended(at=(200.0,), told="event")),
        ("how many died in the first year", ended(at=(YEAR,), told="event")),
        ("how many women died before 1000 days", ended(WOMEN, at=(1000.0,), told="event")),
        ("percentage of women alive at 5 years", ended(WOMEN, at=(5 * YEAR,))),
        ("how many survived at least 5 years", ended(at=(5 * YEAR,))),
        ("number at risk at 12 months", ended(at=(YEAR,), told="risk")),
        ("restricted mean survival time at 1 year by sex", ended(by=("sex",), until=(YEAR,))),
        ("sepsis-specific survival by sex", ended(event=SEPSIS, by=("sex",))),
        ("log rank test by wound class", ended(by=("wound",))),
        ("is survival different between men and women? log rank p", ended(by=("sex",))),
        ("survival by wound class 1 vs 3", ended(OneOf("wound", (1, 3)), by=("wound",))),
        ("age over 60: survival vs younger", ended(by=(Threshold("age", ">", 60),))),
        ("is survival better in women?", ended(by=("sex",))),
        ("is survival worse in men", ended(by=("sex",))),
        ("is survival time longer in women?", ended(by=("sex",))),
        ("is survival at 1 year better in women", ended(by=("sex",), at=(YEAR,))),
        ("median survival time by sex", ended(by=("sex",))),
        ("compare survival time between men and women", ended(by=("sex",))),
        ("does wound class affect survival", ended(by=("wound",))),
        ("effect of lactate on survival", Hazard(C, "days", DIED, ("lactate",))),
        ("hazard ratio for lactate per 5 mmol/l", Hazard(C, "days", DIED, ("lactate",), step=(5.0,))),
        ("hazard ratio of death per 10 years of age", Hazard(C, "days", DIED, ("age",), step=(10.0,))),
        ("HR of smoker for death adjusted for age", Hazard(C, "days", DIED, ("smoker", "age"))),
        ("HR of women vs men adjusted for age", Hazard(C, "days", DIED, (WOMEN, "age"))),
        ("HR of men vs women adjusted for age", Hazard(C, "days", DIED, ("sex", "age"))),
        ("cox model for death from sepsis with age and sex", Hazard(C, "days", SEPSIS, ("age", "sex"))),
        ("cumulative incidence of sepsis death at 5 years", Incidence(C, "days", SEPSIS, OTHER, (), (5 * YEAR,))),
        (
            "cumulative incidence of death from sepsis by sex accounting for other deaths",
            Incidence(C, "days", SEPSIS, OTHER, ("sex",)),
        ),
        ("median follow-up", FollowUp(C, "days", DIED)),
        ("median follow-up in survivors", FollowUp(Cohort("trial", "t", (OneOf("ended", (0,)),)), "days", DIED)),
        ("how many died", Count(Cohort("trial", "t", (DIED,)))),
        ("deaths per 100 patient-years by sex", Rate(C, DIED, "days", ("sex",), 100.0)),
    ],
)
def test_what_is_asked_of_a_time_is_read(question, plan):
    assert read(question) == plan


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("median time to relapse", Survive(C, "rtime", RELAPSED)),
        ("5 year survival by smoker", Survive(C, "dtime", DEAD, ("smoker",), (), (5 * YEAR,))),
        ("how many relapsed within 2 years", Survive(C, "rtime", RELAPSED, (), (), (2 * YEAR,), told="event")),
        ("hazard ratio for relapse by smoker", Survive(C, "rtime", RELAPSED, ("smoker",))),
        ("relapse rate per 100 person-years", Rate(C, RELAPSED, "rtime", (), 100.0)),
        (
            "cumulative incidence of relapse at 2 years accounting for death",
            Incidence(C, "rtime", RELAPSED, FIRST, (), (2 * YEAR,)),
        ),
        ("does smoker predict relapse", Survive(C, "rtime", RELAPSED, ("smoker",))),
    ],
)
def test_of_several_times_the_one_of_the_named_event_is_read(question, plan):
    assert read(question, TWO) == plan


def test_a_risk_beside_deaths_of_another_column_is_asked_back_about():
    found = read("risk of relapse at 5 years", TWO)

    at = (5 * YEAR,)
    assert isinstance(found, Unclear)
    assert set(found.plans) == {
        Survive(C, "rtime", RELAPSED, (), (), at, told="event"),
        Incidence(C, "rtime", RELAPSED, FIRST, (), at),
    }


def test_free_survival_is_read_of_the_time_that_is_called_so():
    event = OneOf("state", (1,))

    assert read("relapse-free survival by sex", EITHER) == Survive(C, "weeks", event, ("sex",))
    assert read("median relapse free survival", EITHER) == Survive(C, "weeks", event)


@pytest.mark.parametrize(
    "question", ["median survival", "5-year overall survival by sex", "how many died", "5 year mortality"]
)
def test_a_time_until_relapse_or_death_is_no_time_until_death(question):
    assert not isinstance(read(question, EITHER), Survive | Count)


def test_a_time_until_relapse_alone_is_no_relapse_free_survival():
    assert not isinstance(read("relapse-free survival by sex", TWO), Survive)


@pytest.mark.parametrize(
    "question",
    [
        "how many did not die within 5 years",
        "how many died after 5 years",
        "how many never died within 2 years",
        "mortality between 2 and 5 years",
        "hazard ratio of smoker by wound class",
        "hazard ratio not adjusted for age",
        "hazard ratio for lactate per 5 mg/dl",
        "median survival after 5 years",
        "5 year mortality after sepsis",
        "risk of sepsis at 5 years",
        "conditional survival at 5 years",
        "mean survival time by sex",
        "survival by lactate",
        "is survival better",
        "is survival better in women over 60",
    ],
)
def test_near_misses_are_not_read(question):
    assert not isinstance(read(question), Survive | Hazard | Incidence | Rate | FollowUp), read(question)


@pytest.mark.parametrize(
    "question",
    [
        "time to relapse or death",
        "hazard ratio for relapse or death by sex",
        "risk of relapse or death at 5 years",
        "how many died within 1 year and relapsed",
        "number of relapses and deaths within 5 years",
        "5 year survival after relapse",
    ],
)
def test_two_events_are_not_read_as_one_by_the_other(question):
    assert not isinstance(read(question, TWO), Survive | Hazard | Incidence | Rate), read(question, TWO)


@pytest.mark.parametrize(
    "question",
    [
        "mean survival time",
        "mean survival time by sex",
        "range of survival time",
        "linear regression of survival time on age",
        "correlation of age with survival time",
        "table 1 by sex with age and survival time",
    ],
)
def test_survival_times_are_no_complete_numbers(question):
    assert read(question) == Declined(CENSORED)


@pytest.mark.parametrize(
    "question",
    [
        "time from admission to death by sex",
        "mean time from admission to death",
        "correlation of age with time from admission to death",
    ],
)
def test_days_until_the_deaths_of_those_who_died_are_not_those_of_all(question):
    dates = {
        **SHARED,
        "admission_date": Column(kind="date", label="date of admission"),
        "death_date": Column(kind="date", label="date of death"),
    }

    assert read(question, dates) == Declined(CENSORED)


def test_a_time_that_is_named_as_its_column_is_described_with_a_caution():
    found = read_question("mean days by sex", "trial", Dictionary(tables={"t": ENDS}))

    assert found == Read(Describe(C, "days", ("sex",), ("mean",)), (COMPLETE,))


@pytest.mark.parametrize("question", ["relapse-free survival by smoker", "median relapse free survival"])
def test_free_survival_that_leaves_deaths_out_is_not_read(question):
    columns = {**TWO, "rtime": Column(kind="numeric", label="relapse free survival time", unit="days", role="time")}

    assert read(question, columns) == Declined(DEATHS)
    assert read("median time to relapse", columns) == Survive(C, "rtime", RELAPSED)


def test_who_left_does_not_compete():
    levels = (*ENDS["ended"].levels, Level(value=3, label="withdrew consent"))
    columns = {**ENDS, "ended": ENDS["ended"].model_copy(update={"levels": levels})}

    assert read("cumulative incidence of sepsis death at 5 years", columns) == Incidence(
        C, "days", SEPSIS, OTHER, (), (5 * YEAR,)
    )
