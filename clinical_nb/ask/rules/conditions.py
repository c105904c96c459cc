"""Conditions: rules for whom a question is about: "women over 65 without ascites", "stage 3 or 4", "missing age"."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Phrase, phrase_of
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink, is_count, numerals_of, without_shared_word
from clinical_nb.ask.linking.quantities import Bound, range_rules
from clinical_nb.ask.linking.terms import Term
from clinical_nb.dictionary.deriving import MadeColumn
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.plan import (
    AnyOf,
    AnyRow,
    Condition,
    Difference,
    Elapsed,
    Known,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Sign,
    Threshold,
    all_of,
    any_of,
)

Conditions = tuple[Condition, ...]
_RECORD_NUMBER = 10_000
_OLDEST = 120
_OPPOSITE: dict[Sign, Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_PAIR = 2  # women and men, whom a question asks back about


def condition_rules(index: Index) -> tuple[Rule, ...]:
    """Return the rules of the phrases `condition` and `conditions` for one table."""
    meaning = Meaning(index)
    return (
        Rule("conditions", "chain", lambda chain: chain),
        Rule("conditions", "condition @or condition", lambda one, _, other: only(_either(one, other))),
        Rule("conditions", "glue? @not glue? atom condition", lambda *parts: only(_none_of(parts[-2:]))),
        Rule("chain", "condition", lambda one: (one,)),
        Rule("chain", "glue? either", lambda _, either: (either,)),
        Rule("chain", "condition chain", _together),
        Rule("chain", "condition @but chain", lambda one, _, more: _together(one, more)),
        *(
            Rule(
                "chain",
                f"condition {joint} chain",
                lambda one, _, more: meaning.leaving_out(_and(one, more, index.many)),
            )
            for joint in ("@and", "@comma")
        ),
        Rule("either", "@article? atom alternatives", lambda _, one, others: _any_of((one, *others))),
        Rule("alternatives", "@or @article? atom @people?", lambda _, __, atom, ___: (atom,)),
        Rule("alternatives", "@comma @article? atom alternatives", lambda _, __, atom, more: (atom, *more)),
        Rule("condition", "glue? atom", lambda _, atom: atom),
        Rule("condition", "glue? @non atom", lambda _, __, atom: negated(atom)),
        Rule("condition", "glue? @not glue? atom", lambda _, __, ___, atom: negated(atom)),
        Rule("condition", "glue? @not glue? atom alternatives", lambda _, __, ___, one, more: _neither((one, *more))),
        Rule("condition", "glue? @lack @article? atom", lambda _, __, ___, atom: negated(atom)),
        Rule(
            "condition", "glue? @lack @article? atom alternatives", lambda _, __, ___, one, more: _neither((one, *more))
        ),
        Rule("glue", "gluepart glue?", lambda *_: True),
        *(Rule("gluepart", part, lambda *_: True) for part in ("@prep", "@verb", "@who", "@article", "@people")),
        Rule("atom", "ENDING @people?", lambda codes, _: codes),
        Rule("atom", "LEVEL @people?", lambda level, _: OneOf(level.column, (level.value,))),
        Rule("atom", "TERM @people?", lambda term, _: OneOf(term.column, term.values)),
        Rule("atom", "TERM @people?", lambda term, _: meaning.having(term)),
        Rule("atom", "LEVEL @kindword", lambda level, _: OneOf(level.column, (level.value,))),
        Rule("atom", "@censored @people?", lambda *_: meaning.censored()),
        Rule("atom", "LEVEL COLUMN", lambda level, column: meaning.levels(column, (level,))),
        Rule("atom", "COLUMN @values?", lambda column, _: meaning.yes(column)),
        Rule("atom", "COLUMN @is? VALUE @people?", lambda column, _, level, __: meaning.levels(column, (level,))),
        Rule("atom", "COLUMN @is? @not VALUE", lambda column, _, __, level: negated(meaning.levels(column, (level,)))),
        Rule("atom", "COLUMN @is? VALUE listed", lambda column, _, level, more: meaning.levels(column, (level, *more))),
        Rule("atom", "LEVEL listed", meaning.numbered),
        Rule("listed", "listing VALUE", lambda _, level: (level,)),
        Rule("listed", "listing VALUE listed", lambda _, level, more: (level, *more)),
        *(Rule("listing", part, lambda *_: True) for part in ("@or", "@and")),
        Rule("atom", "COLUMN @is? NUMBER UNIT?", lambda column, _, number, unit: meaning.equal(column, number, unit)),
        Rule("atom", "COLUMN @values? @is? range", lambda column, _, __, bounds: meaning.within(column, bounds)),
        Rule("atom", "@article? COLUMN @of? range", lambda _, column, __, bounds: meaning.within(column, bounds)),
        Rule("atom", "AGE @aged? range @people?", lambda column, _, bounds, __: meaning.aged(column, bounds)),
        Rule("atom", "sized", lambda atom: atom),
        Rule("sized", "@article? SIZED NUMBER UNIT?", lambda _, of, *by: meaning.within(of[0], (Bound(of[1], *by),))),
        Rule("atom", "many COLUMN", lambda bounds, column: meaning.so_many(column, bounds)),
        Rule("atom", "@lack COLUMN", lambda _, column: meaning.so_many(column, (Bound("<=", 0.0, None),))),
        Rule("atom", "@missing @blanks? @article? COLUMN", lambda *parts: Missing(parts[-1])),
        Rule(
            "atom", "@atleast? HOWMANY? TABLE", lambda _, number, table: AnyRow(table) if number in (None, 1) else None
        ),
        Rule("atom", "LEVEL TABLE", lambda level, table: AnyRow(table, (OneOf(level.column, (level.value,)),))),
        Rule("atom", "COLUMN TABLE", lambda column, table: meaning.rows(table, column)),
        Rule("atom", "@randomized @people?", lambda *_: meaning.allocated()),
        Rule("atom", "COLUMN @values? @missing @blanks?", lambda column, *_: Missing(column)),
        Rule("atom", "@known @blanks? COLUMN", lambda _, __, column: Known(column)),
        Rule("atom", "COLUMN @values? @known @blanks?", lambda column, *_: Known(column)),
        Rule("atom", "ranged COLUMN", lambda bounds, column: meaning.counted(column, bounds)),
        *range_rules(),
    )


def bounded(index: Index, column: str, bounds: Sequence[Bound]) -> Condition | None:
    """Return that a number lies within bounds; None where their units are of something else."""
    return Meaning(index).within(column, bounds)


def negated(condition: Condition | None) -> Condition | None:
    """Return the condition of those who are known not to meet this one."""
    match condition:
        case OneOf(column, values):
            return NoneOf(column, values)
        case NoneOf(column, values):
            return OneOf(column, values)
        case Threshold(column, sign, value):
            return Threshold(column, _OPPOSITE[sign], value)
        case Missing(column):
            return Known(column)
        case Known(column):
            return Missing(column)
        case _:
            return NoRow(condition.table, condition.where) if isinstance(condition, AnyRow) else None


def _together(one: Condition, more: Conditions) -> Conditions | None:
    """Join conditions that follow each other; two levels of one column side by side make no sense."""
    same = isinstance(one, OneOf) and any(isinstance(other, OneOf) and other.column == one.column for other in more)
    return None if same else (one, *more)


def _and(one: Condition, more: Conditions, many: frozenset[str]) -> Conditions | None:
    """Join by and; two levels of one column can only be meant as either: "women and men", "stages 3 and 4".

    "Without A and B" is refused: it may mean neither, or the one without the other.
    """
    if isinstance(one, NoneOf | Missing) and isinstance(more[0], OneOf | Known):
        return None
    if any(isinstance(condition, AnyOf) for condition in more):  # "A and B or C", "A, B or C"
        return None
    if not isinstance(one, OneOf):
        return (one, *more)
    same = next((other for other in more if isinstance(other, OneOf) and other.column == one.column), None)
    if same and one.column in many:  # a person may have both, on two rows
        return None
    either = OneOf(one.column, one.values + same.values) if same else one
    return (either, *(other for other in more if other != same))


def _either(one: Condition, other: Condition) -> Condition | None:
    """Join by or; "not A or B" is refused here, since it is read as neither where it can be."""
    return None if isinstance(one, NoneOf) else _any_of((one, other)) or any_of(one, other)


def _any_of(conditions: Conditions) -> Condition | None:
    """Join things that one word governs: "with A, B or C"; but "over 65 or B" may go on from further back."""
    if len({isinstance(condition, Threshold) for condition in conditions}) > 1:
        return None
    columns = {condition.column for condition in conditions if isinstance(condition, OneOf)}
    if len(columns) == 1 and all(isinstance(condition, OneOf) for condition in conditions):
        values = [value for condition in conditions if isinstance(condition, OneOf) for value in condition.values]
        return OneOf(columns.pop(), tuple(values))
    return any_of(*conditions)


def _none_of(conditions: Sequence[Condition]) -> Condition | None:
    """Read "other than men over 65" as everyone but these; that only the first is denied is the other reading."""
    denied = [negated(condition) for condition in conditions]
    return None if None in denied else any_of(*(condition for condition in denied if condition is not None))


def _neither(conditions: Conditions) -> Condition | None:
    """Read "without A, B or C" as none of the three."""
    denied = [negated(condition) for condition in conditions]
    return None if None in denied else all_of(*(condition for condition in denied if condition is not None))


def only(condition: Condition | None) -> Conditions | None:
    """Return conditions that are just this one, where there is one."""
    return None if condition is None else (condition,)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What parts mean together in one table; None where they do not belong together."""

    index: Index

    def leaving_out(self, conditions: Conditions | None) -> Conditions | None:
        """Return conditions that leave somebody out: who lists all of several levels wants each of them by itself."""
        for each in conditions or ():
            levels = self.index.columns[each.column].levels if isinstance(each, OneOf) else ()
            if isinstance(each, OneOf) and len(levels) > _PAIR and len(set(each.values)) == len(levels):
                return None
        return conditions

    def levels(self, column: str, levels: Sequence[LevelLink]) -> Condition | None:
        """Return that a column has one of its levels."""
        if any(level.column != column for level in levels):
            return None
        return OneOf(column, tuple(level.value for level in levels))

    def numbered(self, level: LevelLink, more: Sequence[LevelLink]) -> Condition | None:
        """Return either of levels of which each is a number after the same word: "Stage 3 or 4" of "Stage 4"."""
        levels = without_shared_word(self.index.columns[level.column].levels)
        is_numbered = all(numerals_of(rest) and rest != each.label for each, rest in levels)
        return self.levels(level.column, (level, *more)) if is_numbered else None

    def plain_yes(self, column: str) -> Known | OneOf | None:
        """Return that a yes/no column says yes, or that a flag is set."""
        if self.index.is_flag(column):
            return Known(column)
        value = self.index.polar(column, positive=True)
        return None if value is None else OneOf(column, (value,))

    def yes(self, column: str) -> Condition | None:
        """Return that a yes/no column says yes, a flag is set, or that one with grades of a yes does not say none."""
        if plain := self.plain_yes(column):
            return plain
        if (value := self.index.yes_of_several(column)) is not None:
            return OneOf(column, (value,))
        none = self.index.none_of_graded(column)
        return NoneOf(column, none) if none else None

    def censored(self) -> Condition | None:
        """Return that the one event that is timed did not happen."""
        events = {event for _, event in self.index.pairs}
        column = events.pop() if len(events) == 1 else None
        code = self.index.columns[column].event if column else None
        return None if column is None or code is None else NoneOf(column, (code,))

    def rows(self, table: str, column: str) -> Condition | None:
        """Return that a table has a row for which a yes/no column says yes: a serious adverse event."""
        yes = self.yes(column)
        return AnyRow(table, (yes,)) if isinstance(yes, OneOf | Known) else None

    def having(self, term: Term) -> Condition | None:
        """Return that a person has a row of what words name, of the tables of many where she may have others too."""
        of = self.index.owner.get(term.column, "")
        return AnyRow(of, (OneOf(term.column, term.values),)) if of in self.index.tables.values() else None

    def allocated(self) -> Condition | None:
        """Return that the arm is known, where it is not known of all."""
        arms = [name for name, column in self.index.columns.items() if column.role == "arm"]
        return Known(arms[0]) if len(arms) == 1 else None

    def equal(self, column: str, number: float, unit: Phrase | None) -> Condition | None:
        """Return that a number is this one; none of a record's number, which is of one person."""
        is_record = number >= _RECORD_NUMBER  # who has it is a question about a person
        if self.index.columns[column].kind != "numeric" or not self._has_unit(column, unit) or is_record:
            return None
        of = self.index.columns[column]
        if isinstance(of, MadeColumn) and isinstance(of.how, Elapsed) and number.is_integer():  # 65.4 years is 65
            return all_of(Threshold(column, ">=", number), Threshold(column, "<", number + 1))
        return OneOf(column, (number,))

    def within(self, column: str, bounds: Sequence[Bound]) -> Condition | None:
        """Return that a number, or a grade, lies within bounds."""
        meaning = self.index.columns[column]
        graded = meaning.kind == "categorical" and all(isinstance(level.value, int | float) for level in meaning.levels)
        is_bare, scale = all(each.label == value_text(each.value) for each in meaning.levels), self.index.lexicon.scale
        is_scale = graded and any(not scale.isdisjoint(phrase) for phrase in self.index.named[column])
        is_ranked = graded and (meaning.ordered or is_bare or is_scale)  # "ECOG of 2 or more"
        if not (is_ranked or meaning.kind == "numeric") or not all(
            self._has_unit(column, each.unit) for each in bounds
        ):
            return None
        if graded and not all(self._is_grade(column, bound.number) for bound in bounds):
            return None
        sides = tuple(Threshold(column, bound.sign, bound.number) for bound in bounds)
        return sides[0] if len(sides) == 1 else all_of(*sides)

    def so_many(self, column: str, bounds: Sequence[Bound]) -> Condition | None:
        """Return that there are so many of what a column counts: "3 or more visits" of the number of visits."""
        whole = all(bound.unit is None and bound.number.is_integer() for bound in bounds)
        return self.within(column, bounds) if whole and is_count(self.index.columns[column]) else None

    def _is_grade(self, column: str, number: float) -> bool:
        grades = [level.value for level in self.index.columns[column].levels if not isinstance(level.value, str)]
        return min(grades) <= number <= max(grades)

    def counted(self, column: str, bounds: Sequence[Bound]) -> Condition | None:
        """Return so many of what a column counts: "at least one visit", "more than 3 nodes"."""
        is_unit = phrase_of(column) in self.index.units or self.index.columns[column].unit  # "at least 5 years"
        is_whole = all(bound.unit is None and bound.number.is_integer() for bound in bounds)
        return self.within(column, bounds) if is_whole and not is_unit and column != self.index.age else None

    def aged(self, column: str, bounds: Sequence[Bound]) -> Condition | None:
        """Return a range of a bare number as one of age, which 5.5, 150 and -2 are not."""
        is_age = all(bound.number.is_integer() and 0 <= bound.number <= _OLDEST for bound in bounds)
        return self.within(column, bounds) if is_age else None

    def _has_unit(self, column: str, unit: Phrase | None) -> bool:
        """Whether a number in this unit can be held against the column as it is: nothing is converted silently."""
        of = self.index.columns[column]
        is_change = isinstance(of, MadeColumn) and isinstance(of.how, Difference)  # "fell by 10 %": of what it was?
        own = self.index.units.get(phrase_of(of.unit)) if of.unit else ("year",) if column == self.index.age else None
        return unit is None or (own == unit and not (is_change and unit == ("percent",)))
