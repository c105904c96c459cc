"""Rules for extremes and for groups that have the most: the oldest, the heaviest 3, the stage of the highest rate."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.linking.quantities import Bound
from clinical_nb.ask.rules.conditions import Conditions, bounded
from clinical_nb.ask.rules.scopes import Contrast, Scope
from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    Cohort,
    Compare,
    Condition,
    Count,
    Describe,
    Extremes,
    Measured,
    Plan,
    Proportion,
    Side,
    Statistic,
    all_of,
)

# what oldest, heaviest, tallest, thickest, largest, longest are of
_DEGREES = ("age", "weight", "height", "thickness", "size", "length")


def superlative_rules(index: Index, dataset: str, table: str) -> tuple[Rule, ...]:
    """Return the rules of the phrase `asked` for what is highest or lowest of persons and of groups."""
    of = _Superlatives(index, dataset, table)
    return (
        *(rule for noun in _DEGREES for rule in _degree_rules(of, noun)),
        Rule("atom", "@weighing range", lambda _, bounds: of.weighing(bounds)),
        Rule("owner", "@article? @people", lambda *_: ()),
        Rule("owner", "@young", lambda _: ("birth",)),
        Rule("owner", "WORD", lambda word: (word,)),
        Rule("places", "NUMBER", lambda number: int(number) if number.is_integer() else None),
        Rule("places", "HOWMANY", lambda number: number),
        Rule("topgroup", "@whichgroup? @article? COLUMN @hasthemost", lambda _, __, column, ___: column),
        Rule("asked", "topgroup @article? @people scope?", lambda by, _, __, scope: of.most(by, (), scope)),
        Rule("asked", "topgroup conditions", lambda by, where: of.most(by, where, None)),
        Rule("asked", "topgroup WORD scope?", of.most_of),
        Rule("asked", "best @howmany conditions", lambda by, _, where: of.most(by, where, None)),
        Rule("best", "@whichgroup? @article? COLUMN @hasextreme", lambda _, __, column, ___: column),
        Rule("best", "@topgroups places? COLUMN @bywhich", lambda _, __, column, ___: column),
        Rule("asked", "best statistic? @of? COLUMN scope?", lambda by, one, _, *rest: of.mean(by, one, *rest)),
        Rule("asked", "best atomic @rate? scope?", lambda by, event, _, scope: of.share(by, event, scope)),
        Rule("asked", "best @rateof atomic scope?", lambda by, _, event, scope: of.share(by, event, scope)),
    )


def _degree_rules(of: "_Superlatives", noun: str) -> Sequence[Rule]:
    """Read the oldest patient, the heaviest 3 babies, the youngest and oldest age: values, and never whose they are."""
    high, low = f"@{noun}highest", f"@{noun}lowest"

    def values_of(side: Side) -> Rule:
        return Rule(
            "asked", f"@ofthe? @article? @{noun}{side} places? conditions",
            lambda _, __, ___, number, where: of.extreme(of.column(noun, (), None), side, number, Scope(where)),
        )  # fmt: skip

    def first_values(side: Side) -> Rule:
        return Rule(
            "asked", f"@article? places @{noun}{side} owner COLUMN? scope?",
            lambda _, number, __, owner, named, scope: of.extreme(of.column(noun, owner, named), side, number, scope),
        )  # fmt: skip

    def values(side: Side) -> Rule:
        return Rule(
            "asked", f"@ofthe? @article? @{noun}{side} places? owner COLUMN? scope?",
            lambda _, __, ___, number, owner, named, scope: of.extreme(
                of.column(noun, owner, named), side, number, scope
            ),
        )  # fmt: skip

    return (
        *(build(side) for build in (values, values_of, first_values) for side in get_args(Side)),
        *(
            Rule(
                "asked", f"@article? {one} @and @article? {other} owner? COLUMN? scope?",
                lambda _, __, ___, ____, _____, owner, named, scope: of.range(of.column(noun, owner, named), scope),
            )
            for one, other in ((high, low), (low, high))
        ),
        Rule(
            "asked", f"@does alone @verb @article? @{noun}more owner remark?",
            lambda _, held, __, ___, ____, owner, _____: of.compare(of.column(noun, owner, None), held, None),
        ),
        Rule(
            "asked", f"@does @{noun}more owner @higher @prep alone",
            lambda _, __, owner, ___, ____, held: of.compare(of.column(noun, owner, None), held, None),
        ),
        *(
            Rule(
                "asked", f"@does owner @{noun}more @prep {held}",
                lambda _, owner, __, ___, held: of.compare(of.column(noun, owner, None), held, None),
            )
            for held in ("alone", "contrast")
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Superlatives:
    """Builds plans; None where it is open which column is meant."""

    index: Index
    dataset: str
    table: str

    def column(self, noun: str, owner: Sequence[str] | None, named: str | None) -> str | None:
        """Return the one column of numbers that an adjective is of: the birth weight of the lightest baby."""
        is_age = noun == "age" and not owner
        found = self.index.age if is_age else self.index.one_column((*(owner or ()), noun))
        return found if found and self.index.columns[found].kind == "numeric" and named in (None, found) else None

    def weighing(self, bounds: Sequence[Bound]) -> Condition | None:
        """Return a range of the weight, or where there is no other of that at birth."""
        found = self.column("weight", None, None) or self.column("weight", ("birth",), None)
        return bounded(self.index, found, bounds) if found else None

    def extreme(self, column: str | None, side: Side, number: int | None, scope: Scope | None) -> Plan | None:
        """Return the highest or the lowest values."""
        scope = scope or Scope()
        try:
            is_asked = column and not scope.by
            return Extremes(self._cohort(scope.where), column, side, number or 1) if is_asked and column else None
        except PlanError:  # more than are shown
            return None

    def range(self, column: str | None, scope: Scope | None) -> Plan | None:
        """Return the lowest and the highest."""
        scope = scope or Scope()
        return Describe(self._cohort(scope.where), column, scope.by, ("range",)) if column else None

    def compare(self, column: str | None, contrast: Contrast, scope: Scope | None) -> Plan | None:
        """Return in which groups it is more."""
        scope = scope or Scope()
        is_asked = column and not scope.by
        return Compare(self._cohort(contrast.where + scope.where), column, contrast.by) if is_asked and column else None

    def most(self, by: str, where: Conditions, scope: Scope | None) -> Plan | None:
        """Return how many each group has of which one has the most; of numbers the one that is most frequent."""
        scope = scope or Scope()
        cohort = self._cohort(where + scope.where)
        if scope.by:
            return None
        kind = self.index.columns[by].kind
        return (
            Count(cohort, (by,))
            if kind in GROUPABLE
            else Measured(cohort, by, ("mode",))
            if kind == "numeric"
            else None
        )

    def most_of(self, by: str, word: str, scope: Scope | None) -> Plan | None:
        """Return the same of what a column says happened then: operations, of the year of operation."""
        return self.most(by, (), scope) if any(word in phrase for phrase in self.index.named[by]) else None

    def mean(self, by: str, one: Statistic | None, column: str, scope: Scope | None) -> Plan | None:
        """Return a statistic of each group, the mean where none is named."""
        scope = scope or Scope()
        is_asked = self.index.columns[column].kind == "numeric" and self._makes_groups(by) and not scope.by
        return Describe(self._cohort(scope.where), column, (by,), (one or "mean",)) if is_asked else None

    def share(self, by: str, event: Conditions, scope: Scope | None) -> Plan | None:
        """Return what share of each group has something."""
        scope = scope or Scope()
        is_asked = self._makes_groups(by) and not scope.by
        return Proportion(self._cohort(scope.where), all_of(*event), (by,)) if is_asked else None

    def _makes_groups(self, column: str) -> bool:
        return self.index.columns[column].kind in GROUPABLE

    def _cohort(self, where: Conditions) -> Cohort:
        return Cohort(self.dataset, self.table, where)
