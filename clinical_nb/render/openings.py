"""How the reading of a plan begins, for the kinds of plan that have a view of their own."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary, value_text
from clinical_nb.plan import (
    Agree,
    Bands,
    Change,
    Correlations,
    Diagnose,
    Discriminate,
    Extremes,
    Incidence,
    Margin,
    Measured,
    Mixed,
    Period,
    Rank,
    Rate,
    Records,
    Repeated,
    Stratified,
    Trend,
    Variable,
    Visits,
)
from clinical_nb.render.phrase import Phrase, listed, term
from clinical_nb.render.wording import (
    and_of,
    name_with_label,
    name_with_unit,
    say_band,
    say_condition,
    say_variable,
    with_unit,
)

Opened = (
    Rate
    | Diagnose
    | Discriminate
    | Agree
    | Incidence
    | Trend
    | Change
    | Stratified
    | Repeated
    | Visits
    | Margin
    | Correlations
    | Records
    | Rank
    | Bands
    | Mixed
    | Extremes
    | Measured
)
PAIRED = {"": "", "holm": ", and each pair with p by Holm", "tukey": ", and each pair by Tukey's method"}
_AIMS = {"equivalence": "Equivalence", "noninferiority": "Non-inferiority"}
_BETTER = {"": "", "higher": " (higher is better)", "lower": " (lower is better)"}
MEASURES: dict[str, str] = {
    "mode": "mode",
    "variance": "variance",
    "standard_error": "standard error of the mean",
    "interval": "mean with its interval",
    "geometric_mean": "geometric mean",
    "skewness": "skewness",
}
_TIMES = ("day", "days", "d", "week", "weeks", "month", "months", "year", "years", "y")


def open_reading(plan: Opened, dictionary: Dictionary) -> tuple[Phrase, tuple[Variable, ...]]:  # noqa: C901, PLR0912 - one a kind
    """Return what is asked of whom, and the variables that make groups."""
    table = plan.cohort.table
    match plan:
        case Rate(_, event, time, by, per):
            over = ", measured by ", term(name_with_unit(time, dictionary, table)), ","
            said = per_text(per, time, dictionary, table)
            start = ("Rate of ", term(say_variable(event, dictionary, table)), f" per {said}", *over)
        case Diagnose(_, test, reference, by):
            told = " tells ", term(say_variable(reference, dictionary, table))
            start = ("How well ", term(say_variable(test, dictionary, table)), *told)
        case Discriminate(_, marker, event, other):
            named = [(term(name_with_unit(each, dictionary, table)),) for each in (marker, other) if each]
            tell = " tell " if other else " tells "
            start, by = ("How well ", *listed(named), tell, term(say_variable(event, dictionary, table))), ()
        case Agree(_, one, other):
            both = [term(name_with_unit(each, dictionary, table)) for each in (one, other)]
            start, by = ("Agreement of ", both[0], " with ", both[1]), ()
        case Incidence(_, time, event, competing, by, at):
            unit = dictionary.column(table, time).unit
            times: Phrase = (" at ", term(with_unit(and_of(map(value_text, at)), unit))) if at else ()
            against = ", with ", term(say_condition(competing, dictionary, table)), " competing"
            measured = ", measured by ", term(name_with_unit(time, dictionary, table)), *times, ","
            start = ("Incidence of ", term(say_condition(event, dictionary, table)), *against, *measured)
        case Trend(_, date, period, of, by):
            start, by = (*_counted(of, dictionary, table), *_periods(date, period, by, dictionary, table)), ()
        case Change(_, before, after, group):
            both = (term(say_variable(each, dictionary, table)) for each in (before, after))
            start, by = ("Change from ", next(both), " to ", next(both), ", adjusted for what it was before,"), (group,)
        case Stratified(_, outcome, group, strata):
            within = listed([(term(say_variable(each, dictionary, table)),) for each in strata])
            start = ("Compare ", term(say_variable(outcome, dictionary, table)), " within each ", *within, ",")
            by = (group,)
        case Repeated(_, compared, pairwise):
            named = listed([(term(say_variable(each, dictionary, table)),) for each in compared])
            start, by = ("Compare ", *named, " in the same persons", PAIRED[pairwise]), ()
        case Visits(_, outcome, visit, pairwise):
            said, over = (term(say_variable(each, dictionary, table)) for each in (outcome, visit))
            start, by = ("Compare ", said, " over the levels of ", over, " in the same persons", PAIRED[pairwise]), ()
        case Mixed(_, outcome, visit, by):
            said, over = term(name_with_unit(outcome, dictionary, table)), term(say_variable(visit, dictionary, table))
            start = ("Course of ", said, " by a mixed model over the levels of ", over)
        case Margin(_, outcome, group, margin, aim, better):
            start = (f"{_AIMS[aim]} of ", term(say_variable(outcome, dictionary, table)))
            start = (*start, " within ", term(_margin_text(plan, margin, dictionary)), _BETTER[better])
            by = (group,)
        case Correlations(_, columns, given):
            named = listed([(term(name_with_unit(each, dictionary, table)),) for each in columns])
            held = listed([(term(name_with_unit(each, dictionary, table)),) for each in given]) if given else ()
            start, by = ("Correlations of ", *named, *((" with ", *held, " held still") if held else ())), ()
        case Records() | Rank() | Bands() | Extremes() | Measured():
            return _open_counts(plan, dictionary)
    return start, by


def _open_counts(
    plan: Records | Rank | Bands | Extremes | Measured, dictionary: Dictionary
) -> tuple[Phrase, tuple[Variable, ...]]:
    """Return the same of what counts rows, levels and bands, or measures one column."""
    table = plan.cohort.table
    match plan:
        case Records(_, rows, by, among):
            said = term(say_condition(rows, dictionary, table).removeprefix("any "))
            of = (", of each ", term(say_condition(among[0], dictionary, table).removeprefix("any "))) if among else ()
            start = ("Number of rows a person: each ", said, *of)
        case Rank(_, column, most):
            start = (f"The {most} most frequent levels of ", term(name_with_label(column, dictionary, table)))
            start, by = (*start, " by persons" if dictionary.identifier(table) else " by rows"), ()
        case Bands(_, column, bands, events):
            unit = dictionary.column(table, column).unit
            named = listed([(term(with_unit(say_band(each), unit)),) for each in bands])
            share = ("Share with ", term(say_condition(events[0], dictionary, table))) if events else ("Number",)
            start, by = (
                (*share, " in each band of ", term(name_with_label(column, dictionary, table)), ": ", *named),
                (),
            )
        case Extremes(_, column, side, most):
            values = f"{side.capitalize()} {most} values of " if most > 1 else f"{side.capitalize()} value of "
            start, by = (values, term(name_with_unit(column, dictionary, table))), ()
        case Measured(_, column, measures, percentiles, by):
            asked = and_of((*(MEASURES[each] for each in measures), *map(name_of_percentile, percentiles)))
            start = (f"{asked[0].upper()}{asked[1:]} of ", term(name_with_unit(column, dictionary, table)))
    return start, by


def name_of_percentile(percentile: float) -> str:
    """Return what a percentile is called: "90th percentile"."""
    text = value_text(percentile)
    teens = ("11", "12", "13")
    ending = "th" if text[-2:] in teens or "." in text else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return f"{text}{ending} percentile"


def _counted(of: Variable, dictionary: Dictionary, table: str) -> Phrase:
    if not of:
        return ("Number of ", "persons" if dictionary.identifier(table) else "rows", " of ", term(table))
    if isinstance(of, str):
        return ("Mean of ", term(name_with_unit(of, dictionary, table)))
    return ("Share with ", term(say_condition(of, dictionary, table)))


def _periods(date: str, period: Period, by: Sequence[Variable], dictionary: Dictionary, table: str) -> Phrase:
    groups = [part for each in by for part in (" and ", term(say_variable(each, dictionary, table)))]
    return (f" by {period} of ", term(name_with_label(date, dictionary, table)), *groups)


def per_text(per: float, time: str, dictionary: Dictionary, table: str) -> str:
    """Return what a rate is for each of: "100 person-years", or units of the time where these are no time we know."""
    unit = dictionary.column(table, time).unit
    number = "" if per == 1 else f"{value_text(per)} "
    if unit.casefold() in _TIMES:
        return f"{number}person-years" if number else "person-year"
    return f"{number}person-{unit}" if unit else f"{number}units of {time}"


def _margin_text(plan: Margin, margin: float, dictionary: Dictionary) -> str:
    """Return a margin in the outcome's unit; of an event in percentage points."""
    column = dictionary.column(plan.cohort.table, plan.outcome) if isinstance(plan.outcome, str) else None
    if column is None or column.kind != "numeric":
        return f"{value_text(round(100 * margin, 10))} percentage points"
    return with_unit(value_text(margin), column.unit)
