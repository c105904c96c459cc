"""Rates: R's exact intervals, ratios and tests, events counted by a condition or by a column, and what is refused."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.arithmetic.poisson import equal_rates, rate_difference, rate_of, rate_ratio
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, OneOf, Rate
from clinical_nb.result import Result

R = json.loads((Path(__file__).parent.parent / "reference" / "rates.json").read_text(encoding="utf-8"))
DIED = OneOf("status", (2,))
VISITS = {
    "falls": Column(kind="numeric"),
    "months": Column(kind="numeric", unit="months"),
    "arm": Column(kind="categorical"),
}
ROWS = pl.DataFrame(
    {"falls": [0, 3, None, 1, 0, 2], "months": [12, 24, 36, 6, None, 12], "arm": ["a", "a", "a", "b", "b", "b"]}
)


def rate(table, *by, event=DIED, time="time", per=100.0) -> Result:
    return table.run(Rate(Cohort("d", "t"), event, time, by, per))


@pytest.fixture
def timed(pbc_table):
    pbc_table.columns["time"] = Column(kind="numeric", unit="days")
    return pbc_table


def is_as(found, expected):
    assert [found["n"], found["time"]] == pytest.approx([expected["events"], expected["time"]], rel=1e-12)
    assert found["estimate"] == pytest.approx(expected["rate"], rel=1e-10)
    assert [found["conf.low"], found["conf.high"]] == pytest.approx([expected["low"], expected["high"]], rel=1e-9)


def test_a_real_trial_agrees_with_r(timed, numbers):
    is_as(numbers(rate(timed), "rate"), R["all"])


def test_two_groups_agree_with_r_by_ratio_difference_and_exact_test(timed, numbers):
    result = rate(timed, "trt")

    is_as(numbers(result, "rate", group1_level="1"), R["drug"])
    is_as(numbers(result, "rate", group1_level="2"), R["placebo"])
    ratio, difference = numbers(result, "rate_ratio"), numbers(result, "rate_difference")
    expected = R["arms"]
    assert [ratio[name] for name in ("estimate", "conf.low", "conf.high")] == pytest.approx(
        [expected["ratio"], expected["low"], expected["high"]], rel=1e-9
    )
    assert [difference[name] for name in ("estimate", "conf.low", "conf.high")] == pytest.approx(
        [expected["difference"], expected["difference_low"], expected["difference_high"]], rel=1e-9
    )
    assert numbers(result, "poisson_exact")["p.value"] == pytest.approx(expected["p"], rel=1e-9)


def test_several_groups_are_tested_at_once_and_each_is_compared_with_the_first(timed, numbers):
    result = rate(timed, "stage")

    for stage, expected in enumerate(R["stages"], 1):
        is_as(numbers(result, "rate", group1_level=str(stage)), expected)
    found = numbers(result, "equal_rates")
    assert found["statistic"] == pytest.approx(R["stages_equal"]["statistic"], rel=1e-10)
    assert found["parameter"] == R["stages_equal"]["df"]
    assert found["p.value"] == pytest.approx(R["stages_equal"]["p"], rel=1e-8)
    ratio = numbers(result, "rate_ratio", group1_level="4")
    assert ratio["estimate"] == pytest.approx(R["stages_ratio"]["ratio"], rel=1e-10)
    assert ratio["conf.high"] == pytest.approx(R["stages_ratio"]["high"], rel=1e-9)


def test_no_event_has_a_rate_of_0_with_an_upper_bound():
    found = rate_of(0, 12.5)

    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(R["none"]["high"] / 100, rel=1e-10)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("few", (3, 41.5, 9, 38.25)),
        ("same", (5, 10.0, 5, 10.0)),
        ("many", (91234, 1e6, 92001, 1.01e6)),
        ("apart", (40, 100.0, 10, 120.0)),
        ("tie", (2, 3.0, 7, 9.0)),
    ],
)
def test_two_rates_agree_with_r(name, counts):
    ratio, test = rate_ratio(*counts)

    assert [ratio.estimate, ratio.low, ratio.high] == pytest.approx(
        [R[name]["ratio"], R[name]["low"], R[name]["high"]], rel=1e-8
    )
    assert test.p == pytest.approx(R[name]["p"], rel=1e-8)


def test_a_group_without_an_event_has_a_test_and_no_ratio():
    ratio, test = rate_ratio(1, 10.0, 0, 12.0)

    assert ratio.reason == "a group has no events"
    assert test.p == pytest.approx(R["fewer"]["p"], rel=1e-10)
    assert rate_difference(1, 10.0, 0, 12.0).estimate == pytest.approx(0.1)


def test_a_column_may_count_the_events_of_each_row(make_table, numbers, notes):
    result = rate(make_table(ROWS, VISITS), "arm", event="falls", time="months", per=1)

    one, other = (numbers(result, "rate", group1_level=arm) for arm in "ab")
    assert (one["N"], one["n"], one["time"], one["estimate"]) == (2, 3, 3.0, 1.0)  # 36 months with a known number
    assert (other["N"], other["n"], other["time"], other["estimate"]) == (2, 3, 1.5, 2.0)
    assert notes(result, "missing") == ["1 have no known months.", "1 have no known falls."]
    assert any("independent" in note for note in notes(result, "caution"))


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("falls", [0, -1, 2, 1, 0, 2], "1 values of 'falls' are negative"),
        ("falls", [0.5, 1, 2, 1, 0, 2], "'falls' holds numbers that are not whole"),
        ("months", [12, -4, 36, 6, 3, 12], "1 values of 'months' are negative"),
    ],
)
def test_impossible_numbers_are_refused(make_table, column, values, told):
    table = make_table(ROWS.with_columns(pl.Series(column, values, strict=False)), VISITS)

    with pytest.raises(PlanError, match=told):
        rate(table, event="falls", time="months")


def test_a_rate_for_each_of_nothing_is_refused():
    with pytest.raises(PlanError, match="above 0"):
        Rate(Cohort("d", "t"), DIED, "time", per=0)


def test_nobody_watched_for_any_time_has_no_rate():
    assert rate_of(0, 0.0).reason == "nobody was watched for any time"
    assert equal_rates([0, 0, 0], [1.0, 2.0, 3.0]).reason == "there was no event"


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.01, 0.99))
def test_the_exact_test_is_the_binomial_one_that_scipy_has(x, y, share):
    _, test = rate_ratio(x, share, y, 1 - share)

    expected = stats.binomtest(x, x + y, share).pvalue if x + y else None
    assert test.p == (None if expected is None else pytest.approx(expected, rel=1e-6))


@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_no_bit(order):

    plan = Rate(Cohort("d", "t"), "falls", "months", ("arm",))
    results = [run(plan, frame.lazy(), Dictionary(tables={"t": VISITS})) for frame in (ROWS, ROWS[list(order)])]

    assert results[0].statistics == results[1].statistics


def test_several_ratios_have_their_own_tests_corrected_by_holm_as_r_has_them(timed):
    result = rate(timed, "stage")

    found = {
        name: [row.stat for row in result.statistics if (row.context, row.stat_name) == ("rate_ratio", name)]
        for name in ("p.value", "p.adjusted")
    }
    assert found["p.value"] == pytest.approx(R["stages_p"]["p"], rel=1e-7)
    assert found["p.adjusted"] == pytest.approx(R["stages_p"]["holm"], rel=1e-7)
