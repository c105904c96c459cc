"""Timing: "log-rank for relapse" asks for the time until relapse, and is no question about those who had one."""

from collections.abc import Sequence
from dataclasses import replace

from clinical_nb.ask.language.words import Word
from clinical_nb.ask.linking.events import is_event
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.terminals import Terminals
from clinical_nb.plan import Count, Describe, FollowUp, Hazard, Incidence, OneOf, Plan, Rate, Survive

_OF_WHAT = frozenset({"for", "of", "to", "until", "till"})
_EITHER = frozenset({"or", "/", "either"})
_ARTICLES = frozenset({"the", "a", "an"})


def takes_event_for_condition(words: Sequence[Word], index: Index, plan: Plan) -> bool:
    """Tell whether a plan has as a condition what the question names as what is timed, or may be: "by arm for relapse".

    Of an event whose times no column has, there is no such plan: refused is better than another's.
    """
    if not isinstance(plan, Survive | Hazard | FollowUp):
        return False
    held = {each.column for each in plan.cohort.where if isinstance(each, OneOf)}
    named = [
        (target, start)
        for target, start, _ in Terminals(tuple(words), index).targets()
        if (target if isinstance(target, str) else target.column) in held and _is_said_of(words, start)
    ]
    return any(is_event(index, target) for target, _ in named)


def split_by_levels(plan: Plan, index: Index, words: Sequence[Word]) -> Plan:
    """Return a plan that is among all levels of a column as one in groups by it: "in men and women".

    So are persons counted in arms: "n in drug and placebo".
    """
    if isinstance(plan, Count) and not plan.by:
        arms = [each for each in plan.cohort.where if isinstance(each, OneOf) and _are_arms(each, index)]
        is_either = not _EITHER.isdisjoint(word.normal for word in words)
        return plan if is_either or len(arms) != 1 else replace(plan, by=(arms[0].column,))
    if not isinstance(plan, Survive | FollowUp | Incidence | Rate | Describe) or plan.by:
        return plan
    whole = [each for each in plan.cohort.where if isinstance(each, OneOf) and _is_all_levels(each, index)]
    if len(whole) != 1:
        return plan
    where = tuple(each for each in plan.cohort.where if each != whole[0])
    return replace(plan, cohort=replace(plan.cohort, where=where), by=(whole[0].column,))


def _is_all_levels(condition: OneOf, index: Index) -> bool:
    levels = index.columns[condition.column].levels if condition.column in index.columns else ()
    return len(levels) > 1 and {level.value for level in levels} == set(condition.values)


def _are_arms(condition: OneOf, index: Index) -> bool:
    is_arm = condition.column in index.columns and index.columns[condition.column].role == "arm"
    return is_arm and len(condition.values) > 1


def _is_said_of(words: Sequence[Word], start: int) -> bool:
    """Tell whether the words before a place are "for", "of the", "until an"; not "in", "with" or "who had"."""
    said = [word.normal for word in words[:start]]
    while said and said[-1] in _ARTICLES:
        said.pop()
    return bool(said) and said[-1] in _OF_WHAT
