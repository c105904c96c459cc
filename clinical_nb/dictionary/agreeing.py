"""Agreeing: what a person says of a table's key and of where its rows belong is checked to the last row first."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.keys import is_unique
from clinical_nb.dictionary.matching import match_rows
from clinical_nb.dictionary.meaning import Dictionary, Relation
from clinical_nb.dictionary.telling import say_names
from clinical_nb.errors import DictionaryError, UnknownColumnError, UnknownTableError


def check_grains(dictionary: Dictionary, scans: Mapping[str, pl.LazyFrame], tables: Iterable[str]) -> None:
    """Refuse a key that does not tell the rows of its table apart, and a relation that would multiply rows.

    Rows that belong to no row of the other table are no reason: what comes from there is missing for them.

    Parameters
    ----------
    dictionary : Dictionary
        With the grains as the person says them.
    scans : mapping of str to pl.LazyFrame
        The tables by name, as they are cleaned.
    tables : iterable of str
        Those whose grains she said something of.

    Raises
    ------
    UnknownTableError, UnknownColumnError, DictionaryError
        With what is not there, or is not so in the data.

    """
    for table in tables:
        grain = dictionary.grains.get(table)
        if grain is None or table not in scans:
            continue
        _check_columns(dictionary, table, grain.key)
        if grain.key and not is_unique(scans[table], grain.key):
            raise DictionaryError(
                f"{say_names(grain.key)} cannot be the key of '{table}': some rows have the same, or none.",
                "Name columns that tell the rows apart, or leave the key empty.",
            )
        for relation in grain.relations:
            _check_relation(dictionary, scans, table, relation)


def _check_relation(dictionary: Dictionary, scans: Mapping[str, pl.LazyFrame], table: str, relation: Relation) -> None:
    other = relation.table
    if other not in scans or other == table:
        raise UnknownTableError(other, "the other tables of this dataset", [name for name in scans if name != table])
    if not relation.columns or len(relation.columns) != len(relation.keys):
        raise DictionaryError(
            f"Where '{table}' belongs to '{other}', each column needs one key there, and one at least.",
            f"Write: relations={other} by {table}_column={other}_key",
        )
    _check_columns(dictionary, table, relation.columns)
    _check_columns(dictionary, other, relation.keys)
    if not is_unique(scans[other], relation.keys):
        raise DictionaryError(
            f"'{table}' cannot belong to '{other}' by {say_names(relation.keys)}: several rows of '{other}' have the "
            "same, or none, so that joining them would multiply rows.",
            f"Name columns that tell the rows of '{other}' apart.",
        )
    own, theirs = say_names(relation.columns), say_names(relation.keys)
    match = match_rows(scans[table], relation.columns, scans[other], relation.keys)
    if match is None:
        raise DictionaryError(
            f"{own} of '{table}' and {theirs} of '{other}' are not of one type.",
            "Clean one of them, so that both are numbers or both are text.",
        )
    if not match.values:
        raise DictionaryError(
            f"No row of '{table}' has in {own} what '{other}' has in {theirs}.",
            "Name the columns that hold the same values, or mend these.",
        )


def _check_columns(dictionary: Dictionary, table: str, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in dictionary.tables[table]:
            raise UnknownColumnError(column, table, dictionary.tables[table])
