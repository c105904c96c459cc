"""A table that is turned round: its rows are variables (age, sex), and its columns are patients."""

import re
from collections.abc import Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.intake.table import Finding, Table, counted

_MOST_ROWS = 500  # variables that somebody lists below each other
_FEWEST_ROWS = 3  # of which fewer show nothing
_FEWEST_COLUMNS = 3  # of which fewer show nothing
_MOST_NAMES = 60  # of a form
_LOOKED_AT = 200  # columns
_MOSTLY = 0.8  # of the rows: one may be of remarks
_NUMBER = r"^[<>]?\s*[-+]?\d+(?:[.,]\d+)?$"
_DATE = r"^(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
_NUMBERED = re.compile(r"(.*?)0*\d+")
_VARIABLES = frozenset(
    {"age", "sex", "gender", "weight", "height", "bmi", "arm", "group", "dob", "birth", "death", "diagnosis", "alter"}
    | {
        "geschlecht",
        "smoker",
        "smoking",
        "stage",
        "date",
        "visit",
        "sbp",
        "dbp",
        "outcome",
        "treatment",
        "race",
        "site",
    }
)


def doubt_turned(table: Table) -> list[Finding]:
    """Tell of a table whose rows are each of one kind and whose columns are not, under a first column of names."""
    names = table.scan.collect_schema().names()
    if 0 < len(names) < _FEWEST_COLUMNS and _FEWEST_ROWS <= table.rows <= _MOST_ROWS and (said := _forms(table, names)):
        text = f"The file seems to hold names and values below each other ({said}), and no row for each patient."
        ask = "Write a column for each name and a row for each patient, and upload it again."
        return [Finding(table.name, None, table.rows, text, ask, "turned round")]
    if not _FEWEST_ROWS <= table.rows <= _MOST_ROWS or len(names) <= _FEWEST_COLUMNS:
        return []
    schema = table.scan.collect_schema()
    if schema[names[0]] != pl.String:
        return []
    wanted = names[: _LOOKED_AT + 1]
    cells = table.scan.select(pl.col(wanted).cast(pl.String)).collect()
    said = [(word or "").strip() for word in cells.to_series(0).to_list()]
    if not all(said) or len({word.casefold() for word in said}) < len(said):
        return []
    kinds = cells.drop(names[0]).select(_kind(pl.all()))
    if not (_are_rows_of_one_kind(kinds) or _says_so(wanted[1:], said)):
        return []
    patients = len(names) - 1
    shown = ", ".join(f"'{word}'" for word in said[:3])
    text = (
        f"The table seems to be turned round: its {counted(table.rows, 'row')} are variables ({shown}, …) "
        f"and its {counted(patients, 'column')} are patients or visits."
    )
    ask = (
        "Transpose it (in Excel: copy, paste special, transpose), so that each patient has a row, and upload it again."
    )
    return [Finding(table.name, None, table.rows, text, ask, "turned round")]


def _forms(table: Table, names: Sequence[str]) -> str:
    """Return some of the names that a form has at its left, "Age" beside 54; nothing where the table is no form.

    It is where what is taken for the header is a name with its value, and the names come again, or are variables.
    """
    cells = table.scan.select(pl.nth(range(len(names))).cast(pl.String)).collect()
    rows = [
        (names[0], names[1] if len(names) > 1 else ""),
        *((row[0] or "", (*row, "")[1] or "") for row in cells.rows()),
    ]
    if len(names) == 1:
        rows = [(name, value.strip()) for text, _ in rows for name, mark, value in [text.partition(":")] if mark]
        if len(rows) < _MOSTLY * (table.rows + 1 - cells.null_count().row(0)[0]):
            return ""
    said = [name.strip(" :") for name, value in rows if name and value]
    known = [name for name in said if set(words_of(name)) & _VARIABLES]
    is_value = bool(re.match(_NUMBER, rows[0][1]) or re.match(_DATE, rows[0][1])) if rows else False
    again = len(said) - len(set(said))
    is_form = is_value and len(set(known)) >= 2 and (not again or said.count(said[0]) > 1)  # noqa: PLR2004 - one is chance
    return (
        ", ".join(f"'{name}'" for name in list(dict.fromkeys(said))[:3]) + ", …"
        if is_form and len(set(said)) <= _MOST_NAMES
        else ""
    )


def _kind(cells: pl.Expr) -> pl.Expr:
    text = cells.str.strip_chars()
    return (
        pl.when(text.is_null())
        .then(None)
        .when(text.str.contains(_NUMBER))
        .then(pl.lit("number"))
        .when(text.str.contains(_DATE))
        .then(pl.lit("date"))
        .otherwise(pl.lit("word"))
        .name.keep()
    )


def _are_rows_of_one_kind(kinds: pl.DataFrame) -> bool:
    """Tell whether rows hold one kind of value each, numbers here and words there, which columns mix."""
    turned = kinds.transpose()
    rows = [column.drop_nulls() for column in turned.get_columns()]
    known = [row for row in rows if row.len()]
    if len(known) < _FEWEST_ROWS:
        return False
    pure = {str(row[0]) for row in known if row.n_unique() == 1}
    are_pure = sum(row.n_unique() == 1 for row in known) >= _MOSTLY * len(known)
    mixed = sum(column.drop_nulls().n_unique() > 1 for column in kinds.get_columns())
    return are_pure and len(pure) > 1 and mixed >= _MOSTLY * kinds.width


def _says_so(columns: Sequence[str], said: Sequence[str]) -> bool:
    """Tell whether columns are numbered alike (P001, P002) above rows that are called as variables are."""
    stems = [found[1] if (found := _NUMBERED.fullmatch(name)) else None for name in columns]
    alike = stems[0] is not None and len(set(stems)) == 1
    return alike and sum(bool(set(words_of(word)) & _VARIABLES) for word in said) >= 2  # noqa: PLR2004 - one is chance
