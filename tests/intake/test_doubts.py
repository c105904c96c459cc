"""What is told of columns that stayed text, and what is never quoted."""

import polars as pl
import pytest

from clinical_nb.intake.doubts import doubt_name, doubt_text, look_at


def told(*values, name="x"):
    look = look_at(pl.Series(values, dtype=pl.String))
    return [(finding.rows, finding.text) for finding in doubt_text(look, name, "t")]


def test_values_that_are_no_numbers_are_counted_and_named():
    assert told("1", "2", "high", "high", "3", None) == [(2, "2 values among numbers not a number: 'high'.")]


@pytest.mark.parametrize("name", ["patient_id", "MRN", "phone", "last_name"])
def test_values_of_an_identifying_column_are_never_quoted(name):
    texts = [text for _, text in told("1", "2", "Smith", "3", name=name)]

    assert texts == ["1 value among numbers not a number."]


@pytest.mark.parametrize("values", [("a@b.org",), ("a long remark about somebody we know",), tuple("abcdefghijklmnop")])
def test_free_text_is_never_quoted(values):
    ((_, text),) = told(*values, *(str(number) for number in range(50)))

    assert text == f"{len(values)} value{'s' if len(values) > 1 else ''} among numbers not a number."


@pytest.mark.parametrize(
    ("values", "start"),
    [
        (("007", "12"), "1 number with leading zeros"),
        (("12345678901234567890", "2"), "Some numbers are too large"),
        (("1.2 mg/dl", "88 umol/l", "1.0"), "2 numbers with a unit"),
        (("70 kg", "154 lb"), "2 numbers with a unit"),
        (("$1,200.50", "€900"), "2 numbers with a unit"),
        (("5%", "−2%"), "2 numbers with a unit"),  # noqa: RUF001 - a minus sign as typeset
        (("<0.5", ">10"), "2 numbers with a unit"),
        (("05/04/2023", "25.4.2023"), "Dates in notations"),
        (("5 April 2023", "Apr-2023"), "Dates in notations"),
        (("2020-01-01", "2020-02-30"), "Some dates are impossible"),
        (("2020-01-01", "2020-01-02", "1.1.2020"), "1 value among dates"),
        (("2020-01-01T10:00Z", "2020-01-01T10:00"), "1 time stamp without a time zone"),
        (("1-Mar", "SEPT2", "2-Sep"), "2 values that a spreadsheet"),
        (("1.23457E+15", "x1"), "1 value that a spreadsheet"),
        (("yes", "YES", "no"), "Values that differ only in upper and lower case: 'YES', 'yes'"),
    ],
)
def test_what_looks_wrong_is_told(values, start):
    assert any(text.startswith(start) for _, text in told(*values))


@pytest.mark.parametrize(
    "values",
    [
        ("0_no", "1_yes"),
        ("1 - yes", "2 - no"),
        ("2: Indiana", "1: Michigan"),
        ("1a", "2b"),
        ("P001", "P002"),
        ("well", "worse"),
        ("18-30 years old", "31-40 years old"),
        (),
    ],
)
def test_plain_text_raises_no_doubt(values):
    assert told(*values) == []


def test_a_column_that_names_people_is_warned_of():
    ((finding),) = doubt_name("date_of_birth_dob", 5, "t")

    assert finding.text.startswith("The name says that this column can identify persons")
    assert doubt_name("drug_name", 5, "t") == []
