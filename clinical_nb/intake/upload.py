"""Files → named tables: the one way in, whatever the files are and however many."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from clinical_nb.errors import FileError
from clinical_nb.intake.archive import LeftOut, Member, unpack_gzip, unpack_zip
from clinical_nb.intake.content import Content, recognise
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.doubts import doubt_name
from clinical_nb.intake.folder import find_files
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.parquet import read_parquet
from clinical_nb.intake.table import Finding, Reading, Table

__all__ = ["Finding", "SourceFile", "Table", "Upload", "as_text", "identify", "read_upload"]

_TABLE_SUFFIXES = frozenset({"", ".csv", ".tsv", ".tab", ".txt", ".dat", ".psv", ".asc", ".gz", ".parquet", ".pq"})
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
    """What came of a person's files: at least one table, what was found in them, and the files."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]
    sources: tuple[SourceFile, ...]


def read_upload(paths: Path | Sequence[Path]) -> Upload:
    """Read files as named tables: delimited text, Parquet, either of them gzipped, or a zip of these.

    What a file is, its bytes tell, not its name. A table is named by its file; where two share a name, by folder and
    file.

    Parameters
    ----------
    paths : Path or sequence of Path
        The files, in any order, or folders of them.

    Returns
    -------
    Upload
        Tables in the order of the files, those of a zip in the order of their names.

    Raises
    ------
    FileError
        When a file is not there, or is no table; one sentence says which, and what to do.

    """
    given = find_files([Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)])
    if not given:
        raise FileError("upload", "names no file", "Give the path of a table.")
    sources: list[SourceFile] = []
    parts: list[_Part] = []
    findings: list[Finding] = []
    for path in given:
        data = _read_bytes(path)
        sources.append(_source(path, len(data), hashlib.sha256(data).hexdigest(), len(given)))
        found, left_out = _parts_of(data, path)
        parts += found
        findings += left_out
    readings = [_read(part, name) for part, name in zip(parts, _table_names(parts), strict=True)]
    tables = tuple(table for reading in readings for table in reading.tables)
    findings += [finding for reading in readings for finding in reading.findings]
    for table in tables:
        findings += [
            told for column in table.frame.columns for told in doubt_name(column, table.frame.height, table.name)
        ]
    return Upload(tables, tuple(findings), tuple(sources))


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
        try:
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
                found.append(_source(path, content.tell(), digest, len(given)))
        except OSError:
            _read_bytes(path)  # which says what is wrong with it
            raise
    return tuple(found)


def as_text(name: str) -> str:
    """Return a file's name as text: on Linux it may be bytes that are none."""
    return name.encode(errors="replace").decode()


def _source(path: Path, size: int, digest: str, files: int) -> SourceFile:
    return SourceFile(as_text(path.name), size, digest, as_text(path.parent.name) if files > 1 else "")


@dataclass(frozen=True, slots=True)
class _Part:
    """The bytes of one table: `file` is what to call them in a sentence, `path` what names the table."""

    file: str
    path: PurePosixPath
    content: Content
    data: bytes


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FileError(str(path), "is not there", "Check the path and the name.") from error
    except OSError as error:
        raise FileError(str(path), "cannot be opened", "Check that you may read it.") from error


def _parts_of(data: bytes, path: Path) -> tuple[list[_Part], list[Finding]]:
    """Return the tables that one file holds, one for anything but a zip, and what in a zip is none."""
    name = PurePosixPath(as_text(path.parent.name)) / as_text(path.name)
    if recognise(data, path.name) != "zip":
        return [_part(data, name.name, name)], []
    parts: list[_Part] = []
    left_out: list[LeftOut] = []
    for member in unpack_zip(data, path.name):
        part = _part_of_member(member, path) if isinstance(member, Member) else member
        if isinstance(part, LeftOut):
            left_out.append(part)
        else:
            parts.append(part)
    if not parts:
        why = f": '{left_out[0].path}' {left_out[0].reason}" if left_out else ""
        raise FileError(path.name, f"holds no table that can be read{why}", "Put CSV or Parquet files into it.")
    told = [Finding(path.name, None, 0, f"'{one.path}' left out: it {one.reason}.", "") for one in left_out]
    return parts, told


def _part_of_member(member: Member, archive: Path) -> _Part | LeftOut:
    """Return a zip's member as a table, or why it is none; that one is damaged stops the upload when it is read."""
    path = member.path
    if path.name.casefold().startswith(_COMPANIONS):
        return LeftOut(str(path), "is no table by its name")
    if path.suffix.casefold() not in _TABLE_SUFFIXES and not member.data.startswith(b"PAR1"):
        return LeftOut(str(path), f"is no table by its extension '{path.suffix}'")
    try:
        return _part(member.data, str(path), PurePosixPath(archive.stem) / path, f"{archive.name}/{path}")
    except FileError as error:
        return LeftOut(str(path), error.message.removeprefix(f"'{path}' ").removesuffix("."))


def _part(data: bytes, file: str, path: PurePosixPath, shown: str = "") -> _Part:
    """Unwrap a gzip file, and refuse an archive in an archive."""
    content = recognise(data, file)
    if content == "gzip":
        data = unpack_gzip(data, file)
        content = recognise(data, file)
        path = path.with_suffix("") if path.suffix.casefold() == ".gz" else path
    if content in ("zip", "gzip"):
        raise FileError(file, "is an archive inside an archive", "Unpack it, and upload the files or a zip of them.")
    return _Part(shown or file, path, content, data)


def _read(part: _Part, name: str) -> Reading:
    reader = read_parquet if part.content == "parquet" else read_delimited
    return reader(part.data, part.file, name)


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
