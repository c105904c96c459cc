"""Levels that are one, whatever is written before them or in which numerals, and codes of missing among words."""

from clinical_nb.dictionary.steps import Recode, TreatAsMissing
from tests.quality.test_report import found, report


def test_a_level_with_the_columns_name_before_it_is_that_level():
    findings = report(ward=["7B"] * 5 + ["Ward 7B"] * 2 + ["ward 7b", "8A"])

    assert found("look-alike levels", findings).step == Recode(values={"Ward 7B": "7B", "ward 7b": "7B"})


def test_roman_and_arabic_numerals_are_one_in_the_notation_of_most_rows():
    findings = report(nyha=["II"] * 3 + ["III"] * 2 + ["IV"] + ["2", "3", "4", "4"])

    assert found("look-alike levels", findings).step == Recode(values={"2": "II", "3": "III", "4": "IV"})


def test_roman_numerals_among_other_levels_are_no_numbers():
    findings = report(vitamin=["I", "V", "D", "5"] * 5)

    assert [each for each in findings if each.kind == "look-alike levels"] == []


def test_a_code_below_zero_among_words_may_stand_for_missing():
    findings = report(diabetes=["yes", "no", "no", "yes"] * 4 + ["-99"] * 3)

    code = found("missing codes", findings)
    assert code.step == TreatAsMissing(values=("-99",))
    assert (code.rows, code.text) == (
        3,
        "3 values of -99, apart from all others, which are words: it may mean that it is missing.",
    )
