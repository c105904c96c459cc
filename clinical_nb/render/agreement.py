"""Whether two columns agree, in words, cells and figures: kappa, or the limits between which they differ."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Agree
from clinical_nb.render import numbers
from clinical_nb.render.comparison import ratio
from clinical_nb.render.figure import INK, TALL, Spec, frame, nominal
from clinical_nb.render.findings import Finding, data_decimals, gather, measure
from clinical_nb.render.phrase import Phrase, aside, capitalised, number, plain
from clinical_nb.render.wording import short_name, with_unit
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_NAMES = {
    "kappa": "Cohen's kappa",
    "kappa_weighted": "kappa, weighted by squares",
    "icc": "ICC(2,1)",
    "concordance": "Lin's concordance",
}


def say_agreement(plan: Agree, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say how many readings agree and kappa; of measurements the bias, the limits and the intraclass correlation."""
    one, other = (short_name(each, dictionary, plan.cohort.table) for each in (plan.one, plan.other))
    if found[0].context == "agreement":
        of = found[0].number("N")
        if not of:
            return (f"nobody has both {one} and {other}",)
        bounds = numbers.percent_interval(found[0].get("conf.low"), found[0].get("conf.high"), of)
        said: Phrase = (
            f"{one} and {other} agree in ",
            number(f"{numbers.count(found[0].number('n'))} of {numbers.count(of)}"),
            " (",
            aside(f"{numbers.percent(found[0].get('p'), of)}, {bounds}"),
            ")",
        )
        return (*said, *_say(result, "kappa"), *_say(result, "kappa_weighted"))
    limits = {each.level: each for each in gather(result, ("bland_altman",))}
    bias = limits["bias"]
    value = bias.get("estimate")
    if value is None:
        return (f"whether {one} and {other} agree cannot be told ({'; '.join(bias.warnings.values())})",)
    unit, digits = _unit(plan, dictionary), data_decimals(found)
    way = "no different from" if value == 0 else "higher than" if value > 0 else "lower than"
    low, high = bias.get("conf.low"), bias.get("conf.high")
    turned = (low, high) if value >= 0 or low is None or high is None else (-high, -low)
    ends = (numbers.estimate(limits[each].get("estimate"), digits) for each in ("lower limit", "upper limit"))
    interval: Phrase = () if low is None else (" (", aside(numbers.interval(*turned, digits)), ")")
    return (
        f"{one} is {way} {other} by a mean of ",
        number(with_unit(numbers.estimate(abs(value), digits), unit)),
        *interval,
        ", limits of agreement of the difference ",
        number(" to ".join(ends)),
        *_say(result, "icc"),
    )


def agreement_cells(plan: Agree, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each measure of agreement."""
    digits = data_decimals(found)
    one, other = (short_name(each, dictionary, plan.cohort.table) for each in (plan.one, plan.other))
    rows: list[tuple[str, ...]] = []
    for each in found:
        if each.context == "agreement":
            of = each.number("N")
            bounds = numbers.percent_interval(each.get("conf.low"), each.get("conf.high"), of)
            shown = f"{numbers.count(each.number('n'))} of {numbers.count(of)} ({numbers.percent(each.get('p'), of)})"
            rows.append(("agreement", shown, bounds.removeprefix("95 % CI ")))
        elif each.get("mean") is not None:
            centre = f"{numbers.estimate(each.get('mean'), digits)} ({numbers.estimate(each.get('sd'), digits)})"
            rows.append((f"{short_name(each.variable or '', dictionary, plan.cohort.table)}, mean (SD)", centre, ""))
    for each in gather(result, ("bland_altman",)):
        name = f"bias ({one} minus {other})" if each.level == "bias" else f"{each.level} of agreement"
        rows.append((name, numbers.estimate(each.get("estimate"), digits), _bounds(each, digits)))
    for context, name in _NAMES.items():
        each = measure(result, context)
        if each is not None:
            rows.append((name, numbers.estimate(each.get("estimate")), _bounds(each, None)))
    return ("Measure", "Estimate", "95 % CI"), tuple(rows)


def draw_agreement(plan: Agree, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw how many have each pair of levels; of measurements, each mean and difference with the limits."""
    one, other = (short_name(each, dictionary, plan.cohort.table) for each in (plan.one, plan.other))
    title = plain(capitalised((f"agreement of {one} and {other}",)))
    colour: Spec = {"field": "n", "type": "quantitative", "title": "n", "scale": {"scheme": "blues"}}
    cells = gather(result, ("agreement_cell",))
    if cells:
        return _draw_levels(plan, cells, title, colour, dictionary)
    bins = gather(result, ("agreement_bin",))
    if not bins:
        return None
    data: list[Spec] = []
    for each in bins:
        (left, right), (low, high) = (_ends(side or "") for side in each.groups)
        data.append({"left": left, "right": right, "low": low, "high": high, "n": each.number("n")})
    unit = _unit(plan, dictionary)
    plain_scale: Spec = {"type": "quantitative", "bin": {"binned": True}, "scale": {"zero": False}}
    encoding: Spec = {
        "x": {"field": "left", "title": with_unit("Mean of both", f"({unit})" if unit else ""), **plain_scale},
        "x2": {"field": "right"},
        "y": {"field": "low", "title": f"{one} minus {other}", **plain_scale},
        "y2": {"field": "high"},
        "color": colour,
        "tooltip": [{"field": name, "type": "quantitative"} for name in ("n", "left", "right", "low", "high")],
    }
    layers: list[Spec] = [{"mark": {"type": "rect"}, "encoding": encoding}]
    for each in gather(result, ("bland_altman",)):
        if each.get("estimate") is not None:
            dashes = {} if each.level == "bias" else {"strokeDash": [5, 4]}
            y: Spec = {"datum": each.get("estimate"), "type": "quantitative"}
            layers.append({"mark": {"type": "rule", "color": INK, "strokeWidth": 2, **dashes}, "encoding": {"y": y}})
    said = "Cells: the deeper the blue, the more; line: mean difference; dashed: limits of agreement."
    return {**frame(title, said, data, {"layer": layers}), "height": TALL}


def _draw_levels(plan: Agree, cells: Sequence[Finding], title: str, colour: Spec, dictionary: Dictionary) -> Spec:
    table = plan.cohort.table
    data: list[Spec] = [
        {
            "one": dictionary.column(table, plan.one).label_of(each.groups[0]),
            "other": dictionary.column(table, plan.other).label_of(each.groups[1]),
            "n": each.number("n"),
        }
        for each in cells
    ]
    down, across = ([str(row[side]) for row in data] for side in ("one", "other"))
    names = [short_name(each, dictionary, table) for each in (plan.one, plan.other)]
    encoding: Spec = {
        "y": nominal("one", list(dict.fromkeys(down))),
        "x": nominal("other", list(dict.fromkeys(across))),
    }
    for side, name in zip(("y", "x"), names, strict=True):
        encoding[side]["axis"]["title"] = name
    encoding["x"]["axis"]["labelAngle"] = -30  # upright names of levels would be read with the head turned
    layers: list[Spec] = [
        {"mark": {"type": "rect"}, "encoding": {"color": colour, "tooltip": [{"field": "n", "type": "quantitative"}]}},
    ]
    said = "Cells: the deeper the blue, the more have both readings."
    return frame(title, said, data, {"encoding": encoding, "layer": layers})


def _say(result: Result, context: str) -> Phrase:
    found = measure(result, context)
    if found is None or found.get("estimate") is None:
        return ()
    return (f", {_NAMES[context]} ", *ratio(found))


def _bounds(finding: Finding, digits: int | None) -> str:
    if finding.get("conf.low") is None:
        return "; ".join(finding.warnings.values())
    return numbers.interval(finding.get("conf.low"), finding.get("conf.high"), digits).removeprefix("95 % CI ")


def _unit(plan: Agree, dictionary: Dictionary) -> str:
    units = (dictionary.column(plan.cohort.table, each).unit for each in (plan.one, plan.other))
    return next((unit for unit in units if unit), "")


def _ends(text: str) -> tuple[float, float]:
    low, _, high = text.partition(" to ")
    return float(low), float(high)
