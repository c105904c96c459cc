"""Recasting: the question before as another kind of question of the same columns: adjusted, tested, described."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.following.altering import Ways, groups_of, levels_left
from clinical_nb.ask.following.turns import Shown
from clinical_nb.ask.language.lexicon import Phrase
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.rules.survival import points_in_unit
from clinical_nb.plan import (
    Compare,
    Condition,
    Correlate,
    Describe,
    Hazard,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Regress,
    Statistic,
    Survive,
    TableOne,
    Variable,
    columns_of,
)

_PAIR = 2
_NO_GROUPS = "The question before compares no groups. Ask for the groups first: '… by arm'."
_NO_EVENT = "That is of yes and no, in two groups. The question before is of something else."
_TWO_GROUPS = "That is of two groups, and the question before has {count}. Name the two: 'only A and B'."


@dataclass(frozen=True, slots=True)
class Recasting:
    """Makes another kind of plan of the same columns, by what they mean."""

    index: Index

    def adjust(self, plan: Plan, terms: Sequence[Variable]) -> Ways:
        """Return the comparison with other terms in one model."""
        model = self._model(plan)
        if isinstance(model, str):
            return model
        known = {column for each in model.terms for column in columns_of(each)}
        more = tuple(each for each in terms if not set(columns_of(each)) <= known)
        outcome = (model.outcome,) if isinstance(model, Regress) else (model.time, model.event)
        taken = {column for each in outcome for column in columns_of(each)}
        if any(taken & set(columns_of(each)) for each in more):
            return "What is compared cannot be adjusted for itself."
        return (replace(model, terms=(*model.terms, *more)),)

    def summarise(self, plan: Plan, statistics: tuple[Statistic, ...]) -> Ways:
        """Return how the same column is distributed, by these statistics."""
        asked = tuple(dict.fromkeys(statistics))
        match plan:
            case Describe():
                return (replace(plan, statistics=asked),)
            case Compare(cohort, str() as outcome, by) if self.index.columns[outcome].kind == "numeric":
                return (Describe(cohort, outcome, (by,), asked),)
            case Survive() if asked == ("median",):
                return (replace(plan, at=()),)
            case _:
                return "What was asked before has no such statistic. Ask the whole question."

    def at(self, plan: Plan, times: tuple[float, ...], unit: Phrase) -> Ways:
        """Return time until an event with the shares at these times."""
        if not isinstance(plan, Survive):
            return "The question before is not of time until an event. Ask the whole question."
        points = points_in_unit(self.index, plan.time, (times, unit))
        return (replace(plan, at=points),) if points else f"'{plan.time}' cannot be said in that unit."

    def show(self, plan: Plan, what: Shown, column: str = "") -> Ways:  # noqa: PLR0911 - one return a kind of thing
        """Return the plan whose answer has a test, a measure or a figure of what was asked before."""
        if column and column not in groups_of(plan):
            return "The question before is not by that. Ask the whole question."
        match what:
            case "figure" | "interval":
                return (plan,)
            case "pvalue" | "significant":
                return self.test(plan)
            case "pairs":
                return self._pairs(plan)
            case "curve" if isinstance(plan, Survive):
                return (replace(plan, at=()),)
            case "curve":
                return "A curve is of time until an event. Ask for one: 'survival curve by arm'."
            case "hazardratio":
                return self._hazard_ratio(plan)
            case "oddsratio" if isinstance(plan, Regress) and plan.family == "logistic":
                return (plan,)
            case "oddsratio" | "riskratio" | "riskdifference" | "nnt":
                return self._effect(plan)

    def test(self, plan: Plan) -> Ways:
        """Return the plan that tests whether the groups differ."""
        match plan:
            case Compare() | Regress() | Hazard() | Correlate() | Pair():
                return (plan,)
            case Survive() if plan.by:
                return (replace(plan, at=()),)
            case TableOne() if plan.by:
                return (replace(plan, tests=True),)
            case Proportion(cohort, event, (by,)):
                return (Compare(cohort, event, by),)
            case Describe(cohort, column, (by,)) if self.index.columns[column].kind != "text":
                return (Compare(cohort, column, by),)
            case _:
                return _NO_GROUPS

    def _pairs(self, plan: Plan) -> Ways:
        if len(groups_of(plan)) != 1:
            return _NO_GROUPS
        tested = self.test(plan)
        if isinstance(tested, str) or self._count_groups(plan) == _PAIR:
            return tested
        (compared,) = tested
        if not isinstance(compared, Compare):
            return "Pairs of groups are asked for one at a time: 'only A and B'."
        return (replace(compared, pairwise="holm"),)

    def _effect(self, plan: Plan) -> Ways:
        """Return the comparison of two groups by what happened, whose answer has differences and ratios of risks."""
        tested = self.test(plan)
        if isinstance(tested, str):
            return tested
        (compared,) = tested
        if not isinstance(compared, Compare):
            return _NO_EVENT
        outcome = compared.outcome
        if isinstance(outcome, str) and self.index.columns[outcome].kind != "binary":
            return _NO_EVENT
        count = self._count_groups(compared)
        return tested if count == _PAIR else _TWO_GROUPS.format(count=count)

    def _hazard_ratio(self, plan: Plan) -> Ways:
        match plan:
            case Hazard():
                return (plan,)
            case Survive() if len(plan.by) == 1:
                return (replace(plan, at=()),)
            case Survive():
                return _NO_GROUPS
            case _:
                return "A hazard ratio is of time until an event, which the question before is not about."

    def _model(self, plan: Plan) -> Regress | Hazard | str:
        match plan:
            case Regress() | Hazard():
                return plan
            case Survive(cohort, time, event, (by,)):
                return Hazard(cohort, time, event, (by,), plan.strata)
            case Proportion(cohort, event, (by,)):
                return Regress(cohort, event, (by,), "logistic")
            case Compare(cohort, outcome, by) | Describe(cohort, outcome, (by,)):
                return self._regress(plan, outcome, by)
            case _:
                return _NO_GROUPS

    def _regress(self, plan: Plan, outcome: Variable, by: Variable) -> Regress | str:
        if isinstance(outcome, str) and self.index.columns[outcome].kind == "numeric":
            return Regress(plan.cohort, outcome, (by,), "linear")
        event = self._event(outcome)
        if event is None:
            return "Only what is a number, or yes or no, can be adjusted for something."
        return Regress(plan.cohort, event, (by,), "logistic")

    def _event(self, outcome: Variable) -> Condition | None:
        if not isinstance(outcome, str):
            return outcome
        yes = self.index.polar(outcome, positive=True)
        return None if yes is None else OneOf(outcome, (yes,))

    def _count_groups(self, plan: Plan) -> int:
        (by,) = groups_of(plan)
        return levels_left(self.index, by, plan.cohort.where) if isinstance(by, str) else _PAIR
