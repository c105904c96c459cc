"""Three or more times of the same persons in words, cells and a figure."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Repeated, Visits, name_of
from clinical_nb.render import numbers
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import TESTS, Finding, data_decimals, gather, headline, measure
from clinical_nb.render.intervals import draw_intervals
from clinical_nb.render.lines import Cells, points
from clinical_nb.render.phrase import Mark, Phrase, aside, listed, number
from clinical_nb.render.wording import say_level, short_name
from clinical_nb.result import Result

_FEW = 6  # times that a sentence can hold
_PAIRS = ("pairwise_signed_rank", "pairwise_mcnemar")


def say_repeats(plan: Repeated | Visits, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the median, or the share, at each time, and the test."""
    digits, test = data_decimals(found), headline(result)
    shares = found[0].context == "repeated_share"
    said = [
        (_shown(each, digits, shares=shares), f" at {say_time(each.groups[0], plan, dictionary)}")
        for each in found[:_FEW]
    ]
    more = len(found) - len(said)
    rest = (f", and {numbers.count(more)} more times",) if more else ()
    agreement = measure(result, "kendalls_w")
    strength: Phrase = ()
    if agreement is not None and agreement.get("estimate") is not None:
        strength = ("; Kendall's W ", number(numbers.estimate(agreement.get("estimate"))))
    verdict: Phrase = ()
    if test is not None and test.get("p.value") is not None:
        verdict = (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    of = ("; n = ", number(numbers.count(found[0].number("N"))))
    head = f"{'share' if shares else 'median'} {_subject(plan, dictionary)}".rstrip()
    return (f"{head}: ", *listed(said), *rest, *strength, *verdict, *of)


def repeat_cells(plan: Repeated | Visits, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each time."""
    digits = data_decimals(found)
    if found[0].context == "repeated_share":
        rows = [
            (
                say_time(each.groups[0], plan, dictionary),
                numbers.count(each.number("n")),
                numbers.count(each.of),
                numbers.percent(each.get("p"), each.of),
                numbers.percent_interval(each.get("conf.low"), each.get("conf.high"), each.of).removeprefix("95 % CI "),
            )
            for each in found
        ]
        return ("Time", "n", "Of", "Share", "95 % CI"), tuple(rows)
    rows = [
        (
            say_time(each.groups[0], plan, dictionary),
            numbers.count(each.number("N")),
            f"{numbers.estimate(each.get('mean'), digits)} ({numbers.estimate(each.get('sd'), digits)})",
            f"{numbers.estimate(each.get('median'), digits)} ({_range(each, 'p25', 'p75', digits)})",
            f"{numbers.observed(each.get('min'), digits)} to {numbers.observed(each.get('max'), digits)}",
        )
        for each in found
    ]
    return ("Time", "n", "Mean (SD)", "Median (Q1 to Q3)", "Range"), tuple(rows)


def draw_repeats(plan: Repeated | Visits, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw each time's median with its quartiles, or its share with its interval."""
    shares = found[0].context == "repeated_share"
    names = ("p", "conf.low", "conf.high") if shares else ("median", "p25", "p75")
    data = [
        {
            "name": say_time(each.groups[0], plan, dictionary),
            **dict(zip(("estimate", "low", "high"), (each.get(name) for name in names), strict=True)),
        }
        for each in found
    ]
    subject = _subject(plan, dictionary)
    axis: Spec = {"title": "Share", "axis": {"format": ".0%"}} if shares else {"title": subject or "Value"}
    said = "Dots: shares; lines: 95 % intervals." if shares else "Dots: medians; lines: quartiles."
    names = [str(each["name"]) for each in data]
    return draw_intervals(f"{subject or _together(names)} in the same persons", said, data, axis)


def _together(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def repeat_lines(plan: Repeated | Visits, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for each pair of times that was asked for."""
    digits = data_decimals(gather(result, ("repeated",)))
    lines: list[Phrase] = []
    for each in gather(result, _PAIRS):
        one, other = (say_time(side, plan, dictionary) for side in each.groups)
        p, corrected = (numbers.equation("p", each.get(name)) for name in ("p.value", "p.adjusted"))
        if each.context == "pairwise_mcnemar":
            shown: Phrase = ("difference of the shares ", *points(each))
        else:
            bounds = numbers.interval(each.get("conf.low"), each.get("conf.high"), digits)
            value = number(numbers.estimate(each.get("estimate"), digits))
            shown = ("pseudo-median of the changes ", value, " (", aside(bounds), ")")
        lines.append((f"{one} against {other}: ", *shown, ", ", number(p), ", corrected ", number(corrected)))
    return tuple(lines)


def say_time(name: str | None, plan: Repeated | Visits, dictionary: Dictionary) -> str:
    """Return what a time is called: the column or condition of it, or the visit."""
    table = plan.cohort.table
    if isinstance(plan, Visits):
        return say_level(plan.visit, name or "", dictionary, table)
    return {name_of(each): short_name(each, dictionary, table) for each in plan.times}.get(name or "", name or "")


def _subject(plan: Repeated | Visits, dictionary: Dictionary) -> str:
    return short_name(plan.outcome, dictionary, plan.cohort.table) if isinstance(plan, Visits) else ""


def _shown(finding: Finding, digits: int, *, shares: bool) -> Mark:
    return number(
        numbers.percent(finding.get("p"), finding.of) if shares else numbers.estimate(finding.get("median"), digits)
    )


def _range(finding: Finding, low: str, high: str, digits: int) -> str:
    return f"{numbers.estimate(finding.get(low), digits)} to {numbers.estimate(finding.get(high), digits)}"
