"""A header of two rows: groups (Baseline, Week 12) above what was measured in each (SBP, DBP), joined into one name."""

import re
from collections.abc import Sequence

import polars as pl

from clinical_nb.intake.literals import VALUE
from clinical_nb.intake.tidy import MISSING_TOKENS

_VALUE = rf"^\s*{VALUE}\s*$"
_NOT_A_NAME = re.compile(rf"{VALUE}|[-+<>≤≥]?\s*\d+([.,]\d+)*\s*%?|\d{{4}}-\d{{2}}-\d{{2}}.*", re.DOTALL)
_LOOKED_AT = 1_000
_BLANKS = re.compile(r"\s+")


def is_name(cell: str) -> bool:
    """Tell whether a cell may be a name, and no value."""
    return bool(cell) and cell not in MISSING_TOKENS and not _NOT_A_NAME.fullmatch(cell)


def joined_with_below(header: Sequence[str | None], rows: pl.DataFrame) -> tuple[str, ...] | None:
    """Return the names that a header and the row below it make together; None where that row is one of data."""
    if rows.height < 2 or rows.width < 2:  # noqa: PLR2004 - a row of data, and two columns
        return None
    above, below = _words(header), _words(rows.row(0))
    return _joined(above, below, rows.slice(1, _LOOKED_AT))


def joined_with_above(
    above: Sequence[str | None], header: Sequence[str | None], rows: pl.DataFrame
) -> tuple[str, ...] | None:
    """Return the names that a header and the line above it make together; None where that line is a title."""
    words, below = _words(above), _words(header)
    named = [word.casefold() for word in below if word]
    if len(words) != len(below) or not rows.height or len(set(named)) == len(named):
        return None  # names that are distinct need no groups
    if sum(map(bool, words)) < 2:  # noqa: PLR2004 - one is a title
        return None
    return _joined(words, below, rows.head(_LOOKED_AT))


def _words(cells: Sequence[str | None]) -> list[str]:
    return [_BLANKS.sub(" ", cell or "").strip() for cell in cells]


def _joined(above: Sequence[str], below: Sequence[str], rows: pl.DataFrame) -> tuple[str, ...] | None:
    """Join two rows where the lower has the names that the upper lacks, or tells apart those that it repeats."""
    named = [at for at, word in enumerate(below) if word]
    if len(named) < 2 or not all(is_name(word) for word in (*above, *below) if word):  # noqa: PLR2004 - one is a remark
        return None
    lacking = [at for at, word in enumerate(above) if not word]
    given = [word.casefold() for word in above if word]
    groups = [above[at] for at in range(len(above)) if above[at] and below[at]]
    again = len(set(given)) < len(given)
    inner = [at for at in lacking if at]  # of the first column alone the name is often left out
    if not groups or not (again or (inner and all(below[at] for at in inner))):
        return None
    measured = [at for at in named if at]
    of_values = sum(_holds_values(rows.to_series(at)) for at in measured)
    if not measured or of_values * 2 < len(measured) or _stands_below(below, rows):
        return None
    spread = list(above)
    for at in range(1, len(spread)):
        spread[at] = spread[at] or (spread[at - 1] if below[at] else "")
    names = tuple(" ".join(dict.fromkeys(word for word in pair if word)) for pair in zip(spread, below, strict=True))
    return names if len({name.casefold() for name in names}) == len(names) else None


def _holds_values(column: pl.Series) -> bool:
    known = column.drop_nulls()
    return known.len() > 0 and int(known.str.contains(_VALUE).sum()) * 2 >= known.len()


def _stands_below(below: Sequence[str], rows: pl.DataFrame) -> bool:
    """Tell whether a word of the second row is a value of its column, as in a table whose last names are missing."""
    return any(word and (rows.to_series(at) == word).any() for at, word in enumerate(below))
