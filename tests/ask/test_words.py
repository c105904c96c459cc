"""Words are the same however they are spelt, inflected or joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.ask.language.words import name_words, normal, normal_words, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("oedema", "edema"),
        ("haemoglobin", "hemoglobin"),
        ("randomised", "randomized"),
        ("women", "woman"),
        ("therapies", "therapy"),
        ("women's", "woman"),
        ("Tumour", "tumor"),
        ("CENTRES", "center"),
        ("patients\u2019", "patient"),
        ("pts", "pt"),
        ("BMIs", "bmi"),
    ],
)
def test_two_spellings_of_a_word_are_one(one, other):
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), [("sepsis", "sepsi"), ("status", "statu"), ("mass", "mas"), ("age", "ages")])
def test_what_only_looks_like_a_plural_keeps_its_ending(one, other):
    assert (normal(one) == normal(other)) == (one == "age")


def test_numbers_signs_and_hyphens_are_words_of_their_own():
    words = words_of("age \u2265 65.5, 40-60 or 1,234 post-ERCP (5-year)")

    assert [word.normal for word in words] == [
        "age", ">=", "65.5", ",", "40", "-", "60", "or", "1,234", "post", "-", "ercp", "(", "5", "-", "year", ")",
    ]  # fmt: skip
    assert [word.number for word in words if word.number is not None] == [65.5, 40, 60, 1234, 5]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("alk.phos", ("alk", "pho")),
        ("incident_bmi", ("incident", "bmi")),
        ("riskScore_0", ("risk", "score", "0")),
        ("TRT01P", ("trt01p",)),
        ("sbp 12", ("sbp", "12")),
    ],
)
def test_a_columns_name_is_cut_at_its_joints(name, words):
    assert name_words(name) == words


@given(st.text("aAbdhsS0139 .,'-_(", max_size=20))
def test_plain_words_are_cut_as_they_are_beside_a_sign(text: str) -> None:
    """Texts of nothing but words take a shorter way, which a sign at their end bars."""
    assert normal_words(f"{text} !") == (*normal_words(text), "!")
