"""The files that a person gave → the parts of an upload: what each is, unwrapped, and what of it is no table."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import IO

from clinical_nb.errors import FileError, as_shown
from clinical_nb.intake.content import Content, recognise
from clinical_nb.intake.folder import TABLE_SUFFIXES
from clinical_nb.intake.table import Finding
from clinical_nb.intake.unpack import LeftOut, Member, Tally, Unpacking, open_zip, spooled, unpack_gzip

# In a zip, which somebody packed to be uploaded, these are tables too; in a folder they are mostly something else.
_IN_ZIPS = TABLE_SUFFIXES | {"", ".txt", ".dat", ".asc", ".gz", ".html", ".htm"}
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz")
_HEAD = 4096  # bytes of a file that tell what it is
_CHUNK = 1024**2
_LEFT_OUT_NAMED = 20
_COMPANIONS = ("readme", "license", "licence", "copying", "changelog")


@dataclass(frozen=True, slots=True)
class Part:
    """One table: `file` is what to call its file in a sentence, `path` what names the table.

    Its content is opened to be read from the start, and more than once; what is unpacked for that is gone afterwards.
    `is_named` says that a person named the file, rather than the folder or the zip that it lies in.
    """

    file: str
    path: PurePosixPath
    kind: Content
    open: Callable[[Path | None], AbstractContextManager[IO[bytes]]]
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """The bytes of a file as it was given, or as it lies in a zip, whose other members count as well then."""

    chunks: Unpacking
    size: int
    tally: Tally | None = None


def open_file(path: Path) -> BufferedReader:
    """Open a file to be read.

    Raises
    ------
    FileError
        When it is not there, is none, or may not be read.

    """
    try:
        if not S_ISREG(path.stat().st_mode):  # to open a pipe waits for who writes into it, and a device may never end
            raise FileError(str(path), "is no file but a device, a pipe or a socket", "Copy what it holds into a file.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise FileError(str(path), "is not there", "Check the path and the name.") from error
    except OSError as error:
        raise FileError(str(path), "cannot be opened", "Check that you may read it.") from error


def _head_of(path: Path) -> bytes:
    with open_file(path) as file:
        try:
            return file.read(_HEAD)
        except OSError as error:
            raise FileError(str(path), "cannot be read", "Check the disk that it lies on, or copy it again.") from error


def state_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is written."""
    with open_file(path) as file:
        state = os.fstat(file.fileno())
    return state.st_ino, state.st_mtime_ns, state.st_size


def find_parts(files: Sequence[Path], named: Sequence[Path], opened: ExitStack) -> tuple[list[Part], list[Finding]]:
    """Return the files as parts, a zip as its members, which can be read as long as it is opened; and what is told.

    What is no table is told and left out where nobody named it: it lies in a folder or in a zip.
    """
    parts: list[Part] = []
    told: list[Finding] = []
    refused: FileError | None = None
    for path in files:
        head = _head_of(path)
        try:
            if recognise(head, path.name) == "zip":
                members = opened.enter_context(open_zip(opened.enter_context(open_file(path)), path.name))
                found, left_out = _parts_of(members, path)
                parts += found
                told += left_out
            else:
                parts.append(replace(_part_of_file(path, head), is_named=path in named))
        except FileError as error:
            if path in named:
                raise
            refused = refused or error
            told += tell_left_out(path.parent.name, [LeftOut(path.name, reason_of(error, path.name))])
    if refused and not parts:
        raise refused
    return parts, told


def reason_of(error: FileError, file: str) -> str:
    """Return what an error says of a file, without its name."""
    return error.message.removeprefix(f"'{as_text(file)}' ").removesuffix(".")


def _parts_of(members: Sequence[Member | LeftOut], archive: Path) -> tuple[list[Part], list[Finding]]:
    """Return the tables that a zip holds, and what in it is none."""
    parts: list[Part] = []
    left_out: list[LeftOut] = []
    tally = Tally(archive.stat().st_size)
    for member in members:
        part = _part_of_member(member, archive, tally) if isinstance(member, Member) else member
        if isinstance(part, LeftOut):
            left_out.append(part)
        else:
            parts.append(part)
    if not parts:
        why = f": '{left_out[0].path}' {left_out[0].reason}" if left_out else ""
        raise FileError(
            archive.name, f"holds no table that can be read{why}", "Put CSV, Excel or Parquet files into it."
        )
    return parts, tell_left_out(archive.name, left_out)


def tell_left_out(where: str, left_out: Sequence[LeftOut]) -> list[Finding]:
    """Tell what was left out of a folder or a zip: of many, how many more."""
    told = [Finding(where, None, 0, f"'{as_text(one.path)}' left out: it {one.reason}.", "") for one in left_out]
    more = len(told) - _LEFT_OUT_NAMED
    rest = [Finding(where, None, 0, f"{more:,} more files left out.", "")] if more > 0 else []
    return [*told[:_LEFT_OUT_NAMED], *rest]


def _part_of_member(member: Member, archive: Path, tally: Tally) -> Part | LeftOut:
    """Return a zip's member as a table, or why it is none; that one is damaged stops the upload when it is read."""
    path = member.path
    if path.name.casefold().startswith(_COMPANIONS):
        return LeftOut(str(path), "is no table by its name")
    head = _begin(member.chunks())
    if path.suffix.casefold() in _ARCHIVES:
        return LeftOut(str(path), "is an archive inside an archive")
    if path.suffix.casefold() not in _IN_ZIPS and not head.startswith((b"PAR1", b"ARROW1")):
        return LeftOut(str(path), f"is no table by its extension '{path.suffix}'")
    part = Part(
        f"{archive.name}/{path}",
        PurePosixPath(archive.stem) / path,
        "text",
        lambda place: spooled(member.chunks(), place),
    )
    try:
        return _unwrapped(part, str(path), head, _Wrapped(member.chunks, member.size, tally))
    except FileError as error:
        return LeftOut(str(path), reason_of(error, str(path)))


def _part_of_file(path: Path, head: bytes) -> Part:
    name = PurePosixPath(as_text(path.parent.name)) / as_text(path.name)
    part = Part(name.name, name, "text", lambda _: open_file(path))
    return _unwrapped(part, name.name, head, _Wrapped(lambda: _chunks_of(path), path.stat().st_size))


def _unwrapped(part: Part, file: str, head: bytes, wrapped: _Wrapped) -> Part:
    """Say what a part is, unwrap a gzip file, and refuse an archive in an archive."""
    kind = recognise(head, file)
    if kind == "gzip":
        kind = recognise(_begin(unpack_gzip(wrapped.chunks(), wrapped.size, part.file, wrapped.tally)), file)
        path = part.path.with_suffix("") if part.path.suffix.casefold() == ".gz" else part.path
        part = Part(
            part.file,
            path,
            kind,
            lambda place: spooled(unpack_gzip(wrapped.chunks(), wrapped.size, part.file, wrapped.tally), place),
        )
    if kind in ("zip", "gzip"):
        raise FileError(file, "is an archive inside an archive", "Unpack it, and upload the files or a zip of them.")
    return replace(part, kind=kind)


def _chunks_of(path: Path) -> Iterator[bytes]:
    with open_file(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _begin(chunks: Iterator[bytes]) -> bytes:
    """Return the first bytes of what is unpacked, and unpack no more of it."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    return head[:_HEAD]


def as_text(name: str) -> str:
    """Return a file's name as text: on Linux it may be bytes that are none."""
    return as_shown(name.encode(errors="replace").decode())
