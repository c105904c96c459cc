"""Numbers as people write them: marks between thousands, a decimal comma, a unit behind, or two (5 ft 11 in)."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.steps import ReadNumbers
from clinical_nb.intake.literals import PLAIN_NUMBER

# As obstetricians write the duration of a pregnancy: completed weeks, and 0 to 6 days of the next.
WEEKS_AND_DAYS = r"^(\d{1,2})(?:\s*\+\s*([0-6]))?\s*(?:(?i:weeks?|wks?|w|ssw))?$"
_MINUS = "\u2212"
_DASH = r"^[\u2013\u2014]\s?(\d)"  # before a number, as word processors make it of a minus
# The digits of other scripts (full width, Arabic, Persian, Devanagari, Bengali, Thai), their marks, and fractions.
_ZEROS = "\uff10\u0660\u06f0\u0966\u09e6\u0e50"
_DIGITS = {chr(ord(zero) + at): str(at) for zero in _ZEROS for at in range(10)} | {"\u066b": ".", "\uff0e": "."}
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_OTHER_SIGNS = str.maketrans(_DIGITS | _FRACTIONS)
# A unit of so many cells in so much blood, as laboratories write it: x10⁹/L, x10^9/L, x 10*9/L, x10e9/L.
_CELLS = r"[x\u00d7*·]\s*10(?:\^|\*\*|\*|[eE])\s*([-+]?\d{1,2})\s*/"
# What is less than zero as accountants and their programs write it: (12), €(1,200.50), 12-.
ACCOUNTING = r"[$€£¥]?\s*\(\s*[$€£¥]?\s*\d[\d.,' ]*\)|[$€£¥]?\s*\d[\d.,']*\s?[-\u2212]"
RAISED = "[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_RAISED = {"⁻": "-", "⁺": "", **{raised: str(at) for at, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}}
_RAISED_POWER = rf"10({RAISED})(\s*/|$)"
_POWER = r"\s*[x\u00d7*·]\s*10(?:\^|\*\*)\s*([-+]?\d+)$"
_MARK = "(?:['\u2032\u2019]{1,2}|[\"\u2033\u201d])"  # of feet or inches
# A sign may stand before a currency, and a unit behind the number: letters, %, ° and what divides them.
_WITH_UNIT = rf"^([-+]?)\s*[$€£¥]?\s*({PLAIN_NUMBER})\s*([^\d\s<>+.,'\u2019-][^<>]*?|{_MARK})?\s*[$€£¥]?$"
_COMPOUND = r"^(\d+(?:\.\d+)?)\s*([^\d\s<>+.,-]\D*?)\s*(?:and\s+)?(\d+(?:\.\d+)?)\s*(\D*?)$"
# Marks that stand for units of length; a unit may be left out behind the second number (5'11).
_MARKS = {
    **dict.fromkeys(("'", "\u2032", "\u2019"), "ft"),
    **dict.fromkeys(('"', "\u2033", "\u201d", "''", "\u2019\u2019"), "in"),
}


def plain_text(text: pl.Series, decimal: str, thousands: str) -> pl.Series:
    """Return numbers as Python writes them, without marks between thousands."""
    plain = _with_plain_digits(text.str.strip_chars()).str.replace_all(_MINUS, "-", literal=True)
    plain = plain.str.replace(_DASH, "-${1}")
    plain = plain.str.replace(_RAISED_POWER, "10^${1}${2}").str.replace_many(_RAISED).str.replace(_POWER, "e${1}")
    plain = plain.str.replace(_CELLS, "\u00d710^${1}/")
    if thousands:
        marks = {" ": "[ \u00a0\u202f\u2009]", "'": "['\u2019]"}.get(thousands, "\\" + thousands)
        for _ in range(4):  # a match takes the digit that the next mark would need
            plain = plain.str.replace_all(rf"(\d){marks}(\d{{3}})", "${1}${2}")
    return plain.str.replace_all(",", ".", literal=True) if decimal == "," else plain


def _with_plain_digits(text: pl.Series) -> pl.Series:
    if text.str.len_bytes().sum() == text.str.len_chars().sum():
        return text
    plain = text.str.replace_many(_DIGITS)
    return plain.str.replace(r"(\d) ?([½¼¾])", "${1}${2}").str.replace_many(_FRACTIONS)


def in_plain_digits(text: str) -> str:
    """Return a text whose digits of other scripts, and fractions of one sign, are written as Python writes numbers."""
    if text.isascii():
        return text
    return re.sub("(?<=\\d) (?=[½¼¾])", "", text).translate(_OTHER_SIGNS)


def in_plain_power(text: str) -> str:
    """Return a number of so many cells in so much blood with its power as in `plain_text`: 5.2 x10^9/L."""
    raised = re.sub(_RAISED_POWER, lambda found: f"10^{found[1].translate(str.maketrans(_RAISED))}{found[2]}", text)
    return re.sub(_CELLS, "\u00d710^\\1/", raised)


def _without_flags(text: pl.Series, flags: Sequence[str]) -> pl.Series:
    """Return numbers without the signs behind them that stand for high and low."""
    if not flags:
        return text
    either = "|".join(re.escape(flag) for flag in sorted(flags, key=len, reverse=True))
    return text.str.strip_chars().str.replace(rf"(\d\.?)\s*(?:{either})$", "${1}")


def without_before(text: pl.Series, before: Sequence[str]) -> pl.Series:
    """Return numbers without what stands before them, behind a sign of a limit too (<1:20); in any case."""
    if not before:
        return text
    either = "|".join(r"\s*".join(map(re.escape, each)) for each in sorted(before, key=len, reverse=True))
    return text.str.strip_chars().str.replace(rf"(?i)^([<>≤≥]?=?)\s*(?:{either})\s*([-+]?\.?\d)", "${1}${2}")


def without_accounting(text: pl.Series) -> pl.Series:
    """Return numbers that an accountant wrote with their minus in front: -12 for (12) and for 12-."""
    is_so = text.str.strip_chars().str.contains(f"^(?:{ACCOUNTING})$").fill_null(value=False)
    return ("-" + text.str.replace_all(r"[()\u2212-]", "").str.strip_chars()).zip_with(is_so, text)


def in_weeks(text: pl.Series) -> pl.Series:
    """Return weeks and days (38+2) as weeks, also those without days; null what is neither."""
    frame = text.str.strip_chars().to_frame("text")
    weeks, days = (pl.col("text").str.extract(WEEKS_AND_DAYS, at).cast(pl.Float64) for at in (1, 2))
    return frame.select(text=weeks + days.fill_null(0) / 7).to_series().rename(text.name)


def take_apart(text: pl.Series, step: ReadNumbers) -> pl.DataFrame:
    """Return each text as a step sees it: number, unit as `written` behind it, `unit` in lower case; "" for none."""
    bare = without_before(_without_flags(text, step.flags), step.before)
    bare = without_accounting(bare) if step.accounting else bare
    plain = pl.col("text")
    sign = pl.when(plain.str.extract(_WITH_UNIT, 1) == "-").then(-1.0).otherwise(1.0)
    return (
        plain_text(bare, step.decimal, step.thousands)
        .to_frame("text")
        .with_columns(
            number=sign * plain.str.extract(_WITH_UNIT, 2).cast(pl.Float64, strict=False),
            written=plain.str.extract(_WITH_UNIT, 3).str.strip_chars().fill_null("").replace(_MARKS),
        )
        .with_columns(unit=pl.col("written").str.to_lowercase().str.replace_all("\u00b5", "\u03bc"))  # as in casefold
    )


def factors_of(found: pl.DataFrame, step: ReadNumbers) -> dict[str, float]:
    """Return by what numbers in each unit are multiplied; where nobody said so, one unit is read, which most have."""
    if step.factors:
        return {unit.casefold(): factor for unit, factor in step.factors.items()}
    units = found.filter(pl.col("number").is_not_null() & (pl.col("unit") != ""))["unit"]
    main = str(units.mode().sort()[0]) if units.len() else ""
    return {main: 1.0, "": 1.0}  # a number without its unit is taken to be in the one that the others have


def in_one_unit(found: pl.DataFrame, factors: Mapping[str, float]) -> pl.Series:
    """Return the numbers that were taken apart, converted; what has another unit is missing."""
    units, values = list(factors), list(factors.values())
    factor = pl.col("unit").replace_strict(units, values, default=None, return_dtype=pl.Float64)
    numbers = found.select(value=pl.col("number") * factor)["value"]
    if len(factors) > 1 and (numbers.is_null() & found["text"].is_not_null()).any():
        numbers = numbers.zip_with(numbers.is_not_null(), _of_two(found["text"], factors))
    if set(factors.values()) != {1.0}:
        return numbers
    whole = numbers.cast(pl.Int64, strict=False)
    is_whole = whole.null_count() == numbers.null_count() and (whole.cast(pl.Float64) == numbers).all()
    return whole if is_whole else numbers


def _of_two(text: pl.Series, factors: Mapping[str, float]) -> pl.Series:
    """Return numbers of two parts, each with its unit, the second less than one of the first: 5 ft 11 in, 2 y 3 mo."""
    units, values = list(factors), list(factors.values())

    def factor(unit: pl.Expr) -> pl.Expr:
        return unit.replace_strict(units, values, default=None, return_dtype=pl.Float64)

    def number(group: int) -> pl.Expr:
        return pl.col("text").str.extract(_COMPOUND, group).cast(pl.Float64, strict=False)

    def unit(group: int) -> pl.Expr:
        return pl.col("text").str.extract(_COMPOUND, group).str.strip_chars().replace(_MARKS).str.to_lowercase()

    first, second = unit(2), unit(4)
    is_short = (second == "") & first.is_in(["ft", "feet", "foot"])
    second = pl.when(is_short).then(pl.lit("in")).when(second != "").then(second)
    frame = text.to_frame("text").select(
        more=number(1) * factor(first), one=factor(first), less=number(3) * factor(second)
    )
    return frame.select(value=pl.when(pl.col("less") < pl.col("one")).then(pl.col("more") + pl.col("less")))["value"]


def unit_of_all(found: pl.DataFrame, factors: Mapping[str, float]) -> str:
    """Return the unit that numbers are in, as most of them write it: the one that is not converted."""
    main = [unit for unit, factor in factors.items() if factor == 1.0 and unit]
    kept = found.filter(pl.col("number").is_not_null() & pl.col("unit").is_in(main))
    return str(kept["written"].mode().sort()[0]) if kept.height else (main[0] if main else "")
