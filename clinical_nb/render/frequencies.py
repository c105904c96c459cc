"""Rows of persons, the most frequent levels, and bands of a number, in words, cells and figures."""

from collections.abc import Mapping, Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Bands, Rank, Records, name_of
from clinical_nb.render import numbers
from clinical_nb.render.dots import Dot, draw_dots
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import Finding, noun_of, say_groups, say_within_groups
from clinical_nb.render.lines import Cells, share
from clinical_nb.render.phrase import Phrase, aside, capitalised, listed, number, plain
from clinical_nb.render.wording import say_band, say_condition, say_level, short_name, with_unit
from clinical_nb.result import Result

_FEW = 5  # levels or groups that a sentence can hold


def say_records(plan: Records, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say how many rows there are, of how many persons, and how many a person, in all and in each group."""
    (whole, *groups) = found
    said = say_condition(plan.rows, dictionary, plan.cohort.table).removeprefix("any row of ")
    if plan.among:
        shares = [(*_rows_share(each), *_within(each, plan, dictionary)) for each in groups[:_FEW]]
        return (f"rows of {said}: ", *_rows_share(whole), *(("; ", *listed(shares)) if shares else ()))
    persons = number(f"{numbers.count(whole.number('n'))} of {numbers.count(whole.number('N'))}")
    start: Phrase = (number(numbers.count(whole.number("n.rows"))), f" rows of {said}, of ", persons, " persons")
    means = [
        (number(numbers.estimate(each.get("mean"))), *_within(each, plan, dictionary)) for each in groups[:_FEW]
    ] or [(number(numbers.estimate(whole.get("mean"))),)]
    return (*start, ": a mean of ", *listed(means), " a person")


def record_cells(plan: Records, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each group and for all."""
    (whole, *groups) = found
    name = ", ".join(short_name(each, dictionary, plan.cohort.table) for each in plan.by) or "Group"
    named = [(say_groups(each, plan, dictionary), each) for each in groups] + [("all", whole)]
    if plan.among:
        heads = (name, "Rows", "Of", "Share", "Unknown", "Persons with any")
        return heads, tuple((said, *_share_cells(each)) for said, each in named)
    heads = (name, "Rows", "Persons with any", "Of", "Share", "Mean a person", "SD", "Median (quartiles)", "Maximum")
    return heads, tuple((said, *_row_cells(each)) for said, each in named)


def say_rank(plan: Rank, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the most frequent levels with how many have each."""
    name = short_name(plan.column, dictionary, plan.cohort.table)
    shown = [(f"{_level(each, plan, dictionary)} ", *share(each)) for each in found[: max(plan.most, _FEW)]]
    return (f"{name}, most frequent among {noun_of(result)}: ", *listed(shown))


def rank_cells(plan: Rank, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each level."""
    heads = (short_name(plan.column, dictionary, plan.cohort.table), "n", "Of", "Share")
    return heads, tuple((_level(each, plan, dictionary), *_counted(each)) for each in found)


def draw_rank(plan: Rank, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw how many have each level; one alone is better said."""
    dots = [Dot(_level(each, plan, dictionary), each.number("n"), None, None, each.number("n")) for each in found]
    title = f"Most frequent {short_name(plan.column, dictionary, plan.cohort.table)}"
    return draw_dots(title, "Dots: how many have each.", "n", dots) if len(dots) > 1 else None


def say_bands(plan: Bands, found: Sequence[Finding], dictionary: Dictionary) -> Phrase:
    """Say how many are in each band, or how many of each have the event."""
    names = _bands(plan, dictionary)
    shown = [(f"{names[each.level or '']}: ", *share(each)) for each in found]
    event = say_level(plan.events[0], "yes", dictionary, plan.cohort.table) if plan.events else ""
    name = short_name(plan.column, dictionary, plan.cohort.table)
    return (f"{event} by {name}, " if event else f"{name}, ", *listed(shown))


def band_cells(plan: Bands, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each band."""
    names = _bands(plan, dictionary)
    heads = (short_name(plan.column, dictionary, plan.cohort.table), "n", "Of", "Share")
    if not plan.events:
        return heads, tuple((names[each.level or ""], *_counted(each)) for each in found)
    rows = [
        (
            names[each.level or ""],
            *_counted(each),
            _bounds(each),
            numbers.count(each.number("N_miss")),
        )
        for each in found
    ]
    return (*heads, "95 % CI", "Missing"), tuple(rows)


def draw_bands(plan: Bands, found: Sequence[Finding], dictionary: Dictionary) -> Spec | None:
    """Draw each band's share as a dot, of an event with its interval."""
    names = _bands(plan, dictionary)
    dots = [
        Dot(names[each.level or ""], 100 * p, _percent(each, "conf.low"), _percent(each, "conf.high"), each.number("n"))
        for each in found
        if (p := each.get("p")) is not None
    ]
    name = short_name(plan.column, dictionary, plan.cohort.table)
    title = f"{say_level(plan.events[0], 'yes', dictionary, plan.cohort.table)} by {name}" if plan.events else name
    said = "Dots: shares; lines, where there are any: 95 % intervals."
    return draw_dots(plain(capitalised((title,))), said, "Percent", dots)


def _percent(finding: Finding, name: str) -> float | None:
    value = finding.get(name)
    return None if value is None else 100 * value


def _bands(plan: Bands, dictionary: Dictionary) -> Mapping[str, str]:
    unit = dictionary.column(plan.cohort.table, plan.column).unit
    return {name_of(band): with_unit(say_band(band), unit) for band in plan.bands}


def _bounds(finding: Finding) -> str:
    said = numbers.percent_interval(finding.get("conf.low"), finding.get("conf.high"), finding.number("N"))
    return said.removeprefix("95 % CI ")


def _level(finding: Finding, plan: Rank, dictionary: Dictionary) -> str:
    return say_level(plan.column, finding.level or "", dictionary, plan.cohort.table)


def _counted(finding: Finding) -> tuple[str, str, str]:
    of = finding.number("N")
    return numbers.count(finding.number("n")), numbers.count(of), numbers.percent(finding.get("p"), of)


def _rows_share(finding: Finding) -> Phrase:
    n, of = finding.number("n.rows"), finding.number("N.rows")
    counted = number(f"{numbers.count(n)} of {numbers.count(of)}")
    return (counted, " rows (", aside(numbers.percent(finding.get("p"), of)), ")")


def _share_cells(finding: Finding) -> tuple[str, ...]:
    of = finding.number("N.rows")
    return (
        numbers.count(finding.number("n.rows")),
        numbers.count(of),
        numbers.percent(finding.get("p"), of),
        numbers.count(finding.number("n_unknown")),
        numbers.count(finding.number("n")),
    )


def _row_cells(finding: Finding) -> tuple[str, ...]:
    low, high = (numbers.observed(finding.get(each), 1) for each in ("p25", "p75"))
    return (
        numbers.count(finding.number("n.rows")),
        *_counted(finding),
        numbers.estimate(finding.get("mean")),
        numbers.estimate(finding.get("sd")),
        f"{numbers.observed(finding.get('median'), 1)} ({low} to {high})",
        numbers.count(finding.number("max")),
    )


def _within(finding: Finding, plan: Records, dictionary: Dictionary) -> Phrase:
    said = say_within_groups(finding, plan, dictionary)
    return (f" {said}",) if said else ()
