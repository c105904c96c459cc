"""Equivalence and non-inferiority in words, cells and a figure: the difference's interval against the margin."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Margin
from clinical_nb.render import numbers
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import Finding, data_decimals, headline, measure, say_groups, say_side
from clinical_nb.render.intervals import draw_intervals
from clinical_nb.render.lines import Cells
from clinical_nb.render.phrase import Phrase, aside, number
from clinical_nb.render.wording import say_level, short_name, with_unit
from clinical_nb.result import Result

_LEVEL = {"equivalence": 0.05, "noninferiority": 0.025}


def say_margin(plan: Margin, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say whether the aim is shown, with the difference, its interval and the margin."""
    apart, test = measure(result, "margin_difference"), headline(result)
    shares = found[0].context == "proportion"
    named = say_level(plan.outcome, found[0].level or "yes", dictionary, plan.cohort.table) if shares else ""
    name = named or short_name(plan.outcome, dictionary, plan.cohort.table)
    if apart is None or apart.get("estimate") is None or test is None or test.get("p.value") is None:
        return (f"{name}: nothing can be held against the margin",)
    one, other = (say_side(apart, side, plan, dictionary) for side in (0, 1))
    shown = (test.get("p.value") or 0.0) < _LEVEL[plan.aim]
    verdict = "is" if shown else "is not shown to be"
    if plan.aim == "noninferiority":
        said = f"{one} {verdict} non-inferior to {other}"
    else:
        said = f"{one} {verdict} equivalent to {other}"
    words = "difference of the shares" if shares else "mean difference"
    return (
        f"{name}: {said} within a margin of ",
        number(say_size(plan, dictionary, shares=shares)),
        f": {words} ",
        *_interval(apart, data_decimals(found), shares=shares),
        "; one-sided ",
        number(numbers.equation("p", test.get("p.value"))),
    )


def margin_cells(plan: Margin, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each group."""
    digits = data_decimals(found)
    head = short_name(plan.by, dictionary, plan.cohort.table) if isinstance(plan.by, str) else "Group"
    if found[0].context == "proportion":
        rows = [
            (
                say_groups(each, plan, dictionary),
                numbers.count(each.number("n")),
                numbers.count(each.of),
                numbers.percent(each.get("p"), each.of),
            )
            for each in found
        ]
        return (head, "n", "Of", "Share"), tuple(rows)
    rows = [
        (
            say_groups(each, plan, dictionary),
            numbers.count(each.of),
            f"{numbers.estimate(each.get('mean'), digits)} ({numbers.estimate(each.get('sd'), digits)})",
        )
        for each in found
    ]
    return (head, "n", "Mean (SD)"), tuple(rows)


def draw_margin(plan: Margin, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the 95 % and the 90 % interval of the difference, and a line at each margin that is held against."""
    apart = measure(result, "margin_difference")
    if apart is None or apart.get("estimate") is None:
        return None
    shares = found[0].context == "proportion"
    data = [
        {
            "name": f"{level} % interval",
            "estimate": apart.get("estimate"),
            "low": apart.get(low),
            "high": apart.get(high),
        }
        for level, low, high in ((95, "conf.low", "conf.high"), (90, "conf90.low", "conf90.high"))
    ]
    lines = [-plan.margin] * (plan.better != "lower") + [plan.margin] * (plan.better != "higher")
    one, other = (say_side(apart, side, plan, dictionary) for side in (0, 1))
    axis: Spec = {"title": f"{one} minus {other}"}
    if shares:
        axis["axis"] = {"format": ".0%"}
    title = f"{short_name(plan.outcome, dictionary, plan.cohort.table)}: {one} minus {other}"
    return draw_intervals(title, "Dot: difference; lines: its intervals; broken line: the margin.", data, axis, *lines)


def say_size(plan: Margin, dictionary: Dictionary, *, shares: bool) -> str:
    """Return the margin in its unit."""
    if shares:
        return f"{numbers.points(plan.margin)} percentage points"
    unit = dictionary.column(plan.cohort.table, plan.outcome).unit if isinstance(plan.outcome, str) else ""
    return with_unit(numbers.observed(plan.margin, numbers.decimals_of(plan.margin)), unit)


def margin_lines(result: Result, digits: int) -> tuple[Phrase, ...]:
    """Return the difference with its 95 % and its 90 % interval."""
    apart = measure(result, "margin_difference")
    if apart is None or apart.get("estimate") is None:
        return ()
    shares = apart.get("conf90.low") is not None and _of_shares(result)
    low, high = (_value(apart.get(name), digits, shares=shares) for name in ("conf90.low", "conf90.high"))
    shown = _interval(apart, digits, shares=shares)
    return (("Difference: ", *shown, "; 90 % CI ", number(f"{low} to {high}")),)


def _of_shares(result: Result) -> bool:
    return any(each.context == "proportion" for each in result.statistics)


def _interval(finding: Finding, digits: int, *, shares: bool) -> Phrase:
    value, low, high = (
        _value(finding.get(name), digits, shares=shares) for name in ("estimate", "conf.low", "conf.high")
    )
    unit = " percentage points" if shares else ""
    return (number(value), unit, " (", aside(f"95 % CI {low} to {high}"), ")")


def _value(value: float | None, digits: int, *, shares: bool) -> str:
    return numbers.points(value) if shares else numbers.estimate(value, digits)
