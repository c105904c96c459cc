"""The kinds of plan that count more than persons: rows that they have, frequent levels, bands of a number."""

from dataclasses import dataclass

from clinical_nb.errors import PlanError
from clinical_nb.plans.conditions import AnyRow, Condition, Variable
from clinical_nb.plans.kinds import Cohort


@dataclass(frozen=True, slots=True)
class Records:
    """How many rows of a finer table persons have, none being 0, in all or in each group.

    `rows` says which rows; `among` is empty, or of which rows they are a share.
    """

    cohort: Cohort
    rows: AnyRow
    by: tuple[Variable, ...] = ()
    among: tuple[AnyRow, ...] = ()

    def __post_init__(self) -> None:
        if len(self.among) > 1 or any(each.table != self.rows.table for each in self.among):
            raise PlanError("Rows are a share of other rows of the same table.")
        if len(self.by) > 1:
            raise PlanError("Rows a person are counted by one variable at most.")


@dataclass(frozen=True, slots=True)
class Rank:
    """The most frequent levels of a column, by how many persons have them; `most` of them, and those that tie."""

    cohort: Cohort
    column: str
    most: int

    def __post_init__(self) -> None:
        if self.most < 1:
            raise PlanError("Of the most frequent levels, at least one is asked for.")


@dataclass(frozen=True, slots=True)
class Bands:
    """How many lie in each band of a number, or what share of each band has an event.

    Each band is a condition on the same column; no known value may lie in two of them, or in none.
    """

    cohort: Cohort
    column: str
    bands: tuple[Condition, ...]
    events: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.bands)) < 2 or len(self.events) > 1:  # noqa: PLR2004 - one band is a condition
            raise PlanError("Bands are two or more, and have one event at most.")
