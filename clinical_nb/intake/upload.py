"""Files → named tables: the one way in, whatever the files are and however many."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import IO

from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.errors import FileError, as_shown
from clinical_nb.intake.codebook import take_codebook
from clinical_nb.intake.content import Content, recognise
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.folder import TABLE_SUFFIXES, find_files, find_left_out
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.instruments import split_instruments
from clinical_nb.intake.limits import Clock
from clinical_nb.intake.parquet import read_arrow, read_arrow_stream, read_parquet
from clinical_nb.intake.records import read_json
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.statistical import read_statistical
from clinical_nb.intake.table import Finding, Reading, Table, distinct_tables
from clinical_nb.intake.unpack import LeftOut, Member, Tally, Unpacking, open_zip, spooled, unpack_gzip
from clinical_nb.intake.variables import read_catalogue
from clinical_nb.intake.web_page import read_web_page
from clinical_nb.intake.workbook import read_workbook

__all__ = ["Finding", "SourceFile", "Table", "Upload", "as_text", "identify", "read_upload"]

# In a zip, which somebody packed to be uploaded, these are tables too; in a folder they are mostly something else.
_IN_ZIPS = TABLE_SUFFIXES | {"", ".txt", ".dat", ".asc", ".gz", ".html", ".htm"}
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz")
_HEAD = 4096  # bytes of a file that tell what it is
_CHUNK = 1024**2
_LEFT_OUT_NAMED = 20
_COMPANIONS = ("readme", "license", "licence", "copying", "changelog")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a person gave, so that a version can say what it was made of.

    `folder` is the name of the folder that it lay in, where there were several files: those that share a name call
    their tables by it.
    """

    name: str
    size: int
    sha256: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """What came of a person's files: at least one table, what was found in them, the files, and their codebook."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]
    sources: tuple[SourceFile, ...]
    dictionary: DictionaryFile | None = None


def read_upload(paths: Path | Sequence[Path], place: Path | None = None) -> Upload:
    """Read files as named tables: text, workbooks, JSON, Parquet, Arrow, SAS, SPSS, Stata, gzipped or not, or a zip.

    What a file is, its bytes tell, not its name. A table is named by its file; where two share a name, by folder and
    file; and those of a workbook of several sheets by the sheets.

    Parameters
    ----------
    paths : Path or sequence of Path
        The files, in any order, or folders of them.
    place : Path, optional
        A folder for what is too large for the memory, which has to be there as long as the tables are used; without
        one, everything is held in memory.

    Returns
    -------
    Upload
        Tables in the order of the files, those of a zip in the order of their names.

    Raises
    ------
    FileError
        When a file is not there, or is no table; one sentence says which, and what to do.

    """
    named = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    given = find_files(named)
    if not given:
        raise FileError("upload", "names no file", "Give the path of a table.")
    before = [_state_of(path) for path in given]
    findings = _told_left_out("upload", find_left_out(named))
    with ThreadPoolExecutor(1) as beside, ExitStack() as opened:
        identified = beside.submit(identify, given)
        found, left_out = _find_parts(given, opened)
        findings += left_out
        desk = Desk(place)
        parts = _take_catalogues(found, desk)
        is_one = sum(part.kind == "workbook" for part in parts) <= 1
        named_parts = zip(parts, _table_names(parts), strict=True)
        readings = distinct_tables(
            [_read(part, name, "" if is_one else f"{name}_", desk) for part, name in named_parts]
        )
        sources = identified.result()
    for path, state in zip(given, before, strict=True):
        if _state_of(path) != state:
            raise FileError(path.name, "was changed while it was read", "Upload it again when it is finished.")
    tables, dictionary, told = take_codebook([table for reading in readings for table in reading.tables])
    names = {table.name for reading in readings for table in reading.tables} - {table.name for table in tables}
    findings += [each for reading in readings for each in reading.findings if each.table not in names]
    tables, changed = split_instruments(tables)
    findings += [*told, *changed]
    return Upload(tuple(tables), tuple(findings), sources, dictionary)


def identify(paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    """Return what tells an upload from others, without reading it as tables: names, folders, sizes, hashes of bytes.

    Raises
    ------
    FileError
        When a file is not there.

    """
    found: list[SourceFile] = []
    given = find_files(paths)
    for path in given:
        with _open(path) as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            found.append(_source(path, content.tell(), digest, len(given)))
    return tuple(found)


def as_text(name: str) -> str:
    """Return a file's name as text: on Linux it may be bytes that are none."""
    return as_shown(name.encode(errors="replace").decode())


def _source(path: Path, size: int, digest: str, files: int) -> SourceFile:
    return SourceFile(as_text(path.name), size, digest, as_text(path.parent.name) if files > 1 else "")


@dataclass(frozen=True, slots=True)
class _Part:
    """One table: `file` is what to call its file in a sentence, `path` what names the table.

    Its content is opened to be read from the start, and more than once; what is unpacked for that is gone afterwards.
    """

    file: str
    path: PurePosixPath
    kind: Content
    open: Callable[[Path | None], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """The bytes of a file as it was given, or as it lies in a zip, whose other members count as well then."""

    chunks: Unpacking
    size: int
    tally: Tally | None = None


def _open(path: Path) -> BufferedReader:
    try:
        if not S_ISREG(path.stat().st_mode):  # to open a pipe waits for who writes into it, and a device may never end
            raise FileError(str(path), "is no file but a device, a pipe or a socket", "Copy what it holds into a file.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise FileError(str(path), "is not there", "Check the path and the name.") from error
    except OSError as error:
        raise FileError(str(path), "cannot be opened", "Check that you may read it.") from error


def _head_of(path: Path) -> bytes:
    with _open(path) as file:
        try:
            return file.read(_HEAD)
        except OSError as error:
            raise FileError(str(path), "cannot be read", "Check the disk that it lies on, or copy it again.") from error


def _state_of(path: Path) -> tuple[int, int, int]:
    with _open(path) as file:
        state = os.fstat(file.fileno())
    return state.st_ino, state.st_mtime_ns, state.st_size


def _find_parts(files: Sequence[Path], opened: ExitStack) -> tuple[list[_Part], list[Finding]]:
    """Return the files as parts, a zip as its members, which can be read as long as it is opened; and what is told."""
    parts: list[_Part] = []
    told: list[Finding] = []
    for path in files:
        head = _head_of(path)
        if recognise(head, path.name) == "zip":
            members = opened.enter_context(open_zip(opened.enter_context(_open(path)), path.name))
            found, left_out = _parts_of(members, path)
            parts += found
            told += left_out
        else:
            parts.append(_part_of_file(path, head))
    return parts, told


def _parts_of(members: Sequence[Member | LeftOut], archive: Path) -> tuple[list[_Part], list[Finding]]:
    """Return the tables that a zip holds, and what in it is none."""
    parts: list[_Part] = []
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
    return parts, _told_left_out(archive.name, left_out)


def _told_left_out(where: str, left_out: Sequence[LeftOut]) -> list[Finding]:
    told = [Finding(where, None, 0, f"'{as_text(one.path)}' left out: it {one.reason}.", "") for one in left_out]
    more = len(told) - _LEFT_OUT_NAMED
    rest = [Finding(where, None, 0, f"{more:,} more files left out.", "")] if more > 0 else []
    return [*told[:_LEFT_OUT_NAMED], *rest]


def _part_of_member(member: Member, archive: Path, tally: Tally) -> _Part | LeftOut:
    """Return a zip's member as a table, or why it is none; that one is damaged stops the upload when it is read."""
    path = member.path
    if path.name.casefold().startswith(_COMPANIONS):
        return LeftOut(str(path), "is no table by its name")
    head = _begin(member.chunks())
    if path.suffix.casefold() in _ARCHIVES:
        return LeftOut(str(path), "is an archive inside an archive")
    if path.suffix.casefold() not in _IN_ZIPS and not head.startswith((b"PAR1", b"ARROW1")):
        return LeftOut(str(path), f"is no table by its extension '{path.suffix}'")
    part = _Part(
        f"{archive.name}/{path}",
        PurePosixPath(archive.stem) / path,
        "text",
        lambda place: spooled(member.chunks(), place),
    )
    try:
        return _unwrapped(part, str(path), head, _Wrapped(member.chunks, member.size, tally))
    except FileError as error:
        return LeftOut(str(path), error.message.removeprefix(f"'{path}' ").removesuffix("."))


def _part_of_file(path: Path, head: bytes) -> _Part:
    name = PurePosixPath(as_text(path.parent.name)) / as_text(path.name)
    part = _Part(name.name, name, "text", lambda _: _open(path))
    return _unwrapped(part, name.name, head, _Wrapped(lambda: _chunks_of(path), path.stat().st_size))


def _unwrapped(part: _Part, file: str, head: bytes, wrapped: _Wrapped) -> _Part:
    """Say what a part is, unwrap a gzip file, and refuse an archive in an archive."""
    kind = recognise(head, file)
    if kind == "gzip":
        kind = recognise(_begin(unpack_gzip(wrapped.chunks(), wrapped.size, part.file, wrapped.tally)), file)
        path = part.path.with_suffix("") if part.path.suffix.casefold() == ".gz" else part.path
        part = _Part(
            part.file,
            path,
            kind,
            lambda place: spooled(unpack_gzip(wrapped.chunks(), wrapped.size, part.file, wrapped.tally), place),
        )
    if kind in ("zip", "gzip"):
        raise FileError(file, "is an archive inside an archive", "Unpack it, and upload the files or a zip of them.")
    return replace(part, kind=kind)


def _chunks_of(path: Path) -> Iterator[bytes]:
    with _open(path) as file:
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


def _take_catalogues(parts: Sequence[_Part], desk: Desk) -> list[_Part]:
    """Take the catalogues of SAS's formats out of the files: they are no tables, they say what codes in these mean."""
    found: dict[str, Mapping[float | str, str]] = {}
    for part in parts:
        if part.kind == "sas7bcat":
            with part.open(desk.place) as content:
                found |= read_catalogue(content.read(), part.file)
    tables = [part for part in parts if part.kind != "sas7bcat"]
    if not tables:
        raise FileError(parts[0].file, "is a SAS catalogue: it has no table", "Upload it together with its dataset.")
    desk.catalogue = found
    return tables


def _read(part: _Part, name: str, prefix: str, desk: Desk) -> Reading:  # noqa: PLR0911 - one return a kind of file
    with part.open(desk.place) as content:
        content.seek(0)
        desk.clock = Clock(part.file)
        match part.kind:
            case "workbook":
                return read_workbook(content, part.file, name, prefix, desk)
            case "html":
                return read_web_page(content, part.file, name, desk)
            case "json":
                return read_json(content.read(), part.file, name, desk)
            case "sas7bdat" | "xpt" | "sav" | "por" | "dta":
                return read_statistical(content, part.kind, part.file, name, desk)
            case "parquet":
                return read_parquet(content.read(), part.file, name, desk)
            case "arrow":
                return read_arrow(content.read(), part.file, name, desk)
            case "arrow_stream":
                return read_arrow_stream(content.read(), part.file, name, desk)
            case _:
                return read_delimited(content, part.file, name, desk)


def _table_names(parts: Sequence[_Part]) -> tuple[str, ...]:
    """Name tables by their files; where two share a name, by folder and file; no two alike whatever the case."""
    stems = [clean_name(_stem(part.path)) or "table" for part in parts]
    shared = Counter(stem.casefold() for stem in stems)
    named = [
        f"{clean_name(part.path.parent.name)}_{stem}" if shared[stem.casefold()] > 1 and part.path.parent.name else stem
        for part, stem in zip(parts, stems, strict=True)
    ]
    return distinct_names(named)


def _stem(path: PurePosixPath) -> str:
    """Return a file's name without its extension; what follows the last dot of 'visit.2' is none."""
    return path.name if path.suffix[1:].isdecimal() else path.stem
