"""Twice: what two columns are called that have one measurement at two times, and at which of them each is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, phrase_of, spoken
from clinical_nb.ask.linking.naming import Target, without_unit
from clinical_nb.dictionary.baselines import name_splits
from clinical_nb.dictionary.meaning import Column


@dataclass(frozen=True, slots=True)
class Twice:
    """A column and the one with the same measurement before treatment.

    `stems` are what both are called without their times, `tail` what those are told by ("study period" of "weight
    before study period"). `is_last` says that nothing else has the same baseline.
    """

    before: str
    after: str
    stems: tuple[Phrase, ...]
    tail: Phrase
    is_last: bool

    @property
    def pair(self) -> tuple[str, str]:
        """The column before, and the one after."""
        return self.before, self.after

    def names(self, lexicon: Lexicon) -> Iterator[tuple[str, Phrase]]:
        """Yield what each of the two may be called: "post weight", "weight at baseline", "prewt"."""
        of = {"before": self.before, **({"after": self.after} if self.is_last else {})}
        for when, column in of.items():
            for stem in self.stems:
                for time in (*lexicon.twice[when], *self._told(when, lexicon)):
                    yield column, (*time, *stem)
                    yield column, (*stem, *time)
                said = [phrase[0] for phrase, same in lexicon.same.items() if same == stem and len(phrase) == 1]
                for word in dict.fromkeys((*said, *(stem if len(stem) == 1 else ()))):
                    yield column, (("pre" if when == "before" else "post") + word,)

    def _told(self, when: str, lexicon: Lexicon) -> Iterator[Phrase]:
        """Yield the time in the words of the labels, and of what is called the same: before surgery or operation."""
        if self.tail:
            yield (when, *self.tail)
        if len(self.tail) == 1:
            day = lexicon.day_words.get(self.tail[0])
            yield from ((when, word) for word, same in lexicon.day_words.items() if day and same == day)


def measured_twice(columns: Mapping[str, Column], lexicon: Lexicon) -> tuple[Twice, ...]:
    """Return each column that has a baseline beside it, with what the two share."""
    pairs = [(column.baseline, name) for name, column in columns.items() if column.baseline in columns]
    later = Counter(before for before, _ in pairs)
    return tuple(_twice(pair, columns, lexicon, is_last=later[pair[0]] == 1) for pair in pairs)


def names_at_times(found: Iterable[Twice], lexicon: Lexicon) -> dict[Phrase, dict[Target, None]]:
    """Return what tells two measurements apart, with the columns that each means."""
    said: dict[Phrase, dict[Target, None]] = {}
    for each in found:
        for column, phrase in each.names(lexicon):
            said.setdefault(lexicon.canonical(phrase), {})[column] = None
    return said


def _twice(pair: tuple[str, str], columns: Mapping[str, Column], lexicon: Lexicon, *, is_last: bool) -> Twice:
    before, after = pair
    one, other = ({stem for stem, _ in name_splits(name)} for name in pair)
    named = [phrase_of(" ".join(words)) for words, _ in sorted(one & other)] or [
        phrase_of(" ".join(words)) for words, _ in sorted(one) if phrase_of(" ".join(words)) == spoken(after)
    ]
    named += [phrase_of(without_unit(" ".join(words))) for words, _ in sorted(one & other)]
    labels = [spoken(columns[name].label) for name in pair]
    stem, tail = _shared(labels[0], labels[1], lexicon) if all(labels) else ((), ())
    stems = dict.fromkeys(lexicon.canonical(each) for each in (*named, stem) if each)
    return Twice(before, after, tuple(stems), tail, is_last)


def _shared(one: Phrase, other: Phrase, lexicon: Lexicon) -> tuple[Phrase, Phrase]:
    """Return what two labels begin with alike, and end with alike; what only ends alike is what was measured."""
    least = min(len(one), len(other))
    start = next((at for at in range(least) if one[at] != other[at]), least)
    end = next((at for at in range(least - start) if one[-1 - at] != other[-1 - at]), least - start)
    head, tail = one[:start], one[len(one) - end :]
    while head and head[-1] in lexicon.function:
        head = head[:-1]
    is_told = (one[start : len(one) - end], other[start : len(other) - end]) == (("before",), ("after",))
    return (head, tail if is_told else ()) if head else (tail, ())
