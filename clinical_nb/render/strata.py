"""Groups compared within strata, in words, cells and a figure: each stratum's odds ratio, and that of all."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Stratified
from clinical_nb.render import numbers
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import TESTS, Finding, gather, headline, measure, say_side
from clinical_nb.render.intervals import draw_intervals
from clinical_nb.render.lines import Cells, ratio
from clinical_nb.render.phrase import Phrase, listed, number
from clinical_nb.render.wording import and_of, say_level, short_name
from clinical_nb.result import Result

_FEW = 5  # odds ratios that a sentence can hold


def say_strata(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the odds ratios within the strata, and of two groups the crude one beside it."""
    table, test = plan.cohort.table, headline(result)
    if _is_of_levels(found):
        name = short_name(plan.outcome, dictionary, table)
        crude = measure(result, "cramers_v")
        strength = (", crude Cramér's V ", *ratio(crude)) if crude is not None else ()
        return (f"{name} by {short_name(plan.by, dictionary, table)} within each {_name(plan, dictionary)}", *strength,
                *_verdict(test))  # fmt: skip
    name = say_level(plan.outcome, found[0].level or "yes", dictionary, table)
    said: Phrase = (f"{name} within each {_name(plan, dictionary)}: ",)
    pooled, crude = gather(result, ("mantel_haenszel",)), measure(result, "odds_ratio")
    if all(each.get("estimate") is None for each in pooled):
        return (*said, "no odds ratio can be estimated", *_verdict(test))
    shown = [
        (f"of {say_side(each, 0, plan, dictionary)} against {say_side(each, 1, plan, dictionary)} ", *ratio(each))
        for each in pooled[:_FEW]
    ]
    more = len(pooled) - len(shown)
    rest: Phrase = (f" and {numbers.count(more)} more",) if more else ()
    said = (*said, "odds ratio ", *listed(shown), *rest)
    if crude is not None and crude.get("estimate") is not None:
        said = (*said, ", crude ", number(numbers.estimate(crude.get("estimate"))))
    return (*said, *_verdict(test))


def strata_cells(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each stratum or level in it: n of N in each group, and the odds ratio."""
    table, of_levels = plan.cohort.table, _is_of_levels(found)
    ratios = {each.groups[0]: each for each in gather(result, ("stratum_odds_ratio",))}
    groups = list(dict.fromkeys(each.groups[0] for each in found))
    shares = {(*each.groups, each.level): each for each in found}
    rows = [
        (
            stratum or "",
            *((say_level(plan.outcome, level or "", dictionary, table),) if of_levels else ()),
            *(_share(shares[group, stratum, level]) for group in groups),
            *((_ratio_cell(ratios.get(stratum)),) if ratios else ()),
        )
        for stratum, level in dict.fromkeys((each.groups[1], each.level) for each in found)
    ]
    names = [say_level(plan.by, group or "", dictionary, table) for group in groups]
    level = (short_name(plan.outcome, dictionary, table),) if of_levels else ()
    return (_name(plan, dictionary), *level, *names, *(("Odds ratio (95 % CI)",) if ratios else ())), tuple(rows)


def draw_strata(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the odds ratio of each stratum and last that of all, or that of each of several groups; levels are read."""
    if _is_of_levels(found):
        return None
    rows = [(each.groups[0] or "", each) for each in gather(result, ("stratum_odds_ratio",))]
    pooled = gather(result, ("mantel_haenszel",))
    rows += [
        (f"{say_side(each, 0, plan, dictionary)} against {say_side(each, 1, plan, dictionary)}" if len(pooled) > 1
         else "all (Mantel-Haenszel)", each)
        for each in pooled
    ]  # fmt: skip
    data = [
        {
            "name": name,
            "estimate": each.get("estimate"),
            "low": each.get("conf.low"),
            "high": each.get("conf.high"),
        }
        for name, each in rows
    ]
    axis: Spec = {"title": "Odds ratio", "scale": {"type": "log"}, "axis": {"format": "~g", "labelOverlap": True}}
    event = say_level(plan.outcome, found[0].level or "yes", dictionary, plan.cohort.table)
    title = f"{event} within each {_name(plan, dictionary)}"
    return draw_intervals(title, "Dots: odds ratios; lines: 95 % intervals; broken line: no difference.", data, axis, 1)


def _is_of_levels(found: Sequence[Finding]) -> bool:
    """Tell whether the outcome has several levels, of which none is the event."""
    return len({each.level for each in found}) > 1


def _name(plan: Stratified, dictionary: Dictionary) -> str:
    return and_of(short_name(each, dictionary, plan.cohort.table) for each in plan.strata)


def _verdict(test: Finding | None) -> Phrase:
    if test is None or test.get("p.value") is None:
        return ()
    return (f"; {TESTS[test.context]}, ", number(numbers.equation("p", test.get("p.value"))))


def _share(finding: Finding) -> str:
    n, of = finding.number("n"), finding.number("N")
    return f"{numbers.count(n)} of {numbers.count(of)} ({numbers.percent(finding.get('p'), of)})" if of else "none"


def _ratio_cell(finding: Finding | None) -> str:
    if finding is None or finding.get("estimate") is None:
        return numbers.NOT_ESTIMABLE
    low, high = (numbers.estimate(finding.get(name)) for name in ("conf.low", "conf.high"))
    return f"{numbers.estimate(finding.get('estimate'))} ({low} to {high})"
