"""Two groups compared within strata, in words, cells and a figure: each stratum's odds ratio, and that of all."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Stratified
from clinical_nb.render import numbers
from clinical_nb.render.figure import Spec
from clinical_nb.render.findings import TESTS, Finding, gather, headline, measure, say_side
from clinical_nb.render.intervals import draw_intervals
from clinical_nb.render.lines import Cells, ratio
from clinical_nb.render.phrase import Phrase, number
from clinical_nb.render.wording import and_of, say_level, short_name
from clinical_nb.result import Result


def say_strata(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Phrase:
    """Say the odds ratio within the strata, and the crude one beside it."""
    name = say_level(plan.outcome, found[0].level or "yes", dictionary, plan.cohort.table)
    pooled, crude, test = measure(result, "mantel_haenszel"), measure(result, "odds_ratio"), headline(result)
    said: Phrase = (f"{name} within each {_name(plan, dictionary)}: ",)
    if pooled is None or pooled.get("estimate") is None:
        return (*said, "no odds ratio can be estimated", *_verdict(test))
    one, other = (say_side(pooled, side, plan, dictionary) for side in (0, 1))
    said = (*said, f"odds ratio of {one} against {other} ", *ratio(pooled))
    if crude is not None and crude.get("estimate") is not None:
        said = (*said, ", crude ", number(numbers.estimate(crude.get("estimate"))))
    return (*said, *_verdict(test))


def strata_cells(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Cells:
    """Return heads, and a row of cells for each stratum: n of N in each group, and the odds ratio."""
    ratios = {each.groups[0]: each for each in gather(result, ("stratum_odds_ratio",))}
    strata = list(dict.fromkeys(each.groups[1] for each in found))
    groups = list(dict.fromkeys(each.groups[0] for each in found))
    shares = {each.groups: each for each in found}
    rows = [
        (
            stratum or "",
            *(_share(shares[group, stratum]) for group in groups),
            _ratio_cell(ratios.get(stratum)),
        )
        for stratum in strata
    ]
    names = [say_level(plan.by, group or "", dictionary, plan.cohort.table) for group in groups]
    return (_name(plan, dictionary), *names, "Odds ratio (95 % CI)"), tuple(rows)


def draw_strata(plan: Stratified, found: Sequence[Finding], result: Result, dictionary: Dictionary) -> Spec | None:
    """Draw the odds ratio of each stratum, and last that of all, on a logarithmic axis."""
    rows = [(each.groups[0] or "", each) for each in gather(result, ("stratum_odds_ratio",))]
    pooled = measure(result, "mantel_haenszel")
    rows += [("all (Mantel-Haenszel)", pooled)] if pooled is not None else []
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
