"""Cells that stand for more than themselves: several values in one, and a value for the rows below it."""

from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_private, names_row
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.doubt import Doubt, is_any, quoted
from clinical_nb.quality.shapes import shape_of

_MARKS = ("|", ";", ",")
_LONGEST_PART = 40  # letters: what is longer is a sentence with commas
_FEWEST = 2  # parts, and values with as many
_MOST_TEXTS = 2_000  # of more, the column is free text
_AGAIN = 0.5  # of the parts occur in several cells, or by themselves
_FIRST = 5  # row numbers that are told
_FEW_COLUMNS = 3  # at the left, where a label stands that goes for the rows below it
_EMPTY = 0.3  # of the cells at least


def doubt_lists(counts: Counts) -> list[Doubt]:
    """Return which cells hold several values each ("cough|fever"), of those that other cells hold too."""
    if not counts.is_text or not counts.is_whole or len(counts.values) > _MOST_TEXTS or names_private(counts.name):
        return []
    texts = [str(text) for text in counts.values]
    for mark in _MARKS:
        lists = {text: parts for text in texts if len(parts := _parts(text, mark)) > 1}
        if len(lists) < _FEWEST:
            continue
        occurs = Counter(part for parts in lists.values() for part in set(parts))
        occurs.update(text.strip().casefold() for text in texts if text not in lists)
        parts = {part for each in lists.values() for part in each}
        is_short = all(len(part) <= _LONGEST_PART for part in parts)
        again = sum(occurs[part] > 1 for part in parts)
        if is_short and again >= _AGAIN * len(parts) and len(parts) <= len(texts) * 2:
            text = f"that hold several each, parted by '{mark}'{quoted(lists, counts.name)}."
            ask = "Give each a column of yes and no; as it stands, each combination is a level of its own."
            return [Doubt("two in one", text, ask, "value", is_any(counts.name, lists))]
    return []


def _parts(text: str, mark: str) -> list[str]:
    if mark not in text or shape_of(text) != "word":
        return []
    parts = [part.strip().casefold() for part in text.split(mark)]
    return parts if all(parts) and not any(shape_of(part) in {"number", "date"} for part in parts) else []


def doubt_blocks(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    """Yield a finding for a column at the left that says something in the first of several rows only, as pivots do.

    Each of its values is said once, the first row has one, and all columns to the right are filled.
    """
    for at, each in enumerate(counts[:_FEW_COLUMNS]):
        right = counts[at + 1 :]
        identifies = names_row(each.name) or may_name_person(each.name)
        is_sparse = (each.is_text or identifies) and each.is_whole and each.rows - each.known >= _EMPTY * each.rows
        is_once = all(rows == 1 for rows in each.values.values()) and len(each.values) >= _FEWEST
        is_measured = any(shape_of(str(value)) != "word" for value in each.values)
        if (
            (is_measured and not identifies)
            or not (is_sparse and is_once and right)
            or any(other.known < other.rows for other in right)
        ):
            continue
        if any(len(str(value)) > _LONGEST_PART for value in each.values):
            continue
        empty = table.scan.select(pl.col(each.name).is_null()).collect(engine="streaming").to_series()
        if empty[0] or not empty.any():
            continue
        rows = int(empty.sum())
        text = (
            f"{counted(rows, 'row')} without a value, each below one that has it and said once: "
            f"'{each.name}' may go for the rows below it too."
        )
        ask = "Fill it down at the source (in Excel: repeat all item labels); until then it is missing there."
        first = tuple(int(row) + 1 for row in empty.arg_true().head(_FIRST))
        yield Finding(table.name, each.name, rows, text, ask, "blocks", first)
