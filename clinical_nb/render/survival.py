"""Time until an event in words and cells: medians, shares at asked times, and how far groups differ."""

import re
from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary, value_text
from clinical_nb.plan import FollowUp, OneOf, Plan, Survive
from clinical_nb.render import numbers
from clinical_nb.render.comparison import ratio
from clinical_nb.render.findings import TESTS, Finding, gather, headline, say_side, say_within_groups
from clinical_nb.render.phrase import Mark, Phrase, aside, listed, number
from clinical_nb.render.wording import say_level, with_unit
from clinical_nb.result import Result

_FEW = 5  # groups that a sentence can hold
_SIZE = 100  # a share of a curve is shown with a decimal, whoever is still at risk
_YEAR, _MONTH = 365.25, 30.4375  # days
_DAYS = ("day", "days", "d")
_NOT_REACHED = "not reached"
_CENSORED = ("cens", "cnsr")
_PLURALS = ("years", "months", "weeks", "days")
_SAYS_NOTHING = frozenset({"yes", "no", "true", "false", "event", "an event", "uncensored", "not censored", "y", "n"})
_TIME_TO = re.compile(r"(?:time|days|weeks|months|years) (?:to|until|from \w+ to) (.+?)(?: \(\w+\))?", re.IGNORECASE)


def say_survival(plan: Survive, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say each group's share at the times that were asked for, else its median, and the test of the groups."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    shown = found[:_FEW]
    if plan.until:
        groups = [(*_say_mean(each, result, unit), *_in(each, plan, dictionary)) for each in shown]
        event = _named_event(plan, dictionary) or say_level(plan.event, "yes", dictionary, plan.cohort.table)
        until = say_time(value_text(plan.until[0]), unit)
        said: Phrase = (f"mean time until {event} up to {until}: ", *listed(groups, last="; "))
    elif plan.at and plan.told == "risk":
        said = (
            "number at risk: ",
            *listed([_say_at_risk(each, plan, result, dictionary) for each in shown], last="; "),
        )
    elif plan.at and plan.told:
        groups = [(*_say_had(each, result, unit), *_in(each, plan, dictionary)) for each in shown]
        event = _named_event(plan, dictionary) or say_level(plan.event, "yes", dictionary, plan.cohort.table)
        said = (f"{event}: ", *listed(groups, last="; "))
    elif plan.at:
        groups = [_say_shares(each, plan, result, dictionary, unit) for each in shown]
        event = _named_event(plan, dictionary)
        without = (
            f"no {event.removeprefix('the ')}" if event else say_level(plan.event, "no", dictionary, plan.cohort.table)
        )
        said = (f"{without}: ", *listed(groups, last="; "))
    else:
        medians = [(*_say_median(each, unit), *_in(each, plan, dictionary)) for each in shown]
        event = _named_event(plan, dictionary) or say_level(plan.event, "yes", dictionary, plan.cohort.table)
        said = (f"median time until {event}: ", *listed(medians, last="; "))
    more = len(found) - len(shown)
    return (*said, *((f"; and {numbers.count(more)} more groups",) if more else ()), *_apart(plan, result, dictionary))


def _named_event(plan: Survive, dictionary: Dictionary) -> str:
    """Return what the event is called where its column only says who is censored; empty where it or its level says it.

    The rows of a long table of times may name it: "first relapse" of "Time to first relapse".
    """
    if not isinstance(plan.event, OneOf):
        return ""
    columns = dictionary.tables[plan.cohort.table]
    said = f"{plan.event.column} {columns[plan.event.column].label}".casefold()
    level = columns[plan.event.column].label_of(plan.event.values[0]).casefold()
    is_said = any(each.isalpha() for each in level) and level not in _SAYS_NOTHING
    if not any(word in said for word in _CENSORED) or is_said:
        return ""
    rows = [each for each in plan.cohort.where if isinstance(each, OneOf) and len(each.values) == 1]
    labels = (columns[each.column].label_of(each.values[0]) for each in rows if each.column in columns)
    named = [found[1] for label in labels if (found := _TIME_TO.fullmatch(label))]
    return named[0].lower() if len(named) == 1 else "the event"


def survival_cells(
    plan: Survive, result: Result, found: Sequence[Finding], dictionary: Dictionary
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads, and a row of cells for each group: events, median, follow-up, and the share at each time."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    at = {(each.groups, each.level or ""): each for each in gather(result, ("survival_at",))}
    followed = {each.groups: each for each in gather(result, ("follow_up",))}
    times = list(dict.fromkeys(time for _, time in at))
    heads = ("N", "Events", "Median (95 % CI)", "Median follow-up", *(_head(time, unit, plan) for time in times))
    cells = [
        (
            numbers.count(each.number("N")),
            numbers.count(each.number("n")),
            _median_cell(each, unit),
            _reached(followed[each.groups].get("estimate"), unit),
            *(share_cell(at[each.groups, time]) for time in times),
        )
        for each in found
    ]
    return heads, cells


def say_follow_up(plan: FollowUp, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say each group's median follow-up by reversed Kaplan-Meier, and the plain median of all times."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    groups = [
        (*_say_median(each, unit), *_in(each, plan, dictionary), ", plain median ", _plain_median(each, unit))
        for each in found[:_FEW]
    ]
    more = len(found) - _FEW
    ending: Phrase = (f"; and {numbers.count(more)} more groups",) if more > 0 else ()
    return ("median follow-up (reversed Kaplan-Meier): ", *listed(groups, last="; "), *ending)


def follow_up_cells(
    plan: FollowUp, found: Sequence[Finding], dictionary: Dictionary
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads, and a row of cells for each group."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    heads = ("N", "Cut short by the event", "Median (95 % CI)", "Plain median of the times")
    cells = [
        (
            numbers.count(each.number("N")),
            numbers.count(each.number("n")),
            _median_cell(each, unit),
            _reached(each.get("median"), unit),
        )
        for each in found
    ]
    return heads, cells


def _plain_median(finding: Finding, unit: str) -> Mark:
    return number(_reached(finding.get("median"), unit))


def _say_median(finding: Finding, unit: str) -> Phrase:
    said, bounds = number(_reached(finding.get("estimate"), unit)), _bounds(finding)
    return (said, " (", aside(f"95 % CI {bounds}"), ")") if bounds else (said,)


def _say_had(finding: Finding, result: Result, unit: str) -> Phrase:
    """Say the share who have had the event by each time, and how many of the group were seen to."""
    own = [each for each in gather(result, ("event_at",)) if each.groups == finding.groups]
    said: list[Phrase] = []
    for each in own:
        seen = f"{numbers.count(each.number('n.event'))} of {numbers.count(finding.number('N'))} were seen to"
        lost = numbers.count(each.number("n.censored"))
        share = say_share_at(each, _SIZE)
        said.append((*share, f" by {say_time(each.level or '', unit)} ({seen}, {lost} last seen before without it)"))
    return listed(said)


def _say_at_risk(finding: Finding, plan: Survive, result: Result, dictionary: Dictionary) -> Phrase:
    """Say how many are still followed without the event at each time."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    own = [each for each in gather(result, ("survival_at",)) if each.groups == finding.groups]
    said = [(number(numbers.count(each.number("n.risk"))), f" at {say_time(each.level or '', unit)}") for each in own]
    return (*listed(said), *_in(finding, plan, dictionary))


def _say_mean(finding: Finding, result: Result, unit: str) -> Phrase:
    """Say the mean time up to the one that was asked for, or why there is none."""
    (mean,) = (each for each in gather(result, ("restricted_mean",)) if each.groups == finding.groups)
    if mean.get("estimate") is None:
        return (number(numbers.NOT_ESTIMABLE), f" ({mean.warnings.get('estimate', '')})")
    return _say_median(mean, unit)


def _say_shares(finding: Finding, plan: Survive, result: Result, dictionary: Dictionary, unit: str) -> Phrase:
    shares = [each for each in gather(result, ("survival_at",)) if each.groups == finding.groups]
    said = [(*say_share_at(each), f" at {say_time(each.level or '', unit)}") for each in shares]
    return (*listed(said), *_in(finding, plan, dictionary))


def say_share_at(finding: Finding, of: float | None = None) -> Phrase:
    """Say the share of a curve at a time with its interval, or why there is none; `of` those at risk, unless given."""
    share, of = finding.get("estimate"), finding.number("n.risk") if of is None else of
    if share is None:
        return (number(numbers.NOT_ESTIMABLE), f" ({finding.warnings.get('estimate', '')})")
    low, high = finding.get("conf.low"), finding.get("conf.high")
    interval = () if low is None else (" (", aside(numbers.percent_interval(low, high, max(of, _SIZE))), ")")
    return (number(numbers.percent(share, max(of, _SIZE))), *interval)


def _apart(plan: Survive, result: Result, dictionary: Dictionary) -> Phrase:
    ratios, test = gather(result, ("hazard_ratio",)), headline(result)
    said: Phrase = ()
    if plan.told == "risk":
        return ()
    if plan.until:
        return _say_difference(plan, result, dictionary)
    if len(ratios) == 1 and ratios[0].get("estimate") is not None:
        sides = [say_side(ratios[0], side, plan, dictionary) for side in (0, 1)]
        said = (f"; hazard ratio ({sides[0]} against {sides[1]}) ", *ratio(ratios[0]))
    if test is not None and test.get("p.value") is not None:
        said = (*said, f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    return said


def _say_difference(plan: Survive, result: Result, dictionary: Dictionary) -> Phrase:
    """Say by how much the mean times of two groups differ."""
    found = [each for each in gather(result, ("restricted_mean_difference",)) if each.get("estimate") is not None]
    if len(found) != 1:
        return ()
    sides = [say_side(found[0], side, plan, dictionary) for side in (0, 1)]
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    tested = numbers.equation("p", found[0].get("p.value"))
    return (f"; difference ({sides[0]} less {sides[1]}) ", *_say_median(found[0], unit), ", ", number(tested))


def _in(finding: Finding, plan: Plan, dictionary: Dictionary) -> Phrase:
    said = say_within_groups(finding, plan, dictionary)
    return (f" {said}",) if said else ()


def _median_cell(finding: Finding, unit: str) -> str:
    said, bounds = _reached(finding.get("estimate"), unit), _bounds(finding)
    return f"{said} ({bounds})" if bounds else said


def _bounds(finding: Finding) -> str:
    """Write between which times a median lies; nothing where neither it nor a bound was reached."""
    low, high = finding.get("conf.low"), finding.get("conf.high")
    known = any(each is not None for each in (finding.get("estimate"), low, high))
    return f"{_reached(low)} to {_reached(high)}" if known else ""


def share_cell(finding: Finding) -> str:
    """Write the share of a curve at a time, with how many are still at risk."""
    share = finding.get("estimate")
    said = numbers.NOT_ESTIMABLE if share is None else numbers.percent(share, max(finding.number("n.risk"), _SIZE))
    return f"{said} ({numbers.count(finding.number('n.risk'))} at risk)"


def _reached(time: float | None, unit: str = "") -> str:
    return _NOT_REACHED if time is None else with_unit(numbers.estimate(time), unit)


def _head(time: str, unit: str, plan: Survive) -> str:
    at = say_time(time, unit)
    return f"Without it at {at}" if plan.told == "event" else f"At {at}"


def say_time(level: str, unit: str) -> str:
    """Write a time; of days, in years or months where it is so many, as METHODS.md counts them."""
    time = float(level)
    for days, name in ((_YEAR, "year"), (_MONTH, "month")) if unit.casefold() in _DAYS else ():
        number_of = time / days
        if number_of >= 1 and (number_of * 2).is_integer():
            plural = "" if number_of == 1 else "s"
            return f"{value_text(number_of)} {name}{plural} ({numbers.observed(time, 2)} {unit})"
    return with_unit(value_text(time), unit.removesuffix("s") if time == 1 and unit in _PLURALS else unit)
