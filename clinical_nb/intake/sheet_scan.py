"""The XML of a sheet, looked through before it is opened: how far its cells reach, and what it hides."""

import re
from collections import Counter
from dataclasses import dataclass, field

from clinical_nb.errors import FileError
from clinical_nb.intake.grid import MergedCells
from clinical_nb.intake.limits import current_limits
from clinical_nb.intake.sheet_reach import SAVE_AGAIN, SHEET_COLUMNS, Reach, refuse_entities, refuse_far
from clinical_nb.intake.unpack import Member

_MAX_MERGED = 100_000
_HEAD = 4096
_LONGEST = 9  # letters or digits of a cell's place that are looked at: far fewer are too many
_LETTERS = 26
_A = ord("A")


@dataclass(slots=True)
class SheetParts:
    """What the XML of a sheet says of its cells; rows and columns count from 0 on the whole sheet."""

    top: int = 0
    left: int = 0
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set[int])
    unstored: Counter[int] = field(default_factory=Counter[int])  # formulas without a value, by column
    merged: list[MergedCells] = field(default_factory=list[MergedCells])
    flags: set[int] = field(default_factory=set[int])  # columns with a cell that is true, false, or an ISO date


class SheetScan:
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
        longest = current_limits().xml_row  # a longer one is looked at in pieces
        for chunk in member.chunks():
            left += chunk
            if words is None:
                self._refuse_encoding(left)
                words = _Words(left)
            end = left.rfind(words.row_end)
            if end < 0 and len(left) < longest:
                continue
            end = end + len(words.row_end) if end >= 0 else len(left)
            self._look(left[:end], words)
            left = left[end:]
        if words:
            self._look(left, words)
            self._look_at_end(left, words)
        refuse_far(self._file, Reach(self._top or 0, self._left or 0, self._bottom, self._right, self._cells))
        self._found.top, self._found.left = self._top or 0, self._left or 0
        return self._found

    def _refuse_encoding(self, head: bytes) -> None:
        if b"\x00" in head[:_HEAD] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileError(self._file, "is a workbook whose XML is not UTF-8, which is not supported", SAVE_AGAIN)

    def _look(self, piece: bytes, words: "_Words") -> None:
        if b"<!" in piece and (b"<!ENTITY" in piece or b"<!DOCTYPE" in piece):
            refuse_entities(self._file)
        if b"hidden=" in piece:
            self._found.hidden_rows += len(words.hidden_row.findall(piece))
            for first, last in words.hidden_column.findall(piece):
                self._found.hidden_columns.update(range(int(first) - 1, min(int(last), SHEET_COLUMNS)))
        if words.flag_type.search(piece):
            for letters in words.flag.findall(piece):
                self._found.flags.update([_column(letters)] if letters else range(SHEET_COLUMNS))
        values = piece.count(words.value) + piece.count(words.inline)
        if words.formula in piece:
            self._found.unstored.update(_column(letters) for letters in words.unstored.findall(piece))
        self._cells += values
        cells = piece.count(words.cell_start)
        is_usual = piece.count(words.any_start) == cells
        if values or not is_usual:
            self._bound(piece, words, cells if is_usual else None)

    def _bound(self, piece: bytes, words: "_Words", cells: int | None) -> None:
        """Take in how far the cells of a piece reach that hold something."""
        rows = None if cells is None else self._bound_rows(piece, words, cells)
        if rows is None:
            places = words.any_cell.findall(piece)
            numbers = [int(row[:_LONGEST]) for _, row in places] + [int(row) for row in words.any_row.findall(piece)]
            rows, columns = {max(number - 1, 0) for number in numbers}, {_column(letters) for letters, _ in places}
        else:
            known = range(self._left if self._left is not None else _LETTERS, self._right + 1)
            unknown = bytes(_A + at for at in range(_LETTERS) if at not in known)
            columns = {_column(letters) for letters in set(words.among(unknown).findall(piece))}
        if rows:
            self._top = min(rows) if self._top is None else min(self._top, *rows)
            self._bottom = max(self._bottom, *rows)
        if columns:
            self._left = min(columns) if self._left is None else min(self._left, *columns)
            self._right = max(self._right, *columns)

    def _bound_rows(self, piece: bytes, words: "_Words", cells: int) -> set[int] | None:
        """Return the first and last row that hold something; None where cells are not in their rows, or are odd.

        Where each cell begins with its place, and that has its row's number, it takes no look at each cell.
        """
        *rows, rest = piece.split(words.row_end)
        numbers = words.row_number.findall(piece)
        if len(numbers) != len(rows) or words.row_start in rest or words.cell_start in rest:
            return None
        ends = [number + b'"' for number in numbers]
        if sum(map(bytes.count, rows, ends)) < cells + len(rows):
            return None
        known = list(zip(numbers, rows, strict=True))
        filled = [
            next((number for number, row in some if words.value in row or words.inline in row), None)
            for some in (known, reversed(known))
        ]
        return {int(number) - 1 for number in filled if number is not None}

    def _look_at_end(self, piece: bytes, words: "_Words") -> None:
        for found in words.merged.findall(piece)[:_MAX_MERGED]:
            left, top, right, bottom = found
            self._found.merged.append(MergedCells(int(top) - 1, _column(left), int(bottom) - 1, _column(right)))


class _Words:
    """How the elements of a sheet are written: some programs put a prefix before each."""

    def __init__(self, head: bytes) -> None:
        root = re.search(rb"<(\w+:)?worksheet\b", head)
        prefix = root[1] or b"" if root else b""
        self.row_end = b"</%srow>" % prefix
        self.row_start = b'<%srow r="' % prefix
        self.row_number = re.compile(re.escape(self.row_start) + rb"(\d+)\"")
        self.cell_start = b'<%sc r="' % prefix
        self.any_start = b"<%sc" % prefix
        self.value = b"<%sv>" % prefix
        self.inline = b"<%sis>" % prefix
        self.formula = b"<%sf" % prefix
        inside = rb"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?"  # attributes, as a tag's end may stand in their values
        holds = rb"[^<>]*(?<!/)>(?!</)"
        self.any_cell = re.compile(rb"<(?:\w+:)?c\b" + inside + rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']" + holds)
        self.any_row = re.compile(  # whose first cell has no place of its own
            rb"<(?:\w+:)?row\b" + inside + rb"\br\s*=\s*[\"'](\d{1,9})[\"'][^<>]*>\s*<(?:\w+:)?c\b(?![^<>]*\br\s*=)"
        )
        self._place, self._holds = rb'<%sc r="(%%s[A-Z]{2,})\d+"' % prefix, holds
        self.merged = re.compile(rb'<%smergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"' % prefix)
        self.hidden_row = re.compile(rb'<%srow\b[^<>]*\bhidden="(?:1|true)"' % prefix)
        self.hidden_column = re.compile(
            rb'<%scol\b(?=[^<>]*\bhidden="(?:1|true)")(?=[^<>]*\bmin="(\d{1,5})")(?=[^<>]*\bmax="(\d{1,5})")' % prefix
        )
        self.flag_type = re.compile(rb"t\s*=\s*[\"'][bd][\"']")
        self.flag = re.compile(  # the place may stand before the type or behind it, or not at all
            rb"<(?:\w+:)?c\b(?=[^<>]*\bt\s*=\s*[\"'][bd][\"'])(?:[^<>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})\d|[^<>]*>)"
        )
        no_value = rb"(?:<%sv\s*/>|<%sv></%sv>|</%sc>)" % (prefix, prefix, prefix, prefix)
        self.unstored = re.compile(
            rb'<%sc\b[^<>]*?\br="([A-Z]{1,3})\d+"[^<>]*>\s*<%sf\b(?:[^<>]*/>|[^<>]*>[^<]*</%sf>)\s*%s'
            % (prefix, prefix, prefix, no_value)
        )

    def among(self, letters: bytes) -> re.Pattern[bytes]:
        """Return the pattern of a cell that holds something, in a column of one of these letters, or of several."""
        return re.compile(self._place % (b"[%s]|" % letters if letters else b"") + self._holds)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:_LONGEST].upper():
        number = number * _LETTERS + letter - _A + 1
    return number - 1
