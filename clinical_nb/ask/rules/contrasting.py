"""Rules for groups that are held against each other in ordinary words: survivors, the others, men minus women."""

# A rule's build gets what its pattern names, which no type can say:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.language.lexicon import spoken
from clinical_nb.ask.language.parsing import Rule
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import DIED, GROUPABLE, LevelLink
from clinical_nb.ask.rules.conditions import negated
from clinical_nb.ask.rules.scopes import Contrast, held_levels
from clinical_nb.plan import Compare, Condition, OneOf, Plan, columns_of

Comparing = Callable[..., Plan | None]
_PAIR = 2


def contrasting_rules(index: Index, compare: Comparing) -> tuple[Rule, ...]:
    """Return the rules of the phrases `contrast` and `asked` for what is held against each other.

    `compare` makes the plan of an outcome, a contrast and a scope.
    """

    def comparing(pattern: str) -> Rule:
        """Read a pattern that names an outcome, and a contrast as `grouped`, `groups` or `contrast`."""
        names = [part.removesuffix("?") for part in pattern.split()]
        places = [
            next(at for at, name in enumerate(names) if name in options)
            for options in (("outcome",), ("grouped", "groups", "contrast", "alone"), ("scope",))
        ]
        return Rule(
            "asked", pattern, lambda *parts: compare(*(parts[place] for place in places), ratios="ratios" in parts)
        )

    of = Contrasts(index)
    return (
        *map(comparing, _PATTERNS),
        *(
            replace(rule, build=lambda *parts, of_any=rule.build: _of_means(index, of_any(*parts)))
            for rule in map(comparing, _OF_MEANS)
        ),
        Rule(
            "asked",
            "@does condition @verb @article? @higher outcome @than condition remark?",
            lambda *parts: compare(parts[5], of.contrast(parts[1], parts[7]), None, ratios=False),
        ),
        Rule(
            "asked",
            "@article? @ratio @of? outcome @ratioin condition remark?",
            lambda *parts: compare(parts[3], of.having(parts[5]), None, ratios=True) if of.happens(parts[3]) else None,
        ),
        *_group_rules(of),
    )


_PATTERNS = (
    "@riskof outcome @prep contrast scope? remark?",
    "@compare contrast @colon outcome scope? remark?",
    "@does alone @verb @article? @higher outcome scope? remark?",
    "@does outcome @rate? @riseswith grouped scope? remark?",
    "outcome @rate @prep contrast scope? remark?",
    "@differenceof outcome groups scope? remark?",
    "outcome @differenceword groups scope? remark?",
    "outcome @differenceword @colon? contrast scope? remark?",
    "@does grouped @affect outcome scope? remark?",
    "@effecton grouped @on outcome scope? remark?",
    "@effecton contrast @on outcome scope? remark?",
    "grouped @andwith outcome scope? @comma? @anyassociation",
    "@does outcome @similar groups scope? remark?",
    "@does outcome @similar @prep contrast scope? remark?",
)


_OF_MEANS = (
    "@meandifference outcome groups scope? remark?",
    "@meandifference outcome @colon? contrast scope? remark?",
    "@mean outcome @differenceword groups scope? remark?",
    "@mean outcome @differenceword @colon? contrast scope? remark?",
)


def _group_rules(of: "Contrasts") -> Sequence[Rule]:
    return (
        Rule("alone", "condition", of.against_others),
        Rule("contrast", "LEVEL between LEVEL between levels", lambda *parts: of.several((*parts[::2][:2], *parts[4]))),
        Rule("levels", "LEVEL", lambda level: (level,)),
        Rule("levels", "LEVEL between levels", lambda level, _, more: (level, *more)),
        Rule("contrast", "condition @versus @survivors", lambda one, _, __: of.dead_or_not(one)),
        Rule("contrast", "@prep? @survivors @versus condition", lambda _, __, ___, other: of.dead_or_not(other)),
        Rule("contrast", "@prep? @survivors @versus @nonsurvivors", lambda *_: of.dead_or_not(None)),
        Rule("contrast", "@prep? @nonsurvivors @versus @survivors", lambda *_: of.dead_or_not(None)),
    )


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Makes the groups that are held against each other in one table; None where the parts make none."""

    index: Index

    def contrast(self, one: Condition, other: Condition) -> Contrast | None:
        """Return two levels of one column, leaving out its other levels; or a condition and its contrary."""
        if other == negated(one) and isinstance(one, OneOf):
            left = tuple(each.value for each in self.index.columns[one.column].levels if each.value not in one.values)
            return Contrast(one.column, (), left) if self.halves(one.column) else Contrast(one)
        return held_levels(self.index, one, other)

    def against_others(self, condition: Condition) -> Contrast | None:
        """Hold who has a level against the others: "is it higher in women"."""
        if not isinstance(condition, OneOf) or len(condition.values) != 1:
            return None
        return Contrast(condition.column if self.index.columns[condition.column].kind == "binary" else condition)

    def several(self, levels: Sequence[LevelLink]) -> Contrast | None:
        """Return three levels of one column or more, which are held against each other: "in A, B and C"."""
        columns, values = {level.column for level in levels}, tuple(dict.fromkeys(level.value for level in levels))
        if len(columns) != 1 or len(values) < len(levels):
            return None
        column = columns.pop()
        everybody = len(values) == len(self.index.columns[column].levels)
        return Contrast(column, () if everybody else (OneOf(column, values),))

    def having(self, condition: Condition) -> Contrast | None:
        """Hold those for whom something is so against all others; of arms it may be what the ratio is among."""
        if not isinstance(condition, OneOf) or len(condition.values) != 1:
            return None
        arms = {name for name, column in self.index.columns.items() if column.role == "arm"}
        if arms - {condition.column}:
            return None
        is_yes = self.index.polar(condition.column, positive=True) == condition.values[0]
        return Contrast(condition.column if is_yes else condition)

    def happens(self, outcome: str | OneOf) -> bool:
        """Tell whether something is so or not of a person: no arm, and no sex."""
        column = outcome if isinstance(outcome, str) else outcome.column
        return self.index.columns[column].role != "arm" and self.index.polar(column, positive=True) is not None

    def halves(self, column: str) -> Contrast | None:
        """Return those for whom a yes/no column says yes, and no."""
        return Contrast(column) if self.index.polar(column, positive=True) is not None else None

    def holders(self, level: LevelLink) -> Contrast:
        """Return those with a level and those without it; of a yes/no column its two halves."""
        return self.halves(level.column) or Contrast(OneOf(level.column, (level.value,)))

    def dead_or_not(self, condition: Condition | None) -> Contrast | None:
        """Return those who died and those who are known not to have: who survived, where nothing else is called so."""
        deaths = self._deaths()
        if len(deaths) != 1 or condition not in (None, deaths[0]):
            return None
        return self.against_others(deaths[0])

    def _deaths(self) -> list[OneOf]:
        """Return each level that says that somebody died, of whatever cause."""
        found: list[OneOf] = []
        for name, column in self.index.columns.items():
            yes = self.index.polar(name, positive=True)
            is_called = any(self.index.lexicon.canonical(phrase) == DIED for phrase in self.index.named[name])
            for level in column.levels if column.kind in GROUPABLE else ():
                is_said = self.index.lexicon.canonical(spoken(level.label))[:1] == DIED
                if is_said or (is_called and level.value == yes):
                    found.append(OneOf(name, (level.value,)))
        return found


def _of_means(index: Index, plan: Plan | None) -> Plan | None:
    """Return a comparison of numbers by their means, where these were asked for."""
    if not isinstance(plan, Compare) or index.columns[columns_of(plan.outcome)[0]].kind != "numeric":
        return None
    levels = len(index.columns[plan.by].levels) if isinstance(plan.by, str) else _PAIR
    return replace(plan, test="t_test_welch" if levels == _PAIR or plan.cohort.where else "anova_welch")
