"""Endpoints: how questions name what ended times: "death from other causes", "progression", "relapse-free survival"."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, spoken, without_signs
from clinical_nb.ask.language.words import name_words
from clinical_nb.dictionary.meaning import Code, Column
from clinical_nb.dictionary.pairing import families, happened_at, happening, paired, says_happened, says_none
from clinical_nb.dictionary.vocabulary import vocabulary
from clinical_nb.plan import OneOf

DIED = "died"
_EMPTY = frozenset({
    "of", "from", "due", "to", "the", "a", "an", "any", "all", "cause", "because", "on", "in", "by",
})  # fmt: skip
_WHICHEVER = frozenset({"cause", "disease", "cancer"})  # "cause-specific": of the one that is not another's
_EVENT = "event"  # what ends a time, where there is one such
_ANOTHER = frozenset({"other", "unrelated", "non", "another", "different"})
_NO_EVENT = frozenset({"survival", "status", "os", "rfs", "pfs", "dfs", "efs"})  # words of a time, not of what ends it
_FREE = frozenset({"free", "rfs", "pfs", "dfs", "efs"})
_MOST_SHORT = 4  # letters of "RFS"


_PHRASES = frozenset(phrase for each in vocabulary().happenings for phrase in each.says)


@dataclass(frozen=True)
class Endpoints:
    """What the codes of a table's events are called, by the words that say it whatever their order."""

    columns: Mapping[str, Column]
    lexicon: Lexicon
    pairs: tuple[tuple[str, str], ...]
    called: Mapping[frozenset[str], frozenset[OneOf]]

    def codes(
        self, spans: Sequence[Phrase], start: int, links: Iterable[tuple[object, int]]
    ) -> Iterator[tuple[OneOf, int]]:
        """Yield the codes that the longest of the spans from a place means, where no name or level is called so."""
        called = {end - start for _, end in links}
        for length in range(len(spans), 0, -1) if self.called else ():
            span = spans[length - 1]
            is_whole = not {span[0], span[-1]} & (self.lexicon.function | self.lexicon.joining)
            if is_whole and (found := self.named(span)):
                if length not in called:
                    yield found, start + length
                return

    def survivals(self, spans: Sequence[Phrase], start: int) -> Iterator[tuple[tuple[str, OneOf], int]]:
        """Yield the time and the event of each span from a place that is a survival of its own."""
        for length, span in enumerate(spans, 1):
            if span[0][0].isalpha() and (found := self.survival(span)):
                yield found, start + length

    def named(self, words: Phrase) -> OneOf | None:
        """Return the codes that words mean; None where they mean none, or those of two columns."""
        found = self.called.get(content_of(words, self.lexicon), frozenset())
        return next(iter(found)) if len(found) == 1 else None

    def survival(self, words: Phrase) -> tuple[str, OneOf] | None:
        """Return the time and the event of a survival that says until what it is: free of something, or of one cause.

        Free of something is until that or death, as the time or the codes say: a time until the event alone is not it.
        """
        said = without_signs(words)
        if said[-2:] == ("specific", "survival") and len(said) > 2:  # noqa: PLR2004 - the cause before them
            found = [each for pair in self.pairs if (each := self._of_cause(pair, said[:-2]))]
        elif said[-2:] == ("free", "survival") or _is_short(said):
            found = [each for pair in self.pairs if (each := self._free(pair, said))]
        else:
            return None
        return found[0] if len(found) == 1 else None

    def competing(self, event: OneOf) -> OneOf | None:
        """Return the other codes of an event's column that say that something happened; who left is last seen then."""
        levels = self.columns[event.column].levels
        others = [
            level
            for level in levels
            if level.value not in event.values and not says_none(level.label) and not self._is_leaving(level.label)
        ]
        untold = [level for level in others if not any(map(str.isalpha, level.label))]
        if not others or untold or len(levels) == len(others) + len(event.values):  # and nobody is without any
            return None
        return OneOf(event.column, tuple(level.value for level in others))

    def _is_leaving(self, label: str) -> bool:
        said = spoken(label)
        left = self.lexicon.words["leaving"] | {("lost",), ("transferred",), ("moved",)}
        return any(said[at : at + length] in left for at in range(len(said)) for length in (1, 2))

    def _of_cause(self, pair: tuple[str, str], cause: Phrase) -> tuple[str, OneOf] | None:
        time, column = pair
        deaths = deaths_in(self.columns[column], self.lexicon)
        wanted = content_of(cause, self.lexicon)
        said = {code: content_of(spoken(label), self.lexicon) for code, label in deaths.items()}
        own = [code for code, words in said.items() if wanted and wanted < words]
        if not own and frozenset(cause) <= _WHICHEVER:
            own = [code for code, words in said.items() if words.isdisjoint(_ANOTHER)]
        return (time, OneOf(column, (own[0],))) if len(own) == 1 < len(deaths) else None

    def _free(self, pair: tuple[str, str], said: Phrase) -> tuple[str, OneOf] | None:
        time, column = pair
        meaning, of_time = self.columns[column], self.columns[time]
        label = spoken(of_time.label)
        wanted, text = frozenset(said), " ".join(said)
        event = event_of(meaning)
        if event and wanted <= frozenset((*label, *name_words(time))):
            return time, OneOf(column, event)
        what = said if _is_short(said) else said[:-2]
        asked = families(text) if {said, what} & _PHRASES else frozenset[str]()
        codes = [
            level.value for level in meaning.levels if families(level.label) == asked and not says_none(level.label)
        ]
        deaths = tuple(deaths_in(meaning, self.lexicon))
        if asked and codes and deaths and set(codes).isdisjoint(deaths):  # whichever comes first
            return time, OneOf(column, (*codes, *deaths))
        is_called = "free" in label or any(name.endswith("fs") for name in (_stem(time), *label))
        is_either = happening(column, meaning) == asked | {"death"}
        if asked and event and (is_called or is_either) and happened_at(time, of_time) == asked:
            return time, OneOf(column, event)
        return None


def endpoints_of(columns: Mapping[str, Column], lexicon: Lexicon, rows: Iterable[Phrase] = ()) -> Endpoints:
    """Return how the events of a table's times are called.

    The one event is "the event", unless the rows of another table are events too, by what they are called: `rows`.
    """
    pairs = paired(columns)
    called: dict[frozenset[str], set[OneOf]] = {}
    for time, column in pairs:
        for words, codes in _called(time, column, columns, lexicon):
            if words:
                called.setdefault(words, set()).add(OneOf(column, codes))
    are_rows = any(phrase[-1:] == (_EVENT,) for phrase in rows)
    if len(pairs) == 1 and not are_rows and (event := event_of(columns[pairs[0][1]])):
        called.setdefault(frozenset({_EVENT}), set()).add(OneOf(pairs[0][1], event))
    return Endpoints(columns, lexicon, pairs, {words: frozenset(found) for words, found in called.items()})


def _called(
    time: str, column: str, columns: Mapping[str, Column], lexicon: Lexicon
) -> Iterator[tuple[frozenset[str], tuple[Code, ...]]]:
    """Yield by which words the codes of an event are called: their labels, all deaths, and kinds of event."""
    meaning = columns[column]
    deaths = deaths_in(meaning, lexicon)
    happened = [level for level in meaning.levels if says_happened(level.label)]
    for level in happened:
        yield content_of(spoken(level.label), lexicon), (level.value,)
    if deaths:
        yield frozenset({DIED}), tuple(deaths)
    event = event_of(meaning)
    until = happened_at(time, columns[time])
    kinds = {(kind, level.value) for level in happened if len(kind := families(level.label)) == 1}
    for kind in {kind for kind, _ in kinds}:
        codes = tuple(code for said, code in kinds if said == kind)
        if len(codes) == 1:
            yield from ((words, codes) for words in _words_of(kind, lexicon))
    said = (*spoken(columns[time].label), *name_words(time), *spoken(meaning.label), *name_words(column))
    is_free = not _FREE.isdisjoint(said)  # of it or death
    if event and not kinds and not is_free and len(until | happening(column, meaning)) == 1:
        yield from ((words, event) for words in _words_of(until | happening(column, meaning), lexicon))


def _words_of(kind: frozenset[str], lexicon: Lexicon) -> Iterator[frozenset[str]]:
    for each in vocabulary().happenings:
        if each.name in kind:
            said = (phrase for phrase in each.says if _NO_EVENT.isdisjoint(phrase))
            yield from (content_of(phrase, lexicon) for phrase in said)


def event_of(column: Column) -> tuple[Code, ...]:
    """Return the code of an event that is declared; none where it is not."""
    return () if column.event is None else (column.event,)


def deaths_in(column: Column, lexicon: Lexicon) -> dict[Code, str]:
    """Return the codes that say that somebody died, of whatever cause, with their labels."""
    return {
        level.value: level.label
        for level in column.levels
        if families(level.label) <= {"death"}
        and not says_none(level.label)
        and DIED in lexicon.canonical(spoken(level.label))
    }


def content_of(words: Phrase, lexicon: Lexicon) -> frozenset[str]:
    """Return the words that say what happened, in the lexicon's canonical ones."""
    return frozenset(lexicon.canonical(without_signs(words))) - _EMPTY


def _is_short(said: Phrase) -> bool:
    return len(said) == 1 and said[0].endswith("fs") and len(said[0]) <= _MOST_SHORT


def _stem(name: str) -> str:
    return "".join(name_words(name)).removesuffix("time")
