"""Making: words that mean what no column holds: the change in something, the time between two dates, an age at one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clinical_nb.ask.language.lexicon import Phrase, lexicon, phrase_of
from clinical_nb.ask.language.parsing import Found
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.days import dates_called, dates_meant
from clinical_nb.ask.linking.naming import phrases_of_column
from clinical_nb.dictionary.deriving import MadeColumn, made_column, made_columns
from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import (
    Change,
    Compare,
    DateOf,
    Derived,
    Describe,
    Difference,
    Elapsed,
    Pair,
    PartOf,
    Plan,
    Unit,
    columns_of,
    name_of_derived,
    with_derived,
)

_LASTING: Mapping[str, tuple[Phrase, Phrase]] = {
    "treated": (("start", "treatment"), ("end", "treatment")),
    "stay": (("admission",), ("discharge",)),
}
_MEANS = ((), ("mean",))
Way = Literal["later", "earlier", "better", "worse"]
_CHANGES: tuple[Way, ...] = ("later", "earlier", "better")
_OPPOSITE: Mapping[Way, Way] = {"later": "earlier", "earlier": "later"}
_LONGEST_DAY = 6  # words that say which date is meant
_UNITS: Mapping[Phrase, Unit] = {("day",): "day", ("week",): "week", ("month",): "month", ("year",): "year"}


class Columns(dict[str, Column]):
    """The columns of one table, with what can be made of them: parts of texts, dates and ages, whatever is asked.

    Changes and times are made when they are asked for: each is found by its name, and is not gone through.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        made = _with_ages(columns)
        split = {column.how.column for column in made.values() if isinstance(column.how, PartOf)}
        told_by_parts = {name: columns[name].model_copy(update={"label": ""}) for name in split}
        super().__init__({**columns, **told_by_parts, **made})
        self.dates = dates_called(self)
        said = (frozenset[str]().union(*phrases_of_column(name, column)) for name, column in columns.items())
        self.changed = tuple(words for words in said if not words.isdisjoint(lexicon().change_words))
        self._asked: dict[str, MadeColumn] = {}
        self.differences: set[str] = set()
        self.changes: dict[str, tuple[str, str]] = {}  # of later less earlier, by its name: what was before, and after

    def __missing__(self, name: str) -> Column:
        return self._asked[name]

    def make(self, how: Derived) -> str:
        """Return what a derived variable is called, and keep what it means."""
        name = name_of_derived(how)
        if name not in self:
            self._asked[name] = made_column(how, self)
        return name

    def made(self, name: str) -> Derived | None:
        """Return how a variable is made; None where it is a column."""
        found = self.get(name) or self._asked.get(name)
        return found.how if isinstance(found, MadeColumn) else None


def complete(plan: Plan, columns: Mapping[str, Column]) -> Plan:
    """Return a plan whose cohort says how each derived variable is made that it names."""
    if not isinstance(columns, Columns):
        return plan
    if isinstance(plan, Describe) and not plan.by and plan.statistics in _MEANS and plan.column in columns.changes:
        plan = Pair(plan.cohort, *columns.changes[plan.column])  # which tells more of a mean change: its interval
    if isinstance(plan, Compare) and not (plan.test or plan.pairwise or plan.against):
        plan = _adjusted(plan, columns)
    hows = tuple(how for name in columns_of(plan) if (how := columns.made(name)) is not None)
    return with_derived(plan, hows)


def _adjusted(plan: Compare, columns: Columns) -> Compare | Change:
    """Return a change that arms are compared on adjusted for what it was before; the raw changes stand beside it.

    How far something fell or improved keeps the sign that was asked for: these are compared as they are.
    """
    pair = columns.changes.get(plan.outcome) if isinstance(plan.outcome, str) else None
    is_arm = isinstance(plan.by, str) and columns[plan.by].role == "arm"
    if pair is None or not is_arm or any(columns.made(each) for each in pair):
        return plan
    return Change(plan.cohort, *pair, plan.by)


@dataclass(frozen=True, slots=True)
class Making:
    """Reads what is made, from words, with the columns and the units of a table's index.

    `twice` finds what was measured at two times, which words without a time mean.
    """

    words: tuple[Word, ...]
    columns: Columns
    units: Mapping[Phrase, Phrase]
    twice: Callable[[int], Found]

    def find(self, start: int) -> Found:
        """Yield the name of each variable that the words at a place make, with the place after it."""
        for name, end in (*self._changes(start), *self._times(start)):
            yield name, end
            for last in self._matching(lexicon().change_tails, end) if name in self.columns.differences else ():
                yield name, last
            if (last := self.in_unit(self.columns[name].unit, end)) > end:
                yield name, last

    def pressures(self, start: int) -> Iterator[tuple[Phrase, int]]:
        """Yield words for blood pressure, of which a pair of numbers is of the systolic and the diastolic one."""
        for end in range(min(len(self.words), start + _LONGEST_DAY), start, -1):
            said = lexicon().canonical(self._phrase(start, end))
            if said[-2:] == ("blood", "pressure") and said[0] not in lexicon().function:
                yield self._phrase(start, end), end
                return

    def dates(self, start: int) -> Found:
        """Yield the one date that words mean: "treatment was started", "date of diagnosis"."""
        for end in range(min(len(self.words), start + _LONGEST_DAY), start, -1):
            if self._may_name_day(start, end):
                meant = dates_meant(self._phrase(start, end), self.columns.dates)
                if len(meant) == 1:
                    yield self.columns.make(meant[0]) if isinstance(meant[0], DateOf) else meant[0], end
                    return

    def lasted(self, start: int) -> Found:
        """Yield how long the treatment took, where words ask for it without a statistic."""
        if start < len(self.words) and self.words[start].normal == "how":
            yield from self._treated(start)

    def _may_name_day(self, start: int, end: int) -> bool:
        ends = {self.words[start].normal, self.words[end - 1].normal}
        is_joining = not ends.isdisjoint(lexicon().day_empty - lexicon().day_named)
        return not is_joining and all(word.normal[0].isalpha() for word in self.words[start:end])

    def _changes(self, start: int) -> Found:
        lexical = lexicon().changes
        for way in _CHANGES:
            for end in self._matching(lexical[way], start):
                for pair, last in self.twice(end):
                    for name in differences(self.columns, way, pair):
                        yield name, last
        for pair, end in self.twice(start) if self._is_changed_after(start) else ():
            for way in _CHANGES:
                for last in self._matching(lexical[f"{way}_after"], end):
                    for name in differences(self.columns, way, pair):
                        yield name, last

    def _is_changed_after(self, start: int) -> bool:
        """Whether a word for a change comes later: what was measured twice is looked for nowhere else."""
        return any(word.normal in lexicon().change_words for word in self.words[start + 1 :])

    def _times(self, start: int) -> Found:
        for unit, end in self._asked_time(start):
            for first in self._matching(lexicon().keywords["from"], end):
                for since, middle in self.dates(first):
                    for second in self._matching(lexicon().keywords["timeuntil"], middle):
                        for until, last in self.dates(second):
                            yield from ((name, last) for name in self._elapsed(since, until, unit))
        yield from self._treated(start)

    def _treated(self, start: int) -> Found:
        for lasting, words in _LASTING.items():
            first, last = (dates_meant(each, self.columns.dates) for each in words)
            if len(first) == len(last) == 1:
                for end in self._matching(lexicon().lasting[lasting], start):
                    yield from ((name, end) for name in self._elapsed(first[0], last[0], "day"))

    def _asked_time(self, start: int) -> Iterator[tuple[Unit, int]]:
        for end in self._matching(lexicon().lasting["duration"], start):
            yield "day", end
        for phrase, unit in _UNITS.items():
            for end in self._matching(frozenset({phrase}), start):
                yield unit, end

    def _elapsed(self, since: str | DateOf, until: str | DateOf, unit: Unit) -> Iterator[str]:
        one, other = (self.columns.made(each) or each if isinstance(each, str) else each for each in (since, until))
        if isinstance(one, str | DateOf) and isinstance(other, str | DateOf) and one != other:
            yield self.columns.make(Elapsed(one, other, unit))

    def in_unit(self, unit: str, start: int) -> int:
        """Return the place after "in kg" where that is the unit."""
        own = self.units.get(phrase_of(unit))
        for end in self._matching(lexicon().keywords["inunit"], start) if own else ():
            for phrase, said in self.units.items():
                if said == own and self._phrase(end, end + len(phrase)) == phrase:
                    last = end + len(phrase)
                    return last + (self._phrase(last, last + 1) == (")",))
        return start

    def _matching(self, phrases: frozenset[Phrase], start: int) -> Iterator[int]:
        for length in range(1, 9):
            if start + length <= len(self.words) and self._phrase(start, start + length) in phrases:
                yield start + length

    def _phrase(self, start: int, end: int) -> Phrase:
        return tuple(word.normal for word in self.words[start:end])


def differences(columns: Columns, way: Way, pair: tuple[str, str]) -> Iterator[str]:
    """Yield the names of later minus earlier, or how far something fell; of an improvement both where that is open."""
    before, after = (_source(columns, each) for each in pair)
    if before is None or after is None or any(columns[each].kind != "numeric" for each in pair):
        return
    if _is_held(columns, pair):
        return
    improving = _improving(columns, pair)
    ways = {"better": improving, "worse": [_OPPOSITE[each] for each in improving]}.get(way, (way,))
    for each in ways:
        name = columns.make(Difference(after, before) if each == "later" else Difference(before, after))
        columns.differences.add(name)
        if each == "later":
            columns.changes[name] = pair
        yield name


def _source(columns: Columns, name: str) -> str | PartOf | None:
    how = columns.made(name)
    return name if how is None else how if isinstance(how, PartOf) else None


def _is_held(columns: Columns, pair: Sequence[str]) -> bool:
    """Whether a column may hold the change itself: it has a word for one, and another that the two have."""
    both = [frozenset[str]().union(*phrases_of_column(each, columns[each])) for each in pair]
    shared = (both[0] & both[1]) - lexicon().function
    return any(not words.isdisjoint(shared) for words in columns.changed)


def _improving(columns: Columns, pair: Sequence[str]) -> tuple[Way, ...]:
    said = {word for each in pair for phrase in phrases_of_column(each, columns[each]) for word in phrase}
    less, more = (not said.isdisjoint(lexicon().better[way]) for way in ("less", "more"))
    return ("earlier", "later") if less == more else ("earlier",) if less else ("later",)


def _with_ages(columns: Mapping[str, Column]) -> dict[str, MadeColumn]:
    """Return what can be made; an age at the first day of a study is the age, where no column is."""
    made = made_columns(columns)
    ages = [name for name, column in made.items() if isinstance(column.how, Elapsed)]
    if not ages:
        return made
    known = {phrase for name, column in columns.items() for phrase in phrases_of_column(name, column)}
    if known & lexicon().age:
        return {name: column for name, column in made.items() if name not in ages}
    dates = dates_called({**columns, **made})
    first = next((meant for word in lexicon().first_days if (meant := dates_meant((word,), dates))), ())
    for name in ages:
        how, column = made[name].how, made[name]
        if len(first) == 1 and isinstance(how, Elapsed) and how.until == first[0]:
            said = (*column.synonyms, "age", "age at start", "age at baseline")
            made[name] = column.model_copy(update={"synonyms": said})
    return made
