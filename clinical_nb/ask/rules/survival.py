"""Questions about time: "median survival by arm", "5-year survival in women", "time to relapse", "follow-up"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from clinical_nb.ask.language.lexicon import Phrase, phrase_of, spoken
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.language.words import name_words
from clinical_nb.ask.linking.endpoints import deaths_in
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import UNTIL, LevelLink, deaths_among, label_of, phrases_of_label
from clinical_nb.dictionary.pairing import happening
from clinical_nb.plan import Cohort, Condition, FollowUp, OneOf, Plan, Scalar, Survive, Variable

_DAYS: Mapping[Phrase, float] = {
    ("year",): 365.25,
    ("month",): 30.4375,
    ("week",): 7.0,
    ("day",): 1.0,
}  # as METHODS.md counts
_UNIT = re.compile(r"\(([^()]*)\)\s*$")
_ENDINGS: tuple[Phrase, ...] = (("rate",), ("time",), ("probability",), ("estimate",), ("curve",))
_DEATHS = (frozenset({"died"}), frozenset({"died", "cause"}))
_SURVIVAL: tuple[Phrase, ...] = (("overall", "survival"), ("os",))  # a parameter that is called so is until death


@dataclass(frozen=True, slots=True)
class Timed:
    """A column of times, and what is timed; `where` says which rows have the times until that."""

    time: str
    event: Condition
    where: tuple[Condition, ...] = ()


def survival_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `asked` that are about time until an event."""
    of = _Survival(index, dataset, table)

    def plan(pattern: str, timed: int | None, scope: int, point: int | None = None) -> Rule:
        def build(*parts: object) -> object:
            said = parts[timed] if timed is not None else None
            if said is None and of.is_timed_otherwise(parts[scope]):
                return None
            return of.plan(said or of.main(), None if point is None else parts[point], parts[scope])

        return Rule("asked", pattern, build)

    def compare(pattern: str, timed: int, by: int, point: int | None = None, *, ratio: bool = False) -> Rule:
        def build(*parts: object) -> object:
            at = None if point is None else parts[point]
            return of.compare(parts[timed] or of.main(), at, parts[by], parts[by + 1], directed=ratio)

        return Rule("asked", pattern, build)

    return (
        *_timed_rules(of),
        plan("@article? @median? timed scope? remark?", timed=2, scope=3),
        plan("@curve timed? scope? remark?", timed=1, scope=2),
        plan("@curve hazard scope? remark?", timed=1, scope=2),
        plan("point timed scope? remark?", timed=1, scope=2, point=0),
        plan("@article? timed at scope? remark?", timed=1, scope=3, point=2),
        plan("timed scope at remark?", timed=0, scope=1, point=2),
        plan("@share people? @alive at scope?", timed=None, scope=4, point=3),
        compare("@compare timed groups scope? remark?", timed=1, by=2),
        compare("@does timed @differ groups scope? remark?", timed=1, by=3),
        compare("@does timed @higher @prep? contrast scope? remark?", timed=1, by=4),
        compare("@does timed @higher @prep? alone remark?", timed=1, by=4),
        compare("@difference timed groups scope? remark?", timed=1, by=2),
        compare("timed @prep contrast scope? remark?", timed=0, by=2),
        compare("timed @by contrast scope? remark?", timed=0, by=2),
        compare("point timed @prep contrast scope? remark?", timed=1, by=3, point=0),
        compare("point timed @by contrast scope? remark?", timed=1, by=3, point=0),
        compare("@article? timed at @prep contrast scope? remark?", timed=1, by=4, point=2),
        compare("@article? @hazardratio hazard? hazards scope? remark?", timed=2, by=3, ratio=True),
        compare("@article? timed @hazardratio hazards scope? remark?", timed=1, by=3),
        Rule("hazard", "@prep @article? atom", lambda _, __, atom: of.until(atom)),
        Rule("hazard", "@prep @article? ENDPOINT", lambda *parts: of.parameter(parts[-1])),
        Rule("hazards", "@comma? contrast pairs", lambda _, first, more: joined_contrasts(index, (first, *more))),
        Rule("hazards", "@prep contrast pairs", lambda _, first, more: joined_contrasts(index, (first, *more))),
        Rule("pairs", "parting contrast", lambda _, contrast: (contrast,)),
        Rule("pairs", "parting contrast pairs", lambda _, contrast, more: (contrast, *more)),
        Rule("hazard", "@prep timed", lambda _, timed: timed),
        Rule("hazards", "groups", lambda by: by),
        Rule("hazards", "@prep grouped", lambda _, by: by),
        Rule("hazards", "@comma? contrast", lambda _, by: by),
        Rule("asked", "@article? @median? @followup timed_whom? scope?", lambda *parts: of.follow_up(parts[-1])),
        Rule("timed_whom", "@inunit UNIT", lambda _, unit: True if of.in_unit(of.main(), unit) else None),
        Rule("timed_whom", "@prep @article? @people", lambda *_: True),
    )


def _timed_rules(of: "_Survival") -> Sequence[Rule]:
    """Read what is `timed`, by its event or by the name of the time, and at which `point`."""
    return (
        Rule("timed", "@article? @survival of_whom?", lambda *_: of.death()),
        Rule("timed", "@article? UNTIL of_whom?", lambda _, timed, __: timed),
        Rule("timed", "@article? @eventfree of_whom?", lambda *_: of.only()),
        Rule("timed", "@article? ENDED of_whom?", lambda _, found, __: Timed(*found)),
        Rule("timed", "@article? LEVEL", lambda _, level: of.parameter(level)),
        Rule("timed", "@article? ENDPOINT", lambda _, level: of.named(level)),
        Rule("timed", "@article? @timeto @article? ENDPOINT", lambda *parts: of.parameter(parts[-1])),
        Rule("timed", "@article? @timeto @article? atom", lambda *parts: of.until(parts[-1])),
        Rule("timed", "freedom @article? ENDPOINT", lambda *parts: of.parameter(parts[-1])),
        Rule("timed", "freedom @article? atom", lambda *parts: of.until(parts[-1])),
        Rule("timed", "@article? COLUMN", lambda _, column: of.until_named(column)),
        Rule("timed", "@article? atom @hyphen? @freeword", lambda _, event, __, ___: of.until(event)),
        Rule("timed", "@article? @survival @inunit UNIT", lambda *parts: of.in_unit(of.death(), parts[-1])),
        Rule("freedom", "@probability? @freeof", lambda *_: True),
        Rule("of_whom", "@prep @each? @article? @people", lambda *_: True),
        Rule("times", "TIMES @hyphen?", lambda number, _: (number,)),
        Rule("times", "HOWMANY @hyphen?", lambda number, _: (float(number),)),
        Rule("times", "TIMES @hyphen? parting? times", lambda number, _, __, more: (number, *more)),
        Rule("parting", "@comma? @and", lambda *_: True),
        Rule("parting", "@comma", lambda *_: True),
        Rule("point", "@article? times UNIT", lambda _, times, unit: (times, unit)),
        Rule("at", "@attime point", lambda _, point: point),
    )


def timed_death(index: Index) -> Timed | None:
    """Return the time until the event that the dictionary declares, else until death; of several until death."""
    if not index.endpoints:
        return _timed(index)
    names = (*_DEATHS, *map(index.endpoint_words, _SURVIVAL))
    deaths = dict.fromkeys(link for name in names for link in index.endpoints.get(name, ()))
    columns = [link.column for link in deaths]
    is_one = len(columns) == len(set(columns)) and len({index.owner.get(each) for each in columns}) == 1
    return _timed_until(index, next(iter(deaths))) if is_one else None  # a name and its code are one


def timed_until_death(index: Index) -> Timed | None:
    """Return the time until death, and nothing else's."""
    return timed_death(index) if index.endpoints else _timed_death(index)


def timed_event(index: Index, event: object) -> Timed | None:
    """Return the time until an event of a column that says how times ended, where one time is until that."""
    if not isinstance(event, OneOf):
        return None
    times = [time for time, column in index.pairs if column == event.column]
    return Timed(times[0], event) if len(times) == 1 else None


def endpoints_called(index: Index) -> Mapping[Phrase, Timed]:
    """Return what is timed by the name of its endpoint, "PFS" or "progression-free survival"."""
    found: dict[Phrase, Timed] = {}
    for phrases in index.lexicon.endpoints:
        pairs = [pair for pair in index.pairs if any(_is_called(index, name, phrases) for name in pair)]
        timed = _timed_of(index, pairs[0]) if len(pairs) == 1 else None
        if timed:
            found |= {(*phrase, *ending): timed for phrase in phrases for ending in ((), *_ENDINGS)}
    return found


def _is_called(index: Index, name: str, phrases: frozenset[Phrase]) -> bool:
    said = (name_words(name), spoken(index.columns[name].label))
    return any(
        words[at : at + len(phrase)] == phrase
        for words in said
        for phrase in phrases
        for at in range(len(words) - len(phrase) + 1)
    )


def all_timed(index: Index) -> tuple[Timed, ...]:
    """Return what is timed: each time with the code of its event that says that it happened."""
    return tuple(timed for pair in index.pairs if (timed := _timed_of(index, pair)))


def joined_contrasts(index: Index, contrasts: Sequence[object]) -> object | None:
    """Return two or more pairs of one column's levels, each against the same control, as one comparison."""
    groups = {getattr(each, "by", None) for each in contrasts}
    (group, *others) = groups
    wheres: list[tuple[Condition, ...]] = [getattr(each, "where", ()) for each in contrasts]
    if others or not isinstance(group, str) or any(len(where) != 1 for where in wheres):
        return None
    levels = [frozenset[Scalar](each.values) for where in wheres for each in where if isinstance(each, OneOf)]
    shared, every = frozenset.intersection(*levels), frozenset[Scalar]().union(*levels)
    named = [index.columns[group].label_of(value) for value in shared]
    is_control = len(named) == 1 and not index.lexicon.control.isdisjoint(spoken(named[0]))
    if not is_control or len(every) != len(contrasts) + 1:
        return None
    everybody = len(every) == len(index.columns[group].levels)
    where = () if everybody else (OneOf(group, tuple(sorted(every, key=str))),)
    return replace(contrasts[0], where=where)  # pyright: ignore[reportArgumentType] - a contrast, by its fields


def _timed_until(index: Index, link: LevelLink) -> Timed | None:
    """Return the times of a long table that are until what a level names."""
    timed = _timed(index)
    if timed is None or index.owner.get(timed.time) != index.owner.get(link.column):
        return None
    return replace(timed, where=(OneOf(link.column, (link.value,)),))


def _timed(index: Index) -> Timed | None:
    """Return the time until the one event that is timed, else until death, as where a death has no time of its own."""
    pairs, deaths = index.pairs, deaths_among(index.columns)
    if len(pairs) == 1 and (not deaths or pairs[0][1] in deaths):
        return _timed_of(index, pairs[0])
    return _timed_death(index)


def _timed_death(index: Index) -> Timed | None:
    """Return the time until death, where it is not until something else by what names and codes say."""
    pairs = index.pairs
    deaths = [pair for pair in pairs if happening(pair[1], index.columns[pair[1]]) == frozenset({"death"})]
    is_open = len(pairs) == 1 and not happening(pairs[0][1], index.columns[pairs[0][1]])
    is_open = is_open and not deaths_among(index.columns)
    found = deaths or (pairs if is_open else ())
    return _timed_of(index, found[0]) if len(found) == 1 else None


def _timed_of(index: Index, pair: tuple[str, str]) -> Timed | None:
    time, column = pair
    meaning = index.columns[column]
    if meaning.event is not None:
        return Timed(time, OneOf(column, (meaning.event,)))
    deaths = tuple(deaths_in(meaning, index.lexicon))
    return Timed(time, OneOf(column, deaths)) if deaths else None


def points_in_unit(index: Index, time: str, point: object) -> tuple[float, ...] | None:
    """Return times, with the unit that they were said in, in the unit of a column; None where they cannot be."""
    if point is None:
        return ()
    if not isinstance(point, tuple):
        return None
    times, unit = point
    said = phrase_of(index.columns[time].unit) or _unit_said(index, time)
    own = index.lexicon.units.get(said, said)
    if own not in _DAYS or unit not in _DAYS:
        return tuple(times) if unit == own and own else None
    return tuple(time * _DAYS[unit] / _DAYS[own] for time in times)


def _unit_said(index: Index, time: str) -> Phrase:
    """Return the unit that a name ends with, a label without one begins with, or has after "in"; empty for none.

    In a long table it is what each name of its times ends with in brackets: "Overall Survival (months)".
    """
    words = spoken(index.columns[time].label)
    named = [name_words(time)[-1:], words[:1], *((word,) for before, word in pairwise(words) if before == "in")]
    found = {unit for each in named if (unit := index.lexicon.units.get(each, each)) in _DAYS}
    for name in index.naming_times:
        endings = [_UNIT.search(level.label) for level in index.columns[name].levels]
        if index.owner[name] == index.owner[time] and all(endings):
            found |= {index.lexicon.units.get(said, said) for each in endings if each and (said := spoken(each[1]))}
    return found.pop() if len(found) == 1 else ()


@dataclass(frozen=True, slots=True)
class _Survival:
    """Builds plans about time; None where the table has no such times, or more than one."""

    index: Index
    dataset: str
    table: str

    def main(self) -> Timed | None:
        return timed_death(self.index)

    def death(self) -> Timed | None:
        return timed_until_death(self.index)

    def until_named(self, column: str) -> Timed | None:
        """Return what is timed by a column that is called as the time until it: "Time to relapse"."""
        label = label_of(column, self.index.columns[column])
        is_called = any(phrase[:2] in UNTIL for phrase in phrases_of_label(label))
        found = [each for each in all_timed(self.index) if each.time == column]
        return found[0] if is_called and len(found) == 1 else None

    def in_unit(self, timed: Timed | None, unit: Phrase) -> Timed | None:
        """Return what is timed where its times are in this unit."""
        own = phrase_of(self.index.columns[timed.time].unit) if timed else ()
        return timed if own and self.index.lexicon.units.get(own) == unit else None

    def only(self) -> Timed | None:
        timed = all_timed(self.index)
        return timed[0] if len(timed) == 1 and not self.index.endpoints else None

    def is_timed_otherwise(self, scope: object) -> bool:
        """Tell whether what a question seems to be among is an event that has a time: "log-rank test of relapse"."""
        events = [timed.event for timed in all_timed(self.index)]
        return any(each in events for each in _parts(scope)[0])

    def until(self, event: object) -> Timed | None:
        """Return the time until an event that the question names, of the column that says how times ended."""
        return timed_event(self.index, event)

    def parameter(self, level: LevelLink) -> Timed | None:
        """Return the time until what a level names, of a table whose times are until that in some of its rows."""
        said = spoken(self.index.columns[level.column].label_of(level.value))
        is_until = said[:2] in UNTIL or level.column in self.index.watched
        return _timed_until(self.index, level) if is_until else None

    def named(self, level: LevelLink) -> Timed | None:
        """Return the time until what a level names, which is called as the time itself: "PFS"."""
        return _timed_until(self.index, level) if level.column in self.index.naming_times else None

    def plan(self, timed: object, point: object, scope: object) -> Plan | None:
        if not isinstance(timed, Timed):
            return None
        at = points_in_unit(self.index, timed.time, point)
        if at is None:
            return None
        where, by = _parts(scope)
        return Survive(self._cohort((*timed.where, *where)), timed.time, timed.event, by, (), at)

    def compare(self, timed: object, point: object, contrast: object, scope: object, *, directed: bool) -> Plan | None:
        """Return groups held against each other; `directed` where a ratio of the one against the other is asked for."""
        where, by = _parts(scope)
        group, left_out = getattr(contrast, "by", None), getattr(contrast, "where", ())
        at = points_in_unit(self.index, timed.time, point) if isinstance(timed, Timed) else None
        if not isinstance(timed, Timed) or at is None or group is None or by:
            return None
        against = getattr(contrast, "against", ()) if directed else ()
        cohort = self._cohort((*timed.where, *left_out, *where))
        return Survive(cohort, timed.time, timed.event, (group,), (), at, against)

    def follow_up(self, scope: object) -> Plan | None:
        timed = self.main()
        if timed is None:
            return None
        where, by = _parts(scope)
        return FollowUp(self._cohort((*timed.where, *where)), timed.time, timed.event, by)

    def _cohort(self, where: tuple[Condition, ...]) -> Cohort:
        return Cohort(self.dataset, self.table, where)


def _parts(scope: object) -> tuple[tuple[Condition, ...], tuple[Variable, ...]]:
    return getattr(scope, "where", ()), getattr(scope, "by", ())
