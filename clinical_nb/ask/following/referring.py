"""Referring: "of those, how many died": a whole question, about those whom the question before counted."""

from dataclasses import replace

from clinical_nb.ask.language.lexicon import Phrase, lexicon
from clinical_nb.ask.language.words import Word, words_of
from clinical_nb.ask.reading import Declined, Read, Reading, Unclear
from clinical_nb.plan import Count, Describe, Plan, Proportion, with_derived

_PLACES = frozenset({"of", "among", "in", "for", "from", "within"})
_THEM = frozenset({"them", "those", "these"})
# What "those" is followed by where it is of people who are described next: "those who", "those over 65", "those on …".
_DESCRIBED = (
    "who", "lack", "not", "non", "above", "below", "atleast", "atmost", "between", "aged", "prep", "missing", "known",
    "withwithout", "people",
)  # fmt: skip
_HEADS = ("howmany", "share", "opening", "comma", "article")
_LONGEST = 8


def without_reference(question: str) -> str | None:
    """Return a question without its "of those"; None where it has none, or says in its own words who they are."""
    words = words_of(question)
    for at in range(len(words) - 1):
        if words[at].normal not in _PLACES or words[at + 1].typed.casefold() not in _THEM:
            continue
        head, rest = words[:at], words[at + 2 :]
        is_them = words[at + 1].typed.casefold() == "them"
        if (not is_them and _begins(rest, _DESCRIBED)) or not _is_head((*head, words[at])):
            return None
        left = [*head, *(rest[1:] if rest and not rest[0].normal[0].isalnum() else rest)]
        return " ".join(word.typed for word in left) or None
    return None


def begins_with_reference(question: str) -> bool:
    """Tell whether a question begins with "of those", so that it can be of nothing but what was asked before."""
    words = [word for word in words_of(question) if word.normal != "and"]
    head = [word.typed.casefold() for word in words[:2]]
    return len(head) == 2 and head[0] in _PLACES and head[1] in _THEM  # noqa: PLR2004 - its two words


def refer(before: Plan, asked: Reading) -> Reading:
    """Return what is asked as of those whom the plan before counted; of a share, those who have it."""
    if not isinstance(asked, Read):
        return asked
    plan, earlier = asked.plan, before.cohort
    joined = {earlier.joined, plan.cohort.joined} - {()}
    if earlier.table != plan.cohort.table or len(joined) > 1:
        return Declined(
            f"The question before was about the rows of '{earlier.table}', and this is about other rows. "
            "Ask the whole question."
        )
    counted = (before.event,) if isinstance(before, Proportion) else ()
    where = (*earlier.where, *counted, *plan.cohort.where)
    alone = replace(plan, cohort=replace(plan.cohort, where=where, joined=next(iter(joined), ())))
    alone = with_derived(alone, (*earlier.derived, *plan.cohort.derived))
    groups = before.by if isinstance(before, Count | Proportion | Describe) else ()
    if groups and isinstance(alone, Count | Proportion | Describe) and not alone.by:
        split = with_derived(replace(alone, by=groups), (*earlier.derived, *plan.cohort.derived))
        both = (alone, split)
        return Unclear("The question before was in groups. Is this about all of them, or about each?", both)
    return Read(alone, asked.remarks)


def _begins(words: tuple[Word, ...], classes: tuple[str, ...]) -> bool:
    """Whether words begin with a phrase of these classes, or there are none."""
    phrases = [lexicon().keywords[name] for name in classes]
    starts = [_phrase(words[:end]) for end in range(1, min(_LONGEST, len(words)) + 1)]
    return not words or any(start in each for start in starts for each in phrases)


def _is_head(words: tuple[Word, ...]) -> bool:
    """Whether words only say what is asked: "how many of", "what proportion of", "and of"."""
    phrases = frozenset[Phrase]().union(*(lexicon().keywords[name] for name in (*_HEADS, "prep")))
    at = 0
    while at < len(words):
        end = next((end for end in range(len(words), at, -1) if _phrase(words[at:end]) in phrases), None)
        if end is None:
            return False
        at = end
    return True


def _phrase(words: tuple[Word, ...]) -> Phrase:
    return tuple(word.normal for word in words)
