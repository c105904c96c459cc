"""Types of columns, decided over every value."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clinical_nb.intake.tidy import tidy_text
from clinical_nb.intake.values import settle, tell_column, type_columns


def typed(*values, decimal_comma=False):
    """Return a column's type, values and findings."""
    rows = pl.DataFrame({"x": values}, schema={"x": pl.String})
    frame, seen = type_columns(rows, decimal_comma)
    findings = tell_column(settle(seen), "x", "t")
    return frame["x"].dtype, frame["x"].to_list(), [finding.text for finding in findings]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (("1", "-2", "0", None), pl.Int64),
        (("9223372036854775807",), pl.Int64),
        (("1.5", ".5", "1e3", "-2"), pl.Float64),
        (("true", "FALSE", "True"), pl.Boolean),
        (("2020-01-31", "1899-12-31"), pl.Date),
        (("2020-01-31 10:00", "2020-01-31T10:00:01.25"), pl.Datetime("us")),
        (("2020-01-31T10:00Z", "2020-01-31 10:00:00+0200"), pl.Datetime("us", "UTC")),
    ],
)
def test_a_column_has_the_type_that_all_its_values_have(values, dtype):
    found, read, findings = typed(*values)

    assert found == dtype
    assert read.count(None) == values.count(None)
    assert findings == []


@pytest.mark.parametrize(
    "values",
    [
        ("007", "8"),
        ("+441", "2"),
        ("12345678901234567890", "1"),
        ("9007199254740993", "0.5"),
        ("1", "high"),
        ("2020-01-31", "2020-02-30"),
        ("2020-01-31", "31.01.2020"),
        ("2020-01-31T10:00Z", "2020-01-31T10:00"),
        ("2020-01-31", "2020-01-31T10:00"),
        ("true", "T"),
        ("yes", "no"),
        ("0x10", "1"),
        ("1_000", "1"),
        ("1,5", "2"),
        ("inf", "-inf"),
        (None, None),
    ],
)
def test_what_is_not_plainly_of_one_type_stays_text_as_it_was(values):
    assert typed(*values)[:2] == (pl.String, list(values))


def test_infinite_and_too_large_numbers_are_missing_and_told():
    dtype, read, findings = typed("inf", "-inf", "NaN", "1e400", "2", "4")

    assert (dtype, read) == (pl.Int64, [None, None, None, None, 2, 4])
    assert findings == [
        "1 cell with 'NaN' read as missing.",
        "3 cells infinite or too large to be a number, taken as missing.",
    ]


def test_blanks_around_values_are_dropped_and_told():
    assert typed(" 1", "2 ", "3") == (
        pl.Int64,
        [1, 2, 3],
        ["Blanks around the value, marks of no width, and other forms of a character made plain in 2 cells."],
    )


def test_what_nobody_sees_is_dropped_and_told():
    dtype, read, findings = typed("5\u200b", "\ufeff7", "\u00a08", "9")
    _, words, _ = typed("not\u00a0done", "not done", "\u200dx", "\u0645\u06cc\u200c\u062e")

    assert (dtype, read) == (pl.Int64, [5, 7, 8, 9])
    assert findings == [
        "Blanks around the value, marks of no width, and other forms of a character made plain in 3 cells."
    ]
    assert words == ["not done", "not done", "x", "\u0645\u06cc\u200c\u062e"]  # a joiner inside is Persian spelling


def test_characters_are_composed_so_that_one_word_is_one_value():
    column, _ = tidy_text(pl.Series("x", ["Ze\u0301", "Zé"]))

    assert column.n_unique() == 1


@pytest.mark.parametrize("code", ["Na", "na", "none", "-", "?", "unknown", "99"])
def test_what_may_be_a_value_is_not_read_as_missing(code):
    assert typed("K", code)[1] == ["K", code]


def test_decimal_commas_are_read_only_where_the_file_has_them():
    assert typed("1,5", "2", decimal_comma=True)[:2] == (pl.Float64, [1.5, 2.0])
    assert typed("1,234,567", "2", decimal_comma=True)[0] == pl.String


@settings(deadline=None)
@given(st.lists(st.datetimes(datetime(1600, 1, 1), datetime(2200, 1, 1)), min_size=1))  # noqa: DTZ001 - naive on purpose
def test_times_are_read_to_the_microsecond(times):
    assert (
        typed(
            *(time.isoformat() if time.second or time.microsecond else time.isoformat(" ", "minutes") for time in times)
        )[1]
        == times
    )


@settings(deadline=None)
@given(st.integers(-14 * 4, 14 * 4))
def test_the_same_instant_is_the_same_whatever_its_zone(quarters):
    offset = timedelta(minutes=15 * quarters)
    local = datetime(2020, 6, 1, 12) + offset  # noqa: DTZ001 - its zone is written behind it
    sign, minutes = ("-" if quarters < 0 else "+"), abs(15 * quarters)

    _, read, _ = typed("2020-06-01T12:00:00Z", f"{local.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}")

    assert read[0] == read[1]


def test_columns_of_few_distinct_values_are_typed_as_those_of_many_are():
    values = {
        "whole": ["1", "2", None],
        "decimal": ["1.5", "2", "-0.25"],
        "date": ["2020-02-29", None, "1999-12-31"],
        "word": ["drug", "placebo", "é"],
        "code": ["007", "8", "9"],
        "untidy": ["a ", "NA", "b"],
        "empty": [None, None, None],
        "mixed": ["1", "2", "x"],
        "truth": ["TRUE", "false", None],
        "large": ["9007199254740993", "1", "2"],
    }
    few = pl.DataFrame(values, schema=dict.fromkeys(values, pl.String))
    many = pl.concat([few] * 40_000)

    expected, _ = type_columns(few, decimal_comma=False)
    typed, seen = type_columns(many, decimal_comma=False)

    assert_frame_equal(typed, pl.concat([expected] * 40_000))
    assert {name: each.kind for name, each in zip(typed.columns, seen, strict=True)} == {
        "whole": "whole", "decimal": "number", "date": "date", "word": "text", "code": "text", "untidy": "text",
        "empty": "missing", "mixed": "text", "truth": "boolean", "large": "whole",
    }  # fmt: skip
    assert seen[5].tidied.missing == 40_000
    assert seen[9].largest == 9007199254740993
