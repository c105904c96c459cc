"""How far the cells of a sheet reach, and a refusal of sheets that reach much further than their cells fill them.

A reader makes room for every cell between the first and the last of a sheet, so that one cell at the far end would take
more memory than there is, and end the process. So the cells' places are looked up first, and what the file says of its
size is not believed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NoReturn
from xml.parsers import expat

from clinical_nb.errors import FileError
from clinical_nb.intake.limits import current_limits, raise_to
from clinical_nb.intake.unpack import Member

SHEET_COLUMNS = 16_384  # which Excel has, and its readers
_SPARSE_CELLS = 2_000_000  # a sheet of more places than these, of which hardly any holds something, is refused
_SPARSE_RATIO = 100
_LETTERS = 26
SAVE_AGAIN = "Open it in Excel, save it again, and upload that."
# How OpenDocument writes rows and cells, each of them perhaps for many.
_ROW_END = b"</table:table-row>"
_SHEET = b"<table:table "
_ROW = re.compile(rb"<table:table-row\b([^<>]*)>")
_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^<>]*)>")
_ROWS = re.compile(rb"number-rows-repeated=[\"'](\d{1,9})")
_COLUMNS = re.compile(rb"number-columns-repeated=[\"'](\d{1,9})")
_HIDDEN = re.compile(rb"<table:table-row\b[^<>]*\bvisibility=[\"'](?:collapse|filter)")
_ERROR = re.compile(
    rb"<table:table-cell\b(?=[^<>]*\bstring-value=[\"']{2})(?=[^<>]*\bvalue-type=[\"']error[\"'])[^<>]*>"
)
# The records of a binary sheet (MS-XLSB 2.3) that begin a row, and those that hold a cell's value, by their numbers.
_ROW_RECORD = 0
_CELL_RECORDS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62})


@dataclass(frozen=True, slots=True)
class Reach:
    """The first and last row and column of a sheet that hold something, counted from 0, and how many cells do."""

    top: int
    left: int
    bottom: int
    right: int
    cells: int


def damaged_workbook(file: str) -> FileError:
    """Return the error that says so."""
    return FileError(file, "is a damaged workbook", SAVE_AGAIN)


def refuse_far(file: str, reach: Reach) -> None:
    """Raise a FileError where a sheet has more places than can be read, or hardly anything in them."""
    places = (reach.bottom - reach.top + 1) * (reach.right - reach.left + 1)
    if places > _SPARSE_CELLS and places > _SPARSE_RATIO * reach.cells:
        far = f"{_letters(reach.right)}{reach.bottom + 1}"
        problem = f"has a sheet that reaches to cell {far} with hardly any cell filled, which is refused as unsafe"
        raise FileError(file, problem, "Delete what stands far from the table, save it, and upload that.")
    most = current_limits().sheet_cells
    if places > most or reach.right >= SHEET_COLUMNS:
        hint = f"Split it, or leave out columns. {raise_to('sheet_cells', places)}" if places > most else SAVE_AGAIN
        raise FileError(file, "has more cells than can be read safely", hint)


def scan_opendocument(member: Member, file: str) -> tuple[int, int]:
    """Return how many cells of an OpenDocument workbook have an error that its reader takes for blank, and hidden rows.

    One that says of rows or cells to repeat them more often than can be read safely is refused, and one whose XML is
    damaged: its reader would look for the end of a table forever.
    """
    left, row, bottom, right, cells = b"", 0, 0, 0, 0
    errors = hidden = 0
    for chunk in _well_formed(member, file):
        left += chunk
        *pieces, left = left.split(_ROW_END)
        for piece in pieces:
            row = 0 if _SHEET in piece else row
            filled, last = _width(piece)
            empty, times = _height(piece)
            row += empty
            errors += len(_ERROR.findall(piece)) if b'"error"' in piece else 0
            hidden += times if filled and b"visibility=" in piece and _HIDDEN.search(piece) else 0
            if filled:
                bottom, right, cells = max(bottom, row + times), max(right, last), cells + 1
            row += times
        if len(left) > current_limits().xml_row:
            raise FileError(file, "has a row that is too long to be read safely", SAVE_AGAIN)
        refuse_far(file, Reach(0, 0, max(bottom - 1, 0), max(right - 1, 0), cells * max(right, 1)))
    return errors, hidden


def _well_formed(member: Member, file: str) -> Iterator[bytes]:
    """Yield the XML of a part, and raise a FileError where it is none, or defines entities."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = partial(refuse_entities, file)
    try:
        for chunk in member.chunks():
            parser.Parse(chunk, False)
            yield chunk
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged_workbook(file) from error


def refuse_entities(file: str, *_: object) -> NoReturn:
    """Raise a FileError: what an entity stands for may be as large as it likes."""
    raise FileError(file, "is a workbook that defines XML entities, which is refused as unsafe", SAVE_AGAIN)


def _width(piece: bytes) -> tuple[bool, int]:
    """Return whether a row holds something, and its last column that does."""
    column, last = 0, 0
    for attributes in _CELL.findall(piece):
        repeated = _COLUMNS.search(attributes)
        column += int(repeated[1]) if repeated else 1
        if b"value" in attributes:
            last = column
    return last > 0, last


def _height(piece: bytes) -> tuple[int, int]:
    """Return how many empty rows without an end of their own come before a row, and how often it is repeated."""
    heights = [int(found[1]) if (found := _ROWS.search(attributes)) else 1 for attributes in _ROW.findall(piece)]
    return sum(heights[:-1]), heights[-1] if heights else 0


def refuse_far_records(member: Member, file: str) -> None:
    """Refuse a binary sheet (.xlsb) whose cells reach too far; other parts of such a file have no rows."""
    data = b"".join(member.chunks())
    at, row, rows, columns, cells = 0, 0, set[int](), set[int](), 0
    while at < len(data):
        kind, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        value = int.from_bytes(data[at : at + 4], "little")
        if kind == _ROW_RECORD:
            row = value
        elif kind in _CELL_RECORDS:
            cells += 1
            rows.add(row)
            columns.add(value)
        at += size
    if cells:
        refuse_far(file, Reach(min(rows), min(columns), max(rows), max(columns), cells))


def _number(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where what follows it begins."""
    number = 0
    for place in range(longest):
        byte = data[at] if at < len(data) else 0
        number |= (byte & 0x7F) << (7 * place)
        at += 1
        if not byte & 0x80:
            break
    return number, at


def _letters(column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
