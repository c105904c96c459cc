"""Questions for a Table 1: which columns, which groups, and when there are tests."""

import pytest

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort, OneOf, TableOne

COLUMNS = {
    "patient": Column(kind="identifier", role="patient"),
    "arm": Column(
        kind="binary", role="arm", levels=(Level(value="a", label="drug"), Level(value="b", label="placebo"))
    ),
    "sex": Column(kind="binary", levels=(Level(value="f", label="female"), Level(value="m", label="male"))),
    "age": Column(kind="numeric", unit="years"),
    "site": Column(kind="categorical", levels=(Level(value=1, label="Oslo"), Level(value=2, label="Bergen"))),
    "months": Column(kind="numeric", role="time"),
    "weight": Column(kind="numeric"),
    "weight_after": Column(kind="numeric", baseline="weight"),
}


def read(question):
    found = read_question(question, "trial", Dictionary(tables={"t": COLUMNS}))
    return found.plan if isinstance(found, Read) else None


def table(*columns, where=(), by=("arm",), tests=False):
    return TableOne(Cohort("trial", "t", where), columns, by, tests)


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("make a table 1 by arm with age, sex and site", table("age", "sex", "site")),
        ("table 1 by treatment arm: age, sex, weight", table("age", "sex", "weight")),
        ("Demographics table by arm please (age, sex)", table("age", "sex")),
        ("table 1 of age and sex by arm in women", table("age", "sex", where=(OneOf("sex", ("f",)),))),
        ("table 1 by arm with age and sex, with p values", table("age", "sex", tests=True)),
        ("table one by site: age, sex", table("age", "sex", by=("site",), tests=True)),
        ("baseline characteristics by arm", table("sex", "age", "site", "weight")),
        ("baseline characteristics", table("arm", "sex", "age", "site", "weight", by=())),
    ],
)
def test_a_table_one_is_read(question, plan):
    assert read(question) == plan


@pytest.mark.parametrize(
    "question", ["table 1 by arm and site", "table 1 by arm with age and arm", "table 1 by arm with age and height"]
)
def test_what_cannot_be_a_table_one_is_not_read(question):
    assert read(question) is None
