"""What is a group and no limit, a code in spite of typing errors, a birthday, or a day that stands for none."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from clinical_nb.dictionary.steps import Censor, ReadDates, TreatAsMissing
from clinical_nb.intake.table import Table
from clinical_nb.quality.applying import Values, apply_step
from clinical_nb.quality.cleaning import clean
from clinical_nb.quality.report import inspect

BIRTHS = [date(1931, 4, 2) + timedelta(days=977 * at) for at in range(20)]
VISITS = [date(2019, 4, 2) + timedelta(days=9 * at) for at in range(20)]


def report(**columns):
    frame = pl.DataFrame(columns)
    return inspect([Table("t", frame.lazy(), frame.height)])


def steps(kind, findings):
    return [each.step for each in findings if each.kind == kind]


@pytest.mark.parametrize(
    "values",
    [
        ["<12", ">=12", "<12", ">=12"],
        ["<12", ">=12", "unknown"],
        ["< 65 years", "≥ 65 years", "< 65 years"],
        ["<18", "18-64", ">=65", "18-64"],
        ["<1", "1", "2", ">2"] * 5,
        ["<0.01", "<0.01", "<0.02"],
        ["<40", ">=40", "40", "<40"],
        ["<=50K", ">50K", "<=50K"],
    ],
)
def test_groups_called_by_their_bounds_are_no_limits(values):
    assert {each.kind for each in report(x=values)} <= {"missing codes"}


@pytest.mark.parametrize(
    "values",
    [
        ["5.1", "<5", "12", ">200", "7"],
        ["<5", "<5", "<5", "6.2", "7.1"],
        [*(str(at) for at in range(40)), "<5", ">200"] * 4,
        ["5", "8", "9", "<5", "5", "8", "9", "<5"],
    ],
)
def test_values_beyond_a_limit_among_measured_ones_are_limits(values):
    assert steps("limits", report(x=values)) == [Censor()]


@pytest.mark.parametrize(
    "values",
    [
        [34, 45, 999, 560, 56, 61, 38, 49],
        [34, 45, 999, 5600, 56, 61, 38, 49],
        [34, 45, 999, -450, 56, 61, 38, 49, 999],
        [*range(20, 80), 450, 7000, 999],
        ["34", "45", "999", "4500", "56", "61", "38", "49"],
        ["34", "45", "999", "450", "5b", "61", "38", "49", "52"],
    ],
)
def test_a_code_is_found_beside_typing_errors(values):
    assert steps("missing codes", report(x=values)) == [TreatAsMissing(values=("999",))]


@pytest.mark.parametrize(
    "values",
    [
        [1.5**at for at in range(20)] + [999.0],
        [100, 300, 500, 700, 999, 1200, 1400],
        [34, 45, 560, 5600, 56, 61, 38, 49],
        [12, 999, 5600],
    ],
)
def test_a_number_of_a_long_tail_is_no_code(values):
    assert steps("missing codes", report(x=values)) == []


def test_a_code_is_found_among_more_texts_than_are_counted():
    values = [*(f"{at / 1000:.3f}" for at in range(30_000)), "-999", "12,5", "-999"]

    assert steps("missing codes", report(x=values)) == [TreatAsMissing(values=("-999",))]


@pytest.mark.parametrize(
    "name", ["birth_date", "date_of_birth", "dob", "DateOfBirth", "BRTHDTC", "birthday", "BirthDt"]
)
@pytest.mark.parametrize("values", [BIRTHS, [f"{day:%d.%m.%Y}" for day in BIRTHS], ["May 1950", None]])
def test_birthdays_are_identifiers_by_their_name(name, values):
    findings = report(**{name: values})

    assert [each.column for each in findings if each.kind == "identifiers"] == [name]
    assert not any("19" in each.text for each in findings if each.kind != "missing codes")


@pytest.mark.parametrize("name", ["birth_weight", "birth_order", "birth_year", "days_since_birth", "place of birth"])
def test_what_else_is_known_of_a_birth_identifies_nobody(name):
    assert [each for each in report(**{name: [1, 2, 1, 2]}) if each.kind == "identifiers"] == []


@pytest.mark.parametrize(
    "values", [BIRTHS, [f"{day:%d.%m.%Y}" for day in BIRTHS], [f"{day:%d %b %Y}" for day in BIRTHS]]
)
def test_birthdays_are_identifiers_by_their_years(values):
    findings = report(geb=values)

    (told,) = [each for each in findings if each.kind == "identifiers"]
    assert told.text == "The values may be dates of birth, by the years between them; they are never shown here."
    assert not any("19" in each.text or "20" in each.text for each in findings if each.kind == "ambiguous dates")


def test_text_that_may_be_birthdays_is_still_proposed_to_be_read():
    days = ["13/02/1950", "04/05/1961", "23/12/1990", "31/02/1970"]

    findings = report(geb=days)

    assert steps("dates as text", findings) == [ReadDates(formats=("%d/%m/%Y",))]
    assert [each.text for each in findings if each.kind == "impossible dates"] == ["1 date of days that do not exist."]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("geb", VISITS),
        ("diagnosis_date", BIRTHS),
        ("last_seen", BIRTHS),
        ("geb", [datetime(1931, 4, 2, 10, 30, tzinfo=UTC) + timedelta(days=977 * at) for at in range(20)]),
        ("geb", [*VISITS, date(2091, 1, 1)]),
        ("x", ["1931-1950", "1951-1990", "1931-1950"]),
    ],
)
def test_days_of_other_things_are_no_birthdays(name, values):
    assert [each for each in report(**{name: values}) if each.kind == "identifiers"] == []


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1899, 12, 31), date(1899, 12, 30), date(9999, 12, 31)])
@pytest.mark.parametrize(("name", "days"), [("birth_date", BIRTHS), ("visit_date", VISITS)])
def test_days_that_stand_for_none_are_codes(name, days, day):
    findings = report(**{name: [*days, day, day]})

    (told,) = [each for each in findings if each.kind == "missing codes"]
    assert (told.rows, told.at, told.step) == (2, (21, 22), TreatAsMissing(values=(day.isoformat(),)))
    assert "impossible dates" not in {each.kind for each in findings}


def test_a_day_in_the_future_is_told_beside_one_that_stands_for_none():
    findings = report(visit_date=[*VISITS, date(9999, 12, 31), date(2190, 1, 1)])

    assert [(each.kind, each.at) for each in findings] == [("missing codes", (21,)), ("impossible dates", (22,))]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*(f"{day:%d/%m/%Y}" for day in VISITS), "01/01/1900", "1/1/1900"], ("01/01/1900", "1/1/1900")),
        ([*(f"{day:%d-%b-%Y}" for day in VISITS), "31-DEC-9999"], ("31-DEC-9999",)),
        ([*(f"{day} 00:00" for day in VISITS), "1900-01-01 00:00"], ("1900-01-01 00:00",)),
        ([*(str(day) for day in VISITS), "1900-01-01", "soon"], ("1900-01-01",)),
    ],
)
def test_days_that_stand_for_none_are_codes_in_text_too(values, codes):
    assert steps("missing codes", report(visit_date=values)) == [TreatAsMissing(values=codes)]


@pytest.mark.parametrize(
    "values",
    [
        [date(1900, 1, 1), date(1901, 5, 6), date(1903, 7, 1)],
        [date(1900, 1, 1), date(1900, 1, 1)],
        [date(2098, 1, 1), date(2099, 12, 31)],
        [date(1900, 1, 2), date(2019, 1, 1)],
        ["01/01/1900", "12/05/1903", "14/05/1904"],
    ],
)
def test_such_days_are_no_codes_among_others_like_them(values):
    assert steps("missing codes", report(visit_date=values)) == []


@pytest.mark.parametrize("dtype", [pl.Date(), pl.Datetime("us"), pl.Datetime("ms", "UTC")])
def test_a_day_that_stands_for_none_becomes_missing_by_its_step(dtype):
    days = pl.Series([*VISITS, date(1900, 1, 1)]).cast(dtype)
    table = Table("t", pl.DataFrame({"seen": days}).lazy(), days.len())

    (step,) = steps("missing codes", inspect([table]))
    cleaned = clean(table, {"seen": [step]}).scan.collect()

    assert cleaned["seen"].to_list() == [*days.to_list()[:-1], None]
    assert cleaned["seen_missing"].to_list() == [*[None] * 20, "1900-01-01"]


def test_births_with_years_of_two_digits_are_of_no_year_to_come_and_are_asked_about():
    births = pl.Series("dob", ["02/02/33", "13/05/71", "28/11/48", "05/06/02", "17/09/55"])

    (step,) = steps("ambiguous dates", report(dob=births.to_list()))

    read = apply_step(Values(births), step).values.to_list()
    assert [day.year for day in read] == [1933, 1971, 1948, 2002, 1955]


def test_other_dates_with_years_of_two_digits_are_read_as_before():
    days = ["02/02/33", "13/05/71", "28/11/48"]

    assert [step.latest for step in steps("dates as text", report(visit_date=days))] == [None]
