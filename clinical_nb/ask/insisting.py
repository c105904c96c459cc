"""Insisting: how a question ends that is to be answered although rows of one person are not independent."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from clinical_nb.ask.language.lexicon import lexicon, spoken
from clinical_nb.ask.language.words import Word, name_words
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import Guard, Plan

REPEATED: tuple[Guard, ...] = ("repeated",)
_SEVERAL = "several a patient"  # as the dictionary says of rows of which a person has more than one


def without_insistence(words: Sequence[Word]) -> tuple[tuple[Word, ...], tuple[Guard, ...]]:
    """Return the words before "treating rows as independent", or the like, and what that overrides."""
    parts, last = lexicon().independent, len(words)
    while last and not words[last - 1].normal[0].isalnum():
        last -= 1
    normal = tuple(word.normal for word in words[:last])
    for start in range(1, last):
        if (normal[start],) not in parts["verbs"]:
            continue
        said = normal[start + 1 :]
        if any(said[:end] in parts["rows"] and said[end:] in parts["ends"] for end in range(1, len(said))):
            while start > 1 and not words[start - 1].normal[0].isalnum():  # the comma before
                start -= 1  # noqa: PLW2901 - the loop ends here
            return tuple(words[:start]), REPEATED
    return tuple(words), ()


def as_rows(words: Sequence[Word], dictionary: Dictionary) -> tuple[Word, ...] | None:
    """Return words in which the eyes, the knees or the like of persons are called rows, where each is one of a table.

    None where the question has no such word, or is of persons too: "how many patients had both eyes treated".
    """
    if len(dictionary.tables) != 1:
        return None
    ((table, columns),) = dictionary.tables.items()
    grain = dictionary.grains.get(table)
    people = lexicon().keywords["people"] - {("row",), ("those",)}
    if grain is None or _SEVERAL not in grain.row or any((word.normal,) in people for word in words):
        return None
    said = [name_words(name) + spoken(column.label) for name, column in columns.items() if _may_tell_rows(column)]
    meant = {word.normal for word in words if word.normal in lexicon().paired and word.typed.casefold() != word.normal}
    if len(meant) != 1 or not any(meant <= set(each) for each in (*said, name_words(table))):
        return None
    return tuple(replace(word, normal="row") if word.normal in meant else word for word in words)


def _may_tell_rows(column: Column) -> bool:
    """Tell whether a column can say which eye or knee a row is of: no number of nodes, and no yes or no."""
    return column.kind != "numeric" and not any(spoken(level.label) in lexicon().yes for level in column.levels)


def is_of_both(words: Sequence[Word], dictionary: Dictionary) -> bool:
    """Tell whether persons are asked for of whom both eyes, or the like, have something: that is no grouping by eye."""
    said = [word.normal for word in words]
    is_several = any(_SEVERAL in grain.row for grain in dictionary.grains.values())
    both = any(one == "both" and other in lexicon().paired for one, other in pairwise(said))
    return is_several and both and any((word,) in lexicon().keywords["people"] for word in said)


def insisting(plan: Plan, despite: tuple[Guard, ...]) -> Plan:
    """Return a plan that overrides these refusals."""
    return replace(plan, cohort=replace(plan.cohort, despite=despite)) if despite else plan
