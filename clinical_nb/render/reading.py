"""How a plan was understood, in one sentence that a person can check: names, labels, signs and units."""

from collections.abc import Iterable

from clinical_nb.dictionary.meaning import Column, Dictionary, value_text
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Compare,
    Condition,
    Correlate,
    Count,
    Describe,
    FollowUp,
    Hazard,
    Known,
    Missing,
    Missingness,
    NoneOf,
    NoRow,
    OneOf,
    Pair,
    Plan,
    Proportion,
    Regress,
    Sign,
    Survive,
    TableOne,
    Threshold,
    Variable,
)
from clinical_nb.render.phrase import Mark, Phrase, listed, plain, term

LONGEST = 60  # a label beyond this is a description: the column's name is shorter to read
MOST_NAMED = 8  # columns that one sentence can hold
SIGNS: dict[Sign, str] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
OPPOSITE: dict[Sign, str] = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}
STATISTICS = {
    "mean": "mean",
    "sd": "standard deviation",
    "median": "median",
    "quartiles": "quartiles",
    "range": "range",
    "distribution": "distribution",
}
_EXPLAINED = {"linear": "Mean", "logistic": "Odds", "poisson": "Rate"}
AFFIRMED = ("yes", "true", "present")
DENIED = ("no", "false", "absent")


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
        parts += [", each row of ", term(table), " with its row of ", term(_and(plan.cohort.joined)), ","]
    for position, variable in enumerate(by):
        parts += [" and " if position else " by ", term(say_variable(variable, dictionary, table))]
    if isinstance(plan, Survive):
        parts += _say_strata_and_times(plan, dictionary)
    if isinstance(plan, Regress | Hazard):
        parts += _say_adjusted(plan, dictionary)
    for position, condition in enumerate(plan.cohort.where):
        parts += [" and " if position else " where ", term(_where(condition, plan, dictionary))]
    if parts[-1] == ",":
        parts.pop()
    return tuple(parts)


def _of_table(variable: Variable, plan: Plan, dictionary: Dictionary) -> str:
    """Say whose a column is where a table that the plan does not join has one of the same name."""
    own = (plan.cohort.table, *plan.cohort.joined)
    others = [columns for name, columns in dictionary.tables.items() if name not in own]
    return f" of {own[0]}" if isinstance(variable, str) and any(variable in each for each in others) else ""


def _begin(plan: Plan, dictionary: Dictionary) -> tuple[Phrase, tuple[Variable, ...]]:  # noqa: C901, PLR0912 - one case a kind of plan
    """Return what is asked of whom, and the variables that make groups."""
    table = plan.cohort.table
    match plan:
        case Count(_, by):
            noun = "persons" if dictionary.identifier(table) else "rows"
            start = (f"Count the {noun} of ", term(table))
        case Proportion(_, event, by):
            start = ("Share with ", term(say_condition(event, dictionary, table)))
        case Describe(_, column, by, statistics):
            asked = f"{_and(STATISTICS[each] for each in statistics).capitalize()} of " if statistics else "Describe "
            start = (asked, term(_with_unit(column, dictionary, table)), _of_table(column, plan, dictionary))
        case Survive(_, time, event, by):
            measured = (", measured by ", term(_with_unit(time, dictionary, table)), ",")
            start = ("Time until ", term(say_condition(event, dictionary, table)), *measured)
        case TableOne(_, columns, by, tests):
            named = [(term(say_variable(each, dictionary, table)),) for each in columns]
            start = ("Table 1 of ", *listed(named), *((" with tests",) if tests else ()))
        case FollowUp(_, time, event, by):
            measured = term(_with_unit(time, dictionary, table))
            ended = term(say_condition(event, dictionary, table))
            start = ("Follow-up measured by ", measured, ", cut short by ", ended, ",")
        case Correlate(_, one, other):
            both = (term(_with_unit(each, dictionary, table)) for each in (one, other))
            start, by = ("Correlation of ", next(both), " with ", next(both)), ()
        case Pair(_, before, after):
            both = (term(say_variable(each, dictionary, table)) for each in (before, after))
            start, by = ("Change from ", next(both), " to ", next(both), " in the same persons"), ()
        case Missingness(_, columns, by):
            named = [_named(each, dictionary, table) for each in columns[:MOST_NAMED]]
            more = len(columns) - len(named)
            start = ("Missing values of ", term(_and([*named, f"{more} more columns"] if more else named)))
        case Regress(_, outcome, (first, *_), family):
            named = _with_unit(outcome, dictionary, table) if isinstance(outcome, str) else ""
            said = term(named or say_variable(outcome, dictionary, table))
            start, by = (f"{_EXPLAINED[family]} of ", said, _of_table(outcome, plan, dictionary)), (first,)
        case Hazard(_, time, event, (first, *_)):
            measured = (", measured by ", term(_with_unit(time, dictionary, table)), ",")
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
        parts += [", counted over ", term(_with_unit(plan.exposure, dictionary, table))]
    for position, variable in enumerate(plan.terms[1:]):
        before = ", adjusted for " if not position else " and " if position == len(plan.terms) - 2 else ", "
        parts += [before, term(say_variable(variable, dictionary, table))]
    for position, variable in enumerate(plan.strata if isinstance(plan, Hazard) else ()):
        parts += [" and " if position else ", within each ", term(say_variable(variable, dictionary, table))]
    return parts


def _say_strata_and_times(plan: Survive, dictionary: Dictionary) -> list[str | Mark]:
    table = plan.cohort.table
    parts: list[str | Mark] = []
    for position, variable in enumerate(plan.strata):
        parts += [" and " if position else " within each ", term(say_variable(variable, dictionary, table))]
    if plan.at:
        unit = dictionary.column(table, plan.time).unit
        parts += [" at ", term(with_unit(_and(value_text(time) for time in plan.at), unit))]
    return parts


def say_condition(condition: Condition, dictionary: Dictionary, table: str) -> str:  # noqa: PLR0911 - one a kind
    """Return a condition in words: "gender = female", "age > 65 years", "chol (serum cholesterol) missing"."""
    match condition:
        case OneOf(column, values):
            return f"{_named(column, dictionary, table)} = {_levels(column, values, dictionary, table)}"
        case NoneOf(column, values):
            sign = "≠" if len(values) == 1 else "is none of"
            return f"{_named(column, dictionary, table)} {sign} {_levels(column, values, dictionary, table)}"
        case Threshold(column, sign, value):
            return f"{_named(column, dictionary, table)} {_side(column, SIGNS[sign], value, dictionary, table)}"
        case Missing(column):
            return f"{_named(column, dictionary, table)} missing"
        case Known(column):
            return f"{_named(column, dictionary, table)} known"
        case AllOf(conditions):
            return _all(conditions, dictionary, table)
        case AnyOf(conditions):
            return " or ".join(say_condition(each, dictionary, table) for each in conditions)
        case AnyRow(finer, where):
            return f"any row of {finer}" + (f" with {_all(where, dictionary, finer)}" if where else "")
        case NoRow():
            return _fails(condition.contrary, dictionary, table)


def say_variable(variable: Variable, dictionary: Dictionary, table: str) -> str:
    """Return a column's name with its label, or a condition in words."""
    if isinstance(variable, str):
        return _named(variable, dictionary, table)
    return say_condition(variable, dictionary, table)


def short_name(variable: Variable, dictionary: Dictionary, table: str) -> str:
    """Return what to call a variable in a sentence or a head: its label without what is in brackets."""
    if not isinstance(variable, str):
        return say_level(variable, "yes", dictionary, table)
    label = _one_line(dictionary.column(table, variable).label).split(" (")[0]
    return label if 0 < len(label) <= LONGEST else variable


def say_level(variable: Variable, level: str, dictionary: Dictionary, table: str) -> str:
    """Return a group or a level so that it can be read alone: "placebo", "stage 3", "died", "not died", "age ≤ 65".

    Parameters
    ----------
    variable : Variable
        The column, or the condition whose "yes" or "no" the level is.
    level : str
        The level as analysis results data hold it.
    dictionary : Dictionary
        The dictionary of the dataset.
    table : str
        The table of the column.

    """
    if isinstance(variable, str):
        column = dictionary.column(table, variable)
        return _alone(short_name(variable, dictionary, table), column.label_of(level))
    return _holds(variable, dictionary, table) if level == "yes" else _fails(variable, dictionary, table)


def say_within(variable: Variable, level: str, dictionary: Dictionary, table: str) -> str:
    """Return a group as the end of a sentence: "in the placebo group", "with ascites", "without ascites"."""
    said = say_level(variable, level, dictionary, table)
    if not isinstance(variable, str | OneOf | NoneOf):
        return f"with {said}"
    column = variable if isinstance(variable, str) else variable.column
    name = short_name(column, dictionary, table)
    return {name: f"with {name}", f"no {name}": f"without {name}"}.get(said, f"in the {said} group")


def with_unit(text: str, unit: str) -> str:
    """Put a unit after a number or a name; one that begins with a digit ("1000/mm3") in brackets."""
    if not unit:
        return text
    return f"{text} ({unit})" if unit[0].isdigit() else f"{text} {unit}"


def _holds(condition: Condition, dictionary: Dictionary, table: str) -> str:
    match condition:
        case OneOf(column, values):
            name = short_name(column, dictionary, table)
            return " or ".join(_alone(name, dictionary.column(table, column).label_of(value)) for value in values)
        case NoneOf(column, values):
            return _fails(OneOf(column, values), dictionary, table)
        case Threshold(column, sign, value):
            name = short_name(column, dictionary, table)
            return f"{name} {_side(column, SIGNS[sign], value, dictionary, table)}"
        case _:
            return say_condition(condition, dictionary, table)


def _fails(condition: Condition, dictionary: Dictionary, table: str) -> str:  # noqa: PLR0911 - one a kind
    match condition:
        case OneOf(column, (value,)) if dictionary.column(table, column).label_of(value).casefold() in AFFIRMED:
            return _alone(short_name(column, dictionary, table), "no")
        case OneOf(column, (value,)) if dictionary.column(table, column).label_of(value).casefold() in DENIED:
            return _alone(short_name(column, dictionary, table), "yes")
        case OneOf():
            return f"not {_holds(condition, dictionary, table)}"
        case NoneOf(column, values):
            return _holds(OneOf(column, values), dictionary, table)
        case Threshold(column, sign, value):
            name = short_name(column, dictionary, table)
            return f"{name} {_side(column, OPPOSITE[sign], value, dictionary, table)}"
        case Missing(column):
            return say_condition(Known(column), dictionary, table)
        case Known(column):
            return say_condition(Missing(column), dictionary, table)
        case AnyRow():
            return f"no {say_condition(condition, dictionary, table).removeprefix('any ')}"
        case NoRow():
            return say_condition(condition.contrary, dictionary, table)
        case _:
            return f"not ({say_condition(condition, dictionary, table)})"


def _alone(name: str, label: str) -> str:
    """Say a level's label, with its variable's name where it says nothing alone."""
    label = _one_line(label)
    if label.casefold() in AFFIRMED:
        return name
    if label.casefold() in DENIED:
        return f"no {name}"
    bare = label.casefold() in ("none", "unknown", "other") or label.replace(".", "", 1).lstrip("-").isdigit()
    return f"{name} {label}" if bare else label


def _named(column: str, dictionary: Dictionary, table: str) -> str:
    label = dictionary.column(table, column).label
    if not label or label.casefold() == column.casefold():
        return column
    label = _one_line(label)
    return f"{column} ({label})" if "(" not in label else f"{column} ({_without_brackets(label)})"


def _one_line(text: str) -> str:
    """Keep a line break that a person supplied from looking like a line of the answer."""
    return " ".join(text.split())


def _without_brackets(label: str) -> str:
    """Write what a label has in brackets after a comma, because it will stand in brackets itself."""
    return label.replace(" (", ", ").replace("(", "").replace(")", "")


def _with_unit(column: str, dictionary: Dictionary, table: str) -> str:
    unit = dictionary.column(table, column).unit
    return f"{_named(column, dictionary, table)}, {unit}" if unit else _named(column, dictionary, table)


def _side(column: str, sign: str, value: float, dictionary: Dictionary, table: str) -> str:
    return with_unit(f"{sign} {value_text(value)}", dictionary.column(table, column).unit)


def _levels(column: str, values: Iterable[str | float], dictionary: Dictionary, table: str) -> str:
    meaning: Column = dictionary.column(table, column)
    return " or ".join(_one_line(meaning.label_of(value)) for value in values)


def _where(condition: Condition, plan: Plan, dictionary: Dictionary) -> str:
    say = say_condition if len(plan.cohort.where) == 1 else _inside
    return say(condition, dictionary, plan.cohort.table)


def _all(conditions: Iterable[Condition], dictionary: Dictionary, table: str) -> str:
    return " and ".join(_inside(each, dictionary, table) for each in conditions)


def _inside(condition: Condition, dictionary: Dictionary, table: str) -> str:
    """Say a condition as one part of a conjunction: alternatives need brackets there."""
    said = say_condition(condition, dictionary, table)
    return f"({said})" if isinstance(condition, AnyOf | AnyRow | NoRow) else said


def _and(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
