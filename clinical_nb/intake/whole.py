"""Identifiers that are written as numbers are: 1001.0 of a column with a gap is whole, and 1E5 is none but a code."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from clinical_nb.dictionary.identifiers import may_name_person, names_row, words_of
from clinical_nb.intake.at_once import EXACT_IN_FLOAT
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.intake.tidy import tidy_text
from clinical_nb.intake.values import Seen

_CODES = frozenset({"code", "codes", "icd", "icd10", "atc", "loinc", "barcode", "batch", "lot", "kit", "well", "plate"})
_CODE = r"^\s*\d+[eE]\d+\s*$"


def with_whole_identifiers(tables: Sequence[Table]) -> tuple[list[Table], list[Finding]]:
    """Return tables whose identifiers are whole numbers where all their values are, and what was changed."""
    changed = [_with_whole(table) for table in tables]
    return [table for table, _ in changed], [finding for _, told in changed for finding in told]


def keep_codes(
    header: Sequence[str | None], raw: pl.DataFrame, typed: pl.DataFrame, seen: Sequence[Seen]
) -> tuple[pl.DataFrame, list[Seen]]:
    """Return typed columns, of which identifiers such as 1E5 and 10E4 are text: as powers of ten they would be one."""
    columns, now = typed.get_columns(), list(seen)
    for at, name in enumerate(header):
        is_read = now[at].kind == "number" and raw.dtypes[at] == pl.String
        is_code = bool(name) and (names_row(name) or may_name_person(name) or not _CODES.isdisjoint(words_of(name)))
        if is_read and is_code:
            column = raw.to_series(at)
            if column.str.contains(_CODE).any():
                columns[at], tidied = tidy_text(column)
                now[at] = Seen("text", tidied)
    return pl.DataFrame(columns), now


def _with_whole(table: Table) -> tuple[Table, list[Finding]]:
    schema = table.scan.collect_schema()
    named = [name for name, dtype in schema.items() if dtype.is_float() and (names_row(name) or may_name_person(name))]
    if not named or not table.rows:
        return table, []
    value = pl.nth([schema.names().index(name) for name in named])
    fits = (value == value.round()) & (value.abs() < EXACT_IN_FLOAT)
    found = table.scan.select(fits.all().name.suffix(" fits"), value.count().name.suffix(" known"))
    seen = found.collect(engine="streaming").row(0, named=True)
    whole = [name for name in named if seen[f"{name} fits"] and seen[f"{name} known"]]
    if not whole:
        return table, []
    text = "written with a decimal point (as 7.0), and read as whole: they identify."
    told = [
        Finding(table.name, name, rows, f"{counted(rows, 'number')} {text}", "")
        for name in whole
        if (rows := int(seen[f"{name} known"]))
    ]
    columns = pl.nth([schema.names().index(name) for name in whole]).cast(pl.Int64)
    return replace(table, scan=table.scan.with_columns(columns)), told
