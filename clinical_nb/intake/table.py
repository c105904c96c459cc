"""What reading a file gives: named tables, and what was found in them, as plain values."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an upload, under a name that no other table of the upload has.

    Its rows are scanned, not held: those of a large file lie in the folder that the upload was given to work in.
    """

    name: str
    scan: pl.LazyFrame
    rows: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a table that a person should know: what was found, and what was done or can be done about it.

    `column` is None where it is about the whole table; `rows` is how many rows (or cells of the column) it concerns.
    """

    table: str
    column: str | None
    rows: int
    text: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables that one file gave, with its findings."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...] = ()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: '1 row', '1,200 rows'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
