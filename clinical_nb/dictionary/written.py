"""What a person writes of a column or a step: FIELD=VALUE on a line, JSON or YAML; and fields written in that way."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast, get_args

import yaml

from clinical_nb.dictionary.meaning import Code, Column, Kind, Level, MissingCode, Role, value_text
from clinical_nb.dictionary.steps import step_from_json, step_to_json
from clinical_nb.errors import DictionaryError, suggest

# What is asked of a person, in the order in which it is offered; the values that only some can be.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "label": (),
    "unit": (),
    "kind": get_args(Kind),
    "role": get_args(Role),
    "event": (),
    "levels": (),
    "missing": (),
    "baseline": (),
    "clean": (),
    "rejected": (),
    "ordered": ("true", "false"),
    "confirmed": ("true", "false"),
}

_NAMED = 5
_AT_FIELDS = re.compile(r"\s+(?=\w+=)")


def split_fields(words: Iterable[str]) -> dict[str, str]:
    """Return what words such as `unit=kg` say, by field.

    Raises
    ------
    DictionaryError
        When a word has no such shape.

    """
    fields: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise DictionaryError(f"'{word}' says nothing of a field.", "Write FIELD=VALUE, such as unit=kg.")
        fields[name.strip()] = value.strip()
    return fields


def read_fields(written: Mapping[str, str], column: Column, stored: str) -> dict[str, Any]:
    """Return the fields that a person wrote as they are in a dictionary; an empty text takes a field back.

    Parameters
    ----------
    written : mapping of str to str
        `levels` are written "1=drug; 2=placebo", `missing` "-99=refused; 999=unknown", `clean` as a JSON or YAML list.
    column : Column
        What is known of it.
    stored : str
        What its values are in the store ("integer", "text"), since a code has the type that it has there.

    Raises
    ------
    DictionaryError
        When a field is unknown, or cannot be read.

    """
    fields: dict[str, Any] = {}
    # levels first: an event may be named by its label
    for name, value in sorted(written.items(), key=lambda each: each[0] != "levels"):
        if "levels" in fields:
            column = column.model_copy(update={"levels": tuple(map(Level.model_validate, fields["levels"]))})
        if name not in FIELDS:
            raise DictionaryError(f"A column has no field '{name}'.", suggest(name, FIELDS, "fields"))
        fields |= _read_field(name, value, column, stored)
    return fields


def _read_field(name: str, value: str, column: Column, stored: str) -> dict[str, Any]:
    match name:
        case "event":
            return {"event": _code(value, column, stored) if value else None}
        case "levels":
            return {"levels": read_levels(_pairs(value, "levels", "1=drug; 2=placebo"), column, stored)}
        case "missing":
            return _missing(_pairs(value, "missing", "-99=refused; 999=unknown"), column)
        case "clean" | "rejected":
            return {name: [step_to_json(step_from_json(each)) for each in _read_list(value)]}
        case "ordered" | "confirmed":
            if value not in FIELDS[name]:
                raise DictionaryError(
                    f"'{name}' is true or false, and not '{value}'.", f"Write {name}=true or {name}=false."
                )
            return {name: value == "true"}
        case _:
            return {name: value or (None if name == "role" else "")}


def read_grain(written: Mapping[str, str]) -> dict[str, Any]:
    """Return what a table's rows are: `row=visit`, `key=id, visit`, `relations=patients by id = patient_id; …`.

    Raises
    ------
    DictionaryError
        When it is written otherwise.

    """
    fields: dict[str, Any] = {}
    for name, text in written.items():
        if name == "row":
            fields["row"] = text
        elif name == "key":
            fields["key"] = _split(text, ",")
        elif name == "relations":
            fields["relations"] = [_read_relation(each) for each in _split(text, ";")]
        else:
            raise DictionaryError(f"The rows of a table have no field '{name}'.", "There are row, key and relations.")
    return fields


def _read_relation(text: str) -> dict[str, Any]:
    table, by, columns = text.partition(" by ")
    pairs = [[side.strip() for side in pair.split("=")] for pair in _split(columns, ",")]
    if not by or not pairs or any(len(pair) > 2 for pair in pairs):  # noqa: PLR2004 - a column and a key
        raise DictionaryError(f"'{text}' does not say where rows belong.", "Write: relations=patients by id=patient_id")
    return {"table": table.strip(), "columns": [pair[0] for pair in pairs], "keys": [pair[-1] for pair in pairs]}


def _split(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


def read_levels(pairs: Iterable[tuple[str, str]], column: Column, stored: str) -> list[dict[str, Any]]:
    """Return levels of these codes and labels; other words for a level stay.

    Raises
    ------
    DictionaryError
        When a code is none of the column's type.

    """
    known = {value_text(level.value): level.synonyms for level in column.levels}
    return [
        {"value": _code(code, column, stored), "label": label or code, "synonyms": known.get(code, ())}
        for code, label in pairs
    ]


def _missing(pairs: Sequence[tuple[str, str]], column: Column) -> dict[str, Any]:
    """Return the step that takes codes for missing, in the place of the one there: only a step changes values."""
    others = [step_to_json(step) for step in column.clean if step.do != "missing"]
    if not pairs:
        return {"clean": others}
    reasons = {code: reason for code, reason in pairs if reason}
    step = {"do": "missing", "values": [code for code, _ in pairs], **({"reasons": reasons} if reasons else {})}
    return {"clean": [step, *others]}


def read_step_or_fields(text: str, column: Column | None, stored: str) -> dict[str, Any]:
    """Return what is to be done instead of a proposal: a step in JSON or YAML, or fields as FIELD=VALUE or in these.

    `column` is None where the proposal is about what a row of a table is.

    Raises
    ------
    DictionaryError
        When it is neither.

    """
    if "{" not in text and ": " not in text:
        values: Any = split_fields(_AT_FIELDS.split(text))
    else:
        values = _load(text)
    if not isinstance(values, dict):
        raise DictionaryError(
            "What is to be done instead is a step, or fields.", "Such as {do: missing, values: [-99]}."
        )
    return read_instead(cast("dict[str, Any]", values), column, stored)


def read_instead(values: Mapping[str, Any], column: Column | None, stored: str) -> dict[str, Any]:
    """Return a step as it is, or fields as `read_fields` reads them.

    Raises
    ------
    DictionaryError
        When a field is unknown, or cannot be read.

    """
    if "do" in values:
        return dict(values)
    if column is not None:
        return read_fields(values, column, stored)
    unknown = [name for name in values if name not in ("row", "key")]
    if unknown:
        raise DictionaryError(f"A row has no field '{unknown[0]}'.", "Write what it is: row=visit.")
    return dict(values)


def _read_list(text: str) -> list[Any]:
    """Return the values of a list in JSON or YAML, numbers as they are written.

    Raises
    ------
    DictionaryError
        When it is none.

    """
    values = _load(text or "[]")
    if not isinstance(values, list):
        raise DictionaryError("This takes a list of steps.", "Such as [{do: missing, values: [-99]}].")
    return cast("list[Any]", values)


def _load(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    try:
        # every scalar as text: a code of missing is the text that it is written as, and `no` is no falsehood
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, lists and mappings only
    except yaml.YAMLError as error:
        message = "This is neither JSON nor YAML."
        place = getattr(error, "problem_mark", None)
        where = f"Look at its character {place.index + 1}." if place else "Look at its brackets and quotation marks."
        raise DictionaryError(message, where) from error


def _pairs(text: str, name: str, example: str) -> list[tuple[str, str]]:
    pairs = [tuple(part.strip() for part in each.partition("=")[::2]) for each in text.split(";") if each.strip()]
    if any(not code for code, _ in pairs):
        raise DictionaryError(f"In '{name}', a code is missing before '='.", f'Write {name}="{example}".')
    return [(code, label) for code, label in pairs]


def _code(text: str, column: Column, stored: str) -> Code:
    """Return a code as its column has it: that of a level where it is one, or that one's whose label it is."""
    for level in column.levels:
        if text in (value_text(level.value), level.label):
            return level.value
    try:
        match stored:
            case "integer":
                return int(text)
            case "float":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case _:
                return text
    except (ValueError, KeyError) as error:
        known = ", ".join(value_text(level.value) for level in column.levels[:_NAMED])
        hint = f"Write one of its values: {known}." if known else "Write it as it stands in the data."
        raise DictionaryError(f"'{text}' is no value of a column of type {stored}.", hint) from error


def write_field(name: str, column: Column) -> str:
    """Return a field of a column as `read_fields` reads it."""
    value: Any = getattr(column, name)
    match name:
        case "clean" | "rejected":
            steps = json.dumps([step_to_json(step) for step in value], ensure_ascii=False)
            return steps.replace("'", "\\u0027")  # so that the whole can stand in these quotes
        case "levels":
            levels: tuple[Level, ...] = value
            return "; ".join(f"{value_text(each.value)}={each.label}" for each in levels)
        case "missing":
            codes: tuple[MissingCode, ...] = value
            return "; ".join(f"{value_text(each.value)}={each.reason}" for each in codes if each.value is not None)
        case "event":
            return value_text(value)
        case "ordered" | "confirmed":
            return "true" if value else "false"
        case _:
            return str(value or "")
