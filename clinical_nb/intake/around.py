"""Rows that stand around the data and are none: labels or units below the header, totals below the last row."""

import re
from collections.abc import Sequence
from math import isclose

import polars as pl

from clinical_nb.dictionary.headers import is_unit
from clinical_nb.dictionary.said import Said
from clinical_nb.intake.literals import NUMBER, VALUE, is_number
from clinical_nb.intake.table import Finding, counted
from clinical_nb.intake.totals import is_summary, stands_beside_summaries

_LOOKED_AT = 1_000
_MEASURED = rf"[<>]?\s*{NUMBER}"
_FEWEST_ROWS = 3
_MOST_TOTALS = 10
_MOSTLY = 0.8
_NO_LABEL = re.compile(rf"{VALUE}|n/?an?|null|none|nd|\W+", re.IGNORECASE)
_IMPORT = '{"ImportId"'  # what Qualtrics writes into its third line
_SAYS_UNITS = ("unit", "units", "einheit", "unité")
_TYPE = re.compile(
    r"(?:big|small)?int(?:eger)?\d*|num(?:ber|eric)?|float\d*|double|real|decimal|str(?:ing)?|(?:var)?char(?:acter)?\d*"
    r"|text|factor|date|datetime|time(?:stamp)?|bool(?:ean)?|logical|categor(?:y|ical)|obj(?:ect)?",
    re.IGNORECASE,
)  # as programs call the types of columns
_ALIKE = 1e-9


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
    if _are_types(cells, below):
        return 1 + imported, tuple(Said() for _ in cells)
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

    What is called so in another row too is a level of its column. A row of no name is one where it sums up the others.
    """
    if _sums_up(rows):
        return 1
    totals = 0
    for number, at in enumerate(range(rows.height - 1, max(_FEWEST_ROWS, rows.height - _MOST_TOTALS) - 1, -1), 1):
        place, first = next(((n, cell) for n, cell in enumerate(rows.row(at)) if (cell or "").strip()), (0, ""))
        is_named = is_summary(first) or stands_beside_summaries(first)
        if not is_named or int((rows.to_series(place) == first).sum()) > 1:
            break
        totals = number if is_summary(first) else totals
    return totals


def _sums_up(rows: pl.DataFrame) -> bool:
    """Tell whether the last row has nothing but numbers, none in its first column, each the sum of those above it."""
    if rows.height <= _FEWEST_ROWS or not all(dtype == pl.String for dtype in rows.dtypes):
        return False
    last = [(cell or "").strip() for cell in rows.row(rows.height - 1)]
    summed = [at for at, cell in enumerate(last) if cell]
    if not summed or last[0] or not all(is_number(last[at]) for at in summed):
        return False
    above = rows.head(rows.height - 1)
    if len(summed) == 1 and int(above.to_series(summed[0]).str.contains("[1-9]").sum()) < _FEWEST_ROWS:
        return False  # one value among zeros is their sum, too
    return not above.to_series(0).null_count() and all(_is_sum(above.to_series(at), last[at]) for at in summed)


def _is_sum(column: pl.Series, said: str) -> bool:
    numbers = column.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    try:
        value = float(said.replace(",", "."))
    except ValueError:
        return False
    return value != 0 and isclose(float(numbers.sum()), value, rel_tol=_ALIKE)


def _units(cells: Sequence[str], below: Sequence[pl.Series]) -> tuple[str, ...]:
    """Return the units that a row holds and nothing else, each above numbers; none where it is another row."""
    in_brackets = [cell[:1] + cell[-1:] in ("()", "[]") for cell in cells]
    units = [cell[1:-1].strip() if is_in else cell for cell, is_in in zip(cells, in_brackets, strict=True)]
    if units[0].casefold() in _SAYS_UNITS:
        units[0] = ""
    if all(is_in for cell, is_in in zip(cells, in_brackets, strict=True) if cell):
        units = [unit if is_unit(unit) else "" for unit in units]  # the others say what codes there are, (A/B)
    if not any(units) or not all(is_unit(unit) for unit in units if unit):
        return ()
    are_above = [_share(column, _MEASURED) > 1 - _MOSTLY for unit, column in zip(units, below, strict=True) if unit]
    return tuple(units) if all(are_above) else ()


def _are_types(cells: Sequence[str], below: Sequence[pl.Series]) -> bool:
    """Tell whether a row says what type each column has, with a number below one of these words at least."""
    if not all(map(_TYPE.fullmatch, cells)):
        return False
    return any(_share(column, _MEASURED) >= _MOSTLY for column in below)


def _are_labels(cells: Sequence[str], below: Sequence[pl.Series]) -> bool:
    """Tell whether a row of words, no two alike, stands above a first column and others of numbers or dates alone."""
    if not all(cells) or any(_NO_LABEL.fullmatch(cell) for cell in cells):
        return False
    shares = [_share(column, VALUE) for column in below]
    words = [cell.casefold() for cell, share in zip(cells, shares, strict=True) if share >= _MOSTLY]
    return below[0].len() >= _FEWEST_ROWS and shares[0] == 1 and len(words) > 1 and len(set(words)) == len(words)


def _share(column: pl.Series, pattern: str) -> float:
    """Return which share of the values of a column looks so; nought where it has none."""
    values = column.drop_nulls().str.strip_chars()
    return int(values.str.contains(f"^(?:{pattern})$").sum()) / values.len() if values.len() else 0.0
