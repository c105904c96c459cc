"""Archives made safe: nothing is unpacked under a name that they give, or before it is clear that it is no bomb."""

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, NoReturn, cast

from clinical_nb.errors import FileError, StoreError, as_shown
from clinical_nb.intake.limits import current_limits, raise_to

_CHUNK = 1024**2
_GZIP_CHUNK = 16 * 1024  # of which zlib copies what is left at each of a file's parts: there may be one in 20 bytes
_ENTRY = 256  # bytes of a zip's directory for each file that it lists, and as much again for what else it says
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # the others unpack without a limit in one step
_HIDDEN = 1 | 1 << 6 | 1 << 13  # flags of a member that is encrypted, or whose names are
_AES = 99
_IN_MEMORY = 64 * 1024**2
_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_ARCHIVE = "zip archive"
_PACK_AGAIN = "Download or pack it again."


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
def open_zip(content: IO[bytes], file: str, kind: str = _ARCHIVE) -> Generator[list[Member | LeftOut]]:
    """List the files of a zip by their names, to be unpacked while it is open; junk is passed over in silence.

    `kind` is what to call it in the sentence of an error: a workbook is a zip inside.

    Raises
    ------
    FileError
        When the archive is damaged, encrypted, empty, has more files than are read, or unpacks to more than is safe
        (`Limits`); before anything is unpacked.

    """
    packed = content.seek(0, 2)
    with _translated(file, kind):
        archive = as_zip(content, file)
    with archive:
        found = [member for member in archive.infolist() if not _is_passed_over(member, kind)]
        _refuse_unsafe(found, packed, file)
        named = Counter(member.filename for member in found)
        members: list[Member | LeftOut] = []
        for member in sorted(found, key=lambda member: member.filename):
            reason = _unsafe(member, named[member.filename])
            if reason:
                members.append(LeftOut(as_shown(member.filename) or "a file without a name", reason))
            else:
                chunks = partial(_unpack_member, archive, member, file, kind)
                members.append(Member(PurePosixPath(as_shown(member.filename)), member.file_size, chunks))
        yield members


def as_zip(content: IO[bytes], file: str) -> zipfile.ZipFile:
    """Open a zip as the standard library does, unless it lists far more files than are read."""
    return zipfile.ZipFile(cast("IO[bytes]", _Listed(content, file)))


class Tally:
    """What the members of one archive unpack to, which are archives themselves: together no more than one may.

    Parameters
    ----------
    packed : int
        The size of the archive that they are in.

    """

    def __init__(self, packed: int) -> None:
        self.packed = packed
        self._sizes: dict[str, int] = {}

    def note(self, member: str, size: int, file: str) -> None:
        """Take note that a member has unpacked to so much, and raise a FileError where all of them are too much."""
        self._sizes[member] = max(size, self._sizes.get(member, 0))
        _refuse_bomb(sum(self._sizes.values()), self.packed, file)


class _Listed:
    """A zip's bytes, of which no more are given at once than the list of so many files takes as are read.

    The standard library reads the whole list and makes an object of each of its entries, of which 100 MB hold millions.
    """

    def __init__(self, content: IO[bytes], file: str) -> None:
        self._content, self._file = content, file
        self.seek, self.tell, self.seekable = content.seek, content.tell, content.seekable

    def read(self, size: int = -1) -> bytes:
        limits = current_limits()
        if size > max(_CHUNK, 2 * _ENTRY * limits.members):
            _refuse_many("too many", self._file, 2 * limits.members)
        return self._content.read(size)


def unpack_gzip(chunks: Iterable[bytes], packed: int, file: str, tally: Tally | None = None) -> Iterator[bytes]:
    """Yield what a gzip file of so many bytes holds, under a hard limit: its header's size cannot be trusted.

    Raises
    ------
    FileError
        When it is damaged, or unpacks to more than is safe (`Limits`), by itself or with the others of a `tally`.

    """
    size = 0
    for piece in _gunzip(chunks, file):
        size += len(piece)
        _refuse_bomb(size, packed, file)
        if tally:
            tally.note(file, size, file)
        yield piece


def _gunzip(chunks: Iterable[bytes], file: str) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=31)
    with _translated(file, "gzip file"):
        for part in (chunk[at : at + _GZIP_CHUNK] for chunk in chunks for at in range(0, len(chunk), _GZIP_CHUNK)):
            rest = part
            while rest:
                if stream.eof:  # a gzip file may be several, one after the other, and padding that some tools leave
                    rest = rest.lstrip(b"\x00")
                    stream = zlib.decompressobj(wbits=31) if rest else stream
                    continue
                piece = stream.decompress(rest, _CHUNK)
                rest = stream.unused_data if stream.eof else stream.unconsumed_tail
                if piece:
                    yield piece
        while not stream.eof and (piece := stream.decompress(b"", _CHUNK)):  # what it still held back
            yield piece
    if not stream.eof:
        raise FileError(file, "is a damaged gzip file: its end is missing", _PACK_AGAIN)


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
        raise FileError(file, f"is a damaged {kind}", _PACK_AGAIN) from error
    except NotImplementedError as error:
        raise FileError(file, "is packed in a way that cannot be read", "Pack it again as an ordinary zip.") from error


def _is_junk(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.casefold() in _JUNK_NAMES or path.name.startswith(("._", "~$"))


def _is_passed_over(member: zipfile.ZipInfo, kind: str) -> bool:
    """Tell whether a member is a folder or junk; a workbook's reader may open whatever it is called."""
    if kind != _ARCHIVE:
        return member.filename.endswith("/") and not member.compress_size
    return member.filename.endswith("/") or _is_junk(member.filename)


def _refuse_unsafe(members: list[zipfile.ZipInfo], packed: int, file: str) -> None:
    if not members:
        raise FileError(file, "is a zip without any files", "Put CSV, Excel or Parquet files into it.")
    if len(members) > current_limits().members:
        _refuse_many(f"{len(members):,}", file, len(members))
    if any(member.flag_bits & _HIDDEN or member.compress_type == _AES for member in members):
        raise FileError(file, "is protected by a password", "Unpack it, and upload the files or a zip without one.")
    refuse_methods(members, file)
    if sum(member.compress_size for member in members) > packed:
        raise FileError(file, "is a zip whose files overlap, which is refused as unsafe", "Pack it again.")
    _refuse_bomb(sum(member.file_size for member in members), packed, file)
    for member in members:
        _refuse_bomb(member.file_size, member.compress_size, file)


def refuse_methods(members: Iterable[zipfile.ZipInfo], file: str) -> None:
    """Raise a FileError where a member is packed in another way than zip's own, of which nothing bounds the memory."""
    if any(member.compress_type not in _METHODS for member in members):
        raise FileError(file, "is packed in a way that cannot be read", "Pack it again as an ordinary zip.")


def _refuse_many(said: str, file: str, needed: int) -> NoReturn:
    problem = f"holds {said} files, and at most {current_limits().members:,} are read"
    hint = f"Combine them into fewer tables, or upload them in parts. {raise_to('members', needed)}"
    raise FileError(file, problem, hint)


def _refuse_bomb(unpacked: int, packed: int, file: str) -> None:
    limits = current_limits()
    if unpacked > limits.unpacked:
        raised = raise_to("unpacked", unpacked + 1)
    elif unpacked > limits.floor and unpacked > limits.ratio * max(packed, 1):
        raised = raise_to("ratio", -(-unpacked // max(packed, 1)))
    else:
        return
    problem = f"would unpack to more than {unpacked / 1024**2:,.0f} MB, which is refused as unsafe"
    raise FileError(file, problem, f"Unpack it yourself, and upload the tables that you need. {raised}")


def _unsafe(member: zipfile.ZipInfo, times: int) -> str:
    """Say why a member is not read; empty where it may be."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link to another file"
    if kind not in (0, stat.S_IFREG):
        return "is no ordinary file"
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
        return "has a path that leads out of the archive"
    if not name.strip("./ "):
        return "has no name"
    if times > 1:
        return f"is there {times} times under this name, and which is meant cannot be told"
    return ""


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, kind: str) -> Iterator[bytes]:
    """Yield one member and not a byte more than it declared."""
    size = 0
    with _translated(file, kind), archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > member.file_size:
                raise FileError(file, f"is a {kind} whose files are larger than they say", _PACK_AGAIN)
            yield piece
