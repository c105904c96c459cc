"""Single values of a column in words and cells: the outermost ones, percentiles, the mode and their like."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary, value_text
from clinical_nb.plan import Extremes, Measured
from clinical_nb.render import numbers
from clinical_nb.render.dots import Dot, draw_dots
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import Finding, noun_of, say_groups, say_within_groups
from clinical_nb.render.openings import MEASURES, name_of_percentile
from clinical_nb.render.phrase import Phrase, aside, capitalised, listed, number, plain
from clinical_nb.render.wording import short_name, with_unit
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_FEW = 5  # groups that a sentence can hold


def say_extremes(plan: Extremes, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the values from the outermost inwards, those that several have with how many."""
    said: list[Phrase] = [
        (number(with_unit(value_text(each.get("value")), _unit(plan, dictionary))), *_shared(each, result))
        for each in found
    ]
    values = "values" if len(said) > 1 else "value"
    return (f"{plan.side} {values} of {short_name(plan.column, dictionary, plan.cohort.table)}: ", *listed(said))


def _shared(finding: Finding, result: Result) -> Phrase:
    n = finding.number("n")
    return (" (", aside(f"{numbers.count(n)} {noun_of(result)}"), ")") if n > 1 else ()


def extreme_cells(plan: Extremes, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return a row for each value."""
    del result
    unit = _unit(plan, dictionary)
    rows = [(with_unit(value_text(each.get("value")), unit), numbers.count(each.number("n"))) for each in found]
    return (short_name(plan.column, dictionary, plan.cohort.table), "n"), tuple(rows)


def say_measured(plan: Measured, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say each measure, of each group."""
    groups = list(dict.fromkeys(each.groups for each in found))
    said: list[Phrase] = []
    for group in groups[:_FEW]:
        own = [each for each in found if each.groups == group]
        parts = [(f"{_name(each)} ", *_value(each, plan, dictionary)) for each in own]
        within = say_within_groups(own[0], plan, dictionary)
        said.append((*listed(parts), f" {within}" if within else ""))
    more = len(groups) - _FEW
    rest: Phrase = (f"; and {numbers.count(more)} more groups",) if more > 0 else ()
    return (f"{short_name(plan.column, dictionary, plan.cohort.table)}: ", *listed(said, last="; "), *rest)


def measured_cells(plan: Measured, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return a row for each group, and a column for each measure."""
    groups = list(dict.fromkeys(each.groups for each in found))
    names = list(dict.fromkeys(_name(each) for each in found))
    rows: list[tuple[str, ...]] = []
    for group in groups:
        own = [each for each in found if each.groups == group]
        cells = [plain(_value(each, plan, dictionary)) for each in own]
        rows.append((say_groups(own[0], plan, dictionary) or "all", numbers.count(own[0].number("N")), *cells))
    heads = ", ".join(short_name(each, dictionary, plan.cohort.table) for each in plan.by) or "Group"
    return (heads, "N", *names), tuple(rows)


def draw_measured(plan: Measured, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw one measure of several groups; several measures have scales of their own."""
    if len({each.level for each in found}) > 1:
        return None
    dots = [
        Dot(say_groups(each, plan, dictionary), value, each.get("conf.low"), each.get("conf.high"), each.number("N"))
        for each in found
        if (value := each.get("value")) is not None
    ]
    called = f"{_name(found[0])} of {short_name(plan.column, dictionary, plan.cohort.table)}"
    return draw_dots(plain(capitalised((called,))), "Dots: values of groups.", _unit(plan, dictionary) or "Value", dots)


def _name(finding: Finding) -> str:
    level = finding.level or ""
    return name_of_percentile(float(level[1:])) if level[1:2].isdecimal() else MEASURES[level]


def _value(finding: Finding, plan: Measured, dictionary: Dictionary) -> Phrase:
    value = finding.get("value")
    if value is None:
        return (number(numbers.NOT_ESTIMABLE), f" ({'; '.join(finding.warnings.values())})")
    unit = "" if finding.level in ("skewness", "variance") else _unit(plan, dictionary)
    low, high, n = (finding.get(name) for name in ("conf.low", "conf.high", "n"))
    beside = numbers.interval(low, high) if low is not None else f"n = {numbers.count(n)}" if n is not None else ""
    return (number(with_unit(numbers.estimate(value), unit)), *((" (", aside(beside), ")") if beside else ()))


def _unit(plan: Extremes | Measured, dictionary: Dictionary) -> str:
    return dictionary.column(plan.cohort.table, plan.column).unit
