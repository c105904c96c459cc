"""Results are analysis results data: kept to the bit, and null where they cannot be estimated."""

import json
import math

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.result import ARD_SCHEMA, Note, Result, Statistic, result_from_json, result_to_json


@given(st.lists(st.floats(), max_size=5))
def test_a_result_goes_to_json_and_back_to_the_bit(numbers):
    statistics = tuple(Statistic("age", "mean", "Mean", number, "continuous") for number in numbers)
    result = Result(statistics, (Note("who", "{used} rows", {"used": 3, "share": 0.1, "of": "\u2066age"}),))

    again = result_from_json(json.loads(json.dumps(result_to_json(result), allow_nan=False)))

    assert again == result


def test_what_is_not_finite_is_null_with_a_reason():
    statistic = Statistic("x", "estimate", "Odds ratio", math.inf, "odds_ratio")

    assert statistic.stat is None
    assert statistic.warning == "cannot be estimated"


def test_the_frame_has_the_published_columns_and_unrounded_numbers():
    result = Result((Statistic("age", "mean", "Mean", 1 / 3, "continuous"),), ())

    assert result.ard.schema == ARD_SCHEMA
    assert result.ard["stat"].to_list() == [1 / 3]
    assert Result((), ()).ard.schema == pl.Schema(ARD_SCHEMA)
