"""Rates in words, in cells and as a figure: events for each so many person-years, and how far groups differ."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Rate
from clinical_nb.render import numbers
from clinical_nb.render.comparison import ratio
from clinical_nb.render.dots import Dot, draw_dots
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import (
    MEASURES,
    TESTS,
    Finding,
    gather,
    headline,
    say_groups,
    say_side,
    say_within_groups,
)
from clinical_nb.render.openings import per_text
from clinical_nb.render.phrase import Phrase, aside, capitalised, listed, number, plain
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_FEW = 5  # groups that a sentence can hold


def say_rates(plan: Rate, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say each group's rate, how far two groups differ, and the test."""
    per = per_text(plan.per, plan.time, dictionary, plan.cohort.table)
    shown = found[:_FEW]
    groups = [(*_say_rate(each, per), *_in(each, plan, dictionary)) for each in shown]
    more = len(found) - len(shown)
    rest: Phrase = (f"; and {numbers.count(more)} more groups",) if more else ()
    return (f"{_event(plan, dictionary)}: ", *listed(groups, last="; "), *rest, *_apart(plan, result, dictionary))


def rate_cells(plan: Rate, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each group."""
    per = per_text(plan.per, plan.time, dictionary, plan.cohort.table)
    unit = per_text(1, plan.time, dictionary, plan.cohort.table)
    watched = "Person-years" if unit == "person-year" else unit.removeprefix("units of ")
    names = [short_name(each, dictionary, plan.cohort.table) for each in plan.by if isinstance(each, str)]
    heads = (", ".join(names) or "Group", "N", "Events", watched, f"Rate per {per} (95 % CI)")
    rows = [
        (
            say_groups(each, plan, dictionary) or "all",
            numbers.count(each.number("N")),
            numbers.count(each.number("n")),
            numbers.estimate(each.get("time")),
            _rate_cell(each),
        )
        for each in found
    ]
    return heads, tuple(rows)


def draw_rates(plan: Rate, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw each group's rate as a dot with its interval; one rate alone is better said."""
    per = per_text(plan.per, plan.time, dictionary, plan.cohort.table)
    dots = [
        Dot(say_groups(each, plan, dictionary), rate, each.get("conf.low"), each.get("conf.high"), each.number("n"))
        for each in found
        if (rate := each.get("estimate")) is not None
    ]
    by = " and ".join(short_name(each, dictionary, plan.cohort.table) for each in plan.by)
    title = plain(capitalised((f"rate of {_event(plan, dictionary)} by {by}",)))
    return draw_dots(title, "Dots: rates; lines: 95 % intervals.", f"Per {per}", dots)


def _event(plan: Rate, dictionary: Dictionary) -> str:
    if isinstance(plan.event, str):
        return short_name(plan.event, dictionary, plan.cohort.table)
    return say_level(plan.event, "yes", dictionary, plan.cohort.table)


def _say_rate(finding: Finding, per: str) -> Phrase:
    rate = finding.get("estimate")
    if rate is None:
        return (number(numbers.NOT_ESTIMABLE), f" ({'; '.join(finding.warnings.values())})")
    bounds = numbers.interval(finding.get("conf.low"), finding.get("conf.high"))
    counted = f"{numbers.count(finding.number('n'))} events"
    return (number(numbers.estimate(rate)), f" per {per} (", aside(f"{bounds}, {counted}"), ")")


def _rate_cell(finding: Finding) -> str:
    if finding.get("estimate") is None:
        return numbers.NOT_ESTIMABLE
    low, high = (numbers.estimate(finding.get(name)) for name in ("conf.low", "conf.high"))
    return f"{numbers.estimate(finding.get('estimate'))} ({low} to {high})"


def _apart(plan: Rate, result: Result, dictionary: Dictionary) -> Phrase:
    ratios, test = gather(result, ("rate_ratio",)), headline(result)
    said: Phrase = ()
    if len(ratios) == 1 and ratios[0].get("estimate") is not None:
        sides = [say_side(ratios[0], side, plan, dictionary) for side in (0, 1)]
        said = (f"; {MEASURES['rate_ratio']} ({sides[0]} against {sides[1]}) ", *ratio(ratios[0]))
    if test is not None and test.get("p.value") is not None:
        said = (*said, f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    return said


def _in(finding: Finding, plan: Rate, dictionary: Dictionary) -> Phrase:
    said = say_within_groups(finding, plan, dictionary)
    return (f" {said}",) if said else ()
