"""Archives made safe: nothing is unpacked under a name that they give, or before it is clear that it is no bomb."""

import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO

from clinical_nb.errors import FileError, StoreError

MAX_MEMBERS = 1_000
MAX_UNPACKED = 2 * 1024**3
# Tables of text shrink 5 to 50 times. A bomb shrinks 1,000 times; below the floor it harms nobody.
MAX_RATIO = 200
RATIO_FLOOR = 64 * 1024**2
_CHUNK = 1024**2
_IN_MEMORY = 64 * 1024**2
_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_DAMAGED = "Download or pack it again."


Unpacking = Callable[[], Iterator[bytes]]  # unpacks some bytes chunk by chunk, anew each time that it is called


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a zip, unpacked when it is asked for; `path` is a name to show, never a place to write to."""

    path: PurePosixPath
    size: int
    chunks: Unpacking


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member of a zip that was not read, and why."""

    path: str
    reason: str


@contextmanager
def open_zip(content: IO[bytes], file: str, kind: str = "zip archive") -> Generator[list[Member | LeftOut]]:
    """List the files of a zip by their names, to be unpacked while it is open; junk is passed over in silence.

    `kind` is what to call it in the sentence of an error: a workbook is a zip inside.

    Raises
    ------
    FileError
        When the archive is damaged, encrypted, empty, has more than 1,000 files, or unpacks to more than 2 GiB or to
        more than 200 times its size; before anything is unpacked.

    """
    packed = content.seek(0, 2)
    with _translated(file, kind):
        archive = zipfile.ZipFile(content)
    with archive:
        found = [member for member in archive.infolist() if not member.is_dir() and not _is_junk(member.filename)]
        _refuse_unsafe(found, packed, file)
        members: list[Member | LeftOut] = []
        for member in sorted(found, key=lambda member: member.filename):
            reason = _unsafe(member)
            if reason:
                members.append(LeftOut(member.filename, reason))
            else:
                chunks = partial(_unpack_member, archive, member, file, kind)
                members.append(Member(PurePosixPath(member.filename), member.file_size, chunks))
        yield members


def unpack_gzip(chunks: Iterable[bytes], packed: int, file: str) -> Iterator[bytes]:
    """Yield what a gzip file of so many bytes holds, under a hard limit: its header's size cannot be trusted.

    Raises
    ------
    FileError
        When it is damaged, or unpacks to more than 2 GiB or to more than 200 times its size.

    """
    size = 0
    stream = zlib.decompressobj(wbits=31)
    with _translated(file, "gzip file"):
        for chunk in chunks:
            rest = chunk
            while rest:
                if stream.eof:  # a gzip file may be several, one after the other, and padding that some tools leave
                    rest = rest.lstrip(b"\x00")
                    stream = zlib.decompressobj(wbits=31) if rest else stream
                    continue
                piece = stream.decompress(rest, _CHUNK)
                rest = stream.unused_data if stream.eof else stream.unconsumed_tail
                size += len(piece)
                _refuse_bomb(size, packed, file)
                if piece:
                    yield piece
        while not stream.eof and (piece := stream.decompress(b"", _CHUNK)):  # what it still held back
            size += len(piece)
            _refuse_bomb(size, packed, file)
            yield piece
    if not stream.eof:
        raise FileError(file, "is a damaged gzip file: its end is missing", _DAMAGED)


@contextmanager
def spooled(chunks: Iterable[bytes], place: Path | None) -> Generator[IO[bytes]]:
    """Give what is unpacked as a file that can be read more than once; it has no name, and is gone when it is closed.

    What is large lies in the folder `place`; without one, all is held in memory.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY if place else 0, dir=str(place) if place else None) as content:
        for chunk in chunks:
            try:
                content.write(chunk)
            except OSError as error:
                text = f"The store cannot keep in '{place}' what it unpacks: {error.strerror}."
                raise StoreError(text, "Free some of its disk, or use another folder.") from error
        content.seek(0)
        yield content


@contextmanager
def _translated(file: str, kind: str) -> Generator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise FileError(file, f"is a damaged {kind}", _DAMAGED) from error
    except NotImplementedError as error:
        raise FileError(file, "is packed in a way that cannot be read", "Pack it again as an ordinary zip.") from error


def _is_junk(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.casefold() in _JUNK_NAMES or path.name.startswith(("._", "~$"))


def _refuse_unsafe(members: list[zipfile.ZipInfo], packed: int, file: str) -> None:
    if not members:
        raise FileError(file, "is a zip without any files", "Put CSV, Excel or Parquet files into it.")
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


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, kind: str) -> Iterator[bytes]:
    """Yield one member and not a byte more than it declared."""
    size = 0
    with _translated(file, kind), archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > member.file_size:
                raise FileError(file, f"is a {kind} whose files are larger than they say", _DAMAGED)
            yield piece
