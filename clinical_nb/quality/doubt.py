"""What a check finds in one column, before its rows are looked up; and which values may be quoted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from clinical_nb.dictionary.identifiers import names_private, names_row
from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.steps import Step

# What can be wrong with a column or with rows, the most important first: the report is in this order.
Kind = Literal[
    "identifiers", "missing codes", "impossible values", "impossible dates", "order of dates", "mixed units",
    "mixed fractions", "ambiguous dates", "duplicated ids", "duplicated rows", "conflicts", "totals",
    "ditto marks", "blocks",
    "words among numbers", "undetected", "two in one", "limits", "flags",
    "units", "separators", "no numbers", "mixed dates", "time zones", "dates as text", "partial dates", "no dates",
    "spreadsheet damage", "unknown codes", "look-alike levels", "yes or no", "outliers", "no values", "constant",
    "many levels", "old ages", "kept digits", "times as text", "numbers as text", "not looked at",
]  # fmt: skip
_MANY = 10  # different values, of which a few examples say nothing
_QUOTED = 5  # examples
_SHORT = 20  # letters: longer text may be about somebody


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that looks wrong in a column.

    `noun` is what is counted before `text` ("value" for "3 values that …"), or empty where the text stands alone.
    `where` chooses the rows; without it they are the `rows` that are given.
    """

    kind: Kind
    text: str
    proposal: str = ""
    noun: str = ""
    where: pl.Expr | None = None
    rows: int = 0
    step: Step | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know beside the counts of its column: what the file says of it, and the table's other names."""

    said: Said
    names: frozenset[str]


def quoted(values: Collection[str], column: str) -> str:
    """Return up to five of some values in quotes after a colon; nothing where they might identify somebody."""
    if names_row(column) or names_private(column) or not values or len(values) > _MANY:
        return ""
    if any(len(value) > _SHORT or "@" in value for value in values):
        return ""
    more = ", …" if len(values) > _QUOTED else ""
    return ": " + ", ".join(f"'{' '.join(value.split())}'" for value in sorted(values)[:_QUOTED]) + more


def is_any(column: str, values: Collection[str]) -> pl.Expr:
    """Return the rows of a column of text that have any of some values."""
    return pl.col(column).is_in(list(values))


def is_number(column: str, numbers: Collection[float]) -> pl.Expr:
    """Return the rows of a column of numbers, or of text with numbers in it, that have any of some numbers."""
    return pl.col(column).cast(pl.Float64, strict=False).is_in([float(number) for number in numbers])


def total(values: Mapping[str, int]) -> int:
    """Return how many rows have any of these values."""
    return sum(values.values())
