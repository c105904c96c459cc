"""Scopes: whom a question is about and in which groups, and the groups that it holds against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_nb.ask.language.lexicon import Phrase, lexicon
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import LevelLink
from clinical_nb.ask.rules.conditions import Conditions
from clinical_nb.plan import AnyOf, Condition, OneOf, Scalar, Variable, columns_of

_RELATIVE = frozenset({"who", "that", "whose"})
_AMONG = frozenset({"among", "amongst"})
_WITHIN = frozenset({"in", "for", "within"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom, and in which groups."""

    where: Conditions = ()
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Contrast:
    """The groups that a comparison is between, whom it leaves out, and the level that the other is held against."""

    by: Variable
    where: Conditions = ()
    against: tuple[Scalar, ...] = ()


def is_loose(conditions: Conditions, scope: Scope) -> bool:
    """Whether it is open how far an or reaches: "men or stage 4 without surgery"."""
    return bool(scope.where) and any(isinstance(condition, AnyOf) for condition in conditions)


def is_of_groups(conditions: Conditions, by: Sequence[Variable]) -> bool:
    """Whether a condition is on what makes the groups, of which all or none of a group have it."""
    return bool(
        {name for each in conditions for name in columns_of(each)} & {n for each in by for n in columns_of(each)}
    )


def narrowed(scope: Scope | None, where: Conditions) -> Scope:
    """Return a scope with more conditions before its own."""
    return Scope(where + (scope.where if scope else ()), scope.by if scope else ())


def two_levels(index: Index, column: str, one: LevelLink, other: LevelLink) -> Contrast | None:
    """Return one level of a column held against another."""
    if one.column != column or other.column != column:
        return None
    return held_levels(index, OneOf(column, (one.value,)), OneOf(column, (other.value,)))


def held_levels(index: Index, one: Condition, other: Condition) -> Contrast | None:
    """Return one level of a column held against another, which leaves out its other levels."""
    if not (isinstance(one, OneOf) and isinstance(other, OneOf) and one.column == other.column) or one == other:
        return None
    if len(one.values) != 1 or len(other.values) != 1:
        return None
    both = OneOf(one.column, one.values + other.values)
    everybody = len(both.values) == len(index.columns[one.column].levels)
    return Contrast(one.column, () if everybody else (both,), other.values)


def tells_by_who(words: Phrase) -> bool:
    """Whether a "who" follows a noun, and may say what happened: "percentage of women who died", not "in those who"."""
    people, articles = lexicon().phrases("people"), lexicon().phrases("article")
    for at, word in enumerate(words):
        if word in _RELATIVE and _AMONG.isdisjoint(words[:at]):
            before = [each for each in words[:at] if (each,) not in people | articles]
            if not before or before[-1] not in _WITHIN:
                return True
    return False
