"""Coordinated: "pre and post weight" names two columns with one noun; each gets its own, so that it can be read."""

from collections.abc import Sequence

from clinical_nb.ask.linking import Index
from clinical_nb.ask.words import Word

_JOINTS = frozenset({"and", "vs", "versus", "or", "with", "to"})
_LONGEST_NOUN = 2  # words


def with_nouns(words: Sequence[Word], index: Index) -> tuple[Word, ...]:
    """Return words in which the first of two that share a noun has it too, where only so both name a column."""
    found = list(words)
    for at in range(len(words) - 2, 0, -1):
        if words[at].normal in _JOINTS:
            noun = _shared_noun(words, at, index)
            found[at:at] = noun
    return tuple(found)


def _shared_noun(words: Sequence[Word], joint: int, index: Index) -> Sequence[Word]:
    before, after = words[joint - 1], words[joint + 1]
    for length in range(_LONGEST_NOUN, 0, -1):
        noun = words[joint + 2 : joint + 2 + length]
        if len(noun) < length or _column((before,), index):
            continue
        one, other = _column((before, *noun), index), _column((after, *noun), index)
        if one and other and one != other:
            return noun
    return ()


def _column(words: Sequence[Word], index: Index) -> str | None:
    said = tuple(word.normal for word in words)
    if not all(word[0].isalnum() for word in said):
        return None
    found = index.meant(said)
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None
