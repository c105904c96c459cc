"""The parts of an .xlsx file, each unpacked to its end under the limits of archives before the file is opened."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from clinical_nb.errors import FileError
from clinical_nb.intake.limits import current_limits
from clinical_nb.intake.sheet_reach import (
    SAVE_AGAIN,
    damaged_workbook,
    refuse_entities,
    refuse_far_records,
    scan_opendocument,
)
from clinical_nb.intake.sheet_scan import SheetParts, SheetScan
from clinical_nb.intake.unpack import Member

_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff")
_STRINGS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*>)?\s*<(?:\w+:)?sst\b")


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """What the XML of a workbook says: its sheets by their names, and whether its days count from 1904.

    Of one of OpenDocument, how many cells have an error that its reader takes for blank, and how many rows are hidden.
    """

    sheets: Mapping[str, SheetParts]
    from_1904: bool = False
    errors: int = 0
    hidden_rows: int = 0


def look_through(members: list[Member], file: str) -> WorkbookParts:
    """Look through the parts of a workbook, each unpacked to its end under the limits of archives.

    Raises
    ------
    FileError
        When a part is damaged, defines entities, or a sheet reaches much further than its cells fill it.

    """
    parts = {str(member.path).lstrip("/"): member for member in members}
    scanned: dict[str, SheetParts] = {}
    errors = hidden_rows = 0
    if "META-INF/manifest.xml" in parts and b"encryption-data" in b"".join(parts["META-INF/manifest.xml"].chunks()):
        raise FileError(file, "is protected by a password", "Save it without one, and upload it again.")
    for path, member in parts.items():
        head = next(member.chunks(), b"")
        if path == "content.xml":
            errors, hidden_rows = scan_opendocument(member, file)
        elif path.startswith("xl/worksheets/") and path.endswith(".bin"):
            refuse_far_records(member, file)
        elif _XML.match(head) and not _STRINGS.match(head):
            scanned[path] = SheetScan(file).read(member)  # a sheet, wherever it lies
        else:
            _unpack_all(member)
    workbook = parts.get("xl/workbook.xml")
    if workbook is None:
        return WorkbookParts({}, errors=errors, hidden_rows=hidden_rows)
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
        if len(data) > current_limits().xml:
            raise FileError(file, "is a workbook whose list of sheets is too large to be read safely", SAVE_AGAIN)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        refuse_entities(file)
    try:
        return ET.fromstring(data)  # noqa: S314 - small, and without entities
    except ET.ParseError as error:
        raise damaged_workbook(file) from error
