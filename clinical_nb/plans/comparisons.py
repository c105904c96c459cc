"""The kinds of plan that compare by a design: changes, strata, repeated values, margins, several columns at once."""

from dataclasses import dataclass
from typing import Literal

from clinical_nb.errors import PlanError
from clinical_nb.plans.conditions import Variable
from clinical_nb.plans.kinds import Cohort, Pairwise

Aim = Literal["equivalence", "noninferiority"]
Better = Literal["", "higher", "lower"]
NamedCorrelation = Literal["", "pearson", "spearman", "kendall"]
NamedChange = Literal["", "t_test_paired", "signed_rank", "mcnemar", "mcnemar_exact"]


@dataclass(frozen=True, slots=True)
class Correlate:
    """Whether two columns that are numbers or have an order rise and fall together.

    `test` is the coefficient that a person named, empty where the data choose.
    """

    cohort: Cohort
    one: str
    other: str
    test: NamedCorrelation = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """How far a value changed in the same persons, from what was told before to what was told after.

    `test` is the one that a person named, empty where the data choose.
    """

    cohort: Cohort
    before: Variable
    after: Variable
    test: NamedChange = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How far a number changed from before to after in independent groups, adjusted for what it was before."""

    cohort: Cohort
    before: str
    after: str
    by: Variable


@dataclass(frozen=True, slots=True)
class Stratified:
    """Whether an event, or the levels of a column, differ between groups that are compared within each stratum only."""

    cohort: Cohort
    outcome: Variable
    by: Variable
    strata: tuple[Variable, ...]

    def __post_init__(self) -> None:
        if not self.strata:
            raise PlanError("A comparison within strata needs a variable that makes them.")


@dataclass(frozen=True, slots=True)
class Repeated:
    """Whether values of the same persons differ between three or more times, each told by a column or a condition."""

    cohort: Cohort
    times: tuple[Variable, ...]
    pairwise: Pairwise = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(dict.fromkeys(self.times)))
        if len(self.times) < 3:  # noqa: PLR2004 - two times are a pair
            raise PlanError("Repeated values are compared at three or more times.", "Ask for the change between two.")


@dataclass(frozen=True, slots=True)
class Visits:
    """Whether an outcome differs between the visits of the same persons, of which each has a row for each visit."""

    cohort: Cohort
    outcome: Variable
    visit: str
    pairwise: Pairwise = ""


@dataclass(frozen=True, slots=True)
class Margin:
    """Whether a group is no worse than the reference, or no different from it, by more than a margin.

    It is in the outcome's unit, of an event a share (0.1 is 10 percentage points); `better` says whether more of the
    outcome is good, which non-inferiority needs and equivalence does not.
    """

    cohort: Cohort
    outcome: Variable
    by: Variable
    margin: float
    aim: Aim
    better: Better = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "margin", float(self.margin))
        if not self.margin > 0:
            raise PlanError(
                "A margin is a number above 0.", "State how much of a difference would still be acceptable."
            )
        if self.aim == "noninferiority" and not self.better:
            raise PlanError("Whether more is better or worse is not said.", "Say whether a higher value is better.")
        if self.aim == "equivalence":
            object.__setattr__(self, "better", "")


@dataclass(frozen=True, slots=True)
class Correlations:
    """Which of several columns rise and fall together, each pair of them; `given` others that are held still.

    `test` is the coefficient that a person named, empty where the data choose; Kendall's is of two columns only.
    """

    cohort: Cohort
    columns: tuple[str, ...]
    given: tuple[str, ...] = ()
    test: NamedCorrelation = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(dict.fromkeys(self.columns)))
        object.__setattr__(self, "given", tuple(sorted(set(self.given))))
        if len(self.columns) < 2 or set(self.columns) & set(self.given):  # noqa: PLR2004 - a pair
            raise PlanError("Correlations are of two or more columns, and given others.", "Name each column once.")
        if self.test == "kendall":
            raise PlanError(
                "Kendall's correlation is of two columns here.", "Ask for Pearson's or Spearman's of several."
            )


@dataclass(frozen=True, slots=True)
class Mixed:
    """How a number goes over the visits of the same persons, and whether that differs between the groups of `by`.

    By a linear mixed model with an intercept for each person, who need not have every visit.
    """

    cohort: Cohort
    outcome: str
    visit: str
    by: tuple[Variable, ...] = ()

    def __post_init__(self) -> None:
        if len(self.by) > 1:
            raise PlanError("A mixed model compares the groups of one variable.", "Name one.")
