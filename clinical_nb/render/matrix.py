"""Several correlations in words, as a table of each column with each other, and as a figure."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Correlations
from clinical_nb.render import numbers
from clinical_nb.render.figure import STEP, Spec, frame
from clinical_nb.render.findings import Finding
from clinical_nb.render.lines import Cells, ratio
from clinical_nb.render.phrase import Mark, Phrase, capitalised, number, plain
from clinical_nb.render.wording import and_of, short_name

_FEW = 3  # pairs that a sentence names
_NAMES = {"matrix_pearson": "Pearson's r", "matrix_spearman": "Spearman's rho"}


def say_matrix(plan: Correlations, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say the pairs that go together most closely, and of how many rows."""
    known = [each for each in _first(found) if each.get("estimate") is not None]
    if not known:
        return ("no correlation can be estimated",)
    table = plan.cohort.table
    known.sort(key=lambda each: -abs(each.get("estimate") or 0.0))
    said: list[str | Mark] = []
    for each in known[:_FEW]:
        one, other = (short_name(name or "", dictionary, table) for name in (each.variable, each.groups[0]))
        p = numbers.equation("p", each.get("p.value"))
        said += [*(["; "] if said else []), f"{one} with {other} ", *ratio(each), ", ", number(p)]
    closest = "the closest: " if len(known) > _FEW else ""
    kind = f"partial {_NAMES[known[0].context]}" if plan.given else _NAMES[known[0].context]
    return (f"{kind}, {closest}", *said, "; n = ", number(numbers.count(known[0].number("N"))))


def matrix_cells(plan: Correlations, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return a row and a column for each column, of two a row for the pair."""
    table, first = plan.cohort.table, _first(found)
    cells = {(each.variable, each.groups[0]): each for each in first}
    heads = (_NAMES[first[0].context], *(short_name(each, dictionary, table) for each in plan.columns[:-1]))
    rows = [
        (
            short_name(other, dictionary, table),
            *(_cell(cells[one, other]) if place < row else "" for place, one in enumerate(plan.columns[:-1])),
        )
        for row, other in enumerate(plan.columns)
        if row
    ]
    return heads, tuple(rows)


def draw_matrix(plan: Correlations, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw each correlation as a cell whose colour says its direction and size."""
    table = plan.cohort.table
    data: list[Spec] = []
    for each in _first(found):
        value = each.get("estimate")
        if value is not None:
            one, other = (short_name(name or "", dictionary, table) for name in (each.variable, each.groups[0]))
            data.append({"one": one, "other": other, "r": value, "text": numbers.estimate(value)})
    if not data:
        return None
    names = [short_name(each, dictionary, table) for each in plan.columns]
    place: Spec = {
        "x": {"field": "one", "type": "nominal", "sort": names, "title": None, "axis": {"labelAngle": -30}},
        "y": {"field": "other", "type": "nominal", "sort": names, "title": None},
    }
    colour: Spec = {
        "field": "r",
        "type": "quantitative",
        "title": _NAMES[found[0].context],
        "scale": {"domain": [-1, 1], "scheme": "redblue"},
    }
    layers: list[Spec] = [
        {"mark": {"type": "rect"}, "encoding": {"color": colour}},
        {
            "mark": {"type": "text"},
            "encoding": {
                "text": {"field": "text", "type": "nominal"},
                "color": {"condition": {"test": "abs(datum.r) > 0.5", "value": "white"}, "value": "black"},
            },
        },
    ]
    title = plain(capitalised((f"correlations of {and_of(names)}",)))
    spec = frame(title, "Cells: blue where both rise together.", data, {"encoding": place, "layer": layers})
    return {**spec, "height": {"step": STEP}}


def _first(found: Sequence[Finding]) -> list[Finding]:
    return [each for each in found if each.context == found[0].context]


def _cell(finding: Finding) -> str:
    value = finding.get("estimate")
    if value is None:
        return numbers.NOT_ESTIMABLE
    low, high = (numbers.estimate(finding.get(name)) for name in ("conf.low", "conf.high"))
    corrected = finding.get("p.adjusted")
    p = numbers.equation("p", finding.get("p.value") if corrected is None else corrected)
    return f"{numbers.estimate(value)} ({low} to {high}), {'corrected ' if corrected is not None else ''}{p}"
