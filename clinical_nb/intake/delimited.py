"""Delimited text → a table: CSV and its kin, whatever the delimiter, the encoding and the quoting."""

import csv
from collections.abc import Sequence
from io import StringIO

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.content import refuse_markup
from clinical_nb.intake.encoding import decode
from clinical_nb.intake.header import distinct_names, looks_like_data
from clinical_nb.intake.layout import Layout, find_layout, inspect_layout
from clinical_nb.intake.table import Finding, Reading, Table, counted
from clinical_nb.intake.values import type_columns

_SHOWN_NAMES = 5


def read_delimited(data: bytes, file: str, name: str) -> Reading:
    """Read delimited text as one table.

    Everything is read as text first; types come from the whole column (`values.type_columns`).

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        Its name, for the sentence of an error.
    name : str
        The table's name.

    Returns
    -------
    Reading
        One table, with what was repaired or looks wrong.

    Raises
    ------
    FileError
        When it is not a table: no data, not text, a quotation mark that is not closed, lines of different widths.

    """
    text, encoding = decode(data, file)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n\x1a")
    if not text.strip():
        raise FileError(file, "holds only blanks", "Export it again, or choose another file.")
    refuse_markup(text, file)
    layout = find_layout(text, file)
    cells = _parse(text, layout, file)
    findings = [*_told_encoding(encoding, name), *_told_layout(layout, name)]
    header: Sequence[str | None] = cells.row(0)
    rows, told = _without_repeats(cells.slice(1), header, name)
    findings += told
    if looks_like_data(header, rows):
        findings.append(_no_header(name, rows.height + 1))
        header, rows = [None] * cells.width, cells
    if not rows.height:
        findings.append(Finding(name, None, 0, "The table has a header but no rows.", "Export it again."))
    rows, header, told = _without_empty(rows, header, name)
    names = distinct_names(header)
    findings += told + _told_names(header, names, name)
    typed, told = type_columns(rows.rename(dict(zip(rows.columns, names, strict=True))), name, layout.delimiter == ";")
    return Reading((Table(name, typed),), (*findings, *told))


def _parse(text: str, layout: Layout, file: str) -> pl.DataFrame:
    """Return the cells of a table as text, header included."""
    if layout.titles or layout.footers or layout.first:
        text = "\n".join(text.split("\n")[layout.first : layout.end]) + "\n"
    schema = {f"field_{number}": pl.String for number in range(layout.width)}
    if layout.stray_quotes and layout.quoted:
        return _parse_slowly(text, layout, schema, file)
    try:
        return pl.read_csv(
            text.encode(),
            has_header=False,
            schema=schema,
            separator=layout.delimiter,
            quote_char='"' if layout.quoted else None,
        )
    except pl.exceptions.PolarsError as error:
        inspect_layout(text, file)  # names the lines that are torn
        raise FileError(file, "cannot be read as a table", "Save it again as CSV in UTF-8.") from error


def _parse_slowly(text: str, layout: Layout, schema: dict[str, type[pl.String]], file: str) -> pl.DataFrame:
    """Parse with the standard library: Polars takes a quotation mark inside an unquoted field for the start of one."""
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=layout.delimiter) if row]
    except csv.Error as error:
        raise FileError(file, "cannot be read as a table", "Save it again as CSV in UTF-8.") from error
    whole = [row for row in rows if len(row) == layout.width]
    return pl.DataFrame(whole, schema=schema, orient="row").with_columns(pl.all().replace("", None))


def _without_repeats(
    rows: pl.DataFrame, header: Sequence[str | None], table: str
) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave out rows that say the header again, as in files put together from several."""
    candidates = (rows[rows.columns[0]] == header[0]).arg_true() if header[0] and rows.width > 1 else None
    if candidates is None or not candidates.len():
        return rows, []
    same = pl.all_horizontal(
        pl.col(name).eq_missing(pl.lit(said)) for name, said in zip(rows.columns, header, strict=True)
    )
    again = candidates.filter(rows[candidates].select(same).to_series())
    if not again.len():
        return rows, []
    told = Finding(table, None, again.len(), f"{counted(again.len(), 'repeated header line')} left out.", "")
    return _without_rows(rows, again), [told]


def _without_rows(rows: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    numbered = rows.with_row_index("row number")
    return numbered.filter(~pl.col("row number").is_in(numbers.implode())).drop("row number")


def _without_empty(
    rows: pl.DataFrame, header: Sequence[str | None], table: str
) -> tuple[pl.DataFrame, list[str | None], list[Finding]]:
    """Leave out rows without any value, and columns without a name and any value: spreadsheets export such edges."""
    lost = _empty_rows(rows)
    kept = _without_rows(rows, lost) if lost.len() else rows
    findings: list[Finding] = []
    if lost.len():
        findings.append(Finding(table, None, lost.len(), f"{counted(lost.len(), 'empty row')} left out.", ""))
    nameless = [name for name, said in zip(rows.columns, header, strict=True) if not (said or "").strip()]
    empty = kept.select(pl.col(nameless).str.strip_chars().fill_null("").eq("").all()).row(0) if nameless else ()
    edges = {name for name, is_empty in zip(nameless, empty, strict=True) if is_empty and kept.height}
    if edges and len(edges) < rows.width:
        findings.append(
            Finding(table, None, 0, f"{counted(len(edges), 'column')} without a name and any value left out.", "")
        )
        header = [said for name, said in zip(rows.columns, header, strict=True) if name not in edges]
        kept = kept.drop(edges)
    return kept, list(header), findings


def _empty_rows(rows: pl.DataFrame) -> pl.Series:
    """Return the numbers of the rows without a value; in a table of one column an empty line is a missing value."""
    if rows.width == 1:
        return pl.Series(dtype=pl.UInt32)
    blank = pl.all().str.strip_chars().fill_null("") == ""
    candidates = rows.select(pl.first()).select(blank).to_series().arg_true()  # few: spares a look at every cell
    return candidates.filter(rows[candidates].select(pl.all_horizontal(blank)).to_series())


def _told_encoding(encoding: str, table: str) -> list[Finding]:
    if encoding != "Windows-1252":
        return []
    text = "The file is not UTF-8 and was read as Windows-1252."
    return [Finding(table, None, 0, text, "Check accents and special characters; save as UTF-8 to be sure.")]


def _told_layout(layout: Layout, table: str) -> list[Finding]:
    findings: list[Finding] = []
    if layout.titles:
        text = f"{counted(layout.titles, 'line')} above the header left out; the header is line {layout.first + 1}."
        findings.append(Finding(table, None, layout.titles, text, "Check that the column names are right."))
    if layout.footers:
        text = f"{counted(layout.footers, 'line')} below the table left out (totals or remarks)."
        findings.append(Finding(table, None, layout.footers, text, "Check that no row of data is among them."))
    return findings


def _no_header(table: str, rows: int) -> Finding:
    text = "The first line looks like data, so it was kept as a row and the columns were numbered."
    return Finding(table, None, rows, text, "Add a line with the columns' names to the file and upload it again.")


def _told_names(raw: list[str | None], names: tuple[str, ...], table: str) -> list[Finding]:
    if not any(raw):
        return []
    changed = [new for old, new in zip(raw, names, strict=True) if (old or "") != new]
    if not changed:
        return []
    shown = ", ".join(f"'{name}'" for name in changed[:_SHOWN_NAMES]) + (" …" if len(changed) > _SHOWN_NAMES else "")
    text = f"{counted(len(changed), 'column name')} made distinct, complete or clean: {shown}."
    return [Finding(table, None, 0, text, "Rename them in the file if you want other names.")]
