"""Text as it is seen: without blanks around it, marks of no width, and the signs that say that a value is missing."""

from dataclasses import dataclass

import polars as pl

from clinical_nb.intake.table import Finding, counted

# Exactly these spellings: 'Na' is sodium, and 'na' may be a code.
MISSING_TOKENS = ("NA", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "Null", "<NA>", "\\N", ".")
# What nobody sees: marks of no width and of direction; joiners, which some scripts need, only around a value.
_NO_WIDTH = "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|^[\u200c\u200d]+|[\u200c\u200d]+$"
_BLANKS = "[\u00a0\u2007\u202f]"  # that break no line: for a reader they are blanks


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was repaired in text: which tokens were read as missing in how many cells, and how many others changed."""

    tokens: frozenset[str] = frozenset()
    missing: int = 0
    changed: int = 0


NOTHING_TIDIED = Tidied()


def tell_tidied(tidied: Tidied, column: str, table: str) -> list[Finding]:
    """Return what was repaired in a column of text."""
    findings: list[Finding] = []
    if tidied.missing:
        said = ", ".join(f"'{token}'" for token in sorted(tidied.tokens))
        text = f"{counted(tidied.missing, 'cell')} with {said} read as missing."
        findings.append(
            Finding(table, column, tidied.missing, text, "Write another code in the file if it is a value.")
        )
    if tidied.changed:
        what = "Blanks around the value, marks of no width, and other forms of a character made plain"
        text = f"{what} in {counted(tidied.changed, 'cell')}."
        findings.append(Finding(table, column, tidied.changed, text, ""))
    return findings


def tidy_text(column: pl.Series) -> tuple[pl.Series, Tidied]:
    """Return a column of text with missing tokens as null, and of other values what is seen of them.

    Blanks around values and marks of no width are dropped, non-breaking blanks are plain ones, characters composed.
    """
    ascii_only = column.str.len_bytes().sum() == column.str.len_chars().sum()
    clean = (column if ascii_only else _seen_as_written(column)).str.strip_chars()
    empty = (clean == "").fill_null(False)
    token = clean.is_in(MISSING_TOKENS).fill_null(False)
    changed = int(((clean != column) & ~empty & ~token).sum())
    if not (changed or empty.any() or token.any()):
        return column, NOTHING_TIDIED
    tokens = frozenset[str](clean.filter(token).unique().to_list())
    return clean.set(empty | token, None), Tidied(tokens, int(token.sum()), changed)


def _seen_as_written(column: pl.Series) -> pl.Series:
    return column.str.normalize("NFC").str.replace_all(_NO_WIDTH, "").str.replace_all(_BLANKS, " ")
