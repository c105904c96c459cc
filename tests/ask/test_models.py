"""Questions for correlations and models: which columns stand where, and what is not read."""

import pytest

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort, Correlate, Hazard, OneOf, Regress, Survive

COLUMNS = {
    "months": Column(kind="numeric", unit="months", role="time"),
    "status": Column(
        kind="binary", role="event", event=1, levels=(Level(value=0, label="alive"), Level(value=1, label="died"))
    ),
    "arm": Column(
        kind="binary", role="arm", levels=(Level(value="a", label="drug"), Level(value="b", label="placebo"))
    ),
    "sex": Column(kind="binary", levels=(Level(value="f", label="female"), Level(value="m", label="male"))),
    "relapse": Column(kind="binary", levels=(Level(value=0, label="no"), Level(value=1, label="yes"))),
    "age": Column(kind="numeric", unit="years"),
    "albumin": Column(kind="numeric", unit="g/dl"),
}
EVERYONE = Cohort("trial", "t")
WOMEN = Cohort("trial", "t", (OneOf("sex", ("f",)),))
DEATH = OneOf("status", (1,))
RELAPSE = OneOf("relapse", (1,))


def read(question):
    found = read_question(question, "trial", Dictionary(tables={"t": COLUMNS}))
    return found.plan if isinstance(found, Read) else None


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("correlation between age and albumin", Correlate(EVERYONE, "age", "albumin")),
        ("correlation of age with albumin in women", Correlate(WOMEN, "age", "albumin")),
        ("is age correlated with albumin?", Correlate(EVERYONE, "age", "albumin")),
        ("spearman correlation of age with albumin", Correlate(EVERYONE, "age", "albumin", "spearman")),
        ("correlation coefficient of age and albumin", Correlate(EVERYONE, "age", "albumin")),
        ("age and albumin: any association?", Correlate(EVERYONE, "age", "albumin")),
        ("does age affect albumin in women", Correlate(WOMEN, "age", "albumin")),
        ("hazard ratio for age", Hazard(EVERYONE, "months", DEATH, ("age",))),
        ("hazard ratio for arm", Survive(EVERYONE, "months", DEATH, ("arm",))),
        ("hazard ratio for arm adjusted for age and sex", Hazard(EVERYONE, "months", DEATH, ("arm", "age", "sex"))),
        (
            "hazard ratio for death per 1 g/dl of albumin, adjusted for age",
            Hazard(EVERYONE, "months", DEATH, ("albumin", "age")),
        ),
        (
            "run a Cox model for mortality with age, sex and albumin and tell me the HRs",
            Hazard(EVERYONE, "months", DEATH, ("age", "sex", "albumin")),
        ),
        ("linear regression of albumin on age and sex", Regress(EVERYONE, "albumin", ("age", "sex"), "linear")),
        ("logistic regression of relapse on age and arm", Regress(EVERYONE, RELAPSE, ("age", "arm"), "logistic")),
        ("logistic regression of death on age in women", Regress(WOMEN, DEATH, ("age",), "logistic")),
        ("regression of albumin on arm", Regress(EVERYONE, "albumin", ("arm",), "linear")),
        ("compare albumin by arm adjusted for age", Regress(EVERYONE, "albumin", ("arm", "age"), "linear")),
    ],
)
def test_a_model_is_read(question, plan):
    assert read(question) == plan


@pytest.mark.parametrize(
    "question",
    [
        "correlation between age and sex",
        "correlation between age and age",
        "linear regression of relapse on age",
        "logistic regression of albumin on age",
        "linear regression of albumin on albumin and age",
        "hazard ratio for arm adjusted for death",
        "linear regression of albumin on age and height",
        "hazard ratio for arm adjusted for age by sex",
    ],
)
def test_what_makes_no_model_is_not_read(question):
    assert read(question) is None
