"""Bare questions: "men over 70 on placebo", which names people and asks nothing, is how many they are."""

from clinical_nb.ask.following import begins_as_follow_up
from clinical_nb.ask.reading import Read, read_question, refuses
from clinical_nb.ask.words import words_of
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Count, Proportion

_ASKING_WHO = frozenset({"who", "which", "whose", "whom"})
_HOW_MANY = "how many "


def read_as_count(question: str, dataset: str, dictionary: Dictionary) -> Read | None:
    """Read what names people, or what they have, as how many they are; None where it asks something."""
    words = [word.normal for word in words_of(question)]
    if not words or words[0] in _ASKING_WHO or begins_as_follow_up(question) or refuses(question):
        return None
    read = read_question(_HOW_MANY + question, dataset, dictionary)
    return read if isinstance(read, Read) and isinstance(read.plan, Count | Proportion) else None
