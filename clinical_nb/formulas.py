"""Cells that a spreadsheet program would run as a formula: protected in CSV that is written, and freed when it is read.

A cell is protected by an apostrophe before it, as OWASP says (CSV Injection). One that begins with apostrophes already
is given one more, so that taking one away gives every value back as it was.
"""

import polars as pl

_STARTS = r"^[=+\-@\t\r\n＝＋－＠]"  # noqa: RUF001 - those of full width, which Excel takes for the others
_NUMBERS = r"^[-+]?[\d.,:/ -]*$"  # numbers with a sign, dates, telephone numbers: digits and marks, which call nothing
_MARK = "'"


def runs(text: pl.Expr) -> pl.Expr:
    """Return where text, without apostrophes before it, would be run as a formula."""
    bare = text.str.strip_chars_start(_MARK)
    return bare.str.contains(_STARTS) & ~bare.str.contains(_NUMBERS)


def count_runs(table: pl.LazyFrame) -> dict[str, int]:
    """Return how many cells of each column, its name among them, would be run as a formula; those that have any."""
    counts = table.select(runs(pl.selectors.string()).sum()).collect(engine="streaming")
    cells = dict(zip(counts.columns, counts.row(0), strict=True)) if counts.width else {}
    names = table.collect_schema().names()
    found = {name: (cells.get(name) or 0) + is_run for name, is_run in zip(names, _runs_of(names), strict=True)}
    return {name: count for name, count in found.items() if count}


def protect(table: pl.LazyFrame) -> pl.LazyFrame:
    """Return a table to be written as CSV, an apostrophe before each cell and each name that would be run."""
    text = pl.selectors.string()
    protected = table.with_columns(pl.when(runs(text)).then(pl.lit(_MARK) + text).otherwise(text).name.keep())
    names = table.collect_schema().names()
    new = {name: _MARK + name for name, is_run in zip(names, _runs_of(names), strict=True) if is_run}
    return protected.rename(new) if new else protected


def free(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[int, ...]]:
    """Return cells of text as they were before `protect`, and how many of each column were protected."""
    marked = cells.select(pl.all().str.starts_with(_MARK).any()).row(0)
    chosen = [name for name, is_marked in zip(cells.columns, marked, strict=True) if is_marked]
    if not chosen:
        return cells, (0,) * cells.width
    is_protected = pl.col(chosen).str.starts_with(_MARK) & runs(pl.col(chosen))
    counts = cells.select(is_protected.sum())
    freed = cells.with_columns(pl.when(is_protected).then(pl.col(chosen).str.slice(1)).otherwise(pl.col(chosen)))
    return freed, tuple(counts[name][0] if name in counts.columns else 0 for name in cells.columns)


def _runs_of(names: list[str]) -> list[bool]:
    return pl.DataFrame({"name": pl.Series(names, dtype=pl.String)}).select(runs(pl.col("name"))).to_series().to_list()
