"""What a file is, told by its bytes: an extension is only what somebody called it."""

import codecs
import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

from clinical_nb.errors import EmptyFileError, FileError

Content = Literal[
    "text",
    "parquet",
    "arrow",
    "arrow_stream",
    "workbook",
    "json",
    "html",
    "zip",
    "gzip",
    "sas7bdat",
    "sas7bcat",
    "xpt",
    "sav",
    "por",
    "dta",
]

_AS_CSV = "Save the table as CSV and upload that."
_AS_ZIP = "Unpack it, and upload the files or a zip of them."
_NOT_A_TABLE = "Upload a table: CSV, Excel, Parquet, or a zip of these."
# An old Office file may also be a document, or have a password: its reader finds out.
_READ: tuple[tuple[bytes, Content], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow_stream"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
)
_HL7 = (b"MSH|^~", b"FHS|^~", b"BHS|^~")
_SQL = (b"INSERT INTO ", b"CREATE TABLE ", b"DROP TABLE ", b"-- MySQL dump", b"-- phpMyAdmin", b"--\n-- PostgreSQL")
# What begins with these bytes cannot be read as a table: what it is, and what to do.
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (
        b"MIME-Version:",
        "is a web page archive (MHTML), not a workbook",
        "Open it in Excel, save it as .xlsx, and upload that.",
    ),
    (b"%PDF", "is a PDF document, not a table", _NOT_A_TABLE),
    (
        b"-----BEGIN PGP MESSAGE",
        "is encrypted (PGP)",
        "Decrypt it, and upload the table itself.",
    ),
    (b"\x89PNG", "is a picture, not a table", _NOT_A_TABLE),
    (b"\xff\xd8\xff", "is a picture, not a table", _NOT_A_TABLE),
    (b"GIF8", "is a picture, not a table", _NOT_A_TABLE),
    (b"II*\x00", "is a picture, not a table", _NOT_A_TABLE),
    (b"MM\x00*", "is a picture, not a table", _NOT_A_TABLE),
    (b"RIFF", "is a picture or a sound, not a table", _NOT_A_TABLE),
    (b"{\\rtf", "is a text document (RTF), not a table", _NOT_A_TABLE),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive, which is not supported", _AS_ZIP),
    (b"Rar!", "is a RAR archive, which is not supported", _AS_ZIP),
    (b"BZh", "is a bzip2 archive, which is not supported", _AS_ZIP),
    (b"\xfd7zXZ\x00", "is an xz archive, which is not supported", _AS_ZIP),
    (b"\x28\xb5\x2f\xfd", "is a zstd archive, which is not supported", _AS_ZIP),
    (b"SQLite format 3", "is an SQLite database, which is not supported", _AS_CSV),
    (
        b"FEA1",
        "is a Feather file of the first kind, which is not supported",
        "Save the table as Parquet or CSV and upload that.",
    ),
    (b"\x89HDF", "is an HDF5 file, which is not supported", _AS_CSV),
    (b"RDX", "is an R data file, which is not supported", "In R, save the table with write.csv and upload that."),
    (b"ID;P", "is a SYLK spreadsheet, which is not supported", "Open it in Excel, save it as .xlsx, and upload that."),
    (
        b"TABLE\r\n0,1",
        "is a DIF spreadsheet, which is not supported",
        "Open it in Excel, save it as .xlsx, and upload that.",
    ),
    (
        b"TABLE\n0,1",
        "is a DIF spreadsheet, which is not supported",
        "Open it in Excel, save it as .xlsx, and upload that.",
    ),
    (
        b"version https://git-lfs.github.com/",
        "is a pointer of Git LFS to a file, and not the file",
        "Get the file itself (git lfs pull) and upload that.",
    ),
    *((start, "is a message of HL7 version 2, which is not supported", _AS_CSV) for start in _HL7),
    (b"PARE", "is an encrypted Parquet file", "Decrypt it, and upload the table itself."),
    (b"PK\x07\x08", "is the first part of a zip that was split", "Join the parts, and upload the whole zip."),
    (b"structure(list(", "is a table as R's source text (dput)", "In R, use write.csv and upload that."),
    *((start, "is a program for a database (SQL), not a table", _AS_CSV) for start in _SQL),
    (b"@relation", "is an ARFF file, which is not supported", _AS_CSV),
    (b"@RELATION", "is an ARFF file, which is not supported", _AS_CSV),
    (b"MZ\x90\x00", "is a program, not a table", _NOT_A_TABLE),
    (b"MATLAB 5.0 MAT-file", "is a MATLAB file, which is not supported", _AS_CSV),
    (b"ORC\x00", "is an ORC file, which is not supported", "Save the table as Parquet and upload that."),
    (b"Obj\x01", "is an Avro file, which is not supported", "Save the table as Parquet and upload that."),
    (b"\x93NUMPY", "is a NumPy file, which is not supported", _AS_CSV),
    (b"\x00\x01\x00\x00Standard ", "is an Access database, which is not supported", _AS_CSV),
    (b"X\n\x00\x00\x00", "is an R data file, which is not supported", "In R, use write.csv and upload that."),
)
_STATISTICAL: tuple[tuple[bytes, Content], ...] = (
    (b"HEADER RECORD*******", "xpt"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),  # zsav
    (b"<stata_dta>", "dta"),
    (bytes(12) + b"\xc2\xea\x81\x60", "sas7bdat"),  # in either byte order, as ReadStat's readstat_sas.c has it
    (bytes(12) + b"\xc2\xea\x81\x63", "sas7bcat"),
)
_SPSS_PORTABLE = re.compile(rb"[\s\S]{400,520}SPSSPORT")
_STATA_BEFORE_13 = re.compile(rb"[\x68-\x73][\x01\x02]\x01\x00")
_HTML = re.compile(r"<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
_JSON = re.compile(r'\{\s*("|\})|\[\s*(\{|\[|\]\s*$)')
_LOGS = (".log", ".lst")
_NAME = re.compile(r"[^\W\d][^:]{0,40}")
_LOOKED_AT = 50
_MOSTLY = 0.7
_FEWEST_LINES = 3
_JSON_NAMES = (".json", ".ndjson", ".jsonl")
# Programs and texts by the ends of their names: their lines would be taken for the rows of a table.
_TEXTS: Mapping[str, str] = {
    **dict.fromkeys((".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf"), "a file of settings or a dictionary"),
    **dict.fromkeys((".sps", ".spv"), "an SPSS program or output"),
    **dict.fromkeys((".do", ".ado", ".smcl"), "a Stata program or log"),
    **dict.fromkeys((".r", ".rmd", ".qmd", ".rprofile", ".rproj"), "an R program"),
    ".sas": "a SAS program",
    **dict.fromkeys((".log", ".lst"), "a log"),
    **dict.fromkeys((".py", ".ipynb", ".jl", ".m", ".js", ".sh", ".bat", ".sql", ".c", ".cpp", ".java"), "a program"),
    **dict.fromkeys((".md", ".markdown", ".rst", ".tex", ".bib", ".nfo"), "a text"),
    **dict.fromkeys((".css", ".svg"), "a part of a web page"),
}


def recognise(data: bytes, file: str) -> Content:
    """Return what a file is by its first bytes, some thousands of them, of the kinds that can be read.

    Raises
    ------
    FileError
        When they are of a kind that cannot be read; the sentence names the kind and the way out.

    """
    if not data:
        raise EmptyFileError(file, "is empty", "Export it again, or choose another file.")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "workbook" if _is_workbook(data, file) else "zip"
    for magic, kind in _READ:
        if data.startswith(magic):
            return kind
    statistical = _recognise_statistical(data)
    if statistical:
        return statistical
    for magic, problem, hint in _REFUSED:
        if data.startswith(magic):
            raise FileError(file, problem, hint)
    if data[128:132] == b"DICM":
        raise FileError(file, "is a medical image (DICOM), not a table", _NOT_A_TABLE)
    if data[257:262] == b"ustar":
        raise FileError(file, "is a tar archive, which is not supported", _AS_ZIP)
    return _recognise_text(data, file)


def _recognise_text(data: bytes, file: str) -> Content:
    suffix = PurePath(file.casefold().removesuffix(".gz")).suffix
    if suffix in _TEXTS and not (suffix in _LOGS and _is_tabular(data)):
        hint = "Upload the table itself; where this is one, end its name in .csv."
        if suffix in (".yaml", ".yml"):
            hint = "Upload it with the tables that it is about, as their dictionary (--dictionary)."
        raise FileError(file, f"is {_TEXTS[suffix]} by its name, not a table", hint)
    start = _beginning(data)
    if _HTML.match(start):
        return "html"
    is_json = _JSON.match(start) or (suffix in _JSON_NAMES and _is_value(start))
    return "json" if is_json else "text"


def _beginning(data: bytes) -> str:
    """Return the first characters of a text, of which those that are not ASCII may be wrong."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data[:2000].decode("utf-16", errors="replace").lstrip()
    for codec, other_half in (("utf-16-le", data[1:2000:2]), ("utf-16-be", data[:2000:2])):  # without a mark
        if other_half.count(0) > _MOSTLY * len(other_half):
            return data[:2000].decode(codec, errors="replace").lstrip()
    return data.removeprefix(codecs.BOM_UTF8)[:1000].decode("latin-1").lstrip()


def _is_tabular(data: bytes) -> bool:
    """Tell whether the first lines of a text are names and rows as wide, as an analyser's log may be."""
    lines = [line for line in data.decode("latin-1").splitlines()[:-1] if line.strip()][:_LOOKED_AT]
    if len(lines) < _FEWEST_LINES:
        return False
    for mark in ",;\t|":
        names = [name.strip().strip('"') for name in lines[0].split(mark)]
        if len(names) > 1 and all(map(_NAME.fullmatch, names)):
            return all(line.count(mark) == len(names) - 1 for line in lines[1:])
    return False


def _is_value(start: str) -> bool:
    """Tell whether a text begins with a line that JSON has a value for, or with an array: records are in neither."""
    if start.startswith("["):
        return True
    try:
        json.loads(start.partition("\n")[0])
    except (ValueError, RecursionError):
        return False
    return True


def _recognise_statistical(data: bytes) -> Content | None:
    """Tell the files of SAS, SPSS and Stata."""
    for magic, kind in _STATISTICAL:
        if data.startswith(magic):
            return kind
    if _STATA_BEFORE_13.match(data):
        return "dta"
    return "por" if _SPSS_PORTABLE.match(data) else None


def refuse_markup(text: str, file: str) -> None:
    """Raise a FileError where text is a web page, XML or JSON: text, but no table."""
    start = text[:1000].lstrip()
    if _HTML.match(start):
        raise FileError(file, "is a web page (HTML), whatever its name says", "Open it in a spreadsheet, save as CSV.")
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        problem = "is an Excel 2003 XML spreadsheet, which is not supported"
        raise FileError(file, problem, "Open it in Excel, save it as .xlsx, and upload that.")
    if start.startswith("<?xml"):
        raise FileError(file, "is an XML file, which is not supported", _AS_CSV)
    if _JSON.match(start):
        raise FileError(file, "is a JSON file in an encoding that is not supported", "Save it again as UTF-8.")


def _is_workbook(head: bytes, file: str) -> bool:
    """Tell workbooks, which are zips inside, from archives by their first entry; name the documents that are none."""
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if first == b"mimetype" and b"application/vnd.oasis.opendocument" in head[:200]:
        if b"opendocument.spreadsheet" not in head[:200]:
            raise FileError(file, "is an OpenDocument text or drawing, not a table", _NOT_A_TABLE)
        return True
    if first.startswith(b"Index/") and b".iwa" in head:
        raise FileError(file, "is a document of Apple's Numbers or Pages", "Export it as CSV or Excel and upload that.")
    if not first.startswith(
        (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"word/", b"ppt/", b"customXml/")
    ):
        return False
    if b"word/" in head:
        raise FileError(file, "is a Word document, not a table", _NOT_A_TABLE)
    if b"ppt/" in head:
        raise FileError(file, "is a PowerPoint document, not a table", _NOT_A_TABLE)
    return True
