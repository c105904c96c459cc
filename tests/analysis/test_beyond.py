"""Values beyond a limit of detection stay known as such: they are told, and decide only what the limit decides."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.bounds import Bound, can_equal, meets_threshold, read_bound
from clinical_nb.dictionary.meaning import Column, Limit
from clinical_nb.dictionary.steps import Censor
from clinical_nb.plan import NoneOf, OneOf, Threshold
from tests.analysis.conftest import Table

SIGNS = {"<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__}


@pytest.fixture
def censored() -> Table:
    frame = pl.DataFrame(
        {
            "arm": ["a", "a", "a", "b", "b", "b"],
            "crp": [2.5, 6.0, 9.0, 2.5, 100.0, 7.0],
            "crp_limit": ["<5", None, None, "<5", ">100", None],
        }
    )
    crp = Column(kind="numeric", limit=Limit(column="crp_limit", rule="half"))
    return Table(frame, {"arm": Column(kind="categorical"), "crp": crp, "crp_limit": Column(kind="categorical")})


@pytest.mark.parametrize(
    ("condition", "n", "unknown"),
    [
        (Threshold("crp", ">", 3), 4, 2),
        (Threshold("crp", "<", 3), 0, 2),
        (Threshold("crp", "<", 5), 2, 0),
        (Threshold("crp", ">=", 5), 4, 0),
        (Threshold("crp", ">", 150), 0, 1),
        (OneOf("crp", (2.5,)), 0, 2),
        (NoneOf("crp", (2.5,)), 4, 2),
        (OneOf("crp", (6,)), 1, 0),
    ],
)
def test_a_condition_that_a_limit_leaves_open_is_undecided(censored, numbers, condition, n, unknown):
    found = numbers(censored.count(condition), "count")

    assert (found["n"], found["n_unknown"]) == (n, unknown)


def test_values_beyond_a_limit_are_told_with_the_rule_and_what_depends_on_it(censored, notes):
    told = " ".join(notes(censored.describe("crp"), "caution"))

    assert "3 of 6 values of crp lie beyond a limit of detection (<5, >100)" in told
    assert "half the limit below it" in told
    assert "the median depends on the rule too" in told


def test_values_are_counted_within_the_cohort(censored, notes):
    told = " ".join(notes(censored.describe("crp", OneOf("arm", ("a",))), "caution"))

    assert "1 of 3 values of crp" in told
    assert "rank tests" in told


def test_a_limit_is_read_with_its_columns_decimal_mark_or_not_at_all():
    comma = Column(kind="numeric", clean=(Censor(decimal=","),))

    assert read_bound("< 0,5", comma) == Bound("<", 0.5)
    assert read_bound("≥5", Column(kind="numeric")) == Bound(">=", 5)
    assert read_bound("<0,5", Column(kind="numeric")) is None
    assert read_bound("<5 mg", Column(kind="numeric")) is None


@given(
    st.sampled_from(list(SIGNS)),
    st.integers(-3, 3),
    st.sampled_from(list(SIGNS)),
    st.integers(-3, 3),
)
def test_a_bound_decides_exactly_what_holds_for_all_values_beyond_it(bound_sign, bound, sign, value):
    beyond = [x / 2 for x in range(-20, 21) if SIGNS[bound_sign](x / 2, float(bound))]
    answers = {SIGNS[sign](x, float(value)) for x in beyond}

    assert meets_threshold(Bound(bound_sign, bound), sign, value) == (answers.pop() if len(answers) == 1 else None)
    assert can_equal(Bound(bound_sign, bound), value) == (float(value) in beyond)


def test_missing_values_left_out_by_the_rule_are_said_to_shift_the_median(censored, notes):
    crp = censored.columns["crp"].model_copy(update={"limit": Limit(column="crp_limit", rule="missing")})
    frame = censored.frame.with_columns(crp=pl.when(pl.col("crp_limit").is_null()).then("crp"))
    table = Table(frame, {**censored.columns, "crp": crp})

    assert "shifts every statistic, the median too" in " ".join(notes(table.describe("crp"), "caution"))


def test_reasons_beside_a_column_are_counted_within_the_cohort(notes):
    frame = pl.DataFrame(
        {
            "arm": ["a", "a", "a", "a", "b"],
            "pain": [1.0, None, None, None, None],
            "pain_missing": [None, "refused", "refused", "not done", "refused"],
        }
    )
    pain = Column(kind="numeric", reasons="pain_missing")
    text = Column(kind="categorical")
    table = Table(frame, {"arm": text, "pain": pain, "pain_missing": text})

    told = notes(table.describe("pain", OneOf("arm", ("a",))), "missing")

    assert told == ["3 have no known pain (refused 2; not done 1)."]
