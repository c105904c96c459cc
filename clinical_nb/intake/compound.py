"""The container of an old workbook (.xls, MS-CFB), looked through before it is opened: no lies, no endless chains.

The reader follows the chains and makes room for what the header claims, until there is no memory: that ends the
process.
"""

from array import array

from clinical_nb.intake.sheet_reach import damaged_workbook

_HEADER = 512
_ENTRY = 128
_LAST = 0xFFFFFFFA  # numbers from here on mark an end, and are no sectors


def refuse_endless(data: bytes, file: str) -> None:
    """Raise a FileError where a container claims more than it has, or a chain of its sectors comes back to itself."""
    try:
        _follow_all(data)
    except (ValueError, IndexError) as error:
        raise damaged_workbook(file) from error


def _follow_all(data: bytes) -> None:
    shift = int.from_bytes(data[30:32], "little")
    if shift not in (9, 12) or max(_numbers(data[40:48] + data[64:68] + data[72:76])) > len(data) >> shift:
        raise ValueError(shift)
    table = _table(data, shift)
    small = _numbers(b"".join(_sector(data, at, shift) for at in _follow(table, _number(data, 60))))
    directory = b"".join(_sector(data, at, shift) for at in _follow(table, _number(data, 48)))
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[at : at + _ENTRY]
        size, start, kind = _number(entry, 120), _number(entry, 116), entry[66]
        if kind not in (2, 5):
            continue
        if size > len(data):
            raise ValueError(size)
        if size:
            _follow(small if kind == 2 and size < _number(data, 56) else table, start)  # noqa: PLR2004 - a stream


def _table(data: bytes, shift: int) -> "array[int]":
    """Return which sector follows which."""
    places = list(_numbers(data[76:_HEADER]))
    at, per = _number(data, 68), (1 << shift) // 4
    for _ in range(_number(data, 72)):
        if at >= _LAST:
            break
        *more, at = _numbers(_sector(data, at, shift))[:per]
        places += more
    return _numbers(b"".join(_sector(data, place, shift) for place in places if place < _LAST))


def _follow(table: "array[int]", start: int) -> list[int]:
    """Return the sectors of a chain."""
    chain: list[int] = []
    while start < _LAST:
        chain.append(start)
        if len(chain) > len(table):
            raise ValueError(start)
        start = table[start]
    return chain


def _sector(data: bytes, at: int, shift: int) -> bytes:
    begin = (at + 1) << shift
    return data[begin : begin + (1 << shift)]


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _numbers(data: bytes) -> "array[int]":
    return array("I", data[: len(data) // 4 * 4])
