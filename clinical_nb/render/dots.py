"""Estimates as dots with their intervals, one line each: the figure of whatever has a name, a number and two bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_nb.render.figure import PALETTE, Spec, frame, nominal


@dataclass(frozen=True, slots=True)
class Dot:
    """One line of the figure; `n` is what the estimate rests on."""

    name: str
    estimate: float
    low: float | None
    high: float | None
    n: float


def draw_dots(title: str, said: str, axis: str, dots: Sequence[Dot], written: str = "") -> Spec | None:
    """Return the figure; None for fewer than two, which a sentence says better. `written` is the numbers' format."""
    if len(dots) < 2:  # noqa: PLR2004 - a figure compares
        return None
    data: list[Spec] = [
        {"name": each.name, "estimate": each.estimate, "low": each.low, "high": each.high, "n": each.n} for each in dots
    ]
    x: Spec = {"type": "quantitative", "title": axis, "scale": {"zero": True}}
    if written:
        x["axis"] = {"format": written}
    tooltip = [{"field": name, "type": "quantitative"} for name in ("n", "estimate", "low", "high")]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": PALETTE[0], "strokeWidth": 2},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "color": PALETTE[0], "opacity": 1},
            "encoding": {"x": {"field": "estimate", **x}, "tooltip": tooltip},
        },
    ]
    y = nominal("name", [each.name for each in dots])
    return frame(title, said, data, {"encoding": {"y": y}, "layer": layers})
