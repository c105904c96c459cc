"""What parts the fields of a text: the character that splits most of its first lines alike, quoted fields apart."""

import re
from collections import Counter
from itertools import takewhile

import polars as pl

from clinical_nb.intake.literals import is_number, is_value

_DELIMITERS = ",;\t|^~\x1f\x01"
_COLON_NAME = re.compile(r"[^\W\d][^\s:]*")
_TIME = re.compile(r"\d{1,3}:\d\d(:\d\d([.,]\d+)?)?")
_NO_VALUE = frozenset({"NA", "N/A", "-", ".", "?", '""'})
_SAMPLE = 256 * 1024
_FEWEST_ROWS = 3  # with the header
# Stands for a whole quoted field in a skeleton; no text that is read contains it.
QUOTED = "\x00"


def find_delimiter(text: str) -> str:
    """Choose the character that splits most of the first lines into the same number of fields, at least two."""
    told = re.match(r"sep=(.)\n", text)
    if told:
        return told[1]
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample

    def agreement(delimiter: str) -> tuple[float, int]:
        if delimiter not in sample:
            return (0.0, 0)
        lines = [line for line in skeleton_of(sample, delimiter).split("\n") if line.strip()]
        width, agreeing = Counter(line.count(delimiter) for line in lines).most_common(1)[0]
        return (agreeing / len(lines), width) if width else (0.0, 0)

    agreeing = {delimiter: agreement(delimiter) for delimiter in _DELIMITERS}
    best = max(agreeing, key=agreeing.__getitem__)
    if best == "," and _is_one_column(sample):
        return ";"  # the delimiter that goes with decimal commas
    if not agreeing[best][1]:  # most lines have none: they may be a preamble
        return ":" if _parts_by_colons(sample) else _delimiter_of_last(sample)
    return best


def _parts_by_colons(sample: str) -> bool:
    """Tell whether colons part the names of columns and rows as wide; times have some too, and remarks with a blank."""
    names, *rows = [line.split(":") for line in sample.split("\n") if line.strip()]
    if len(names) < 2 or len(rows) + 1 < _FEWEST_ROWS or any(len(row) != len(names) for row in rows):  # noqa: PLR2004
        return False
    if not all(map(_COLON_NAME.fullmatch, names)) or any(map(is_value, names)):
        return False
    cells = [cell for row in rows for cell in row]
    if any(cell.startswith(" ") for cell in cells) or all(_TIME.fullmatch(":".join(row)) for row in rows):
        return False
    return any(map(is_value, cells))


def _delimiter_of_last(sample: str) -> str:
    """Return what parts the last lines of a text into names, and rows as wide with a value; a comma where none does."""
    lines = [line for line in reversed(sample.split("\n")) if line.strip()]
    for mark in _DELIMITERS:
        wide = list(takewhile(lambda line, mark=mark: line.count(mark) == lines[0].count(mark), lines))
        *rows, names = [line.split(mark) for line in wide]
        if len(names) > 1 and len(rows) + 1 >= _FEWEST_ROWS and not any(map(is_value, names)):
            return mark if any(map(is_value, (cell for row in rows for cell in row))) else ","
    return ","


def _is_one_column(text: str) -> bool:
    """Tell whether commas are the decimal marks of one column of numbers: its name has none, and no line has two."""
    name, *lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or "," in name or is_number(name):  # noqa: PLR2004 - one line may be anything
        return False
    return all(is_number(line) or line in _NO_VALUE for line in lines)


def skeleton_of(text: str, delimiter: str) -> str:
    """Return the text with every quoted field, line ends in it included, as one mark."""
    if '"' not in text:
        return text
    start = f"(?m)(^|{re.escape(delimiter)})"
    return pl.Series([text]).str.replace_all(start + '"(?:[^"]|"")*"', "${1}" + QUOTED)[0]
