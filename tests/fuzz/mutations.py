"""Ways to damage a file: cut, flip, splice, repeat, lie about a length; of an archive, also one of its members."""

import gzip
import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from seeds import zipped

NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    1 << 62,
    (1 << 64) - 1,
)
WORDS = (
    b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"'",
    b"=1+1", b"<", b"]]>", b"&x;", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{", b"}", b"[", b"]", b"1e999", b"-0",
    b"99999999999999999999", b"9999-99-99", b"2020-01-31T25:61", b"\xed\xa0\x80", b"\xe2\x80\xae", b"NaN", b"^a$", b"*",
    b"../x", b"PK\x03\x04",
)  # fmt: skip
MOST = 8  # changes to one file
LARGEST = 1024**2  # bytes of a damaged file


def mutate(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return a file that is damaged; of an archive often what is in it, packed again as it should be."""
    if chance.random() < 0.7:
        inside = _mutate_inside(data, others, chance)
        if inside is not None:
            return inside
    return _mutate_bytes(data, others, chance)


def _mutate_inside(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes | None:
    if data.startswith(b"\x1f\x8b"):
        return gzip.compress(_mutate_bytes(gzip.decompress(data), others, chance), mtime=0)
    if not data.startswith(b"PK\x03\x04"):
        return None
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        method = archive.infolist()[-1].compress_type
    chosen = chance.choice(sorted(members))
    if chance.random() < 0.1:
        content = members.pop(chosen)
        if chance.random() < 0.5:
            members[_mutate_bytes(chosen.encode(), (), chance).decode(errors="replace")[:1000] or "x"] = content
    else:
        members[chosen] = _mutate_bytes(members[chosen], others, chance)
    return zipped(members, method)


def _mutate_bytes(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(min(MOST, 1 + int(chance.expovariate(0.7)))):
        _change(changed, others, chance)
    return bytes(changed[:LARGEST])


def _change(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:  # noqa: C901, PLR0912 - a way each
    """Change a file in one way, at a place that is more often near its ends, where headers and directories are."""
    size = len(data)
    at = chance.randrange(size + 1)
    if chance.random() < 0.3 and size:
        at = min(size - 1, int(chance.expovariate(1 / 64)))
        at = at if chance.random() < 0.5 else size - 1 - at
    length = min(size - at, 1 + int(chance.expovariate(1 / 32)))
    match chance.randrange(11):
        case 0:
            del data[at:]
        case 1:
            del data[at : at + length]
        case 2 if at < size:
            data[at] ^= 1 << chance.randrange(8)
        case 3 if at < size:
            data[at] = chance.randrange(256)
        case 4:
            data[at:at] = chance.choice(WORDS)
        case 5:
            data[at : at + length] = chance.choice(WORDS)
        case 6:
            data[at:at] = data[at : at + length] * chance.choice((1, 2, 7, 100, 3000))
        case 7 | 8:
            form = chance.choice("BHIQ")
            order = chance.choice("<>")
            number = chance.choice((*NUMBERS, size, size - at, chance.randrange(1 << 16)))
            packed = struct.pack(f"{order}{form}", number & ((1 << 8 * struct.calcsize(f"={form}")) - 1))
            data[at : at + len(packed)] = packed
        case 9 if others:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + 1 + int(chance.expovariate(1 / 256))]
        case _:
            digits = [place for place in range(at, min(size, at + 200)) if 48 <= data[place] < 58]
            if digits:
                data[digits[0] : digits[0] + 1] = chance.choice(
                    (b"-", b"0", b"99", b"1048577", b"4294967296", b"1e400")
                )
    if chance.random() < 0.02:
        data[-4:] = struct.pack("<I", zlib.crc32(bytes(data[:-4])))
