"""Terminals: what the words at one place of a question can be: columns, levels, numbers, units, keywords."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clinical_nb.ask.language.lexicon import Phrase, without_signs
from clinical_nb.ask.language.parsing import Found
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.content import is_prefixed
from clinical_nb.ask.linking.days import read_day, year_of
from clinical_nb.ask.linking.events import is_of_event
from clinical_nb.ask.linking.index import LONGEST_LINK, Index
from clinical_nb.ask.linking.making import Columns, Making
from clinical_nb.ask.linking.naming import Target
from clinical_nb.ask.linking.points import LaterPoint, later_point
from clinical_nb.ask.linking.quantities import LONGEST_UNIT, is_of_a_thing, quantities
from clinical_nb.ask.linking.sized import sized, year_of_what
from clinical_nb.ask.linking.terms import Term
from clinical_nb.ask.rules.changing import changes_held
from clinical_nb.ask.rules.survival import Timed, endpoints_called

_LONGEST_KEYWORD = 7
_DATED = frozenset({"TIME", "TIMED", "DATE", "PRESSURE", "LASTED", "DAY", "UNDEFINED"})
_INNER_SIGNS = frozenset("-/.,()'+&")
_JOINED_SIGNS = frozenset("-/.'")


@dataclass(slots=True)
class Terminals:
    """Reads single parts of a question against one table's index.

    `guessing` also links words to names and labels that merely contain them: for choices to offer, never for a reading.
    """

    words: tuple[Word, ...]
    index: Index
    guessing: bool = False
    making: Making | None = None
    _has_year: bool = False
    _normal: Phrase = ()
    _spans: Mapping[int, list[Phrase]] = field(default_factory=dict[int, list[Phrase]])
    _pairs: dict[int, list[tuple[Any, int]]] = field(default_factory=dict[int, list[tuple[Any, int]]])
    _making: dict[int, list[tuple[str, int]]] = field(default_factory=dict[int, list[tuple[str, int]]])
    _later: LaterPoint | None = None
    _endpoints_called: Mapping[Phrase, Timed] | None = None
    _links: dict[int, list[tuple[Target, int]]] = field(default_factory=dict[int, list[tuple[Target, int]]])

    def __post_init__(self) -> None:
        normal = self._normal = tuple(word.normal for word in self.words)
        places = range(len(normal) + 1)
        self._spans = {at: [normal[at:end] for end in places[at + 1 : at + _LONGEST_KEYWORD + 1]] for at in places}
        if isinstance(self.index.columns, Columns):
            self.making = Making(self.words, self.index.columns, self.index.units, self._twice)
            self._has_year = any(year_of(word) for word in self.words)
        for start in range(len(self.words)):
            self._links[start] = list(self._longest_links(start))
        self._later = later_point(self.words, self.index.lexicon)

    def find(self, part: str, start: int) -> Found:
        """Yield each value that the words at a place have as this part, with the place after it."""
        finders: Mapping[str, Callable[[int], Found]] = {
            "COLUMN": self._columns,
            "VALUE": self._values,
            "TABLE": self._tables,
            "NOROWS": self._no_rows,
            "AMOUNT": self._amounts,
            "ENDPOINT": self._endpoints,
            "REASON": self._reasons,
            "TERM": self._terms,
            "UNTIL": self._until,
            "TWICE": self._twice,
            "GAIN": lambda at: changes_held(self.words, self.index, at, "gain"),
            "LOSS": lambda at: changes_held(self.words, self.index, at, "lose"),
            "ENDING": lambda at: self.index.endings.codes(self._spans.get(at, ()), at, self._links.get(at, ())),
            "ENDED": lambda at: self.index.endings.survivals(self._spans.get(at, ()), at),
            "SIZED": lambda at: sized(self.words, self.index, at),
            "YEAROF": lambda at: year_of_what(self.words, self.index, at),
        }
        if part.startswith("@"):
            yield from self._keywords(part[1:], start)
        elif part == "END":  # so that what leads nowhere is not put together in every way
            yield from ((None, start) for _ in range(start == len(self.words)))
        elif part == "LEVEL":
            links = self._links.get(start, ())
            shared = self.index.terms.of_one_text(links)
            yield from ((each, end) for each, end in links if not (isinstance(each, str) or end in shared))
        elif part in finders:
            yield from finders[part](start)
        elif part in _DATED:
            yield from self._dated(part, start)
        elif part == "LATER" and self._later and self._later.start == start:
            yield self._later.point, self._later.end
        elif part == "AGE" and self.index.age:
            if not (self._after_number_column(start) or is_of_a_thing(self.words, self.index, self._links, start)):
                yield self.index.age, start
        elif start < len(self.words):
            yield from quantities(self.words, self.index, part, start)

    def targets(self) -> Iterator[tuple[Target, int, int]]:
        """Yield each column and level that words are linked to, with the place of the first and after the last."""
        for start, links in self._links.items():
            yield from ((target, start, end) for target, end in links)

    def linked(self) -> frozenset[int]:
        """Return the places of all words that belong to a link or a keyword; the others are not understood."""
        inside = {at for start, links in self._links.items() for _, end in links for at in range(start, end)}
        for start in range(len(self.words)):
            told = (found for part in ("ENDING", "ENDED") for found in self.find(part, start))
            inside.update(
                at for _, end in (*self._tables(start), *self._twice(start), *told) for at in range(start, end)
            )
            telling = [self.index.lexicon.keywords[name] for name in self.index.lexicon.telling]
            for phrases in (*telling, *self.index.lexicon.words.values()):
                inside.update(at for _, end in self._matches(phrases, start) for at in range(start, end))
            if self.words[start].number is not None:
                inside.add(start)
        return frozenset(inside)

    def _phrase(self, start: int, end: int) -> Phrase:
        return self._normal[start:end]

    def _keywords(self, name: str, start: int) -> Found:
        """Yield a keyword, unless a name or a level runs over its end: `not hispanic` after `are` may be a level."""
        phrases = self.index.lexicon.phrases(name)
        if name == "people":
            phrases |= self.index.members
        for phrase, end in self._matches(phrases, start):
            is_unit = phrase == ("%",) and start > 0 and self.words[start - 1].number is not None  # "fell by 10 %"
            if is_unit or is_of_event(self.index, self._normal, self._links, (start, end)):
                continue
            if not any(last > end for inside in range(start, end) for _, last in self._links[inside]):
                yield name, end

    def _matches(self, phrases: frozenset[Phrase], start: int) -> Iterator[tuple[Phrase, int]]:
        for length, phrase in enumerate(self._spans.get(start, ()), 1):
            if phrase in phrases:
                yield phrase, start + length

    def _longest_links(self, start: int) -> Iterator[tuple[Target, int]]:
        for end in range(min(len(self.words), start + LONGEST_LINK), start, -1):
            span = self.words[start:end]
            ends = span[0].normal[0].isalnum() and span[-1].normal[0].isalnum()
            if not (ends and all(word.normal[0].isalnum() or word.normal in _INNER_SIGNS for word in span)):
                continue
            phrase = without_signs(self._phrase(start, end))
            senses = () if is_prefixed(self._phrase(start, end), self.index.lexicon) else self._senses(phrase)
            links = self.index.link(phrase) or senses or self._begun(start, end)
            if self.guessing and (not links or links == senses):
                links = tuple(dict.fromkeys((*links, *self._guesses(phrase))))
            targets = self._without_names_of_rows(links)
            if targets:
                yield from ((target, end) for target in targets)
                if not any(word.normal == "," for word in span):  # which may part two names too
                    return
        initial = self.index.initials.get(self.words[start].typed)
        if initial and (not start or self.words[start - 1].number is None):  # "300 M" may be of metres
            yield initial, start + 1

    def _begun(self, start: int, end: int) -> tuple[Target, ...]:
        """Link a drug's name by the short one that begins it, after words that say that it is one: "on", "versus"."""
        is_said = self._phrase(start - 1, start) in self.index.lexicon.keywords["drugsaid"] if start else False
        return self.index.begun(self.words[start].normal) if is_said and end == start + 1 else ()

    def _without_names_of_rows(self, links: Sequence[Target]) -> tuple[Target, ...]:
        """Leave out levels that name what a long table's rows measure, or are the times of, where these are read so."""
        is_measured = any(isinstance(each, str) and each in self.index.parameters for each in links)
        named = {link for several in self.index.endpoints.values() for link in several}
        return tuple(each for each in links if isinstance(each, str) or not (is_measured or each in named))

    def _senses(self, phrase: Phrase) -> tuple[Target, ...]:
        """Link words by what they come to, but for those that the grammar has: "follow up" is of a question's own."""
        if self._is_keyword(phrase) or any(phrase[at:] in self.index.tables for at in self._beyond_all(phrase)):
            return ()
        rows = {self.index.tables[phrase[at:]] for at in range(1, len(phrase)) if phrase[at:] in self.index.tables}
        return tuple(
            each
            for each in self.index.senses.link(phrase)
            if isinstance(each, str) or self.index.owner.get(each.column) not in rows
        )

    def _beyond_all(self, phrase: Phrase) -> list[int]:
        """Return where a phrase begins, and begins without an "all reported" before it."""
        of_all = self.index.lexicon.words["allof"]
        return [0, *(at for at in range(1, len(phrase)) if phrase[:at] in of_all)]

    def _is_keyword(self, phrase: Phrase) -> bool:
        """Tell whether the grammar has these words; those that name an analysis may name a column too."""
        return any(phrase in self.index.lexicon.keywords[name] for name in self.index.lexicon.plain)

    def _guesses(self, phrase: Phrase) -> tuple[Target, ...]:
        lexicon = self.index.lexicon
        says_nothing = phrase in lexicon.weak or all(len(word) <= 1 or (word,) in lexicon.neutral for word in phrase)
        if self._is_keyword(phrase) or says_nothing or {phrase[0], phrase[-1]} & lexicon.function:
            return ()
        return self.index.near(phrase)

    def _measured_twice(self, start: int) -> Found:
        """Yield the longest run that means a measurement at baseline and after it, as the two columns."""
        for end in range(min(len(self.words), start + LONGEST_LINK), start, -1):
            span = self._phrase(start, end)
            joins = {span[0], span[-1]} & (self.index.lexicon.function | self.index.lexicon.joining)
            inner = all(word[0].isalnum() or word in _JOINED_SIGNS for word in span)
            if joins or not (inner and span[0][0].isalnum() and span[-1][0].isalnum()) or self._is_keyword(span):
                continue
            span = without_signs(span)
            pairs = self.index.senses.pairs(span, self._later.point if self._later else ())
            ends = (end, self._later.end) if self._later and self._later.start == end else (end,)
            yield from ((pair, last) for last in ends for pair in pairs)
            if pairs:
                return

    def _twice(self, start: int) -> Found:
        if start not in self._pairs:
            self._pairs[start] = list(self._measured_twice(start))
        yield from self._pairs[start]

    def _tables(self, start: int) -> Found:
        """Yield the table of which the words name a row: "adverse event"."""
        yield from self._longest(start, self.index.tables.get)

    def _longest(self, start: int, find: Callable[[Phrase], object]) -> Found:
        """Yield what the longest run that means something means."""
        for end in range(min(len(self.words), start + LONGEST_LINK), start, -1):
            if found := find(self._phrase(start, end)):
                yield found, end
                return

    def _no_rows(self, start: int) -> Found:
        """Yield the place where no rows of a table are named, as in "severe events": these are not who had them."""
        begins = {start, *(end for _, end in self._links.get(start, ()))}
        if not any(True for at in begins for _ in self._tables(at)):
            yield True, start

    def _amounts(self, start: int) -> Found:
        """Yield each run of words that means a column of numbers, long or short: "age" of "age group"."""
        for end in range(min(len(self.words), start + LONGEST_LINK), start, -1):
            phrase = self._phrase(start, end)
            if all(word[0].isalnum() for word in phrase):
                links = self.index.link(phrase) or self._senses(phrase)
                numeric = [
                    each for each in links if isinstance(each, str) and self.index.columns[each].kind == "numeric"
                ]
                yield from ((column, end) for column in numeric)

    def _endpoints(self, start: int) -> Found:
        """Yield the level of a long table's times that are until what the words name."""
        for end in range(min(len(self.words), start + LONGEST_LINK) if self.index.endpoints else 0, start, -1):
            phrase = self._phrase(start, end)
            empty = self.index.lexicon.function | self.index.lexicon.joining
            inner = all(word[0].isalnum() or word in _JOINED_SIGNS for word in phrase)
            is_whole = inner and phrase[0][0].isalnum() and not {phrase[0], phrase[-1]} & empty
            words = self.index.endpoint_words(without_signs(phrase)) if is_whole else frozenset[str]()
            links = self.index.endpoints.get(words, ())
            yield from ((link, end) for link in links)
            if links:
                return

    def _until(self, start: int) -> Found:
        """Yield what is timed by the longest name of an endpoint: "progression-free survival"."""
        found = self._endpoints_called = self._endpoints_called or endpoints_called(self.index)
        yield from self._longest(start, lambda phrase: found.get(without_signs(phrase)))

    def _terms(self, start: int) -> Found:
        """Yield the longest run that is part of what rows are of, where it is no name or level itself."""
        longest = max((end for _, end in self._links.get(start, ())), default=start)
        yield from ((term, end) for end, term in self.index.terms.of_one_text(self._links.get(start, ())).items())
        yield from ((term, end) for term, end in self._longest(start, self._term) if end > longest)

    def _term(self, words: Phrase) -> Term | None:
        is_name = all(word[0].isalnum() or word in _JOINED_SIGNS for word in words) and not self._is_keyword(words)
        is_joined = {words[0], words[-1]} & (self.index.lexicon.function | self.index.lexicon.joining)
        return self.index.terms.find(without_signs(words)) if is_name and not is_joined else None

    def _reasons(self, start: int) -> Found:
        """Yield the levels that the words can mean, of whatever column: who asks for a reason knows what it is of."""
        yield from self._longest(start, lambda words: _is_whole(words) and self.index.values(without_signs(words)))

    def _made(self, start: int) -> Found:
        """Yield what is made, but where a column is called so."""
        if self.making is None:
            return
        if start not in self._making:
            called = max((end for target, end in self._links.get(start, ()) if isinstance(target, str)), default=0)
            self._making[start] = [(name, end) for name, end in self.making.find(start) if end > called]
        yield from self._making[start]

    def _dated(self, part: str, start: int) -> Found:
        """Yield a time or its words, a date that is meant, a day, a pressure, or words to be explained."""
        if part in ("TIME", "TIMED"):
            yield from (
                (time if part == "TIME" else said, end)
                for time, said, end in self.index.lexicon.times_at(self._normal, start)
            )
        elif part == "DAY":
            yield from read_day(self.words, start)
        elif part == "UNDEFINED":
            yield from self._undefined(start)
        elif self.making and (part != "DATE" or self._has_year):
            find = {"DATE": self.making.dates, "PRESSURE": self.making.pressures, "LASTED": self.making.lasted}
            yield from find[part](start)

    def _undefined(self, start: int) -> Found:
        """Yield the place of a parenthesis that says what the words before it mean, of which nothing else is known."""
        for end in range(start + 1, min(len(self.words), start + LONGEST_UNIT) + 1):
            if not self.words[end - 1].normal.isalpha() or self._links.get(end - 1):
                return
            if self._phrase(end, end + 1) == ("(",):
                yield True, end

    def _columns(self, start: int) -> Found:
        """Yield each column, also with "in kg" or "(kg)" after it where that is its unit; and what is made."""
        for target, end in self._links.get(start, ()):
            if isinstance(target, str):
                yield target, end
                if self.making and (last := self.making.in_unit(self.index.columns[target].unit, end)) > end:
                    yield target, last
        yield from self._made(start)

    def _values(self, start: int) -> Found:
        for links, end in self._reasons(start):
            yield from ((link, end) for link in links)

    def _after_number_column(self, start: int) -> bool:
        """`bilirubin over 65` is not about age, nor is how long somebody lived: a bare number is an age elsewhere."""
        places = {start, start - (self._phrase(start - 1, start) in self.index.lexicon.phrases("byof"))}
        is_after_pair = any(end in places for at in range(start) for _, end in self._twice(at))
        is_lived = self._phrase(start - 1, start) in self.index.lexicon.keywords["lived"]
        return (
            is_after_pair
            or is_lived
            or any(
                end == start
                and target != self.index.age
                and (
                    self.index.columns[target].kind == "numeric"
                    if isinstance(target, str)
                    else target.column in self.index.beside
                )
                for links in self._links.values()
                for target, end in links
            )
        )


def _is_whole(words: Phrase) -> bool:
    """Whether words begin and end with no sign."""
    return words[0][0].isalnum() and words[-1][0].isalnum()
