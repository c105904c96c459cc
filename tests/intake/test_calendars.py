"""Which formats of SAS, SPSS and Stata are of dates, and what their numbers then are."""

from datetime import date, datetime

import polars as pl
import pytest

from clinical_nb.intake.calendars import convert, meaning_of


@pytest.mark.parametrize(
    ("family", "written", "meaning"),
    [
        ("SAS", "DATE9.", "date"),
        ("SAS", "DATE", "date"),
        ("SAS", "YYMMDD10", "date"),
        ("SAS", "YYMMDDN8.", "date"),
        ("SAS", "E8601DA10", "date"),
        ("SAS", "MONYY7.", "date"),
        ("SAS", "WORDDATE18.", "date"),
        ("SAS", "DATETIME20.", "moment"),
        ("SAS", "E8601DT19.", "moment"),
        ("SAS", "TIME8.", "time"),
        ("SAS", "HHMM5", "time"),
        ("SAS", "BEST12.", "number"),
        ("SAS", "8.2", "number"),
        ("SAS", "DATES", "number"),
        ("SAS", "", "number"),
        ("SPSS", "EDATE10", "date"),
        ("SPSS", "MOYR8", "date"),
        ("SPSS", "DATETIME20", "moment"),
        ("SPSS", "DTIME12", "time"),
        ("SPSS", "F8.2", "number"),
        ("SPSS", "WKDAY9", "number"),
        ("Stata", "%td", "date"),
        ("Stata", "%-td", "date"),
        ("Stata", "%tdDD/NN/CCYY", "date"),
        ("Stata", "%d", "date"),
        ("Stata", "%tc", "moment"),
        ("Stata", "%tcHH:MM:SS", "time"),
        ("Stata", "%tcNN/DD/CCYY_HH:MM", "moment"),
        ("Stata", "%tm", "months"),
        ("Stata", "%ty", "number"),
        ("Stata", "%9.0g", "number"),
        ("Stata", "%10s", "number"),
    ],
)
def test_a_format_says_what_numbers_mean(family, written, meaning):
    assert meaning_of(written, family) == meaning


@pytest.mark.parametrize(
    ("family", "meaning", "number", "converted"),
    [
        ("SAS", "date", 0.0, date(1960, 1, 1)),
        ("SAS", "date", -1.0, date(1959, 12, 31)),
        ("SAS", "date", 16406.75, date(2004, 12, 1)),
        ("SAS", "date", 1e12, None),
        ("SAS", "moment", 1_000_000_000.5, datetime(1991, 9, 9, 1, 46, 40, 500_000)),  # noqa: DTZ001 - files have no zone
        ("SAS", "time", 3_599.25, "00:59:59.25"),
        ("SAS", "time", 90_000.0, "25:00:00"),
        ("SAS", "time", 1_000_000_000.0, "1991-09-09 01:46:40"),
        ("SPSS", "date", 13_800_000_000.0, date(2020, 2, 2)),
        ("SPSS", "time", 90_000_000.0, "25000:00:00"),
        ("Stata", "date", 21_000.0, date(2017, 6, 30)),
        ("Stata", "moment", 1_000.0, datetime(1960, 1, 1, 0, 0, 1)),  # noqa: DTZ001 - the same
        ("Stata", "weeks", 0.0, "1960w1"),
        ("Stata", "quarters", 240.0, "2020q1"),
        ("Stata", "halves", -1.0, "1959h2"),
        ("Stata", "months", None, None),
    ],
)
def test_numbers_become_what_they_mean(family, meaning, number, converted):
    column = pl.Series("x", [number], dtype=pl.Float64)

    assert convert(column, meaning, family).to_list() == [converted]
