"""What of a question reaches the history: the dictionary's words and small numbers, and nothing of a person."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.history.privacy import MASK, mask

VOCABULARY = set(
    """a age and arm between bilirubin by for hba1c hospital how in is many may mean men mg mg/dl of or over patients
    serum serum_bili stage the women""".split()  # noqa: SIM905 - words read better than a list of quoted words
)


@pytest.mark.parametrize(
    "question",
    [
        "how many women over 65 in the hospital?",
        "mean age by arm",
        "Mean AGE, by arm: women and men.",
        "women's age",
        "women\u2019s age and patients' age",
        "age 40-60",
        "age 40 - 60",
        "age 40\u201360",
        "age between 40 and 60",
        "age>40, <=60",
        "serum_bili > 2.5 mg/dl",
        "bilirubin over 1,200",
        "stage 1, 2 or 3",
        '"serum bilirubin" (mean)',
        "over 40mg",
        "hba1c ≥ 6.5%",
        "age < 9999",
    ],
)
def test_a_question_of_known_words_and_thresholds_is_kept(question):
    assert mask(question, VOCABULARY) == question


def test_blanks_are_made_single():
    assert mask("  mean \t age\n by arm ", VOCABULARY) == "mean age by arm"


def test_compatibility_forms_are_the_same_words():
    assert mask("\N{FULLWIDTH LATIN SMALL LETTER A}ge over 6\N{FULLWIDTH DIGIT FIVE}", VOCABULARY) == "age over 65"


def test_the_vocabulary_may_be_in_any_letter_case():
    assert mask("mean bilirubin", {"MEAN", "Bilirubin"}) == "mean bilirubin"


def test_signs_may_be_words_of_the_grammar():
    assert mask("age = 40 and arm ? drug", {"age", "=", "and", "arm", "?"}) == f"age = 40 and arm ? {MASK}"


@pytest.mark.parametrize(
    ("question", "masked"),
    [
        ("mean age of Smith", f"mean age of {MASK}"),
        ("mean age of John Q. Smith, by arm", f"mean age of {MASK} by arm"),
        ("mean age of O'Brien", f"mean age of {MASK}"),
        ("mean age of Smith's", f"mean age of {MASK}"),
        ("age of smith@hospital.org", f"age of {MASK}"),
        ("age of women@hospital", f"age of {MASK}"),
        ("age of hospital/smith", f"age of {MASK}"),
        ("age of women-smith?", f"age of {MASK}"),
        ("age of smith.age", f"age of {MASK}"),
        ("age of 12345", f"age of {MASK}"),
        ("age of 0815", f"age of {MASK}"),
        ("age of MRN1234", f"age of {MASK}"),
        ("age of #1234", f"age of {MASK}"),
        ("age in 12/03/1980", f"age in {MASK}"),
        ("age in 12 / 3 / 1980", f"age in {MASK}"),
        ("age in 2021-05-01", f"age in {MASK}"),
        ("age in 12.3.1980", f"age in {MASK}"),
        ("age in 12 3 1980", f"age in {MASK}"),
        ("age in 12-May-1980", f"age in {MASK}"),
        ("age in 12 May 1980", f"age in {MASK}"),
        ("age in 12th of May 1980", f"age in {MASK} of {MASK}"),
        ("age in May 12, 1980", f"age in {MASK}"),
        ("age in 12MAY1980", f"age in {MASK}"),
        ("age in 12 March", f"age in {MASK}"),
        ("age in 12 Mai 1980", f"age in {MASK}"),
        ("age in 12 de mayo de 1980", f"age in {MASK}"),
        ("age of 555-1234", f"age of {MASK}"),
        ("age of 555.1234", f"age of {MASK}"),
        ("age of 555 1234", f"age of {MASK}"),
        ("age of (555) 1234", f"age of {MASK}"),
        ("age of +49 170 555", f"age of {MASK}"),
        ("age of 123-45-6789", f"age of {MASK}"),
        ("age is age:12/3/1980", f"age is {MASK}"),
        ("age 60-40", f"age {MASK}"),
    ],
)
def test_what_may_name_a_person_is_masked(question, masked):
    assert mask(question, VOCABULARY) == masked


@pytest.mark.parametrize(
    "question",
    [
        "wom\u200ben",  # a zero-width blank inside
        "women\u200bSmith",
        "w\N{CYRILLIC SMALL LETTER O}men",
        "women\u0301",
        "٤٢",  # digits, but not those that a threshold is read from
        "age\u2063Smith",
        "\ud800",
        MASK,
    ],
)
def test_letters_that_only_look_known_are_masked(question):
    assert mask(f"mean {question} by arm", VOCABULARY) == f"mean {MASK} by arm"


def test_nothing_stays_nothing():
    assert mask(" \n", VOCABULARY) == ""


KNOWN = st.sampled_from(sorted(VOCABULARY))
STRANGE = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
PUNCTUATION = st.sampled_from(
    [" ", "  ", "", ", ", ".", "-", "/", "'", "@", "_", "? ", "\u2019s ", "\u200b", " (", ") "]
)
PARTS = st.lists(st.tuples(KNOWN | STRANGE | st.integers(0, 10**10).map(str), PUNCTUATION), max_size=12)


@given(PARTS)
def test_no_word_outside_the_vocabulary_survives(parts):
    question = "".join(word + after for word, after in parts)

    masked = mask(question, VOCABULARY)

    words = re.findall(r"[^\W\d_]{2,}", masked)
    assert [word for word in words if word.casefold() not in VOCABULARY | {"hba", "dl", "bili"}] == []


@given(PARTS)
def test_no_number_of_five_digits_or_with_two_separators_survives(parts):
    question = "".join(word + after for word, after in parts)

    masked = mask(question, VOCABULARY)

    assert re.findall(r"\d{5}|\d+[-/.: ]+\d+[-/.: ]+\d+", masked) == []


@given(st.lists(KNOWN, min_size=1, max_size=12))
def test_known_words_alone_are_never_masked(words):
    question = "  ".join(words)

    assert mask(question, VOCABULARY) == " ".join(words)


@given(PARTS)
def test_what_was_masked_is_masked_the_same_again(parts):
    masked = mask("".join(word + after for word, after in parts), VOCABULARY)

    assert mask(masked, VOCABULARY) == masked


def test_only_numbers_that_the_question_was_read_to_hold_are_kept():
    question = "mean age of patient 4711 over 65"

    assert mask(question, {"mean", "age", "of", "patient", "over"}, thresholds=[65]) == (
        f"mean age of patient {MASK} over 65"
    )
    assert mask(question, {"mean", "age", "of", "patient", "over", "4711"}, thresholds=[]) == (
        f"mean age of patient 4711 over {MASK}"
    )
