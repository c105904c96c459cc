"""Delimited text → a table: CSV and its kin, whatever the delimiter, the encoding, the quoting, and the size."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from io import SEEK_END, BytesIO
from typing import IO

import polars as pl

from clinical_nb.dictionary.said import Said
from clinical_nb.doing import tell
from clinical_nb.intake.ahead import parse_ahead
from clinical_nb.intake.around import tell_below
from clinical_nb.intake.below_each_other import LARGEST, part_tables
from clinical_nb.intake.body import Part, make_part
from clinical_nb.intake.delimiter import find_delimiter
from clinical_nb.intake.encoding import Encoding, possible_encodings, read_as_utf8, refuse_encoding
from clinical_nb.intake.header import distinct_names, labels_of_repeated
from clinical_nb.intake.layout import OpenQuoteError
from clinical_nb.intake.limits import current_limits
from clinical_nb.intake.pieces import BEGIN, PIECE, Piece, cut, join
from clinical_nb.intake.plain_piece import Known, parse_plain, what_is_known
from clinical_nb.intake.spaced import part_by_tabs
from clinical_nb.intake.stage import Desk, Stage
from clinical_nb.intake.table import Finding, Reading, Table, counted
from clinical_nb.intake.text_findings import (
    told_encoding,
    told_freed,
    told_layout,
    told_names,
    told_no_header,
    told_parted,
    told_zeros,
)
from clinical_nb.intake.text_piece import read_part
from clinical_nb.intake.tidy import tidy_text
from clinical_nb.intake.undone import as_meant, without_zeros
from clinical_nb.intake.values import (
    Seen,
    as_settled,
    must_be_text,
    settle,
    tell_column,
    type_columns,
)
from clinical_nb.intake.whole import keep_codes


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is read as one table, in pieces of so many bytes."""

    content: IO[bytes]
    file: str
    table: str
    size: int


_Typing = tuple[pl.DataFrame, list[Seen]]  # the typed rows of a piece, and what was seen in its columns


@dataclass(frozen=True, slots=True)
class _Plain:
    """The rows of a piece where it could be parsed into the types of those before it, by what was known of these."""

    by: Known
    rows: tuple[Part, _Typing] | None


@dataclass(frozen=True, slots=True)
class _Typed:
    """One piece that is on the stage, and what was seen in its columns; of its own rows it has none any more."""

    part: Part
    height: int
    seen: Sequence[Seen]


def read_delimited(content: IO[bytes], file: str, name: str, desk: Desk | None = None, size: int = PIECE) -> Reading:
    """Read delimited text as one table.

    Types come from the whole column (`values.settle`). A large file is read piece by piece, each as text first but for
    the columns that were of plain numbers or days so far.

    Parameters
    ----------
    content : IO[bytes]
        The whole file, which can be read more than once.
    file : str
        Its name, for the sentence of an error.
    name : str
        The table's name.
    desk : Desk, optional
        Where its pieces are put; by default in memory.
    size : int
        How many bytes a piece has.

    Returns
    -------
    Reading
        One table, with what was repaired.

    Raises
    ------
    FileError
        When it is not a table: no data, not text, a quotation mark that is not closed, lines of different widths.

    """
    clean, zeros = without_zeros(content, desk.place if desk else None)
    try:
        return _read_all(_Source(clean, file, name, size), zeros, desk)
    finally:
        if clean is not content:
            clean.close()


def _read_all(source: _Source, zeros: int, desk: Desk | None) -> Reading:
    """Read the tables of a text in the first encoding that fits all of it."""
    for encoding in possible_encodings(source.content, source.file):
        try:
            readings = [_read_one(each, encoding, desk) for each in _parted(source, encoding)]
        except UnicodeDecodeError:
            continue
        told = [*told_encoding(encoding, source.table), *told_zeros(zeros, source.table), *told_parted(readings)]
        tables = tuple(table for reading in readings for table in reading.tables)
        return Reading(tables, (*told, *(each for reading in readings for each in reading.findings)))
    return refuse_encoding(source.file)


def _parted(source: _Source, encoding: Encoding) -> list[_Source]:
    """Return each of the tables that stand below each other in a small file as a source of its own."""
    if source.content.seek(0, SEEK_END) > LARGEST:
        return [source]
    pieces = _pieces(source, encoding, {}, source.size)
    first = next(pieces)
    pieces.close()
    if not first.is_last:
        return [source]
    parts = part_tables(first, find_delimiter(first.text)) if first.text.strip() else [first]
    if len(parts) == 1:
        return [source]
    names = [source.table, *(f"{source.table}_{number}" for number in range(2, len(parts) + 1))]
    return [
        replace(source, content=BytesIO(encoding.mark + part.text.encode(encoding.codec)), table=name)
        for part, name in zip(parts, names, strict=True)
    ]


def _read_one(source: _Source, encoding: Encoding, desk: Desk | None) -> Reading:
    stage = Stage(desk or Desk())
    mended: dict[str, None] = {}
    try:
        pieces = _stage(partial(_read_parts, source, encoding, mended), source.file, stage)
    except UnicodeDecodeError:
        stage.clear()
        raise
    table, findings = _assemble(stage, pieces, source.table, "line")
    told = [Finding(source.table, None, table.rows, text, "") for text in mended]
    return Reading((table,), (*told, *findings))


def read_rows(part: Part, file: str, name: str, desk: Desk | None = None) -> tuple[Table, list[Finding]]:
    """Read the rows of a sheet, which are text already, as one table, just as those of delimited text are read."""
    stage = Stage(desk or Desk())
    pieces = _stage(lambda _: iter([(part, None)]), file, stage)
    return _assemble(stage, pieces, name, "row")


def _stage(
    parts: Callable[[Sequence[Seen]], Iterator[tuple[Part, _Typing | None]]], file: str, stage: Stage
) -> list[_Typed]:
    """Put a file on the stage piece by piece, each column of each as its own values are or as text.

    Who gives the parts is told what was seen of each column so far, and may have typed them already.
    """
    pieces: list[_Typed] = []
    so_far: list[Seen] = []
    rows = 0
    for part, typing in parts(so_far):
        typed, seen = typing or _type_rows(part)
        stage.add(typed)
        pieces.append(_Typed(replace(part, rows=part.rows.clear()), typed.height, seen))
        so_far[:] = [settle(each) for each in zip(so_far, seen, strict=True)] if so_far else seen
        rows += typed.height
        tell(f"Reading {file}: {rows:,} rows")
    settled = _settle(pieces)
    if any(must_be_text(*each) for piece in pieces for each in zip(piece.seen, settled, strict=True)):
        for at, (part, _) in enumerate(parts(())):
            text, seen = _read_as_text(part.rows, pieces[at].seen, settled)
            stage.change(at, text)
            pieces[at] = replace(pieces[at], seen=seen)
    return pieces


def _type_rows(part: Part) -> _Typing:
    return keep_codes(part.header, part.rows, *type_columns(part.rows, part.layout.delimiter == ";"))


def _settle(pieces: Sequence[_Typed]) -> list[Seen]:
    return [settle(column) for column in zip(*(piece.seen for piece in pieces), strict=True)]


def _read_as_text(rows: pl.DataFrame, seen: Sequence[Seen], settled: Sequence[Seen]) -> tuple[pl.DataFrame, list[Seen]]:
    """Return the columns of a piece that turned out to be text, and what is seen in all of them then."""
    columns: list[pl.Series] = []
    now = list(seen)
    for at, column in enumerate(rows.get_columns()):
        if must_be_text(seen[at], settled[at]):
            text, tidied = tidy_text(column)
            columns.append(text)
            now[at] = Seen("text", tidied)
    return pl.DataFrame(columns), now


def _assemble(stage: Stage, pieces: Sequence[_Typed], name: str, line: str) -> tuple[Table, list[Finding]]:
    """Put the typed pieces together as one table, and tell what was done to it."""
    first, settled = pieces[0].part, _settle(pieces)
    rows = sum(piece.height for piece in pieces)
    header, fields = first.header, first.rows.columns
    findings = told_layout(first.layout, pieces[-1].part.layout, name, line)
    repeated, empty = (sum(piece.part.repeated for piece in pieces), sum(piece.part.empty for piece in pieces))
    if repeated:
        findings.append(Finding(name, None, repeated, f"{counted(repeated, 'repeated header line')} left out.", ""))
    below, saying = first.below
    findings += tell_below(below, name, line)
    if first.joined:
        text = f"2 header {line}s joined into one name a column."
        findings.append(Finding(name, None, 0, text, "Check that the column names are right."))
    if not first.has_header:
        findings.append(told_no_header(name, rows + empty, line))
    if not rows + empty:
        findings.append(Finding(name, None, 0, "The table has a header but no rows.", "Export it again."))
    if empty:
        findings.append(Finding(name, None, empty, f"{counted(empty, 'empty row')} left out.", ""))
    # spreadsheets export columns without a name and any value at their edges
    is_edge = [not (said or "").strip() and each.is_empty for said, each in zip(header, settled, strict=True)]
    edges = sum(is_edge) if rows and not all(is_edge) else 0
    if edges:
        text = f"{counted(edges, 'column')} without a name and any value left out."
        findings.append(Finding(name, None, 0, text, ""))
    kept = [at for at in range(len(fields)) if not (edges and is_edge[at])]
    names = distinct_names([header[at] for at in kept])
    findings += told_names([header[at] for at in kept], names, name)
    freed = [sum(counts) for counts in zip(*(piece.part.freed for piece in pieces), strict=True)] or [0] * len(fields)
    for column, at in zip(names, kept, strict=True):
        findings += [*tell_column(settled[at], column, name), *told_freed(freed[at], column, name)]
    scans = [
        scan.select(
            as_settled(pl.col(fields[at]), piece.seen[at], settled[at]).alias(column)
            for column, at in zip(names, kept, strict=True)
        )
        for scan, piece in zip(stage.scan(), pieces, strict=True)
    ]
    said = {column: saying[at] for column, at in zip(names, kept, strict=True) if saying}
    for column, label in labels_of_repeated([header[at] for at in kept], names).items():
        said[column] = replace(said.get(column, Said()), label=label)
    return Table(name, pl.concat(scans), rows, said), findings


def _pieces(source: _Source, encoding: Encoding, mended: dict[str, None], begin: int = BEGIN) -> Generator[Piece]:
    bits = read_as_utf8(source.content, encoding, min(begin, source.size))
    yield from part_by_tabs(as_meant(cut(bits, source.size, begin), mended), mended)


def _read_parts(
    source: _Source, encoding: Encoding, mended: dict[str, None], so_far: Sequence[Seen]
) -> Iterator[tuple[Part, _Typing | None]]:
    before: Part | None = None
    known: Known | None = None
    held: Piece | None = None

    def begin(piece: Piece) -> Callable[[], _Plain] | None:
        return before and known and partial(_parse_plain, piece, before, known)

    with closing(_pieces(source, encoding, mended)) as pieces, closing(parse_ahead(pieces, begin)) as found:
        for each, ahead in found:
            piece = join(held, each) if held else each
            plain = ahead.result() if ahead and not held else None
            held = None
            if before and known and (plain is None or plain.by != known):
                plain = _parse_plain(piece, before, known)
            try:
                part, typing = plain.rows if plain and plain.rows else (read_part(piece, before, source.file), None)
            except OpenQuoteError:
                if piece.is_last or len(piece.data) > current_limits().cell:
                    raise
                held = piece  # an inch mark was taken for a quotation mark, and a field was cut in two
                continue
            before = replace(part, rows=part.rows.clear())
            yield part, typing
            known = what_is_known(part, so_far) if so_far else None


def _parse_plain(piece: Piece, before: Part, known: Known) -> _Plain:
    """Return the rows of a piece from the middle of a table, parsed into their types, where that loses nothing."""
    rows = None if piece.is_last else parse_plain(piece, known)
    if rows is None:
        return _Plain(known, None)
    layout = replace(before.layout, quoted=False, stray_quotes=False, titles=0, footers=0, first=0, end=rows.height)
    part = replace(make_part(rows, layout, before, is_last=False), freed=(0,) * rows.width)
    return _Plain(known, (part, _type_rows(part)))
