"""Column names: clean, distinct, and missed where the first line is data."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.intake.header import distinct_names, looks_like_data


def test_names_are_clean_complete_and_distinct_whatever_the_case():
    names = distinct_names([" age ", "line\nbreak", "", None, "value", "value", "Value", "e\u0301", "\ufeffid"])

    assert names == ("age", "line break", "column_3", "column_4", "value", "value_2", "Value_3", "é", "id")


def test_a_number_behind_a_name_is_never_one_that_is_taken():
    assert distinct_names(["a", "a", "a_2", "A"]) == ("a", "a_3", "a_2", "A_4")


@settings(deadline=None)
@given(st.lists(st.text(max_size=4), max_size=12))
def test_names_are_always_distinct_and_stay_what_they_became(raw):
    names = distinct_names(raw)

    assert len({name.casefold() for name in names}) == len(raw)
    assert distinct_names(names) == names


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("1", "41", "F"), [("2", "42", "M"), ("3", "43", "F")]),
        (("P1", "41"), [("P2", "42"), ("P3", "43")]),
        (("a", "2020-01-01"), [("b", "2020-01-02")]),
        (("a", "1.5"), [("b", "2.5")]),
        (("F", "A"), [("F", "B"), ("M", "A")]),
    ],
)
def test_a_first_line_of_data_is_seen(header, rows):
    assert looks_like_data(header, pl.DataFrame(rows, orient="row"))


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("id", "age"), [("1", "41")]),
        (("country", "2019", "2020"), [("A", "1", "2"), ("B", "3", "4")]),
        (("gene", "1", "2", "3"), [("A", "1", "2", "3")]),
        (("id", "sex"), []),
        (("id", "note"), [("1", "id"), ("2", "x")]),
        (("id", "visit 1.5"), [("1", "2")]),
    ],
)
def test_names_are_not_taken_for_data(header, rows):
    frame = pl.DataFrame(rows, schema=[f"c{number}" for number in range(len(header))], orient="row")

    assert not looks_like_data(header, frame.cast(pl.String))


def test_a_name_that_polars_would_take_for_a_pattern_is_made_a_plain_one():
    assert distinct_names(["^age.*$", "^", "cost$", "^^$", "^ x$", "*"]) == ("age.*$", "^", "cost$", "$", "x$", "*")
