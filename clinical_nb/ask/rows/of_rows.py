"""Of rows: a question about one number of each person's several rows, read without the words that say which it is."""

from collections.abc import Callable

from clinical_nb.ask.language.phrases import Words
from clinical_nb.ask.rows.taking import (
    at_one_time,
    changed,
    clustered,
    having,
    is_at_visit,
    may_have_several,
    taking,
    twice,
)
from clinical_nb.ask.rows.which import (
    asked_twice,
    between_times,
    of_a_pair,
    so_many,
    without_clustering,
    without_ever,
    without_taking,
)
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Count, Plan, Proportion, Records

Read = Callable[[Words], Plan | None]


def read_of_rows(words: Words, read: Read, dictionary: Dictionary) -> Plan | None:
    """Return what words mean that say which of a person's rows is meant, as `read` has it of the other words."""
    if not any(may_have_several(dictionary, table) for table in dictionary.tables):
        return None
    return (
        _read_change(words, read, dictionary)
        or _read_taken(words, read, dictionary)
        or _read_number(words, read, dictionary)
        or _read_any(words, read)
    )


def _read_change(words: Words, read: Read, dictionary: Dictionary) -> Plan | None:
    pairs = tuple(between_times(words))
    if not pairs or read(words) is not None:  # of a column that holds the change
        return None
    for one, other in pairs:
        before, after = (_read_at_one_time(each, read, dictionary) for each in (one, other))
        if before is not None and after is not None and (plan := changed(before, after)) is not None:
            return plan
    return None


def _read_at_one_time(words: Words, read: Read, dictionary: Dictionary) -> Plan | None:
    taken = _read_taken(words, read, dictionary)
    return at_one_time(read(words), dictionary) if taken is None else taken


def _read_taken(words: Words, read: Read, dictionary: Dictionary) -> Plan | None:
    for place, asked in enumerate(without_taking(words)):
        if not place and (plain := read(words)) is not None and is_at_visit(plain, dictionary):
            return None
        found = read(asked.words)
        if found is not None and (plan := taking(found, asked.take, dictionary)) is not None:
            return plan
    return None


def _read_number(words: Words, read: Read, dictionary: Dictionary) -> Plan | None:
    """Return a count of persons by how many rows they have: two admissions, a finding in both eyes."""
    for left in of_a_pair(words, "both"):
        if (found := read(left)) is not None and (plan := twice(found, dictionary)) is not None:
            return plan
    for left, side in so_many(words):
        if (found := read(left)) is not None and (plan := having(found, side, dictionary)) is not None:
            return plan
    return None


def _read_any(words: Words, read: Read) -> Plan | None:
    """Return what any row of a person is enough for, or what reckons with which rows are of one person."""
    if (left := without_clustering(words)) is not None:
        found = read(left)
        return None if found is None else clustered(found)
    if (left := asked_twice(words)) is not None:
        return found if isinstance(found := read(left), Records) else None
    for left in (*of_a_pair(words, "either"), *filter(None, (without_ever(words),))):
        if isinstance(found := read(left), Count | Proportion):
            return found
    return None
