"""A piece of a large text parsed straight into the types of those before it, where nothing is lost that way.

Text is what every column is read as at first. Of numbers that costs twice: the text is made, and then read. So the
parser is asked for numbers where the pieces before held nothing else, and the bytes are looked through for what it
reads otherwise than `values.type_columns`: 007, +5, blanks before a number. A piece of which anything is in doubt is
read as text, and so is every column of it that is not of plain numbers or days.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

import numpy as np
import numpy.typing as npt
import polars as pl

from clinical_nb.intake.at_once import EXACT_IN_FLOAT, days_at_once
from clinical_nb.intake.body import Part
from clinical_nb.intake.pieces import BLOCK, Piece
from clinical_nb.intake.thousands import is_clear
from clinical_nb.intake.tidy import NOTHING_TIDIED
from clinical_nb.intake.values import Kind, Seen

_ASKED: dict[Kind, pl.DataType] = {"whole": pl.Int64(), "number": pl.Float64()}
_FEED, _BLANK, _APOSTROPHE, _PLUS, _MINUS, _POINT, _NOUGHT, _NINE = b"\n '+-.09"
_FIRST = 100  # lines


@dataclass(frozen=True, slots=True)
class Known:
    """What the pieces before tell of the next one: `kinds` are of those columns of which nothing was odd."""

    delimiter: str
    header: tuple[str | None, ...]
    has_header: bool
    kinds: tuple[Kind | None, ...]


def what_is_known(before: Part, so_far: Sequence[Seen]) -> Known:
    """Return what the piece before, and what the columns were in all pieces before, tell of the next one."""
    kinds: tuple[Kind | None, ...] = tuple(
        seen.kind if seen.tidied == NOTHING_TIDIED and not seen.infinite else None for seen in so_far
    )
    return Known(before.layout.delimiter, tuple(before.header), before.has_header, kinds)


def parse_plain(piece: Piece, known: Known) -> pl.DataFrame | None:
    """Return the rows of a piece in the middle of a table: numbers and days as such, all else as text.

    Parameters
    ----------
    piece : Piece
        Neither the first nor the last, whose ends take a closer look.
    known : Known
        What the pieces before tell of it.

    Returns
    -------
    DataFrame or None
        With the columns field_0 and so on; None where the piece has to be read as text, all of it.

    """
    data, width = piece.data, len(known.kinds)
    asked = {at: _ASKED[kind] for at, kind in enumerate(known.kinds) if kind in _ASKED}
    if width == 1 or not asked or b'"' in data or b"\0" in data:
        return None
    looked = _look_through(data, known.delimiter, width)
    if looked is None:
        return None
    odd, fields, lines = looked
    odd |= _maybe_unclear(data, known.delimiter, [at for at in asked if known.kinds[at] == "number"])
    numbers = {at: dtype for at, dtype in asked.items() if at not in odd}
    if known.has_header and all(_is_number(known.header[at]) for at in numbers):
        return None  # a header said again would be taken for a row of numbers
    days = [f"field_{at}" for at, kind in enumerate(known.kinds) if kind == "date"]
    schema: dict[str, pl.DataType] = {f"field_{at}": numbers.get(at, pl.String()) for at in range(width)}
    schema |= {name: pl.Categorical(pl.Categories.random()) for name in days}
    try:
        rows = pl.read_csv(data, has_header=False, schema=schema, separator=known.delimiter, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    is_exact = rows.select(pl.all_horizontal((pl.selectors.float().abs() < EXACT_IN_FLOAT).all())).item()
    if rows.height != lines or fields != lines * width or not is_exact:
        return None
    return rows.with_columns(_as_days(rows[name]) for name in days)


def _is_number(name: str | None) -> bool:
    try:
        float(name or "0")
    except ValueError:
        return False
    return True


def _look_through(data: bytes, delimiter: str, width: int) -> tuple[set[int], int, int] | None:
    """Return which columns have a field that is no plain number though it may be read as one; all fields, all lines.

    None where an apostrophe begins a field: it may protect what a spreadsheet would run.
    """
    signs, between = np.frombuffer(data, np.uint8), ord(delimiter)
    if not data or data.startswith(b"'"):
        return None
    odd = {0} if _are_odd(signs, np.zeros(1, np.int64), between)[0] else set[int]()
    fields, feeds = 1, 0
    for begin in range(0, signs.size, BLOCK):
        block = signs[begin : begin + BLOCK]
        ends = block == _FEED
        feeds += int(np.count_nonzero(ends))
        np.logical_or(ends, block == between, out=ends)
        after = signs[begin + 1 : begin + 1 + block.size]
        starts = np.flatnonzero(ends[: after.size] & (after <= _NOUGHT)) + (begin + 1)  # what is odd begins so
        starts = starts[_are_odd(signs, starts, between)]
        if starts.size:
            if (signs[starts] == _APOSTROPHE).any():
                return None
            number = fields + np.searchsorted(np.flatnonzero(ends), starts - begin - 1)
            odd |= set[int](np.unique(number % width).tolist())
        fields += int(np.count_nonzero(ends))
    return odd, fields, feeds + 1


def _are_odd(signs: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], delimiter: int) -> npt.NDArray[np.bool_]:
    """Tell which fields begin with a blank, an apostrophe, a plus, a nought before a digit, or are a point alone."""
    first = signs[starts]
    is_digit = _are_digits(signs, starts + 1)
    is_odd = ((first == _NOUGHT) & is_digit) | (first == _PLUS) | (first == _APOSTROPHE)
    is_odd |= (first <= _BLANK) & (first != _FEED) & (first != delimiter)
    is_odd |= (first == _POINT) & ~is_digit
    negative = np.flatnonzero(first == _MINUS)
    is_nought = signs.take(starts[negative] + 1, mode="clip") == _NOUGHT
    is_odd[negative] = is_nought & _are_digits(signs, starts[negative] + 2)
    return is_odd


def _are_digits(signs: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    found = signs.take(places, mode="clip")
    return (found >= _NOUGHT) & (found <= _NINE) & (places < signs.size)


def _maybe_unclear(data: bytes, delimiter: str, columns: Collection[int]) -> set[int]:
    """Return those columns of which the first lines do not tell that their points are decimal ones."""
    unclear = set(columns)
    for line in islice(BytesIO(data), _FIRST):
        if not unclear:
            break
        cells = line.decode().rstrip("\n").split(delimiter)
        unclear = {at for at in unclear if at >= len(cells) or not is_clear(cells[at])}
    return unclear


def _as_days(column: pl.Series) -> pl.Series:
    """Return a column as days, each different text read once; as text where one is no day."""
    distinct = column.unique().drop_nulls()
    days = days_at_once(distinct.cast(pl.String).to_frame(), [column.name]) if distinct.len() else {}
    if not days:
        return column.cast(pl.String)
    codes = distinct.to_physical().to_numpy()
    found = np.zeros(codes.max() + 1, np.int32)
    found[codes] = days[column.name].to_physical().to_numpy()
    return pl.Series(column.name, found).gather(column.to_physical()).cast(pl.Date)
