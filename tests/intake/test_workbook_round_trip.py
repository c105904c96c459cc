"""Any table written as a workbook comes back with the same values."""

import datetime as dt
import math
from io import BytesIO
from unicodedata import normalize

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.intake.workbook import read_workbook

# openpyxl writes fifteen or sixteen digits, so the numbers to go there and back are those that it has
NUMBERS = st.floats(-(2.0**52), 2.0**52, width=32).map(lambda x: float(f"{x:.12g}"))
WHOLE = st.integers(-(2**53), 2**53)
DATES = st.dates(dt.date(1902, 1, 1), dt.date(2200, 1, 1))
WORDS = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=8).map(lambda word: f"w {word} w")
COLUMNS = {"number": NUMBERS, "whole": WHOLE, "date": DATES, "word": WORDS, "truth": st.booleans()}


@st.composite
def tables(draw):
    """Columns of one kind each, with blanks, and with a first column that has none."""
    kinds = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=5))
    height = draw(st.integers(1, 8))
    columns = [draw(st.lists(st.none() | COLUMNS[kind], min_size=height, max_size=height)) for kind in kinds]
    return kinds, columns


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_table_comes_back_as_it_was_written(table):
    kinds, columns = table
    book = openpyxl.Workbook()
    book.active.append(["key", *(f"{kind} {at}" for at, kind in enumerate(kinds))])
    for number, row in enumerate(zip(*columns, strict=True)):
        book.active.append([f"k{number}", *row])
    content = BytesIO()
    book.save(content)

    frame = read_workbook(content, "x.xlsx", "x").tables[0].scan.collect()

    assert frame["key"].to_list() == [f"k{number}" for number in range(len(columns[0]))]
    for at, (kind, column) in enumerate(zip(kinds, columns, strict=True)):
        found = frame[f"{kind} {at}"].to_list()
        if kind == "word":
            column = [value and normalize("NFC", value) for value in column]  # noqa: PLW2901 - as text is read
        if kind == "number":
            assert all(
                (value is None) == (back is None) and (value is None or math.isclose(value, back, rel_tol=1e-15))
                for value, back in zip(column, found, strict=True)
            )
        else:
            assert found == column
