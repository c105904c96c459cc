"""What a person should know of how delimited text was read: its encoding, what was left out, names made of others."""

from collections.abc import Sequence

from clinical_nb.intake.encoding import LATIN_9, MIXED, WESTERN, Encoding
from clinical_nb.intake.layout import Layout
from clinical_nb.intake.table import Finding, Reading, counted

_SHOWN_NAMES = 5
_OF_THE_WEST = (WESTERN, LATIN_9, MIXED)


def told_encoding(encoding: Encoding, table: str) -> list[Finding]:
    """Tell in which encoding of before Unicode a text was read."""
    if encoding.codec.startswith("utf") and encoding != MIXED:
        return []
    text = f"The file is not UTF-8 and was read as {encoding.name}."
    check = "accents and special characters" if encoding in _OF_THE_WEST else "that its words can be read"
    return [Finding(table, None, 0, text, f"Check {check}; save as UTF-8 to be sure.")]


def told_zeros(zeros: int, table: str) -> list[Finding]:
    """Tell how many zero bytes were left out."""
    if not zeros:
        return []
    text = f"{counted(zeros, 'zero byte')} left out, as an export leaves them that broke off or ran over."
    return [Finding(table, None, 0, text, "Check that its last rows are there, or export it again.")]


def told_parted(readings: Sequence[Reading]) -> list[Finding]:
    """Tell that a file has several tables."""
    tables = [table for reading in readings for table in reading.tables]
    if len(tables) == 1:
        return []
    text = f"The file has {len(tables)} tables below each other, each with a header of its own, read as one each."
    return [Finding(tables[0].name, None, 0, text, "Check where each begins.")]


def told_layout(first: Layout, last: Layout, table: str, line: str) -> list[Finding]:
    """Tell which lines around a table were left out."""
    findings: list[Finding] = []
    if first.titles:
        text = f"{counted(first.titles, line)} above the header left out; the header is {line} {first.first + 1}."
        findings.append(Finding(table, None, first.titles, text, "Check that the column names are right."))
    if last.footers:
        text = f"{counted(last.footers, line)} below the table left out (totals or remarks)."
        findings.append(Finding(table, None, last.footers, text, "Check that no row of data is among them."))
    return findings


def told_freed(cells: int, column: str, table: str) -> list[Finding]:
    """Tell in how many cells an apostrophe before a formula was taken away."""
    if not cells:
        return []
    text = f"An apostrophe that keeps spreadsheets from running a formula taken away in {counted(cells, 'cell')}."
    return [Finding(table, column, cells, text, "")]


def told_no_header(table: str, rows: int, line: str) -> Finding:
    """Tell that the first line is data."""
    text = f"The first {line} looks like data, so it was kept as a row and the columns were numbered."
    return Finding(table, None, rows, text, f"Add a {line} with the columns' names to the file and upload it again.")


def told_names(raw: Sequence[str | None], names: tuple[str, ...], table: str) -> list[Finding]:
    """Tell which names are others than in the header."""
    if not any(raw):
        return []
    changed = [new for old, new in zip(raw, names, strict=True) if (old or "") != new]
    if not changed:
        return []
    shown = ", ".join(f"'{name}'" for name in changed[:_SHOWN_NAMES]) + (" …" if len(changed) > _SHOWN_NAMES else "")
    text = f"{counted(len(changed), 'column name')} made distinct, complete or clean: {shown}."
    return [Finding(table, None, 0, text, "Rename them in the file if you want other names.")]
