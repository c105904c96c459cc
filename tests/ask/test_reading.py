"""Questions are read as the one plan that they mean, or the person is asked, or told why not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.ask.language.lexicon import lexicon
from clinical_nb.ask.reading import Declined, Read, Unclear, known_words, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level, from_yaml
from clinical_nb.plan import Cohort, Compare, Count, Describe, OneOf, Pair, Plan, Proportion, name_of

HERE = Path(__file__).parent
TRIAL = from_yaml((HERE / "trial.yaml").read_text(encoding="utf-8"))


def say(plan: Plan) -> str:
    """Write a plan as the lines of questions.txt do."""
    match plan:
        case Count(_, by):
            said = "count"
        case Proportion(_, event, by):
            said = f"share {name_of(event)}"
        case Describe(_, column, by, statistics):
            said = f"{' '.join(statistics)} {column}"
        case Compare(_, outcome, by):
            said, by = f"compare {name_of(outcome)}", (by,)
        case Pair(_, before, after):
            said, by = f"pair {name_of(before)} -> {name_of(after)}", ()
    groups = "".join(f" by {name_of(group)}" for group in by)
    where = "".join(f" | {name_of(condition)}" for condition in plan.cohort.where)
    return said + groups + where


def cases() -> list[tuple[str, list[str]]]:
    """Return each question of questions.txt with what it must be read as: a plan, several choices, or a reason."""
    found: list[tuple[str, list[str]]] = []
    for line in (HERE / "questions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            found[-1][1].append(line.strip())
        elif line and not line.startswith("#"):
            found.append((line, []))
    return found


@pytest.mark.parametrize(("question", "expected"), cases(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_question_is_read_as_it_is_meant(question, expected):
    reading = read_question(question, "trial", TRIAL)

    match reading:
        case Read(plan, _):
            assert [f"= {say(plan)}"] == expected
        case Unclear(_, plans):
            assert [f"? {say(plan)}" for plan in plans] == expected
        case Declined(reason):
            assert len(expected) == 1
            assert expected[0].startswith("! ")
            assert expected[0].removeprefix("! ") in reason


def test_every_class_of_question_is_in_the_file():
    marks = {line[0] for _, expected in cases() for line in expected}

    assert marks == {"=", "?", "!"}
    assert len(cases()) > 150


def test_a_typing_error_is_read_and_said():
    reading = read_question("mean wieght by arm", "trial", TRIAL)

    assert isinstance(reading, Read)
    assert reading.remarks == ("'wieght' was read as 'weight'.",)


def test_a_typing_error_never_changes_the_first_letter():
    reading = read_question("mean height", "trial", TRIAL)

    assert isinstance(reading, Declined)
    assert "'height'" in reading.reason


def test_an_unknown_word_is_named_with_what_is_near():
    reading = read_question("mean pressure gradient", "trial", TRIAL)

    assert isinstance(reading, Declined)
    assert "'gradient'" in reading.reason


def test_two_tables_with_the_same_column_are_asked_about():
    table = TRIAL.tables["trial"]
    both = TRIAL.model_copy(update={"tables": {"first": table, "second": table}})

    reading = read_question("mean age", "trial", both)

    assert isinstance(reading, Unclear)
    assert [plan.cohort.table for plan in reading.plans] == ["first", "second"]


def test_an_overlong_question_is_declined_at_once():
    reading = read_question("how many women " * 60, "trial", TRIAL)

    assert isinstance(reading, Declined)
    assert "longer than" in reading.reason


def test_no_question_is_declined_with_an_example():
    reading = read_question("   ", "trial", TRIAL)

    assert isinstance(reading, Declined)
    assert "mean age by arm" in reading.reason


WORDS = sorted({word for phrases in lexicon().keywords.values() for phrase in phrases for word in phrase})
NAMES = ["age", "bmi", "women", "placebo", "diabetes", "65", "3", "arm", "nyha", "died", "sbp", "hispanic", "xyzzy"]


@given(st.lists(st.sampled_from(WORDS + NAMES * 8), min_size=1, max_size=9))
def test_any_words_are_read_or_refused_and_a_reading_leaves_none_out(words):
    reading = read_question(" ".join(words), "trial", TRIAL)

    assert isinstance(reading, Read | Unclear | Declined)
    if "xyzzy" in words:
        assert isinstance(reading, Declined)


def test_words_of_the_dictionary_and_the_grammar_are_known_in_every_inflection_and_names_are_not():
    known = known_words("How many women of Dr Smith's had BMIs over 30 in Berlin, 4711?", TRIAL)

    assert {"how", "many", "women", "of", "had", "bmis", "over", "in", "berlin"} <= known
    assert not {"dr", "smith's", "smith", "4711"} & known


def staged(*codes):
    levels = tuple(Level(value=code, label=f"Stage {number}") for number, code in enumerate(codes, 1))
    return Dictionary(tables={"t": {"stage": Column(kind="categorical", label="Stage", levels=levels)}})


@pytest.mark.parametrize("question", ["% stage 3 or 4", "percent with stage 3 or 4", "% stage 3/4"])
@pytest.mark.parametrize("codes", [(1, 2, 3, 4), (0, 1, 2, 3), ("a", "b", "c", "d")])
def test_the_second_of_two_levels_may_be_its_number_alone(question, codes):
    reading = read_question(question, "trial", staged(*codes))

    assert isinstance(reading, Read)
    assert reading.plan == Proportion(Cohort("trial", "t"), OneOf("stage", codes[2:]))


@pytest.mark.parametrize(
    ("question", "codes"),
    [("% stage 3 or 5", (1, 2, 3, 4)), ("% stage 2 or 3 or", (1, 2, 3)), ("% stage 3 4", (1, 2, 3, 4))],
)
def test_a_number_that_is_no_level_beside_another_is_not_read(question, codes):
    assert not isinstance(read_question(question, "trial", staged(*codes)), Read)


def test_a_number_that_is_the_code_of_one_level_and_the_label_of_another_is_not_taken_for_the_code():
    reading = read_question("% stage 1 or 3", "trial", staged(0, 1, 2, 3))

    assert not isinstance(reading, Read) or reading.plan.event == OneOf("stage", (0, 2))
