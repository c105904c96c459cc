"""Insisting: how a question ends that is to be answered although rows of one person are not independent."""

from collections.abc import Sequence
from dataclasses import replace

from clinical_nb.ask.lexicon import lexicon
from clinical_nb.ask.words import Word
from clinical_nb.plan import Guard, Plan

_SAID: tuple[Guard, ...] = ("repeated",)


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
            return tuple(words[:start]), _SAID
    return tuple(words), ()


def insisting(plan: Plan, despite: tuple[Guard, ...]) -> Plan:
    """Return a plan that overrides these refusals."""
    return replace(plan, cohort=replace(plan.cohort, despite=despite)) if despite else plan
