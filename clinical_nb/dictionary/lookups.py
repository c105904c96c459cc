"""Tables that say what the codes of others mean: each row is one code, so that its text names a level."""

from collections.abc import Mapping

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.identifiers import names_private
from clinical_nb.dictionary.inference import MAX_LEVELS, label_levels
from clinical_nb.dictionary.keys import patient_of
from clinical_nb.dictionary.meaning import Column, Dictionary

_LONGEST = 80  # characters of a name; what is longer is a remark


def name_levels(dictionary: Dictionary, tables: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Dictionary:
    """Return the dictionary with the texts of look-up tables as levels, so that rows can be grouped by them.

    A look-up table is one to whose rows those of another belong by a code, and which has few rows and no patients. Its
    texts are each there once, for which they pass for free text everywhere else.
    """
    found = dict(dictionary.tables)
    targets = {each.table for grain in dictionary.grains.values() for each in grain.relations if len(each.keys) == 1}
    for name in sorted(targets & tables.keys() & found.keys()):
        if patient_of(found[name]) is None:
            found[name] = _with_levels(found[name], tables[name].lazy())
    return dictionary.model_copy(update={"tables": found})


def _with_levels(columns: Mapping[str, Column], scan: pl.LazyFrame) -> Mapping[str, Column]:
    schema = scan.collect_schema()
    texts = [
        name
        for name, column in columns.items()
        if column == Column(kind="text") and schema.get(name) == pl.String and not names_private(name)
    ]
    rows = scan.select(by_name(texts)).head(MAX_LEVELS + 1).collect() if texts else pl.DataFrame()
    if not 1 < rows.height <= MAX_LEVELS:
        return columns
    named = {name: sorted(rows[name].drop_nulls().to_list()) for name in texts}
    levels = {
        name: label_levels(values, name)
        for name, values in named.items()
        if len(values) > 1 and len(set(values)) == len(values) and all(len(value) <= _LONGEST for value in values)
    }
    made = {
        name: columns[name].model_copy(update={"kind": "categorical", "levels": each}) for name, each in levels.items()
    }
    return {**columns, **made}
