"""What a file says of its columns, laid over what their values show: its labels and codes hold, as far as they fit."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.codes import means_unknown
from clinical_nb.dictionary.headers import has_brackets_or_codes, read_header, says_count, unit_of
from clinical_nb.dictionary.meaning import Code, Column, Level, MissingCode, kind_of, value_text
from clinical_nb.dictionary.said import Said, Saying

_NOTHING = Said()
_MOST = 200  # levels of a column of numbers of which not each has a label


def lay_over(columns: Mapping[str, Column], scan: pl.LazyFrame, said: Saying) -> dict[str, Column]:
    """Lay what a file says of columns over what was inferred; of a column of which it says nothing, its name may.

    - Label, unit, kind and the column of reasons are taken as they are said.
    - Codes whose label says that nothing is known (unknown, refused, not done) are missing codes.
    - Other labels make levels, in the file's order, where at least half of the different values have one; values
      without stay under their own text. Where fewer have one, as in "0 = none" of a count, numbers stay numbers.

    Parameters
    ----------
    columns : mapping of str to Column
        What was inferred, by column.
    scan : pl.LazyFrame
        The table.
    said : Saying
        What is said, by column.

    Returns
    -------
    dict of str to Column
        Each column, in the same order.

    """
    coded = [name for name in columns if (name in said and said[name].levels) or has_brackets_or_codes(name)]
    values = _values(scan, coded)
    laid: dict[str, Column] = {}
    for name, column in columns.items():
        words = said.get(name, _NOTHING)
        if not (words.label or words.levels) and name in values:
            from_name = read_header(name, values[name])
            unit = from_name.unit if column.kind == "numeric" or not from_name.unit else ""
            if unit or from_name.levels or (from_name.label and not from_name.unit):
                words = from_name
        laid[name] = _laid(column, words, values.get(name, ())) if words != _NOTHING else column
    return laid


def _values(scan: pl.LazyFrame, columns: Sequence[str]) -> dict[str, list[Code]]:
    """Return the different values of columns, of floats the finite ones, whole ones as integers."""
    if not columns:
        return {}
    asked = scan.select(by_name(name).drop_nulls().unique().sort().implode() for name in columns).collect()
    return {name: [_plain(value) for value in asked[name][0].to_list()] for name in columns}


def _plain(value: Any) -> Code:  # noqa: ANN401 - what a cell holds
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _laid(column: Column, said: Said, values: Sequence[Code]) -> Column:
    changes: dict[str, Any] = {}
    if said.label:
        changes["label"] = said.label
    if said.unit:
        changes["unit"] = said.unit
    if said.reasons:
        changes["reasons"] = said.reasons
    missing, levels = _split(said)
    gone = {value_text(code.value) for code in missing if code.value is not None}
    kept = [code for code in column.missing if value_text(code.value) not in gone]
    changes["missing"] = (*missing, *kept)
    if column.kind not in ("identifier", "date"):
        changes |= _with_levels(column, levels, gone | {value_text(code.value) for code in kept}, values)
    if said.kind:
        changes["kind"] = said.kind
    elif says_count(said.label, changes.get("levels", column.levels)):
        changes |= {"kind": "numeric", "levels": (), "ordered": False}
    if changes.get("kind", column.kind) == "numeric" and not said.unit:
        changes["unit"] = unit_of(said.label) or column.unit
    return Column.model_validate({**column.model_dump(), **changes})


def _split(said: Said) -> tuple[tuple[MissingCode, ...], tuple[Level, ...]]:
    """Return the codes that stand for missing, by what the file says or by their labels, and the others."""
    labels = [level.label for level in said.levels]
    unknown = tuple(
        MissingCode(value=level.value, reason=level.label)
        for level in said.levels
        if said.kind is None and means_unknown(level.label, labels)
    )
    declared = {value_text(code.value) for code in (*unknown, *said.missing) if code.value is not None}
    levels = tuple(level for level in said.levels if value_text(level.value) not in declared)
    return (*said.missing, *unknown), levels


def _with_levels(column: Column, levels: Sequence[Level], gone: set[str], values: Sequence[Code]) -> dict[str, Any]:
    """Return the kind and the levels that labels make, when the codes for missing are taken out."""
    if not levels and not gone:
        return {}
    labels = {value_text(level.value): level for level in levels}
    known = [value for value in values if value_text(value) not in gone]
    bare = [value for value in known if value_text(value) not in labels]
    if levels and len(bare) * 2 <= len(known) and len(bare) <= _MOST:
        return _as_levels((*levels, *(Level(value=value, label=value_text(value)) for value in bare)))
    if not column.levels:
        return {"levels": tuple(levels)} if column.kind == "numeric" else {}
    kept = [
        labels.get(value_text(level.value), level) for level in column.levels if value_text(level.value) not in gone
    ]
    if len(kept) == len(column.levels):
        return {"levels": tuple(kept)}
    return _as_levels(kept) if kept else {"levels": (), "kind": "numeric" if _are_numbers(values) else "text"}


def _as_levels(levels: Sequence[Level]) -> dict[str, Any]:
    return {"kind": kind_of(levels), "levels": tuple(levels), "ordered": False}


def _are_numbers(values: Sequence[Code]) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in cast("Sequence[Any]", values)
    )
