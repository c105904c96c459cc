"""A result that disclosure control keeps partly back: its rows as they are, and nothing worked out of them.

The views of each kind of plan add, subtract and omit, as if each number were there: none of them sees such a result.
"""

from collections.abc import Callable, Mapping, Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Plan, Survive, Variable, name_of, parts_of
from clinical_nb.render import numbers
from clinical_nb.render.figure import PALETTE, TALL, Spec, frame, nominal
from clinical_nb.render.findings import MEASURES, SUMMARIES, TESTS
from clinical_nb.render.phrase import Phrase
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import SUPPRESSED, Result, Statistic

Stats = Mapping[str, Statistic]
Row = tuple[str, Stats]
_BANDS = "life_table"  # shares at the ends of bands of time, instead of a curve
_MOST_ROWS = 100
_MOST_BARS = 20
_NOT_ALL = "Not all of this answer may be shown."
_NOTHING = "Nothing of this answer may be shown."


def say_partial(result: Result) -> Phrase:
    """Return that not all may be shown, or nothing."""
    return (_NOT_ALL if any(each.stat is not None for each in result.statistics) else _NOTHING,)


def partial_cells(plan: Plan, result: Result, dictionary: Dictionary) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads and rows: one for each thing that was computed, with its numbers or that they are suppressed."""
    rows = _rows(plan, result, dictionary)
    heads = [head for head, names, _ in _COLUMNS if any(names[0] in stats for _, stats in rows)]
    cells = [
        (name, *(_cell(stats, names, write) for head, names, write in _COLUMNS if head in heads))
        for name, stats in rows[:_MOST_ROWS]
    ]
    return ("Of", *heads), cells


def draw_partial(plan: Plan, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the shares that are shown as bars; None where there are not two."""
    if any(each.context == _BANDS and each.stat is not None for each in result.statistics):
        return _draw_bands(result, plan, dictionary)
    shown = [
        {"group": name, "share": stats["p"].stat}
        for name, stats in _rows(plan, result, dictionary)
        if "p" in stats and stats["p"].stat is not None and "p.value" not in stats
    ][:_MOST_BARS]
    if len(shown) < 2:  # noqa: PLR2004 - one number needs no picture
        return None
    share: Spec = {"field": "share", "type": "quantitative", "title": "Share", "axis": {"format": ".0%"}}
    encoding: Spec = {"y": nominal("group", [str(row["group"]) for row in shown]), "x": share}
    drawing: Spec = {"mark": {"type": "bar", "color": PALETTE[0], "size": 18}, "encoding": encoding}
    return frame("Shares that may be shown", "Bars: shares; those that are suppressed are left out.", shown, drawing)


def _draw_bands(result: Result, plan: Plan, dictionary: Dictionary) -> Spec | None:
    """Draw the shares at the ends of bands of time as dots, a colour a group."""
    variables = {name_of(each): each for held in parts_of(plan).values() for each in held}
    data: list[dict[str, float | str]] = []
    for each in result.statistics:
        if each.context == _BANDS and each.stat_name == "estimate" and each.stat is not None:
            by = variables.get(each.group1 or "")
            group = (
                say_level(by, each.group1_level, dictionary, plan.cohort.table) if by and each.group1_level else "all"
            )
            end = float((each.variable_level or "").rpartition(" ")[2])
            data += [{"group": group, "time": 0.0, "share": 1.0}] if group not in {row["group"] for row in data} else []
            data.append({"group": group, "time": end, "share": each.stat})
    groups = list(dict.fromkeys(str(row["group"]) for row in data))
    if not groups:
        return None
    colours = {"domain": groups, "range": list(PALETTE[: len(groups)])}
    scale: Spec = {"domain": [0, 1]}
    encoding: Spec = {
        "x": {"field": "time", "type": "quantitative", "title": plan.time if isinstance(plan, Survive) else None},
        "y": {"field": "share", "type": "quantitative", "title": "Without the event", "scale": scale},
        "color": {"field": "group", "type": "nominal", "scale": colours, "legend": {"orient": "top", "title": None}},
    }
    drawing: Spec = {"mark": {"type": "line", "point": True, "strokeWidth": 2}, "encoding": encoding}
    said = "Dots: shares without the event at the ends of bands of time; the lines between them are no estimates."
    return {**frame("Life table", said, data, drawing), "height": TALL}


def _rows(plan: Plan, result: Result, dictionary: Dictionary) -> list[Row]:
    """Gather the statistics of one thing, in the order in which they were computed."""
    variables = {name_of(each): each for held in parts_of(plan).values() for each in held}
    found: dict[str, dict[str, Statistic]] = {}
    for each in result.statistics:
        found.setdefault(_name(each, variables, plan, dictionary), {}).setdefault(each.stat_name, each)
    return list(found.items())


def _name(each: Statistic, variables: Mapping[str, Variable], plan: Plan, dictionary: Dictionary) -> str:
    """Say what a statistic is of: its method where it is none of a group, its variable and level, its groups."""
    table = plan.cohort.table

    def say(name: str | None, level: str | None) -> str:
        variable = variables.get(name or "")
        if variable is None:
            return level or name or ""
        short = short_name(variable, dictionary, table)
        if level and not isinstance(variable, str) and level not in ("yes", "no"):
            return f"{short}: {level}"  # of what a rate is: "100 person-years"
        return f"{short}: {say_level(variable, level, dictionary, table)}" if level else short

    method = TESTS.get(each.context) or MEASURES.get(each.context) or each.context.replace("_", " ")
    sides = [say(each.group1, each.group1_level), say(each.group2, each.group2_level)]
    parts = [method if each.context not in SUMMARIES else "", say(each.variable, each.variable_level), *sides]
    return ", ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part)) or "all"


def _cell(stats: Stats, names: Sequence[str], write: Callable[[Sequence[float]], str]) -> str:
    if names[0] not in stats:
        return ""
    values = [stats[name].stat for name in names if name in stats]
    known = [value for value in values if value is not None]
    if "p" in stats and names[0] == "conf.low" and len(known) == len(names):
        return numbers.percent_interval(*known, of=100).removeprefix("95 % CI ")
    return write(known) if len(known) == len(values) == len(names) else SUPPRESSED


def _estimates(values: Sequence[float]) -> str:
    return " to ".join(numbers.estimate(value) for value in values)


# A column: its head, the statistics in it, and how they are written.
_COLUMNS: tuple[tuple[str, tuple[str, ...], Callable[[Sequence[float]], str]], ...] = (
    ("n", ("n",), lambda values: numbers.count(values[0])),
    ("N", ("N",), lambda values: numbers.count(values[0])),
    ("Share", ("p",), lambda values: numbers.percent(values[0], 100)),
    ("Missing", ("N_miss",), lambda values: numbers.count(values[0])),
    ("At risk", ("n.risk",), lambda values: numbers.count(values[0])),
    ("Events", ("n.event",), lambda values: numbers.count(values[0])),
    ("Last seen", ("n.censored",), lambda values: numbers.count(values[0])),
    ("Undecided", ("n_unknown",), lambda values: numbers.count(values[0])),
    ("Mean", ("mean",), _estimates),
    ("SD", ("sd",), _estimates),
    ("Median", ("median",), _estimates),
    ("Quartiles", ("p25", "p75"), _estimates),
    ("Value", ("value",), _estimates),
    ("Estimate", ("estimate",), _estimates),
    ("95 % CI", ("conf.low", "conf.high"), _estimates),
    ("p", ("p.value",), lambda values: numbers.p_value(values[0])),
)
