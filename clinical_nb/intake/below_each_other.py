"""Tables that stand below each other in one text, each with a header of its own after a blank line."""

import re
from collections.abc import Sequence

from clinical_nb.intake.delimiter import skeleton_of
from clinical_nb.intake.literals import is_value
from clinical_nb.intake.pieces import Piece
from clinical_nb.intake.two_headers import is_name

LARGEST = 4_000_000  # bytes, or characters; who writes several tables into one file writes small ones
_MOST_GAPS = 200
_MOST_TITLES = 4  # lines, of which the last may be the header
_FEWEST_LINES = 2  # a header, and a row


def part_tables(piece: Piece, delimiter: str) -> list[Piece]:
    """Return the tables of a whole text as a piece each; the text itself where it has but one.

    A block of lines after a blank one, or from a line on that begins as the header does, is a table where it begins
    with two names or more, which are no header said again, and goes on with a line that is as wide and has a number or
    a date.
    """
    text = piece.text
    first = text[: text.find(delimiter)].strip().casefold()
    again = f"\n{first}{delimiter}"
    is_parted = "\n\n" in _plain_ends(text, delimiter) or (bool(first) and again in text.casefold())
    if len(text) > LARGEST or not is_parted:
        return [piece]
    skeleton = skeleton_of(text, delimiter)
    lines = text.split("\n")
    if skeleton.count("\n") != len(lines) - 1:
        return [piece]  # a field goes over several lines
    cells = [[cell.strip() for cell in line.split(delimiter)] for line in skeleton.split("\n")]
    starts = _starts(cells)
    if len(starts) < 2:  # noqa: PLR2004 - several
        return [piece]
    ends = [*starts[1:], len(lines)]
    return [
        Piece("\n".join(lines[start:end]).rstrip("\n").encode(), piece.line + start)
        for start, end in zip(starts, ends, strict=True)
    ]


def _plain_ends(text: str, delimiter: str) -> str:
    """Return a text whose lines of delimiters alone are blank, as spreadsheets write blank rows."""
    return re.sub(rf"(?m)^[{re.escape(delimiter)} ]+$", "", text)


def _starts(cells: Sequence[Sequence[str]]) -> list[int]:
    filled = [any(line) for line in cells]
    first = cells[0][0].casefold()
    begins = [
        at
        for at, is_filled in enumerate(filled)
        if is_filled and (at == 0 or not filled[at - 1] or (first and cells[at][0].casefold() == first))
    ]
    if len(begins) > _MOST_GAPS:
        return [0]
    starts = [0]
    header: list[str] = []
    for begin in begins:
        end = next((at for at in range(begin + 1, len(cells)) if not filled[at] or at in begins), len(cells))
        titles = _count_titles(cells[begin:end])
        if not _is_table(cells[begin + titles : end]):
            continue
        names = cells[begin + titles]
        if header and [word.casefold() for word in names] != header:
            if not _stands_below_values(names, cells[starts[-1] : begin]):
                continue
            starts.append(begin)
        header = [word.casefold() for word in names]
    return starts


def _count_titles(block: Sequence[Sequence[str]]) -> int:
    """Return how many lines of one cell stand above the header of a block."""
    return next((at for at, line in enumerate(block[:_MOST_TITLES]) if _width(line) > 1), 0)


def _is_table(block: Sequence[Sequence[str]]) -> bool:
    """Tell whether lines are a header and rows: names alone, above lines as wide of which one has a value."""
    if len(block) < _FEWEST_LINES:
        return False
    names = [word for word in block[0] if word]
    if len(names) < 2 or any(name.endswith(":") for name in names):  # noqa: PLR2004 - Study: and what it is called
        return False
    if not all(map(is_name, names)) or any(len(name.split()) > 6 for name in names):  # noqa: PLR2004 - prose
        return False
    rows = [row for row in block[1:] if _width(row) and len(row) == len(block[0])]
    return len(rows) * 2 > len(block) - 1 and any(is_value(cell) for row in rows for cell in row)


def _stands_below_values(names: Sequence[str], above: Sequence[Sequence[str]]) -> bool:
    """Tell whether a name stands in a column that held numbers or dates: there it is no word among words."""
    for at, name in enumerate(names):
        known = [row[at] for row in above[1:] if at < len(row) and row[at]]
        if name and known and sum(map(is_value, known)) * 2 > len(known):
            return True
    return False


def _width(row: Sequence[str]) -> int:
    return sum(cell != "" for cell in row)
