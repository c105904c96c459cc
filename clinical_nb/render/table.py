"""An answer's numbers as a table to publish: great-tables, from the grid that the text shows too."""

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Plan, canonical_json
from clinical_nb.render.grid import Grid, lay_out
from clinical_nb.render.numbers import count
from clinical_nb.render.phrase import minus_signs
from clinical_nb.result import Result

if TYPE_CHECKING:
    from great_tables import GT

# JupyterLab's dark theme leaves great-tables' dark text on its dark ground: it takes the theme's.
_THEMED = """
#{id} .gt_table, #{id} .gt_table * {{
  background: transparent !important; color: var(--jp-content-font-color1, inherit) !important;
  border-color: var(--jp-border-color2, #9998) !important;
}}
#{id} .gt_table {{ margin: 0 !important; font-size: 13px; font-variant-numeric: tabular-nums; }}
#{id} .gt_col_heading {{ font-weight: 600 !important; }}
#{id} .gt_row {{ padding: 4px 10px !important; }}
#{id} .gt_row + .gt_row {{ white-space: nowrap; }}
"""


def build_table(plan: Plan, result: Result, dictionary: Dictionary) -> "GT":
    """Return the table of an answer: a row a group or a level, of at most 50.

    Its id depends on the plan alone, so that a notebook run again has the same output.
    """
    from great_tables import GT, loc, style  # noqa: PLC0415 - 110 to 200 ms that an answer as text need not wait for

    grid = lay_out(plan, result, dictionary)
    identity = f"cnb-{hashlib.sha256(canonical_json(plan).encode()).hexdigest()[:8]}"
    columns = [f"column{position}" for position in range(len(grid.heads))]
    labels: dict[str, Any] = {name: _literal(head) for name, head in zip(columns, grid.heads, strict=True)}
    table = (
        GT(_frame(grid, columns), id=identity)
        .cols_label(labels)
        .tab_style(style.text(align="left"), [loc.body(columns[:1]), loc.column_labels(columns[:1])])
        .tab_style(style.text(align="right"), [loc.body(columns[1:]), loc.column_labels(columns[1:])])
        .opt_css(_THEMED.format(id=identity))
    )
    return table.tab_source_note(f"and {count(grid.more)} more") if grid.more else table


def _frame(grid: Grid, columns: list[str]) -> pl.DataFrame:
    rows = [(row[0], *map(minus_signs, row[1:])) for row in grid.rows]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _literal(head: str) -> str:
    """Keep great-tables from reading braces in a person's label as its notation for units."""
    return head.replace("{{", "{\N{ZERO WIDTH SPACE}{")
