"""Content: what a run of words says whatever their order: its words that mean something, and the time it speaks of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, without_signs
from clinical_nb.ask.language.words import root

_SHORTEST_ABBREVIATION = 2
_AMONG = frozenset({"in", "among", "amongst", "within", "for", "from", "at", "on", "with", "where", "who"})


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a phrase that mean something, and `baseline`, `end` or nothing for its time.

    `lead` are those before the first preposition, in their order, and `head` is the last of them.
    """

    words: frozenset[str]
    head: str = ""
    time: str = ""
    lead: Phrase = ()


@dataclass(frozen=True)
class Contents:
    """Takes the content from phrases, by the lexicon and by the abbreviations that a dictionary's names give away."""

    lexicon: Lexicon
    abbreviations: Mapping[str, Phrase]

    def of(self, words: Phrase) -> Content:
        """Return the content of a phrase."""
        bare = without_signs(words)
        said = self.lexicon.canonical(bare)
        spelled = self._spelled_out(said)
        if spelled is not bare:  # as it is nearly always, and then there is nothing to be replaced again
            said = self.lexicon.canonical(spelled)
        time, left = self._part_from_time(said)
        core = self.lexicon.core(left)
        lead = left if self._parting.isdisjoint(left) else tuple(_lead(left, self._empty, self.lexicon.prepositions))
        rooted = tuple([self._root(word) for word in lead])
        meant = rooted if lead is core else tuple([self._root(word) for word in core if word not in self._empty])
        return Content(frozenset(meant), rooted[-1] if rooted else "", time, rooted)

    def _root(self, word: str) -> str:
        return word if word in self.lexicon.telling_apart else root(word)

    def are_parted(self, words: Phrase, before: frozenset[str], after: Collection[frozenset[str]]) -> bool:
        """Tell whether a preposition parts some words of `before` from all of one of `after`: "sex in women"."""
        for at in range(1, len(words) - 1):
            if words[at] in _AMONG and self.of(words[at + 1 :]).words in after:
                first = self.of(words[:at]).words
                if first and first <= before:
                    return True
        return False

    @cached_property
    def _empty(self) -> frozenset[str]:
        return self.lexicon.function | self.lexicon.links

    @cached_property
    def _parting(self) -> frozenset[str]:
        """The words without which a phrase has no parts."""
        return self._empty | self.lexicon.prepositions

    def _spelled_out(self, words: Phrase) -> Phrase:
        if self.abbreviations.keys().isdisjoint(words):
            return words
        return tuple(part for word in words for part in self.abbreviations.get(word, (word,)))

    def _part_from_time(self, words: Phrase) -> tuple[str, Phrase]:
        """Return which time a phrase names, and its other words; the longest way to say it is taken out whole."""
        for time, phrases in self.lexicon.times.items() if not self.lexicon.time_words.isdisjoint(words) else ():
            for phrase in phrases:
                for at in range(len(words) - len(phrase) + 1):
                    left = words[:at] + words[at + len(phrase) :]
                    if words[at : at + len(phrase)] == phrase and left:
                        return time, left
        return "", words


def abbreviations_of(names: Iterable[tuple[Phrase, Iterable[Phrase]]], lexicon: Lexicon) -> dict[str, Phrase]:
    """Return the abbreviations among names' words whose labels spell them out: `mes` of "Mayo endoscopic score".

    So are two words that a name has as one: `hamd` of "HAM-D".

    Parameters
    ----------
    names : iterable of (phrase, iterable of phrase)
        The words of each name, and those of its labels.
    lexicon : Lexicon
        Which words do not count: "sphincter of Oddi dysfunction" is `sod`.

    """
    found: dict[str, set[Phrase]] = {}
    empty = lexicon.function | lexicon.links
    for name, labels in names:
        for label in labels:
            words = tuple([word for word in label if word not in empty])
            initials = "".join(word[0] for word in words)
            for numbered in name:
                word = numbered.rstrip("0123456789")  # `odi12` is one of several
                at = initials.find(word) if len(word) >= _SHORTEST_ABBREVIATION and word.isalpha() else -1
                if (at >= 0 and len(word) > 2) or word == initials:  # noqa: PLR2004 - two letters stand in many labels
                    found.setdefault(word, set()).add(words[at : at + len(word)])
                elif len(words) > 1 and word == "".join(words[:2]):
                    found.setdefault(word, set()).add(words[:2])
    return {word: phrases.pop() for word, phrases in found.items() if len(phrases) == 1}


def _lead(words: Sequence[str], empty: frozenset[str], prepositions: frozenset[str]) -> Iterable[str]:
    """Yield the words up to the first preposition: the last is the noun that the others tell more of.

    So far does a noun go too that a participle follows: "calories" of "calories consumed at meals".
    """
    is_begun = False
    for at, word in enumerate(words):
        ends = (
            word in empty
            or word in prepositions
            or (word.endswith("ed") and words[at + 1 : at + 2] and words[at + 1] in empty)
        )
        if ends and is_begun:
            return
        if word not in empty:
            is_begun = True
            yield word


def is_prefixed(phrase: Phrase, lexicon: Lexicon) -> bool:
    """Tell whether what stands before a hyphen makes another thing of what follows: "pre-diabetes"."""
    before = {("pre", "-"), ("post", "-"), ("non", "-"), ("anti", "-")}
    times = frozenset[Phrase]().union(*lexicon.times.values())
    return any(
        phrase[at : at + 2] in before and without_signs(phrase[at : at + 3]) not in times
        for at in range(len(phrase) - 2)
    )
