"""What is suggested after an answer is specific to it, and is read as one other plan."""

from pathlib import Path

import pytest

from clinical_nb.ask.following.following import follow
from clinical_nb.ask.following.suggesting import suggest
from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level, from_yaml

HERE = Path(__file__).parent
_YES_NO = (Level(value=0, label="no"), Level(value=1, label="yes"))
_TIMED = {
    "months": Column(kind="numeric", unit="months", role="time"),
    "relapse": Column(kind="binary", role="event", event=1, levels=_YES_NO),
}
_TRIAL = from_yaml((HERE / "trial.yaml").read_text(encoding="utf-8")).tables["trial"]
TRIAL = Dictionary(tables={"trial": {**_TRIAL, **_TIMED, "arm": _TRIAL["arm"].model_copy(update={"role": "arm"})}})
QUESTIONS = {
    "mean bmi": ("same by randomised treatment", "and in women?"),
    "mean bmi by arm": ("is the difference significant?", "and in women?", "same by sex"),
    "mean bmi in women": ("same by randomised treatment", "and in placebo?"),
    "compare bmi by arm": ("adjust that for age and sex", "and in women?", "why?"),
    "compare age by sex": ("and in placebo?", "why?", "same by randomised treatment"),
    "what proportion had diabetes by arm": (
        "is the difference significant?", "adjust that for age and sex", "and in women?",
    ),
    "how many women over 65": ("same by randomised treatment", "and in placebo?"),
    "median time to relapse by arm": ("adjust that for age and sex", "and in women?", "same by sex"),
    "correlation between age and bmi": ("and in women?",),
    "table 1 by arm with age and bmi": ("and in women?", "same by sex"),
}  # fmt: skip


def plan_of(question):
    read = read_question(question, "trial", TRIAL)
    assert isinstance(read, Read), question
    return read.plan


@pytest.mark.parametrize(("question", "expected"), QUESTIONS.items())
def test_suggestions_are_specific_to_the_question(question, expected):
    assert suggest(plan_of(question), TRIAL) == expected


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_suggestion_can_be_asked_as_it_stands_and_is_of_the_question_before(question):
    plan = plan_of(question)

    for suggestion in suggest(plan, TRIAL):
        followed = follow(suggestion, plan, TRIAL)
        assert not isinstance(read_question(suggestion, "trial", TRIAL), Read)
        assert isinstance(followed.reading, Read)
        assert followed.why or followed.reading.plan != plan


def test_a_table_too_wide_to_be_read_in_passing_has_no_suggestions():
    wide = Dictionary(tables={"trial": {**_TRIAL, **{f"gene_{n}": Column(kind="numeric") for n in range(500)}}})

    assert suggest(plan_of("mean bmi"), wide) == ()


def test_nothing_is_suggested_where_there_is_nothing_else():
    alone = Dictionary(tables={"trial": {"age": Column(kind="numeric")}})

    assert suggest(read_question("mean age", "trial", alone).plan, alone) == ()
