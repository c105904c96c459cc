"""All that changed between two versions, and how it is said: as text, and as HTML in a notebook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from clinical_nb.changes.values import LevelChanges, MeaningChange, RowChanges, Side, TableChanges
from clinical_nb.enumeration import enumerate_few

_NAMED = 12  # columns or levels in one line; the values have them all
# Inline, since an untrusted notebook loses its <style>; inherited colours suit the light and the dark theme.
_HEAD = "text-align:left;vertical-align:top;font-weight:600;padding:3px 14px 3px 0;white-space:nowrap"
_CELL = "text-align:left;vertical-align:top;padding:3px 0;max-width:60em"
_MINUS = "\u2212"

Line = tuple[str, str]  # what it is about, and what is said of it


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one version of a dataset to another; it shows itself as text and as HTML.

    Attributes
    ----------
    dataset : str
        The dataset's name.
    before, after : Side
        The two versions.
    added, gone : tuple of str
        Tables that only one of them has.
    tables : tuple of TableChanges
        What changed in each table that both have.
    cohorts : tuple of MeaningChange
        Named cohorts that only one of them has, or of which something else was written.

    """

    dataset: str
    before: Side
    after: Side
    added: tuple[str, ...]
    gone: tuple[str, ...]
    tables: tuple[TableChanges, ...]
    cohorts: tuple[MeaningChange, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both versions hold just the same, to the last value and word."""
        return self.before.version == self.after.version

    def __str__(self) -> str:
        return "\n".join([_title(self), *(f"  {head}: {said}" if head else f"  {said}" for head, said in _lines(self))])

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """Return what changed as a fragment of HTML, in which everything is escaped."""
        rows = "".join(
            f'<tr><th scope="row" style="{_HEAD}">{escape(head)}</th><td style="{_CELL}">{escape(said)}</td></tr>'
            for head, said in _lines(self)
        )
        table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
        return f'<div class="cnb-changes"><p>{escape(_title(self))}</p>{table}</div>'


def _title(changes: Changes) -> str:
    before, after, name = changes.before, changes.after, _flat(changes.dataset)
    if before == after:
        return f"{name}: {_say_side(after)} compared with itself: nothing differs."
    if changes.is_same:
        numbers = f"versions {before.number} and {after.number}"
        return f"{name}: {numbers} hold the same, to the last value ({after.version[:8]})."
    return f"{name}: {_say_side(before)} → {_say_side(after)}"


def _say_side(side: Side) -> str:
    return f"version {side.number} ({side.version[:8]}, {side.created.astimezone():%Y-%m-%d %H:%M})"


def _lines(changes: Changes) -> Iterator[Line]:
    if changes.is_same:
        return
    if changes.added:
        yield "Tables added", enumerate_few(changes.added, _NAMED)
    if changes.gone:
        yield "Tables gone", enumerate_few(changes.gone, _NAMED)
    if changes.cohorts:
        said = [f"{_flat(each.column)}: {_say_change(each.before, each.after)}" for each in changes.cohorts]
        yield "Named cohorts", enumerate_few(said, _NAMED, "; ")
    is_alone = len(changes.tables) == 1 and not (changes.added or changes.gone)
    for each in changes.tables:
        for head, said in _lines_of_table(each, changes):
            yield (head if is_alone else f"{_flat(each.table)}, {head[0].lower()}{head[1:]}"), said


def _lines_of_table(table: TableChanges, changes: Changes) -> Iterator[Line]:
    if table.columns.count:
        yield "Columns", _say_columns(table)
    if table.meaning:
        said = [f"{each.column}: {each.what} {_say_change(each.before, each.after)}" for each in table.meaning]
        yield "Dictionary", enumerate_few(said, _NAMED, "; ")
    if table.content_is_same:
        yield "Rows", f"the same {table.rows_after:,} as before"
    elif table.rows is None:
        yield "Rows", f"{table.rows_before:,} before, {table.rows_after:,} now; no column is in both versions"
    elif table.rows.key:
        yield f"Rows by {', '.join(map(_flat, table.rows.key))}", _say_matched(table.rows, table)
    else:
        yield "Rows", _say_whole(table.rows, table, changes)
        yield "No key", _say_faults(table.rows)
    for head, levels in (("Levels that appeared", "appeared"), ("Levels that are gone", "vanished")):
        said = [_say_levels(each, getattr(each, levels)) for each in table.levels if getattr(each, levels)]
        if said:
            yield head, enumerate_few(said, _NAMED, "; ")


def _say_columns(table: TableChanges) -> str:
    changed = table.columns
    said = [
        *(f"+ {name} ({kind})" for name, kind in changed.added.items()),
        *(f"{_MINUS} {name} ({kind})" for name, kind in changed.dropped.items()),
        *(f"{each.column} {each.before} → {each.after}" for each in changed.retyped),
    ]
    return f"{changed.count:,} changed: {enumerate_few(said, _NAMED)}"


def _say_change(before: str, after: str) -> str:
    return f"'{before}' → '{after}'" if before and after else f"'{after}' (new)" if after else f"'{before}' (gone)"


def _say_matched(rows: RowChanges, table: TableChanges) -> str:
    cells = [f"{name} {number:,}" for name, number in rows.cells.items()]
    changed = f"{rows.changed:,} changed" + (f" ({enumerate_few(cells, _NAMED)})" if cells else "")
    said = f"{rows.added:,} added, {rows.removed:,} removed, {changed}, {rows.unchanged:,} as before"
    return said + _say_shared(table)


def _say_whole(rows: RowChanges, table: TableChanges, changes: Changes) -> str:
    numbers = changes.before.number, changes.after.number
    said = (
        f"{rows.removed:,} only in version {numbers[0]}, {rows.added:,} only in version {numbers[1]}, "
        f"{rows.unchanged:,} in both"
    )
    return said + _say_shared(table)


def _say_shared(table: TableChanges) -> str:
    return ", in the columns that both have" if table.columns.added or table.columns.dropped else ""


def _say_faults(rows: RowChanges) -> str:
    """Say why rows were compared whole: what should tell them apart and does not, or that nothing should."""
    said: list[str] = []
    for fault in rows.faults:
        problems = [
            *([f"repeats in {fault.repeated:,} rows"] if fault.repeated else []),
            *([f"is missing in {fault.missing:,}"] if fault.missing else []),
        ]
        said.append(f"in version {fault.number}, {fault.column} {' and '.join(problems)}")
    why = enumerate_few(said, _NAMED, "; ") if said else "no column that both versions have identifies a row"
    return f"{why}. Rows were compared whole: one that changed counts as one gone and one new"


def _say_levels(changes: LevelChanges, levels: Mapping[str, str]) -> str:
    said = [f"'{value}'" + (f" ({label})" if label != value else "") for value, label in levels.items()]
    return f"{changes.column}: {enumerate_few(said, _NAMED)}"


def _flat(text: str) -> str:
    """Write a name from a file on one line."""
    return " ".join(text.split())
