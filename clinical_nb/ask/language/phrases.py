"""Phrases: where those of the lexicon stand among the words of a question, and the words without them."""

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.words import Word

Words = tuple[Word, ...]
_LONGEST = 7  # words of a phrase


def places(words: Words, phrases: frozenset[Phrase]) -> list[tuple[int, int]]:
    """Return where phrases stand, the longest at each place."""
    normal = tuple(word.normal for word in words)
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(normal):
        ends = [end for end in range(start + 1, min(len(normal), start + _LONGEST) + 1) if normal[start:end] in phrases]
        if ends:
            found.append((start, ends[-1]))
        start = ends[-1] if ends else start + 1
    return found


def without(words: Words, phrases: frozenset[Phrase]) -> Words:
    """Return words without those of some phrases."""
    taken = {at for start, end in places(words, phrases) for at in range(start, end)}
    return tuple(word for at, word in enumerate(words) if at not in taken)
