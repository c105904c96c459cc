"""Excel and OpenDocument workbooks → tables: every sheet is read or told, by the values that its cells hold."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import IO

from clinical_nb.doing import tell
from clinical_nb.errors import FileError
from clinical_nb.intake.cells import Noted, count_errors, mean_columns, with_durations
from clinical_nb.intake.compound import refuse_endless
from clinical_nb.intake.grid import Found, Grid, MergedCells, find_areas, read_area
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.own_process import HELD
from clinical_nb.intake.parts import WorkbookParts, look_through
from clinical_nb.intake.plain_sheet import Plain, find_plain, read_plain
from clinical_nb.intake.sheet_reach import SAVE_AGAIN
from clinical_nb.intake.sheet_reader import Asked, SheetReader, opened
from clinical_nb.intake.sheet_scan import SheetParts
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Finding, Reading, counted
from clinical_nb.intake.unpack import Member, open_zip

_CHECK_HIDDEN = "Check that it belongs to the data."
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet: its cells, as text that may be titles and tables, or as the one table that they are; what is noted."""

    name: str
    cells: Grid | Plain
    noted: Sequence[Noted]
    visible: bool
    parts: SheetParts | None
    workbook: WorkbookParts


def read_workbook(content: IO[bytes], file: str, name: str, prefix: str = "", desk: Desk | None = None) -> Reading:
    """Read every sheet of an Excel (xlsx, xlsm, xlsb, xls) or OpenDocument (ods) workbook as a table.

    Cells are read as the text of their values, with all digits, and then as delimited text is: titles, header, totals,
    types. Dates are ISO dates. Errors such as #DIV/0! are missing. Sheets without a table are told and left out.

    Parameters
    ----------
    content : IO[bytes]
        The whole file.
    file : str
        Its name, for the sentence of an error.
    name : str
        What the table is called where only one sheet holds anything; where several do, tables are called by sheets.
    prefix : str
        What stands before the names of sheets, as where several workbooks are read together.
    desk : Desk, optional
        Where the tables are put; by default in memory.

    Returns
    -------
    Reading
        At least one table, with what was repaired, hidden, or looks wrong.

    Raises
    ------
    FileError
        When it is damaged, protected by a password, unreasonably large, or holds no table.

    """
    content.seek(0)
    data = content.read()
    used: list[_Sheet] = []
    findings: list[Finding] = []
    for sheet in _read_sheets(data, file):
        if isinstance(sheet.cells, Grid) and sheet.cells.cells.is_empty():
            findings.append(Finding(name, None, 0, f"Sheet '{sheet.name}' left out: it is empty.", ""))
        else:
            used.append(sheet)
    if b"xl/comments" in data or b"xl/threadedComments" in data:
        text = "The workbook has comments on cells, which are not read."
        findings.append(Finding(name, None, 0, text, "Write what they say into a column of its own, if it is data."))
    findings += _told_workbook(used[0].workbook, name) if used else []
    tables: list[Found] = []
    areas = [(sheet, area) for sheet in used for area in _areas(sheet.cells)]
    called = distinct_names([name if len(used) == 1 else f"{prefix}{clean_name(sheet.name)}" for sheet, _ in areas])
    per_sheet = Counter(sheet.name for sheet, _ in areas)
    for sheet in used:
        if not per_sheet[sheet.name]:
            text = f"Sheet '{sheet.name}' left out: it holds remarks in one column, and no table."
            findings.append(Finding(name, None, 0, text, "Read it for what it says of the data."))
    for (sheet, area), title in zip(areas, called, strict=True):
        found = area(file, title, desk or Desk())
        tables.append(found)
        findings += [*found.findings, *_told_sheet(sheet, found)]
        if per_sheet[sheet.name] > 1:
            text = f"Sheet '{sheet.name}' holds {per_sheet[sheet.name]} tables, read apart."
            findings.append(Finding(title, None, 0, text, "Put each on a sheet of its own if they belong together."))
    if not tables:
        raise FileError(file, "is a workbook without a table", "Check that its data are saved, and upload it again.")
    return Reading(tuple(found.table for found in tables), tuple(findings))


def _look_through(data: bytes, file: str) -> WorkbookParts:
    """Refuse what is no workbook or unsafe, and return what an .xlsx says beside its cells."""
    if data.startswith(_OLE):
        _refuse_no_spreadsheet(data, file)
        return WorkbookParts({})
    with open_zip(BytesIO(data), file, "workbook") as members:
        found = [member for member in members if isinstance(member, Member)]
        if len({str(member.path).lstrip("/") for member in found}) < len(members):
            # its reader would open one that was not looked through
            raise FileError(file, "is a workbook with parts of one name, or of names that are none", SAVE_AGAIN)
        if any(str(member.path).startswith("word/") for member in found):
            raise FileError(file, "is a Word document, not a table", "Upload a table: Excel, CSV, Parquet.")
        return look_through(found, file)


def _refuse_no_spreadsheet(data: bytes, file: str) -> None:
    """Refuse the documents that look like an old workbook from outside."""
    names = {name for name in ("EncryptedPackage", "WordDocument", "Workbook", "Book") if _has_stream(data, name)}
    if "EncryptedPackage" in names:
        problem = "is protected by a password"
        raise FileError(file, problem, "Open it in Excel, remove the password (File > Info), and upload it again.")
    if not names & {"Workbook", "Book"}:
        raise FileError(file, "is an old Office document, but no workbook", "Upload a table: Excel, CSV, Parquet.")
    refuse_endless(data, file)


def _has_stream(data: bytes, name: str) -> bool:
    return name.encode("utf-16-le") + bytes(2) in data


def _read_sheets(data: bytes, file: str) -> Iterator[_Sheet]:
    """Yield the sheets of a workbook, each as far as it holds something."""
    is_xlsx = b"xl/workbook.xml" in data
    parts = None if is_xlsx and HELD else _look_through(data, file)
    with opened(data, file, Asked(0, None, header=0) if is_xlsx else None) as reader:
        parts = parts or _look_through(data, file)  # while its reader is at work, which is held to a limit of memory
        for at, sheet in enumerate(reader.sheets()):
            tell(f"Reading {file}: sheet {sheet}")
            yield _read_sheet(reader, at, sheet, parts)


def _areas(cells: Grid | Plain) -> list[Callable[[str, str, Desk], Found]]:
    """Return what reads each of the tables of a sheet."""
    if isinstance(cells, Plain):
        return [partial(read_plain, cells)]
    return [partial(read_area, cells, area) for area in find_areas(cells)]


def _read_sheet(reader: SheetReader, at: int, name: str, parts: WorkbookParts) -> _Sheet:
    """Read a sheet by the types of its cells where it is plain; else as text, which is all that it holds."""
    known = parts.sheets.get(name)
    if known and not known.top and not known.left and not known.merged:
        with suppress(FileError):  # columns can have types that cannot be told together, but as text
            loaded = reader.load(Asked(at, None, header=0))
            plain = find_plain(
                loaded,
                lambda dtype, columns: reader.load(Asked(at, dtype, 0, columns)).cells,
                frozenset(known.flags),
                parts.from_1904,
            )
            if plain:
                return _Sheet(name, plain, plain.noted, loaded.visible, known, parts)
    text = reader.load(Asked(at, "string"))
    if not text.cells.width:
        return _Sheet(name, Grid(text.cells), (), text.visible, known, parts)
    number = reader.load(Asked(at, "float"))  # which has all their digits
    cells = with_durations(text.cells, text.wrong)
    cells, noted = mean_columns(cells, number.cells, count_errors(text.wrong), parts.from_1904)
    top, left = (known.top, known.left) if known else (0, 0)
    merged = (
        [MergedCells(m.top - top, m.left - left, m.bottom - top, m.right - left) for m in known.merged] if known else []
    )
    return _Sheet(name, Grid(cells, top, merged), noted, text.visible, known, parts)


def _told_workbook(parts: WorkbookParts, name: str) -> list[Finding]:
    """Tell what is known of the cells of a whole workbook of OpenDocument, and not of which sheet it is."""
    findings: list[Finding] = []
    if parts.errors:
        text = f"{counted(parts.errors, 'cell')} with an error taken as missing."
        findings.append(Finding(name, None, parts.errors, text, "Correct the formulas if values are needed."))
    if parts.hidden_rows:
        text = f"{counted(parts.hidden_rows, 'hidden row')} of the workbook read like the others."
        findings.append(Finding(name, None, parts.hidden_rows, text, _CHECK_HIDDEN))
    return findings


def _told_sheet(sheet: _Sheet, found: Found) -> list[Finding]:
    """Tell what was found in the cells of a table's columns, and what of its sheet is hidden."""
    table = found.table.name
    findings = [
        Finding(table, found.columns[one.column], one.cells, one.text, one.proposal)
        for one in sheet.noted
        if one.column in found.columns
    ]
    if not sheet.visible:
        findings.append(Finding(table, None, 0, f"Sheet '{sheet.name}' is hidden, and was read.", _CHECK_HIDDEN))
    if sheet.parts is None:
        return findings
    if sheet.parts.hidden_rows:
        text = f"{counted(sheet.parts.hidden_rows, 'hidden row')} of the sheet read like the others."
        findings.append(Finding(table, None, sheet.parts.hidden_rows, text, _CHECK_HIDDEN))
    hidden = (found.columns.get(column - sheet.parts.left) for column in sorted(sheet.parts.hidden_columns))
    text = "The column is hidden in the sheet, and was read."
    findings += [Finding(table, name, 0, text, _CHECK_HIDDEN) for name in hidden if name]
    for column, cells in sorted(sheet.parts.unstored.items()):
        if name := found.columns.get(column - sheet.parts.left):
            text = f"{counted(cells, 'cell')} with a formula whose value is not stored, taken as missing."
            findings.append(Finding(table, name, cells, text, "Open the file in Excel, save it, and upload it again."))
    return findings
