"""Files → named tables: the one way in, whatever the files are and however many."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.errors import EmptyFileError, FileError
from clinical_nb.intake.codebook import take_codebook
from clinical_nb.intake.delimited import read_delimited
from clinical_nb.intake.folder import TABLE_SUFFIXES, TEXT_SUFFIXES, find_files, find_left_out
from clinical_nb.intake.given import Part, as_text, find_parts, open_file, reason_of, state_of, tell_left_out
from clinical_nb.intake.instruments import split_instruments
from clinical_nb.intake.limits import Clock
from clinical_nb.intake.parquet import read_arrow, read_arrow_stream, read_parquet
from clinical_nb.intake.records import read_json
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.statistical import read_statistical
from clinical_nb.intake.table import Finding, Reading, Table, distinct_tables, name_tables
from clinical_nb.intake.unpack import LeftOut
from clinical_nb.intake.variables import read_catalogue
from clinical_nb.intake.web_page import read_web_page
from clinical_nb.intake.workbook import read_workbook

__all__ = ["Finding", "SourceFile", "Table", "Upload", "as_text", "identify", "read_upload"]


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
    before = [state_of(path) for path in given]
    findings = tell_left_out("upload", find_left_out(named))
    with ThreadPoolExecutor(1) as beside, ExitStack() as opened:
        identified = beside.submit(identify, given)
        found, left_out = find_parts(given, named, opened)
        findings += left_out
        desk = Desk(place)
        parts = _take_catalogues(found, desk)
        is_one = sum(part.kind == "workbook" for part in parts) <= 1
        named_parts = zip(parts, name_tables([part.path for part in parts]), strict=True)
        readings = _or_left_out(
            parts, [partial(_read, part, name, "" if is_one else f"{name}_", desk) for part, name in named_parts]
        )
        sources = identified.result()
    for path, state in zip(given, before, strict=True):
        if state_of(path) != state:
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
        with open_file(path) as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            found.append(_source(path, content.tell(), digest, len(given)))
    return tuple(found)


def _source(path: Path, size: int, digest: str, files: int) -> SourceFile:
    return SourceFile(as_text(path.name), size, digest, as_text(path.parent.name) if files > 1 else "")


def _or_left_out(parts: Sequence[Part], reads: Sequence[Callable[[], Reading]]) -> list[Reading]:
    """Return what parts are read as; of those that nobody named, what is empty is told, as long as others are not."""
    readings: list[Reading] = []
    refused: EmptyFileError | None = None
    for part, read in zip(parts, reads, strict=True):
        try:
            readings.append(read())
        except EmptyFileError as error:
            if part.is_named:
                raise
            refused = refused or error
            left_out = LeftOut(part.path.name, reason_of(error, part.file))
            readings.append(Reading((), tuple(tell_left_out(part.path.parent.name, [left_out]))))
    if refused and not any(reading.tables for reading in readings):
        raise refused
    return distinct_tables(readings)


def _take_catalogues(parts: Sequence[Part], desk: Desk) -> list[Part]:
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


def _read(part: Part, name: str, prefix: str, desk: Desk) -> Reading:  # noqa: PLR0911 - one return a kind of file
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
                return _with_table(read_delimited(content, part.file, name, desk), part)


def _with_table(reading: Reading, part: Part) -> Reading:
    """Return text that is a table; refuse a line of words, and remarks under the name of another format."""
    first, *others = reading.tables
    if others or len(first.scan.collect_schema()) > 1:
        return reading
    if not first.rows:
        raise EmptyFileError(part.file, "is one line of text, and no table", "Export the table again.")
    if part.path.suffix.casefold() in TABLE_SUFFIXES - TEXT_SUFFIXES:
        problem = f"is plain text, and no table, though its name ends in '{part.path.suffix}'"
        raise FileError(part.file, problem, "Export the table again; where it is one of one column, name it .csv.")
    return reading
