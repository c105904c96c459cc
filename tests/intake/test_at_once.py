"""What is asked of many columns at once, of short tables and of long ones."""

import polars as pl
import pytest

from clinical_nb.intake.at_once import are_any


@pytest.mark.parametrize("times", [1, 1000])
def test_columns_of_a_short_table_and_of_a_long_one_are_told_apart_alike(times: int):
    rows = pl.DataFrame({"a": ["1", None], "b": ["x", "1"], "c": [None, None]}, schema=dict.fromkeys("abc", pl.String))

    found = are_any(pl.concat([rows] * times), ["b", "a", "c"], lambda text: text == "x")

    assert found == [True, False, False]


def test_no_value_is_so_in_a_table_without_rows():
    rows = pl.DataFrame({"a": []}, schema={"a": pl.String})

    found = are_any(rows, ["a"], lambda text: text == "x")

    assert found == [False]
