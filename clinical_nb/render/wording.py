"""Columns, conditions and levels in words: names, labels, signs and units, alone or as parts of a sentence."""

from collections.abc import Iterable

from clinical_nb.dictionary.meaning import Column, Dictionary, value_text
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Known,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Sign,
    Threshold,
    Variable,
)

LONGEST = 60  # a label beyond this is a description: the column's name is shorter to read
SIGNS: dict[Sign, str] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
OPPOSITE: dict[Sign, str] = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}
_EMPTY = "empty counts as no"
AFFIRMED = ("yes", "true", "present")
DENIED = ("no", "false", "absent")


def say_condition(condition: Condition, dictionary: Dictionary, table: str) -> str:  # noqa: PLR0911 - one a kind
    """Return a condition in words: "gender = female", "age > 65 years", "chol (serum cholesterol) missing"."""
    match condition:
        case OneOf(column, values):
            return f"{name_with_label(column, dictionary, table)} = {_levels(column, values, dictionary, table)}"
        case NoneOf(column, values):
            sign = "≠" if len(values) == 1 else "is none of"
            return f"{name_with_label(column, dictionary, table)} {sign} {_levels(column, values, dictionary, table)}"
        case Threshold(column, sign, value):
            return (
                f"{name_with_label(column, dictionary, table)} {_side(column, SIGNS[sign], value, dictionary, table)}"
            )
        case Missing(column):
            said = f"≠ {flag} ({_EMPTY})" if (flag := _flag(column, dictionary, table)) else "missing"
            return f"{name_with_label(column, dictionary, table)} {said}"
        case Known(column):
            said = f"= {flag} ({_EMPTY})" if (flag := _flag(column, dictionary, table)) else "known"
            return f"{name_with_label(column, dictionary, table)} {said}"
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
        return name_with_label(variable, dictionary, table)
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
        case Known(column) if _flag(column, dictionary, table):
            return short_name(column, dictionary, table)
        case Missing(column) if _flag(column, dictionary, table):
            return f"no {short_name(column, dictionary, table)}"
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
            return _holds(Known(column), dictionary, table)
        case Known(column):
            return _holds(Missing(column), dictionary, table)
        case AnyRow():
            return f"no {say_condition(condition, dictionary, table).removeprefix('any ')}"
        case NoRow():
            return say_condition(condition.contrary, dictionary, table)
        case _:
            return f"not ({say_condition(condition, dictionary, table)})"


def _flag(column: str, dictionary: Dictionary, table: str) -> str:
    """Return the one level of a column that is set or empty, where it says yes: to be known is then to have it."""
    levels = dictionary.column(table, column).levels
    return levels[0].label if len(levels) == 1 and levels[0].label.casefold() in AFFIRMED else ""


def say_band(band: Condition) -> str:
    """Return a range of a number without its column: "< 65", "65 to 80"."""
    match band:
        case Threshold(_, sign, value):
            return f"{SIGNS[sign]} {value_text(value)}"
        case AllOf((Threshold(_, "<=", high), Threshold(_, ">=", low))):
            return f"{value_text(low)} to {value_text(high)}"
        case AllOf(conditions):
            return " and ".join(map(say_band, conditions))
        case _:
            return ""


def _alone(name: str, label: str) -> str:
    """Say a level's label, with its variable's name where it says nothing alone."""
    label = _one_line(label)
    if label.casefold() in AFFIRMED:
        return name
    if label.casefold() in DENIED:
        return f"no {name}"
    bare = label.casefold() in ("none", "unknown", "other") or label.replace(".", "", 1).lstrip("-").isdigit()
    return f"{name} {label}" if bare else label


def name_with_label(column: str, dictionary: Dictionary, table: str) -> str:
    """Return a column's name, and in brackets its label where that says more."""
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


def name_with_unit(column: str, dictionary: Dictionary, table: str) -> str:
    """Return a column's name with its label and its unit."""
    unit = dictionary.column(table, column).unit
    return (
        f"{name_with_label(column, dictionary, table)}, {unit}" if unit else name_with_label(column, dictionary, table)
    )


def _side(column: str, sign: str, value: float | str, dictionary: Dictionary, table: str) -> str:
    unit = "" if isinstance(value, str) else dictionary.column(table, column).unit
    return with_unit(f"{sign} {value_text(value)}", unit)


def _levels(column: str, values: Iterable[str | float], dictionary: Dictionary, table: str) -> str:
    meaning: Column = dictionary.column(table, column)
    return " or ".join(_one_line(meaning.label_of(value)) for value in values)


def _all(conditions: Iterable[Condition], dictionary: Dictionary, table: str) -> str:
    return " and ".join(say_inside(each, dictionary, table) for each in conditions)


def say_inside(condition: Condition, dictionary: Dictionary, table: str) -> str:
    """Say a condition as one part of a conjunction: alternatives need brackets there."""
    said = say_condition(condition, dictionary, table)
    return f"({said})" if isinstance(condition, AnyOf | AnyRow | NoRow) else said


def and_of(words: Iterable[str]) -> str:
    """Join words with commas, and the last one with "and"."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
