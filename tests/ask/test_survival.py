"""Questions about time until an event: how they are read, and what is not read."""

import pytest

from clinical_nb.ask.reading import Declined, Read, Unclear, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort, FollowUp, Hazard, OneOf, Survive, Threshold

DEATH = OneOf("end", (2,))
LEVELS = (Level(value=0, label="censored"), Level(value=1, label="relapse"), Level(value=2, label="died"))
COLUMNS = {
    "months": Column(kind="numeric", unit="months", role="time"),
    "end": Column(kind="categorical", role="event", levels=LEVELS),
    "arm": Column(kind="binary", levels=(Level(value="a", label="drug"), Level(value="b", label="placebo"))),
    "sex": Column(kind="binary", levels=(Level(value="f", label="female"), Level(value="m", label="male"))),
    "age": Column(kind="numeric", unit="years"),
}


def read(question, columns=COLUMNS):
    found = read_question(question, "trial", Dictionary(tables={"t": columns}))
    return found.plan if isinstance(found, Read) else found


def survive(*where, event=DEATH, **more):
    return Survive(Cohort("trial", "t", where), "months", event, **more)


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("median survival", survive()),
        ("What is the median overall survival of the whole cohort?", survive()),
        ("median survival by arm", survive(by=("arm",))),
        (
            "overall survival in women over 65 by arm",
            survive(OneOf("sex", ("f",)), Threshold("age", ">", 65), by=("arm",)),
        ),
        ("5-year survival in each arm with 95% CI", survive(by=("arm",), at=(60.0,))),
        ("survival at 18 months in the placebo group", survive(OneOf("arm", ("b",)), at=(18.0,))),
        ("1-, 3- and 5-year survival by sex", survive(by=("sex",), at=(12.0, 36.0, 60.0))),
        ("what proportion are alive at 2 years", survive(at=(24.0,))),
        ("compare survival between drug and placebo", survive(by=("arm",))),
        ("does survival differ by sex?", survive(by=("sex",))),
        ("is survival longer in women than in men", survive(by=("sex",))),
        ("survival by sex - any difference?", survive(by=("sex",))),
        ("log-rank test by arm", survive(by=("arm",))),
        ("Kaplan-Meier curve by arm", survive(by=("arm",))),
        ("hazard ratio for arm", survive(by=("arm",))),
        ("hazard ratio for death, women vs men", survive(by=("sex",), against=("m",))),
        ("median time to relapse by arm", survive(event=OneOf("end", (1,)), by=("arm",))),
        ("what was the median follow up?", FollowUp(Cohort("trial", "t"), "months", DEATH)),
        ("median follow-up by arm", FollowUp(Cohort("trial", "t"), "months", DEATH, ("arm",))),
    ],
)
def test_a_question_about_time_is_read(question, plan):
    assert read(question) == plan


@pytest.mark.parametrize(
    "question",
    [
        "survival by age",
        "5-cycle survival by arm",
        "median survival adjusted for age",
        "time to age by arm",
        "survival of the fittest by arm",
    ],
)
def test_what_is_not_said_clearly_is_not_read(question):
    assert not isinstance(read(question), Survive)


def test_without_a_declared_event_nothing_says_what_survival_ends_with():
    levels = (Level(value=0, label="0"), Level(value=1, label="1"))
    columns = {**COLUMNS, "end": Column(kind="binary", role="event", levels=levels)}

    assert not isinstance(read("median survival", columns), Survive)
    declared = {**columns, "end": columns["end"].model_copy(update={"event": 1})}
    assert read("median survival", declared) == survive(event=OneOf("end", (1,)))


def test_two_columns_of_times_leave_open_which_is_meant():
    columns = {**COLUMNS, "weeks": Column(kind="numeric", unit="weeks", role="time")}

    assert not isinstance(read("median survival by arm", columns), Survive)


NO_YES = (Level(value=0, label="No"), Level(value=1, label="Yes"))
TWO_ENDS = {
    "rfstime": Column(kind="numeric", label="Days to relapse or last follow-up", role="time"),
    "relapse": Column(kind="binary", role="event", event=1, levels=NO_YES),
    "ostime": Column(kind="numeric", label="Days to death or last follow-up", role="time"),
    "vital": Column(
        kind="binary", role="event", event=2, levels=(Level(value=1, label="Alive"), Level(value=2, label="Dead"))
    ),
    "chemo": Column(kind="binary", levels=NO_YES),
}
DEAD, RELAPSED = OneOf("vital", (2,)), OneOf("relapse", (1,))


@pytest.mark.parametrize(
    ("question", "time", "event", "more"),
    [
        ("median overall survival", "ostime", DEAD, {}),
        ("5 year OS", "ostime", DEAD, {"at": (1826.25,)}),
        ("overall survival by chemo", "ostime", DEAD, {"by": ("chemo",)}),
        ("median time to relapse", "rfstime", RELAPSED, {}),
        ("time to relapse by chemo", "rfstime", RELAPSED, {"by": ("chemo",)}),
        ("log rank test of relapse by chemo", "rfstime", RELAPSED, {"by": ("chemo",)}),
        ("kaplan meier of death by chemo", "ostime", DEAD, {"by": ("chemo",)}),
    ],
)
def test_of_several_times_the_one_until_what_is_asked_is_read(question, time, event, more):
    assert read(question, TWO_ENDS) == Survive(Cohort("trial", "t"), time, event, **more)


@pytest.mark.parametrize("question", ["median overall survival", "5-year survival by chemo"])
def test_survival_is_not_read_of_a_time_until_a_relapse(question):
    columns = {name: TWO_ENDS[name] for name in ("rfstime", "relapse", "chemo")}

    assert not isinstance(read(question, columns), Survive)


def test_event_free_survival_is_not_read_of_one_of_several_times():
    assert not isinstance(read("event-free survival by chemo", TWO_ENDS), Survive)


PARAM = ("Overall Survival (days)", "Progression-Free Survival (days)")
LONG = {
    "AVAL": Column(kind="numeric", label="Analysis Value", role="time"),
    "CNSR": Column(kind="binary", label="Censor", role="event", event=0, levels=NO_YES),
    "PARAM": Column(
        kind="categorical", label="Parameter", levels=tuple(Level(value=each, label=each) for each in PARAM)
    ),
    "PARAMCD": Column(
        kind="categorical",
        label="Parameter Code",
        levels=tuple(Level(value=each, label=each) for each in ("OS", "PFS")),
    ),
    "TRTP": Column(
        kind="binary",
        label="Planned Treatment",
        role="arm",
        levels=tuple(Level(value=each, label=each) for each in ("Placebo", "Drug")),
    ),
}


@pytest.mark.parametrize(
    ("question", "where", "more"),
    [
        ("median PFS", OneOf("PARAMCD", ("PFS",)), {}),
        ("median PFS by arm", OneOf("PARAMCD", ("PFS",)), {"by": ("TRTP",)}),
        ("compare PFS between arms", OneOf("PARAMCD", ("PFS",)), {"by": ("TRTP",)}),
        ("median progression-free survival", OneOf("PARAM", (PARAM[1],)), {}),
        ("median overall survival by arm", OneOf("PARAM", (PARAM[0],)), {"by": ("TRTP",)}),
        ("1 year overall survival", OneOf("PARAM", (PARAM[0],)), {"at": (365.25,)}),
        ("log rank test for PFS by arm", OneOf("PARAMCD", ("PFS",)), {"by": ("TRTP",)}),
    ],
)
def test_the_times_of_a_long_table_are_read_by_what_they_are_called(question, where, more):
    assert read(question, LONG) == Survive(Cohort("trial", "t", (where,)), "AVAL", OneOf("CNSR", (0,)), **more)


@pytest.mark.parametrize("question", ["mean PFS", "median AVAL of PFS", "mean PFS by arm"])
def test_no_mean_is_read_of_times_that_an_event_ended(question):
    assert type(read(question, LONG)).__name__ not in {"Describe", "Compare"}


UNLABELLED = (Level(value=0, label="0"), Level(value=1, label="1"))
A_TIME = Column(kind="numeric", unit="months", role="time")
UNDECLARED = Column(kind="binary", role="event", levels=UNLABELLED)
DECLARED = UNDECLARED.model_copy(update={"event": 1})
RELAPSES = {"rfstime": TWO_ENDS["rfstime"], "relapse": TWO_ENDS["relapse"]}


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({}, "No column is declared as a time until an event; where one is: %clinical correct COLUMN role=time."),
        ({"os_months": Column(kind="numeric")}, "a time until an event ('os_months' may be one)"),
        ({"died": DECLARED}, "No column is declared as a time until an event, though 'died' is an event"),
        ({"futime": A_TIME}, "'futime' is a time, but no column is declared as the event that ended it"),
        ({"first": A_TIME, "second": A_TIME, "state": DECLARED}, "which of the times ('first', 'second') is until"),
        ({"futime": A_TIME, "state": UNDECLARED}, "'futime' is until 'state', of which no code is declared"),
        (RELAPSES, "'rfstime' is until 'relapse', which is not death."),
        ({**RELAPSES, "vital": TWO_ENDS["vital"]}, "Deaths ('vital') have another time, or none."),
        ({**RELAPSES, "pfstime": A_TIME, "pfs_status": DECLARED}, "'rfstime' (until 'relapse'). Say until what"),
    ],
)
@pytest.mark.parametrize("question", ["median survival by arm", "5-year survival in women"])
def test_why_no_time_is_read_is_said_of_these_columns(question, columns, reason):
    found = read(question, {"arm": COLUMNS["arm"], "sex": COLUMNS["sex"], **columns})

    assert isinstance(found, Declined)
    assert reason in found.reason


def test_words_that_nothing_explains_are_named_beside_what_a_time_lacks():
    assert "nothing called 'fittest'" in read("survival of the fittest by arm").reason
    assert read("survival by race", {"arm": COLUMNS["arm"]}).reason.startswith("No column is declared as a time")
    assert "nothing called 'race'" in read("survival by race", {"arm": COLUMNS["arm"]}).reason


def test_a_log_rank_test_without_times_is_told_what_they_lack():
    assert read("log-rank test by arm", {"arm": COLUMNS["arm"]}).reason.startswith("No column is declared as a time")


def hazard(*terms, where=()):
    return Hazard(Cohort("trial", "t", where), "months", DEATH, terms)


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("Cox regression of treatment and age", hazard("arm", "age")),
        ("cox regression of arm, age and sex", hazard("arm", "age", "sex")),
        ("fit a cox model of treatment and age in women", hazard("arm", "age", where=(OneOf("sex", ("f",)),))),
    ],
)
def test_a_cox_model_of_terms_is_of_the_one_event_that_is_timed(question, plan):
    columns = {**COLUMNS, "arm": COLUMNS["arm"].model_copy(update={"role": "arm"})}

    assert read(question, columns) == plan


@pytest.mark.parametrize(
    "question",
    ["cox regression of progression and age", "cox regression of women and age", "cox regression of end and months"],
)
def test_a_cox_model_of_an_event_or_of_persons_is_not_one_of_terms(question):
    columns = {**COLUMNS, "progression": Column(kind="binary", label="Progression", levels=NO_YES)}

    assert not isinstance(read(question, columns), Hazard)


def test_a_cox_model_of_terms_is_not_read_where_several_events_are_timed():
    assert not isinstance(read("cox regression of chemo and age", {**TWO_ENDS, "age": COLUMNS["age"]}), Hazard)


@pytest.mark.parametrize("question", ["cox regression with age sex arm", "hazard ratio for age adjusted for sex arm"])
def test_terms_with_nothing_between_them_are_asked_about(question):
    found = read(question)

    assert isinstance(found, Unclear)
    assert found.plans == (hazard("age", "sex", "arm"),)
