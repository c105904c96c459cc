"""A model of several terms as a figure: each estimate with its interval against no difference, alone and adjusted."""

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Hazard, Regress
from clinical_nb.render.figure import INK, PALETTE, Spec, frame, nominal
from clinical_nb.render.findings import gather
from clinical_nb.render.models import is_ratio, measure_of, say_contrast, say_explained, with_terms
from clinical_nb.render.phrase import capitalised, plain
from clinical_nb.render.wording import short_name
from clinical_nb.result import Result

_MODELS = ("Adjusted", "Unadjusted")
_STEP = 20  # pixels an estimate, where each row has two


def draw_forest(plan: Regress | Hazard, result: Result, dictionary: Dictionary) -> Spec | None:
    """Return a row for each estimate, on a logarithmic axis where they are ratios; None where there is none."""
    table, several = plan.cohort.table, len(plan.terms) > 1
    data: list[Spec] = []
    for model in _MODELS if several else _MODELS[:1]:
        for each, variable in with_terms(plan, gather(result, (model.lower(),))):
            values = [each.get(name) for name in ("estimate", "conf.low", "conf.high")]
            if any(value is None or (is_ratio(plan) and value <= 0) for value in values):
                continue
            contrast = say_contrast(each, variable, plan, dictionary)
            name = short_name(variable, dictionary, table)
            term = contrast if isinstance(variable, str) and each.level is not None else f"{name}, {contrast}"
            data.append({"term": term, "model": model, **dict(zip(("estimate", "low", "high"), values, strict=True))})
    if not data:
        return None
    title = plain(capitalised((f"{measure_of(plan)}s for the {say_explained(plan, result, dictionary)}",)))
    said = "Dots: estimates; lines: 95 % intervals; broken line: no difference."
    spec = frame(title, said, data, _drawing(plan, data, several=several))
    return {**spec, "height": {"step": _STEP}} if several else spec


def _drawing(plan: Regress | Hazard, data: list[Spec], *, several: bool) -> Spec:
    order = list(dict.fromkeys(row["term"] for row in data))
    measure = measure_of(plan)
    scale: Spec = {"type": "log"} if is_ratio(plan) else {"zero": False}
    x: Spec = {"type": "quantitative", "title": f"{measure[0].upper()}{measure[1:]}", "scale": scale}
    if is_ratio(plan):
        x["axis"] = {"format": "~g", "labelOverlap": True}
    place: Spec = {"y": nominal("term", order)}
    mark: Spec = {}
    if several:
        colours = {"domain": list(_MODELS), "range": [PALETTE[0], PALETTE[4]]}
        legend: Spec = {"orient": "top", "title": None}
        place["yOffset"] = {"field": "model", "type": "nominal", "sort": list(_MODELS)}
        place["color"] = {"field": "model", "type": "nominal", "scale": colours, "legend": legend}
    else:
        mark["color"] = PALETTE[0]
    tooltip = [
        {"field": "term", "type": "nominal"},
        *({"field": name, "type": "quantitative", "format": ".3~g"} for name in ("estimate", "low", "high")),
    ]
    rule: Spec = {
        "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
        "encoding": {"x": {**x, "datum": 1 if is_ratio(plan) else 0}},
    }
    return {
        "layer": [
            rule,
            {
                "mark": {"type": "rule", "strokeWidth": 2, **mark},
                "encoding": {**place, "x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "shape": "circle", "filled": True, "size": 60, "opacity": 1, **mark},
                "encoding": {**place, "x": {"field": "estimate", **x}, "tooltip": tooltip},
            },
        ]
    }
