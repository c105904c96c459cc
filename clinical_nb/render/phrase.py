"""A sentence in parts, so that numbers and terms can be marked in HTML and everything from outside is escaped."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mark:
    """A part that stands out: a number that was computed, what goes with it, or a term as it was understood."""

    text: str
    kind: Literal["number", "aside", "term"]


Phrase = tuple[str | Mark, ...]


def number(text: str) -> Mark:
    """Mark a number that `numbers.py` has written."""
    return Mark(text, "number")


def aside(text: str) -> Mark:
    """Mark what goes with a number and is read after it: its interval, its percentage."""
    return Mark(text, "aside")


def term(text: str) -> Mark:
    """Mark a column or a condition of the plan."""
    return Mark(text, "term")


def plain(phrase: Iterable[str | Mark]) -> str:
    """Return the phrase as plain text."""
    return "".join(part if isinstance(part, str) else part.text for part in phrase)


def markup(phrase: Iterable[str | Mark]) -> str:
    """Return the phrase as HTML: all escaped, marks as elements, and a true minus sign in numbers."""
    return "".join(_element(part) for part in phrase)


def quiet(phrase: Iterable[str | Mark]) -> Phrase:
    """Return the phrase with its numbers no longer standing out: for lines under the sentence."""
    return tuple(aside(part.text) if isinstance(part, Mark) and part.kind == "number" else part for part in phrase)


def listed(phrases: Iterable[Phrase], last: str = " and ") -> Phrase:
    """Join phrases with commas, and the last one with a word."""
    *before, end = phrases
    joined: list[str | Mark] = []
    for position, phrase in enumerate(before):
        joined += [*([", "] if position else []), *phrase]
    return (*joined, last, *end) if before else end


def capitalised(phrase: Phrase) -> Phrase:
    """Begin the phrase with a capital letter, but for words that are written otherwise ("pH", "mRNA")."""
    first, *rest = phrase
    if isinstance(first, Mark) or not re.match(r"[^\W\dA-Z_]{2,}([^\w]|$)", first):
        return phrase
    return (first[0].upper() + first[1:], *rest)


def minus_signs(text: str) -> str:
    """Return the text of a number with the true minus sign that HTML and documents have."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "\N{MINUS SIGN}", text)


def _element(part: str | Mark) -> str:
    if isinstance(part, str):
        return escape(part)
    if part.kind == "term":
        return f"<mark>{escape(part.text)}</mark>"
    shown = escape(minus_signs(part.text)).replace("95 % CI ", "95&nbsp;%&nbsp;CI&nbsp;").replace(" %", "&nbsp;%")
    return f"<b>{shown}</b>" if part.kind == "number" else shown
