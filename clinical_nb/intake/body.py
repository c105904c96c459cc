"""The rows of a sheet, or of a piece of a text, as text: without its header, what stands around it, and empty rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from clinical_nb.dictionary.said import Said
from clinical_nb.intake.around import count_totals, read_below
from clinical_nb.intake.header import looks_like_data
from clinical_nb.intake.layout import Layout
from clinical_nb.intake.two_headers import joined_with_above, joined_with_below

_MARK = "\ufeff"  # with which each file begins that others were put together of


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a piece, or of a sheet, under the names field_0 and so on, and what was left out of them.

    They are text, but for the columns of numbers and days of a piece that was parsed as such.
    """

    rows: pl.DataFrame
    header: Sequence[str | None]
    has_header: bool
    layout: Layout
    repeated: int
    empty: int
    below: tuple[int, Sequence[Said]] = (0, ())  # how many rows below the header say what of each column
    joined: bool = False  # of two rows that name the columns
    freed: Sequence[int] = ()  # cells of each column that were protected from being run as a formula


def make_part(
    cells: pl.DataFrame,
    layout: Layout,
    before: Part | None = None,
    *,
    is_last: bool = True,
    title: Sequence[str | None] = (),
) -> Part:
    """Return the rows of cells, whose first row is the header where no part came before.

    `title` are the cells of the line above the header, which may name groups of columns.
    """
    header: Sequence[str | None] = before.header if before else list(cells.row(0))
    has_header = before is None or before.has_header
    rows = cells if before else cells.slice(1)
    names = None if before else joined_with_below(header, rows)
    if names:
        rows = rows.slice(1)
    elif not before and title:
        names = joined_with_above(title, header, rows)
    header = names or header
    below = (0, ()) if before else read_below(rows)
    rows = rows.slice(below[0])
    repeated = _repeats(rows, header) if has_header else pl.Series(dtype=pl.UInt32)
    rows = _without_rows(rows, repeated)
    if before is None and looks_like_data(header, rows):
        has_header, header, rows, repeated = False, [None] * cells.width, cells, repeated.clear()
    totals = count_totals(rows) if is_last else 0
    rows, layout = rows.head(rows.height - totals), replace(layout, footers=layout.footers + totals)
    empty = _empty_rows(rows)
    rows = _without_rows(rows, empty)
    return Part(rows, header, has_header, layout, repeated.len(), empty.len(), below, joined=names is not None)


def _repeats(rows: pl.DataFrame, header: Sequence[str | None]) -> pl.Series:
    """Return the numbers of the rows that say the header again, in any case, as in files put together from several."""
    first = (header[0] or "").strip()
    is_text = all(dtype == pl.String for dtype in rows.dtypes)  # where a column is of numbers no header is among them
    candidates = _said_again(rows.to_series(), first) if first and rows.width > 1 and is_text else None
    if candidates is None or not candidates.len():
        return pl.Series(dtype=pl.UInt32)
    same = pl.all_horizontal(
        pl.col(name)
        .str.strip_chars_start(_MARK)
        .str.strip_chars()
        .str.to_lowercase()
        .replace("", None)
        .eq_missing(pl.lit((said or "").strip().lower() or None))
        for name, said in zip(rows.columns, header, strict=True)
    )
    return candidates.filter(rows[candidates].select(same).to_series())


def _said_again(column: pl.Series, name: str) -> pl.Series:
    """Return the numbers of the rows with a name, in any case; few are as long, which spares a look at the rest."""
    size = len(name.encode())
    as_long = column.str.len_bytes().is_between(size, size + len(_MARK.encode()) + 2).arg_true()
    said = column[as_long].str.strip_chars_start(_MARK).str.strip_chars().str.to_lowercase()
    return as_long.filter(said == name.lower())


def _without_rows(rows: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    if not numbers.len():
        return rows
    numbered = rows.with_row_index("row number")
    return numbered.filter(~pl.col("row number").is_in(numbers.implode())).drop("row number")


def _empty_rows(rows: pl.DataFrame) -> pl.Series:
    """Return the numbers of the rows without a value; in a table of one column an empty line is a missing value."""
    if rows.width == 1:
        return pl.Series(dtype=pl.UInt32)
    first = rows.to_series()
    if first.dtype != pl.String and not first.null_count():
        return pl.Series(dtype=pl.UInt32)
    candidates = rows.select(pl.first()).select(_is_blank()).to_series().arg_true()  # few: spares a look at every cell
    if not candidates.len():
        return candidates
    return candidates.filter(rows[candidates].select(_is_blank()).to_series())


def _is_blank() -> pl.Expr:
    text = pl.selectors.string()
    return pl.all_horizontal(text.str.strip_chars().fill_null("") == "", (~text).is_null())
