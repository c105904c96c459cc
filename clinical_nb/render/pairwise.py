"""Each pair of several groups as a line, and which test was asked for."""

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Compare, Correlate, Correlations, Mixed, Pair, Plan, Repeated, Visits
from clinical_nb.render import numbers
from clinical_nb.render.courses import course_lines
from clinical_nb.render.findings import TESTS, Finding, data_decimals, gather, say_side, summaries
from clinical_nb.render.lines import points, ratio
from clinical_nb.render.openings import PAIRED
from clinical_nb.render.phrase import Mark, Phrase, aside, number
from clinical_nb.render.repeats import repeat_lines
from clinical_nb.result import Result

_PAIRS = {
    "tukey": "mean difference",
    "pairwise_t_test_welch": "mean difference",
    "pairwise_t_test_pooled": "mean difference",
    "adjusted_difference": "adjusted difference",
    "pairwise_wilcoxon": "probability of superiority",
    "pairwise_chi_squared": "chi-squared",
    "pairwise_fisher": "Fisher's exact test",
}
_WITH_EFFECT = {"": "", "cohens_d": " with Cohen's d", "hedges_g": " with Hedges' g"}
_OF_SHARES = ("pairwise_chi_squared", "pairwise_fisher")


def say_asked_test(plan: Plan) -> list[str | Mark]:
    """Return which test was asked for, and how pairs of groups are compared."""
    if not isinstance(plan, Compare | Correlate | Correlations | Pair):
        return []
    by = "by" if isinstance(plan, Correlate | Correlations) else "with"
    test = f" {by} {_named(plan.test)}" if plan.test else ""
    more = (PAIRED[plan.pairwise], _WITH_EFFECT[plan.effect]) if isinstance(plan, Compare) else ()
    return [part for part in (test, *more) if part]


def pairwise_lines(plan: Plan, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for each pair of groups: how far they lie apart, p, and p corrected for the number of pairs."""
    if isinstance(plan, Repeated | Visits):
        return repeat_lines(plan, result, dictionary)
    if isinstance(plan, Mixed):
        return course_lines(plan, result, dictionary)
    digits = data_decimals(summaries(result))
    return tuple(_line(each, plan, dictionary, digits) for each in gather(result, tuple(_PAIRS)))


def _line(finding: Finding, plan: Plan, dictionary: Dictionary, digits: int) -> Phrase:
    one, other = (say_side(finding, side, plan, dictionary) for side in (0, 1))
    parts: list[str | Mark] = [f"{one} against {other}: "]
    value, low, high = (finding.get(name) for name in ("estimate", "conf.low", "conf.high"))
    superiority = finding.get("superiority")
    name = _PAIRS[finding.context]
    if value is not None and finding.context in _OF_SHARES:
        shown = "Cramér's V" if low is None else "difference of the shares"
        parts += [f"{name}, {shown} ", *(ratio(finding) if low is None else points(finding)), ", "]
    elif value is not None:
        parts += [f"{name} ", number(numbers.estimate(value, digits))]
        parts += [] if low is None else [" (", aside(numbers.interval(low, high, digits)), ")"]
        parts.append(", ")
    elif superiority is not None:
        parts += [f"{name} ", number(numbers.estimate(superiority)), ", "]
    else:
        parts.append(f"{name}, ")
    if finding.context != "tukey":
        parts += [number(numbers.equation("p", finding.get("p.value"))), ", "]
    parts += ["corrected ", number(numbers.equation("p", finding.get("p.adjusted")))]
    warnings = dict.fromkeys(finding.warnings.values())
    return (*parts, f" ({'; '.join(warnings)})") if warnings else tuple(parts)


def _named(test: str) -> str:
    name = TESTS[test]
    return name if "'s" in name or name == "ANOVA" else f"the {name}"
