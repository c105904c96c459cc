"""Senses: what words come to in another order, at another time, or in part, among the columns of one table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from clinical_nb.ask.language.lexicon import Lexicon, Phrase, spoken
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.content import Content, Contents, abbreviations_of
from clinical_nb.ask.linking.naming import (
    GROUPABLE,
    LevelLink,
    Target,
    alternatives,
    column_of,
    first_meant,
    is_of_another,
    is_strong,
)
from clinical_nb.ask.linking.twice import Twice, measured_twice
from clinical_nb.dictionary.meaning import Column

OUTCOMES = ("outcome", "event", "death")
_FEW_LEVELS = 30
_COUNTED = frozenset({"number"})  # of nodes: they are what is counted


@dataclass
class Senses:
    """What the content of words can mean: columns and levels that say the same in another order, or a little more.

    What says more is a reading only where nothing else can be meant; the answer's reading names it whole.
    """

    columns: Mapping[str, Column]
    named: Mapping[str, Sequence[Phrase]]  # the words of each column's name, label and synonyms
    lexicon: Lexicon
    first: frozenset[str] = frozenset()
    contents: Contents = field(init=False)
    _said: dict[Target, list[Content]] = field(init=False, default_factory=dict[Target, list[Content]])
    _all: dict[Target, frozenset[str]] = field(init=False, default_factory=dict[Target, frozenset[str]])
    _joining: dict[Target, frozenset[str]] = field(init=False, default_factory=dict[Target, frozenset[str]])
    _holding: dict[str, list[Target]] = field(init=False, default_factory=dict[str, list[Target]])

    def __post_init__(self) -> None:
        spelled = [(name_words(name), phrases) for name, phrases in self.named.items()]
        self.contents = Contents(self.lexicon, abbreviations_of(spelled, self.lexicon))
        for name, phrases in self.named.items():
            self._learn(name, phrases)
        for name, column in self.columns.items():
            of = self._all[name] if len(column.levels) <= _FEW_LEVELS else frozenset[str]()
            is_own = column.kind in GROUPABLE and not is_of_another(self.named[name], self.lexicon)
            for level in column.levels if is_own else ():  # one part of a composite event is not that event
                parts = map(spoken, [level.label] if column.role in OUTCOMES else alternatives(level.label))
                self._learn(LevelLink(name, level.value), [part for part in parts if is_strong(part, self.lexicon)], of)

    def link(self, words: Phrase) -> tuple[Target, ...]:
        """Return the targets that the words can mean, the nearest of them; none where it is open how near they are."""
        found = self._find(self.contents.of(words), words)
        return tuple(each for each in found if isinstance(each, str) or not self._is_restricted(words, each))

    def _is_restricted(self, words: Phrase, level: LevelLink) -> bool:
        """Whether the words are a column and whom it is asked of: "sex in women" is no way to say women."""
        called = [each.words for each in self._said[level]]
        return self.contents.are_parted(words, self._all[level.column], called)

    def measured_twice(self, words: Phrase) -> tuple[str, str] | None:
        """Return the columns with a measurement at baseline and after it, where words that name no time mean both."""
        asked = self.contents.of(words)
        if asked.time or not asked.words:
            return None
        first, last = (self._find(replace(asked, time=time), words) for time in ("baseline", "end"))
        match first, last:
            case (str() as before,), (str() as after,) if before != after:
                return before, after
            case _:
                return self._later_of(asked)

    def pairs(self, words: Phrase, later: Phrase = ()) -> tuple[tuple[str, str], ...]:
        """Return the columns with a measurement at baseline, and after it or at a later time, that words mean."""
        meant = self.measured_from_baseline(words, later) if later else self.measured_twice(words)
        stem = self.lexicon.canonical(words)
        return (meant,) if meant else tuple(each.pair for each in self.twice if stem in each.stems and not later)

    @cached_property
    def twice(self) -> tuple[Twice, ...]:
        """What the table has at two times."""
        return measured_twice(self.columns, self.lexicon)

    def measured_from_baseline(self, words: Phrase, point: Phrase) -> tuple[str, str] | None:
        """Return the columns with a measurement at baseline and at a later point, "week 8" or "8 weeks"."""
        asked = self.contents.of(words)
        if asked.time or not asked.words:
            return None
        first = tuple("0" if word.isdecimal() else word for word in point)
        at_start = self._find(replace(asked, time="baseline"), words) or self._at(words, first)
        match at_start, self._at(words, point):
            case (str() as before,), (str() as after,) if before != after:
                return before, after
            case _:
                return None

    def _at(self, words: Phrase, point: Phrase) -> tuple[Target, ...]:
        return self._find(self.contents.of((*words, *point)), (*words, *point))

    def outcomes_of_history(self, column: str) -> tuple[str, ...]:
        """Return the outcomes that are called as what a column is a history of."""
        said = [each for each in self._said[column] if each.words & self.lexicon.elsewhere]
        bare = {each.words - self.lexicon.qualifiers - self.lexicon.elsewhere for each in said} - {frozenset[str]()}
        return tuple(
            name
            for name, meaning in self.columns.items()
            if meaning.role in OUTCOMES
            and name != column
            and any(
                each.words - self.lexicon.light - self.lexicon.when >= words
                for each in self._said[name]
                for words in bare
            )
        )

    def _later_of(self, asked: Content) -> tuple[str, str] | None:
        """Return the one measurement that has a baseline, where words without a time mean both."""
        when = self.lexicon.when | self.lexicon.relative
        later = [
            (column.baseline, name)
            for name, column in self.columns.items()
            if column.baseline
            and asked.words <= self._all[name] & self._all[column.baseline]
            and all(
                word in when or word.isdecimal()
                for each in self._said[name]
                for word in each.words - asked.words
                if asked.words <= each.words
            )
        ]
        return later[0] if len(later) == 1 else None

    def _find(self, asked: Content, words: Phrase) -> tuple[Target, ...]:
        if not asked.words or {words[0], words[-1]} & self.lexicon.function:
            return ()
        joining = frozenset(words) & self.lexicon.joining
        rarest = min((self._holding.get(word, []) for word in asked.words), key=len)
        holding = [target for target in rarest if asked.words <= self._all[target] and joining <= self._joining[target]]
        for find in (self._same, self._named_in_part):
            if found := self.preferred([target for target in holding if find(asked, target)]):
                return found
        is_relative = bool(asked.time) and not self.lexicon.relative.isdisjoint(words)
        for find, stands_out in (
            *(() if is_relative else ((self._same_at_any_time, True),)),
            (self._light, True),
            (self._happened, False),
            (self._headed, False),
            (self._led, False),
        ):
            found = self.preferred([target for target in holding if find(asked, target)])
            if find == self._light:
                found = self._shortest(asked, found)
            if len(found) == 1 and self._is_measured_again(found[0], holding, asked):
                return ()
            if len(found) == 1 and (stands_out or self._is_alone(found[0], holding, asked)):
                return found
            if found:
                return ()
        return ()

    def _learn(self, target: Target, phrases: Sequence[Phrase], of: frozenset[str] = frozenset()) -> None:
        """Learn the phrases of a target; a level may be said with words `of` its column: "dead at the end"."""
        said = [content for phrase in phrases if (content := self.contents.of(phrase)).words]
        every = of.union(*[content.words for content in said])
        # a name that spells out what its label is a history of is not that itself
        qualified = [each for each in said if not each.words.isdisjoint(self._qualifiers)]
        self._said[target], self._all[target] = qualified or said, every
        self._joining[target] = self.lexicon.joining.intersection(chain.from_iterable(phrases))
        for word in every:
            self._holding.setdefault(word, []).append(target)

    @cached_property
    def _qualifiers(self) -> frozenset[str]:
        return self.lexicon.qualifiers - _COUNTED

    def preferred(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """Leave what is meant where several are called the same.

        The patients' own columns go before those of other tables, and some columns' levels before others'; of columns
        with the very same levels one is enough, but for the visits of several tables.
        """
        own = [each for each in targets if column_of(each) in self.first] or list(targets)
        levels = [each for each in own if isinstance(each, LevelLink)]
        if not levels or len(levels) < len(own):
            return tuple(own)
        levels = first_meant(levels, self.columns, self.named, self.lexicon)
        alike = {
            (self.columns[each.column].levels, each.value, self._of_visits(each)): each for each in reversed(levels)
        }
        return tuple(reversed(alike.values()))

    def _of_visits(self, level: LevelLink) -> str:
        is_visit = self.columns[level.column].role == "visit"
        return level.column if is_visit and len(self.columns) != len(self.first) else ""

    def _same(self, asked: Content, target: Target) -> bool:
        return any(asked.words == each.words and asked.time == each.time for each in self._said[target])

    def _named_in_part(self, asked: Content, target: Target) -> bool:
        """Whether the words have a whole name, and of the label nothing that it has not: "prior PEP"."""
        return any(
            each.words < asked.words and asked.time == each.time and not each.words <= self.lexicon.light
            for each in self._said[target]
        )

    def _same_at_any_time(self, asked: Content, target: Target) -> bool:
        """Whether they are the same but for a time that only one of them has, where nothing is measured at visits."""
        if asked.time and (self._has_visits or not self._may_be_at(asked.time, target)):
            return False
        return any(asked.words == each.words and not (asked.time and each.time) for each in self._said[target])

    def _may_be_at(self, time: str, target: Target) -> bool:
        """Whether what names no time may be of this one: a number of the baseline, an outcome of the end."""
        if isinstance(target, LevelLink):
            return False
        column = self.columns[target]
        is_outcome = column.role in OUTCOMES
        return is_outcome if time == "end" else column.kind == "numeric" and not is_outcome

    @cached_property
    def _has_visits(self) -> bool:
        return any(column.role in ("visit", "visit date") for column in self.columns.values())

    def _light(self, asked: Content, target: Target) -> bool:
        """Whether all that the words leave out says nothing by itself: "MMSE" of "MMSE total"."""
        light = self.lexicon.light
        return any(
            asked.words < each.words and each.words - asked.words <= light and asked.time in ("", each.time)
            for each in self._said[target]
        )

    def _shortest(self, asked: Content, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Leave the targets that say the least beside the words."""
        beside = {
            target: min(len(each.words - asked.words) for each in self._said[target] if asked.words < each.words)
            for target in targets
        }
        return tuple(target for target, more in beside.items() if more == min(beside.values()))

    def _happened(self, asked: Content, target: Target) -> bool:
        """Whether the words are of what a trial looks for, and of no history or risk, and no part, of it."""
        column = self.columns[target] if isinstance(target, str) else None
        return (
            column is not None
            and column.role in OUTCOMES
            and "or" not in self._joining[target]
            and column.kind == "binary"
            and asked.time in ("", "end")
            and not self._is_qualified(asked, target)
            and (self._all[target] - asked.words).isdisjoint(self.lexicon.narrowing)
        )

    def _headed(self, asked: Content, target: Target) -> bool:
        """Whether two words or more leave out some of what is said before the same noun: "endoscopic score"."""
        if isinstance(target, LevelLink) and self.columns[target.column].role == "arm":
            return not asked.time
        return (len(asked.words) > 1 or asked.head not in asked.words) and any(
            asked.words < each.words
            and each.head not in self.lexicon.qualifiers  # "family history" is of something
            and (asked.head, asked.time) == (each.head, each.time)
            and not any(word.isdecimal() for word in each.words - asked.words)
            and (each.words - asked.words - self.lexicon.when).isdisjoint(self._narrowing)
            for each in self._said[target]
        )

    def _led(self, asked: Content, target: Target) -> bool:
        """Whether what is left out is what scale it is, or stands after a preposition: "smoking" during pregnancy."""
        return isinstance(target, str) and any(
            asked.words < each.words
            and not asked.words <= self.lexicon.qualifiers
            and asked.time in ("", each.time)
            and not self._lacks_its_number(asked.words, each.words)
            and self._is_lead(asked.words, each)
            for each in self._said[target]
        )

    def _lacks_its_number(self, asked: frozenset[str], said: frozenset[str]) -> bool:
        """Whether words begin to tell a time and not which: the 24 after "at week" may come of another week."""
        return not asked.isdisjoint(self.lexicon.when) and any(word.isdecimal() for word in said - asked)

    def _is_lead(self, words: frozenset[str], said: Content) -> bool:
        lead, left = frozenset(said.lead), said.words - words
        if words.isdisjoint(lead) or not left.isdisjoint(self._narrowing | self.lexicon.elsewhere):
            return False
        tail = (left - lead) - self.lexicon.when - self.lexicon.light - self.lexicon.circumstance
        is_of_scale = said.head in self.lexicon.scale and said.lead[0] in words
        if not (is_of_scale or left & lead <= self.lexicon.scale):
            return False
        is_told_whole = is_of_scale or lead.isdisjoint(self.lexicon.transparent)  # "use" of "use of oxygen" is open
        return is_told_whole or all(word.isdecimal() for word in tail)

    @cached_property
    def _narrowing(self) -> frozenset[str]:
        return self.lexicon.qualifiers | self.lexicon.narrowing

    def _is_alone(self, found: Target, holding: Iterable[Target], asked: Content) -> bool:
        """Whether no other target has the words too, but for a history or a risk of what they say."""
        own = column_of(found)
        return all(
            column_of(target) == own
            or self._is_copy(found, target)
            or self._is_qualified(asked, target)
            or self._is_of_another_time(asked, target)
            for target in holding
        )

    def _is_copy(self, found: Target, target: Target) -> bool:
        """Whether a level is the same one of a column with the very same levels, such as the arm that was received."""
        if isinstance(found, str) or isinstance(target, str) or found.value != target.value:
            return False
        return self.columns[found.column].levels == self.columns[target.column].levels

    def _is_of_another_time(self, asked: Content, target: Target) -> bool:
        having = [each for each in self._said[target] if asked.words <= each.words]
        return bool(asked.time and having) and all(
            each.time not in ("", asked.time) or (asked.time == "baseline" and self._is_dated(each.words - asked.words))
            for each in having
        )

    def _is_dated(self, words: frozenset[str]) -> bool:
        """Whether words tell a time after the baseline: "6 weeks"."""
        return not words.isdisjoint(self.lexicon.when) and any(word.isdecimal() and word != "0" for word in words)

    def _is_measured_again(self, found: Target, holding: Iterable[Target], asked: Content) -> bool:
        """Whether another column has the same at another time, such as in week 12, where no time is asked for."""
        when = self.lexicon.when | self.lexicon.relative | self.lexicon.moments
        return not asked.time and any(
            isinstance(target, str)
            and target != found
            and any(
                asked.words <= each.words and all(word in when or word.isdecimal() for word in each.words - asked.words)
                for each in self._said[target]
            )
            for target in holding
        )

    def _is_qualified(self, asked: Content, target: Target) -> bool:
        return bool((self._all[target] - asked.words) & self.lexicon.qualifiers)
