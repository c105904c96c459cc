"""Numbers whose unit stands in a column beside them, and is not the same in all rows: months beside years."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from clinical_nb.dictionary.identifiers import words_of
from clinical_nb.intake.table import Finding, Table, counted
from clinical_nb.quality.counts import Counts

_UNIT = frozenset({"unit", "units", "uom", "einheit", "unité", "unite", "unidad", "u", "lbstresu", "lborresu"})
_VALUE = frozenset({"value", "result", "val", "measurement", "wert", "valeur", "valor", "aval", "lbstresn"})
_PARAMETER = frozenset(
    {"test", "parameter", "param", "analyte", "lab test", "test name", "test code", "measure", "paramcd", "lbtest"}
    | {"lbtestcd", "untersuchung", "labtest"}
)
_FEW = 12  # units; more are words about something else
_SHOWN = 4  # units that a finding names
_ASK = "Write them in one unit and upload the file again; until then, ask of one unit at a time."
_FIRST = 5  # row numbers that are told


def doubt_unit_columns(table: Table, counts: Sequence[Counts]) -> Iterator[Finding]:
    """Yield a finding for each column of numbers beside which another says several units ("age", "age_unit")."""
    columns = {each.name: each for each in counts}
    yield from _of_long_tables(table, columns)
    for beside in counts:
        words = words_of(beside.name)
        if not (beside.is_text and beside.is_whole and words and words[-1] in _UNIT and words[:-1]):
            continue
        for name, numbers in columns.items():
            if name != beside.name and numbers.is_number and words_of(name) == words[:-1]:
                yield from _told(table, name, beside)


def names_unit(name: str) -> bool:
    """Tell whether a column says in which unit others are."""
    words = words_of(name)
    return bool(words) and words[-1] in _UNIT


def names_parameter(name: str) -> bool:
    """Tell whether a column of a long table says what was measured in each row."""
    return _is_called(name, _PARAMETER)


def _of_long_tables(table: Table, columns: Mapping[str, Counts]) -> Iterator[Finding]:
    """Yield a finding where a long table has several units of one parameter: glucose in mmol/L and in mg/dL."""
    units = [name for name, each in columns.items() if each.is_text and _is_called(name, _UNIT)]
    values = [name for name, each in columns.items() if each.is_number and _is_called(name, _VALUE)]
    parameters = [name for name, each in columns.items() if each.is_text and _is_called(name, _PARAMETER)]
    if len(units) != 1 or len(values) != 1 or not parameters:
        return
    named = {"of": parameters[0], "number": values[0], "unit": units[0]}
    frame = table.scan.select(pl.col(name).alias(called) for called, name in named.items())
    plain = pl.col("unit").str.strip_chars().str.to_lowercase()
    rows = frame.with_columns(unit=plain).with_row_index("row", offset=1).drop_nulls().collect(engine="streaming")
    by_unit = rows.group_by("of", "unit").agg(rows=pl.len()).sort("of", "rows", "unit", descending=[False, True, False])
    for (parameter,), found in by_unit.group_by("of", maintain_order=True):
        if found.height == 1 or found.height > _FEW:
            continue
        each = found.select("unit", "rows").iter_rows()
        shown = ", ".join(f"{unit} in {counted(number, 'row')}" for unit, number in each)
        others = rows.filter((pl.col("of") == parameter) & (pl.col("unit") != found["unit"][0]))["row"].sort()
        text = f"'{parameter}' in several units, as '{units[0]}' says: {shown}."
        first = tuple(others.head(_FIRST).to_list())
        told = Finding(table.name, values[0], others.len(), text, _ASK, "mixed units", first)
        yield replace(told, says_units=units[0], parameter=str(parameter))


def _is_called(name: str, words: frozenset[str]) -> bool:
    return " ".join(words_of(name)) in words or name.casefold() in words


def _told(table: Table, column: str, beside: Counts) -> Iterator[Finding]:
    units: Counter[str] = Counter()
    for value, rows in beside.values.items():
        units[str(value).strip().casefold()] += rows
    if not 1 < len(units) <= _FEW:
        return
    pair = table.scan.select(pl.col(column).alias("number"), pl.col(beside.name).alias("unit"))
    frame = pair.with_row_index("row", offset=1).drop_nulls().collect(engine="streaming")
    unit = frame["unit"].str.strip_chars().str.to_lowercase()
    several = unit.value_counts(sort=True)
    if several.height < 2:  # noqa: PLR2004 - one unit is no mixture
        return
    rows = frame.filter(unit != several["unit"][0])
    shown = ", ".join(f"{name} in {counted(number, 'row')}" for name, number in several.head(_SHOWN).iter_rows())
    text = f"Numbers in several units, as '{beside.name}' says: {shown}{', …' if several.height > _SHOWN else ''}."
    first = tuple(rows.sort("row")["row"].head(_FIRST).to_list())
    found = Finding(table.name, column, rows.height, text, _ASK, "mixed units", first)
    yield replace(found, says_units=beside.name)
