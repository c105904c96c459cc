"""Column names from a header: made clean and distinct, and missed where the first line is already data."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from clinical_nb.intake.literals import DAY, NUMBER

_NUMBER = re.compile(NUMBER)
_DATE = re.compile(DAY)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069]")  # some turn what follows round
_LOOKED_AT = 1_000
_YEARS = range(1900, 2101)
_DIGITS_OF_RECORD = 4
_MOST_DIGITS = 9  # of a number that counts columns


def distinct_names(raw: Sequence[str | None]) -> tuple[str, ...]:
    """Return names without outer blanks, line ends and invisible marks, none empty, none twice whatever the case.

    A database holds 'Age' and 'AGE' for one name, so the second becomes 'AGE_2'. Polars takes '^age$' for a pattern of
    names wherever it stands, so that it becomes 'age$'.
    """
    clean = [_no_pattern(clean_name(name or "")) or f"column_{number}" for number, name in enumerate(raw, 1)]
    taken = {name.casefold() for name in clean}
    seen: set[str] = set()
    last: dict[str, int] = {}  # the number given last, so that 10,000 columns of one name are not counted anew each
    names: list[str] = []
    for name in clean:
        chosen, number = name, last.get(name.casefold(), 1)
        while chosen.casefold() in seen or (number > 1 and chosen.casefold() in taken):
            number += 1
            chosen = f"{name}_{number}"
        last[name.casefold()] = number
        seen.add(chosen.casefold())
        names.append(chosen)
    return tuple(names)


def labels_of_repeated(raw: Sequence[str | None], names: Sequence[str]) -> dict[str, str]:
    """Return what columns are called in the file that have another column's name there, by their names made distinct.

    As their label it keeps a question from meaning the first of them where any may be meant.
    """
    said = {name.casefold() for name in names}
    labels = {new: clean_name(old) for old, new in zip(raw, names, strict=True) if old and clean_name(old) != new}
    return {new: label for new, label in labels.items() if label.casefold() in said}


def clean_name(name: str) -> str:
    """Return a name composed (NFC), with single blanks inside and none around."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", name))).strip()


def _no_pattern(name: str) -> str:
    return name.lstrip("^").lstrip() if name.startswith("^") and name.endswith("$") else name


def looks_like_data(header: Sequence[str | None], rows: pl.DataFrame) -> bool:
    """Tell whether a first line is a row of data rather than names.

    It is when it holds dates or decimals like those below it; or whole numbers above numbers, unless they count
    (1, 2, 3) or are years, as in a table with a column a month or a year; or when most of its words recur below; or
    when it is the only cell, and has its digits and letters where all below have theirs.
    """
    cells = [(cell or "").strip() for cell in header]
    if rows.height == 0:
        return False
    if len(cells) == 1 and _is_formed_alike(cells[0], rows.to_series()):
        return True
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    columns = rows.head(_LOOKED_AT).get_columns()
    alike = [cell for cell, column in zip(cells, columns, strict=True) if cell and _is_alike(cell, column)]
    if any(_DATE.fullmatch(cell) or "." in cell or "," in cell for cell in alike):
        return True
    recurring = _count_recurring(cells, columns)
    whole = [cell for cell in alike if _NUMBER.fullmatch(cell)]
    if whole and not _counts(numbers):
        return recurring > 0 or len(whole) * 2 >= len(cells)
    return recurring > 1 and recurring * 2 >= len(cells)


def _is_formed_alike(cell: str, column: pl.Series) -> bool:
    """Tell whether a cell of many digits is formed just as all below it, as a record of fixed width is."""
    if sum(sign.isdigit() for sign in cell) < _DIGITS_OF_RECORD:
        return False
    known = column.drop_nulls().str.strip_chars()
    forms = known.str.replace_all(r"\d", "9").str.replace_all(r"\p{L}", "A").unique().to_list()
    return forms == [re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", cell))]


def _count_recurring(cells: Sequence[str], columns: Sequence[pl.Series]) -> int:
    """Count the words that stand in their columns again, in all columns at once: there may be thousands."""
    words = [
        (cell, column) for cell, column in zip(cells, columns, strict=True) if cell and not _NUMBER.fullmatch(cell)
    ]
    if not words:
        return 0
    below = pl.concat([column for _, column in words]).str.strip_chars()
    above = pl.Series([cell for cell, _ in words]).repeat_by(columns[0].len()).explode()
    is_again = (below == above).fill_null(False)
    return int(is_again.reshape((len(words), columns[0].len())).arr.any().sum())


def _is_alike(cell: str, column: pl.Series) -> bool:
    """Tell whether a number stands above numbers, or a date above dates."""
    pattern = _NUMBER if _NUMBER.fullmatch(cell) else _DATE
    if not pattern.fullmatch(cell):
        return False
    values = column.drop_nulls().str.strip_chars()
    return values.len() > 0 and bool(values.str.contains(f"^(?:{pattern.pattern})$").mean() == 1)


def _counts(numbers: Sequence[str]) -> bool:
    """Tell whether numbers are years or count upwards by one, as names of columns do."""
    if not all(number.isdecimal() and len(number) <= _MOST_DIGITS for number in numbers):
        return False
    values = [int(number) for number in numbers]
    rising = all(after > before for before, after in pairwise(values))
    by_one = len(values) > 1 and values[-1] - values[0] == len(values) - 1
    return rising and (by_one or all(value in _YEARS for value in values))
