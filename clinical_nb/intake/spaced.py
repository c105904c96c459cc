"""Tables whose columns stand apart by blanks, as R's write.table and many machines write them, made tab-separated."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from clinical_nb.intake.pieces import Piece

_SAMPLE = 64 * 1024
_FEWEST_LINES = 3
_MOSTLY = 0.95
_TOKEN = re.compile(r'"(?:[^"]|"")*"|\S+')
_NUMBER = re.compile(r'"?[-+]?(?:\d+[.,]?\d*|\.\d+)(?:[eE][-+]?\d+)?"?')
_DELIMITERS = re.compile(r"[,;\t|^~\x1f\x01]")


def part_by_tabs(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a text with a tab between two columns where blanks part them; of another as they are."""
    is_spaced = False
    for piece in pieces:
        is_spaced = _is_spaced(piece.text) if piece.line == 0 else is_spaced
        yield _with_tabs(piece) if is_spaced else piece


def _is_spaced(text: str) -> bool:
    """Tell whether a text is a table of columns that blanks part: as many words on each line, most of them numbers.

    Its first line must be names alone, one for each column, or for each but the first, which numbers the rows then.
    """
    sample = text if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE)]
    filled = [line for line in sample.split("\n") if line.strip()]
    if len(filled) < _FEWEST_LINES or _DELIMITERS.search(filled[0]) or "\t" in sample:
        return False
    lines = [_TOKEN.findall(line) for line in filled]
    names, rows = lines[0], lines[1:]
    width, agreeing = Counter(map(len, rows)).most_common(1)[0]
    is_named = len(names) == width or (len(names) == width - 1 and all(name.startswith('"') for name in names))
    if width < 2 or not is_named or agreeing < _MOSTLY * len(rows):  # noqa: PLR2004 - one column needs no delimiter
        return False
    if any(_NUMBER.fullmatch(name) for name in names):
        return False
    words = [word for row in rows for word in row]
    return sum(_NUMBER.fullmatch(word) is not None for word in words) * 2 >= len(words)


def _with_tabs(piece: Piece) -> Piece:
    """Return a piece of such a table with a tab between two columns, and an empty name above rows that are numbered."""
    words = _TOKEN.findall if '"' in piece.text else str.split
    lines = ["\t".join(words(line)) for line in piece.text.split("\n")]
    if piece.line == 0:
        filled = [at for at, line in enumerate(lines) if line][:2]
        if len(filled) == 2 and lines[filled[0]].count("\t") < lines[filled[1]].count("\t"):  # noqa: PLR2004
            lines[filled[0]] = "\t" + lines[filled[0]]
    return Piece("\n".join(lines).encode(), piece.line, piece.is_last)
