"""A text in pieces of whole lines, so that a file larger than the memory can be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from clinical_nb.intake.limits import current_limits

PIECE = 32 * 1024**2  # characters; a piece takes ten times as many bytes while it is read
_BIT = 1024**2  # characters
_TAIL = 64 * 1024  # what a last piece has at least, so that the lines below a table are never in a piece of their own


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a text, which end with line feeds; `line` is how many stand before them."""

    text: str
    line: int = 0
    is_last: bool = True


def cut(text: TextIO, size: int = PIECE) -> Iterator[Piece]:
    """Yield a text in pieces of about `size` characters, each of whole lines, and no quoted field cut in two.

    Every quotation mark is taken to open or close a field. Where some do not, as inch marks, a field may be cut, which
    whoever reads the piece finds out: it ends in a field that is still open.

    Line feeds and the sign of an ended file are left out at the end of the text.

    Raises
    ------
    UnicodeDecodeError
        When it is not text in the encoding that it was opened with.

    """
    left, line, tail = "", 0, min(size, _TAIL)
    longest = current_limits().cell
    while True:
        read = read_at_most(text, size)
        left += read
        if len(read) < size:
            yield Piece(left.rstrip("\n\x1a"), line)
            return
        end = _end_of_lines(left, len(left) - tail)
        if not end and len(left) > longest:
            end = left.rfind("\n") + 1
        if end:
            yield Piece(left[: end - 1], line, is_last=False)
            line += left.count("\n", 0, end)
            left = left[end:]


def read_at_most(text: TextIO, most: int) -> str:
    """Read so many characters bit by bit: asked for all at once, Python makes room for all of them first."""
    bits: list[str] = []
    while most > 0 and (bit := text.read(min(most, _BIT))):
        bits.append(bit)
        most -= len(bit)
    return "".join(bits)


def join(one: Piece, other: Piece) -> Piece:
    """Return two pieces that follow each other as one."""
    return Piece(f"{one.text}\n{other.text}", one.line, other.is_last)


def _end_of_lines(text: str, limit: int) -> int:
    """Return where the last line before a limit ends that no quoted field goes on from; 0 where there is none."""
    end = text.rfind("\n", 0, limit) + 1
    is_open = text.count('"', 0, end) % 2 == 1
    while is_open and end:
        opened = text.rfind('"', 0, end)
        start = text.rfind("\n", 0, opened) + 1
        is_open = text.count('"', start, end) % 2 == 0
        end = start
    return end
