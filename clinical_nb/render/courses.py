"""How a number goes over the visits, by a mixed model, in words, cells and lines with intervals."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Mixed
from clinical_nb.render import numbers
from clinical_nb.render.figure import PALETTE, TALL, Spec, frame
from clinical_nb.render.findings import (
    TESTS,
    Finding,
    data_decimals,
    gather,
    headline,
    say_groups,
    say_side,
    say_within_groups,
    say_within_side,
)
from clinical_nb.render.lines import Cells, bracketed, further
from clinical_nb.render.phrase import Phrase, capitalised, listed, number, plain
from clinical_nb.render.wording import say_level, short_name, with_unit
from clinical_nb.result import Result

_FEW = 5  # groups that a sentence can hold


def say_courses(plan: Mixed, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say what the groups' means are at the last visit, and whether their courses differ; of all, how they went."""
    table, digits, test = plan.cohort.table, data_decimals(found), headline(result)
    outcome, unit = short_name(plan.outcome, dictionary, table), dictionary.column(table, plan.outcome).unit
    visits = list(dict.fromkeys(each.level for each in found))
    if plan.by:
        shown = [each for each in found if each.level == visits[-1]][:_FEW]
        said = [(*_mean(each, digits, unit), f" {say_within_groups(each, plan, dictionary)}") for each in shown]
        head = f"estimated mean {outcome} at {_visit(visits[-1], plan, dictionary)}: "
    else:
        shown = [found[0], found[-1]]
        said = [(*_mean(each, digits, unit), f" at {_visit(each.level, plan, dictionary)}") for each in shown]
        head = f"estimated mean {outcome}: "
    last = [each for each in gather(result, ("mixed_difference",)) if each.level == visits[-1]]
    beside: Phrase = ()
    if len(last) == 1 and last[0].get("estimate") is not None:
        where = say_within_side(last[0], 0, plan, dictionary)
        beside = ("; ", *further(last[0], where, digits))
    verdict: Phrase = ()
    if test is not None and test.get("p.value") is not None:
        verdict = (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    return (head, *listed(said), *beside, *verdict)


def course_cells(plan: Mixed, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each visit of each group."""
    digits = data_decimals(found)
    rows = [
        (
            _visit(each.level, plan, dictionary),
            *([say_groups(each, plan, dictionary)] if plan.by else []),
            numbers.count(each.number("N")),
            f"{numbers.estimate(each.get('mean'), digits)} ({numbers.estimate(each.get('sd'), digits)})",
            plain((*_mean(each, digits, ""), *_bounds(each, digits))),
        )
        for each in _by_visit(found)
    ]
    names = [short_name(each, dictionary, plan.cohort.table) if isinstance(each, str) else "Group" for each in plan.by]
    return ("Visit", *names, "n", "Mean (SD)", "Estimated mean (95 % CI)"), tuple(rows)


def draw_courses(plan: Mixed, found: Sequence[Finding], dictionary: Dictionary) -> Spec:
    """Draw each group's estimated means over the visits with their intervals, beside each other."""
    table = plan.cohort.table
    outcome, unit = short_name(plan.outcome, dictionary, table), dictionary.column(table, plan.outcome).unit
    data: list[Spec] = [
        {
            "visit": dictionary.column(table, plan.visit).label_of(each.level or ""),
            "group": say_groups(each, plan, dictionary) if plan.by else "all",
            "estimate": each.get("estimate"),
            "low": each.get("conf.low"),
            "high": each.get("conf.high"),
        }
        for each in found
        if each.get("estimate") is not None
    ]
    groups = list(dict.fromkeys(str(row["group"]) for row in data))[: len(PALETTE)]
    data = [row for row in data if row["group"] in groups]
    visits = list(dict.fromkeys(row["visit"] for row in data))
    scale: Spec = {"zero": False}
    place: Spec = {
        "x": {
            "field": "visit",
            "type": "ordinal",
            "sort": visits,
            "axis": {"labelAngle": 0, "labelOverlap": True, "title": short_name(plan.visit, dictionary, table)},
        },
    }
    if len(groups) > 1:
        legend: Spec = {"orient": "top", "title": None}
        colours = {"domain": groups, "range": list(PALETTE[: len(groups)])}
        place["color"] = {"field": "group", "type": "nominal", "scale": colours, "legend": legend}
        place["xOffset"] = {"field": "group", "type": "nominal", "sort": groups, "scale": {"paddingOuter": 2}}
    paint: Spec = {} if len(groups) > 1 else {"color": PALETTE[0]}
    y: Spec = {"type": "quantitative", "scale": scale, "title": f"{outcome} ({unit})" if unit else outcome}
    tooltip = [
        {"field": "group", "type": "nominal"},
        {"field": "visit", "type": "ordinal"},
        *({"field": name, "type": "quantitative", "format": ".4~g"} for name in ("estimate", "low", "high")),
    ]
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2, **paint}, "encoding": {**place, "y": {"field": "estimate", **y}}},
        {
            "mark": {"type": "rule", "strokeWidth": 2, **paint},
            "encoding": {**place, "y": {"field": "low", **y}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "shape": "circle", "filled": True, "size": 60, "opacity": 1, **paint},
            "encoding": {**place, "y": {"field": "estimate", **y}, "tooltip": tooltip},
        },
    ]
    by = f" and {short_name(plan.by[0], dictionary, table)}" if plan.by else ""
    title = plain(capitalised((f"{outcome} by {short_name(plan.visit, dictionary, table)}{by}",)))
    said = "Dots: means by a mixed model; upright lines: 95 % intervals."
    return {**frame(title, said, data, {"layer": layers}), "height": TALL}


def course_lines(plan: Mixed, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for each difference at each visit, and one with how persons and their values spread."""
    digits = data_decimals(gather(result, ("mixed_mean",)))
    lines: list[Phrase] = []
    for each in gather(result, ("mixed_difference",)):
        sides = [say_side(each, side, plan, dictionary) for side in (0, 1)]
        value, low, high = (each.get(name) for name in ("estimate", "conf.low", "conf.high"))
        shown = (number(numbers.estimate(value, digits)), *bracketed(numbers.interval(low, high, digits), low))
        p, corrected = (numbers.equation("p", each.get(name)) for name in ("p.value", "p.adjusted"))
        where = f"At {_visit(each.level, plan, dictionary)}, {sides[0]} minus {sides[1]}: "
        lines.append((where, *shown, ", ", number(p), ", corrected ", number(corrected)))
    sds = [(number(numbers.estimate(each.get("estimate"))), f" {each.level}") for each in gather(result, ("mixed_sd",))]
    shared = [each.get("estimate") for each in gather(result, ("mixed_icc",))]
    alike: Phrase = ("; correlation within a person ", number(numbers.estimate(shared[0]))) if shared else ()
    return (*lines, ("Standard deviation ", *listed(sds), *alike)) if sds else tuple(lines)


def _by_visit(found: Sequence[Finding]) -> list[Finding]:
    visits = list(dict.fromkeys(each.level for each in found))
    return sorted(found, key=lambda each: visits.index(each.level))


def _visit(level: str | None, plan: Mixed, dictionary: Dictionary) -> str:
    return say_level(plan.visit, level or "", dictionary, plan.cohort.table)


def _mean(finding: Finding, digits: int, unit: str) -> Phrase:
    return (number(with_unit(numbers.estimate(finding.get("estimate"), digits), unit)),)


def _bounds(finding: Finding, digits: int) -> Phrase:
    low, high = (numbers.estimate(finding.get(name), digits) for name in ("conf.low", "conf.high"))
    return (f" ({low} to {high})",)
