"""How many rows the header of a Stata file claims, held against its size: a damaged one may claim billions."""

import os
from typing import IO, Literal

_HEAD = 256
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


def _rows(head: bytes) -> int | None:
    if not head.startswith(b"<stata_dta>"):
        is_little = head[1:2] == b"\x02"
        return int.from_bytes(head[_OLD_ROWS], "little" if is_little else "big")
    release = head.partition(b"<release>")[2][:3]
    order: Literal["little", "big"] = "big" if b"<byteorder>MSF" in head else "little"
    _, found, after = head.partition(b"<N>")
    if not found or not release.isdigit():
        return None
    return int.from_bytes(after[: 8 if int(release) >= _LONG_ROWS else 4], order)
