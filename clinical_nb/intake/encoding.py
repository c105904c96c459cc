"""Bytes → text: UTF-8 or UTF-16 where they are that, else what programs wrote before Unicode, and it is told."""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from itertools import islice
from typing import IO, Never

from clinical_nb.errors import FileError
from clinical_nb.intake.alphabets import (
    asian_codec,
    cyrillic_codec,
    is_hebrew,
    is_latin_9,
    latin_codec,
    likeliest_cyrillic,
    likeliest_of_asia,
    may_be_hebrew,
    may_be_japanese,
    may_be_thai,
)

_SAVE_AS_UTF8 = "Save it as CSV in UTF-8 and upload that."


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way of reading bytes as text: Python's name of it, the mark that it begins with, and what to call it.

    `errors` is what is done with bytes that are none of its own, as Python calls it.
    """

    codec: str
    name: str = ""
    mark: bytes = b""
    errors: str = "strict"


_MARKED = (
    Encoding("utf-8", "UTF-8 with a byte order mark", codecs.BOM_UTF8),
    Encoding("utf-32-le", "UTF-32", codecs.BOM_UTF32_LE),  # before UTF-16, whose mark it begins with
    Encoding("utf-32-be", "UTF-32", codecs.BOM_UTF32_BE),
    Encoding("utf-16-le", "UTF-16", codecs.BOM_UTF16_LE),
    Encoding("utf-16-be", "UTF-16", codecs.BOM_UTF16_BE),
)


WESTERN = Encoding("cp1252", "Windows-1252")
LATIN_9 = Encoding("iso8859_15", "ISO 8859-15 (Western European, with the euro)")
_WITHIN_UTF8 = "clinical_nb.western"
MIXED = Encoding("utf-8", "partly UTF-8 and partly Windows-1252", errors=_WITHIN_UTF8)
_LATIN = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp852": "DOS 852 (Central European)",
}
_OTHER = {
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "koi8_u": "KOI8-U (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "iso8859_5": "ISO 8859-5 (Cyrillic)",
    "mac_cyrillic": "Macintosh (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp874": "Windows-874 (Thai)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "Windows-949 (Korean)",
}
_JAPANESE = ("Shift JIS (Japanese)", "EUC-JP (Japanese)")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]+")
_WESTERN_LETTERS = re.compile("[\u0000-\u00ff\u2010-\u203a\u20ac]*")
_IN_A_ROW = re.compile(rb"[\x80-\xff]{3,}")  # which no Latin alphabet has, but for a few words
_ASCII = 128
_HEAD = 4096
_BIT = 1024**2
_LINES = 500
_LEAST_LINES = 2
_MOSTLY = 0.4
_ZEROS = 0.7  # of every second byte of Western text in UTF-16
_PLAIN = 0.2  # of the signs of a table in another alphabet: digits, delimiters and line ends
_CHAOS = 0.9  # of charset_normalizer: cells are short, so that its measure of disorder says little of them


def possible_encodings(content: IO[bytes], file: str) -> Iterator[Encoding]:
    """Yield the encodings that a file may be in: the first that fits all of it is its own.

    The name of plain UTF-8 is empty: it is what people expect.

    Raises
    ------
    FileError
        When the bytes are text in no encoding that is known here.

    """
    content.seek(0)
    head = content.read(_HEAD)
    for encoding in _MARKED:
        if head.startswith(encoding.mark):
            yield encoding
            return
    if b"\x00" in head:
        yield Encoding(_unmarked_utf16(head, file), "UTF-16")
        return
    yield Encoding("utf-8")
    content.seek(0)
    beyond = _beyond_ascii(content)
    lines = list(islice(beyond, _LINES))
    if all(map(_is_utf8, lines)):  # so that the first that is none comes later
        lines += islice((line for line in beyond if not _is_utf8(line)), _LINES)
    yield MIXED if _are_mixed(lines) else _before_unicode(b"".join(lines))


def _beyond_ascii(content: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines that have more than ASCII, of a whole file in lines of bounded length."""
    while line := content.readline(_HEAD):
        if not line.isascii():
            yield line


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is no UTF-8 as Windows-1252, of which five bytes are none either."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode(WESTERN.codec, "replace"), error.start + 1


codecs.register_error(_WITHIN_UTF8, _as_western)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _are_mixed(lines: Sequence[bytes]) -> bool:
    """Tell whether some lines are UTF-8 of Western letters and all others text of Western letters from before.

    So are files that were put together from several, or that somebody went on with in another program.
    """
    others = [line for line in lines if not _is_utf8(line)]
    if not 0 < len(others) < len(lines) or latin_codec(b"".join(others)) != WESTERN.codec:
        return False
    return all(_WESTERN_LETTERS.fullmatch(line.decode()) for line in lines if _is_utf8(line))


def _before_unicode(sample: bytes) -> Encoding:
    """Tell Latin alphabets by their letters, and others by their many letters in a row that are not ASCII."""
    latin = latin_codec(sample)
    codec = asian_codec(sample) or latin
    if latin is None and codec is None:
        codec = "cp932" if may_be_japanese(sample) else None
    if latin is None and codec is None and len(sample.splitlines()) < _LEAST_LINES:
        codec = cyrillic_codec(sample)
    if codec in _LATIN or codec in _OTHER:
        return Encoding(codec, {**_LATIN, **_OTHER}[codec])
    beyond = sum(byte >= _ASCII for byte in sample)
    in_a_row = sum(map(len, _IN_A_ROW.findall(sample)))
    if latin or in_a_row < _MOSTLY * beyond or len(sample.splitlines()) < _LEAST_LINES:
        return LATIN_9 if is_latin_9(sample) else WESTERN
    if is_hebrew(sample):
        return Encoding("cp1255", _OTHER["cp1255"])
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes 0.1 s, and hardly a file needs it

    ruled_out = {"cp874": not may_be_thai(sample), "cp1255": not may_be_hebrew(sample)}
    names = [name for name in _OTHER if not ruled_out.get(name)]
    best = from_bytes(sample, cp_isolation=names, threshold=_CHAOS).best()
    if best and sum(map(len, _HALF_WIDTH.findall(str(best)))) * 5 > beyond:  # what other alphabets look like in it
        names = [name for name in names if _OTHER[name] not in _JAPANESE]
        best = from_bytes(sample, cp_isolation=names, threshold=_CHAOS).best()
    if best is None:
        return WESTERN
    codec = likeliest_cyrillic(sample, likeliest_of_asia(sample, best.encoding))
    return Encoding(codec, _OTHER[codec])


def read_as_utf8(content: IO[bytes], encoding: Encoding, size: int = _BIT) -> Iterator[bytes]:
    """Yield a file's text as UTF-8, bit by bit, each of about so many bytes; its line ends become line feeds.

    Raises
    ------
    UnicodeDecodeError
        When it is in another encoding.

    """
    content.seek(len(encoding.mark))
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    decoder = IncrementalNewlineDecoder(decoder, translate=True)
    is_utf8 = encoding.codec == "utf-8"
    while bit := content.read(size):
        if is_utf8 and bit.isascii() and b"\r" not in bit and decoder.getstate() == (b"", 0):
            yield bit  # as most are, and spares three copies
        else:
            yield decoder.decode(bit).encode()
    yield decoder.decode(b"", final=True).encode()


def refuse_encoding(file: str) -> Never:
    """Refuse a file that is text in none of its possible encodings.

    Raises
    ------
    FileError
        Always.

    """
    raise FileError(file, "is in an encoding that cannot be recognised", _SAVE_AS_UTF8)


def _unmarked_utf16(head: bytes, file: str) -> str:
    """Western text in UTF-16 has a zero in nearly every second byte; other alphabets have them in digits and marks."""
    half = len(head) // 2
    if head[1::2].count(0) > _ZEROS * half and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > _ZEROS * half and not head[1::2].count(0):
        return "utf-16-be"
    for codec in ("utf-16-le", "utf-16-be"):
        text = head[: half * 2].decode(codec, "ignore")  # a pair of signs may be cut in two
        plain = sum(map(str.isascii, text))
        if "\n" in text and plain >= _PLAIN * len(text) and not any(map(_is_no_letter, text)):
            return codec
    raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")


def _is_no_letter(sign: str) -> bool:
    """Tell whether a sign is for machines alone, or none at all."""
    return sign not in "\t\r\n\ufeff" and unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs")


def refuse_binary(text: str, file: str) -> None:
    """Refuse what decodes but is full of control characters, as programs and pictures do."""
    head = text[:_HEAD]
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in head)
    if "\x00" in text or controls > len(head) / 50:
        raise FileError(file, "is not a table of text", "Upload CSV, Parquet, or a zip of these.")
