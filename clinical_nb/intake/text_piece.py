"""A piece of a large text read as text, every column of it: its layout, its cells, and what protects formulas."""

import csv
from dataclasses import replace
from io import StringIO

import polars as pl

from clinical_nb.errors import EmptyFileError, FileError
from clinical_nb.formulas import free
from clinical_nb.intake.body import Part, make_part
from clinical_nb.intake.content import refuse_markup
from clinical_nb.intake.encoding import refuse_binary
from clinical_nb.intake.layout import Layout, find_layout, inspect_layout
from clinical_nb.intake.limits import refuse_large
from clinical_nb.intake.pieces import Piece


def read_part(piece: Piece, before: Part | None, file: str) -> Part:
    """Return the rows of a piece, without its header, repeated headers and empty rows.

    Raises
    ------
    FileError
        When it is no text, holds nothing, or is torn.

    """
    if before is None:
        refuse_binary(piece.text, file)
        if not piece.text.strip():
            raise EmptyFileError(file, "holds only blanks", "Export it again, or choose another file.")
        refuse_markup(piece.text, file)
    elif b"\0" in piece.data:
        refuse_binary(piece.text, file)
    layout = find_layout(piece, before.layout if before else None, file)
    refuse_large(layout.end - layout.first, layout.width, file)
    cells = _parse(piece, layout, file)
    cells, freed = free(cells) if b"'" in piece.data else (cells, (0,) * cells.width)
    title = _title(piece, layout) if before is None and layout.titles else ()
    return replace(make_part(cells, layout, before, is_last=piece.is_last, title=title), freed=freed)


def _title(piece: Piece, layout: Layout) -> list[str]:
    """Return the cells of the line right above the header."""
    above = piece.text.split("\n", layout.first)[layout.first - 1]
    return next(csv.reader([above], delimiter=layout.delimiter), list[str]())


def _parse(piece: Piece, layout: Layout, file: str) -> pl.DataFrame:
    """Return the cells of a piece as text, header included."""
    data = piece.data
    if layout.titles or layout.footers or layout.first:
        data = b"\n".join(data.split(b"\n")[layout.first : layout.end]) + b"\n"
    schema = {f"field_{number}": pl.String for number in range(layout.width)}
    if layout.stray_quotes and layout.quoted:
        return _parse_slowly(data.decode(), layout, schema, file)
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema=schema,
            separator=layout.delimiter,
            quote_char='"' if layout.quoted else None,
        )
    except pl.exceptions.PolarsError as error:
        inspect_layout(piece, layout if piece.line else None, file)  # names the lines that are torn
        raise FileError(file, "cannot be read as a table", "Save it again as CSV in UTF-8.") from error


def _parse_slowly(text: str, layout: Layout, schema: dict[str, type[pl.String]], file: str) -> pl.DataFrame:
    """Parse with the standard library: Polars takes a quotation mark inside an unquoted field for the start of one."""
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=layout.delimiter) if row]
    except csv.Error as error:
        raise FileError(file, "cannot be read as a table", "Save it again as CSV in UTF-8.") from error
    whole = [row for row in rows if len(row) == layout.width]
    return pl.DataFrame(whole, schema=schema, orient="row").with_columns(pl.all().replace("", None))
