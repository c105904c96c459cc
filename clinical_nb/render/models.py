"""Models of several terms in words and cells: estimates against their reference, adjusted for what, and the fit."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary, value_text
from clinical_nb.plan import Hazard, Regress, Variable, name_of
from clinical_nb.render import numbers
from clinical_nb.render.findings import Finding, gather, subject_of
from clinical_nb.render.phrase import Phrase, aside, listed, number
from clinical_nb.render.wording import say_level, say_within, short_name, with_unit
from clinical_nb.result import Result

_FEW = 5  # levels that a sentence can hold
_MEASURES = {
    "linear": "difference",
    "logistic": "odds ratio",
    "poisson": "rate ratio",
    "negative_binomial": "rate ratio",
    "ordinal": "odds ratio",
}
_ONE = {"years": "year", "months": "month", "weeks": "week", "days": "day", "hours": "hour", "minutes": "minute"}
_FIT = {
    "r_squared": "R² (share of the variance explained)",
    "adjusted_r_squared": "R² adjusted for the number of terms",
    "auc": "Area under the ROC curve, in the rows that the model was fitted to",
    "shape": "Shape of the negative binomial (the smaller, the more counts vary)",
    "vif": "Variance inflation",
    "dispersion": "Dispersion (1 where counts vary as Poisson's model has it)",
}
_TESTS = {
    "model_test": "Test of all terms",
    "term_test": "Test of all levels",
    "interaction_test": "Test of interaction",
    "hosmer_lemeshow": "Hosmer-Lemeshow test",
    "proportional_hazards": "Test of proportional hazards (Schoenfeld)",
    "proportional_odds": "Test of proportional odds (Brant)",
}


def measure_of(plan: Regress | Hazard) -> str:
    """Return what the estimates of a model are: "odds ratio"."""
    if isinstance(plan, Hazard):
        return "subdistribution hazard ratio" if plan.competing else "hazard ratio"
    return _MEASURES[plan.family]


def is_ratio(plan: Regress | Hazard) -> bool:
    """Tell whether 1, and not 0, is no difference."""
    return isinstance(plan, Hazard) or plan.family != "linear"


def say_model(plan: Regress | Hazard, result: Result, dictionary: Dictionary) -> Phrase:
    """Say the estimate of the first term, in which direction, and what it is adjusted for."""
    first, *others = plan.terms
    rows = [each for each in gather(result, ("adjusted",)) if each.variable == name_of(first)]
    say = _say_estimate if len(rows) == 1 else _say_level_estimate
    said = [say(each, first, plan, dictionary) for each in rows[:_FEW]]
    more = len(rows) - len(said)
    table = plan.cohort.table
    adjusted = [(short_name(each, dictionary, table),) for each in others]
    return (
        f"{say_explained(plan, result, dictionary)}: ",
        *(part for place, phrase in enumerate(said) for part in (*(("; ",) if place else ()), *phrase)),
        *((f"; and {numbers.count(more)} more levels",) if more else ()),
        *((", adjusted for ", *listed(adjusted)) if adjusted else (", not adjusted for anything",)),
        *_say_instead(plan, result),
        *_say_p(rows, first, result),
    )


def _say_instead(plan: Regress | Hazard, result: Result) -> Phrase:
    """Say that it is another model than the plan names, because the counts vary too much for that."""
    instead = isinstance(plan, Regress) and plan.family == "poisson" and gather(result, ("shape",))
    return (", by a negative binomial model",) if instead else ()


def say_explained(plan: Regress | Hazard, result: Result, dictionary: Dictionary) -> str:
    """Return what a model explains: "odds of died", "hazard of died", "mean albumin"."""
    table, subject = plan.cohort.table, subject_of(plan) or ""
    if isinstance(plan, Hazard):
        return f"hazard of {say_level(plan.event, 'yes', dictionary, table)}"
    if plan.family == "linear":
        return f"mean {short_name(subject, dictionary, table)}"
    if plan.family == "ordinal":
        return f"odds of a higher {short_name(subject, dictionary, table)}"
    (model, *_) = gather(result, ("model",))
    name = say_level(subject, model.level, dictionary, table) if model.level else short_name(subject, dictionary, table)
    return f"{'odds' if plan.family == 'logistic' else 'rate'} of {name}"


def model_cells(
    plan: Regress | Hazard, result: Result, dictionary: Dictionary
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads, and a row of cells for each estimate: term, level, unadjusted, adjusted, p."""
    alone = {(each.variable, each.level): each for each in gather(result, ("unadjusted",))}
    several = len(plan.terms) > 1
    rows = [
        (
            short_name(variable, dictionary, plan.cohort.table),
            say_contrast(each, variable, plan, dictionary),
            *((_cell(alone[each.variable, each.level]),) if several else ()),
            _cell(each),
            numbers.p_value(each.get("p.value")) if each.get("p.value") is not None else "",
        )
        for each, variable in with_terms(plan, gather(result, ("adjusted",)))
    ]
    measure = measure_of(plan)
    estimates = (f"Unadjusted {measure} (95 % CI)", f"Adjusted {measure} (95 % CI)")
    heads = estimates if several else (f"{measure[0].upper()}{measure[1:]} (95 % CI)",)
    return ("Term", "Level", *heads, "p"), rows


def model_lines(plan: Regress | Hazard, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for how many were used, each measure of fit, and each test."""
    (model, *_) = gather(result, ("model",))
    events = model.get("n")
    noun = "all counted" if isinstance(plan, Regress) and plan.family in ("poisson", "negative_binomial") else "events"
    counted = f", {noun} = {numbers.count(events)}" if events is not None else ""
    lines: list[Phrase] = [("Model of ", number(f"N = {numbers.count(model.number('N'))}{counted}"))]
    terms = {name_of(term): short_name(term, dictionary, plan.cohort.table) for term in plan.terms}
    for each in gather(result, tuple(_FIT)):
        low, high = each.get("conf.low"), each.get("conf.high")
        interval = () if low is None else (" (", aside(numbers.interval(low, high)), ")")
        of = f" of {terms[each.variable or '']}" if each.context == "vif" else ""
        lines.append((f"{_FIT[each.context]}{of}: ", number(numbers.estimate(each.get("estimate"))), *interval))
    for each in gather(result, tuple(_TESTS)):
        whole = " of all terms" if each.context in ("proportional_hazards", "proportional_odds") else ""
        of = f" of {terms[each.variable]}" if each.variable in terms else whole
        of = of.replace(" of ", " with ", 1) if each.context == "interaction_test" else of
        lines.append((f"{_TESTS[each.context]}{of}: ", *_say_test(each)))
    return (*lines, *_modified_lines(plan, result, dictionary))


def _modified_lines(plan: Regress | Hazard, result: Result, dictionary: Dictionary) -> tuple[Phrase, ...]:
    """Return a line for the effect of the first term at each level of each modifier."""
    first, table = plan.terms[0], plan.cohort.table
    lines: list[Phrase] = []
    for each in gather(result, ("within",)):
        modifier = next(
            term
            for term in plan.terms
            if any(
                row.context == "within" and row.group2 == name_of(term) and row.group2_level == each.groups[1]
                for row in result.statistics
            )
        )
        where = say_within(modifier, each.groups[1] or "", dictionary, table)
        contrast = say_contrast(each, first, plan, dictionary)
        bounds = numbers.interval(each.get("conf.low"), each.get("conf.high"))
        value = number(numbers.estimate(each.get("estimate")))
        lines.append(
            (f"{where[0].upper()}{where[1:]}, {contrast}: {measure_of(plan)} ", value, " (", aside(bounds), ")")
        )
    return tuple(lines)


def with_terms(plan: Regress | Hazard, found: Sequence[Finding]) -> list[tuple[Finding, Variable]]:
    """Return each estimate with the term that it is of."""
    terms = {name_of(term): term for term in plan.terms}
    return [(each, terms[each.variable or ""]) for each in found]


def say_contrast(finding: Finding, variable: Variable, plan: Regress | Hazard, dictionary: Dictionary) -> str:
    """Return what is compared with what: "placebo against drug", or of a measurement "per 1 mg/dl"."""
    table = plan.cohort.table
    if finding.level is None:
        unit = dictionary.column(table, variable).unit if isinstance(variable, str) else ""
        step = plan.step if isinstance(plan, Hazard) and variable == plan.terms[0] else ()
        if step:
            return f"per {with_unit(value_text(step[0]), unit)}"
        return f"per {with_unit('1', _ONE.get(unit.casefold(), unit))}"
    sides = [say_level(variable, level or "", dictionary, table) for level in (finding.level, finding.groups[0])]
    return f"{sides[0]} against {sides[1]}"


def _say_estimate(finding: Finding, variable: Variable, plan: Regress | Hazard, dictionary: Dictionary) -> Phrase:
    table, value = plan.cohort.table, finding.get("estimate")
    contrast = say_contrast(finding, variable, plan, dictionary)
    if value is None:
        reason = next(iter(finding.warnings.values()), "")
        return (f"{contrast}, {measure_of(plan)} ", number(numbers.NOT_ESTIMABLE), f" ({reason})")
    low, high = finding.get("conf.low"), finding.get("conf.high")
    direction = _direction(value, plan)
    if finding.level is None:
        name = short_name(variable, dictionary, table)
        where = f"with higher {name}"
    else:
        sides = [say_within(variable, level or "", dictionary, table) for level in (finding.level, finding.groups[0])]
        where = f"{sides[0]} than {sides[1]}"
    penalised = f", {warning}" if (warning := next(iter(finding.warnings.values()), "")) else ""
    if is_ratio(plan):
        per = f" {contrast}" if finding.level is None else ""
        shown = number(numbers.estimate(value))
        return (
            f"{direction} {where}, {measure_of(plan)}{per} ",
            shown,
            " (",
            aside(numbers.interval(low, high)),
            f"{penalised})",
        )
    unit = dictionary.column(table, str(subject_of(plan))).unit
    low, high = (low, high) if value >= 0 else tuple(None if each is None else -each for each in (high, low))
    per = f" {contrast}" if finding.level is None else ""
    shown = number(with_unit(numbers.estimate(abs(value)), unit))
    return (f"{direction} {where} by ", shown, f"{per} (", aside(numbers.interval(low, high)), ")")


def _say_level_estimate(finding: Finding, variable: Variable, plan: Regress | Hazard, dictionary: Dictionary) -> Phrase:
    """Say one of several levels: its estimate, whether that is higher or lower, and against what."""
    value, contrast = finding.get("estimate"), say_contrast(finding, variable, plan, dictionary)
    if value is None:
        return _say_estimate(finding, variable, plan, dictionary)
    interval = numbers.interval(finding.get("conf.low"), finding.get("conf.high"))
    unit = "" if is_ratio(plan) else dictionary.column(plan.cohort.table, str(subject_of(plan))).unit
    shown = number(with_unit(numbers.estimate(value), unit))
    penalised = f", {warning}" if (warning := next(iter(finding.warnings.values()), "")) else ""
    return (
        f"{_direction(value, plan)} for {contrast}, {measure_of(plan)} ",
        shown,
        " (",
        aside(interval),
        f"{penalised})",
    )


def _direction(value: float, plan: Regress | Hazard) -> str:
    none = 1.0 if is_ratio(plan) else 0.0
    return "no different" if value == none else "higher" if value > none else "lower"


def _say_p(rows: Sequence[Finding], first: Variable, result: Result) -> Phrase:
    """Return the p of the first term: of its levels all at once where there are several."""
    tests = [each for each in gather(result, ("term_test",)) if each.variable == name_of(first)]
    found = tests or rows[:1]
    p = found[0].get("p.value") if found else None
    of = " for all levels" if tests else ""
    return () if p is None else ("; ", number(numbers.equation("p", p)), of)


def _say_test(finding: Finding) -> Phrase:
    if finding.get("p.value") is None:
        return (number(numbers.NOT_ESTIMABLE), f" ({'; '.join(finding.warnings.values())})")
    freedom = [value for name in ("parameter", "parameter2") if (value := finding.get(name)) is not None]
    symbol = "F" if len(freedom) > 1 else "χ²"
    parts: list[Phrase] = [
        (f"{symbol} = ", number(numbers.estimate(finding.get("statistic")))),
        ("df = ", *listed([(number(numbers.count(value)),) for value in freedom])),
        (number(numbers.equation("p", finding.get("p.value"))),),
    ]
    return listed(parts, last=", ")


def _cell(finding: Finding) -> str:
    value = finding.get("estimate")
    if value is None:
        return numbers.NOT_ESTIMABLE
    low, high = (numbers.estimate(finding.get(name)) for name in ("conf.low", "conf.high"))
    firth = " by Firth" if any("Firth" in text for text in finding.warnings.values()) else ""
    return f"{numbers.estimate(value)} ({low} to {high}){firth}"
