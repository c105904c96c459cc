"""Numbers with three digits behind each point, which are decimals in one country and thousands in another."""

import re
from collections.abc import Collection

import polars as pl

_UNCLEAR = re.compile(r"^-?(?:0|[1-9]\d{0,2}(?:\.\d{3})?)$")
_POINTED = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_FIRST = 100  # rows
_FEWEST = 3  # different ones: fewer are chance


def are_unclear(texts: Collection[str]) -> bool:
    """Tell whether all of several numbers can be read in both ways: 1.234, and 950, but no 0.5 and no 1234."""
    return len({text for text in texts if _POINTED.fullmatch(text)}) >= _FEWEST and all(map(_UNCLEAR.fullmatch, texts))


def is_clear(text: str) -> bool:
    """Tell of a number that it cannot be read in both ways, so that no column that has it can."""
    return any(sign.isdigit() for sign in text) and not _UNCLEAR.fullmatch(text)


def is_unclear(text: pl.Series) -> bool:
    """Tell of a column of text whether its numbers can be read in both ways; most columns their first values settle."""
    first = [value.strip() for value in text.head(_FIRST).to_list() if value]  # sooner looked at in Python
    if any(map(is_clear, first)):
        return False
    known = text.drop_nulls().str.strip_chars()
    numbers = known.filter(known.str.contains(r"\d"))
    return numbers.str.contains(_UNCLEAR.pattern).all() and are_unclear(numbers.unique().to_list())
