"""The kinds of plan, one an analysis: frozen values that say what to compute, about whom, from which columns."""

from dataclasses import dataclass
from typing import Literal

from clinical_nb.errors import PlanError
from clinical_nb.plans.conditions import AllOf, Condition, Scalar, Variable, canonical_conditions
from clinical_nb.plans.derived import Derived, canonical_derived

Statistic = Literal["mean", "sd", "median", "quartiles", "range", "distribution"]
Period = Literal["year", "quarter", "month"]
Side = Literal["highest", "lowest"]
Measure = Literal["mode", "variance", "standard_error", "interval", "geometric_mean", "skewness"]
MOST_EXTREMES = 20
Family = Literal["linear", "logistic", "poisson", "negative_binomial", "ordinal"]
Errors = Literal["", "model", "robust", "clustered"]
Intervals = Literal["", "profile"]
NamedTest = Literal[
    "", "t_test_welch", "t_test_student", "wilcoxon", "anova_welch", "anova", "kruskal_wallis", "chi_squared", "fisher",
    "cochran_armitage", "jonckheere",
]  # fmt: skip
Pairwise = Literal["", "holm", "tukey"]
Effect = Literal["", "cohens_d", "hedges_g"]
Told = Literal["", "event", "risk"]
Guard = Literal["repeated"]  # what is refused unless a person says that it is to be done all the same


@dataclass(frozen=True, slots=True)
class Cohort:
    """Whom a plan is about: the rows of one table for which every condition holds.

    `joined` are the coarser tables that its rows belong to and whose columns the plan uses as if they were its own, and
    `derived` the variables that are made of columns for it, which its fields name by `name_of_derived`.
    `despite` names the refusals that the person who asks overrides: that rows of "repeated" persons are treated as
    independent.
    """

    dataset: str
    table: str
    where: tuple[Condition, ...] = ()
    joined: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    despite: tuple[Guard, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "despite", tuple(sorted(set(self.despite))))
        object.__setattr__(self, "derived", canonical_derived(self.derived))
        object.__setattr__(self, "joined", tuple(sorted(set(self.joined))))
        object.__setattr__(self, "where", canonical_conditions(self.where, AllOf))


@dataclass(frozen=True, slots=True)
class Count:
    """How many, in all or in each group."""

    cohort: Cohort
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Proportion:
    """What share of those for whom the event is known have it, in all or in each group."""

    cohort: Cohort
    event: Condition
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Describe:
    """How a column is distributed, in all or in each group; `statistics` names what was asked for first."""

    cohort: Cohort
    column: str
    by: tuple[Variable, ...] = ()
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    """Whether an outcome differs between the independent groups of another variable.

    `test` is the one that a person named, empty where the data choose; `pairwise` asks for each pair of groups too, its
    p corrected by Holm's method, or by Tukey's for means; `against` is the level of two that a ratio is against.
    `effect` is the standardised difference of two means that a person named.
    """

    cohort: Cohort
    outcome: Variable
    by: Variable
    test: NamedTest = ""
    pairwise: Pairwise = ""
    against: tuple[Scalar, ...] = ()
    effect: Effect = ""


@dataclass(frozen=True, slots=True)
class Survive:
    """How long it takes until an event, in all or in each group; `at` are times, in the time column's own unit.

    Within `strata`, groups are compared only with those of the same stratum; `against` is the level compared with,
    where named. `until` is how far mean times go. Shares at times are of those without the event, or as `told`.
    """

    cohort: Cohort
    time: str
    event: Condition
    by: tuple[Variable, ...] = ()
    strata: tuple[Variable, ...] = ()
    at: tuple[float, ...] = ()
    against: tuple[Scalar, ...] = ()
    until: tuple[float, ...] = ()
    told: Told = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(sorted({float(time) for time in self.at})))
        if len(self.against) > 1 or len(self.until) > 1:
            raise PlanError("Groups are compared with one of them, and mean times go up to one time.")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How long people were followed: until the end of observation, an event being what cut it short."""

    cohort: Cohort
    time: str
    event: Condition
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class TableOne:
    """Several columns described at once, in all and in each group, with tests of the groups where they are asked for.

    `columns` keep their order, which is that of the table's rows; `by` is empty or one variable.
    """

    cohort: Cohort
    columns: tuple[str, ...]
    by: tuple[Variable, ...] = ()
    tests: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(dict.fromkeys(self.columns)))
        if not self.columns or len(self.by) > 1:
            raise PlanError("A table of characteristics needs at least one column, and at most one variable of groups.")


@dataclass(frozen=True, slots=True)
class Missingness:
    """How many values of each column are missing, in all or in each group, and which are missing together."""

    cohort: Cohort
    columns: tuple[str, ...]
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Regress:
    """How an outcome depends on several terms at once: the first is asked about, adjusted for the others.

    `exposure` names the column of the time over which the events of a model of counts were counted; empty where none.
    `modifiers` are terms by which the effect of the first may differ. `errors` and `intervals` are what was asked for
    by name: "model" keeps the errors that the family supposes where counts vary too much for them.
    """

    cohort: Cohort
    outcome: Variable
    terms: tuple[Variable, ...]
    family: Family
    exposure: str = ""
    modifiers: tuple[Variable, ...] = ()
    errors: Errors = ""
    intervals: Intervals = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "modifiers", tuple(dict.fromkeys(self.modifiers)))
        object.__setattr__(self, "terms", tuple(dict.fromkeys((*self.terms, *self.modifiers))))
        _refuse_own_modifier(self.terms, self.modifiers)


@dataclass(frozen=True, slots=True)
class Hazard:
    """How the hazard of an event depends on several terms at once: the first is asked about, adjusted for the others.

    Within `strata`, each has a hazard of its own. Of an event that a `competing` one makes impossible, it is the hazard
    of the subdistribution: who has had the competing event stays among those who have not had this one.
    `modifiers` are terms by which the effect of the first may differ, which is told for a `step` of so many units.
    `errors` is what was asked for rather than the model's own: robust, or clustered by person, of several rows each.
    """

    cohort: Cohort
    time: str
    event: Condition
    terms: tuple[Variable, ...]
    strata: tuple[Variable, ...] = ()
    competing: tuple[Condition, ...] = ()
    modifiers: tuple[Variable, ...] = ()
    errors: Errors = ""
    step: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.competing) > 1:
            raise PlanError("A hazard has one competing event at most.")
        if self.errors == "model":
            raise PlanError("A hazard has its model's own errors unless others are asked for.", "Leave them out.")
        if self.competing and self.errors:
            raise PlanError("The hazard of an event that another competes with has robust errors of its own.")
        object.__setattr__(self, "modifiers", tuple(dict.fromkeys(self.modifiers)))
        object.__setattr__(self, "terms", tuple(dict.fromkeys((*self.terms, *self.modifiers))))
        object.__setattr__(self, "step", tuple(map(float, self.step)))
        _refuse_own_modifier(self.terms, self.modifiers)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many events there are for each `per` person-years, or units of the time, in all or in each group.

    The event is a condition, which each row meets once at most, or a column that counts events; `time` is how long each
    was watched.
    """

    cohort: Cohort
    event: Variable
    time: str
    by: tuple[Variable, ...] = ()
    per: float = 100.0

    def __post_init__(self) -> None:
        if not 0 < self.per < float("inf"):
            raise PlanError("A rate is for each of some number of person-years that is above 0.")
        object.__setattr__(self, "per", float(self.per))


@dataclass(frozen=True, slots=True)
class Diagnose:
    """How well a test tells who has what a reference says, in all or in each group."""

    cohort: Cohort
    test: Condition
    reference: Condition
    by: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Discriminate:
    """How well the numbers of a marker tell those with an event from those without; `other` is a second marker."""

    cohort: Cohort
    marker: str
    event: Condition
    other: str = ""


@dataclass(frozen=True, slots=True)
class Agree:
    """Whether two columns say the same of the same persons: two readings, raters or methods of measurement."""

    cohort: Cohort
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Incidence:
    """How many have had an event by which time, where a competing event makes it impossible from then on.

    In all or in each group; `at` are times, in the time column's own unit.
    """

    cohort: Cohort
    time: str
    event: Condition
    competing: Condition
    by: tuple[Variable, ...] = ()
    at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(sorted({float(time) for time in self.at})))


@dataclass(frozen=True, slots=True)
class Trend:
    """How a number goes over the periods of a date: how many rows, the mean of a column, or the share with a condition.

    `of` is the column or the condition; empty where rows are counted. `by` is empty or one variable.
    """

    cohort: Cohort
    date: str
    period: Period
    of: Variable = ""
    by: tuple[Variable, ...] = ()

    def __post_init__(self) -> None:
        if len(self.by) > 1:
            raise PlanError("A trend can be split by at most one variable.")


@dataclass(frozen=True, slots=True)
class Extremes:
    """The `most` highest or lowest values of a column of numbers, and how many have each."""

    cohort: Cohort
    column: str
    side: Side
    most: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.most <= MOST_EXTREMES:
            raise PlanError(f"From 1 to {MOST_EXTREMES} values are shown.", "Ask for the distribution to see them all.")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was asked of a column of numbers by name: percentiles, the mode, ..., in all or in each group."""

    cohort: Cohort
    column: str
    measures: tuple[Measure, ...] = ()
    percentiles: tuple[float, ...] = ()
    by: tuple[Variable, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", tuple(dict.fromkeys(self.measures)))
        object.__setattr__(self, "percentiles", tuple(sorted({float(each) for each in self.percentiles})))
        if not self.measures and not self.percentiles:
            raise PlanError("What is to be measured is not said.", "Name a percentile, the mode or another measure.")
        if not all(0 < each < 100 for each in self.percentiles):  # noqa: PLR2004 - per cent
            raise PlanError("A percentile lies between 0 and 100.", "Ask for the range to see the least and the most.")


def _refuse_own_modifier(terms: tuple[Variable, ...], modifiers: tuple[Variable, ...]) -> None:
    if terms and terms[0] in modifiers:
        raise PlanError("A term cannot change its own effect.", "Name another term that may.")
