"""Archives made safe: nothing is unpacked to disk, and nothing is unpacked that declares to be a bomb."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from clinical_nb.errors import FileError

MAX_MEMBERS = 1_000
MAX_UNPACKED = 2 * 1024**3
# Tables of text shrink 5 to 50 times. A bomb shrinks 1,000 times; below the floor it harms nobody.
MAX_RATIO = 200
RATIO_FLOOR = 64 * 1024**2
_CHUNK = 1024**2
_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_DAMAGED = "Download or pack it again."


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a zip, in memory; `path` is a name to show, never a place to write to."""

    path: PurePosixPath
    data: bytes


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member of a zip that was not read, and why."""

    path: str
    reason: str


def unpack_zip(data: bytes, file: str) -> Iterator[Member | LeftOut]:
    """Yield the files of a zip in the order of their names, one in memory at a time; junk is passed over in silence.

    Raises
    ------
    FileError
        When the archive is damaged, encrypted, empty, has more than 1,000 files, or unpacks to more than 2 GiB or to
        more than 200 times its size; before anything is unpacked.

    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir() and not _is_junk(member.filename)]
            _refuse_unsafe(members, len(data), file)
            for member in sorted(members, key=lambda member: member.filename):
                reason = _unsafe(member)
                if reason:
                    yield LeftOut(member.filename, reason)
                else:
                    yield Member(PurePosixPath(member.filename), _read_member(archive, member, file))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise FileError(file, "is a damaged zip archive", _DAMAGED) from error
    except NotImplementedError as error:
        raise FileError(file, "is packed in a way that cannot be read", "Pack it again as an ordinary zip.") from error


def unpack_gzip(data: bytes, file: str) -> bytes:
    """Return what a gzip file holds, unpacked piece by piece under a hard limit: its header's size cannot be trusted.

    Raises
    ------
    FileError
        When it is damaged, or unpacks to more than 2 GiB or to more than 200 times its size.

    """
    pieces: list[bytes] = []
    size = 0
    rest = data
    try:
        while rest:  # a gzip file may be several, one after the other
            stream = zlib.decompressobj(wbits=31)
            while not stream.eof:
                piece = stream.decompress(rest, _CHUNK)
                rest = stream.unconsumed_tail
                if not piece and not rest and not stream.eof:
                    raise FileError(file, "is a damaged gzip file: its end is missing", _DAMAGED)
                size += len(piece)
                _refuse_bomb(size, len(data), file)
                pieces.append(piece)
            rest = stream.unused_data.lstrip(b"\x00")  # padding that tapes and some tools leave
    except zlib.error as error:
        raise FileError(file, "is a damaged gzip file", _DAMAGED) from error
    return b"".join(pieces)


def _is_junk(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.casefold() in _JUNK_NAMES or path.name.startswith(("._", "~$"))


def _refuse_unsafe(members: list[zipfile.ZipInfo], packed: int, file: str) -> None:
    if not members:
        raise FileError(file, "is a zip without any files", "Put CSV or Parquet files into it.")
    if len(members) > MAX_MEMBERS:
        problem = f"holds {len(members):,} files, and at most {MAX_MEMBERS:,} are read"
        raise FileError(file, problem, "Combine them into fewer tables, or upload them in parts.")
    if any(member.flag_bits & 1 for member in members):
        raise FileError(file, "is protected by a password", "Unpack it, and upload the files or a zip without one.")
    _refuse_bomb(sum(member.file_size for member in members), packed, file)
    for member in members:
        _refuse_bomb(member.file_size, member.compress_size, file)


def _refuse_bomb(unpacked: int, packed: int, file: str) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FLOOR and unpacked > MAX_RATIO * max(packed, 1)):
        problem = f"would unpack to more than {unpacked / 1024**2:,.0f} MB, which is refused as unsafe"
        raise FileError(file, problem, "Unpack it yourself, and upload the tables that you need.")


def _unsafe(member: zipfile.ZipInfo) -> str:
    """Say why a member is not read; empty where it may be."""
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link to another file"
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
        return "has a path that leads out of the archive"
    return ""


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> bytes:
    """Read one member and not a byte more than it declared."""
    pieces: list[bytes] = []
    size = 0
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > member.file_size:
                raise FileError(file, "is a zip whose files are larger than they say", _DAMAGED)
            pieces.append(piece)
    return b"".join(pieces)
