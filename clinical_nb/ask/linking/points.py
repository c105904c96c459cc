"""Points: "from baseline to week 8", which says between which two measurements a change is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Lexicon, Phrase
from clinical_nb.ask.language.words import Word

_BEFORE = frozenset({("from",), ("between",), ("at",)})
_BETWEEN = frozenset({("to",), ("and",), ("until",), ("v",), ("vs",), ("versus",), ("to", "at"), ("and", "at")})
_UNITS = frozenset({"day", "week", "month", "year", "visit"})
_PAIR = 2  # words of a point: a number and its unit


@dataclass(frozen=True, slots=True)
class LaterPoint:
    """The words of a later point, and the places of the first word of the baseline before it and after its last."""

    point: Phrase
    start: int
    end: int


def later_point(words: Sequence[Word], lexicon: Lexicon) -> LaterPoint | None:
    """Return the later point that a question names after the baseline; None where it names none, or several.

    It is a number with its unit, or has a name: "peak".
    """
    normal = tuple(word.normal for word in words)
    found = [
        LaterPoint(normal[at : at + length], start, at + length)
        for length in (1, _PAIR)
        for at in range(len(normal) - length + 1)
        if (normal[at] in lexicon.moments if length == 1 else _is_point(words[at : at + _PAIR], lexicon))
        for start in _begins(normal[:at], lexicon)
    ]
    return found[0] if len(found) == 1 else None


def _is_point(words: Sequence[Word], lexicon: Lexicon) -> bool:
    units = [word for word in words if lexicon.canonical((word.normal,))[0] in _UNITS]
    return len(units) == 1 and sum(word.number is not None for word in words) == 1


def _begins(before: Phrase, lexicon: Lexicon) -> Iterator[int]:
    """Yield where the words that say "from baseline to" begin, at the end of those before a point."""
    for length in (1, 2):
        if before[-length:] not in _BETWEEN:
            continue
        left = before[:-length]
        for phrase in lexicon.times["baseline"]:  # the longest first
            if left[-len(phrase) :] == phrase:
                start = len(left) - len(phrase)
                yield start - 1 if left[start - 1 : start] in _BEFORE else start
                return
