"""Corrections: what a person says of single columns and tables after the upload, laid over all else and kept for later.

They are JSON values in the shape of the dictionary, of which only what is corrected is given:
`{"tables": {"trial": {"status": {"role": "event", "event": 2}}}, "grains": {"visits": {"row": "visit"}}}`; and
the named cohorts, None for a name that was taken away.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from clinical_nb.dictionary.invalid import say_invalid
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, NamedCohort, value_text
from clinical_nb.dictionary.steps import STEPS
from clinical_nb.errors import DictionaryError, UnknownColumnError, UnknownTableError, suggest

Entry = TypeVar("Entry", Column, Grain, NamedCohort)
Fields = Mapping[str, Any]
Corrections = Mapping[str, Mapping[str, Any]]

_NO_ROLE = ("none", "")  # as a person says that a column has no role
_OF_CLEANING = {"reasons", "limit"}  # which the steps bring about, and nobody declares


def corrections_of(dictionary: Dictionary, columns: Mapping[str, Fields]) -> Corrections:
    """Return corrections by table, of columns that are named alone or as `table.column`.

    Levels may be {code: label}, missing codes {code: reason} or a list of codes, and cleaning steps the only one.

    The name of a table stands for what its rows are, where the fields are of that, or no column is called so: what a
    person says of it is confirmed, and what she leaves out stays as it is.

    Raises
    ------
    UnknownColumnError, DictionaryError
        When no table has such a column, or several have it and none is named.

    """
    found: Corrections = {}
    for name, fields in columns.items():
        if name in dictionary.tables and _is_of_rows(dictionary, name, fields):
            found = add_corrections(found, {"grains": {name: _grain_of(dictionary, name, fields)}})
            continue
        places = [
            (table, column)
            for table, known in dictionary.tables.items()
            for column in known
            if name in (column, f"{table}.{column}")
        ]
        if not places:
            every = [column for known in dictionary.tables.values() for column in known]
            raise UnknownColumnError(name, ", ".join(dictionary.tables), every)
        if len(places) > 1:
            tables = " or ".join(f"'{table}.{column}'" for table, column in places)
            raise DictionaryError(f"Several tables have a column '{name}'.", f"Say {tables}.")
        ((table, column),) = places
        found = add_corrections(found, {"tables": {table: {column: _spelled_out(fields)}}})
    return found


def _is_of_rows(dictionary: Dictionary, name: str, fields: Fields) -> bool:
    """Tell whether the name of a table means its rows: a table of one column may be called as the column."""
    return bool({"row", "key", "relations"} & fields.keys()) or not any(
        name in columns for columns in dictionary.tables.values()
    )


def _grain_of(dictionary: Dictionary, table: str, fields: Fields) -> Fields:
    """Return all that is said of a table's rows after a correction, relations that were said as confirmed."""
    known = dictionary.grains.get(table)
    before = known.model_dump(mode="json", exclude_defaults=True) if known else {"row": "record"}
    said = _validated(Grain, {**before, **fields}, table)
    if "relations" in fields:
        agreed = tuple(each.model_copy(update={"confirmed": True}) for each in said.relations)
        said = said.model_copy(update={"relations": agreed})
    if {"row", "key"} & fields.keys() and "confirmed" not in fields:
        said = said.model_copy(update={"confirmed": True})
    return said.model_dump(mode="json")


def _spelled_out(fields: Fields) -> Fields:
    """Return fields with levels, codes of missing, a single step and no role in the shape that the dictionary keeps."""
    spelled = {**fields, **({"role": None} if fields.get("role") in _NO_ROLE else {})}
    levels, missing, clean = fields.get("levels"), fields.get("missing"), fields.get("clean")
    if isinstance(levels, str) or isinstance(missing, str):
        raise DictionaryError("Levels and missing codes are no text here.", 'Give {1: "drug", 2: "placebo"}.')
    if isinstance(levels, Mapping):
        labels = cast("Mapping[Any, str]", levels)
        spelled["levels"] = [{"value": value, "label": label} for value, label in labels.items()]
    if isinstance(missing, Mapping):
        reasons = cast("Mapping[Any, str]", missing)
        spelled["missing"] = [{"value": value, "reason": reason} for value, reason in reasons.items()]
    elif isinstance(missing, list | tuple):
        codes = cast("Sequence[Any]", missing)
        spelled["missing"] = [
            code if isinstance(code, Mapping) else {"value": code, "reason": value_text(code)} for code in codes
        ]
    if isinstance(clean, Mapping):
        spelled["clean"] = [clean]
    return spelled


def add_corrections(before: Corrections, more: Corrections) -> dict[str, dict[str, Any]]:
    """Return corrections with others on top: of a field, the later one holds."""
    tables: dict[str, dict[str, dict[str, Any]]] = {
        table: {column: dict(fields) for column, fields in columns.items()}
        for table, columns in before.get("tables", {}).items()
    }
    for table, columns in more.get("tables", {}).items():
        for column, fields in columns.items():
            tables.setdefault(table, {}).setdefault(column, {}).update(fields)
    grains: dict[str, dict[str, Any]] = {table: dict(fields) for table, fields in before.get("grains", {}).items()}
    for table, fields in more.get("grains", {}).items():
        grains.setdefault(table, {}).update(fields)
    cohorts = {**before.get("cohorts", {}), **more.get("cohorts", {})}
    return {"tables": tables, "grains": grains} | ({"cohorts": cohorts} if cohorts else {})


def check_corrections(dictionary: Dictionary, corrections: Corrections) -> None:
    """Refuse corrections of what is not there, or by what a dictionary cannot say.

    Raises
    ------
    UnknownTableError, UnknownColumnError, DictionaryError
        With the place that is wrong.

    """
    for table, columns in corrections.get("tables", {}).items():
        if table not in dictionary.tables:
            raise UnknownTableError(table, "this dataset", dictionary.tables)
        for column in columns:
            if column not in dictionary.tables[table]:
                raise UnknownColumnError(column, table, dictionary.tables[table])
    for table in corrections.get("grains", {}):
        if table not in dictionary.tables:
            raise UnknownTableError(table, "this dataset", dictionary.tables)
    correct(dictionary, corrections)
    for table, columns in corrections.get("tables", {}).items():
        for column, fields in columns.items():
            _refuse_what_is_not_there(dictionary, table, column, fields)


def _refuse_what_is_not_there(dictionary: Dictionary, table: str, column: str, fields: Fields) -> None:
    """Refuse a baseline that is no column of the table, and an event that is none of the levels."""
    baseline, event = fields.get("baseline"), fields.get("event")
    if baseline and baseline not in dictionary.tables[table]:
        raise UnknownColumnError(baseline, table, dictionary.tables[table])
    levels = correct(dictionary, {"tables": {table: {column: fields}}}).column(table, column).levels
    known = [value_text(level.value) for level in levels]
    if event is not None and known and value_text(event) not in known:
        raise DictionaryError(
            f"'{column}' has no value {event} that could be the event.", f"It has {', '.join(known)}."
        )


def correct(dictionary: Dictionary, corrections: Corrections) -> Dictionary:
    """Return the dictionary with corrections laid over it; those of columns that are not there wait for a later file.

    Raises
    ------
    DictionaryError
        When a field is unknown, or its value impossible.

    """
    tables = {table: dict(columns) for table, columns in dictionary.tables.items()}
    for table, columns in corrections.get("tables", {}).items():
        for column, fields in columns.items():
            known = tables.get(table, {}).get(column)
            if known is not None:
                tables[table][column] = _corrected(known, fields, column)
    grains = dict(dictionary.grains)
    for table, fields in corrections.get("grains", {}).items():
        if table in tables:
            known = grains[table].model_dump() if table in grains else {}
            grains[table] = _validated(Grain, {**known, **fields}, table)
    said = {**dictionary.cohorts, **corrections.get("cohorts", {})}
    cohorts = {
        name: each if isinstance(each, NamedCohort) else _validated(NamedCohort, each, name)
        for name, each in said.items()
        if each is not None and _tables_of(each) <= tables.keys()
    }
    return Dictionary(tables=tables, grains=grains, cohorts=cohorts)


def _tables_of(cohort: NamedCohort | Mapping[str, Any]) -> frozenset[str]:
    return frozenset(cohort.where if isinstance(cohort, NamedCohort) else cohort["where"])


def _corrected(known: Column, fields: Fields, column: str) -> Column:
    unknown = [name for name in fields if name not in Column.model_fields or name in _OF_CLEANING]
    if unknown:
        message = f"'{unknown[0]}' is nothing that a dictionary says of '{column}'."
        raise DictionaryError(message, suggest(unknown[0], Column.model_fields.keys() - _OF_CLEANING, "fields"))
    has_levels = fields.get("kind", known.kind) in ("categorical", "binary")
    gone = {} if has_levels or "kind" not in fields else {"levels": (), "ordered": False}
    return _validated(Column, {**known.model_dump(), **gone, **fields}, column)


def _validated(kind: type[Entry], values: Mapping[str, Any], name: str) -> Entry:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise DictionaryError(f"'{name}' cannot be corrected so: {say_invalid(error, STEPS)}.") from error
