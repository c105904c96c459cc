"""Coordinated: what is said once for two words, "pre and post weight", "A and B at baseline", is given to each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.index import Index

_JOINTS = frozenset({"and", "vs", "versus", "or", "with", "to"})
_LONGEST_NOUN = 2  # words
_LONGEST_ROW = 4
_KINDS = frozenset(
    {"type", "class", "category", "location", "source", "reason", "status", "kind", "severity", "outcome", "unit"}
)
_STAYS = frozenset({("length", "of", "stay"), ("los",), ("stay",)})  # which may be made of two dates
_LONGEST_NAME = 3  # words of a measurement
_LONGEST_TIME = 5  # words: "at the end of treatment"
_OF_PERSONS = ("er", "or", "ic", "ian", "ent", "ant")  # how words end that persons are called by: smoker, diabetic
_OTHER = {"pre": "post", "post": "pre"}


def with_nouns(words: Sequence[Word], index: Index) -> tuple[Word, ...]:
    """Return words in which the first of two that share a noun or a time has it too, where only so both are columns."""
    found = list(words)
    for at in range(len(words) - 2, 0, -1):
        if words[at].normal in _JOINTS:
            found[at:at] = _shared_noun(words, at, index) or _shared_time(words, at, index)
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


def _shared_time(words: Sequence[Word], joint: int, index: Index) -> Sequence[Word]:
    """Return the time after the second of two measurements, that the first is of too: "A and B at baseline"."""
    for length in range(_LONGEST_NAME, 0, -1):
        first = words[max(joint - length, 0) : joint]
        if len(first) < length or _column(first, index):
            continue
        for end in range(joint + 2, joint + 2 + _LONGEST_NAME):
            for last in range(min(end + _LONGEST_TIME, len(words)), end, -1):
                time = words[end:last]
                if not _is_time(time, index):
                    continue
                one, other = _column((*first, *time), index), _column(words[joint + 1 : last], index)
                if one and other and one != other:
                    return time
    return ()


def _is_time(words: Sequence[Word], index: Index) -> bool:
    said = tuple(word.normal for word in words)
    is_named = any(end == len(said) for _, _, end in index.lexicon.times_at(said, 0))
    is_numbered = said[0] == "at" and len(said) == 3 and any(word.number is not None for word in words)  # noqa: PLR2004
    return is_named or (is_numbered and not index.lexicon.when.isdisjoint(said))


def _column(words: Sequence[Word], index: Index) -> str | None:
    said = tuple(word.normal for word in words)
    return index.one_column(said) if all(word[0].isalnum() or word == "-" for word in said) else None


def written_out(words: Sequence[Word], known: frozenset[str]) -> tuple[Word, ...]:
    """Write out what is said once for two words: the "pre" of "pre and postmenopausal", where such a word is known."""
    said: list[Word] = []
    for at, word in enumerate(words):
        other = _OTHER.get(word.normal, " ")
        rest = [each.normal[len(other) :] for each in words[at + 1 : at + 4] if each.normal.startswith(other)]
        whole = [word.normal + part for part in rest if part and word.normal + part in known]
        is_hyphen = word.normal == "-" and bool(said) and said[-1] not in words
        said += [replace(word, normal=whole[0]) if whole else word] if not is_hyphen else []
    return _denied(said, known)


def _denied(words: Sequence[Word], known: frozenset[str]) -> tuple[Word, ...]:
    """Write "non-smokers" as one word where that is known, and "nonsmokers" as two where only smokers are."""
    said: list[Word] = []
    for word in words:
        joined = f"non{word.normal}"
        before = [each.normal for each in said[-2:]]
        parts = word.normal.partition("non")
        if joined in known and before[-1:] == ["non"]:
            said[-1:] = [replace(word, normal=joined)]
        elif joined in known and before == ["non", "-"]:
            said[-2:] = [replace(word, normal=joined)]
        elif not parts[0] and word.normal not in known and parts[2] in known and parts[2].endswith(_OF_PERSONS):
            said += [replace(word, normal="non"), replace(word, normal=parts[2])]
        else:
            said.append(word)
    return tuple(said)
