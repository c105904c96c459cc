"""Bytes → text: UTF-8 where they are that, else UTF-16, else Windows-1252, and it is told."""

import codecs
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, Never

from clinical_nb.errors import FileError

_SAVE_AS_UTF8 = "Save it as CSV in UTF-8 and upload that."


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way of reading bytes as text: Python's name of it, the mark that it begins with, and what to call it."""

    codec: str
    name: str = ""
    mark: bytes = b""


_MARKED = (
    Encoding("utf-8", "UTF-8 with a byte order mark", codecs.BOM_UTF8),
    Encoding("utf-32-le", "UTF-32", codecs.BOM_UTF32_LE),  # before UTF-16, whose mark it begins with
    Encoding("utf-32-be", "UTF-32", codecs.BOM_UTF32_BE),
    Encoding("utf-16-le", "UTF-16", codecs.BOM_UTF16_LE),
    Encoding("utf-16-be", "UTF-16", codecs.BOM_UTF16_BE),
)


def possible_encodings(head: bytes, file: str) -> tuple[Encoding, ...]:
    """Return the encodings that a file may be in, by its first bytes: the first that fits all of it is its own.

    The name of plain UTF-8 is empty: it is what people expect.

    Raises
    ------
    FileError
        When the bytes are text in no encoding that is known here.

    """
    for encoding in _MARKED:
        if head.startswith(encoding.mark):
            return (encoding,)
    if b"\x00" in head[:4096]:
        return (Encoding(_unmarked_utf16(head[:4096], file), "UTF-16"),)
    return (Encoding("utf-8"), Encoding("cp1252", "Windows-1252"))


def open_text(content: IO[bytes], encoding: Encoding) -> TextIOWrapper:
    """Open a file's content as text, whose line ends become line feeds.

    Reading it raises UnicodeDecodeError where it is in another encoding.
    """
    content.seek(len(encoding.mark))
    return TextIOWrapper(content, encoding.codec, newline=None)


def refuse_encoding(file: str) -> Never:
    """Refuse a file that is text in none of its possible encodings.

    Raises
    ------
    FileError
        Always.

    """
    raise FileError(file, "is in an encoding that cannot be recognised", _SAVE_AS_UTF8)


def _unmarked_utf16(head: bytes, file: str) -> str:
    """Western text in UTF-16 has a zero in nearly every second byte; anything else with zeros is not text."""
    half = len(head) // 2
    if head[1::2].count(0) > 0.7 * half and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * half and not head[1::2].count(0):
        return "utf-16-be"
    raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")


def refuse_binary(text: str, file: str) -> None:
    """Refuse what decodes but is full of control characters, as programs and pictures do."""
    head = text[:4096]
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in head)
    if "\x00" in text or controls > len(head) / 50:
        raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")
