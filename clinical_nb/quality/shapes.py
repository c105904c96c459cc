"""What a text looks like: a number, one below a limit, two in one cell, one with its unit, a date, or words."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

import polars as pl

from clinical_nb.intake.literals import PLAIN_NUMBER
from clinical_nb.quality.months import ANY_MONTH, WEEKDAY
from clinical_nb.quality.numerals import ACCOUNTING, RAISED, in_plain_digits, in_plain_power

Shape = Literal[
    "number", "marks", "comma", "limit", "titre", "about", "weeks", "accounting", "pair", "unit", "compound", "range",
    "date", "word",
]  # fmt: skip

_BELOW = r"(?i:below|less than|lower than|under|lt|unter|kleiner(?: als)?|moins de|inf[eé]rieur [aà]|menor (?:que|de))"
_ABOVE = (
    r"(?i:above|more than|greater than|over|gt|[uü]ber|gr[oö](?:ß|ss)er(?: als)?|plus de|sup[eé]rieur [aà]"
    r"|mayor (?:que|de))"
)
_OR_MORE = r"(?:\+|(?i:(?:or|and|&)\s+(?:older|over|more|above|greater|higher|up)|und\s+(?:älter|mehr)|et\s+plus))"
LIMIT = rf"(?:[<>≤≥]=?|(?:{_BELOW}|{_ABOVE})\.?)\s*\d[\d.,]*\s*[^\d<>]*|\d[\d.,]*\s*{_OR_MORE}"
ABOUT = r"(?:~|≈|±|(?i:ca|circa|approx|approximately|about|around|etwa|ungef[aä]hr|environ|aprox)\b\.?)"
_PART = r"\d+(?:[.,]\d+)?"
_ORDINAL = "(?:st|nd|rd|th|er|º|°)?"
_NOT_KNOWN = r"(?:UNK?|XX|NK|\?\?)"  # as forms have it for a day or a month
# A date of which the day is not known, or the month neither; 2020m1 and 2020q3 are how Stata writes them.
PARTIAL_DATE = (
    rf"(?:{ANY_MONTH}\.?[ -]\d{{4}}|\d{{4}}-\d{{2}}|\d{{1,2}}/(?:19|20)\d{{2}}|(?:19|20)\d{{2}}[mqwh]\d{{1,2}}"
    rf"|(?:19|20)\d{{2}}[./-](?:\d{{1,2}}|{ANY_MONTH}|{_NOT_KNOWN})[./-]{_NOT_KNOWN}"
    rf"|{_NOT_KNOWN}[ ./-]?(?:\d{{1,2}}|{ANY_MONTH}|{_NOT_KNOWN})[ ./-]?(?:19|20)\d{{2}})"
)
DATE = (
    rf"(?:{WEEKDAY}\.?,?\s+)?"
    rf"(?:{PARTIAL_DATE}|\d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    r"|\d{1,4}([./-])\d{1,2}\1\d{2,4}"
    rf"|(?:\d{{1,2}}{_ORDINAL}(?:\. ?| de |[ /-]))?{ANY_MONTH}(?:\.?[ /-]|, | de | del )\d{{4}}"
    rf"|\d{{1,2}}[ /-]?{ANY_MONTH}\.?[ /-]?\d{{2,4}}|\d{{4}}[ /-]?{ANY_MONTH}[ /-]?\d{{1,2}}"
    rf"|{ANY_MONTH}\.?[ -]\d{{1,2}}{_ORDINAL},? ?\d{{4}}"
    r"|(?:19|20)\d{6}[T ]\d{4}(?:\d{2})?)"
    r"(?:(?:, |[ T:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[-+]\d{2}:?\d{2}|[AP]\.?M\.?| ?[A-Z][a-z]+/[A-Z]\w+)?)?"
)
# Words behind a number are units where clinics use them as such: 1a, 2nd and 30s are none.
_ONE_UNIT = (
    r"(?:%|° ?[cf]|mcg|[kmµμun]?g|lbs?|oz|[kcmµμun]?m|[dmµμu]?l|[mµμunp]?mol|meq|[mkµμu]?iu|[mk]?u|mmhg|cmh2o|bpm|k?pa|"
    r"fl|pg|kcal|k?j|cells?|copies|years?|yrs?|yo|y|months?|mths?|mos?|weeks?|wks?|w|days?|d|hours?|hrs?|h|"
    r"jahre?|monate?|wochen?|tage?|ans?|mois|semaines?|jours?|años?|mes|meses|semanas?|d[ií]as?|ann[io]|mes[ei]|giorn[io]|"
    r"jaar|maand|maanden|weken|dag|dagen|minutes?|mins?|min|"
    r"seconds?|secs?|in(?:ch(?:es)?)?|ft|feet|foot|mm|m2|m²|usd|eur|gbp|tablets?|tabs?|puffs?|drops?|cigarettes?|packs?)"
)
_UNIT = rf"{_ONE_UNIT}(?:\s*(?:/|per)\s*(?:\d[\d.]*\s*)?{_ONE_UNIT}[\d²³]?){{0,2}}"
_CELLS = rf"[x\u00d7*·]\s*10(?:(?:\^|\*\*?|e)\s*[-+]?\d{{1,2}}|{RAISED})\s*/\s*{_ONE_UNIT}"  # x10⁹/L, of blood
_FEET = r"(?:'|\u2032|\u2019|ft\.?|feet|foot)"
_INCHES = r"(?:\"|\u2033|\u201d|''|in\.?|inch(?:es)?)"
_COMPOUND = (
    rf"\d+\s*{_FEET}\s*(?:\d{{1,2}}(?:\.\d+)?\s*{_INCHES}?)?"
    rf"|\d+\s*{_ONE_UNIT}\s*(?:and )?\d+\s*{_ONE_UNIT}"  # 2 y 3 mo
)
_SHAPES: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    ("number", re.compile(PLAIN_NUMBER)),
    (
        "marks",
        re.compile(
            r"[-+\u2212]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[\u2212\u2013\u2014]\d+(?:\.\d+)?|-?\d{1,3}(?:\.\d{3})+,\d+"
            r"|[-+\u2212]?\d{1,3}(?:[ '\u2019\u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?"
            r"|[-+\u2212]?\d+(?:[.,]\d+)?\s*[x\u00d7*·]\s*10(?:(?:\^|\*\*)\s*[-+\u2212]?\d+|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
        ),
    ),
    ("comma", re.compile(r"-?\d+,\d+(?:[eE][-+]?\d{1,3})?")),
    ("limit", re.compile(LIMIT)),
    ("date", re.compile(DATE, re.IGNORECASE)),
    ("titre", re.compile(r"[<>≤≥]?=?\s*1\s*:\s*\d+")),
    ("about", re.compile(rf"{ABOUT}\s*{PLAIN_NUMBER}")),
    ("weeks", re.compile(r"\d{1,2}\s*\+\s*[0-6]\s*(?:weeks?|wks?|w|ssw)?", re.IGNORECASE)),
    ("accounting", re.compile(ACCOUNTING)),
    (
        "pair",
        re.compile(
            rf"{_PART}(?:\s*[/\\]\s*{_PART}){{1,2}}(?:\s*{_UNIT})?|{_PART}(?:\s*[x\u00d7]\s*{_PART}){{1,2}}(?:\s*{_UNIT})?"
            rf"|{_PART}\s*\u00b1\s*{_PART}(?:\s*{_UNIT})?",
            re.IGNORECASE,
        ),
    ),
    ("compound", re.compile(_COMPOUND, re.IGNORECASE)),
    ("range", re.compile(r"\d+(?:\.\d+)?\s*[-–]\s*\d+(?:\.\d+)?.*")),  # noqa: RUF001 - the dash that stands in files
    (
        "unit",
        re.compile(rf"[-+\u2212]?\s*[$€£¥]?\s*[-+\u2212]?\d[\d.,']*\s*(?:{_UNIT}|{_CELLS}|[$€£¥])?", re.IGNORECASE),
    ),
)
_PARTS = re.compile(r"[-+\u2212]?\s*([$€£¥]?)\s*[-+\u2212]?\d(?:[\d.,']|[ \u2019\u2009\u00a0\u202f](?=\d{3}))*\s*(.*)")
_POWER = re.compile(r"[x\u00d7*·]\s*10(?:\^|\*\*|[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹])")  # of ten
_MISTYPED = re.compile(r"[.,']{2}|\d[.,'](?:\D|$)")  # marks of numbers where none has one
_MARK_OF_INCHES = re.compile(r"\"|\u2033|\u201d|''")
_MARK_OF_FEET = re.compile(r"(?<!')['\u2032\u2019](?!')|(?<=ft)\.")
_WORDS = re.compile(r"(?!and\b)[^\W\d]+")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def with_signs(text: pl.Series) -> pl.Series:
    """Return values beyond a limit with the sign for the word: <5 for "below 5", ≥90 for "90+"."""
    plain = text.str.strip_chars().str.replace(rf"^(\d[\d.,]*)\s*{_OR_MORE}$", "≥${1}")
    plain = plain.str.strip_chars().str.replace(rf"^{_BELOW}\.?\s*(\d)", "<${1}")
    return plain.str.replace(rf"^{_ABOVE}\.?\s*(\d)", ">${1}")


@lru_cache(maxsize=1 << 16)  # every check asks it of a column's texts, and columns have texts in common
def shape_of(text: str) -> Shape:
    """Return what a text looks like."""
    text = in_plain_digits(text)
    if not _DIGIT.search(text):
        return "word"
    for shape, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return "word" if shape == "unit" and _MISTYPED.search(text) else shape
    return "word"


def by_shape(values: Mapping[str, int]) -> dict[Shape, dict[str, int]]:
    """Return texts with their counts, by what they look like."""
    shapes: dict[Shape, dict[str, int]] = {}
    for text, rows in values.items():
        shapes.setdefault(shape_of(text), {})[text] = rows
    return shapes


def years_of(dates: Iterable[str]) -> list[int]:
    """Return the years of dates, of those that write them with four digits."""
    return [int(found[0]) for text in dates if (found := _YEAR.search(text))]


def units_of(text: str) -> tuple[str, ...]:
    """Return the unit or the currency of a number, both of one in two parts, in lower case; none where it has none."""
    if shape_of(text) == "compound":
        marked = _MARK_OF_INCHES.sub(" in", _MARK_OF_FEET.sub(" ft ", text))
        found = [word.strip().casefold() for word in _WORDS.findall(marked)]
        is_short = len(found) == 1 and marked.rstrip()[-1].isdigit()
        return (*found, "in") if is_short else tuple(found)
    text = in_plain_power(in_plain_digits(text))
    parts = None if _POWER.search(text) and "/" not in text else _PARTS.fullmatch(text)
    unit = (parts[1] or parts[2].strip()).casefold() if parts else ""
    return (unit,) if unit else ()
