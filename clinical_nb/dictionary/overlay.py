"""A dictionary file in YAML, laid over what was inferred: whole entries, or single fields of them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.dictionary.meaning import Column, Dictionary, dictionary_of, load_yaml
from clinical_nb.dictionary.places import find_places, none_exists
from clinical_nb.dictionary.steps import Step, step_from_json


def declared_steps(file: DictionaryFile, tables: Collection[str]) -> dict[str, tuple[Step, ...]]:
    """Return the cleaning steps that a dictionary file declares for each column of a table of these names."""
    if not file.is_yaml:
        return {}
    folded = {name.casefold() for name in tables}
    return {
        column: tuple(map(step_from_json, fields["clean"]))
        for table, column, fields in entries_of(file)
        if table.casefold() in folded and fields.get("clean")
    }


def entries_of(file: DictionaryFile) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the tables, columns and fields of a dictionary in YAML, as far as it has that shape."""
    values = load_yaml(file.text)
    for table, columns in _fields_of(_fields_of(values).get("tables")).items():
        for column, fields in _fields_of(columns).items():
            if isinstance(fields, dict):
                yield table, column, _fields_of(fields)


def declare_yaml(dictionary: Dictionary, file: DictionaryFile) -> Dictionary:
    """Lay entries over inferred ones: a whole one, with its kind, takes the place; of another only the fields hold."""
    values = load_yaml(file.text)
    for table, column, fields in entries_of(file):
        places = find_places(dictionary, table, column) if "kind" not in fields else []
        if places:
            inferred = dictionary.tables[places[0][0]][places[0][1]].model_dump()
            values["tables"][table][column] = {**inferred, **fields}
    declared = dictionary_of(values)
    tables = {table: dict(columns) for table, columns in dictionary.tables.items()}
    grains = dict(dictionary.grains)
    found = False
    for said_table, columns in declared.tables.items():
        for said_column, meaning in columns.items():
            for table, column in find_places(dictionary, said_table, said_column):
                tables[table][column] = _with_beside(meaning, tables[table], column)
                found = True
    for said_table, grain in declared.grains.items():
        grains.update({table: grain for table in tables if table.casefold() == said_table.casefold()})
    if not found:
        named = [column for columns in declared.tables.values() for column in columns]
        raise none_exists(file.name, named, dictionary)
    cohorts = {name: each for name, each in declared.cohorts.items() if each.where.keys() <= tables.keys()}
    return Dictionary(tables=tables, grains=grains, cohorts={**dictionary.cohorts, **cohorts})


def _with_beside(declared: Column, columns: Mapping[str, Column], name: str) -> Column:
    """Return a declared entry with what the steps made beside its column, or with what it says of columns there."""
    made = columns[name]
    reasons = made.reasons or (declared.reasons if declared.reasons in columns else "")
    limit = made.limit or (declared.limit if declared.limit and declared.limit.column in columns else None)
    return declared.model_copy(update={"clean": made.clean or declared.clean, "reasons": reasons, "limit": limit})


def _fields_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever stands in a file
    if not isinstance(value, dict):
        return {}
    return {str(name): each for name, each in cast("dict[object, Any]", value).items()}
