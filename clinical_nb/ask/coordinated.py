"""Coordinated: "pre and post weight" names two columns with one noun; each gets its own, so that it can be read."""

from collections.abc import Mapping, Sequence

from clinical_nb.ask.lexicon import Phrase
from clinical_nb.ask.linking import Index
from clinical_nb.ask.words import Word

_JOINTS = frozenset({"and", "vs", "versus", "or", "with", "to"})
_LONGEST_NOUN = 2  # words
_LONGEST_ROW = 4
_KINDS = frozenset(
    {"type", "class", "category", "location", "source", "reason", "status", "kind", "severity", "outcome", "unit"}
)
_STAYS = frozenset({("length", "of", "stay"), ("los",), ("stay",)})  # which may be made of two dates


def with_nouns(words: Sequence[Word], index: Index) -> tuple[Word, ...]:
    """Return words in which the first of two that share a noun has it too, where only so both name a column."""
    found = list(words)
    for at in range(len(words) - 2, 0, -1):
        if words[at].normal in _JOINTS:
            noun = _shared_noun(words, at, index)
            found[at:at] = noun
    return tuple(found)


def of_own_rows(words: Sequence[Word], index: Index, rows: Mapping[Phrase, str]) -> tuple[Word, ...]:
    """Return words that call the columns of a table as its own: the "type of admissions" is their "admission type".

    What a table's rows are called says nothing before one of its columns: the "ICU length of stay" of ICU stays.
    """
    found = list(words)
    for at in range(len(words) - 1, -1, -1):
        for end in range(min(len(words), at + _LONGEST_ROW), at, -1):
            phrase = tuple(word.normal for word in words[at:end])
            table = rows.get(phrase)
            if table is not None and _begins_column(words, at, end, index, table):
                del found[at:end]
                break
    named = {table: min((phrase for phrase in rows if rows[phrase] == table), key=len) for table in rows.values()}
    said = tuple(word.normal for word in found)
    tables = {table for phrase, table in rows.items() if _holds(said, phrase)}
    if len(tables) != 1:
        return tuple(found)
    (table,) = tables
    for at, word in enumerate(found):
        before = tuple(Word(each, each) for each in named[table])
        if word.normal in _KINDS and not index.link((word.normal,)):
            column = _column((*before, word), index) or _joined((*before, word), index)
            if column and index.owner.get(column) == table and said[max(0, at - len(before)) : at] != named[table]:
                found[at:at] = before
                break
    return tuple(found)


def _holds(said: Phrase, phrase: Phrase) -> bool:
    return any(said[at : at + len(phrase)] == phrase for at in range(len(said) - len(phrase) + 1))


def _joined(words: Sequence[Word], index: Index) -> str | None:
    found = index.exact.get(("".join(word.normal for word in words),), {})
    return next((each for each in found if isinstance(each, str)), None) if len(found) == 1 else None


def _begins_column(words: Sequence[Word], start: int, end: int, index: Index, table: str) -> bool:
    """Tell whether a name of a column of a table begins at a place, and none with the words before it."""
    for last in range(min(len(words), end + _LONGEST_NOUN + 1), end, -1):
        if _column(words[start:last], index):
            return False
        column = _column(words[end:last], index)
        is_stay = tuple(word.normal for word in words[end:last]) in _STAYS
        if (column and index.owner.get(column) == table) or (is_stay and column is None):
            return True
    return False


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
