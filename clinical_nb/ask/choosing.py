"""Choosing: which of the plans that a question makes are left out: those that contradict themselves, or say less."""

from clinical_nb.ask.rules.conditions import Conditions
from clinical_nb.plan import AllOf, Compare, Count, Hazard, NoneOf, OneOf, Plan, Proportion, Regress, parts_of


def contradicts(plan: Plan) -> bool:
    """Whether two conditions cannot both hold, or say one thing twice: two levels of a column that were said apart."""
    parts = (*plan.cohort.where, *(each for part in parts_of(plan).values() for each in part))
    levels = [each for each in parts if isinstance(each, OneOf)]
    columns = [each.column for each in levels]
    denied = {each.column for each in parts if isinstance(each, NoneOf)}
    return len(set(columns)) < len(columns) or not denied.isdisjoint(columns)


def fullest(plans: list[Plan]) -> list[Plan]:
    """Leave out the shares of groups that are compared too, which tells them and more; and models of fewer terms."""
    terms = max((len(plan.terms) for plan in plans if isinstance(plan, Regress | Hazard)), default=0)
    plans = [plan for plan in plans if not isinstance(plan, Regress | Hazard) or len(plan.terms) == terms]
    compared = [(plan.cohort, plan.outcome, plan.by) for plan in plans if isinstance(plan, Compare)]
    return [
        plan
        for plan in plans
        if not (
            isinstance(plan, Proportion) and len(plan.by) == 1 and (plan.cohort, plan.event, plan.by[0]) in compared
        )
    ]


def uncounted(plans: list[Plan]) -> list[Plan]:
    """Leave out the counts of persons whom a share counts too, which says of whom: "how many of the women died"."""
    shares = [(set(_all_conditions(plan)), plan.by) for plan in plans if isinstance(plan, Proportion)]
    return [
        plan for plan in plans if not isinstance(plan, Count) or (set(_all_conditions(plan)), plan.by) not in shares
    ]


def _all_conditions(plan: Count | Proportion) -> Conditions:
    if isinstance(plan, Count):
        return plan.cohort.where
    return plan.cohort.where + (plan.event.conditions if isinstance(plan.event, AllOf) else (plan.event,))
