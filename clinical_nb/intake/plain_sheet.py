"""A sheet that is one table from its first cell on: typed by its cells, which is quicker than by their texts.

Most large sheets are. One that has to be looked at more closely (titles, footers, blank rows, a header that is not all
names) is left to `grid`, which would give the very same table.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

import polars as pl

from clinical_nb.intake.around import count_totals, read_below
from clinical_nb.intake.body import Part
from clinical_nb.intake.cells import ERRORS, Noted, count_errors, is_error, mean_columns
from clinical_nb.intake.delimited import read_rows
from clinical_nb.intake.grid import Found, end_of_body
from clinical_nb.intake.header import clean_name, distinct_names, looks_like_data
from clinical_nb.intake.layout import Layout
from clinical_nb.intake.sheet_reader import Loaded
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.two_headers import is_name

_EXACT = 10**15  # beyond it Excel has lost digits, which has to be told
_ENDS = 12  # rows at the end of a sheet among which totals are looked for
_SAMPLE = 1_000
_NO_NAMES = frozenset({"true", "false"})
_FIRST_DAY = datetime(1900, 1, 1)  # noqa: DTZ001 - sheets know no zones; what is before it are times and durations
_LAST_DAY = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - the same
_FIRST_OF_1904 = datetime(1904, 1, 2)  # noqa: DTZ001 - the same, where days count from 1904


@dataclass(frozen=True, slots=True)
class Plain:
    """The rows of such a sheet, typed but for text, below their names; and what there is to know of its columns."""

    rows: pl.DataFrame
    header: Sequence[str]
    noted: Sequence[Noted]


def find_plain(
    loaded: Loaded,
    load: Callable[[Literal["string", "float"], Sequence[int]], pl.DataFrame],
    flags: frozenset[int],
    from_1904: bool,  # noqa: FBT001 - a fact of the file
) -> Plain | None:
    """Return a sheet's table where it is plain; None where it has to be looked at more closely.

    Parameters
    ----------
    loaded : Loaded
        The sheet below its first row, each column in the type that its cells have; text where they have several.
    load : callable
        Gives some columns as text, or as numbers, null where a cell is none: as text, these are rounded.
    flags : frozenset of int
        Columns with true or false in them, which the reader takes for numbers where there are also such.
    from_1904 : bool
        Whether days count from 1904.

    """
    header = _header(loaded.names)
    if not header or not loaded.cells.height:
        return None
    odd = flags | {column for _, column, said in loaded.wrong if not is_error(said)}  # as text that is 'NA'
    columns = [_typed(column, at in odd, from_1904) for at, column in enumerate(loaded.cells.get_columns())]
    untold = [at for at, column in enumerate(columns) if column is None]
    texts = load("string", untold).get_columns() if untold else []
    for at, text in zip(untold, texts, strict=True):
        columns[at] = text
    known = [column.alias(f"field_{at}") for at, column in enumerate(columns) if column is not None]
    rows, noted = _meant(pl.DataFrame(known), partial(load, "float"), count_errors(loaded.wrong), from_1904)
    return Plain(rows, header, noted) if _is_plain(rows, header) else None


def read_plain(plain: Plain, file: str, name: str, desk: Desk) -> Found:
    """Read the table, as `grid.read_area` does."""
    layout = Layout("\t", plain.rows.width, False, False, 0, 0, 0, 1 + plain.rows.height)
    table, findings = read_rows(Part(plain.rows, plain.header, True, layout, 0, 0), file, name, desk)
    return Found(table, findings, dict(enumerate(distinct_names(plain.header))))


def _header(names: Sequence[tuple[str, bool]]) -> list[str]:
    """Return a header that is all names, as they stand in the sheet; empty where it is not."""
    header = [clean_name(name.strip()) for name, _ in names]
    said = {name for name, _ in names}
    for name, stands in names:
        first, _, number = name.rpartition("_")
        if not stands or (number.isdigit() and first in said):  # the reader numbers names that recur
            return []
    good = all(is_name(name) and name not in ERRORS and name.casefold() not in _NO_NAMES for name in header)
    return header if good and len(header) > 1 else []


def _typed(column: pl.Series, is_odd: bool, from_1904: bool) -> pl.Series | None:  # noqa: FBT001 - facts of the file
    """Return a column in the type that its text would be read as; None where that takes the text."""
    if column.null_count() == column.len():
        return _blank(column)
    match column.dtype:
        case pl.String | pl.Boolean:
            return column
        case pl.Float64 if not is_odd and bool((column.abs() < _EXACT).all()):
            whole = column.cast(pl.Int64)
            return whole if bool((whole.cast(pl.Float64) == column).all()) else column
        case pl.Datetime() if not is_odd:
            first = _FIRST_OF_1904 if from_1904 else _FIRST_DAY
            if not column.is_between(first, _LAST_DAY).all():
                return None
            days = column.cast(pl.Date)
            return days if bool((days.cast(column.dtype) == column).all()) else column.cast(pl.Datetime("us"))
        case _:
            return None


def _meant(
    rows: pl.DataFrame,
    load_numbers: Callable[[Sequence[int]], pl.DataFrame],
    failed: Mapping[int, Counter[str]],
    from_1904: bool,  # noqa: FBT001 - a fact of the file
) -> tuple[pl.DataFrame, list[Noted]]:
    """Return the rows with their text as `mean_columns` has it."""
    columns = rows.get_columns()
    of_text = [at for at, column in enumerate(columns) if column.dtype == pl.String]
    numbers = {at: _blank(rows.to_series()).cast(pl.Float64) for at in range(rows.width)}
    cast = rows.select(pl.col(pl.String).cast(pl.Float64, strict=False).is_not_null().any()).row(0) if of_text else ()
    mixed = [at for at, some in zip(of_text, cast, strict=True) if some]
    if mixed:
        numbers |= dict(zip(mixed, load_numbers(mixed).get_columns(), strict=True))
    texts = [column if column.dtype == pl.String else _blank(column) for column in columns]
    beside = [numbers[at].alias(column.name) for at, column in enumerate(columns)]
    meant, noted = mean_columns(pl.DataFrame(texts), pl.DataFrame(beside), failed, from_1904)
    return rows.with_columns(meant.get_columns()[at] for at in of_text), noted


def _is_plain(rows: pl.DataFrame, header: Sequence[str]) -> bool:
    """Tell whether nothing but a table stands below a header: no blank row, no total, and no header said again."""
    if rows.select(pl.all_horizontal(pl.all().is_null()).any()).item():
        return False
    ends = rows if rows.height <= _ENDS else pl.concat([rows.head(1), rows.tail(_ENDS - 1)])
    if ends.height > 1 and ends.row(ends.height - 1)[0] is None:
        return False  # it may be a total that has no name
    filled = ends.select(pl.sum_horizontal(pl.all().is_not_null()).cast(pl.Int64)).to_series()
    texts = ends.select(pl.all().cast(pl.String))
    if end_of_body(texts, filled, rows.width) < ends.height or count_totals(texts):
        return False
    if all(dtype == pl.String for dtype in rows.dtypes) and bool((rows.to_series() == header[0]).any()):
        return False
    sample = [column if column.dtype == pl.String else _blank(column) for column in rows.head(_SAMPLE).get_columns()]
    first = pl.DataFrame(sample)
    return not looks_like_data(header, first) and not read_below(first)[0]


def _blank(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, column.len())
