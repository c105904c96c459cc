"""Altering: the question before about others, in other groups, or of something else, in each way that can be meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.rules.conditions import Conditions, negated
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Change,
    Compare,
    Condition,
    Correlate,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    FollowUp,
    Hazard,
    Incidence,
    Margin,
    Missingness,
    NoneOf,
    NoRow,
    OneOf,
    Plan,
    Proportion,
    Rate,
    Regress,
    Stratified,
    Survive,
    TableOne,
    Threshold,
    Trend,
    Variable,
    any_of,
    columns_of,
    parts_of,
)

Ways = tuple[Plan, ...] | str  # the plans that can be meant; or, where there is none, why
_Grouped = (
    Count | Proportion | Describe | Survive | FollowUp | Missingness | Rate | Incidence | Diagnose | Trend
)  # in any groups, or in none
_FEWEST = 2  # groups that can be compared
NOBODY = "That leaves nobody of those whom the question before was about."


@dataclass(frozen=True, slots=True)
class Altering:
    """Changes whom a plan is about, its groups, or what it is of, by what its columns mean."""

    index: Index

    def restrict(self, plan: Plan, where: Conditions) -> Ways:
        """Return the plan of those for whom this holds too, in place of what was said of the same columns."""
        if self._is_asked(plan, where):
            return "That is what was asked about before, and so no restriction of it. Ask the whole question."
        ways: list[Conditions] = [plan.cohort.where]
        for new in _by_column(where):
            ways = [one for way in ways for one in _replaced(way, new)]
        return self._among(plan, ways, where)

    def exclude(self, plan: Plan, whom: Conditions) -> Ways:
        """Return the plan without those for whom this holds: of several things, without either, or without both."""
        if self._is_asked(plan, whom):
            return "That is what was asked about before: without it there is nothing to ask. Ask the whole question."
        flat = _flat(whom)
        denied = [negated(each) for each in flat]
        if not flat or None in denied:
            return "It is open who is to be left out. Leave out one thing at a time."
        known = tuple(each for each in denied if each is not None)
        ways = [known] if len(known) == 1 else [known, (any_of(*known),)]
        kept = [_narrowed(plan.cohort.where, way) for way in ways]
        if None in kept:
            return NOBODY
        return self._among(plan, [each for each in kept if each is not None], flat)

    def lack(self, plan: Plan, whom: Condition) -> Ways:
        """Return the plan without those, and the plan of those without it instead of those with it."""
        denied = negated(whom)
        if denied is None:
            return "It is open who is to be left out. Leave out one thing at a time."
        ways = [each for each in (self.exclude(plan, (whom,)), self.restrict(plan, (denied,))) if each != NOBODY]
        return join_ways(ways)

    def whole(self, plan: Plan) -> Ways:
        """Return the plan without its groups, and the plan of all: what "overall" leaves out."""
        groups = groups_of(plan)
        everybody = replace(plan, cohort=replace(plan.cohort, where=()))
        without = self._without_groups(plan) if groups else None
        if not plan.cohort.where:
            return (without,) if without else "The question before was about all, and not in groups."
        if without is None:
            return (everybody,)
        return (without, everybody, replace(without, cohort=everybody.cohort))

    def group(self, plan: Plan, by: tuple[Variable, ...], *, more: bool) -> Ways:
        """Return the plan in other groups; the cohort is no longer of only one of these."""
        columns = {column for each in by for column in columns_of(each)}
        if columns & {column for each in asked_of(plan) for column in columns_of(each)}:
            return "That is what was asked about before, and so makes no groups of it."
        where = tuple(each for each in plan.cohort.where if not (columns & set(columns_of(each)) and _is_single(each)))
        cohort = replace(plan.cohort, where=where)
        match plan:
            case Compare() if len(by) == 1 and not more:
                return (replace(plan, cohort=cohort, by=by[0], against=()),)
            case TableOne() if len(by) == 1 and not more:
                left = tuple(each for each in plan.columns if each not in columns)
                return (replace(plan, cohort=cohort, by=by, columns=left),) if left else "No other columns are left."
            case _ if isinstance(plan, _Grouped):
                groups = (*plan.by, *(each for each in by if each not in plan.by)) if more else by
                return (replace(plan, cohort=cohort, by=groups),)
            case _:
                return "What was asked before has no such groups. Ask the whole question."

    def topic(self, plan: Plan, of: Variable) -> Ways:
        """Return the plan of something else: of another level or column in the place of the one before."""
        return self._other_column(plan, of) if isinstance(of, str) else self._other_condition(plan, of)

    def _other_condition(self, plan: Plan, of: Condition) -> Ways:
        columns = set(columns_of(of))
        events = [each for each in events_of(plan) if columns & set(columns_of(each))]
        held = any(columns & set(columns_of(each)) for each in plan.cohort.where)
        ways: list[Ways] = []
        if events and not held:
            return _with_event(plan, of)
        if events:
            ways.append(_with_event(plan, of))
        ways.append(self.restrict(plan, (of,)))
        grouped = any(columns & set(columns_of(each)) for each in groups_of(plan))
        if isinstance(of, OneOf) and not (events or held or grouped):  # "over 65" is of whom, and not what happened
            if isinstance(plan, Proportion) or (isinstance(plan, Compare) and not isinstance(plan.outcome, str)):
                ways.insert(0, _with_event(plan, of))
            if isinstance(plan, Count) and plan.cohort.where and not plan.by:
                ways.insert(0, (replace(plan, cohort=replace(plan.cohort, where=(of,))),))
        return join_ways(ways)

    def _other_column(self, plan: Plan, of: str) -> Ways:
        """Return the plan of another column: it may be measured, and it may make the groups."""
        is_number = self.index.columns[of].kind == "numeric"
        ways: list[Ways] = []
        taken = {column for each in plan.cohort.where for column in columns_of(each)}
        if of not in taken:
            ways = [(each,) for each in self._measuring(plan, of, is_number=is_number)]
        if not is_number and self.index.columns[of].kind in GROUPABLE:
            ways.append(self.group(plan, (of,), more=False))
        return join_ways(ways) if ways else "It is open what is to be asked of it. Ask the whole question."

    def _measuring(self, plan: Plan, of: str, *, is_number: bool) -> list[Plan]:  # noqa: PLR0911 - one a kind of plan
        groups = {column for each in groups_of(plan) for column in columns_of(each)}
        if of in groups:
            return []
        match plan:
            case Describe() if is_number:
                return [replace(plan, column=of)]
            case Describe():
                return [replace(plan, column=of, statistics=())]
            case Compare():
                return [replace(plan, outcome=of)]
            case Discriminate() if is_number and not plan.other:
                return [replace(plan, marker=of)]
            case Correlate() if is_number:
                pairs = [(of, plan.other), (plan.one, of)]
                return [replace(plan, one=one, other=other) for one, other in pairs if one != other]
            case Regress() if is_number and plan.family == "linear" and of not in plan.terms:
                return [replace(plan, outcome=of), replace(plan, terms=(of, *plan.terms[1:]))]
            case Regress() | Hazard() if of not in {name for each in plan.terms for name in columns_of(each)}:
                return [replace(plan, terms=(of, *plan.terms[1:]))]
            case _:
                return []

    def _among(self, plan: Plan, ways: Iterable[Conditions], said: Sequence[Condition]) -> Ways:
        """Return the plan about each of these; groups of which only one is left are groups no more."""
        left = replace(plan)
        for each in groups_of(plan):
            columns = set(columns_of(each)) & {column for condition in said for column in columns_of(condition)}
            if columns and any(levels_left(self.index, each, where) < _FEWEST for where in ways):
                without = self._without_groups(plan)
                if without is None or len(groups_of(plan)) > 1:
                    return "That leaves one of the groups that were compared before. Ask the whole question of it."
                left = without
        return tuple(replace(left, cohort=replace(left.cohort, where=where)) for where in ways)

    def _is_asked(self, plan: Plan, where: Conditions) -> bool:
        """Whether a condition is on the very levels that a plan asks about; of a number it can be a range."""
        asked = {each for each in asked_of(plan) if not isinstance(each, str) or self.index.columns[each].levels}
        columns = {column for each in asked for column in columns_of(each)}
        return any(columns & set(columns_of(each)) for each in where)

    def _without_groups(self, plan: Plan) -> Plan | None:
        match plan:
            case _ if isinstance(plan, _Grouped):
                return replace(plan, by=())
            case TableOne():
                return replace(plan, by=(), tests=False)
            case _:
                return None


def levels_left(index: Index, group: Variable, where: Conditions) -> int:
    """Return how many groups conditions leave of a column; of a condition on it, one."""
    if not isinstance(group, str):
        return 1
    levels = {level.value for level in index.columns[group].levels}
    for each in where:
        match each:
            case OneOf(column, values) if column == group:
                levels &= set(values)
            case NoneOf(column, values) if column == group:
                levels -= set(values)
            case _:
                pass
    return len(levels)


def groups_of(plan: Plan) -> tuple[Variable, ...]:
    """Return what makes the groups of a plan; a model has terms instead."""
    match plan:
        case Compare() | Change() | Stratified() | Margin():
            return (plan.by,)
        case _ if isinstance(plan, _Grouped | TableOne):
            return plan.by
        case _:
            return ()


def events_of(plan: Plan) -> Conditions:
    """Return the conditions that a plan asks about."""
    match plan:
        case Proportion(_, event):
            return (event,)
        case Survive() | FollowUp() | Hazard():
            return (plan.event,)
        case Incidence():
            return (plan.event, plan.competing)
        case Compare(_, outcome) | Regress(_, outcome):
            return () if isinstance(outcome, str) else (outcome,)
        case _:
            return ()


def asked_of(plan: Plan) -> tuple[Variable, ...]:
    """Return what a plan asks about, its groups apart."""
    match plan:
        case Describe(_, column):
            return (column,)
        case Compare(_, outcome):
            return (outcome,)
        case Survive() | FollowUp():
            return (plan.time, plan.event)
        case Count() | Proportion() | TableOne() | Correlate() | Missingness() | Regress() | Hazard():
            return events_of(plan)
        case _:
            parts = parts_of(plan)
            return tuple(each for name in parts.keys() - {"by", "strata"} for each in parts[name])


def join_ways(found: Iterable[Ways]) -> Ways:
    """Return the plans of several ways; where there is none, the first reason."""
    listed = list(found)
    plans = tuple(plan for each in listed if not isinstance(each, str) for plan in each)
    return plans or next(each for each in listed if isinstance(each, str))


def _with_event(plan: Plan, event: Condition) -> Ways:
    """Return the plan of another event."""
    if any(set(columns_of(event)) & set(columns_of(each)) for each in groups_of(plan)):
        return "That makes the groups of the question before."
    match plan:
        case Proportion() | Survive() | FollowUp() | Hazard():
            return (replace(plan, event=event),)
        case Compare() | Regress():
            return (replace(plan, outcome=event),)
        case _:
            return "It is open what is to be asked of it. Ask the whole question."


def _flat(conditions: Iterable[Condition]) -> list[Condition]:
    return [part for each in conditions for part in (each.conditions if isinstance(each, AllOf) else (each,))]


def _by_column(where: Conditions) -> list[list[Condition]]:
    """Return conditions by the columns that they are on, so that both ends of a range stay together."""
    grouped: dict[tuple[str, ...], list[Condition]] = {}
    for each in _flat(where):
        grouped.setdefault(columns_of(each), []).append(each)
    return list(grouped.values())


def _replaced(where: Conditions, new: Sequence[Condition]) -> list[Conditions]:
    """Return each way in which new conditions on some columns take the place of, or go with, the earlier ones."""
    columns = set(columns_of(new[0]))
    earlier = [each for each in where if columns & set(columns_of(each))]
    instead = (*(each for each in where if each not in earlier), *new)
    mixed = [each for each in earlier if isinstance(each, AnyOf | AnyRow | NoRow)] or len(columns) > 1
    if earlier and (mixed or _may_meet(earlier, new)):
        return [instead, (*where, *new)]
    return [instead]


def _may_meet(earlier: Sequence[Condition], new: Sequence[Condition]) -> bool:
    """Whether limits on both sides may be meant together: over 40 before, and now under 60."""
    sides = [each for each in (*earlier, *new) if isinstance(each, Threshold)]
    low = [_place_of(each.value) for each in sides if each.sign in (">", ">=")]
    high = [_place_of(each.value) for each in sides if each.sign in ("<", "<=")]
    one_sided = len(new) == 1 and len({each.sign[0] for each in earlier if isinstance(each, Threshold)}) == 1
    opposite = one_sided and len(low) > 0 and len(high) > 0
    return opposite and max(low) < min(high)


def _place_of(value: float | str) -> tuple[float, str]:
    """Return what sorts numbers, or days, of one column."""
    return (0.0, value) if isinstance(value, str) else (value, "")


def _narrowed(where: Conditions, denied: Conditions) -> Conditions | None:
    """Return conditions with others that must hold too; levels that are left out of a list of them are gone from it."""
    left = list(where)
    for each in denied:
        listed = next((one for one in left if isinstance(one, OneOf) and columns_of(one) == columns_of(each)), None)
        barred = next((one for one in left if isinstance(one, NoneOf) and columns_of(one) == columns_of(each)), None)
        if isinstance(each, NoneOf) and listed:
            values = tuple(value for value in listed.values if value not in each.values)
            if not values:
                return None
            left[left.index(listed)] = OneOf(listed.column, values)
        elif isinstance(each, NoneOf) and barred:
            left[left.index(barred)] = NoneOf(barred.column, barred.values + each.values)
        else:
            left.append(each)
    return tuple(left)


def _is_single(condition: Condition) -> bool:
    """Whether a condition leaves one level of its column, so that groups of that column take its place."""
    return isinstance(condition, OneOf) and len(condition.values) == 1
