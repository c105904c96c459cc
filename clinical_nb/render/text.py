"""An answer as plain text: how it was read, the answer, the numbers, the tests, who is in the denominators."""

from datetime import datetime

from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Plan
from clinical_nb.render.comparison import comparison_lines
from clinical_nb.render.grid import ALONE, TEXT_LIMIT, Grid, lay_out
from clinical_nb.render.notes import fill
from clinical_nb.render.numbers import count
from clinical_nb.render.phrase import plain
from clinical_nb.render.sentence import say_answer
from clinical_nb.result import Result


def write_text(plan: Plan, result: Result, dictionary: Dictionary) -> str:
    """Return the sentence, a line a group, a line a test and a line a note.

    At most 400 numbers are written: of more than 20 levels or groups, the 10 largest.
    """
    lines = [plain(say_answer(plan, result, dictionary))]
    lines += _rows(lay_out(plan, result, dictionary, TEXT_LIMIT))
    lines += [f"{plain(line)}." for line in comparison_lines(plan, result, dictionary)]
    lines += [f"- {plain(fill(note))}" for note in result.notes]
    return "\n".join(" ".join(line.split()) if not line.startswith("  ") else line for line in lines)


def write_provenance(dataset: str, version: str, computed_at: datetime | None, *, reused: bool) -> str:
    """Return which data an answer is from, and whether it was computed now or before."""
    parts = [f"{dataset} {version}".strip()]
    if reused:
        parts.append("reused" if computed_at is None else f"reused, computed {computed_at:%Y-%m-%d %H:%M} UTC")
    else:
        parts.append("computed now")  # no time: a notebook that is run again has the same output
    return " · ".join(part for part in parts if part)


def _rows(grid: Grid) -> list[str]:
    rows = [f"  {' '.join(row[0].split())}: {_cells(grid.heads[1:], row[1:])}" for row in grid.rows]
    return [*rows, *([f"  and {count(grid.more)} more"] if grid.more else [])]


def _cells(heads: tuple[str, ...], cells: tuple[str, ...]) -> str:
    return "; ".join(
        f"{_lower(head)} {cell}" if head != ALONE else cell for head, cell in zip(heads, cells, strict=True) if cell
    )


def _lower(head: str) -> str:
    """Write a head inside a line: "Mean (SD)" as "mean (SD)"."""
    return head[0].lower() + head[1:] if head[:1].isupper() and head[1:2].islower() else head
