"""Rows that stand around the data and are none: labels or units below the header, totals below the last row."""

import re
from collections.abc import Sequence

import polars as pl

from clinical_nb.dictionary.headers import is_unit
from clinical_nb.dictionary.said import Said
from clinical_nb.intake.table import Finding, counted
from clinical_nb.intake.totals import is_summary

_LOOKED_AT = 1_000
_FEWEST_ROWS = 3
_MOST_TOTALS = 3
_MOSTLY = 0.8
_NUMBER = r"[<>]?\s*[-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_DATE = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?:[ T].*)?"
_VALUE = f"(?:{_NUMBER}|{_DATE})"
_NO_LABEL = re.compile(rf"{_VALUE}|n/?an?|null|none|nd|\W+", re.IGNORECASE)
_IMPORT = '{"ImportId"'  # what Qualtrics writes into its third line
_SAYS_UNITS = ("unit", "units", "einheit", "unité")


def read_below(rows: pl.DataFrame) -> tuple[int, tuple[Said, ...]]:
    """Return how many of the first rows say what columns are instead of holding data, and what they say of each."""
    if rows.height < 2 or rows.width < 2:  # noqa: PLR2004 - a row besides, and a column besides
        return 0, ()
    cells = [(cell or "").strip() for cell in rows.row(0)]
    imported = int(all((cell or _IMPORT).startswith(_IMPORT) for cell in rows.row(1)) and any(rows.row(1)))
    below = rows.slice(1 + imported, _LOOKED_AT).get_columns()
    units = _units(cells, below)
    if units:
        return 1 + imported, tuple(Said(unit=unit) for unit in units)
    if imported or _are_labels(cells, below):
        return 1 + imported, tuple(Said(label=" ".join(cell.split())) for cell in cells)
    return 0, ()


def tell_below(below: int, table: str, line: str) -> list[Finding]:
    """Tell that so many lines below the header were left out of a table."""
    if not below:
        return []
    text = f"{counted(below, line)} of labels or units below the header left out: the dictionary has them."
    return [Finding(table, None, below, text, "Check that no row of data is among them.")]


def count_totals(rows: pl.DataFrame) -> int:
    """Return how many of the last rows hold totals, by the first cell that is filled.

    What is called so in another row too is a level of its column.
    """
    totals = 0
    for at in range(rows.height - 1, max(_FEWEST_ROWS, rows.height - _MOST_TOTALS) - 1, -1):
        place, first = next(((n, cell) for n, cell in enumerate(rows.row(at)) if (cell or "").strip()), (0, ""))
        if not is_summary(first) or int((rows.to_series(place) == first).sum()) > 1:
            break
        totals += 1
    return totals


def _units(cells: Sequence[str], below: Sequence[pl.Series]) -> tuple[str, ...]:
    """Return the units that a row holds and nothing else, each above numbers; none where it is another row."""
    units = [cell[1:-1].strip() if cell[:1] + cell[-1:] in ("()", "[]") else cell for cell in cells]
    if units[0].casefold() in _SAYS_UNITS:
        units[0] = ""
    if not any(units) or not all(is_unit(unit) for unit in units if unit):
        return ()
    are_above = [_share(column, _NUMBER) > 1 - _MOSTLY for unit, column in zip(units, below, strict=True) if unit]
    return tuple(units) if all(are_above) else ()


def _are_labels(cells: Sequence[str], below: Sequence[pl.Series]) -> bool:
    """Tell whether a row of words, no two alike, stands above a first column and others of numbers or dates alone."""
    if not all(cells) or any(_NO_LABEL.fullmatch(cell) for cell in cells):
        return False
    shares = [_share(column, _VALUE) for column in below]
    words = [cell.casefold() for cell, share in zip(cells, shares, strict=True) if share >= _MOSTLY]
    return below[0].len() >= _FEWEST_ROWS and shares[0] == 1 and len(words) > 1 and len(set(words)) == len(words)


def _share(column: pl.Series, pattern: str) -> float:
    """Return which share of the values of a column looks so; nought where it has none."""
    values = column.drop_nulls().str.strip_chars()
    return int(values.str.contains(f"^(?:{pattern})$").sum()) / values.len() if values.len() else 0.0
