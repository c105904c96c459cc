"""Instruments: a REDCap export of repeating instruments as a table of each, so that a row is of one thing."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.vocabulary import squeeze
from clinical_nb.intake.header import distinct_names
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.intake.whole import with_whole_identifiers

_INSTRUMENT, _INSTANCE, _EVENT = "redcaprepeatinstrument", "redcaprepeatinstance", "redcapeventname"
_MOST = 50  # instruments
_VISITS = ("visit", "follow")
_VISIT = "visit_number"


def split_instruments(tables: Sequence[Table]) -> tuple[list[Table], list[Finding]]:
    """Return tables of which no row is of one thing and another of another, with whole identifiers, and what was done.

    Rows without an instrument are the records'; each instrument has a table of its rows, with the record, the event,
    the number of the repetition, called by the instrument, and the columns that it fills.
    """
    split: list[Table] = []
    findings: list[Finding] = []
    for table in tables:
        parts = _parts_of(table, {each.name for each in tables})
        split += parts or [table]
        if parts:
            names = ", ".join(f"'{part.name}' ({counted(part.rows, 'row')})" for part in parts)
            text = f"Its rows are of several REDCap instruments: they are the tables {names}."
            findings.append(Finding(table.name, None, table.rows, text, "Ask about each of them."))
    tables, changed = with_whole_identifiers(split)
    return tables, [*findings, *changed]


def _parts_of(table: Table, taken: set[str]) -> list[Table]:
    columns = table.scan.collect_schema().names()
    named = {squeeze(name): name for name in columns}
    if _INSTRUMENT not in named or _INSTANCE not in named:
        return []
    instrument, record = named[_INSTRUMENT], columns[0]
    of = by_name(instrument).as_expr()
    found = table.scan.select(of.alias("of")).group_by("of").agg(pl.len().alias("rows")).collect().sort("of")
    rows = {str(name): int(number) for name, number in found.iter_rows() if name is not None}
    own = sum(int(number) for name, number in found.iter_rows() if name is None)
    if not rows or len(rows) > _MOST or not own:
        return []
    called = distinct_names([*taken, *("_".join(name.split()) for name in rows)])[len(taken) :]
    kept = [record, *(named[each] for each in (_EVENT,) if each in named)]
    parts = [_part(table, table.name, of.is_null(), kept, own)]
    numbered: set[str] = set()
    for (name, number), new in zip(rows.items(), called, strict=True):
        part = _part(table, new, of.cast(pl.String) == name, [*kept, named[_INSTANCE]], number)
        is_visit = any(each in name.casefold() for each in _VISITS) and _VISIT not in numbered
        instance = _VISIT if is_visit else f"{new}_number"  # each instrument counts for itself
        while instance in part.scan.collect_schema().names():
            instance += "_"
        numbered.add(instance)
        said = {**part.said, instance: Said(label="visit")} if is_visit else part.said
        parts.append(replace(part, scan=part.scan.rename({named[_INSTANCE]: instance}), said=said))
    return parts


def _part(table: Table, name: str, rows: pl.Expr, kept: Sequence[str], number: int) -> Table:
    """Return the rows of one instrument, with the columns that any of them fills."""
    scan = table.scan.filter(rows)
    columns = table.scan.collect_schema().names()
    filled = scan.select(by_name(*columns).is_not_null().any()).collect().row(0)
    named = [
        column
        for column, is_filled in zip(columns, filled, strict=True)
        if column in kept or (is_filled and squeeze(column) not in (_INSTRUMENT, _INSTANCE))
    ]
    said = {column: each for column, each in table.said.items() if column in named}
    return Table(name, scan.select(by_name(*named)), number, said)
