"""Two values of the same persons in words and cells: how they rise and fall together, how one changed to the other."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Correlate, Pair, Plan, name_of
from clinical_nb.render import numbers
from clinical_nb.render.comparison import ESTIMATES
from clinical_nb.render.findings import TESTS, Finding, data_decimals, gather, headline, measure
from clinical_nb.render.lines import further_in_points, ratio, share
from clinical_nb.render.phrase import Phrase, number
from clinical_nb.render.wording import say_level, short_name, with_unit
from clinical_nb.result import Result

Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_COEFFICIENTS = {
    "pearson": f"Pearson's {ESTIMATES['pearson']}",
    "spearman": f"Spearman's {ESTIMATES['spearman']}",
    "kendall": f"Kendall's {ESTIMATES['kendall']}",
}


def say_correlation(plan: Correlate, result: Result, dictionary: Dictionary) -> Phrase:
    """Say which way two columns go together, and the coefficient that is the headline."""
    one, other = (short_name(each, dictionary, plan.cohort.table) for each in (plan.one, plan.other))
    test = headline(result)
    if test is None or test.get("estimate") is None:
        why = "; ".join(dict.fromkeys(test.warnings.values())) if test else ""
        return (f"{other} and {one}: no correlation can be estimated", f" ({why})" if why else "")
    estimate = test.get("estimate") or 0.0
    way = "higher" if estimate > 0 else "lower" if estimate < 0 else "neither higher nor lower"
    said = (f"{other} is {way} where {one} is higher: {_COEFFICIENTS[test.context]} ", *ratio(test))
    of = gather(result, ("paired",))[0].number("N")
    return (*said, ", n = ", number(numbers.count(of)), *_verdict(test))


def say_change(plan: Pair, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say how far the values changed, or how the share with an event did."""
    test = headline(result)
    if found[0].context == "paired_share":
        return (*_say_shares(plan, found, result, dictionary), *_verdict(test))
    change = next((each for each in found if each.level == "change"), found[-1])
    before, after = (_called(each, dictionary, plan.cohort.table) for each in (plan.before, plan.after))
    if not change.number("N"):
        return (f"nobody has both {before} and {after}",)
    unit = say_unit(plan, dictionary)
    digits = data_decimals(found)
    ranked = test is not None and test.context == "signed_rank"
    centre = "median" if ranked else "mean"
    value = change.get(centre) or 0.0
    way = "no different from" if value == 0 else "higher than" if value > 0 else "lower than"
    amount = number(with_unit(numbers.estimate(abs(value), digits), unit))
    said: Phrase = (f"{after} was {way} {before}", f" by a {centre} of " if value else f", by the {centre} of ", amount)
    if test is not None and test.get("estimate") is not None:
        of = "mean change" if not ranked else "Hodges-Lehmann estimate of the change"
        said = (
            f"{after} was {way} {before}: {centre} change ",
            number(with_unit(numbers.estimate(value, digits), unit)),
        )
        if ranked or test.get("conf.low") is not None:
            said = (*said, *_estimate(test, of if ranked else "", digits))
    return (*said, ", n = ", number(numbers.count(change.number("N"))), *_verdict(test))


def say_side_of(finding: Finding, plan: Pair, dictionary: Dictionary) -> str:
    """Return whose a finding is: "before: sbp_0", "after: sbp_12"."""
    side, variable = ("before", plan.before) if finding.variable == name_of(plan.before) else ("after", plan.after)
    if isinstance(variable, str) and finding.context != "paired_share":
        return f"{side}: {short_name(variable, dictionary, plan.cohort.table)}"
    return f"{side}: {say_level(variable, finding.level or 'yes', dictionary, plan.cohort.table)}"


def say_unit(plan: Pair, dictionary: Dictionary) -> str:
    """Return the unit of the values before and after; empty where it is not known."""
    columns = [each for each in (plan.after, plan.before) if isinstance(each, str)]
    return next((unit for each in columns if (unit := dictionary.column(plan.cohort.table, each).unit)), "")


def say_both(plan: Pair, dictionary: Dictionary) -> str:
    """Return what a figure of both is of."""
    before, after = (short_name(each, dictionary, plan.cohort.table) for each in (plan.before, plan.after))
    return f"{before} and {after} in the same persons"


def paired_cells(plan: Plan, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each column, and for the change from one to the other."""
    with_means = any(each.get("mean") is not None for each in found)
    heads = ("Column", "n", "Missing", *(("Mean (SD)",) if with_means else ()), "Median (Q1 to Q3)", "Range")
    rows = [_measured(each, dictionary, plan.cohort.table, with_means) for each in found if each.number("N")]
    return heads, tuple(rows)


def _measured(finding: Finding, dictionary: Dictionary, table: str, with_means: bool) -> tuple[str, ...]:  # noqa: FBT001 - whether there is such a cell
    digits = data_decimals([finding])
    return (
        "change" if finding.level == "change" else _called(finding.variable, dictionary, table),
        numbers.count(finding.number("N")),
        numbers.count(finding.number("N_miss")) if finding.get("N_miss") is not None else "",
        *((_mean(finding, digits),) if with_means else ()),
        f"{_shown(finding, 'median', digits)} ({_shown(finding, 'p25', digits)} to {_shown(finding, 'p75', digits)})",
        f"{numbers.observed(finding.get('min'), digits)} to {numbers.observed(finding.get('max'), digits)}",
    )


def paired_shares(plan: Plan, found: Sequence[Finding], dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells before and after."""
    rows = [
        (
            say_side_of(each, plan, dictionary),
            numbers.count(each.number("n")),
            numbers.count(each.of),
            numbers.percent(each.get("p"), each.of),
            numbers.percent_interval(each.get("conf.low"), each.get("conf.high"), each.of).removeprefix("95 % CI "),
        )
        for each in found
        if isinstance(plan, Pair)
    ]
    return ("Time", "n", "Of", "Share", "95 % CI"), tuple(rows)


def _say_shares(plan: Pair, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    table = plan.cohort.table
    before, after = found[:2]
    names = [
        say_level(each, found_in.level or "yes", dictionary, table)
        for each, found_in in ((plan.before, before), (plan.after, after))
    ]
    said: Phrase = (f"{names[0]} in ", *share(before), f", {names[1]} in ", *share(after), " of the same persons")
    difference = measure(result, "paired_difference")
    if difference is None or difference.get("estimate") is None:
        return said
    return (*said, ": ", *further_in_points(difference, "after"))


def _estimate(test: Finding, name: str, digits: int) -> Phrase:
    low, high = test.get("conf.low"), test.get("conf.high")
    interval = numbers.interval(low, high, digits) if low is not None else ""
    if not name:
        return (f" ({interval})",)
    shown = numbers.estimate(test.get("estimate"), digits)
    return (f" ({name} {shown}", f", {interval})" if interval else ")")


def _verdict(test: Finding | None) -> Phrase:
    if test is None or test.get("p.value") is None:
        return ()
    return (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))


def _called(variable: object, dictionary: Dictionary, table: str) -> str:
    return short_name(variable, dictionary, table) if isinstance(variable, str) else "the condition"


def _mean(finding: Finding, digits: int) -> str:
    return "" if finding.get("mean") is None else f"{_shown(finding, 'mean', digits)} ({_shown(finding, 'sd', digits)})"


def _shown(finding: Finding, name: str, digits: int) -> str:
    return numbers.estimate(finding.get(name), digits)
