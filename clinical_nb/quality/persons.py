"""Columns that can find a person outside the study, by name and by value: the 18 identifiers of HIPAA's Safe Harbor.

45 CFR 164.514(b)(2). What is found is told without a value.
"""

import re
from collections.abc import Callable

import polars as pl

from clinical_nb.dictionary.identifiers import names_person, names_private, words_of
from clinical_nb.quality.births import may_be_births
from clinical_nb.quality.counts import MOST_TEXTS, Counts
from clinical_nb.quality.doubt import Doubt
from clinical_nb.quality.missing_codes import numbers_of

_SAMPLE = 1_000  # values, which show what a column holds
_SHARE = 0.5  # of the values look so, or a few do by chance
_FEWEST = 3  # values that look so: one may by chance
_DISTINCT = 0.8  # of the values differ, as those of persons do
_OLDEST = 89  # years: HIPAA's Safe Harbor counts ages above as identifying
_LEAVE_OUT = "Leave it out of the file if the analysis does not need it."
_BY_VALUE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail addresses", re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")),
    ("web addresses", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("social security numbers", re.compile(r"\d{3}-\d{2}-\d{4}")),
    ("IP addresses", re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}")),
    (
        "telephone numbers",
        re.compile(r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)|\d{3,4})[ .-]\d{3,4}(?:[ .-]\d{2,5}){0,2}|\+\d{8,14}"),
    ),
    ("device or network addresses", re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")),
    (
        "street addresses",
        re.compile(
            r"\d+\s+(?:[A-Z][\w.]*\s+){1,3}(?:St|Street|Ave|Avenue|Rd|Road|Lane|Ln|Dr|Drive|Blvd|Way|Court|Ct)\.?.*"
        ),
    ),
)
_THOUSANDS = re.compile(r"-?\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d{1,3}")  # as 250 000 is one number
_PERSON_NAME = re.compile(r"[A-Z][a-z'’-]+,?(?: [A-Z]\.?)? [A-Z][A-Za-z'’-]+")  # noqa: RUF001 - the apostrophe of print
_IN_NAMES = frozenset(
    {
        "initials",
        "address",
        "city",
        "county",
        "passport",
        "beneficiary",
    }
    | {"ip", "url", "website", "photo", "fingerprint", "fingerprints"}
)
# The number of one finds a person, and the kind of one (private, none) does not.
_NUMBERED = frozenset({"insurance", "account", "licence", "license", "plate", "serial"})
_MOST_KINDS = 20  # that repeat are kinds of something, and no persons
_NO_PERSON = frozenset(
    {"drug", "medication", "diagnosis", "disease", "site", "hospital", "center", "centre", "event", "term"}
)


def doubt_name(counts: Counts) -> list[Doubt]:
    """Return a warning where a column's name says that it finds persons outside the study, or its values do."""
    column = counts.name
    words = set(words_of(column))
    if names_private(column) or words & _IN_NAMES or (words & _NUMBERED and not _are_kinds(counts)):
        text = "The name says that this column can identify persons; its values are never shown here."
        return [Doubt("identifiers", text, _LEAVE_OUT, rows=counts.rows)]
    return [*_by_value(counts), *_old(counts)]


def _are_kinds(counts: Counts) -> bool:
    """Tell whether a column has a few words that several rows share, and no number among them."""
    is_shared = counts.is_text and counts.is_whole and len(counts.values) <= min(_MOST_KINDS, counts.known / 2)
    return is_shared and not any(character.isdigit() for text in counts.values for character in str(text))


def _by_value(counts: Counts) -> list[Doubt]:
    if may_be_births(counts):
        text = "The values may be dates of birth, by the years between them; they are never shown here."
        return [Doubt("identifiers", text, _LEAVE_OUT, rows=counts.known)]
    if not counts.is_text or not counts.values or counts.numbers * 2 > counts.known:
        return []
    texts = [str(text) for text in list(counts.values)[:_SAMPLE]]
    is_distinct = len(counts.values) >= _DISTINCT * min(counts.known, MOST_TEXTS)
    for what, pattern in _BY_VALUE if not all(map(_THOUSANDS.fullmatch, texts)) else ():
        if is_distinct and _most(texts, pattern.fullmatch):
            text = f"The values look like {what}; they are never shown here."
            return [Doubt("identifiers", text, _LEAVE_OUT, rows=counts.known)]
    names = set(words_of(counts.name))
    may_be_name = is_distinct and len(texts) >= _FEWEST and not names & _NO_PERSON and not names_person(counts.name)
    if may_be_name and _most(texts, _PERSON_NAME.fullmatch):
        text = "The values look like names of people; they are never shown here."
        return [Doubt("identifiers", text, _LEAVE_OUT, rows=counts.known)]
    return []


def _most(texts: list[str], is_one: Callable[[str], object]) -> bool:
    return sum(1 for text in texts if is_one(text)) > _SHARE * len(texts)


def _old(counts: Counts) -> list[Doubt]:
    """Ages over 89, and birth in years that say so, find persons by themselves."""
    if "age" not in words_of(counts.name) or not counts.is_number:
        return []
    old = sum(rows for number, rows in numbers_of(counts).items() if _OLDEST < number <= 120)  # noqa: PLR2004 - years
    if not old:
        return []
    where = pl.col(counts.name).is_between(_OLDEST, 120, closed="right")
    text = "over 89, which can identify persons where data are shared."
    return [Doubt("old ages", text, "Write 90 for them before the data are shared.", "age", where)]
