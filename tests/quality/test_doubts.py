"""What is told of columns that stayed text, what is never quoted, and what is plain text."""

import polars as pl
import pytest

from clinical_nb.intake.table import Table
from clinical_nb.quality.report import inspect


def told(*values, name="x"):
    frame = pl.DataFrame({name: pl.Series(values, dtype=pl.String)})
    return [(finding.rows, finding.text) for finding in inspect([Table("t", frame.lazy(), frame.height)])]


def test_values_that_are_no_numbers_are_counted_and_named():
    assert told("1", "2", "high", "high", "3", None) == [(2, "2 values among numbers not a number: 'high'.")]


@pytest.mark.parametrize("name", ["patient_id", "MRN", "phone", "last_name"])
def test_values_of_an_identifying_column_are_never_quoted(name):
    texts = [text for _, text in told("1", "2", "Smith", "3", name=name)]

    assert "1 value among numbers not a number." in texts
    assert not any("Smith" in text for text in texts)


@pytest.mark.parametrize("values", [("a@b.org",), ("a long remark about somebody we know",), tuple("abcdefghijklmnop")])
def test_free_text_is_never_quoted(values):
    ((_, text),) = told(*values, *(str(number) for number in range(50)))

    assert text == f"{len(values)} value{'s' if len(values) > 1 else ''} among numbers not a number."


@pytest.mark.parametrize(
    ("values", "start"),
    [
        (("007", "12"), "1 number with leading zeros"),
        (("12345678901234567890", "2"), "1 number too large"),
        (("1.2 mg/dl", "88 umol/l", "1.0"), "2 numbers in different units"),
        (("70 kg", "154 lb"), "2 numbers with a unit"),
        (("$1,200.50", "€900"), "2 numbers in different units"),
        (("5%", "\u22122%"), "2 numbers with a unit"),
        (("<0.5", "3.1", ">10"), "2 values beyond a limit"),
        (("05/04/2023", "25.4.2023"), "Dates in 2 notations"),
        (("5 April 2023", "Apr-2023"), "1 date without a day"),
        (("2020-01-01", "2020-02-30"), "1 date of days that do not exist"),
        (("2020-01-01", "2020-01-02", "1.1.2020"), "Dates in 2 notations"),
        (("2020-01-01", "2020-01-02", "soon"), "1 value among dates"),
        (("2020-01-01T10:00Z", "2020-01-01T10:00"), "1 time stamp without a time zone"),
        (("1-Mar", "SEPT2", "2-Sep"), "3 values that a spreadsheet"),
        (("1.23457E+15", "x1"), "1 value that a spreadsheet"),
        (("yes", "YES", "no"), "3 values of yes or no in 3 spellings: 'YES', 'no', 'yes'"),
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
        ("30s", "40s", "50s"),
        ("3rd", "1st"),
        ("10 or more", "under 10"),
        (),
    ],
)
def test_plain_text_raises_no_doubt(values):
    assert told(*values) == []


def test_a_column_that_names_people_is_warned_of():
    ((_, text),) = told("1950-01-01 or so", "x", name="date_of_birth_dob")

    assert text.startswith("The name says that this column can identify persons")
    assert told("aspirin", "ibuprofen", name="drug_name") == []
