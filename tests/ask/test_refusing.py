"""A word that is not understood, or that changes what is meant, is never passed over."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import from_yaml

HERE = Path(__file__).parent / "questions"
SCHEMAS = ("survey", "pain", "hospital", "stroke", "lung", "surgery", "children", "mood")
DICTIONARIES = {name: from_yaml((HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in SCHEMAS}
CHANGING = (
    "not", "without", "except", "before", "half", "twice", "first", "new", "severe", "never", "second", "maternal",
    "former", "unknown", "xyzzy", "previous", "risk", "daily", "non", "recurrent", "possible", "worst",
)  # fmt: skip


def refused() -> list[tuple[str, str]]:
    """Return each question that must not be answered, with its dataset."""
    lines = (HERE / "refused.txt").read_text(encoding="utf-8").splitlines()
    return [
        (schema, question)
        for line in lines
        if line and not line.startswith("#")
        for schema, question in [line.split(": ", 1)]
    ]


def answered() -> list[tuple[str, str]]:
    """Return each question that is read, with its dataset."""
    found: list[tuple[str, str]] = []
    for schema in SCHEMAS:
        lines = (HERE / f"{schema}.txt").read_text(encoding="utf-8").splitlines()
        said = [line for line in lines if line and not line.startswith("#")]
        found += [(schema, q) for q, meant in zip(said[::2], said[1::2], strict=True) if meant.strip()[0] == "="]
    return found


def test_there_are_many_questions_with_one_word_changed():
    assert len(refused()) >= 200


@pytest.mark.parametrize(("schema", "question"), refused())
def test_a_question_with_one_word_changed_is_not_answered(schema, question):
    assert not isinstance(read_question(question, schema, DICTIONARIES[schema]), Read)


@given(st.sampled_from(answered()), st.sampled_from(CHANGING), st.integers(0, 20))
def test_a_word_that_changes_what_is_meant_changes_the_plan_or_is_refused(asked, word, place):
    schema, question = asked
    words = question.split()
    if word in question:
        return
    words.insert(place % (len(words) + 1), word)

    changed = read_question(" ".join(words), schema, DICTIONARIES[schema])

    before = read_question(question, schema, DICTIONARIES[schema])
    assert isinstance(before, Read)
    assert not isinstance(changed, Read) or changed.remarks or changed.plan != before.plan
