"""A stored table as a file for other programs: CSV, Parquet or Arrow, written row group by row group."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import polars as pl
from polars.exceptions import PolarsError

from clinical_nb.errors import StoreError
from clinical_nb.formulas import protect
from clinical_nb.store.files import write_whole
from clinical_nb.store.tables import scan_table

# Where a table with an empty row, or with one column, is written as CSV: an empty line is no row to those who read it.
_MISSING = "NA"


def export_table(source: Path, columns: Sequence[str], target: Path, form: str) -> None:
    """Write a stored table, with its columns in this order, whole and for its owner alone; memory stays bounded.

    In CSV, text and dates stand in quotation marks and numbers do not; a missing value is empty; text that a
    spreadsheet program would run as a formula has an apostrophe before it. Arrow is the file format (Feather 2), in the
    types that the oldest readers know.

    Raises
    ------
    StoreError
        When the form is not one of `FORMS`, cannot hold such values, or the disk does not take it.

    """
    scan = scan_table(source)
    stored = scan.collect_schema().names()
    if form == "parquet" and list(columns) == stored:
        write_whole(target, lambda beside: shutil.copyfile(source, beside))
    else:
        table = scan.select(pl.nth([stored.index(column) for column in columns]))  # by name, '*' would be all of them
        write_whole(target, lambda beside: _write(table, form, beside))


def _write(table: pl.LazyFrame, form: str, file: Path) -> None:
    try:
        with file.open("wb") as opened:  # an open file: Polars reads a meaning into some paths
            FORMS[form](table, opened)
    except PolarsError as error:
        text = f"A table cannot be written as {form} in '{file.parent}': its disk is full, or refuses."
        raise StoreError(text, "Free some of it, or use another folder or format.") from error


def _write_csv(table: pl.LazyFrame, opened: IO[bytes]) -> None:
    seconds = pl.selectors.duration().dt.total_microseconds() / 1_000_000  # as an uploaded one is read
    plain = protect(table.with_columns(seconds))
    plain.sink_csv(opened, quote_style="non_numeric", null_value=_MISSING if _has_empty_lines(table) else None)


def _has_empty_lines(table: pl.LazyFrame) -> bool:
    empty = table.select(pl.all_horizontal(pl.all().is_null()).any())
    return bool(empty.collect(engine="streaming").item())


def _write_parquet(table: pl.LazyFrame, opened: IO[bytes]) -> None:
    table.sink_parquet(opened, compression="zstd")


def _write_arrow(table: pl.LazyFrame, opened: IO[bytes]) -> None:
    table.sink_ipc(opened, compat_level=pl.CompatLevel.oldest())


FORMS: Mapping[str, Callable[[pl.LazyFrame, IO[bytes]], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "arrow": _write_arrow,
}
