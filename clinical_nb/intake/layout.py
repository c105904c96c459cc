"""Where the table stands in a text: its delimiter, its header line, its last line; and refusals of torn tables."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
import polars as pl

from clinical_nb.errors import EmptyFileError, FileError
from clinical_nb.intake.delimiter import QUOTED, find_delimiter, skeleton_of
from clinical_nb.intake.literals import is_number, is_value
from clinical_nb.intake.pieces import Piece

_SAMPLE = 256 * 1024
_NAMED_LINES = 8
_FOOTER_LINES = 10
_PROSE_WORDS = 4
_PREAMBLE_CELLS = 2  # of a line: a setting, and what it is
_FEWEST_ROWS = 3  # with the header
_SAMPLED_ROWS = 50


class OpenQuoteError(FileError):
    """A quotation mark that nothing closes, as far as the text goes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text, or a piece of it, is a table: the lines `first` up to, not including, `end`, of `width` fields."""

    delimiter: str
    width: int
    quoted: bool
    stray_quotes: bool
    titles: int
    footers: int
    first: int
    end: int


def find_layout(piece: Piece, before: Layout | None, file: str) -> Layout:
    """Find the table in a piece of a text.

    Parameters
    ----------
    piece : Piece
        A whole text, or so many of its lines that no quoted field is cut.
    before : Layout, optional
        The layout of the piece before this one, whose delimiter and width hold; None for the first, which has the
        header.
    file : str
        The file's name, for the sentence of an error.

    Returns
    -------
    Layout
        Lines count from 0 within the piece. Title lines stand above the header, in the first piece, and totals or
        remarks below the last row, in the last.

    Raises
    ------
    FileError
        When a quotation mark is not closed, or lines have different numbers of fields.

    """
    delimiter = before.delimiter if before else find_delimiter(piece.text)
    skeleton = _tidy_skeleton(piece.text, delimiter)
    width, lines = _even_width(skeleton, delimiter, piece, before) if skeleton and '"' not in skeleton else (0, 0)
    if skeleton and width and (before is None or width == before.width):
        return Layout(delimiter, width, QUOTED in skeleton, False, 0, 0, 0, lines)
    return inspect_layout(piece, before, file)


def inspect_layout(piece: Piece, before: Layout | None, file: str) -> Layout:
    """Find the table in a piece by looking at each line; else as `find_layout`, which does so where it must."""
    text = piece.text
    delimiter = before.delimiter if before else find_delimiter(text)
    skeleton = _tidy_skeleton(text, delimiter)
    if skeleton is None:
        skeleton = skeleton_of(text, delimiter)
        _refuse_open_quote(piece, skeleton, delimiter, file)
    quoted = QUOTED in skeleton
    lines = pl.Series([skeleton]).str.split("\n").explode()
    widths = lines.str.count_matches(delimiter, literal=True) + 1
    filled_lines = (lines.str.strip_chars(f" \t{delimiter}") != "").arg_true()
    if before is None:
        if not filled_lines.len():
            raise EmptyFileError(file, "holds only blanks and delimiters", "Export it again, or choose another file.")
        width, first = _find_header(lines, widths, filled_lines, delimiter)
    else:
        width, first = before.width, 0
    if before is None and piece.is_last and (below := _below_preamble(lines, widths, filled_lines, delimiter)):
        width, first = below
    last: int = max(filled_lines.tail(1).to_list(), default=0)
    if piece.is_last:
        last = _find_last(lines, filled_lines, width, first, delimiter)
    body = filled_lines.filter((filled_lines >= first) & (filled_lines <= last))
    torn = body.filter(widths.gather(body) != width).to_list()
    spans = quoted and skeleton.count("\n") != text.count("\n")
    cut = bool(torn) or first > 0 or last + 1 < lines.len()
    numbers = _line_numbers(text, delimiter, [first, *torn[:_NAMED_LINES], last + 1]) if spans and cut else None
    if torn:
        places = {line: piece.line + (numbers[line] if numbers else line) + 1 for line in torn[:_NAMED_LINES]}
        _refuse_torn(file, width, len(torn), body.len(), {places[line]: int(widths[line]) for line in places})
    return Layout(
        delimiter=delimiter,
        width=width,
        quoted=quoted,
        stray_quotes='"' in skeleton,
        titles=int((filled_lines < first).sum()) if before is None else 0,
        footers=int((filled_lines > last).sum()),
        first=numbers[first] if numbers else first,
        end=numbers[last + 1] if numbers else last + 1,
    )


def _even_width(skeleton: str, delimiter: str, piece: Piece, before: Layout | None) -> tuple[int, int]:
    """Return width and lines of a table without titles, blank lines and footers; 0 where it takes a closer look.

    Where the delimiters are as many as equal lines would have, a line that is too short has another that is too long;
    and that one the parser refuses. Counting is twenty times as quick as looking at each line.
    """
    end = skeleton.find("\n")
    first = skeleton[:end] if end >= 0 else skeleton
    width = first.count(delimiter) + 1
    characters = pl.Series(np.frombuffer(skeleton.encode(), dtype=np.uint8))
    delimiters, feeds = (int((characters == ord(mark)).sum()) for mark in (delimiter, "\n"))
    even = delimiters == (width - 1) * (feeds + 1)
    ends = [] if before else [first]
    if 0 <= end < len(skeleton) - 1 and piece.is_last:
        ends += skeleton[max(end + 1, len(skeleton) - _SAMPLE) :].split("\n")[-_FOOTER_LINES:]
    full = all(line.count(delimiter) == width - 1 and _filled_cells(line, delimiter) > width // 2 for line in ends)
    return (width, feeds + 1) if width > 1 and even and full else (0, 0)


def _tidy_skeleton(text: str, delimiter: str) -> str | None:
    """Return the skeleton of a text whose quotation marks all stand around fields; None where some do not.

    Three times as quick as the general one, and what every program writes.
    """
    if '"' not in text:
        return text
    pieces = text.split('"')  # every second one is inside quotation marks; a doubled mark leaves an empty one outside
    if len(pieces) % 2 == 0:
        return None
    skeleton = QUOTED.join(pieces[::2])
    split = re.escape(delimiter)
    torn = f"[^{split}\\n{QUOTED}]{QUOTED}|{QUOTED}[^{split}\\n{QUOTED}]"
    return None if pl.Series([skeleton]).str.contains(torn).any() else skeleton


def _refuse_open_quote(piece: Piece, skeleton: str, delimiter: str, file: str) -> None:
    text = piece.text
    split = re.escape(delimiter)
    torn = re.search(rf"{QUOTED}[^{split}\n]|(?m:^|{split})\"", skeleton)
    if not torn:
        return
    before = skeleton.count(QUOTED, 0, torn.start() + 1)
    fields = re.finditer(rf'(?m)(?:^|{split})"(?:[^"]|"")*"', text)
    position = 0
    if skeleton[torn.start()] == QUOTED:
        for _ in range(before):
            position = next(fields).start()
        position += text[position] == "\n"
    else:
        for _ in range(before):
            position = next(fields).end()
        opening = re.compile(rf'(?m)(?:^|{split})"').search(text, position)
        position = opening.start() if opening else position
    line = piece.line + text.count("\n", 0, position) + 1
    raise OpenQuoteError(
        file, f"has a quotation mark on line {line} that is never closed", "Close or remove it, and upload again."
    )


def _find_header(lines: pl.Series, widths: pl.Series, filled: pl.Series, delimiter: str) -> tuple[int, int]:
    """Return the table's width, and its header: the first line that is as wide and more than a title.

    Where a line above has nearly as many fields, it is the header, and the lines below are torn.
    """
    modal = widths.gather(filled).value_counts(sort=True)
    width = int(modal[widths.name][0])
    if modal["count"][0] == 1:  # no width occurs twice: take the header at its word
        width = int(widths[filled[0]])
    looked_at = filled.head(50).to_list()
    for line, below in zip(looked_at, [*looked_at[1:], None], strict=True):
        is_title = below is not None and below > line + 1 and int(widths[line]) != width  # a blank line parts it
        enough = not is_title and _filled_cells(lines[line], delimiter) > (width // 2 if width > 1 else 0)
        if enough or (below is not None and _names_half(lines[line], lines[below], width, delimiter)):
            return int(widths[line]), line
    return width, int(filled[0])


def _below_preamble(lines: pl.Series, widths: pl.Series, filled: pl.Series, delimiter: str) -> tuple[int, int] | None:
    """Return width and header of a table below a preamble of as many lines as one may have; None where there is none.

    A preamble is of prose, or says what a setting is: none of its lines has more than two cells, and few hold a value.
    """
    used = filled.to_list()
    fields = widths.gather(filled).to_list()
    place = next((at for at, width in enumerate(fields) if width > _PREAMBLE_CELLS), 0)
    width = fields[place]
    rows = [lines[line].split(delimiter) for line in used[place : place + _SAMPLED_ROWS]]
    if not place or len(rows) < _FEWEST_ROWS or sum(each == width for each in fields[place:]) * 2 < len(used) - place:
        return None
    names, *body = [[cell.strip() for cell in row] for row in rows]
    settings = [line.split(delimiter)[-1] for line in lines.gather(filled.head(place)).to_list()]
    if not all(names) or any(map(is_value, names)) or sum(map(is_value, settings)) * 2 > place:
        return None
    return (width, used[place]) if any(map(is_value, (cell for row in body for cell in row))) else None


def _names_half(line: str, below: str, width: int, delimiter: str) -> bool:
    """Tell whether a line names half of the columns, and the line below it is full and has numbers: no title."""
    names = [cell.strip() for cell in line.split(delimiter)]
    cells = [cell.strip() for cell in below.split(delimiter)]
    if len(names) != width or len(cells) != width or not all(cells):
        return False
    filled = [name for name in names if name]
    is_named = len(filled) > 1 and len(filled) * 2 >= width and not any(map(is_number, filled))
    return is_named and any(map(is_number, cells))


def _find_last(lines: pl.Series, filled: pl.Series, width: int, first: int, delimiter: str) -> int:
    """Return the last line of the table: below it are only sparse lines of words, after a blank line or too narrow."""
    ends = filled.filter(filled > first).tail(_FOOTER_LINES + 1).to_list()
    last = ends[-1] if ends else first
    if width == 1 or not ends:
        return last
    ends = ends[: _end_of_notes(lines, ends, width, delimiter)]
    last = ends[-1]
    for place in range(len(ends) - 1, 0, -1):
        cells = lines[ends[place]].split(delimiter)
        full = sum(cell.strip() != "" for cell in cells)
        if not _is_worded(cells[0]) or full > max(1, width // 2):
            break
        apart = ends[place] - ends[place - 1] > 1
        is_remark = full == 1 and (len(cells) == 1 or len(cells[0].split()) >= _PROSE_WORDS)
        if apart or (len(cells) != width and len(cells) == 1) or is_remark:
            last = ends[place - 1]
    return last


def _end_of_notes(lines: pl.Series, ends: Sequence[int], width: int, delimiter: str) -> int:
    """Return how many of the last lines are above the notes: what a blank line parts from the table, none as wide."""
    for place in range(1, len(ends)):
        if ends[place] - ends[place - 1] > 1:
            block = [lines[line] for line in range(ends[place], ends[-1] + 1)]
            if all(_is_worded(line) and line.count(delimiter) + 1 < width for line in block if line.strip()):
                return place
    return len(ends)


def _is_worded(cell: str) -> bool:
    return cell.strip() != "" and not is_number(cell)


def _filled_cells(line: str, delimiter: str) -> int:
    return sum(cell.strip() != "" for cell in line.split(delimiter))


def _line_numbers(text: str, delimiter: str, records: Sequence[int]) -> dict[int, int]:
    """Return on which line of the text each of these records begins: quoted fields may span lines."""
    wanted = set(records)
    found: dict[int, int] = {}
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    line, record = 0, 0
    for record, _ in enumerate(reader):
        if record in wanted:
            found[record] = line
        line = reader.line_num
    return {each: found.get(each, line) for each in wanted}


def _refuse_torn(file: str, width: int, torn: int, all_lines: int, widths: dict[int, int]) -> None:
    lines = [f"line {line} has {fields}" for line, fields in widths.items()]
    more = f" and {torn - len(lines):,} more lines differ" if torn > len(lines) else ""
    hint = "Quote the fields that contain the delimiter or complete these lines, and upload again."
    if set(widths.values()) == {width + 1} and torn + 1 >= all_lines:  # which column has no name is never guessed
        hint = (
            "Name every column. Where R wrote the file: write.table(..., row.names = FALSE), or col.names = NA. "
            "Where a comma is the decimal mark, write it with semicolons between the fields."
        )
    problem = f"has lines with another number of fields than its header, which has {width}: {', '.join(lines)}{more}"
    raise FileError(file, problem, hint)
