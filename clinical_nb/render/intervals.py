"""Estimates with their intervals as dots and lines, in their order from top to bottom."""

from collections.abc import Mapping, Sequence
from typing import Any

from clinical_nb.render.figure import INK, PALETTE, Spec, frame, nominal
from clinical_nb.render.phrase import capitalised, plain


def draw_intervals(title: str, said: str, data: Sequence[Mapping[str, Any]], axis: Spec, *lines: float) -> Spec | None:
    """Return a row for each estimate; None where there are none.

    Parameters
    ----------
    title, said
        What it is about, and how it is read.
    data
        Rows with `name`, `estimate`, `low` and `high`; those without a number are left out.
    axis
        The horizontal axis: its title, and its scale where it is not linear.
    lines
        Where a broken line stands: at no difference, at a margin.

    """
    ratios = axis.get("scale", {}).get("type") == "log"
    values = ("estimate", "low", "high")
    rows = [row for row in data if all(row[name] is not None and not (ratios and row[name] <= 0) for name in values)]
    if not rows:
        return None
    place: Spec = {"y": nominal("name", list(dict.fromkeys(str(row["name"]) for row in rows)))}
    x: Spec = {"type": "quantitative", "scale": {"zero": False}, **axis}
    tooltip = [
        {"field": "name", "type": "nominal"},
        *({"field": name, "type": "quantitative", "format": ".3~g"} for name in values),
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": PALETTE[0]},
            "encoding": {**place, "x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "shape": "circle", "filled": True, "size": 60, "opacity": 1, "color": PALETTE[0]},
            "encoding": {**place, "x": {"field": "estimate", **x}, "tooltip": tooltip},
        },
    ]
    rule: Spec = {"type": "rule", "color": INK, "strokeDash": [4, 3]}
    layers = [*({"mark": rule, "encoding": {"x": {**x, "datum": line}}} for line in lines), *layers]
    return frame(plain(capitalised((title,))), said, rows, {"layer": layers})
