"""Quantities: what the words at one place of a question are as a number, an ordinal, a few, or a unit."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from clinical_nb.ask.linking import Index
from clinical_nb.ask.words import Word

LONGEST_UNIT = 5  # words
_ORDINAL = re.compile(r"(\d{1,2}(?:\.\d)?)(?:st|nd|rd|th)")
_BEFORE_A_RANGE = frozenset({"between", "from"})


def quantities(words: Sequence[Word], index: Index, part: str, start: int) -> Iterator[tuple[Any, int]]:
    """Yield what the words at a place have as this part, with the place after it.

    NUMBER is any number, TIMES one that begins no range, WORD a word of letters, ORDINAL that of a percentile, HOWMANY
    a few in words, and UNIT the longest unit.
    """
    word = words[start]
    if part in ("NUMBER", "TIMES") and word.number is not None:
        if part == "NUMBER" or not start or words[start - 1].normal not in _BEFORE_A_RANGE:
            yield word.number, start + 1
    elif part == "WORD" and word.normal.isalpha():
        yield word.normal, start + 1
    elif part == "ORDINAL" and (ordinal := _ORDINAL.fullmatch(word.normal)):
        yield float(ordinal[1]), start + 1
    elif part == "HOWMANY" and word.normal in index.lexicon.number_words:
        yield index.lexicon.number_words[word.normal], start + 1
    elif part == "UNIT":
        for end in range(min(len(words), start + LONGEST_UNIT), start, -1):
            unit = index.units.get(tuple(each.normal for each in words[start:end]))
            if unit is not None:
                yield unit, end
                return
