"""How a plan is read back: readings.jsonl holds plans, each with the sentence that it gives."""

import json
from pathlib import Path

import pytest

from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.errors import UnknownColumnError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    Cohort,
    Count,
    Describe,
    Known,
    Missing,
    NoneOf,
    OneOf,
    Threshold,
    plan_from_json,
)
from clinical_nb.render.phrase import Mark, plain
from clinical_nb.render.reading import read_back, read_parts
from clinical_nb.render.wording import say_condition, say_level, short_name

READINGS = [
    json.loads(line) for line in (Path(__file__).parent / "readings.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading["says"][:60])
def test_a_plan_is_read_back_with_labels_signs_and_units(reading, meanings):
    said = read_back(plan_from_json(reading["plan"]), meanings)

    assert said == reading["says"]


def test_each_column_and_condition_of_a_reading_is_marked(meanings):
    plan = Count(Cohort("trial", "trial", (OneOf("sex", ("f",)),)), ("arm",))

    parts = read_parts(plan, meanings)

    marked = [part.text for part in parts if isinstance(part, Mark)]
    assert marked == ["trial", "arm (randomised treatment, oral)", "sex = female"]
    assert plain(parts) == read_back(plan, meanings)


def test_persons_are_counted_where_the_dictionary_knows_who_is_who(meanings):
    columns = {**meanings.tables["trial"], "id": Column(kind="identifier")}

    said = read_back(Count(Cohort("trial", "trial")), Dictionary(tables={"trial": columns}))

    assert said == "Count the persons of trial"


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        (OneOf("status", (2,)), "died", "not died"),
        (OneOf("status", (1, 2)), "transplant or died", "not transplant or died"),
        (NoneOf("status", (2,)), "not died", "died"),
        (OneOf("relapse", (1,)), "relapse within a year", "no relapse within a year"),
        (OneOf("relapse", (0,)), "no relapse within a year", "relapse within a year"),
        (Threshold("age", ">", 65), "age at entry > 65 years", "age at entry ≤ 65 years"),
        (Threshold("age", "<=", 0.5), "age at entry ≤ 0.5 years", "age at entry > 0.5 years"),
        (Missing("sex"), "sex missing", "sex known"),
        (Known("sex"), "sex known", "sex missing"),
        (
            AllOf((OneOf("sex", ("f",)), OneOf("status", (2,)))),
            "sex = female and status (status at the end) = died",
            "not (sex = female and status (status at the end) = died)",
        ),
    ],
)
def test_the_two_sides_of_a_condition_can_be_read_alone(condition, holds, fails, meanings):
    said = [say_level(condition, level, meanings, "trial") for level in ("yes", "no")]

    assert said == [holds, fails]


@pytest.mark.parametrize(
    ("column", "level", "said"),
    [
        ("arm", "0", "placebo"),
        ("relapse", "1", "relapse within a year"),
        ("relapse", "0", "no relapse within a year"),
        ("stage", "3", "stage 3"),
        ("stage", "0.5", "stage 0.5"),
    ],
)
def test_a_level_that_says_nothing_alone_is_said_with_its_column(column, level, said, meanings):
    assert say_level(column, level, meanings, "trial") == said


def test_alternatives_stand_in_brackets_inside_a_conjunction(meanings):
    either = AnyOf((OneOf("sex", ("f",)), OneOf("stage", (1,))))

    said = say_condition(AllOf((either, Known("age"))), meanings, "trial")

    assert said == "age (age at entry) known and (sex = female or stage = 1)"


def test_a_description_is_too_long_to_be_a_name():
    column = Column(kind="numeric", label="days from registration until death, transplantation or the end of the study")
    dictionary = Dictionary(tables={"t": {"time": column}})

    assert short_name("time", dictionary, "t") == "time"


def test_a_label_cannot_begin_a_new_line():
    column = Column(kind="categorical", label="a\nb", levels=(Level(value=1, label="c\r\n\td"),))
    dictionary = Dictionary(tables={"t": {"x": column}})

    said = read_back(Count(Cohort("t", "t", (OneOf("x", (1,)),))), dictionary)

    assert said == "Count the rows of t where x (a b) = c d"
    assert say_level("x", "1", dictionary, "t") == "c d"


def test_a_column_that_the_dictionary_lacks_is_named(meanings):
    with pytest.raises(UnknownColumnError, match="Did you mean 'age'"):
        read_back(Describe(Cohort("trial", "trial"), "aage"), meanings)
