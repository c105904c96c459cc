"""A number over the periods of a date, in words, cells and as a line."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Trend
from clinical_nb.render import numbers
from clinical_nb.render.figure import PALETTE, TALL, Spec, frame
from clinical_nb.render.findings import Finding, noun_of
from clinical_nb.render.phrase import Phrase, aside, capitalised, listed, number, plain
from clinical_nb.render.wording import say_level, say_within, short_name, with_unit
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_FEW = 3  # groups that a sentence can hold


def say_trend(plan: Trend, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the first and the last period and the one with most, of each group."""
    table = plan.cohort.table
    groups = list(dict.fromkeys(each.groups[1] for each in found))
    said: list[Phrase] = []
    for group in groups[:_FEW]:
        own = [each for each in found if each.groups[1] == group and _value(each) is not None]
        if not own:
            continue
        most = max(own, key=lambda each: _value(each) or 0.0)
        within = "" if group is None else f" {say_within(plan.by[0], group, dictionary, table)}"
        ends = [own[0], own[-1]] if len(own) > 1 else own
        shown = [(*_say(each, plan, dictionary), f" in {each.groups[0]}") for each in ends]
        peak: Phrase = (
            ()
            if most in ends
            else (f", {'highest' if plan.of else 'most'} ", *_say(most, plan, dictionary), f" in {most.groups[0]}")
        )
        said.append((*listed(shown), *peak, within))
    more = len(groups) - _FEW
    rest: Phrase = (f"; and {numbers.count(more)} more groups",) if more > 0 else ()
    return (f"{_about(plan, result, dictionary)} by {plan.period}: ", *listed(said, last="; "), *rest)


def trend_cells(plan: Trend, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each period, a column for each group."""
    groups = list(dict.fromkeys(each.groups[1] for each in found))
    table = plan.cohort.table
    alone = "n" if not plan.of else "Mean (95 % CI)" if isinstance(plan.of, str) else "n of N (share, 95 % CI)"
    del result
    names = [alone if each is None else say_level(plan.by[0], each, dictionary, table) for each in groups]
    at = {each.groups: each for each in found}
    periods = list(dict.fromkeys(each.groups[0] for each in found))
    rows = [(period or "", *(_cell(at[period, group], plan) for group in groups)) for period in periods]
    return (plan.period.capitalize(), *names), tuple(rows)


def draw_trend(plan: Trend, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the line, one colour a group; one period alone is better said."""
    table = plan.cohort.table
    data: list[Spec] = [
        {
            "period": each.groups[0],
            "value": _value(each),
            "group": say_level(plan.by[0], each.groups[1] or "", dictionary, table) if plan.by else "all",
        }
        for each in found
    ]
    groups = list(dict.fromkeys(str(row["group"]) for row in data))[: len(PALETTE)]
    data = [row for row in data if row["group"] in groups]
    if len({row["period"] for row in data}) < 2:  # noqa: PLR2004 - a line joins two
        return None
    percent = bool(plan.of) and not isinstance(plan.of, str)
    y: Spec = {"field": "value", "type": "quantitative", "title": _axis(plan, result, dictionary)}
    y |= {"axis": {"format": ".0%"}} if percent else {}
    y["scale"] = {"zero": not (isinstance(plan.of, str) and plan.of)}
    axis: Spec = {"labelOverlap": True, "labelAngle": 0, "title": short_name(plan.date, dictionary, table)}
    encoding: Spec = {
        "x": {"field": "period", "type": "ordinal", "axis": axis},
        "y": y,
        "tooltip": [{"field": "group"}, {"field": "period"}, {"field": "value", "type": "quantitative"}],
    }
    mark: Spec = {"type": "line", "point": True, "strokeWidth": 2}
    if len(groups) > 1:
        colours = {"domain": groups, "range": list(PALETTE[: len(groups)])}
        legend: Spec = {"orient": "top", "title": None}
        encoding["color"] = {"field": "group", "type": "nominal", "scale": colours, "legend": legend}
    else:
        mark |= {"color": PALETTE[0], "point": {"color": PALETTE[0]}}
    by = f" and {short_name(plan.by[0], dictionary, table)}" if plan.by else ""
    title = plain(capitalised((f"{_about(plan, result, dictionary)} by {plan.period}{by}",)))
    said = f"Each dot is a {plan.period}; one without any row is {'0' if not plan.of else 'left out'}."
    return {**frame(title, said, data, {"mark": mark, "encoding": encoding}), "height": TALL}


def _about(plan: Trend, result: Result, dictionary: Dictionary) -> str:
    if not plan.of:
        return f"number of {noun_of(result)}"
    if isinstance(plan.of, str):
        return f"mean {short_name(plan.of, dictionary, plan.cohort.table)}"
    return f"share with {say_level(plan.of, 'yes', dictionary, plan.cohort.table)}"


def _axis(plan: Trend, result: Result, dictionary: Dictionary) -> str:
    unit = dictionary.column(plan.cohort.table, plan.of).unit if isinstance(plan.of, str) and plan.of else ""
    return plain(capitalised((with_unit(_about(plan, result, dictionary), f"({unit})" if unit else ""),)))


def _value(finding: Finding) -> float | None:
    names = ("mean", "p") if "N" in finding.stats else ("n",)
    return next((finding.get(name) for name in names if name in finding.stats), None)


def _say(finding: Finding, plan: Trend, dictionary: Dictionary) -> Phrase:
    if not plan.of:
        return (number(numbers.count(finding.number("n"))),)
    low, high = finding.get("conf.low"), finding.get("conf.high")
    if isinstance(plan.of, str):
        unit = dictionary.column(plan.cohort.table, plan.of).unit
        bounds: Phrase = () if low is None else (" (", aside(numbers.interval(low, high)), ")")
        return (number(with_unit(numbers.estimate(finding.get("mean")), unit)), *bounds)
    of = finding.number("N")
    return (number(numbers.percent(finding.get("p"), of)), " (", aside(numbers.percent_interval(low, high, of)), ")")


def _cell(finding: Finding, plan: Trend) -> str:
    if not plan.of:
        return numbers.count(finding.number("n"))
    of = finding.number("N")
    if not of:
        return "none"
    low, high = finding.get("conf.low"), finding.get("conf.high")
    if isinstance(plan.of, str):
        bounds = "" if low is None else f" ({numbers.interval(low, high).removeprefix('95 % CI ')})"
        return f"{numbers.estimate(finding.get('mean'))}{bounds}, n = {numbers.count(of)}"
    bounds = numbers.percent_interval(low, high, of).removeprefix("95 % CI ")
    shown = f"{numbers.count(finding.number('n'))} of {numbers.count(of)}"
    return f"{shown} ({numbers.percent(finding.get('p'), of)}, {bounds})"
