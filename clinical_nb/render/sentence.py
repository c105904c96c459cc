"""The direct answer in one sentence, with its estimate, its interval and its direction in words."""

from collections.abc import Mapping, Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import (
    Compare,
    Correlate,
    Count,
    Describe,
    FollowUp,
    Hazard,
    Missingness,
    Pair,
    Plan,
    Proportion,
    Regress,
    Survive,
    TableOne,
    all_of,
)
from clinical_nb.plan import Statistic as Asked
from clinical_nb.render import numbers
from clinical_nb.render.findings import (
    TESTS,
    Finding,
    by_of,
    data_decimals,
    event_level,
    gather,
    headline,
    measure,
    noun_of,
    say_within_groups,
    say_within_side,
    subject_of,
    summaries,
)
from clinical_nb.render.lines import direction, further, further_in_points, ratio
from clinical_nb.render.missing import say_missing
from clinical_nb.render.models import say_model
from clinical_nb.render.openings import Opened
from clinical_nb.render.pairing import say_change, say_correlation
from clinical_nb.render.partial import say_partial
from clinical_nb.render.phrase import Mark, Phrase, aside, capitalised, listed, number
from clinical_nb.render.survival import say_follow_up, say_survival
from clinical_nb.render.table_one import say_table_one
from clinical_nb.render.views import say_view
from clinical_nb.render.wording import say_condition, say_level, short_name, with_unit
from clinical_nb.result import Result

TYPICAL: tuple[Asked, ...] = ("mean", "sd", "median", "quartiles")
_NEEDS: Mapping[Asked, str] = {"mean": "mean", "sd": "sd", "median": "median", "quartiles": "p25", "range": "min"}
FEW = 5  # groups that a sentence can hold
LARGEST = 3  # groups of more that it names; the table has the rest


def say_answer(plan: Plan, result: Result, dictionary: Dictionary) -> Phrase:  # noqa: C901, PLR0912 - one branch a kind of plan
    """Return the answer as a sentence, its numbers marked.

    Parameters
    ----------
    plan : Plan
        What was computed.
    result : Result
        The statistics, unrounded.
    dictionary : Dictionary
        Labels, levels and units of the dataset.

    Returns
    -------
    Phrase
        Such as "Mean age was **46.1** years in the placebo group and **44.4** years in the indomethacin group: …".

    """
    if result.partial:
        return say_partial(result)
    found = summaries(result)
    if not found and not isinstance(plan, Regress | Hazard):
        return ("There is nothing to show.",)
    if isinstance(plan, Opened):
        return (*capitalised(say_view(plan, found, result, dictionary)), ".")
    match plan:
        case Count():
            parts = _say_count(plan, found, noun_of(result), dictionary)
        case Proportion():
            parts = _say_shares(found, say_level(plan.event, "yes", dictionary, plan.cohort.table), plan, dictionary)
        case Describe():
            parts = _say_distribution(plan, found, result, dictionary)
        case Compare():
            parts = _say_comparison(plan, found, result, dictionary)
        case Survive():
            parts = say_survival(plan, found, result, dictionary)
        case TableOne():
            parts = say_table_one(plan, result, dictionary)
        case FollowUp():
            parts = say_follow_up(plan, found, dictionary)
        case Correlate():
            parts = say_correlation(plan, result, dictionary)
        case Pair():
            parts = say_change(plan, found, result, dictionary)
        case Missingness():
            parts = say_missing(plan, found, result, dictionary)
        case Regress() | Hazard():
            parts = say_model(plan, result, dictionary)
    return (*capitalised(parts), ".")


def _say_count(plan: Count, found: Sequence[Finding], noun: str, dictionary: Dictionary) -> Phrase:
    total = next((each for each in found if not each.grouped), None)
    conditions = say_condition(all_of(*plan.cohort.where), dictionary, plan.cohort.table) if plan.cohort.where else ""
    whom = f" {noun} for whom this is known" if total and total.get("n_unknown") else f" {noun}"
    said = () if total is None else (*_share(total, noun=whom), f" with {conditions}" if conditions else "")
    grouped = [each for each in found if each.grouped]
    if not grouped:
        return said
    groups = [(*_share(each), *_in(each, plan, dictionary)) for each in _few(grouped, "n")]
    of_whom = f"; of all with {conditions}, " if conditions else ": " if said else ""
    return (*said, *((of_whom,) if of_whom else ()), *listed(groups), *_and_more(grouped))


def _say_shares(found: Sequence[Finding], event: str, plan: Plan, dictionary: Dictionary) -> Phrase:
    shares = [(*_share(each, bounded=True), *_in(each, plan, dictionary)) for each in _few(found, "N")]
    return (f"{event}: ", *listed(shares), *_and_more(found))


def _say_distribution(plan: Describe, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    name = short_name(plan.column, dictionary, plan.cohort.table)
    ordinal = gather(result, ("ordinal",))
    if found[0].context != "continuous" and not (plan.statistics and ordinal):
        return _say_levels(plan, found, name, dictionary)
    numeric = found if found[0].context == "continuous" else ordinal
    asked: list[Asked] = [
        each for each in plan.statistics or TYPICAL if each == "distribution" or _NEEDS[each] in numeric[0].stats
    ]
    unit = dictionary.column(plan.cohort.table, plan.column).unit
    digits = data_decimals(numeric)
    groups = [
        (*_asked(each, asked, with_unit("", unit), digits), *_in(each, plan, dictionary)) for each in _few(numeric, "N")
    ]
    return (f"{name}: ", *listed(groups, last="; "), *_and_more(numeric))


def _say_levels(plan: Plan, found: Sequence[Finding], name: str, dictionary: Dictionary) -> Phrase:
    levels = [each for each in found if each.level is not None]
    if by_of(plan) or not levels:
        return (f"{name} is given level by level for each group below",)
    table, subject = plan.cohort.table, subject_of(plan)
    said = [
        (f"{say_level(subject or '', each.level or '', dictionary, table)} in ", *_share(each))
        for each in _few(levels, "n")
    ]
    return (f"{name}: ", *listed(said), *_and_more(levels))


def _asked(finding: Finding, asked: Sequence[Asked], unit: str, digits: int) -> Phrase:
    """Say the statistics that were asked for, in that order."""
    parts = [phrase for each in asked for phrase in _say_statistic(finding, each, unit, digits)]
    return listed(parts, last=", ")


def _say_statistic(finding: Finding, asked: Asked, unit: str, digits: int) -> list[Phrase]:
    match asked:
        case "mean" | "median":
            return [(f"{asked} ", number(numbers.estimate(finding.get(asked), digits)), unit)]
        case "sd":
            return [("SD ", number(numbers.estimate(finding.get("sd"), digits)))]
        case "quartiles":
            low, high = (numbers.estimate(finding.get(each), digits) for each in ("p25", "p75"))
            return [("quartiles ", number(f"{low} to {high}"), unit)]
        case "range":
            low, high = (numbers.observed(finding.get(each), digits) for each in ("min", "max"))
            return [("range ", number(f"{low} to {high}"), unit)]
        case "distribution":
            return [phrase for each in (*TYPICAL, "range") for phrase in _say_statistic(finding, each, unit, digits)]


def _say_comparison(plan: Compare, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    name = short_name(plan.outcome, dictionary, plan.cohort.table)
    test = headline(result)
    if found[0].context == "continuous":
        return (*_say_centres(plan, found, test, dictionary), *_verdict(test))
    event = event_level(found, result, plan, dictionary)
    if event is None:
        return (
            f"{name} by {short_name(plan.by, dictionary, plan.cohort.table)}",
            *_association(result),
            *_verdict(test),
        )
    shares = [each for each in found if each.level in (None, event)]
    said = say_level(plan.outcome, event, dictionary, plan.cohort.table)
    groups = [(*_share(each), *_in(each, plan, dictionary)) for each in _few(shares, "N")]
    return (f"{said}: ", *listed(groups), *_and_more(shares), *_effect(plan, result, dictionary), *_verdict(test))


def _say_centres(plan: Compare, found: Sequence[Finding], test: Finding | None, dictionary: Dictionary) -> Phrase:
    """Say each group's mean, or its median where a rank test is the headline, and how far apart two groups are."""
    ranked = test is not None and test.context in ("wilcoxon", "kruskal_wallis", "jonckheere")
    centre = "median" if ranked else "mean"
    digits = data_decimals(found)
    outcome, table = plan.outcome, plan.cohort.table
    unit = with_unit("", dictionary.column(table, outcome).unit) if isinstance(outcome, str) else ""
    groups = [
        (number(numbers.estimate(each.get(centre), digits)), unit, *_in(each, plan, dictionary))
        for each in _few(found, "N")
    ]
    said: Phrase = (f"{centre} {short_name(outcome, dictionary, table)} was ", *listed(groups), *_and_more(found))
    if test is None or len(found) != 2 or test.groups[1] is None:  # noqa: PLR2004 - a difference is of two
        return said
    where = say_within_side(test, 0, plan, dictionary)
    superiority = test.get("superiority")
    if ranked and superiority is not None:
        often = number(numbers.points(superiority))
        sides = {each.groups[0]: each.get(centre) or 0.0 for each in found}
        medians = sides.get(test.groups[0], 0.0) - sides.get(test.groups[1], 0.0)
        lean = superiority - 0.5
        # where medians and ranks lean to different sides, neither group is called higher
        words = f"{direction(lean, where)}, whose value" if medians * lean >= 0 else f"a value {where}"
        return (*said, f": {words} is the higher one in ", often, " % of pairs")
    differs = further(test, where, digits)
    return (*said, ": ", *differs) if differs else said


def _effect(plan: Plan, result: Result, dictionary: Dictionary) -> Phrase:
    parts: list[str | Mark] = []
    difference, relative = measure(result, "risk_difference"), measure(result, "risk_ratio")
    if difference is not None and difference.get("estimate") is not None:
        parts += ["; ", *further_in_points(difference, say_within_side(difference, 0, plan, dictionary))]
    if relative is not None and relative.get("estimate") is not None:
        parts += [", risk ratio ", *ratio(relative)]
    return tuple(parts)


def _association(result: Result) -> Phrase:
    strength = measure(result, "cramers_v")
    return () if strength is None else (": Cramér's V ", *ratio(strength))


def _verdict(test: Finding | None) -> Phrase:
    if test is None or test.get("p.value") is None:
        return ()
    return (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))


def _share(finding: Finding, noun: str = "", *, bounded: bool = False) -> Phrase:
    """Say "27 of 295 (9.2 %)", with the interval where it is wanted; the number alone where it is of all."""
    n, of = finding.number("n"), finding.of
    if "p" not in finding.stats:
        return (number(numbers.count(n)), noun)
    percent = numbers.percent(finding.get("p"), of)
    low, high = finding.get("conf.low"), finding.get("conf.high")
    interval = f", {numbers.percent_interval(low, high, of)}" if bounded and low is not None else ""
    counted = number(f"{numbers.count(n)} of {numbers.count(of)}")
    return (counted, f"{noun} (", aside(percent + interval), ")")


def _in(finding: Finding, plan: Plan, dictionary: Dictionary) -> Phrase:
    said = say_within_groups(finding, plan, dictionary)
    return (f" {said}",) if said else ()


def _few(found: Sequence[Finding], size: str) -> Sequence[Finding]:
    return found if len(found) <= FEW else sorted(found, key=lambda each: -each.number(size))[:LARGEST]


def _and_more(found: Sequence[Finding]) -> Phrase:
    return (f", and {numbers.count(len(found) - LARGEST)} more",) if len(found) > FEW else ()
