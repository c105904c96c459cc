"""Variables made of columns: exact, missing where a part is, alike in every engine, told where they cannot be."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import (
    Cohort,
    Compare,
    Condition,
    Correlate,
    Count,
    DateOf,
    Derived,
    Describe,
    Difference,
    Elapsed,
    Merged,
    PartOf,
    Regress,
    TableOne,
    Threshold,
    any_of,
    canonical_json,
    columns_of,
    name_of_derived,
    plan_from_json,
    to_json,
)

STOP = DateOf("stop_year", "stop_month", "stop_day")
ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f"],
        "group": ["x", "x", "x", "y", "y", "y"],
        "race": ["white", "White", "black", "white", None, "black"],
        "born": [date(1980, 1, 31), date(1990, 3, 1), date(2000, 2, 29), None, date(1970, 12, 31), date(1960, 6, 15)],
        "start": [date(2020, 1, 31), date(2021, 5, 1), date(1999, 2, 28), date(2000, 1, 1), date(2020, 2, 29), date(2020, 6, 15)],  # noqa: E501 - a row each
        "stop_year": [2020, 2021, 2021, None, 2021, 2020],
        "stop_month": [2.0, 2.0, 13.0, 4.0, 2.0, 12.0],
        "stop_day": [31, 28, 1, 1, 28, 31],
        "bp": ["114/72", "clotted", " 140 / 92.5 ", None, "150/80", "120/95"],
        "before": [0.3, 0.2, 1.1, 2.0, 0.7, 0.1],
        "after": [0.2, 0.1, None, 4.0, 0.1, 0.4],
    }
)  # fmt: skip
MEANING = Dictionary(
    tables={
        "t": {
            "id": Column(kind="identifier", role="patient"),
            "group": Column(kind="binary", levels=(Level(value="x", label="x"), Level(value="y", label="y"))),
            "race": Column(
                kind="categorical", levels=tuple(Level(value=each, label=each) for each in ("White", "black", "white"))
            ),
            "born": Column(kind="date", role="birth"),
            "start": Column(kind="date"),
            "stop_year": Column(kind="numeric"),
            "stop_month": Column(kind="numeric"),
            "stop_day": Column(kind="numeric"),
            "bp": Column(kind="text", label="blood pressure", unit="mmHg"),
            "before": Column(kind="numeric", label="score at start", unit="points"),
            "after": Column(kind="numeric", label="score at end", unit="points"),
        }
    }
)


def cohort(*derived: Derived, where: tuple[Condition, ...] = ()) -> Cohort:
    return Cohort("d", "t", where, derived=derived)


def described(how: Derived, rows: pl.DataFrame = ROWS) -> dict[str, object]:
    """What both engines say of a derived variable, which must be the same to the last bit."""
    plan = Describe(cohort(how), name_of_derived(how))
    results = [run(plan, frame, MEANING) for frame in (rows.lazy(), duckdb.connect().sql("from rows"))]
    assert results[0] == results[1]
    return {each.stat_name: each.stat for each in results[0].statistics} | {
        "notes": [note.text.format(**note.facts) for note in results[0].notes]
    }


def test_a_plan_with_derived_variables_goes_to_json_and_back_and_names_what_they_are_made_of():
    how = Difference("after", "before")
    plan = Describe(cohort(how, Elapsed("born", STOP, "year")), "after - before")

    assert plan_from_json(to_json(plan)) == plan
    assert columns_of(plan) == (
        "after", "after - before", "before", "born", "stop_day", "stop_month", "stop_year",
    )  # fmt: skip
    swapped = Describe(cohort(Elapsed("born", STOP, "year"), how, how), "after - before")
    assert canonical_json(swapped) == canonical_json(plan)
    assert "derived" not in canonical_json(Count(Cohort("d", "t")))


def test_differences_of_decimals_are_those_of_decimals():
    found = described(Difference("after", "before"))

    assert (found["N"], found["N_miss"]) == (5.0, 1.0)
    assert found["median"] == -0.1  # 0.2 - 0.3 and 0.1 - 0.2 are one difference
    assert (found["min"], found["max"]) == (-0.6, 2.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999)), min_size=1, max_size=12), st.integers(0, 3)
)
def test_a_difference_is_the_float_nearest_to_that_of_the_decimals(pairs, digits):
    scale = Decimal(10) ** digits
    rows = pl.DataFrame(
        {"before": [float(one / scale) for one, _ in pairs], "after": [float(other / scale) for _, other in pairs]}
    )
    meaning = Dictionary(tables={"t": {name: Column(kind="numeric") for name in rows.columns}})
    how = Difference("after", "before")

    result = run(Describe(cohort(how), name_of_derived(how)), rows.lazy(), meaning)

    exact = [float((other - one) / scale) for one, other in pairs]
    found = {each.stat_name: each.stat for each in result.statistics}
    assert (found["min"], found["max"]) == (min(exact), max(exact))


def test_the_parts_of_a_text_are_numbers_and_what_is_no_such_text_is_missing_and_told():
    first, second = described(PartOf("bp", 0)), described(PartOf("bp", 1))

    assert (first["N"], first["mean"]) == (4.0, 131.0)
    assert (second["min"], second["max"]) == (72.0, 95.0)
    assert "1 rows of bp do not hold two numbers: both are taken to be missing." in first["notes"]


def test_time_between_dates_counts_days_and_an_end_before_the_start_is_missing_and_told():
    found = described(Elapsed("start", STOP))

    # 2020-02-29 to 2021-02-28, and 2020-06-15 to 2020-12-31; February 31st and month 13 are no dates
    assert (found["N"], found["min"], found["max"]) == (2.0, 199.0, 365.0)
    told = "\n".join(found["notes"])
    assert "2 rows have stop_year, stop_month, stop_day that make no date: it is taken to be missing." in told
    assert "1 rows have date of stop_year, stop_month, stop_day before start, which cannot be" in told


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1583, 1, 1), date(9000, 1, 1)), st.integers(0, 80_000))
def test_days_between_any_dates_are_those_of_the_calendar(first, days):
    rows = pl.DataFrame({"born": [first], "start": [first + timedelta(days)]})
    meaning = Dictionary(tables={"t": {name: Column(kind="date") for name in rows.columns}})

    for unit, length in (("day", 1), ("week", 7), ("year", 365.25)):
        how = Elapsed("born", "start", unit)
        result = run(Describe(cohort(how), name_of_derived(how)), rows.lazy(), meaning)
        assert next(each.stat for each in result.statistics if each.stat_name == "mean") == days / length


def test_a_threshold_on_days_counts_the_rows_before_it_in_both_engines():
    plan = Count(cohort(where=(Threshold("start", "<", "2020-02-01"),)))
    made = Count(cohort(STOP, where=(Threshold(name_of_derived(STOP), ">=", "2021-01-01"),)))

    for frame in (ROWS.lazy(), duckdb.connect().sql("from ROWS")):
        assert run(plan, frame, MEANING).statistics[0].stat == 3
        assert run(made, frame, MEANING).statistics[0].stat == 2


def test_either_part_above_its_number_counts_who_has_one():
    either = any_of(Threshold("1st number of bp", ">", 140), Threshold("2nd number of bp", ">", 90))
    plan = Count(cohort(PartOf("bp", 0), PartOf("bp", 1), where=(either,)))

    result = run(plan, ROWS.lazy(), MEANING)

    assert result.statistics[0].stat == 3
    assert any("2 more are neither counted in nor out" in note.text.format(**note.facts) for note in result.notes)


def test_spellings_of_one_level_make_one_group():
    merged = Merged("race", (("White", "white"),))
    plan = Count(cohort(merged), (name_of_derived(merged),))

    for frame in (ROWS.lazy(), duckdb.connect().sql("from ROWS")):
        counted = {
            each.group1_level: each.stat for each in run(plan, frame, MEANING).statistics if each.stat_name == "n"
        }
        assert (counted["white"], counted["black"]) == (3, 2)


def test_a_derived_variable_can_be_compared_correlated_modelled_and_put_into_a_table():
    change, age = Difference("after", "before"), Elapsed("born", "start", "year")
    names = name_of_derived(change), name_of_derived(age)
    plans = (
        Compare(cohort(change), names[0], "group"),
        Correlate(cohort(change, age), *names),
        Regress(cohort(change), "before", (names[0],), "linear"),
        TableOne(cohort(change, age), names, ("group",)),
    )

    for plan in plans:
        result = run(plan, ROWS.lazy(), MEANING)
        assert names[0] in {each.variable for each in result.statistics}


@pytest.mark.parametrize(
    ("how", "error", "told"),
    [
        (Difference("after", "befor"), UnknownColumnError, "Did you mean 'before'"),
        (Difference("after", "bp"), PlanError, "'bp' does not hold numbers"),
        (Elapsed("born", "before"), PlanError, "'before' does not hold dates"),
        (PartOf("before", 0), PlanError, "'before' does not hold text of two numbers"),
        (DateOf("bp", "stop_month", "stop_day"), PlanError, "'bp' does not hold numbers"),
        (Merged("before", (("a", "b"),)), PlanError, "'before' does not hold text"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(how, error, told):
    with pytest.raises(error, match=told):
        run(Describe(cohort(how), name_of_derived(how)), ROWS.lazy(), MEANING)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PartOf("bp", 2),
        lambda: PartOf("bp", 0, "ab"),
        lambda: Merged("race", (("a", "a"),)),
        lambda: Threshold("start", "<", "June"),
    ],
)
def test_what_makes_no_sense_is_no_plan(make):
    with pytest.raises(PlanError):
        make()
