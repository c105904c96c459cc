"""What a text looks like: a number, one below a limit, two in one cell, one with its unit, a date, or words."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

Shape = Literal["number", "marks", "comma", "limit", "pair", "unit", "range", "date", "word"]

_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
LIMIT = r"[<>≤≥]=?\s*\d[\d.,]*\s*[^\d<>]*"
DATE = (
    r"(?:\d{1,4}([./-])\d{1,2}\1\d{2,4}|\d{4}-\d{2}|\d{1,2}/(?:19|20)\d{2}"
    rf"|(?:\d{{1,2}}[ -])?{_MONTHS}[a-z]*\.?[ -]\d{{4}}|\d{{1,2}}[ -]?{_MONTHS}[a-z]*\.?[ -]?\d{{2,4}}"
    rf"|{_MONTHS}[a-z]*\.? \d{{1,2}},? \d{{4}})"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[-+]\d{2}:?\d{2}|[AP]M| ?[A-Z][a-z]+/[A-Z]\w+)?)?"
)
# Words behind a number are units where clinics use them as such: 1a, 2nd and 30s are none.
_ONE_UNIT = (
    r"(?:%|° ?[cf]|[kmµμun]?g|lbs?|oz|[kcmµμun]?m|[dmµμu]?l|[mµμunp]?mol|meq|[mkµμu]?iu|[mk]?u|mmhg|cmh2o|bpm|k?pa|"
    r"fl|pg|kcal|k?j|cells?|copies|years?|yrs?|yo|months?|mos?|weeks?|wks?|days?|hours?|hrs?|h|minutes?|mins?|min|"
    r"seconds?|secs?|in(?:ch(?:es)?)?|ft|mm|m2|m²|usd|eur|gbp|tablets?|tabs?|puffs?|drops?|cigarettes?|packs?)"
)
_UNIT = rf"{_ONE_UNIT}(?:\s*(?:/|per)\s*(?:\d[\d.]*\s*)?{_ONE_UNIT}[\d²³]?){{0,2}}"
_SHAPES: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    ("number", re.compile(NUMBER)),
    (
        "marks",
        re.compile(r"[-+\u2212]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|\u2212\d+(?:\.\d+)?|\d{1,3}(?:[ '\u00a0\u202f]\d{3})+"),
    ),
    ("comma", re.compile(r"-?\d+,\d+")),
    ("limit", re.compile(LIMIT)),
    ("date", re.compile(DATE, re.IGNORECASE)),
    ("pair", re.compile(r"\d+(?:\.\d+)?\s*/\s*\d+(?:\.\d+)?")),
    ("range", re.compile(r"\d+(?:\.\d+)?\s*[-–]\s*\d+(?:\.\d+)?.*")),  # noqa: RUF001 - the dash that stands in files
    (
        "unit",
        re.compile(rf"[-+\u2212]?\s*[$€£¥]?\s*[-+\u2212]?\d[\d.,']*\s*(?:{_UNIT}|[$€£¥])?", re.IGNORECASE),
    ),
)
_PARTS = re.compile(r"[-+\u2212]?\s*([$€£¥]?)\s*[-+\u2212]?\d(?:[\d.,']|[ \u00a0\u202f](?=\d{3}))*\s*(.*)")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@lru_cache(maxsize=1 << 16)  # every check asks it of a column's texts, and columns have texts in common
def shape_of(text: str) -> Shape:
    """Return what a text looks like."""
    if not _DIGIT.search(text):
        return "word"
    for shape, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return shape
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


def unit_of(text: str) -> str:
    """Return the unit or the currency of a number, in lower case; empty where it has none."""
    found = _PARTS.fullmatch(text)
    return (found[1] or found[2].strip()).casefold() if found else ""
