"""Two columns as a heat map: how many rows fall into each cell of a grid, never the rows themselves."""

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Correlate
from clinical_nb.render.figure import TALL, Spec, frame
from clinical_nb.render.findings import gather
from clinical_nb.render.phrase import capitalised, plain
from clinical_nb.render.wording import short_name
from clinical_nb.result import Result


def draw_pairs(plan: Correlate, result: Result, dictionary: Dictionary) -> Spec | None:
    """Return the heat map of the counted pairs; None where there are none."""
    cells = gather(result, ("pair_bin",))
    if not cells:
        return None
    data: list[Spec] = []
    for each in cells:
        (left, right), (low, high) = (bounds(side or "") for side in each.groups)
        data.append({"left": left, "right": right, "low": low, "high": high, "n": each.number("n")})
    encoding: Spec = {
        "x": {**_axis("left", plan.one, plan, dictionary), "bin": {"binned": True}},
        "x2": {"field": "right"},
        "y": {**_axis("low", plan.other, plan, dictionary), "bin": {"binned": True}},
        "y2": {"field": "high"},
        "color": {"field": "n", "type": "quantitative", "title": "n", "scale": {"scheme": "blues"}},
        "tooltip": [{"field": name, "type": "quantitative"} for name in ("n", "left", "right", "low", "high")],
    }
    one, other = (short_name(each, dictionary, plan.cohort.table) for each in (plan.one, plan.other))
    title = plain(capitalised((f"{other} by {one}",)))
    said = "Cells: the deeper the blue, the more have both values there."
    return {**frame(title, said, data, {"mark": {"type": "rect"}, "encoding": encoding}), "height": TALL}


def _axis(field: str, column: str, plan: Correlate, dictionary: Dictionary) -> Spec:
    unit = dictionary.column(plan.cohort.table, column).unit
    name = short_name(column, dictionary, plan.cohort.table)
    return {
        "field": field,
        "type": "quantitative",
        "title": f"{name} ({unit})" if unit else name,
        "scale": {"zero": False},
    }


def bounds(text: str) -> tuple[float, float]:
    """Return the ends of a bin from its name."""
    low, _, high = text.partition(" to ")
    return float(low), float(high)
