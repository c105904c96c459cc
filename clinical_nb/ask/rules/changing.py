"""Rules for who gained or lost something between two measurements, how much, and which of two groups more."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import phrase_of, without_signs
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.index import LONGEST_LINK, Index
from clinical_nb.ask.linking.making import Columns, Way, differences
from clinical_nb.ask.linking.quantities import Bound
from clinical_nb.ask.rules.conditions import Conditions, Meaning, negated
from clinical_nb.ask.rules.contrasting import Contrasts
from clinical_nb.ask.rules.models import Models
from clinical_nb.ask.rules.scopes import Contrast, Scope
from clinical_nb.plan import (
    Cohort,
    Compare,
    Condition,
    Describe,
    Pair,
    Plan,
    TableOne,
    Threshold,
    all_of,
)

# Each verb with what it says; whether more of something is better may be open, and then both are read.
_WAYS: tuple[tuple[str, Way, int], ...] = (
    ("gain", "later", 0),
    ("lose", "earlier", 0),
    *(("better", "better", place) for place in (0, 1)),
    *(("worse", "worse", place) for place in (0, 1)),
)
_LATER: tuple[Way, int] = ("later", 0)
_HELD: Mapping[str, str] = {"gain": "GAIN", "lose": "LOSS"}  # columns that hold such a change themselves

_Pair = tuple[str, str]
_Said = tuple[Way, int]


def changing_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrases `atom` and `asked` that are of what changed, or holds a change itself."""
    of = _Changes(index, dataset, table)
    return (
        Rule("by", "@byof? range", lambda _, bounds: bounds),
        *(
            rule
            for verb, way, place in _WAYS
            for rule in (*_moved_rules(of, verb, (way, place)), *_moving_rules(of, verb, (way, place)))
        ),
        *(rule for verb in _HELD for rule in _held_rules(of, verb)),
        Rule("asked", "@howmuch @does? @article? TWICE @changeverb scope?", lambda *parts: of.how_far(*parts[3:])),
        Rule(
            "asked", "@does @article? TWICE @changeverb @more @prep? contrast",
            lambda _, __, pair, ___, ____, _____, held: of.compare(_LATER, pair, held),
        ),
        Rule("pair", "TWICE @beforeafter", lambda pair, _: pair),
        Rule("pair", "@beforeafter TWICE", lambda _, pair: pair),
        Rule("pair", "COLUMN @andwith COLUMN", lambda one, _, other: of.pair_of(other, one)),
        Rule("pair", "@first @andwith COLUMN", lambda _, __, column: of.pair_of(column)),
        Rule(
            "asked", "@correlation @of? pair scope?",
            lambda _, __, pair, scope: Models(index, dataset, table).correlate(pair[0], pair[1], scope),
        ),
        Rule("asked", "@mean? pair scope?", lambda _, pair, scope: of.both(pair, scope)),
        Rule("asked", "@compare @article? pair scope?", lambda _, __, pair, scope: of.both(pair, scope)),
        Rule("asked", "@differencebetween @article? pair scope?", lambda _, __, pair, scope: of.both(pair, scope)),
    )  # fmt: skip


def changes_held(words: Sequence[Word], index: Index, start: int, verb: str) -> Iterator[tuple[str, int]]:
    """Yield each column that holds how much was gained, or lost, of what the words name: weight, of weight loss."""
    for end in range(min(len(words), start + LONGEST_LINK), start, -1):
        span = tuple(word.normal for word in words[start:end])
        for noun in index.lexicon.change_nouns[verb] if span == without_signs(span) else ():
            links = index.meant((*span, noun))
            numeric = (each for each in links if isinstance(each, str) and index.columns[each].kind == "numeric")
            yield from ((each, end) for each in numeric)


def _moved_rules(of: "_Changes", verb: str, way: _Said) -> Sequence[Rule]:
    """`atom`: who gained weight, had a fall in it, or whose weight rose, by more than some amount."""
    return (
        Rule("atom", f"@{verb} @article? TWICE by?", lambda _, __, pair, by: of.moved(way, pair, by)),
        Rule("atom", f"@{verb} range @of? TWICE", lambda _, by, __, pair: of.moved(way, pair, by)),
        Rule("atom", f"@{verb} range", lambda _, by: of.moved_in_unit(way, by)),
        Rule("atom", f"@had @{verb}noun @article? TWICE by?", lambda *parts: of.moved(way, parts[3], parts[4])),
        Rule("atom", f"TWICE @{verb}went by?", lambda pair, _, by: of.moved(way, pair, by)),
        Rule("atom", f"TWICE @not @{verb}go", lambda pair, _, __: negated(of.moved(way, pair, None))),
    )


def _moving_rules(of: "_Changes", verb: str, way: _Said) -> Sequence[Rule]:
    """`asked`: whether people gained weight, how much, and in which of two groups they gained more."""
    return (
        Rule(
            "asked", f"@does conditions @{verb} @article? TWICE scope?",
            lambda _, where, __, ___, pair, scope: of.whether(pair, where, scope),
        ),
        Rule(
            "asked", f"@does @article? @people @{verb} @article? TWICE scope?",
            lambda *parts: of.whether(parts[5], (), parts[6]),
        ),
        Rule(
            "asked", f"@howmuch @article? TWICE @does? moving @{verb} scope?",
            lambda _, __, pair, ___, where, ____, scope: of.how_much(way, pair, where, scope),
        ),
        Rule(
            "asked", f"@does condition @{verb} @more @article? TWICE @than condition",
            lambda _, one, __, ___, ____, pair, _____, other: of.compare(way, pair, of.contrast(one, other)),
        ),
        Rule("moving", "@article? @people", lambda *_: ()),
        Rule("moving", "conditions", lambda where: where),
    )  # fmt: skip


def _held_rules(of: "_Changes", verb: str) -> Sequence[Rule]:
    """Say the same of a column that holds the change: who lost weight, of a column of weight loss."""
    held = _HELD[verb]
    return (
        Rule("atom", f"@{verb} @article? {held} by?", lambda _, __, column, by: of.above(column, by)),
        Rule("atom", f"@{verb} range @of? {held}", lambda _, by, __, column: of.above(column, by)),
        Rule("atom", f"@{verb} range", lambda _, by: of.held_in_unit(verb, by)),
        Rule(
            "asked", f"@does condition @{verb} @more @article? {held} @than condition",
            lambda _, one, __, ___, ____, column, _____, other: of.compare_held(column, of.contrast(one, other)),
        ),
        Rule(
            "asked", f"@howmuch @article? {held} @does? moving @{verb} scope?",
            lambda _, __, column, ___, where, ____, scope: of.describe(column, where, scope),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Changes:
    """Builds conditions and plans of changes; None where the parts make none, several where it is open which."""

    index: Index
    dataset: str
    table: str

    def moved(self, way: _Said, pair: _Pair, bounds: Sequence[Bound] | None) -> Condition | None:
        """Return that something changed this way, by so much."""
        name = self._difference(way, pair)
        return self.above(name, bounds) if name else None

    def moved_in_unit(self, way: _Said, bounds: Sequence[Bound]) -> Condition | None:
        """Return a change of what alone is measured twice in the unit that is said: who gained more than 10 lbs."""
        pairs = [each.pair for each in self.index.senses.twice]
        inside = [pair for pair in pairs if self._is_in_unit(pair[0], bounds) and self._is_in_unit(pair[1], bounds)]
        return self.moved(way, inside[0], bounds) if len(inside) == 1 else None

    def held_in_unit(self, verb: str, bounds: Sequence[Bound]) -> Condition | None:
        """Return an amount of the one column that holds such a change in the unit that is said."""
        words = self.index.lexicon.change_nouns[verb]
        inside = [
            name
            for name in self.index.columns
            if self._is_in_unit(name, bounds) and any(words & {*phrase} for phrase in self.index.named[name])
        ]
        is_measured = any(self._is_in_unit(each.after, bounds) for each in self.index.senses.twice)
        return self.above(inside[0], bounds) if len(inside) == 1 and not is_measured else None

    def above(self, column: str, bounds: Sequence[Bound] | None) -> Condition | None:
        """Return that a change is above nothing, and within bounds of its amount."""
        if bounds is None:
            return Threshold(column, ">", 0)
        if any(bound.number <= 0 for bound in bounds):
            return None
        within = Meaning(self.index).within(column, bounds)
        if within is None:
            return None
        is_open = all(bound.sign in ("<", "<=") for bound in bounds)
        return all_of(Threshold(column, ">", 0), within) if is_open else within

    def contrast(self, one: Condition, other: Condition) -> Contrast | None:
        """Return two groups that are held against each other."""
        return Contrasts(self.index).contrast(one, other)

    def whether(self, pair: _Pair, where: Conditions, scope: Scope | None) -> Plan | None:
        """Return how far something changed in those who are meant, which says whether it did."""
        scope = scope or Scope()
        return None if scope.by else Pair(self._cohort(where + scope.where), *pair)

    def how_far(self, pair: _Pair, _: str, scope: Scope | None) -> Plan | None:
        """Return how far something changed, in all or in each group."""
        return self.how_much(_LATER, pair, (), scope)

    def how_much(self, way: _Said, pair: _Pair, where: Conditions, scope: Scope | None) -> Plan | None:
        """Return the mean of how far something changed, in all or in each group."""
        name = self._difference(way, pair)
        return self.describe(name, where, scope) if name else None

    def describe(self, column: str, where: Conditions, scope: Scope | None) -> Plan:
        """Return the mean of a change."""
        scope = scope or Scope()
        return Describe(self._cohort(where + scope.where), column, scope.by, ("mean",))

    def compare(self, way: _Said, pair: _Pair, contrast: Contrast | None) -> Plan | None:
        """Return in which of two groups something changed more."""
        name = self._difference(way, pair)
        return self.compare_held(name, contrast) if name else None

    def compare_held(self, column: str, contrast: Contrast | None) -> Plan | None:
        """Return in which of two groups what holds a change is more."""
        return None if contrast is None else Compare(self._cohort(contrast.where), column, contrast.by)

    def both(self, pair: _Pair, scope: Scope | None) -> Plan | None:
        """Return what was measured before and after, and how far it changed; in groups both beside each other."""
        scope = scope or Scope()
        if len(scope.by) > 1:
            return None
        cohort = self._cohort(scope.where)
        return TableOne(cohort, pair, scope.by) if scope.by else Pair(cohort, *pair)

    def pair_of(self, after: str, first: str = "") -> _Pair | None:
        """Return a later measurement with the one at baseline: "pre and post weight", "baseline and week 12 weight"."""
        before = self.index.columns[after].baseline
        return (before, after) if before in self.index.columns and first in ("", before) else None

    def _difference(self, said: _Said, pair: _Pair) -> str | None:
        columns, (way, place) = self.index.columns, said
        found = [*differences(columns, way, pair)] if isinstance(columns, Columns) else []
        return found[place] if place < len(found) else None

    def _is_in_unit(self, column: str, bounds: Sequence[Bound]) -> bool:
        own = self.index.units.get(phrase_of(self.index.columns[column].unit))
        return own is not None and all(bound.unit == own for bound in bounds)

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)
