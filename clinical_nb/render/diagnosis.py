"""A test against a reference, and markers against an event, in words, cells and figures."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Diagnose, Discriminate
from clinical_nb.render import numbers
from clinical_nb.render.comparison import ratio
from clinical_nb.render.dots import Dot, draw_dots
from clinical_nb.render.figure import INK, PALETTE, TALL, WIDTH, Spec, frame
from clinical_nb.render.findings import TESTS, Finding, gather, headline, say_groups, say_within_groups
from clinical_nb.render.phrase import Phrase, aside, capitalised, listed, number, plain
from clinical_nb.render.wording import say_level, short_name, with_unit
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_FEW = 3  # groups that a sentence can hold
_SAID = ("sensitivity", "specificity", "positive predictive value", "negative predictive value")
_SIGNS = {"at least": "≥", "at most": "≤"}


def say_diagnosis(plan: Diagnose, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say sensitivity, specificity and the predictive values, of each group."""
    groups = list(dict.fromkeys(each.groups for each in found))
    said: list[Phrase] = []
    for group in groups[:_FEW]:
        some = [each for each in found if each.groups == group and each.level in _SAID]
        within = say_within_groups(some[0], plan, dictionary)
        said.append((*listed([_say_share(each) for each in some]), f" {within}" if within else ""))
    more = len(groups) - _FEW
    test, reference = (say_level(each, "yes", dictionary, plan.cohort.table) for each in (plan.test, plan.reference))
    rest: Phrase = (f"; and {numbers.count(more)} more groups",) if more > 0 else ()
    return (f"{test} for {reference}: ", *listed(said, last="; "), *rest)


def diagnosis_cells(plan: Diagnose, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each measure of each group."""
    grouped = bool(plan.by)
    rows: list[tuple[str, ...]] = []
    ratios = gather(result, ("likelihood_ratio",))
    for group in dict.fromkeys(each.groups for each in found):
        whose = say_groups(next(each for each in found if each.groups == group), plan, dictionary)
        before = f"{whose}: " if grouped else ""
        rows += [(f"{before}{each.level}", *_share_cells(each)) for each in found if each.groups == group]
        rows += [
            (f"{before}{each.level} likelihood ratio", "", "", _ratio_cell(each), _bounds(each))
            for each in ratios
            if each.groups == group
        ]
    return ("Measure", "n", "Of", "Estimate", "95 % CI"), tuple(rows)


def draw_diagnosis(plan: Diagnose, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw each share with its interval."""
    dots = [
        Dot(
            f"{whose}: {each.level}" if (whose := say_groups(each, plan, dictionary)) else each.level or "",
            each.get("p") or 0.0,
            each.get("conf.low"),
            each.get("conf.high"),
            each.number("N"),
        )
        for each in found
        if each.get("p") is not None and each.level in (*_SAID, "accuracy")
    ]
    test, reference = (say_level(each, "yes", dictionary, plan.cohort.table) for each in (plan.test, plan.reference))
    title = plain(capitalised((f"{test} for {reference}",)))
    return draw_dots(title, "Dots: shares; lines: 95 % intervals.", "Share", dots, ".0%")


def say_markers(plan: Discriminate, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say each marker's area and its best cut-off, and whether two differ."""
    table = plan.cohort.table
    said: list[Phrase] = []
    for each in found:
        name = short_name(each.variable or "", dictionary, table)
        area: Phrase = (f"area under the curve of {name} ", *ratio(each))
        said.append((*area, *_say_cut_off(each.variable or "", plan, result, dictionary)))
    test = headline(result)
    verdict: Phrase = ()
    if test is not None and test.get("p.value") is not None:
        verdict = (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    event = say_level(plan.event, "yes", dictionary, table)
    return (f"telling {event}: ", *listed(said, last="; "), *verdict)


def marker_cells(plan: Discriminate, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each marker."""
    heads = ("Marker", "N", "With it", "Area (95 % CI)", "Best cut-off", "Sensitivity", "Specificity")
    rows: list[tuple[str, ...]] = []
    for each in found:
        name = each.variable or ""
        cut = _cut_off(name, plan, result, dictionary)
        shares = [_percent(one) for one in gather(result, ("cut_off_share",)) if one.variable == name]
        area = f"{_ratio_cell(each)} ({_bounds(each)})" if _bounds(each) else _ratio_cell(each)
        shown = (numbers.count(each.number("N")), numbers.count(each.number("n")), area)
        rows.append((short_name(name, dictionary, plan.cohort.table), *shown, cut or "none", *(shares or ("", ""))))
    return heads, tuple(rows)


def draw_markers(plan: Discriminate, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the curves, one colour a marker, with the line of a marker that tells nothing."""
    table = plan.cohort.table
    points = gather(result, ("roc_curve",))
    names = [short_name(each, dictionary, table) for each in (plan.marker, plan.other) if each]
    data: list[Spec] = [
        {"name": name, "false": 0.0, "true": 0.0, "cut_off": "", "place": 0}
        for name in names
        if any(short_name(each.variable or "", dictionary, table) == name for each in points)
    ]
    data += [
        {
            "name": short_name(each.variable or "", dictionary, table),
            "false": 1 - (each.get("specificity") or 0.0),
            "true": each.get("sensitivity"),
            "cut_off": each.level,
            "place": place,
        }
        for place, each in enumerate(points, 1)
    ]
    if not points:
        return None
    whole: Spec = {"scale": {"domain": [0, 1]}, "axis": {"format": ".0%"}, "type": "quantitative"}
    x: Spec = {"field": "false", "title": "1 - specificity", **whole}
    y: Spec = {"field": "true", "title": "Sensitivity", **whole}
    encoding: Spec = {"x": x, "y": y, "order": {"field": "place", "type": "quantitative"}}
    encoding["tooltip"] = [{"field": "name"}, {"field": "cut_off"}, {**y, "format": ".1%"}, {**x, "format": ".1%"}]
    mark: Spec = {"type": "line", "strokeWidth": 2}
    if len(names) > 1:
        colours = {"domain": names, "range": list(PALETTE[: len(names)])}
        encoding["color"] = {
            "field": "name",
            "type": "nominal",
            "scale": colours,
            "legend": {"orient": "top", "title": None},
        }
    else:
        mark["color"] = PALETTE[0]
    chance: Spec = {
        "data": {"values": [{"false": 0, "true": 0}, {"false": 1, "true": 1}]},
        "mark": {"type": "line", "color": INK, "strokeDash": [4, 3]},
        "encoding": {"x": x, "y": y},
    }
    event = say_level(plan.event, "yes", dictionary, table)
    title = plain(capitalised((f"{' and '.join(names)} for {event}",)))
    said = "Curves: sensitivity against 1 - specificity over all cut-offs; dashed: a marker that tells nothing."
    drawn = frame(title, said, data, {"layer": [chance, {"mark": mark, "encoding": encoding}]})
    return {**drawn, "width": min(WIDTH, TALL + 40), "height": TALL}


def _say_share(finding: Finding) -> Phrase:
    if finding.get("p") is None:
        return (f"{finding.level} ", number(numbers.NOT_ESTIMABLE), f" ({'; '.join(finding.warnings.values())})")
    of = finding.number("N")
    bounds = numbers.percent_interval(finding.get("conf.low"), finding.get("conf.high"), of)
    return (f"{finding.level} ", number(numbers.percent(finding.get("p"), of)), " (", aside(bounds), ")")


def _share_cells(finding: Finding) -> tuple[str, str, str, str]:
    of = finding.number("N")
    bounds = numbers.percent_interval(finding.get("conf.low"), finding.get("conf.high"), of)
    known = finding.get("p") is not None
    return (
        numbers.count(finding.number("n")),
        numbers.count(of),
        numbers.percent(finding.get("p"), of),
        bounds.removeprefix("95 % CI ") if known else "",
    )


def _percent(finding: Finding) -> str:
    of = finding.number("N")
    bounds = numbers.percent_interval(finding.get("conf.low"), finding.get("conf.high"), of)
    return f"{numbers.percent(finding.get('p'), of)} ({bounds.removeprefix('95 % CI ')})"


def _ratio_cell(finding: Finding) -> str:
    return numbers.estimate(finding.get("estimate"))


def _bounds(finding: Finding) -> str:
    if finding.get("conf.low") is None:
        return ""
    return numbers.interval(finding.get("conf.low"), finding.get("conf.high")).removeprefix("95 % CI ")


def _cut_off(name: str, plan: Discriminate, result: Result, dictionary: Dictionary) -> str:
    """Return a marker's best cut-off with the side that is positive; empty where it has none."""
    for each in gather(result, ("cut_off",)):
        threshold = each.get("threshold")
        if each.variable == name and threshold is not None:
            unit = dictionary.column(plan.cohort.table, name).unit
            return with_unit(
                f"{_SIGNS[each.level or '']} {numbers.observed(threshold, numbers.decimals_of(threshold))}", unit
            )
    return ""


def _say_cut_off(name: str, plan: Discriminate, result: Result, dictionary: Dictionary) -> Phrase:
    cut = _cut_off(name, plan, result, dictionary)
    if not cut:
        return ()
    shares = [each for each in gather(result, ("cut_off_share",)) if each.variable == name]
    return (", best cut-off ", number(cut), " with ", *listed([_say_share(each) for each in shares]))
