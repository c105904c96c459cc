"""What was found between groups: each test and each measure of effect as a line, and the direction in words."""

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Change, Compare, Hazard, Margin, Missingness, Plan, Regress, Stratified, TableOne
from clinical_nb.render import numbers
from clinical_nb.render.findings import (
    MEASURES,
    TESTS,
    Finding,
    data_decimals,
    gather,
    measure,
    say_side,
    summaries,
)
from clinical_nb.render.lines import bracketed, pattern_lines, points, ratio, table_lines
from clinical_nb.render.margins import margin_lines
from clinical_nb.render.models import model_lines
from clinical_nb.render.pairwise import pairwise_lines
from clinical_nb.render.phrase import Phrase, listed, number
from clinical_nb.result import Result

SYMBOLS = {
    "t_test_welch": "t",
    "t_test_student": "t",
    "wilcoxon": "W",
    "anova_welch": "F",
    "anova": "F",
    "kruskal_wallis": "H",
    "chi_squared": "χ²",
    "cochran_armitage": "χ²",
    "jonckheere": "z",
    "log_rank": "χ²",
    "ancova": "t",
    "equal_slopes": "F",
    "friedman": "χ²",
    "cochran_q": "Q",
    "noninferiority": "t",
    "not_lower": "t",
    "not_higher": "t",
    "cmh": "χ²",
    "breslow_day": "χ²",
    "pearson": "t",
    "spearman": "S",
    "t_test_paired": "t",
    "signed_rank": "V",
    "mcnemar": "χ²",
    "equal_rates": "χ²",
    "delong": "z",
    "gray": "χ²",
    "log_rank_trend": "z",
}
ADJUSTED = ("ancova", "equal_slopes")
DIFFERENCES = ("hodges_lehmann", "cohens_d", "hedges_g", "rank_biserial", "rate_difference")
ESTIMATES = {
    "pearson": "r",
    "spearman": "rho",
    "kendall": "tau-b",
    "t_test_paired": "mean change",
    "signed_rank": "pseudo-median of the changes (Hodges-Lehmann)",
    "delong": "difference of the areas",
}


def comparison_lines(plan: Plan, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for each measure of effect, and then one for each test, the headline first."""
    if isinstance(plan, TableOne) or result.partial:  # whose table has them
        return ()
    if isinstance(plan, Missingness):
        return pattern_lines(result)
    if isinstance(plan, Regress | Hazard):
        return model_lines(plan, result, dictionary)
    digits = data_decimals(summaries(result))
    difference = measure(result, "risk_difference")
    fewer = difference is not None and (difference.get("estimate") or 0) < 0
    crude = {"odds_ratio": "crude odds ratio", "cramers_v": "crude Cramér's V"} if isinstance(plan, Stratified) else {}
    names = {**MEASURES, **crude, "nnt": f"{MEASURES['nnt']} for one event {'fewer' if fewer else 'more'}"}
    effects = [
        _effect_line(each, names[each.context], plan, dictionary, digits)
        for each in gather(result, tuple(MEASURES))
        if each.context != "cohens_d" or (isinstance(plan, Compare) and plan.effect == each.context)
    ]
    tests = [_test_line(each, plan, dictionary, digits) for each in gather(result, tuple(TESTS))]
    held = margin_lines(result, digits) if isinstance(plan, Margin) else ()
    return (*held, *effects, *tests, *table_lines(result), *pairwise_lines(plan, result, dictionary))


def _effect_line(finding: Finding, name: str, plan: Plan, dictionary: Dictionary, digits: int) -> Phrase:
    title = _capital(name)
    warning = _warned(finding)
    if finding.context == "paired_difference":
        return (f"{title} (after minus before): ", *points(finding), *warning)
    if finding.groups[1] is None:
        return (f"{title}: ", *ratio(finding), *warning)
    sides = [say_side(finding, side, plan, dictionary) for side in (0, 1)]
    if finding.context == "risk_difference":
        return (f"{title} ({sides[0]} minus {sides[1]}): ", *points(finding), *warning)
    if finding.context in DIFFERENCES:
        decimals = digits if finding.context == "hodges_lehmann" else None
        return (f"{title} ({sides[0]} minus {sides[1]}): ", *ratio(finding, decimals), *warning)
    return (f"{title} ({sides[0]} against {sides[1]}): ", *ratio(finding), *_corrected(finding), *warning)


def _corrected(finding: Finding) -> Phrase:
    """Return p and what it is once corrected for the number of comparisons; nothing where it was not."""
    if finding.get("p.adjusted") is None:
        return ()
    p, corrected = (numbers.equation("p", finding.get(name)) for name in ("p.value", "p.adjusted"))
    return (", ", number(p), ", corrected ", number(corrected))


def _test_line(finding: Finding, plan: Plan, dictionary: Dictionary, digits: int) -> Phrase:
    parts: list[Phrase] = []
    symbol = "F" if finding.get("parameter2") is not None else SYMBOLS.get(finding.context)
    if symbol and finding.get("statistic") is not None:
        parts.append((f"{symbol} = ", number(numbers.estimate(finding.get("statistic")))))
    freedom = [value for name in ("parameter", "parameter2") if (value := finding.get(name)) is not None]
    if freedom:
        parts.append(("df = ", *listed([(number(_freedom(value)),) for value in freedom])))
    parts.append((number(numbers.equation("p", finding.get("p.value"))),))
    raw = " of the raw changes" if isinstance(plan, Change) and finding.context not in ADJUSTED else ""
    line: Phrase = (f"{_capital(TESTS[finding.context])}{raw}: ", *listed(parts, last=", "))
    return (*line, *_test_estimate(finding, plan, dictionary, digits), *_warned(finding))


def _test_estimate(finding: Finding, plan: Plan, dictionary: Dictionary, digits: int) -> Phrase:
    """Return what a test of two groups estimates: how far apart their means are, or how often one is above."""
    if finding.groups[1] is None:
        return _named_estimate(finding, digits)
    sides = [say_side(finding, side, plan, dictionary) for side in (0, 1)]
    value, low, high = (finding.get(each) for each in ("estimate", "conf.low", "conf.high"))
    if value is not None:
        shown = (number(numbers.estimate(value, digits)), *bracketed(numbers.interval(low, high, digits), low))
        name = "adjusted" if finding.context == "ancova" else "mean"
        return (f"; {name} difference ({sides[0]} minus {sides[1]}) ", *shown)
    superiority = finding.get("superiority")
    if superiority is None:
        return ()
    return (f"; probability of superiority ({sides[0]} over {sides[1]}) ", number(numbers.estimate(superiority)))


def _named_estimate(finding: Finding, digits: int) -> Phrase:
    """Return what a test estimates that compares no groups: a coefficient, a change."""
    value = finding.get("estimate")
    if value is None or finding.context not in ESTIMATES:
        return ()
    low, high = finding.get("conf.low"), finding.get("conf.high")
    decimals = digits if finding.context in ("t_test_paired", "signed_rank") else None
    shown = (number(numbers.estimate(value, decimals)), *bracketed(numbers.interval(low, high, decimals), low))
    return (f"; {ESTIMATES[finding.context]} ", *shown)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _freedom(value: float) -> str:
    return numbers.count(value) if float(value).is_integer() else numbers.estimate(value)


def _warned(finding: Finding) -> Phrase:
    said = dict.fromkeys(finding.warnings.values())
    return (f" ({'; '.join(said)})",) if said else ()
