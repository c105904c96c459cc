"""How a plan was understood, in one sentence that a person can check: names, labels, signs and units."""

from clinical_nb.dictionary.meaning import Dictionary, value_text
from clinical_nb.plan import (
    Compare,
    Condition,
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
    Variable,
)
from clinical_nb.render.openings import Opened, open_reading
from clinical_nb.render.pairwise import say_asked_test
from clinical_nb.render.phrase import Mark, Phrase, listed, plain, term
from clinical_nb.render.wording import (
    and_of,
    name_with_label,
    name_with_unit,
    say_condition,
    say_inside,
    say_level,
    say_variable,
    with_unit,
)

MOST_NAMED = 8  # columns that one sentence can hold
STATISTICS = {
    "mean": "mean",
    "sd": "standard deviation",
    "median": "median",
    "quartiles": "quartiles",
    "range": "range",
    "distribution": "distribution",
}
_ERRORS = {
    "": "",
    "model": ", with the errors that the model supposes",
    "robust": ", with robust errors",
    "clustered": ", with errors clustered by person",
}
_INTERVALS = {"": "", "profile": ", with profile intervals"}
_EXPLAINED = {
    "linear": "Mean",
    "logistic": "Odds",
    "poisson": "Rate",
    "negative_binomial": "Rate",
    "ordinal": "Odds of a higher level",
}


def read_back(plan: Plan, dictionary: Dictionary) -> str:
    """Return one sentence that says how a question was understood.

    Parameters
    ----------
    plan : Plan
        What is to be computed.
    dictionary : Dictionary
        The dictionary of the dataset that the plan is about: labels, levels and units. Where the plan joins tables, its
        table must have their columns, as `widen` gives them.

    Returns
    -------
    str
        Such as "Compare risk (risk score) by rx (randomised treatment) where gender = female and age > 65 years".

    """
    return plain(read_parts(plan, dictionary))


def read_parts(plan: Plan, dictionary: Dictionary) -> Phrase:
    """Return the sentence of `read_back` with the columns and conditions marked."""
    table = plan.cohort.table
    start, by = _begin(plan, dictionary)
    parts: list[str | Mark] = list(start)
    if plan.cohort.joined:
        parts += [", each row of ", term(table), " with its row of ", term(and_of(plan.cohort.joined)), ","]
    for position, variable in enumerate(by):
        parts += [" and " if position else " by ", term(say_variable(variable, dictionary, table))]
    parts += say_asked_test(plan)
    if isinstance(plan, Compare):
        for reference in plan.against:
            parts += [", ", *_say_against(plan.by, value_text(reference), dictionary, table), ","]
    if isinstance(plan, Survive):
        parts += _say_strata_and_times(plan, dictionary)
    if isinstance(plan, Regress | Hazard):
        parts += _say_adjusted(plan, dictionary)
    for position, condition in enumerate(plan.cohort.where):
        parts += [" and " if position else " where ", term(_where(condition, plan, dictionary))]
    if parts[-1] == ",":
        parts.pop()
    if "repeated" in plan.cohort.despite:
        said = "each by itself" if isinstance(plan, Count) else "rows of the same person treated as independent"
        parts.append(f", {said}")
    return tuple(parts)


def _of_table(variable: Variable, plan: Plan, dictionary: Dictionary) -> str:
    """Say whose a column is where a table that the plan does not join has one of the same name."""
    own = (plan.cohort.table, *plan.cohort.joined)
    others = [columns for name, columns in dictionary.tables.items() if name not in own]
    return f" of {own[0]}" if isinstance(variable, str) and any(variable in each for each in others) else ""


def _begin(plan: Plan, dictionary: Dictionary) -> tuple[Phrase, tuple[Variable, ...]]:  # noqa: C901, PLR0912 - one case a kind of plan
    """Return what is asked of whom, and the variables that make groups."""
    if isinstance(plan, Opened):
        return open_reading(plan, dictionary)
    table = plan.cohort.table
    match plan:
        case Count(_, by):
            is_of_rows = "repeated" in plan.cohort.despite or not dictionary.identifier(table)
            noun = "rows" if is_of_rows else "persons"
            start = (f"Count the {noun} of ", term(table))
        case Proportion(_, event, by):
            start = ("Share with ", term(say_condition(event, dictionary, table)))
        case Describe(_, column, by, statistics):
            asked = f"{and_of(STATISTICS[each] for each in statistics).capitalize()} of " if statistics else "Describe "
            start = (asked, term(name_with_unit(column, dictionary, table)), _of_table(column, plan, dictionary))
        case Survive(_, time, event, by):
            measured = (", measured by ", term(name_with_unit(time, dictionary, table)), ",")
            start = (_say_told(plan), term(say_condition(event, dictionary, table)), *measured)
        case TableOne(_, columns, by, tests):
            named = [(term(say_variable(each, dictionary, table)),) for each in columns]
            start = ("Table 1 of ", *listed(named), *((" with tests",) if tests else ()))
        case FollowUp(_, time, event, by):
            measured = term(name_with_unit(time, dictionary, table))
            ended = term(say_condition(event, dictionary, table))
            start = ("Follow-up measured by ", measured, ", cut short by ", ended, ",")
        case Correlate(_, one, other):
            both = (term(name_with_unit(each, dictionary, table)) for each in (one, other))
            start, by = ("Correlation of ", next(both), " with ", next(both)), ()
        case Pair(_, before, after):
            both = (term(say_variable(each, dictionary, table)) for each in (before, after))
            start, by = ("Change from ", next(both), " to ", next(both), " in the same persons"), ()
        case Missingness(_, columns, by):
            named = [name_with_label(each, dictionary, table) for each in columns[:MOST_NAMED]]
            more = len(columns) - len(named)
            start = ("Missing values of ", term(and_of([*named, f"{more} more columns"] if more else named)))
        case Regress(_, outcome, (first, *_), family):
            named = name_with_unit(outcome, dictionary, table) if isinstance(outcome, str) else ""
            said = term(named or say_variable(outcome, dictionary, table))
            start, by = (f"{_EXPLAINED[family]} of ", said, _of_table(outcome, plan, dictionary)), (first,)
        case Hazard(_, time, event, (first, *_)):
            measured = (", measured by ", term(name_with_unit(time, dictionary, table)), ",")
            start, by = ("Hazard of ", term(say_condition(event, dictionary, table)), *measured), (first,)
        case Regress() | Hazard():
            start, by = ("A model without terms",), ()
        case Compare(_, outcome, group):
            said = term(say_variable(outcome, dictionary, table))
            start, by = ("Compare ", said, _of_table(outcome, plan, dictionary)), (group,)
    return start, by


def _say_adjusted(plan: Regress | Hazard, dictionary: Dictionary) -> list[str | Mark]:
    """Say what else is in a model, over which time events were counted, and within which strata."""
    table = plan.cohort.table
    parts: list[str | Mark] = []
    if isinstance(plan, Regress) and plan.exposure:
        parts += [", counted over ", term(name_with_unit(plan.exposure, dictionary, table))]
    if isinstance(plan, Hazard) and plan.step:
        unit = dictionary.column(table, str(plan.terms[0])).unit
        parts += [" per ", term(with_unit(value_text(plan.step[0]), unit))]
    for position, variable in enumerate(plan.terms[1:]):
        before = ", adjusted for " if not position else " and " if position == len(plan.terms) - 2 else ", "
        parts += [before, term(say_variable(variable, dictionary, table))]
    for condition in plan.competing if isinstance(plan, Hazard) else ():
        parts += [", with ", term(say_condition(condition, dictionary, table)), " competing"]
    parts += _say_request(plan, dictionary)
    for position, variable in enumerate(plan.strata if isinstance(plan, Hazard) else ()):
        parts += [" and " if position else ", within each ", term(say_variable(variable, dictionary, table))]
    return parts


def _say_request(plan: Regress | Hazard, dictionary: Dictionary) -> list[str | Mark]:
    """Say by what the first effect may differ, and which errors and intervals were asked for."""
    parts: list[str | Mark] = []
    for position, variable in enumerate(plan.modifiers):
        before = " and " if position else ", and whether its effect differs by "
        parts += [before, term(say_variable(variable, dictionary, plan.cohort.table))]
    intervals = "" if isinstance(plan, Hazard) else _INTERVALS[plan.intervals]
    return [*parts, *(each for each in (_ERRORS[plan.errors], intervals) if each)]


def _say_strata_and_times(plan: Survive, dictionary: Dictionary) -> list[str | Mark]:
    table = plan.cohort.table
    parts: list[str | Mark] = []
    for reference in plan.against:
        parts += [", ", *_say_against(plan.by[0], value_text(reference), dictionary, table)]
    for position, variable in enumerate(plan.strata):
        parts += [" and " if position else " within each ", term(say_variable(variable, dictionary, table))]
    for before, times in ((" within " if plan.told == "event" else " at ", plan.at), (" up to ", plan.until)):
        if times:
            unit = dictionary.column(table, plan.time).unit
            parts += [before, term(with_unit(and_of(value_text(time) for time in times), unit))]
    return parts


def _say_against(by: Variable, reference: str, dictionary: Dictionary, table: str) -> Phrase:
    """Say which level is compared with which: "female against male"; of more than two, all the others."""
    levels = dictionary.column(table, by).levels if isinstance(by, str) else ()
    others = [value_text(level.value) for level in levels if value_text(level.value) != reference]
    one = say_level(by, others[0], dictionary, table) if len(others) == 1 else "the others"
    return (term(one), " against ", term(say_level(by, reference, dictionary, table)))


def _say_told(plan: Survive) -> str:
    if plan.told:
        return "Share (1 minus Kaplan-Meier) with " if plan.told == "event" else "Number at risk of "
    return "Restricted mean time until " if plan.until else "Time until "


def _where(condition: Condition, plan: Plan, dictionary: Dictionary) -> str:
    say = say_condition if len(plan.cohort.where) == 1 else say_inside
    return say(condition, dictionary, plan.cohort.table)
