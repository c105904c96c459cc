"""A change in several groups in words, cells and a figure: adjusted for what it was before, and raw."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Change
from clinical_nb.render import numbers
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import (
    TESTS,
    Finding,
    data_decimals,
    gather,
    headline,
    say_groups,
    say_within_groups,
    say_within_side,
)
from clinical_nb.render.intervals import draw_intervals
from clinical_nb.render.lines import Cells, further
from clinical_nb.render.phrase import Phrase, listed, number
from clinical_nb.render.wording import short_name, with_unit
from clinical_nb.result import Result

_FEW = 5  # groups that a sentence can hold


def say_change_by(plan: Change, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say how far apart the groups are after, adjusted for before, and what each group's mean change was."""
    table, digits, test = plan.cohort.table, data_decimals(found), headline(result)
    before, after = (short_name(each, dictionary, table) for each in (plan.before, plan.after))
    unit = with_unit("", say_unit_of(plan, dictionary))
    changed = [each for each in found if each.level == "change"][:_FEW]
    means = [
        (number(numbers.estimate(each.get("mean"), digits)), unit, f" {say_within_groups(each, plan, dictionary)}")
        for each in changed
    ]
    verdict: Phrase = ()
    if test is not None and test.get("p.value") is not None:
        verdict = (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))
    raw: Phrase = ("; mean change ", *listed(means)) if means else ()
    if test is None or test.get("estimate") is None:
        return (f"{after}, adjusted for {before}, between the groups", *verdict, *raw)
    where = say_within_side(test, 0, plan, dictionary)
    return (
        f"{after}, adjusted for {before}, was ",
        *further(test, where, digits),
        *verdict,
        *raw,
    )


def change_cells(plan: Change, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each group: before, after, change, and the adjusted mean after."""
    digits = data_decimals(found)
    adjusted = {each.groups: each for each in gather(result, ("adjusted_mean",))}
    rows: list[tuple[str, ...]] = []
    for groups in dict.fromkeys(each.groups for each in found):
        one, other, changed = (each for each in found if each.groups == groups)
        mean = adjusted.get(groups)
        rows.append(
            (
                say_groups(changed, plan, dictionary),
                numbers.count(changed.number("N")),
                _spread(one, digits),
                _spread(other, digits),
                _with_interval(changed, "mean", digits),
                numbers.NOT_ESTIMABLE if mean is None else _with_interval(mean, "estimate", digits),
            )
        )
    name = short_name(plan.by, dictionary, plan.cohort.table) if isinstance(plan.by, str) else "Group"
    heads = ("Before, mean (SD)", "After, mean (SD)", "Mean change (95 % CI)", "Adjusted mean after (95 % CI)")
    return (name, "n", *heads), tuple(rows)


def draw_change(plan: Change, result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the adjusted mean of each group after, with its interval."""
    table = plan.cohort.table
    before, after = (short_name(each, dictionary, table) for each in (plan.before, plan.after))
    data = [
        {
            "name": say_groups(each, plan, dictionary),
            "estimate": each.get("estimate"),
            "low": each.get("conf.low"),
            "high": each.get("conf.high"),
        }
        for each in gather(result, ("adjusted_mean",))
    ]
    unit = say_unit_of(plan, dictionary)
    axis = {"title": f"{after} ({unit})" if unit else after}
    said = "Dots: adjusted means; lines: 95 % intervals."
    return draw_intervals(f"{after}, adjusted for {before}", said, data, axis)


def say_unit_of(plan: Change, dictionary: Dictionary) -> str:
    """Return the unit of the values; empty where it is not known."""
    units = (dictionary.column(plan.cohort.table, each).unit for each in (plan.after, plan.before))
    return next(filter(None, units), "")


def _spread(finding: Finding, digits: int) -> str:
    return f"{numbers.estimate(finding.get('mean'), digits)} ({numbers.estimate(finding.get('sd'), digits)})"


def _with_interval(finding: Finding, name: str, digits: int) -> str:
    low, high = (numbers.estimate(finding.get(bound), digits) for bound in ("conf.low", "conf.high"))
    return f"{numbers.estimate(finding.get(name), digits)} ({low} to {high})"
