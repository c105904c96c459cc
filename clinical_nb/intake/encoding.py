"""Bytes → text: UTF-8 where they are that, else UTF-16, else Windows-1252, and it is told."""

import codecs

from clinical_nb.errors import FileError

_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SAVE_AS_UTF8 = "Save it as CSV in UTF-8 and upload that."


def decode(data: bytes, file: str) -> tuple[str, str]:
    """Return the text of a file, and the name of its encoding: empty for plain UTF-8.

    Raises
    ------
    FileError
        When the bytes are text in no encoding that is known here.

    """
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, file), name
    if b"\x00" in data[:4096]:
        return _decoded(data, _unmarked_utf16(data[:4096], file), file), "UTF-16"
    try:
        return _refuse_binary(data.decode("utf-8"), file), ""
    except UnicodeDecodeError:
        return _decoded(data, "cp1252", file), "Windows-1252"


def _unmarked_utf16(head: bytes, file: str) -> str:
    """Western text in UTF-16 has a zero in nearly every second byte; anything else with zeros is not text."""
    half = len(head) // 2
    if head[1::2].count(0) > 0.7 * half and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * half and not head[1::2].count(0):
        return "utf-16-be"
    raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")


def _decoded(data: bytes, encoding: str, file: str) -> str:
    try:
        return _refuse_binary(data.decode(encoding), file)
    except UnicodeDecodeError as error:
        raise FileError(file, "is in an encoding that cannot be recognised", _SAVE_AS_UTF8) from error


def _refuse_binary(text: str, file: str) -> str:
    """Refuse what decodes but is full of control characters, as programs and pictures do."""
    head = text[:4096]
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in head)
    if "\x00" in text or controls > len(head) / 50:
        raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")
    return text
