"""Tables whose columns stand apart by blanks, as R's write.table and many machines write them, made tab-separated."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from clinical_nb.intake.literals import is_number
from clinical_nb.intake.pieces import Piece

_SAMPLE = 64 * 1024
_FEWEST_LINES = 3
_MOSTLY = 0.95
_TOKEN = re.compile(r'"(?:[^"]|"")*"|\S+')
_NAME = re.compile(r"\S+(?: \S+)*")  # of one blank between two words at most
_DELIMITERS = re.compile(r"[,;\t|^~\x1f\x01]")


FIXED_WIDTH = "Columns of fixed width parted where all lines have a blank."


def part_by_tabs(pieces: Iterable[Piece], told: dict[str, None]) -> Iterator[Piece]:
    """Yield the pieces of a text with a tab between two columns where blanks part them; of another as they are."""
    is_spaced = False
    for piece in pieces:
        is_spaced = _is_spaced(piece.text) if piece.line == 0 else is_spaced
        if piece.line == 0 and piece.is_last and not is_spaced and (cuts := _cuts(piece.text)):
            told[FIXED_WIDTH] = None
            yield _cut_at(piece, cuts)
        else:
            yield _with_tabs(piece) if is_spaced else piece


def _cuts(text: str) -> list[int]:
    """Return where the columns of a text of fixed width begin but the first; none where it is another.

    Between two names stand two blanks or more, and between their columns is one that all lines have: a cell may be
    empty then, or of several words.
    """
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    if len(lines) < _FEWEST_LINES or "\t" in text or _DELIMITERS.search(lines[0]) or "  " not in lines[0].strip():
        return []
    names = [(found.start(), found.end(), found[0]) for found in _NAME.finditer(lines[0])]
    if any(is_number(name) for _, _, name in names):
        return []
    longest = max(map(len, lines))
    blank = [all(line[at : at + 1] in ("", " ") for line in lines) for at in range(longest)]
    cuts: list[int] = []
    for (_, end, _), (start, _, _) in pairwise(names):
        between = [at for at in range(end, start) if blank[at]]
        if not between:
            return []
        cuts.append(between[-1] + 1)
    rows = [_cells(line, cuts) for line in lines[1:]]
    full = sum(bool(cell) for row in rows for cell in row)
    are_numbers = any(sum(map(is_number, column)) * 2 >= len(rows) for column in zip(*rows, strict=True))
    return cuts if are_numbers and full * 2 > len(rows) * len(names) else []


def _cells(line: str, cuts: Sequence[int]) -> list[str]:
    return [line[start:end].strip() for start, end in zip((0, *cuts), (*cuts, None), strict=True)]


def _cut_at(piece: Piece, cuts: Sequence[int]) -> Piece:
    lines = ("\t".join(_cells(line, cuts)) if line.strip() else "" for line in piece.text.split("\n"))
    return Piece("\n".join(lines).encode(), piece.line, piece.is_last)


def _is_spaced(text: str) -> bool:
    """Tell whether a text is a table of columns that blanks part: as many words on each line, most of them numbers.

    Its first line must be names alone, one for each column, or for each but the first, which numbers the rows then: so
    R writes and prints a table, and pandas.
    """
    sample = text if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE)]
    filled = [line for line in sample.split("\n") if line.strip()]
    if len(filled) < _FEWEST_LINES or _DELIMITERS.search(filled[0]) or "\t" in sample:
        return False
    lines = [_TOKEN.findall(line) for line in filled]
    names, rows = lines[0], lines[1:]
    width, agreeing = Counter(map(len, rows)).most_common(1)[0]
    are_numbered = all(name.startswith('"') for name in names) or _number_rows(rows)
    is_named = len(names) == width or (len(names) == width - 1 and are_numbered)
    if width < 2 or not is_named or agreeing < _MOSTLY * len(rows):  # noqa: PLR2004 - one column needs no delimiter
        return False
    if any(is_number(name.strip('"')) for name in names):
        return False
    words = [word for row in rows for word in row]
    return sum(is_number(word.strip('"')) for word in words) * 2 >= len(words)


def _number_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first words of rows count them, from 0 or 1."""
    firsts = [row[0] for row in rows]
    return any(firsts == [str(number) for number in range(begin, begin + len(firsts))] for begin in (0, 1))


def _with_tabs(piece: Piece) -> Piece:
    """Return a piece of such a table with a tab between two columns, and an empty name above rows that are numbered."""
    words = _TOKEN.findall if '"' in piece.text else str.split
    lines = ["\t".join(words(line)) for line in piece.text.split("\n")]
    if piece.line == 0:
        filled = [at for at, line in enumerate(lines) if line][:2]
        if len(filled) == 2 and lines[filled[0]].count("\t") < lines[filled[1]].count("\t"):  # noqa: PLR2004
            lines[filled[0]] = "\t" + lines[filled[0]]
    return Piece("\n".join(lines).encode(), piece.line, piece.is_last)
