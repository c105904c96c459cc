"""The levels of a variable as people know them: in which order, under which name, which is the event or reference."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from clinical_nb.analysis.counts import Key, Level, Scan
from clinical_nb.dictionary.meaning import Column, value_text
from clinical_nb.errors import PlanError, UnknownColumnError
from clinical_nb.plan import Variable, name_of

MOST_BY = 2  # analysis results data name two groups
MOST_GROUPS = 30
MOST_NUMERIC_GROUPS = 10  # a numeric column with more distinct values measures; it does not group

_REFERENCE = frozenset({"placebo", "control", "controls", "no", "none", "usual", "standard", "sham", "untreated"})
_EVENT = frozenset({"yes", "true", "1", "present", "positive", "event", "y"})
UNGROUPABLE = {
    "identifier": "identifies persons",
    "text": "holds free text",
    "date": "holds dates",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """The levels of a variable that have rows, in display order; `against` is the reference where one was named."""

    variable: Variable
    levels: tuple[Level, ...]
    column: Column | None = None
    against: tuple[Level, ...] = ()

    @property
    def name(self) -> str:
        """The variable's name in the results."""
        return name_of(self.variable)

    def text(self, level: Level) -> str:
        """Return the level as the results write it."""
        return ("yes" if level else "no") if self.column is None else value_text(level)

    def label(self, level: Level) -> str:
        """Return the level as people read it."""
        return self.text(level) if self.column is None else self.column.label_of(level)


def column_of(scan: Scan, name: str) -> Column:
    """Return what a column means.

    Raises
    ------
    UnknownColumnError
        When the table or its dictionary does not have it.

    """
    if name not in scan.columns or name not in scan.schema:
        raise UnknownColumnError(name, scan.table, [known for known in scan.columns if known in scan.schema])
    return scan.columns[name]


def grouping_of(scan: Scan, variable: Variable, found: Iterable[Level]) -> Grouping:
    """Return the levels that were found of a variable, in the dictionary's order; missing is never a level.

    Raises
    ------
    PlanError
        When there are more levels than a person can compare.

    """
    known = {level for level in found if level is not None}
    if not isinstance(variable, str):
        return Grouping(variable, tuple(level for level in (True, False) if level in known))
    column = column_of(scan, variable)
    levels = tuple(_in_order(column, known))
    most = MOST_NUMERIC_GROUPS if column.kind == "numeric" else MOST_GROUPS
    if len(levels) > most:
        raise PlanError(
            f"'{variable}' has {len(levels)} different values, too many to be groups.",
            "Split it with a condition, such as above or below a number.",
        )
    return Grouping(variable, levels, column)


def groupings_of(scan: Scan, by: Sequence[Variable], cells: Iterable[Key], first: int = 0) -> list[Grouping]:
    """Return the groupings of several variables, whose levels stand in the cells' keys from place `first` on."""
    keys = [key for key in cells if key]
    return [grouping_of(scan, variable, {key[place] for key in keys}) for place, variable in enumerate(by, start=first)]


def name_group(groupings: Sequence[Grouping], levels: Sequence[Level]) -> list[tuple[str, str]]:
    """Return the name and the level of each variable that makes a group, as the results write them."""
    return [(grouping.name, grouping.text(level)) for grouping, level in zip(groupings, levels, strict=True)]


def check_groups(scan: Scan, by: Sequence[Variable]) -> None:
    """Refuse what cannot make groups, before it is counted.

    Raises
    ------
    UnknownColumnError, PlanError
        When there is no such column, it identifies persons or holds text or dates, or there are too many variables.

    """
    if len(by) > MOST_BY:
        raise PlanError(f"An answer can be split by at most {MOST_BY} variables at once.")
    for variable in by:
        if isinstance(variable, str) and (why := UNGROUPABLE.get(column_of(scan, variable).kind)):
            raise PlanError(f"'{variable}' {why}, so it cannot make groups.", "Name a column with a few levels.")


def all_levels(column: Column, found: Collection[Level]) -> tuple[Level, ...]:
    """Return the declared levels, with or without rows, and after them those that only the data have."""
    texts = {value_text(level) for level in found}
    declared = [level.value for level in column.levels if value_text(level.value) not in texts]
    missing = {value_text(code.value) for code in column.missing}
    declared = [level for level in declared if value_text(level) not in missing]
    return tuple(_in_order(column, {*declared, *(level for level in found if level is not None)}))


def event_of(grouping: Grouping) -> Level:
    """Return the level of a binary variable that is the event: labelled as a yes, else the second."""
    named = [level for level in grouping.levels if _words(grouping.label(level)) & _EVENT]
    return named[0] if len(named) == 1 else grouping.levels[-1]


def reference_of(grouping: Grouping) -> Level:
    """Return the level that others are compared with: named, else labelled a control, else the first, or no."""
    texts = [value_text(level) for level in grouping.against if level is not None]
    if asked := [level for level in grouping.levels if level is not None and value_text(level) in texts]:
        return asked[0]
    named = [level for level in grouping.levels if _words(grouping.label(level)) & _REFERENCE]
    return named[0] if named else grouping.levels[0]


def is_ordinal(column: Column, levels: Sequence[Level]) -> bool:
    """Say whether the dictionary orders the levels and their codes are numbers, so that ranks have a meaning."""
    return (
        column.ordered
        and bool(levels)
        and all(isinstance(level, int | float) and not isinstance(level, bool) for level in levels)
    )


def measures_or_ranks(scan: Scan, name: str) -> bool:
    """Say whether a column's values are numbers, or ordered codes that are: they can rise and fall.

    Raises
    ------
    UnknownColumnError
        When it is not there.

    """
    column = column_of(scan, name)
    is_ranked = scan.schema[name].is_numeric() and is_ordinal(column, [level.value for level in column.levels])
    return column.kind == "numeric" or is_ranked


def _words(label: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", label.lower()))


def _in_order(column: Column, levels: Collection[Level]) -> list[Level]:
    """Sort levels as the dictionary has them; two that are text by the text, as R's factor() does, or none is first."""
    places = {value_text(level.value): place for place, level in enumerate(column.levels)}
    if column.kind == "binary" and not column.ordered and all(isinstance(level, str) for level in levels):
        places = {}
    last = len(places)
    return sorted(
        levels,
        key=lambda level: (
            places.get(value_text(level), last),
            isinstance(level, str),
            level if isinstance(level, int | float) else 0,
            value_text(level),
        ),
    )
