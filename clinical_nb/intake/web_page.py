"""HTML that portals save as '.xls' → tables: the cells of its tables as text, tags and entities taken out of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import IO

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.encoding import possible_encodings, read_as_utf8, refuse_encoding
from clinical_nb.intake.grid import Grid, MergedCells, find_areas, read_area
from clinical_nb.intake.header import distinct_names
from clinical_nb.intake.limits import current_limits, raise_to
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Finding, Reading

_MAX_SPAN = 1_000  # of columns, as in browsers
_UNREAD = frozenset({"script", "style", "head", "template"})


def read_web_page(content: IO[bytes], file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read the tables of an HTML file; as a workbook's sheets are, their cells are text that is typed then.

    Raises
    ------
    FileError
        When it holds no table, or is unreasonably large.

    """
    text = _text(content, file)
    parser = _Tables(file)
    parser.feed(text)
    parser.close()
    grids = [grid for rows in parser.tables if (grid := _grid(rows, file))]
    areas = [(grid, area) for grid in grids for area in find_areas(grid)]
    if not areas:
        raise FileError(file, "is a web page (HTML) without a table of data", "Upload a table: CSV, Excel, Parquet.")
    names = distinct_names([name] * len(areas))
    found = [
        read_area(grid, area, file, called, desk or Desk()) for (grid, area), called in zip(areas, names, strict=True)
    ]
    told = Finding(names[0], None, 0, "The file is a web page (HTML), and its tables were read.", "")
    findings = [told, *(finding for each in found for finding in each.findings)]
    return Reading(tuple(each.table for each in found), tuple(findings))


def _text(content: IO[bytes], file: str) -> str:
    most = current_limits().page
    for encoding in possible_encodings(content, file):
        read = 0
        bits: list[str] = []
        try:
            for bit in read_as_utf8(content, encoding):
                bits.append(bit.decode())
                read += len(bits[-1])
                if read > most:
                    problem = f"is a web page (HTML) of more than {most:,} characters, which is too large to be read"
                    raise FileError(file, problem, f"Export the table as CSV. {raise_to('page', 2 * most)}")
        except UnicodeDecodeError:
            continue
        return "".join(bits)
    return refuse_encoding(file)


@dataclass(slots=True)
class _Cell:
    """One cell: its text piece by piece, and over how many columns it goes."""

    columns: int = 1
    words: list[str] = field(default_factory=list[str])


class _Tables(HTMLParser):
    """The cells of all tables, row by row; a table in a cell is a table of its own."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[_Cell]]] = []
        self._file = file
        self._open: list[list[list[_Cell]]] = []
        self._cell: list[_Cell | None] = []
        self._unread = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "table":
            self._open.append([])
            self._cell.append(None)
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._open[-1].append([])
            self._cell[-1] = None
        elif tag in ("td", "th") and self._open:
            self._begin(dict(attrs).get("colspan"))
        elif tag in ("br", "p", "div") and self._cell and self._cell[-1]:
            self._cell[-1].words.append(" ")

    def _begin(self, span: str | None) -> None:
        columns = int(min(float(span), _MAX_SPAN)) if span and span.strip().isdecimal() else 1
        cell = _Cell(max(columns, 1))
        self._cells += cell.columns
        _refuse_many(self._cells, self._file)
        if not self._open[-1]:
            self._open[-1].append([])
        self._open[-1][-1].append(cell)
        self._cell[-1] = cell

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag == "table" and self._open:
            self._open.pop()
            self._cell.pop()
        elif tag in ("td", "th", "tr") and self._cell:
            self._cell[-1] = None

    def handle_data(self, data: str) -> None:
        if self._cell and self._cell[-1] and not self._unread:
            self._cell[-1].words.append(data)


def _refuse_many(cells: int, file: str) -> None:
    most = current_limits().page_cells
    if cells > most:
        problem = f"has more cells than can be read safely of a web page (HTML), which are {most:,}"
        raise FileError(file, problem, f"Export the table as CSV. {raise_to('page_cells', 2 * most)}")


def _grid(rows: Sequence[Sequence[_Cell]], file: str) -> Grid | None:
    """Return the cells of a table as a grid, as wide as its widest row."""
    width = max((sum(cell.columns for cell in row) for row in rows), default=0)
    if not width:
        return None
    _refuse_many(width * len(rows), file)
    columns: list[list[str | None]] = [[None] * len(rows) for _ in range(width)]
    merged: list[MergedCells] = []
    for number, row in enumerate(rows):
        at = 0
        for cell in row:
            columns[at][number] = " ".join("".join(cell.words).split()) or None
            if cell.columns > 1:
                merged.append(MergedCells(number, at, number, at + cell.columns - 1))
            at += cell.columns
    frame = pl.DataFrame([pl.Series(f"column_{at}", column, dtype=pl.String) for at, column in enumerate(columns)])
    return None if frame.null_count().sum_horizontal()[0] == frame.height * width else Grid(frame, 0, merged)
