"""What the header of a Stata file claims: how many rows, of which a damaged one claims billions; and long text."""

import os
from typing import IO, Literal

_HEAD = 256
_MAP_ENDS = 1024  # bytes, after which no header is still before its map
_LONG_TEXTS = slice(10 * 8, 12 * 8)  # of the map: where they begin, and what follows them
_NO_LONG_TEXT = len(b"<strls></strls>")
_LONG_ROWS = 118  # from this release the number of rows has eight bytes
_OLD_ROWS = slice(6, 10)  # of a header before release 117: release, byte order, type, zero, variables, rows


def claims_too_many_rows(content: IO[bytes]) -> bool:
    """Tell whether a Stata file claims more rows than it has bytes; each row has one at least."""
    content.seek(0)
    head = content.read(_HEAD)
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    rows = _rows(head)
    return rows is not None and rows > size


def has_long_texts(head: bytes) -> bool:
    """Tell by the first bytes of a Stata file whether texts stand behind its rows (strL), to which these refer."""
    _, found, after = head[:_MAP_ENDS].partition(b"<map>")
    if not found:
        return False
    places = after[_LONG_TEXTS]
    order = _order_of(head)
    begin, end = (int.from_bytes(places[at : at + 8], order) for at in (0, 8))
    return end - begin > _NO_LONG_TEXT


def _order_of(head: bytes) -> Literal["little", "big"]:
    return "big" if b"<byteorder>MSF" in head else "little"


def _rows(head: bytes) -> int | None:
    if not head.startswith(b"<stata_dta>"):
        is_little = head[1:2] == b"\x02"
        return int.from_bytes(head[_OLD_ROWS], "little" if is_little else "big")
    release = head.partition(b"<release>")[2][:3]
    _, found, after = head.partition(b"<N>")
    if not found or not release.isdigit():
        return None
    return int.from_bytes(after[: 8 if int(release) >= _LONG_ROWS else 4], _order_of(head))
