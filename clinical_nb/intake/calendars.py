"""The calendars of SAS, SPSS and Stata: numbers that a format makes dates → dates, moments and times as text."""

import re
from datetime import date
from typing import Literal

import polars as pl

Family = Literal["SAS", "SPSS", "Stata"]
Meaning = Literal["number", "date", "moment", "time", "weeks", "months", "quarters", "halves"]

_SAS_DATE = re.compile(
    r"DATE|DAY|DOWNAME|(DDMM|MMDD)YY[BCDNPS]?|([BE]|IS)8601DA|EURDF(DD|DE|DN|DWN|MN|MY|WDX|WKX)|JULDAY|JULIAN|MINGUO"
    r"|MMYY[CDNPS]?|MONNAME|MONTH|MONYY|NENGO|NLDATE(L|M|MD|MDL|MDM|MDS|MN|S|W|WN|YM|YML|YMM|YMS|YQ|YR|YW)?|QTRR?"
    r"|WEEK(DATE|DATX|DAY|[UVW])|WORDDAT[EX]|YEAR|YYMM(DD[BCDNPS]?|[CDNPS])?|YYMON|YYQR?[CDNPSZ]?"
)
_SAS_MOMENT = re.compile(
    r"DATETIME|DATEAMPM|DT(DATE|MONYY|WKDATX|YEAR|YYQC)|([BE]|IS)8601D[NTXZ]|MDYAMPM|EURDFDT|NLDATM[A-Z]*"
)
_SAS_TIME = re.compile(r"TIME|TIMEAMPM|HHMM|HOUR|MMSS|TOD|([BE]|IS)8601(TM|TZ|LZ|TX)|NLTI[A-Z]*")
_SAS_PATTERNS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (_SAS_DATE, "date"),
    (_SAS_MOMENT, "moment"),
    (_SAS_TIME, "time"),
)
_SPSS: dict[str, Meaning] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "QYR", "MOYR", "WKYR"), "date"),
    **dict.fromkeys(("DATETIME", "YMDHMS"), "moment"),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), "time"),
}
_STATA = re.compile(r"%-?\d*(?:t(?P<scale>[dcCwmqhyg])|(?P<day>d))(?P<shown>.*)")
_STATA_SCALES: dict[str, Meaning] = {
    "d": "date",
    "c": "moment",
    "C": "moment",
    "w": "weeks",
    "m": "months",
    "q": "quarters",
    "h": "halves",
}
_DATE_PARTS = re.compile(r"[CYLDWJ]|NN|nn|Mon|mon")  # of what a Stata format shows; MM are its minutes
_PERIODS: dict[Meaning, tuple[int, str]] = {
    "weeks": (52, "w"),
    "months": (12, "m"),
    "quarters": (4, "q"),
    "halves": (2, "h"),
}
_DAY = 86_400
_EPOCHS = {"SAS": date(1960, 1, 1), "SPSS": date(1582, 10, 14), "Stata": date(1960, 1, 1)}
_UNITS = {"SAS": 1, "SPSS": 1, "Stata": 1_000}  # of a moment, in a second
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)


def meaning_of(written: str, family: Family) -> Meaning:
    """Return what the numbers of a column are, by the format that its file gives it.

    Formats that show a part of a date, such as MONYY7. or YEAR4., are of dates.
    """
    if family == "Stata":
        found = _STATA.match(written)
        if not found:
            return "number"
        meaning = _STATA_SCALES.get(found["scale"] or "d", "number")
        shown = found["shown"]
        return "time" if meaning == "moment" and shown and not _DATE_PARTS.search(shown) else meaning
    name = re.sub(r"\d*(\.\d*)?$", "", written.upper())
    if family == "SPSS":
        return _SPSS.get(name, "number")
    for pattern, meaning in _SAS_PATTERNS:
        if pattern.fullmatch(name):
            return meaning
    return "number"


def convert(column: pl.Series, meaning: Meaning, family: Family) -> pl.Series:
    """Return numbers as what they mean: Date, Datetime in microseconds, or text; a date that is none becomes missing.

    Dates count days since 1960 in SAS and Stata, seconds since 1582 in SPSS; moments and times count seconds, in Stata
    milliseconds. A time is written with its hours, which may be more than 24; one that is a moment, with its date.
    Weeks, months, quarters and half-years of Stata are written as Stata does: 2020m1.
    """
    if column.dtype.is_temporal():
        return _in_calendar(column.dt.cast_time_unit("us") if column.dtype != pl.Date else column)
    if meaning == "number":
        return column
    count = pl.col(column.name).cast(pl.Float64)
    if meaning == "date":
        days = (count / _DAY if family == "SPSS" else count).floor()
        asked = (days + _days_to(family)).cast(pl.Int32, strict=False).cast(pl.Date)
    elif meaning == "moment":
        asked = _moment(count, family)
    elif meaning == "time":
        asked = _time(count / _UNITS[family], count, family)
    else:
        asked = _period(count.cast(pl.Int64, strict=False), meaning)
    converted = column.to_frame().select(asked).to_series().rename(column.name)
    return _in_calendar(converted) if converted.dtype.is_temporal() else converted


def _days_to(family: Family) -> int:
    return (_EPOCHS[family] - date(1970, 1, 1)).days


def _moment(count: pl.Expr, family: Family) -> pl.Expr:
    micros = (count * (1_000_000 // _UNITS[family])).round().cast(pl.Int64, strict=False)
    return (micros + _days_to(family) * _DAY * 1_000_000).cast(pl.Datetime("us"))


def _in_calendar(column: pl.Series) -> pl.Series:
    """Take out dates of no year from 1 to 9999: no program writes them, and few can read them."""
    return column.to_frame().select(
        pl.when(pl.col(column.name).dt.date().is_between(_FIRST, _LAST)).then(pl.col(column.name))
    )[column.name]


def _time(seconds: pl.Expr, count: pl.Expr, family: Family) -> pl.Expr:
    whole = (seconds.abs() * 1_000_000).round().cast(pl.Int64, strict=False)
    second = whole // 1_000_000
    fraction = (whole % 1_000_000).cast(pl.String).str.zfill(6).str.strip_chars_end("0")
    clock = pl.concat_str(
        pl.when(seconds < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (second // 3600).cast(pl.String).str.zfill(2),
        pl.lit(":"),
        (second // 60 % 60).cast(pl.String).str.zfill(2),
        pl.lit(":"),
        (second % 60).cast(pl.String).str.zfill(2),
        pl.when(fraction != "").then(pl.lit(".") + fraction).otherwise(pl.lit("")),
    )
    if family == "SPSS":  # whose times are durations, however long
        return clock
    is_moment = seconds.abs() >= 365 * _DAY  # nothing lasts for a year of hours: it is a moment, shown by its time
    return pl.when(is_moment).then(_moment(count, family).dt.to_string("%Y-%m-%d %H:%M:%S%.f")).otherwise(clock)


def _period(count: pl.Expr, meaning: Meaning) -> pl.Expr:
    each, letter = _PERIODS[meaning]
    year = (count.floordiv(each) + 1960).cast(pl.String)
    return pl.concat_str(year, pl.lit(letter), (count % each + 1).cast(pl.String))
