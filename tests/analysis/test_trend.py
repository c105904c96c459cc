"""A number over the periods of a date: R's counts, means and shares, empty periods told, and what is refused."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, OneOf, Trend

R = json.loads((Path(__file__).parent.parent / "reference" / "trend.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
DIED = OneOf("status", (2,))
DAYS = {"day": Column(kind="date")}


@pytest.fixture
def dated(pbc_table):
    day = pl.lit(date(2019, 11, 20)) + pl.duration(days=(pl.col("id") * 29) % 460)
    pbc_table.frame = pbc_table.frame.with_columns(day=day).filter(pl.col("day").dt.strftime("%Y-%m") != "2020-03")
    pbc_table.columns["day"] = Column(kind="date")
    return pbc_table


def levels(result):
    return list(dict.fromkeys(each.group1_level for each in result.statistics))


def test_rows_are_counted_by_month_and_a_month_without_any_is_0(dated, numbers):
    result = dated.run(Trend(C, "day", "month"))

    found = {level: numbers(result, "trend", group1_level=level)["n"] for level in levels(result)}
    assert found == {**R["months"], "2020-03": 0}
    assert list(found) == sorted(found)


def test_years_agree_with_r(dated, numbers):
    result = dated.run(Trend(C, "day", "year"))

    assert {level: numbers(result, "trend", group1_level=level)["n"] for level in levels(result)} == R["years"]


def test_a_mean_by_quarter_agrees_with_r(dated, numbers):
    result = dated.run(Trend(C, "day", "quarter", "bili"))

    assert levels(result) == list(R["quarters"])
    for level, expected in R["quarters"].items():
        found = numbers(result, "trend", group1_level=level)
        assert [found[each] for each in ("N", "mean", "sd", "conf.low", "conf.high")] == pytest.approx(
            [expected[each] for each in ("n", "mean", "sd", "low", "high")], rel=1e-10
        )


def test_a_share_by_quarter_and_group_agrees_with_r(dated, numbers):
    result = dated.run(Trend(C, "day", "quarter", DIED, ("sex",)))

    for level, expected in R["women"].items():
        found = numbers(result, "trend", group1_level=level, group2_level="f")
        assert [found[each] for each in ("n", "N", "conf.low", "conf.high")] == pytest.approx(
            [expected[each] for each in ("n", "N", "low", "high")], rel=1e-10
        )


def test_a_period_without_a_value_has_no_mean_and_says_so(make_table):
    frame = pl.DataFrame({"day": [date(2020, 1, 5), date(2020, 3, 5)], "x": [1.0, 2.0]})

    result = make_table(frame, {**DAYS, "x": Column(kind="numeric")}).run(Trend(C, "day", "month", "x"))

    (row,) = [each for each in result.statistics if each.group1_level == "2020-02" and each.stat_name == "mean"]
    assert (row.stat, row.warning) == (None, "no row of this period has it known")


def test_rows_of_persons_with_several_dates_are_counted_each(make_table, notes, numbers):
    frame = pl.DataFrame({"id": [1, 1, 2], "day": [date(2020, 1, 5), date(2020, 2, 5), None]})

    result = make_table(frame, {**DAYS, "id": Column(kind="identifier")}).run(Trend(C, "day", "month"))

    assert [numbers(result, "trend", group1_level=month)["n"] for month in ("2020-01", "2020-02")] == [1, 1]
    assert notes(result, "who") == [
        "2 of 3 rows of 2 persons are counted, each in its period: a person counts as often."
    ]
    assert notes(result, "missing") == ["1 have no known day."]


def test_a_moment_counts_in_its_month(make_table):
    frame = pl.DataFrame({"day": [datetime(2020, 1, 31, 23, 59, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)]})

    result = make_table(frame, DAYS).run(Trend(C, "day", "month"))

    assert levels(result) == ["2020-01", "2020-02"]


@pytest.mark.parametrize(
    ("days", "column", "told"),
    [
        (["2020-01-05"], "day", "'day' does not hold dates"),
        ([date(1, 1, 1), date(9999, 1, 1)], "day", "too many to be told"),
        ([date(2020, 1, 1)], "dya", "Did you mean 'day'"),
    ],
)
def test_what_is_no_date_is_refused(make_table, days, column, told):
    with pytest.raises(Exception, match=told):
        make_table(pl.DataFrame({"day": days}), DAYS).run(Trend(C, column, "month"))


def test_a_trend_has_one_variable_of_groups_at_most():
    with pytest.raises(PlanError, match="at most one"):
        Trend(C, "day", "month", "", ("a", "b"))


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=40))
def test_every_row_is_in_one_period_whatever_the_period(offsets):
    frame = pl.DataFrame({"day": [date(2015, 3, 14) + timedelta(days=each) for each in offsets]})
    meaning = Dictionary(tables={"t": DAYS})

    for period in ("year", "quarter", "month"):
        result = run(Trend(C, "day", period), frame.lazy(), meaning)

        assert sum(each.stat for each in result.statistics) == len(offsets)
        assert run(Trend(C, "day", period), frame.reverse().lazy(), meaning).statistics == result.statistics
