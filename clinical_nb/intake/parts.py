"""The parts of an .xlsx file, looked through before it is opened: how far its sheets reach, and what they hide.

A reader makes room for every cell between the first and the last of a sheet, so that one cell at the far end would take
more memory than there is, and end the process. So the cells' places are looked up first, and what the file says of its
size is not believed.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from clinical_nb.errors import FileError
from clinical_nb.intake.grid import Area
from clinical_nb.intake.unpack import Member

MAX_SHEET_CELLS = 200_000_000
_SPARSE_CELLS = 2_000_000  # a sheet of more places than these, of which hardly any holds something, is refused
_SPARSE_RATIO = 100
_MAX_PART = 8 * 1024**2  # bytes of a part that lists the sheets
_MAX_MERGED = 100_000
_LONGEST_ROW = 32 * 1024**2  # bytes; a longer one is looked at in pieces
_LETTERS = 26
_A = ord("A")
_DAMAGED = "Open it in Excel, save it again, and upload that."


@dataclass(slots=True)
class SheetParts:
    """What the XML of a sheet says of its cells; rows and columns count from 0 on the whole sheet."""

    top: int = 0
    left: int = 0
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set[int])
    unstored: Counter[int] = field(default_factory=Counter[int])  # formulas without a value, by column
    merged: list[Area] = field(default_factory=list[Area])


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """What the XML of a workbook says: its sheets by their names, and whether its days count from 1904."""

    sheets: Mapping[str, SheetParts]
    from_1904: bool = False


def look_through(members: list[Member], file: str) -> WorkbookParts:
    """Look through the parts of a workbook, each unpacked to its end under the limits of archives.

    Raises
    ------
    FileError
        When a part is damaged, defines entities, or a sheet reaches much further than its cells fill it.

    """
    parts = {str(member.path).lstrip("/"): member for member in members}
    scanned: dict[str, SheetParts] = {}
    for path, member in parts.items():
        if path.startswith("xl/worksheets/") and path.endswith(".xml"):
            scanned[path] = _Scan(file).read(member)
        else:
            _unpack_all(member)
    workbook = parts.get("xl/workbook.xml")
    if workbook is None:
        return WorkbookParts({})
    tree = _parse(workbook, file)
    related = parts.get("xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): each.get("Target", "") for each in _parse(related, file)} if related else {}
    sheets: dict[str, SheetParts] = {}
    for sheet in _named(tree, "sheet"):
        identity = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        path = str(PurePosixPath("xl") / targets.get(identity, "")).removeprefix("/")
        if path in scanned:
            sheets[sheet.get("name", "")] = scanned[path]
    is_1904 = any(each.get("date1904") in ("1", "true") for each in _named(tree, "workbookPr"))
    return WorkbookParts(sheets, is_1904)


def _named(tree: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in tree.iter() if each.tag.rpartition("}")[2] == name)


def _unpack_all(member: Member) -> None:
    """Unpack a part to its end: what is larger than it says is refused there."""
    for _ in member.chunks():
        pass


def _parse(member: Member, file: str) -> ET.Element:
    data = b""
    for chunk in member.chunks():
        data += chunk
        if len(data) > _MAX_PART:
            raise FileError(file, "is a workbook whose list of sheets is too large to be read safely", _DAMAGED)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise FileError(file, "is a workbook that defines XML entities, which is refused as unsafe", _DAMAGED)
    try:
        return ET.fromstring(data)  # noqa: S314 - small, and without entities
    except ET.ParseError as error:
        raise FileError(file, "is a damaged workbook", _DAMAGED) from error


class _Scan:
    """One pass through the XML of a sheet, piece by piece; a piece ends where a row does."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found = SheetParts()
        self._cells = 0
        self._top: int | None = None
        self._left: int | None = None
        self._bottom = 0
        self._right = 0

    def read(self, member: Member) -> SheetParts:
        """Return what the sheet's XML says."""
        left = b""
        words: _Words | None = None
        for chunk in member.chunks():
            left += chunk
            words = words or _Words(left)
            end = left.rfind(words.row_end)
            if end < 0 and len(left) < _LONGEST_ROW:
                continue
            end = end + len(words.row_end) if end >= 0 else len(left)
            self._look(left[:end], words)
            left = left[end:]
        if words:
            self._look(left, words)
            self._look_at_end(left, words)
        self._refuse_far()
        self._found.top, self._found.left = self._top or 0, self._left or 0
        return self._found

    def _look(self, piece: bytes, words: "_Words") -> None:
        if b"<!ENTITY" in piece or b"<!DOCTYPE" in piece:
            raise FileError(self._file, "is a workbook that defines XML entities, which is refused as unsafe", _DAMAGED)
        if b"hidden=" in piece:
            self._found.hidden_rows += len(words.hidden_row.findall(piece))
            for first, last in words.hidden_column.findall(piece):
                self._found.hidden_columns.update(range(int(first) - 1, min(int(last), 16_384)))
        values = piece.count(words.value) + piece.count(words.inline)
        if words.formula in piece:
            self._found.unstored.update(_column(letters) for letters in words.unstored.findall(piece))
        if not values:
            return
        self._cells += values
        self._bound(piece, words)

    def _bound(self, piece: bytes, words: "_Words") -> None:
        """Take in how far the cells of a piece reach that hold something; whatever their order."""
        first = words.cell.search(piece)
        last_value = max(piece.rfind(words.value), piece.rfind(words.inline))
        last = None
        if first is None:
            return
        start = piece.rfind(words.cell_start, 0, last_value)
        last = words.cell.match(piece, start) if start >= 0 else None
        rows = [int(found[2]) - 1 for found in (first, last) if found]
        columns = {_column(found[1]) for found in (first, last) if found}
        columns |= {_column(letters) for letters in set(words.wide.findall(piece))}
        known = range(self._left if self._left is not None else _LETTERS, self._right + 1)
        columns |= {
            at
            for at in range(_LETTERS)
            if at not in known and b"%c" % (_A + at) in piece and words.narrow(at).search(piece)
        }
        self._top = min(rows) if self._top is None else min(self._top, *rows)
        self._left = min(columns) if self._left is None else min(self._left, *columns)
        self._bottom = max(self._bottom, *rows)
        self._right = max(self._right, *columns)

    def _look_at_end(self, piece: bytes, words: "_Words") -> None:
        for found in words.merged.findall(piece)[:_MAX_MERGED]:
            left, top, right, bottom = found
            self._found.merged.append(Area(int(top) - 1, _column(left), int(bottom) - 1, _column(right)))

    def _refuse_far(self) -> None:
        places = (self._bottom - (self._top or 0) + 1) * (self._right - (self._left or 0) + 1)
        if places > MAX_SHEET_CELLS:
            raise FileError(self._file, "has more cells than can be read safely", "Split it, or leave out columns.")
        if places > _SPARSE_CELLS and places > _SPARSE_RATIO * self._cells:
            far = f"{_letters(self._right)}{self._bottom + 1}"
            problem = f"has a sheet that reaches to cell {far} with hardly any cell filled, which is refused as unsafe"
            raise FileError(self._file, problem, "Delete what stands far from the table, save it, and upload that.")


class _Words:
    """How the elements of a sheet are written: some programs put a prefix before each."""

    def __init__(self, head: bytes) -> None:
        root = re.search(rb"<(\w+:)?worksheet\b", head)
        prefix = root[1] or b"" if root else b""
        self.row_end = b"</%srow>" % prefix
        self.cell_start = b"<%sc " % prefix
        self.value = b"<%sv>" % prefix
        self.inline = b"<%sis>" % prefix
        self.formula = b"<%sf" % prefix
        self.cell = re.compile(rb'<%sc\b[^>]*?\br=["\']([A-Z]{1,3})(\d{1,7})["\'](?:[^>]*[^>/])?>(?!</)' % prefix)
        self.wide = re.compile(rb'<%sc\b[^>]*?\br=["\']([A-Z]{2,3})\d+["\'](?:[^>]*[^>/])?>(?!</)' % prefix)
        self.merged = re.compile(rb'<%smergeCell ref=["\']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})' % prefix)
        self.hidden_row = re.compile(rb'<%srow\b[^>]*\bhidden=["\'](?:1|true)' % prefix)
        self.hidden_column = re.compile(
            rb'<%scol\b(?=[^>]*\bhidden=["\'](?:1|true))(?=[^>]*\bmin=["\'](\d+))(?=[^>]*\bmax=["\'](\d+))' % prefix
        )
        no_value = rb"(?:<%sv\s*/>|<%sv></%sv>|</%sc>)" % (prefix, prefix, prefix, prefix)
        self.unstored = re.compile(
            rb'<%sc\b[^>]*?\br=["\']([A-Z]{1,3})\d+["\'][^>]*>\s*<%sf\b(?:[^>]*/>|[^>]*>[^<]*</%sf>)\s*%s'
            % (prefix, prefix, prefix, no_value)
        )
        self._prefix = prefix

    def narrow(self, at: int) -> re.Pattern[bytes]:
        """Return the pattern of a cell of one of the first columns that holds something."""
        return re.compile(rb'<%sc\b[^>]*?\br=["\']%c\d+["\'](?:[^>]*[^>/])?>(?!</)' % (self._prefix, _A + at))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - _A + 1
    return number - 1


def _letters(column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = chr(_A + rest) + letters
    return letters
