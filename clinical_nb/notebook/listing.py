"""Small tables of names and numbers, shown as HTML in a notebook and as aligned text elsewhere."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from IPython.display import display  # pyright: ignore[reportUnknownVariableType] - IPython does not type it

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # a name may hold them, and would become two lines
# Inline, since an untrusted notebook loses its <style>; inherited colours suit the light and the dark theme.
_CELL = "text-align:left;padding:4px 12px 4px 0;vertical-align:top"


def show_listing(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Display rows of text under their headings; every cell is escaped."""
    lines = [[_BREAKS.sub(" ", cell) for cell in row] for row in rows]
    show({"text/plain": _plain(headings, lines), "text/html": _html(headings, lines)})


def show(forms: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
    """Display one thing in the forms that it has, by their MIME types."""
    display(dict(forms), raw=True, metadata=dict(metadata or {}))


def _plain(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _html(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col" style="{_CELL};font-weight:600">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
