"""An answer's figure as a Vega-Lite 5 specification, written as data (JupyterLab draws it: version 5.6)."""

from collections.abc import Mapping, Sequence
from typing import Any

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Correlate, Hazard, Missingness, Pair, Plan, Regress, Survive, TableOne, Variable
from clinical_nb.render.figure import INK, PALETTE, TALL, Spec, frame, nominal
from clinical_nb.render.findings import Finding, by_of, event_level, gather, say_groups, subject_of, summaries
from clinical_nb.render.forest import draw_forest
from clinical_nb.render.grid import Limit, largest
from clinical_nb.render.heat import bounds, draw_pairs
from clinical_nb.render.missing import draw_missing
from clinical_nb.render.openings import Opened
from clinical_nb.render.pairing import say_both, say_side_of, say_unit
from clinical_nb.render.partial import draw_partial
from clinical_nb.render.phrase import capitalised, plain
from clinical_nb.render.table_one import IMBALANCE
from clinical_nb.render.views import draw_view
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import Result

LIMIT = Limit(20, 20)
MOST_GROUPS = len(PALETTE)


def draw(plan: Plan, result: Result, dictionary: Dictionary) -> Spec | None:  # noqa: C901, PLR0911 - one a kind of figure
    """Return the chart of an answer, None where a number says it better.

    Shares with their intervals and counts are bars by group, levels are bars, a numeric column is a box by group: from
    least to most, quartiles, median, and the mean as a dot. All is drawn from the statistics; no row of data is in it.
    """
    if result.partial:
        return draw_partial(plan, result, dictionary)
    if isinstance(plan, Regress | Hazard):
        return draw_forest(plan, result, dictionary)
    found = summaries(result)
    if isinstance(plan, Opened):
        return draw_view(plan, found, result, dictionary)
    contexts = {each.context for each in found}
    if isinstance(plan, TableOne):
        return _balance(plan, result, dictionary)
    if isinstance(plan, Survive):
        return _curves(plan, result, dictionary)
    if isinstance(plan, Correlate):
        return draw_pairs(plan, result, dictionary)
    if isinstance(plan, Missingness):
        return draw_missing(plan, found, dictionary)
    if isinstance(plan, Pair):
        return _before_and_after(plan, found, dictionary)
    if "continuous" in contexts:
        return _of_numbers(found, result, plan, dictionary)
    if "categorical" in contexts and event_level(found, result, plan, dictionary) is None:
        return _level_bars([each for each in found if each.level is not None], plan, dictionary)
    event = event_level(found, result, plan, dictionary)
    shares = [each for each in found if each.level in (None, event) and each.get("p") is not None]
    return _share_bars(shares, plan, event, dictionary) if len(shares) > 1 else None


def _curves(plan: Survive, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw Kaplan-Meier curves as steps, one colour a group."""
    found = gather(result, ("survival_curve",))
    groups = list(dict.fromkeys(_group(each, plan, dictionary) for each in found))[:MOST_GROUPS]
    rows = [
        {"time": float(each.level or 0), "share": each.get("estimate"), "group": _group(each, plan, dictionary)}
        for each in found
    ]
    data = [row for row in rows if row["group"] in groups and row["share"] is not None]
    if not data:
        return None
    share: Spec = {"field": "share", "type": "quantitative", "title": "Without the event", "axis": {"format": ".0%"}}
    share["scale"] = {"domain": [0, 1]}
    encoding: Spec = {
        "x": {"field": "time", "type": "quantitative", "title": _measure_title(plan.time, plan, dictionary)},
        "y": share,
        "tooltip": [{"field": "group"}, {"field": "time"}, {**share, "format": ".1%"}],
    }
    mark: Spec = {"type": "line", "interpolate": "step-after", "strokeWidth": 2}
    if len(groups) > 1:
        colours = {"domain": groups, "range": list(PALETTE[: len(groups)])}
        legend: Spec = {"orient": "top", "title": _by_title(plan, dictionary)}
        encoding["color"] = {"field": "group", "type": "nominal", "scale": colours, "legend": legend}
    else:
        mark["color"] = PALETTE[0]
    said = "Kaplan-Meier: the share without the event as time goes by."
    return {**_spec(plan, dictionary, said, data, {"mark": mark, "encoding": encoding}), "height": TALL}


def _balance(plan: TableOne, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw how far the groups differ on each column: a dot each, the largest on top, and a line at what counts."""
    known = [each for each in gather(result, ("smd",)) if each.get("estimate") is not None]
    known.sort(key=lambda each: -(each.get("estimate") or 0))
    table = plan.cohort.table
    data = [{"name": short_name(each.variable or "", dictionary, table), "smd": each.get("estimate")} for each in known]
    if not data:
        return None
    x: Spec = {"field": "smd", "type": "quantitative", "title": "Standardised mean difference"}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": IMBALANCE}}},
        {
            "mark": {"type": "point", "filled": True, "size": 60, "color": PALETTE[0], "opacity": 1},
            "encoding": {
                "x": x,
                "y": nominal("name", [str(row["name"]) for row in data]),
                "tooltip": [{"field": "name"}, {**x, "format": ".3f"}],
            },
        },
    ]
    said = f"How far the groups differ on each characteristic; the line is at {IMBALANCE}."
    return _spec(plan, dictionary, said, data, {"layer": layers})


def _before_and_after(plan: Pair, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw a box before and one after, or the two shares."""
    if found[0].context == "paired_share":
        return _share_bars([each for each in found if each.get("p") is not None], plan, None, dictionary)
    return _boxes([each for each in found if each.level is None and each.get("median") is not None], plan, dictionary)


def _of_numbers(found: Sequence[Finding], result: Result, plan: Plan, dictionary: Dictionary) -> Spec | None:
    """Draw a histogram of all where bins were counted, else a box for each group."""
    bins = gather(result, ("histogram",))
    if bins and not by_of(plan):
        return _histogram(bins, plan, dictionary)
    return _boxes([each for each in found if each.get("median") is not None], plan, dictionary)


def _histogram(bins: Sequence[Finding], plan: Plan, dictionary: Dictionary) -> Spec:
    ends = [bounds(each.level or "") for each in bins]
    data = [{"low": low, "high": high, "n": each.number("n")} for each, (low, high) in zip(bins, ends, strict=True)]
    title = _measure_title(subject_of(plan), plan, dictionary)
    encoding: Spec = {
        "x": {
            "field": "low",
            "type": "quantitative",
            "title": title,
            "scale": {"zero": False},
            "bin": {"binned": True},
        },
        "x2": {"field": "high"},
        "y": {"field": "n", "type": "quantitative", "title": "n"},
        "tooltip": [{"field": name, "type": "quantitative"} for name in ("n", "low", "high")],
    }
    said = "Bars: how many lie from the lower end on to below the upper one."
    return _spec(plan, dictionary, said, data, {"mark": {"type": "bar", "color": PALETTE[0]}, "encoding": encoding})


def _boxes(found: Sequence[Finding], plan: Plan, dictionary: Dictionary) -> Spec | None:
    if not found:
        return None
    kept, _ = largest(found, LIMIT, "N")
    names = ("min", "p25", "median", "p75", "max", "mean")
    data: list[Spec] = [
        {"group": _group(each, plan, dictionary), **{name: each.get(name) for name in names}} for each in kept
    ]
    axis = say_unit(plan, dictionary) if isinstance(plan, Pair) else _measure_title(subject_of(plan), plan, dictionary)
    group = nominal("group", [row["group"] for row in data])

    def x(name: str) -> Spec:
        return {"field": name, "type": "quantitative", "title": axis, "scale": {"zero": False}}

    tooltip = [{"field": name, "type": "quantitative", "title": name, "format": ".4~g"} for name in names]
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 2}, "encoding": {"x": x("min"), "x2": {"field": "max"}}},
        {
            "mark": {"type": "bar", "color": PALETTE[0], "size": 16},
            "encoding": {"x": x("p25"), "x2": {"field": "p75"}, "tooltip": tooltip},
        },
        {"mark": {"type": "tick", "color": "white", "thickness": 2.5, "size": 16}, "encoding": {"x": x("median")}},
        {
            "mark": {"type": "point", "shape": "circle", "filled": True, "color": PALETTE[4], "size": 32, "opacity": 1},
            "encoding": {"x": x("mean")},
        },
    ]
    said = "Box: quartiles; line: median; dot: mean; whiskers: least and most."
    return _spec(plan, dictionary, said, data, {"encoding": {"y": group}, "layer": layers})


def _share_bars(found: Sequence[Finding], plan: Plan, event: str | None, dictionary: Dictionary) -> Spec:
    kept, _ = largest(found, LIMIT, "N")
    names = {"share": "p", "low": "conf.low", "high": "conf.high", "n": "n"}
    data: list[Spec] = [
        {
            "group": _group(each, plan, dictionary),
            "of": each.of,
            **{field: value for field, name in names.items() if (value := each.get(name)) is not None},
        }
        for each in kept
    ]
    group = nominal("group", [row["group"] for row in data])
    tooltip = [{"field": "n"}, {"field": "of"}, {"field": "share", "format": ".1%"}]
    mark: Spec = {"type": "bar", "color": PALETTE[0], "size": 18}
    shared: Spec = {"tooltip": [{"type": "quantitative", **each} for each in tooltip]}
    subject = subject_of(plan)
    if subject is None:
        number: Spec = {"field": "n", "type": "quantitative", "title": "n"}
        drawing: Spec = {"mark": mark, "encoding": {"y": group, "x": number, **shared}}
        return _spec(plan, dictionary, "Bars: number in each group.", data, drawing)
    title = "Share" if isinstance(plan, Pair) else say_level(subject, event or "yes", dictionary, plan.cohort.table)
    scale: Spec = {"type": "quantitative", "title": title, "axis": {"format": ".0%"}, "scale": {"zero": True}}
    pale: Spec = {**mark, "fillOpacity": 0.5, "stroke": PALETTE[0]}  # with an edge that a dark ground does not swallow
    bars: Spec = {"mark": pale, "encoding": {"x": {"field": "share", **scale}, **shared}}
    bounded = any("low" in row for row in data)
    said = "Bars: share of each group; lines: 95 % intervals." if bounded else "Bars: share of each group."
    layers = [bars, *(_interval_marks(scale) if bounded else [])]
    return _spec(plan, dictionary, said, data, {"encoding": {"y": group}, "layer": layers})


def _interval_marks(scale: Spec) -> list[Spec]:
    """Draw an interval as a line with an end at each bound."""
    line: Spec = {"type": "rule", "color": INK, "strokeWidth": 2}
    end: Spec = {"type": "tick", "color": INK, "thickness": 2, "size": 9}
    return [
        {"mark": line, "encoding": {"x": {"field": "low", **scale}, "x2": {"field": "high"}}},
        *({"mark": end, "encoding": {"x": {"field": bound, **scale}}} for bound in ("low", "high")),
    ]


def _level_bars(found: Sequence[Finding], plan: Plan, dictionary: Dictionary) -> Spec | None:
    subject = subject_of(plan)
    groups = list(dict.fromkeys(each.groups for each in found))[:MOST_GROUPS]
    sizes: dict[str, float] = {}
    for each in found:
        sizes[each.level or ""] = sizes.get(each.level or "", 0) + each.number("n")
    levels = list(sizes) if len(sizes) <= LIMIT.most else sorted(sizes, key=lambda each: -sizes[each])[: LIMIT.keep]
    if subject is None or len(levels) * len(groups) <= 1:
        return None
    table = plan.cohort.table
    data = [
        {
            "level": say_level(subject, each.level or "", dictionary, table),
            "group": _group(each, plan, dictionary),
            "share": each.get("p"),
            "n": each.get("n"),
        }
        for each in found
        if each.groups in groups and each.level in levels
    ]
    percent: Spec = {"field": "share", "type": "quantitative", "title": "Share", "axis": {"format": ".0%"}}
    order = [say_level(subject, level, dictionary, table) for level in levels]
    encoding: Spec = {
        "y": nominal("level", order),
        "x": percent,
        "tooltip": [{"field": "n", "type": "quantitative"}, {**percent, "format": ".1%"}],
    }
    if len(groups) > 1:
        names = list(dict.fromkeys(row["group"] for row in data))
        encoding["yOffset"] = {"field": "group", "type": "nominal", "sort": names}
        title = _by_title(plan, dictionary)
        colours = {"domain": names, "range": list(PALETTE[: len(names)])}
        legend: Spec = {"orient": "top", "title": title}
        encoding["color"] = {"field": "group", "type": "nominal", "scale": colours, "legend": legend}
    mark: Spec = {"type": "bar", **({} if len(groups) > 1 else {"color": PALETTE[0]})}
    return _spec(plan, dictionary, "Bars: share of each level.", data, {"mark": mark, "encoding": encoding})


def _spec(plan: Plan, dictionary: Dictionary, said: str, data: Sequence[Mapping[str, Any]], drawing: Spec) -> Spec:
    """Put a drawing under the title of what it is about."""
    subject = subject_of(plan)
    about = "Number" if subject is None else short_name(subject, dictionary, plan.cohort.table)
    about = "Balance" if isinstance(plan, TableOne) else about
    about = f"Time until {about}" if isinstance(plan, Survive) else about
    by = " and ".join(short_name(each, dictionary, plan.cohort.table) for each in by_of(plan))
    about = say_both(plan, dictionary) if isinstance(plan, Pair) else about
    title = plain(capitalised((f"{about} by {by}" if by else about,)))
    return frame(title, said, data, drawing)


def _group(finding: Finding, plan: Plan, dictionary: Dictionary) -> str:
    if isinstance(plan, Pair):
        return say_side_of(finding, plan, dictionary)
    return say_groups(finding, plan, dictionary) or "all"


def _by_title(plan: Plan, dictionary: Dictionary) -> str:
    columns = [each for each in by_of(plan) if isinstance(each, str)]
    return ", ".join(short_name(each, dictionary, plan.cohort.table) for each in columns)


def _measure_title(subject: Variable | None, plan: Plan, dictionary: Dictionary) -> str:
    if not isinstance(subject, str):
        return ""
    unit = dictionary.column(plan.cohort.table, subject).unit
    name = short_name(subject, dictionary, plan.cohort.table)
    return f"{name} ({unit})" if unit else name
