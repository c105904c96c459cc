"""Effects: whether groups differ in an outcome, for whom more, within which strata, and by less than which margin."""

from collections.abc import Iterator

from clinical_nb.ask.language.lexicon import spoken
from clinical_nb.ask.language.words import root
from clinical_nb.ask.linking.naming import DIED
from clinical_nb.ask.linking.senses import OUTCOMES
from clinical_nb.ask.rules.analyses.asked import Asked, distinct
from clinical_nb.ask.rules.survival import Timed
from clinical_nb.plan import (
    Change,
    Compare,
    Hazard,
    Margin,
    OneOf,
    Plan,
    Proportion,
    Regress,
    Stratified,
    Survive,
    Variable,
    columns_of,
)

_PAIR = 2


def interaction(asked: Asked) -> Iterator[Plan]:
    """Yield models in which the effect of one term may differ by another, of what is asked or the study's outcome."""
    parts = asked.parts
    names = ("asks", "items", "aims", "effect", "by", "contrast", "given", "timed")
    is_asked = parts.asks & {"interaction", "modify", "subgroup"} or {"effect", "differs"} <= parts.asks
    if not is_asked or not asked.says_only(*names):
        return
    if not asked.asks_only("interaction", "modify", "subgroup", "effect", "differs"):
        return
    terms = (*parts.effect, *parts.items, *asked.groups)
    if len(terms) != _PAIR or len(parts.aims) + bool(parts.timed) > 1:
        return
    exposure, modifier = terms if asked.is_arm(terms[0]) or not asked.is_arm(terms[1]) else terms[::-1]
    if not all(asked.is_group(each) or asked.is_number(each) for each in terms):
        return
    outcomes = parts.aims or ((parts.timed,) if parts.timed else asked.main_outcomes())
    for outcome in outcomes:
        yield from _models(asked, outcome, (exposure, modifier, *parts.given))


def _models(asked: Asked, outcome: Variable | Timed, terms: tuple[Variable, ...]) -> Iterator[Plan]:
    """Yield the models of an outcome in which the second term changes the effect of the first."""
    modifier = terms[1:2]
    timed = outcome if isinstance(outcome, Timed) else None
    if timed is None and not isinstance(outcome, Timed):
        event = asked.event(outcome)
        if asked.is_number(outcome) and distinct(outcome, *terms):
            yield Regress(asked.cohort(), outcome, terms, "linear", modifiers=modifier)
        elif event and asked.happens(outcome) and distinct(event, *terms):
            yield Regress(asked.cohort(), event, terms, "logistic", modifiers=modifier)
            own = next((each for each in asked.main_outcomes() if isinstance(each, Timed)), None)
            timed = own if own and own.event == event else None
    if timed and distinct(timed.time, timed.event, *terms):
        yield Hazard(asked.cohort(), timed.time, timed.event, terms, modifiers=modifier)


def ratio(asked: Asked) -> Iterator[Plan]:
    """Yield an event compared between groups within strata; or, where only the arm is named, the study's outcome."""
    parts = asked.parts
    if not asked.asks_only("mantelhaenszel", "oddsratio", "share") or not asked.says_only(
        "asks", "items", "aims", "by", "contrast", "strata"
    ):
        return
    if parts.strata:
        yield from _within_strata(asked)
    elif asked.groups and all(map(asked.is_arm, asked.groups)) and not asked.pool:
        yield from _of_outcome(asked, asked.groups[0])
    elif not asked.groups and len(asked.pool) == 1 and asked.is_arm(asked.pool[0]):
        (named,) = asked.pool
        column = named if isinstance(named, str) else named.column if isinstance(named, OneOf) else ""
        if column and asked.index.columns[column].kind == "binary":
            yield from _of_outcome(asked, column)


def _of_outcome(asked: Asked, by: Variable) -> Iterator[Plan]:
    for outcome in asked.main_outcomes():
        event = None if isinstance(outcome, Timed) else asked.event(outcome)
        if event and distinct(event, by):
            against = asked.parts.contrast.against if asked.parts.contrast else ()
            yield Compare(asked.cohort(), event, by, against=against)


def _within_strata(asked: Asked) -> Iterator[Plan]:
    outcomes = [each for each in asked.pool if each not in asked.groups]
    groups = asked.groups
    if not groups and len(outcomes) == _PAIR:  # "odds ratio of death for the arm"
        groups = tuple(each for each in outcomes if asked.is_arm(each))
        outcomes = [each for each in outcomes if each not in groups]
    if len(groups) != 1 or len(outcomes) != 1 or not asked.happens(outcomes[0]):
        return
    event = asked.event(outcomes[0])
    if event and distinct(event, groups[0], *asked.parts.strata) and not _is_turned(asked):
        yield Stratified(asked.cohort(), event, groups[0], asked.parts.strata)


def _is_turned(asked: Asked) -> bool:
    """Tell whether a group is to be held against another that is not surely the reference within strata."""
    contrast = asked.parts.contrast
    if contrast is None or not contrast.against or not isinstance(contrast.by, str):
        return False
    by, reference = contrast.by, OneOf(contrast.by, contrast.against)
    others = [level.value for level in asked.index.columns[by].levels if level.value not in contrast.against]
    return len(others) != 1 or not _is_reference(asked, OneOf(by, (others[0],)), reference)


def adjusted_odds(asked: Asked) -> Iterator[Plan]:
    """Yield the odds of an event by what is named beside it, adjusted for the others; both ways where that is open."""
    given = asked.parts.given
    named = ("asks", "items", "aims", "effect", "by", "contrast", "given")
    if not given or not asked.asks_only("odds") or not asked.says_only(*named):
        return
    groups = asked.held_terms or (*asked.parts.effect, *asked.groups)
    pool = [each for each in asked.pool if each not in asked.groups]
    if len(groups) + len(pool) != _PAIR or not pool:
        return
    pairs = [(pool[0], groups[0])] if groups else _outcomes_first(asked, pool)
    for outcome, term in pairs:
        event, by = asked.event(outcome), asked.term(term)
        if event and distinct(event, by, *given):
            yield Regress(asked.cohort(), event, (by, *given), "logistic")


def _outcomes_first(asked: Asked, pool: list[Variable]) -> list[tuple[Variable, Variable]]:
    """Return which of two is what comes out, with the other: what people do or are comes before."""
    one, other = pool
    ways = [(one, other), (other, one)]
    told = [way for way in ways if _comes_out(asked, way[0])]
    may = [way for way in ways if asked.event(way[0]) and asked.happens(way[0]) and not _comes_before(asked, way[0])]
    return told if len(told) == 1 else may


def _comes_out(asked: Asked, item: Variable) -> bool:
    (column, *_) = columns_of(item)
    is_death = any(DIED[0] in asked.index.lexicon.canonical(phrase) for phrase in asked.index.named[column])
    return is_death or asked.index.columns[column].role in OUTCOMES


def _comes_before(asked: Asked, item: Variable) -> bool:
    said = {root(word) for phrase in asked.index.named[columns_of(item)[0]] for word in phrase}
    return not said.isdisjoint(asked.index.lexicon.exposures)


def strata_of_times(asked: Asked) -> Iterator[Plan]:
    """Yield time until an event by groups, which are compared within strata only."""
    timed, strata = asked.parts.timed, asked.parts.strata
    is_asked = asked.asks_only("curve") and asked.says_only("asks", "timed", "by", "contrast", "strata")
    if timed and strata and is_asked and len(asked.groups) == 1 and distinct(*asked.groups, *strata):
        yield Survive(asked.cohort(), timed.time, timed.event, asked.groups, strata)


def margin(asked: Asked) -> Iterator[Plan]:
    """Yield whether one group is no worse than another by a stated margin; where more may be good or bad, both."""
    parts = asked.parts
    named = ("asks", "items", "aims", "ordered", "number", "unit", "better", "contrast", "by")
    if parts.number is None or not asked.says_only(*named) or not asked.asks_only("noninferior", "equivalent"):
        return
    is_noninferior = "noninferior" in parts.asks
    if is_noninferior and "equivalent" in parts.asks:
        return
    column = _held(asked)
    found = [each for each in asked.pool if column not in (each, getattr(each, "column", None))]
    if not column or len(found) > 1:
        return
    for outcome in found or [each for each in asked.main_outcomes() if not isinstance(each, Timed)]:
        shown = outcome if asked.is_number(outcome) else asked.event(outcome)
        margin = _margin(asked, outcome)
        if shown is None or margin is None or not distinct(shown, column):
            continue
        if not is_noninferior:
            yield Margin(asked.cohort(), shown, column, margin, "equivalence")
            continue
        for better in [parts.better] if parts.better else ["higher", "lower"]:
            yield Margin(
                asked.cohort(), shown, column, margin, "noninferiority", "higher" if better == "higher" else "lower"
            )


def _held(asked: Asked) -> str:
    """Return the column of the groups, where the second that is named is the one that the analysis compares with."""
    parts = asked.parts
    if parts.ordered:
        one, other = parts.ordered
        is_right = asked.index.columns[one.column].kind == "binary"
        is_right &= "equivalent" in parts.asks or _is_reference(asked, one, other)
        return one.column if is_right and not asked.groups else ""
    (group,) = asked.groups if len(asked.groups) == 1 else ("",)
    is_known = "equivalent" in parts.asks or _has_control(asked, group)
    return group if is_known and isinstance(group, str) else ""


def _has_control(asked: Asked, group: Variable) -> bool:
    """Tell whether a column has two levels, of which one is surely what the other is held against."""
    levels = asked.index.columns[group].levels if isinstance(group, str) and group and asked.is_group(group) else ()
    if len(levels) != _PAIR:
        return False
    return sum(not asked.references.isdisjoint(spoken(each.label)) for each in levels) == 1


def _is_reference(asked: Asked, one: OneOf, other: OneOf) -> bool:
    """Tell whether a level is surely what the other is compared with: a control, or the first by code and by label."""
    column = asked.index.columns[one.column]
    first, second = (set(spoken(column.label_of(each.values[0]))) & asked.references for each in (one, other))
    if first or second:
        return bool(second) and not first
    values = [level.value for level in column.levels]
    return values[0] == other.values[0] == min(values, key=lambda value: (str(type(value)), value))


def _margin(asked: Asked, outcome: Variable) -> float | None:
    """Return a margin in the outcome's own unit; of an event a share, which only % or points tell from a number."""
    number, unit = asked.parts.number, asked.parts.unit
    if number is None or number <= 0:
        return None
    if not asked.is_number(outcome):
        return number / 100 if unit in ("point", "percent") else number if number < 1 and not unit else None
    own = asked.index.columns[str(outcome)].unit
    said = asked.index.units.get(tuple(unit.split()), ())
    is_own = unit in ("", "point") or said == asked.index.units.get(spoken(own), spoken(own))
    return number if is_own and not (unit == "point" and own == "%") else None


def again(asked: Asked) -> Iterator[Plan]:
    """Yield the share of those with a history of something who had it in the study: the outcome of the same words."""
    if not asked.asks_only("again", "share", "count") or not asked.says_only("asks") or "share" not in asked.parts.asks:
        return
    found = {
        name
        for each in asked.parts.where
        if isinstance(each, OneOf) and asked.event(each.column) == each
        for name in asked.index.senses.outcomes_of_history(each.column)
    }
    if len(found) == 1:
        event = asked.event(found.pop())
        if event:
            yield Proportion(asked.cohort(), event)


def change(asked: Asked) -> Iterator[Plan]:
    """Yield how far a number changed in groups, adjusted for what it was before."""
    parts = asked.parts
    if not asked.asks_only("ancova", "baseline", "differs") or not asked.says_only(
        "asks", "items", "aims", "by", "contrast", "terms", "given", "twice"
    ):
        return
    named = tuple(dict.fromkeys((*asked.pool, *parts.terms, *parts.given)))
    groups = asked.groups or tuple(each for each in named if asked.is_group(each))
    numbers = [str(each) for each in named if asked.is_number(each)]
    if len(groups) != 1 or len([each for each in named if each not in groups]) != len(numbers):
        return
    pair = parts.twice if parts.twice and not numbers else _before_and_after(asked, numbers)
    if pair and distinct(*pair, *groups):
        yield Change(asked.cohort(), *pair, groups[0])


def _before_and_after(asked: Asked, numbers: list[str]) -> tuple[str, str] | None:
    """Return a number at baseline and the one that it is the baseline of."""
    baselines = [asked.index.columns[name].baseline for name in numbers]
    match numbers:
        case [after] if baselines[0]:
            return baselines[0], after
        case [after, before] if baselines[0] == before or (before in asked.parts.given and not baselines[0]):
            return before, after
        case [before, after] if baselines[1] == before:
            return before, after
        case _:
            return None
