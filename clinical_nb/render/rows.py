"""The first rows of many, as a table to look at: HTML for a notebook, aligned text elsewhere."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

_LONGEST = 80  # characters of a cell
_MOST_COLUMNS = 40
_DECIMALS = 6
_PLAN = ["explain_key", "explain_value"]  # DuckDB's columns of what it would do, which is a drawing of many lines
# Inline, since an untrusted notebook loses its <style>; inherited colours suit the light and the dark theme.
_CELL = "padding:3px 12px 3px 0;vertical-align:top;white-space:pre;font-variant-numeric:tabular-nums"
_MUTED = "color:var(--jp-ui-font-color2,inherit)"


def write_html(first: "pl.DataFrame", rows: int, remarks: Sequence[str]) -> str:
    """Return the first rows as a table, with how many rows there are in all; whatever they hold is escaped."""
    below = "".join(f'<p style="{_MUTED};margin:4px 0">{escape(line)}</p>' for line in _below(first, rows, remarks))
    if first.columns == _PLAN:
        return f'<pre style="line-height:1.2">{escape(_plan(first))}</pre>{below}'
    sides = ["right" if dtype.is_numeric() else "left" for dtype in first.dtypes]
    head = "".join(
        f'<th scope="col" style="{_CELL};text-align:{side};font-weight:600">{escape(_one_line(name))}</th>'
        for name, side in zip(_shown(first).columns, sides, strict=False)
    )
    body = "".join(f"<tr>{''.join(map(_html_cell, row, sides))}</tr>" for row in _shown(first).rows())
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="cnb-rows" style="overflow-x:auto">{table}</div>{below}'


def write_text(first: "pl.DataFrame", rows: int, remarks: Sequence[str]) -> str:
    """Return the first rows as aligned text, with how many rows there are in all."""
    below = _below(first, rows, remarks)
    if first.columns == _PLAN:
        return "\n".join([_plan(first), *below])
    shown = _shown(first)
    lines = [[_one_line(name) for name in shown.columns], *([_cell(value) for value in row] for row in shown.rows())]
    widths = [max(len(line[at]) for line in lines) for at in range(shown.width)]
    numeric = [dtype.is_numeric() for dtype in shown.dtypes]
    table = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join([*table, *below])


def _shown(first: "pl.DataFrame") -> "pl.DataFrame":
    return first.select(first.columns[:_MOST_COLUMNS])


def _below(first: "pl.DataFrame", rows: int, remarks: Sequence[str]) -> list[str]:
    """Return the lines below the table: its size and what of it is shown, then the remarks."""
    if first.columns == _PLAN:
        return list(remarks)
    cut = [f"{first.height} rows"] if rows > first.height else []
    cut += [f"{_MOST_COLUMNS} columns"] if first.width > _MOST_COLUMNS else []
    size = f"{rows:,} row{'s' * (rows != 1)} × {first.width:,} column{'s' * (first.width != 1)}"  # noqa: RUF001 - the sign of multiplication is meant
    return [f"{size}; the first {' and '.join(cut)} are shown." if cut else f"{size}.", *remarks]


def _plan(first: "pl.DataFrame") -> str:
    return "\n".join(str(text) for text in first["explain_value"].to_list()).rstrip()


def _html_cell(value: object, side: str) -> str:
    style = f"{_CELL};text-align:{side}" + (f";{_MUTED};font-style:italic" if value is None else "")
    return f'<td style="{style}">{escape(_cell(value))}</td>'


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a column may hold
    """Return one value as people write it; a missing one as SQL does."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float() if not value or 1e-4 <= abs(value) < 1e15:  # noqa: PLR2004 - where zeros can be counted
            return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        case float():
            return f"{value:.{_DECIMALS}g}"
        case bytes():
            return f"{len(value):,} bytes"
        case _:
            return _one_line(str(value))


def _one_line(text: str) -> str:
    """Return a text on one line, cut where it is long."""
    line = text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎").replace("\t", " ")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
