"""What a number and a day look like in the cells of a file: patterns that several readers ask for, each of one name."""

import re

# As Python writes a number; quality/numerals.py reads all other ways.
PLAIN_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
# With either decimal mark: which one a file has is found out later.
NUMBER = r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?"
DAY = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
# What stands below names and is none: a number, also one beyond a limit, a day or a moment.
VALUE = rf"(?:[<>]?\s*{NUMBER}|{DAY}(?:[ T].*)?)"
_NUMBER, _VALUE = (re.compile(rf"\s*{pattern}\s*") for pattern in (NUMBER, VALUE))


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number, whatever its decimal mark."""
    return _NUMBER.fullmatch(cell) is not None


def is_value(cell: str) -> bool:
    """Tell whether a cell is a number or a day, rather than a name or a word."""
    return _VALUE.fullmatch(cell) is not None
