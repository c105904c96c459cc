"""Missing values in words, in cells and as bars: of each column, in all or in each group."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Missingness
from clinical_nb.render import numbers
from clinical_nb.render.figure import PALETTE, Spec, frame
from clinical_nb.render.findings import Finding, gather, say_groups
from clinical_nb.render.lines import share
from clinical_nb.render.phrase import Phrase, listed
from clinical_nb.render.wording import short_name
from clinical_nb.result import Result

_FEW = 5  # columns that a sentence can hold
_LARGEST = 3  # columns of more that it names; the table has the rest
_MOST_BARS = 20
_ALL = "All"
_ALONE = "n (%)"  # the head that a line of text leaves out


def say_missing(plan: Missingness, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say how many values are missing of each column, and how many rows have them all."""
    table = plan.cohort.table
    whole = [each for each in found if not each.grouped]
    shown = whole if len(whole) <= _FEW else sorted(whole, key=lambda each: -each.number("n"))[:_LARGEST]
    said = listed([(f"{short_name(each.variable or '', dictionary, table)} in ", *share(each)) for each in shown])
    rest = f" (and {numbers.count(len(whole) - len(shown))} more columns below)" if len(whole) > len(shown) else ""
    complete = next((each for each in gather(result, ("complete",)) if not each.grouped), None)
    ending: Phrase = () if complete is None else ("; nothing is missing in ", *share(complete))
    return ("missing: ", *said, rest, *ending)


def missing_cells(
    plan: Missingness, found: Sequence[Finding], result: Result, dictionary: Dictionary
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return heads, and a row of cells for each column: in all, in each group, and whether it depends on the group."""
    table = plan.cohort.table
    groups = list(dict.fromkeys(each.groups for each in found))
    at = {(each.variable, each.groups): each for each in (*found, *gather(result, ("complete",)))}
    named = {each.groups: say_groups(each, plan, dictionary) or (_ALL if plan.by else _ALONE) for each in found}
    tests = {each.variable: each for each in gather(result, ("chi_squared", "fisher"))}
    several = any(each.get("p.holm") is not None for each in tests.values())
    heads = (
        "Column",
        *(named[each] for each in groups),
        *(("p",) if tests else ()),
        *(("p (Holm)",) if several else ()),
    )
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys(each.variable for each in found):
        cells = [_cell(at.get((name, each))) for each in groups]
        test = tests.get(name)
        if tests:
            cells.append(_p(test, "p.value"))
        if several:
            cells.append(_p(test, "p.holm"))
        rows.append((short_name(name or "", dictionary, table), *cells))
    complete = [_cell(at.get((None, each))) for each in groups]
    rows.append(("nothing missing", *complete, *[""] * (len(heads) - 1 - len(complete))))
    return heads, tuple(rows)


def draw_missing(plan: Missingness, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Return bars: the share that is missing of each column, a colour a group."""
    table = plan.cohort.table
    grouped = any(each.grouped for each in found)
    kept = [each for each in found if each.grouped == grouped]
    names = list(dict.fromkeys(each.variable for each in kept))[:_MOST_BARS]
    data: list[Spec] = [
        {
            "column": short_name(each.variable or "", dictionary, table),
            "group": say_groups(each, plan, dictionary) or "all",
            "share": each.get("p"),
            "n": each.number("n"),
        }
        for each in kept
        if each.variable in names and each.get("p") is not None
    ]
    if not data:
        return None
    groups = list(dict.fromkeys(row["group"] for row in data))
    axis: Spec = {"labelLimit": 220, "title": None, "domain": False, "ticks": False, "labelPadding": 6}
    percent: Spec = {"field": "share", "type": "quantitative", "title": "Missing", "axis": {"format": ".0%"}}
    order = list(dict.fromkeys(row["column"] for row in data))
    encoding: Spec = {
        "y": {"field": "column", "type": "nominal", "sort": order, "axis": axis},
        "x": percent,
        "tooltip": [{"field": "n", "type": "quantitative"}, {**percent, "format": ".1%"}],
    }
    mark: Spec = {"type": "bar"}
    if 1 < len(groups) <= len(PALETTE):
        colours = {"domain": groups, "range": list(PALETTE[: len(groups)])}
        title = ", ".join(short_name(each, dictionary, table) for each in plan.by)
        legend: Spec = {"orient": "top", "title": title}
        encoding["yOffset"] = {"field": "group", "type": "nominal", "sort": groups}
        encoding["color"] = {"field": "group", "type": "nominal", "scale": colours, "legend": legend}
    else:
        mark["color"] = PALETTE[0]
    said = "Bars: share of each column's values that is missing."
    return frame("Missing values", said, data, {"mark": mark, "encoding": encoding})


def _p(test: Finding | None, name: str) -> str:
    return "" if test is None or test.get(name) is None else numbers.p_value(test.get(name))


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return ""
    return f"{numbers.count(finding.number('n'))} ({numbers.percent(finding.get('p'), finding.number('N'))})"
