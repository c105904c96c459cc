"""Cumulative incidence with a competing event, in words, cells and as curves."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Incidence
from clinical_nb.render import numbers
from clinical_nb.render.figure import PALETTE, TALL, Spec, frame
from clinical_nb.render.findings import TESTS, Finding, gather, headline, say_groups, say_within_groups
from clinical_nb.render.phrase import Phrase, capitalised, listed, number, plain
from clinical_nb.render.survival import say_share_at, say_time, share_cell
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_FEW = 5  # groups that a sentence can hold


def say_incidence(plan: Incidence, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say how many have had the event at each asked time, else at the last one told, and the test of the groups."""
    unit = dictionary.column(plan.cohort.table, plan.time).unit
    at = gather(result, ("incidence_at",))
    said: list[Phrase] = []
    for each in found[:_FEW]:
        own = [one for one in at if one.groups == each.groups]
        known = [one for one in own if one.get("estimate") is not None]
        shown = own if plan.at else (known or own)[-1:]
        shares = [(*say_share_at(one), f" by {say_time(one.level or '', unit)}") for one in shown]
        within = say_within_groups(each, plan, dictionary)
        said.append((*listed(shares), f" {within}" if within else ""))
    more = len(found) - _FEW
    rest: Phrase = (f"; and {numbers.count(more)} more groups",) if more > 0 else ()
    event = say_level(plan.event, "yes", dictionary, plan.cohort.table)
    return (f"{event}: ", *listed(said, last="; "), *rest, *_verdict(result))


def incidence_cells(plan: Incidence, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each group and event: how many, and the incidence at each time."""
    table = plan.cohort.table
    unit = dictionary.column(table, plan.time).unit
    at = gather(result, ("incidence_at", "competing_at"))
    times = list(dict.fromkeys(each.level or "" for each in at))
    heads = ("Event", "N", "With it", *(f"By {say_time(time, unit)}" for time in times))
    rows: list[tuple[str, ...]] = []
    for each in found:
        whose = say_groups(each, plan, dictionary)
        sides = (("incidence_at", plan.event, "n"), ("competing_at", plan.competing, "n.competing"))
        for context, event, name in sides:
            own = {one.level: one for one in at if one.context == context and one.groups == each.groups}
            said = say_level(event, "yes", dictionary, table)
            shown = (numbers.count(each.number("N")), numbers.count(each.number(name)))
            cells = tuple(share_cell(own[time]) for time in times)
            rows.append((f"{whose}: {said}" if whose else said, *shown, *cells))
    return heads, tuple(rows)


def draw_incidence(plan: Incidence, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the curves as steps: a colour a group; of all together, a colour an event."""
    table = plan.cohort.table
    event, competing = (say_level(each, "yes", dictionary, table) for each in (plan.event, plan.competing))
    grouped = bool(plan.by)
    contexts = ("incidence_curve",) if grouped else ("incidence_curve", "competing_curve")
    data: list[Spec] = [
        {
            "time": float(each.level or 0),
            "share": each.get("estimate"),
            "curve": say_groups(each, plan, dictionary)
            if grouped
            else (event if each.context == "incidence_curve" else competing),
        }
        for each in gather(result, contexts)
    ]
    names = list(dict.fromkeys(str(row["curve"]) for row in data))[: len(PALETTE)]
    data = [row for row in data if row["curve"] in names]
    if not data:
        return None
    unit = dictionary.column(table, plan.time).unit
    time = short_name(plan.time, dictionary, table)
    share: Spec = {"field": "share", "type": "quantitative", "title": "Have had it", "axis": {"format": ".0%"}}
    colours = {"domain": names, "range": list(PALETTE[: len(names)])}
    encoding: Spec = {
        "x": {"field": "time", "type": "quantitative", "title": f"{time} ({unit})" if unit else time},
        "y": {**share, "scale": {"zero": True}},
        "color": {"field": "curve", "type": "nominal", "scale": colours, "legend": {"orient": "top", "title": None}},
        "tooltip": [{"field": "curve"}, {"field": "time"}, {**share, "format": ".1%"}],
    }
    mark: Spec = {"type": "line", "interpolate": "step-after", "strokeWidth": 2}
    by = " and ".join(short_name(each, dictionary, table) for each in plan.by)
    title = plain(capitalised((f"incidence of {event} by {by}" if by else f"incidence of {event} and {competing}",)))
    said = "Aalen-Johansen: the share that has had the event as time goes by."
    return {**frame(title, said, data, {"mark": mark, "encoding": encoding}), "height": TALL}


def _verdict(result: Result) -> Phrase:
    test = headline(result)
    if test is None or test.get("p.value") is None:
        return ()
    return (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
