"""SAS transport files (XPORT, versions 5 and 8): which tables one holds, whether it is whole, why values are missing.

The record layout is that of SAS's technical notes TS-140 and of "Record Layout of a SAS Version 8 or 9 Data Set in SAS
Transport Format": records of 80 bytes, a header for each member, rows of fixed length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.variables import AGAIN

_RECORD = 80
_LIBRARY = 3 * _RECORD  # the records that begin a file, which any member needs to be a file of its own
_MEMBER = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER|V8)  HEADER RECORD!{7}\d{26}(?P<namestr>\d{4})")
_ROWS = re.compile(rb"HEADER RECORD\*{7}OBS(?:  |V8)   HEADER RECORD!{7}")
_COLUMNS = re.compile(rb"HEADER RECORD\*{7}NAM(?:ESTR|STV8) HEADER RECORD!{7}0{6}(?P<count>\d{4})")
_TAGS = {ord("_"): "._", **{code: f".{chr(code)}" for code in range(ord("A"), ord("Z") + 1)}}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a column stand in a row."""

    is_number: bool
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Member:
    """One table of a transport file, as a file of its own; `first` is where its rows begin, each of so many bytes."""

    data: bytes
    name: str
    columns: tuple[Place, ...]
    first: int
    width: int
    rows: int

    def tags(self, column: int) -> pl.Series | None:
        """Return `.A` to `.Z` and `._` where a column has them; None where it has none."""
        place = self.columns[column]
        end = self.first + self.rows * self.width
        begins = self.data[self.first + place.start : end : self.width]
        if not place.is_number or not _TAGS.keys() & set(begins):
            return None
        rest = [self.data[self.first + place.start + at : end : self.width] for at in range(1, place.length)]
        bare = pl.DataFrame({str(at): pl.Series(list(each), dtype=pl.UInt8) for at, each in enumerate(rest)})
        marks = pl.Series("tag", list(begins), dtype=pl.UInt8)
        tagged = marks.is_in(list(_TAGS)) & (bare.max_horizontal() == 0 if bare.width else True)
        if not tagged.any():
            return None
        return marks.set(~tagged, None).replace_strict(_TAGS, default=None, return_dtype=pl.String)


def members(data: bytes, file: str) -> Iterator[Member]:
    """Yield the tables of a transport file, in their order.

    Raises
    ------
    FileError
        When it is cut off or damaged.

    """
    if len(data) % _RECORD:
        raise FileError(file, "is a damaged SAS transport file: its end is missing", AGAIN)
    begins = [found.start() for found in _MEMBER.finditer(data) if not found.start() % _RECORD]
    if not begins or begins[0] != _LIBRARY:
        raise FileError(file, "is a damaged SAS transport file", AGAIN)
    for begin, end in zip(begins, [*begins[1:], len(data)], strict=True):
        yield _member(data[:_LIBRARY] + data[begin:end] if len(begins) > 1 else data, file)


def _member(data: bytes, file: str) -> Member:
    damaged = FileError(file, "is a damaged SAS transport file", AGAIN)
    header, columns, rows = _MEMBER.search(data), _COLUMNS.search(data), _ROWS.search(data)
    if not header or not columns or not rows or not header.start() < columns.start() < rows.start():
        raise damaged
    size, count = int(header["namestr"]), int(columns["count"])
    begin = columns.start() + _RECORD
    names = [data[begin + at * size : begin + (at + 1) * size] for at in range(count)]
    if not count or size not in (136, 140) or begin + count * size > rows.start():
        raise damaged
    places = tuple(
        Place(
            int.from_bytes(each[:2], "big") == 1, int.from_bytes(each[84:88], "big"), int.from_bytes(each[4:6], "big")
        )
        for each in names
    )
    width = max(place.start + place.length for place in places)
    first = rows.start() + _RECORD
    if any(not place.length for place in places) or width > len(data) + _RECORD:
        raise damaged
    whole, rest = divmod(len(data) - first, width)
    if data[len(data) - rest :].strip(b" "):
        raise FileError(file, "is a damaged SAS transport file: its last row is cut off", AGAIN)
    after = data[header.start() + 2 * _RECORD : columns.start()]
    name = after[8:40] if b"MEMBV8" in header[0] else after[8:16]
    return Member(data, _text(name), places, first, width, whole)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace").strip(" \x00")
