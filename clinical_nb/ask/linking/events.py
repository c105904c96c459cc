"""Events: what a preposition joins to one, "at death", "died of sepsis", is no condition on persons."""

from collections.abc import Mapping, Sequence

from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import DIED, Target
from clinical_nb.ask.linking.senses import OUTCOMES

_PREPOSITIONS = frozenset({("at",), ("of",), ("from",)})


def is_of_event(
    index: Index, words: Phrase, links: Mapping[int, Sequence[tuple[Target, int]]], place: tuple[int, int]
) -> bool:
    """Tell whether a preposition joins what follows to an event, whose time, cause or place no row need have.

    "Age at death" is not the age of those who died; nor is who "died of sepsis" one who died and had it.
    """
    start, end = place
    preposition = words[start:end]
    if preposition not in _PREPOSITIONS or words[end + 1 : end + 2] in index.lexicon.units:  # "mortality at 5 years"
        return False
    is_death = start > 0 and index.lexicon.canonical(words[start - 1 : start]) == DIED
    if is_death and len(words) > end:
        return True
    return preposition == ("at",) and any(last > end and is_event(index, target) for target, last in links.get(end, ()))


def is_event(index: Index, target: Target) -> bool:
    """Tell whether a target is what happened or did not: a yes/no column, or a level of what ended or came of it."""
    if isinstance(target, str):
        return index.polar(target, positive=True) is not None
    return index.columns[target.column].role in OUTCOMES
