"""Scopes: whom a question is about and in which groups, and the groups that it holds against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_nb.ask.conditions import Conditions
from clinical_nb.plan import AnyOf, Variable, columns_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom, and in which groups."""

    where: Conditions = ()
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Contrast:
    """The groups that a comparison is between, and whom it leaves out."""

    by: Variable
    where: Conditions = ()


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
