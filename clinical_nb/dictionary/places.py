"""Where the columns that a dictionary file names are among the tables, whatever the case."""

from collections.abc import Sequence

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import DictionaryError


def find_places(dictionary: Dictionary, table: str, column: str) -> list[tuple[str, str]]:
    """Return where a column is: in the table that is named, else in each; by its exact name before another case."""
    places: list[tuple[str, str]] = []
    for name, columns in dictionary.tables.items():
        if table and name.casefold() != table.casefold():
            continue
        alike = [known for known in columns if known.casefold() == column.casefold()]
        if alike:
            places.append((name, column if column in columns else alike[0]))
    return places


def none_exists(file: str, named: Sequence[str], dictionary: Dictionary) -> DictionaryError:
    """Return the error of a dictionary file that names no column of the data."""
    few = ", ".join(f"'{name}'" for name in named[:5])
    have = [column for columns in dictionary.tables.values() for column in columns]
    known = ", ".join(f"'{name}'" for name in have[:5])
    message = f"None of the columns that '{file}' declares ({few}) is in the data, which have {known}."
    return DictionaryError(message, "Give the dictionary of these data.")
