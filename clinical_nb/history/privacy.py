"""Masks what a person typed: only words of the dictionary and the grammar, and small numbers, are written down."""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from clinical_nb.plans.derived import DAYS

MASK = "▢"
FEWEST_TOLD = 11  # of persons or rows: a smaller number tells on people, and is not written down

# What may stand between and around words. A sign that is not here (@, #, a zero-width blank) masks what it touches.
_DASHES = r"\-\u2010-\u2015\u2212"
_MARKS = rf""".,;:?!()\[\]"\u201c\u201d%+/<>=≤≥≠&*_`{_DASHES}"""
_APOSTROPHES = "'\u2018\u2019"
_PIECE = re.compile(rf"(?P<number>[0-9]+(?:[.,][0-9]+)*)|(?P<word>[^{_MARKS}]+)|(?P<mark>[{_MARKS}]+)")
_EDGES = re.compile(rf"^[{_MARKS}{_APOSTROPHES}]+|[{_MARKS}{_APOSTROPHES}]+$")
# A threshold has at most 4 digits before the point, 3 behind it and no leading zero: a record or a telephone has more.
_THRESHOLD = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?|[1-9],[0-9]{3}")
_DECIMALS = 3  # of a number that a person types
_RANGE = re.compile(rf" ?[{_DASHES}] ?")
_COMPARISON = re.compile(r"[<>=≤≥≠]")
_MONTHS = frozenset(
    """jan feb mar apr may jun jul aug sep sept oct nov dec
    january february march april june july august september october november december""".split()  # noqa: SIM905 - words read better than a list of quoted words
)
_DATE_WORDS = frozenset({"of", "the"})


def told(count: int | None) -> int | None:
    """Return a number of persons or rows where it may be written down; None where so few would tell on people."""
    return count if count is not None and count >= FEWEST_TOLD else None


def may_be_threshold(number: str) -> bool:
    """Tell whether a number may be written down as a threshold: a longer one may be of a record or a telephone."""
    return _THRESHOLD.fullmatch(number) is not None


def as_typed(numbers: Collection[float]) -> frozenset[float]:
    """Return numbers of a plan with what they are in other units of time: of 1826.25 days, 5 years were typed."""
    sizes = {here / there for here in DAYS.values() for there in DAYS.values()}
    typed = ((round(number * size, _DECIMALS), number * size) for number in numbers for size in sizes)
    return frozenset(near for near, exact in typed if near and math.isclose(near, exact, rel_tol=1e-9)) | {*numbers}


Kind = Literal["number", "word", "mark", "strange"]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a question, and the number of the chunk (what stands between two blanks) that it is in."""

    chunk: int
    kind: Kind
    text: str


def _hide(_hidden: str) -> str:
    return MASK


def mask(
    question: str,
    vocabulary: Collection[str],
    thresholds: Collection[float] | None = None,
    refer: Callable[[str], str] = _hide,
) -> str:
    """Return a question without what only its writer could have put there: names, record numbers, dates.

    A chunk (what stands between two blanks) is kept when all of it is words of the vocabulary, their possessives, and
    numbers that may be thresholds; otherwise it is masked whole. Numbers that together may be a date or a telephone
    are masked, too. Masked neighbours become one `▢`.

    Parameters
    ----------
    question : str
        As typed.
    vocabulary : collection of str
        The words of the dictionary and the grammar; letter case and Unicode's compatibility forms do not matter.
    thresholds : collection of float, optional
        The numbers that the question was read to hold, which alone are kept; without it, each that may be a threshold.
    refer : callable
        Returns what stands in the place of masked neighbours; by default `▢`.

    Returns
    -------
    str
        In Unicode's form NFKC, with single blanks.

    """
    chunks = unicodedata.normalize("NFKC", question).split()
    known = frozenset(map(_fold, vocabulary))
    pieces = [piece for number, chunk in enumerate(chunks) for piece in _pieces(number, chunk, known)]
    if thresholds is not None:
        pieces = [_unless_read(piece, known, thresholds) for piece in pieces]
    hidden = {piece.chunk for piece in pieces if piece.kind == "strange"}
    hidden |= _numbers_in_a_row(pieces) | _days_of_months(pieces)
    hidden |= _numbers_around(hidden, {piece.chunk for piece in pieces if piece.kind == "number"})
    parts = groupby(enumerate(chunks), lambda part: part[0] in hidden or part[1] == MASK)
    said = ((masked, " ".join(chunk for _, chunk in same)) for masked, same in parts)
    return " ".join(refer(text) if masked and text != MASK else text for masked, text in said)


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _pieces(number: int, chunk: str, known: Collection[str]) -> Iterator[_Piece]:
    """Take a chunk apart, where it is not a known word as it stands ("mg/dl")."""
    bare = _EDGES.sub("", chunk)
    if bare and not _THRESHOLD.fullmatch(bare) and (_fold(chunk) in known or _is_known(bare, known)):
        yield _Piece(number, "word", bare)
        return
    for found in _PIECE.finditer(chunk):
        text = found[0]
        if found["mark"]:
            yield _Piece(number, "mark", text)
        elif found["number"]:
            yield _Piece(number, "number" if _THRESHOLD.fullmatch(text) else "strange", text)
        else:
            yield _Piece(number, "word" if _is_known(text, known) else "strange", text)


def _unless_read(piece: _Piece, known: Collection[str], thresholds: Collection[float]) -> _Piece:
    """Make a number strange that is neither a word of the dictionary nor one that the question was read to hold."""
    read = piece.kind != "number" or piece.text in known or float(piece.text.replace(",", "")) in thresholds
    return piece if read else replace(piece, kind="strange")


def _is_known(word: str, known: Collection[str]) -> bool:
    """Tell whether it is a word of the vocabulary, or its possessive."""
    folded = _fold(word).strip(_APOSTROPHES)
    possessor = folded[:-2] if folded[-1:] == "s" and folded[-2:-1] in _APOSTROPHES else folded
    return folded in known or possessor in known


def _numbers_in_a_row(pieces: Sequence[_Piece]) -> set[int]:
    """Find the chunks of numbers with no word between them, but of ranges, comparisons and lists of small ones."""
    hidden: set[int] = set()
    for between_words, same in groupby(pieces, lambda piece: piece.kind in {"number", "mark"}):
        row = list(same) if between_words else []
        places = [place for place, piece in enumerate(row) if piece.kind == "number"]
        numbers = [row[place].text for place in places]
        joints = [_joint(row[left : right + 1]) for left, right in pairwise(places)]
        if joints and not _may_be_thresholds(numbers, joints):
            hidden.update(piece.chunk for piece in row[places[0] : places[-1] + 1])
    return hidden


def _joint(pieces: Sequence[_Piece]) -> str:
    """Return what stands between the first piece and the last, with a blank where a chunk ends."""
    return "".join(
        (" " if right.chunk > left.chunk else "") + (right.text if right is not pieces[-1] else "")
        for left, right in pairwise(pieces)
    )


def _may_be_thresholds(numbers: Sequence[str], joints: Sequence[str]) -> bool:
    if all(_COMPARISON.search(joint) for joint in joints):
        return True
    if len(numbers) == 2 and _RANGE.fullmatch(joints[0]):  # noqa: PLR2004 - a range has two ends
        low, high = (float(number.replace(",", "")) for number in numbers)
        return low < high < 1000  # noqa: PLR2004 - with four digits it may be a telephone
    return all(joint == ", " for joint in joints) and all(len(number) <= 2 for number in numbers)  # noqa: PLR2004 - a year has more


def _days_of_months(pieces: Sequence[_Piece]) -> set[int]:
    """Find the chunks of a number beside a month's name: "12 May", "May the 12th", "12-May-1980"."""
    said = [piece for piece in pieces if piece.kind != "mark" and _fold(piece.text) not in _DATE_WORDS]
    return {
        chunk
        for left, right in pairwise(said)
        for day, month in ((left, right), (right, left))
        if day.text[0].isdecimal() and _fold(month.text) in _MONTHS
        for chunk in (day.chunk, month.chunk)
    }


def _numbers_around(hidden: Collection[int], numbers: Collection[int]) -> set[int]:
    """Find the numbers on both sides of what is masked: a date may name its month in any language."""
    around: set[int] = set()
    for first in hidden:
        last = first
        while last + 1 in hidden:
            last += 1
        if first - 1 not in hidden and {first - 1, last + 1} <= set(numbers):
            around |= {first - 1, last + 1}
    return around
