"""Frames that lie outside the store: which there can be, and what is counted of their columns to say what they are."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from clinical_nb.analysis.counts import Frame, collect
from clinical_nb.analysis.engines import asking_engine
from clinical_nb.analysis.stored import called, open_rows
from clinical_nb.dictionary.inference import MAX_LEVELS, Counted
from clinical_nb.errors import ClinicalError


def check_frame(frame: Any) -> None:  # noqa: ANN401 - whatever a person gives
    """Refuse what cannot be queried where it lies.

    Raises
    ------
    ClinicalError
        When narwhals does not know it.

    """
    try:
        nw.from_native(frame).lazy()
    except TypeError as error:
        raise ClinicalError(
            f"A {type(frame).__name__} cannot be attached.",
            "Give a lazy frame of Polars, a relation of DuckDB or a DataFrame of Spark; upload files.",
        ) from error


def fresh(frame: Frame) -> Frame:
    """Return a frame of the same rows that nothing was counted of before: those of an attached one may change."""
    with asking_engine():
        rows = nw.from_native(frame).lazy()
        native: Any = rows.to_native()
        return native.select("*") if rows.implementation.is_spark_like() else rows.select(nw.all()).to_native()


def count_columns(frame: Frame) -> tuple[int, Sequence[Counted]]:
    """Return how many rows there are, and of each column its type, its known and its distinct values where few."""
    rows, schema = open_rows(frame)
    types = collect(rows.head(0)).to_polars().schema
    known = {name: _known(name, dtype) for name, dtype in schema.items()}
    numbers: list[nw.Expr] = [nw.len().alias("rows")]
    for place, (name, value) in enumerate(known.items()):
        numbers.append((~value.is_null()).cast(nw.Int64).sum().alias(f"known{place}"))
        if _is_counted(schema[name]):
            numbers.append(value.n_unique().alias(f"distinct{place}"))
    counted = collect(rows.select(*numbers)).to_dict(as_series=False)
    whole = int(counted["rows"][0])
    found: list[Counted] = []
    for place, (name, value) in enumerate(known.items()):
        there = int(counted[f"known{place}"][0] or 0)
        several = int(counted.get(f"distinct{place}", [whole])[0])  # missing counts as one of them
        few = _is_counted(schema[name]) and several <= MAX_LEVELS + 1
        values = collect(rows.select(value.alias("value")).filter(~nw.col("value").is_null()).unique()) if few else None
        distinct = None if values is None else values["value"].to_list()
        unique = there == whole and several == whole and _is_counted(schema[name])
        found.append(Counted(name, types[called(name)], there, distinct, unique))
    return whole, found


def _known(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    value = nw.col(called(name))
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return value.cast(nw.String)
    return nw.when(~value.is_nan()).then(value) if dtype.is_float() else value


def _is_counted(dtype: nw.dtypes.DType) -> bool:
    return dtype.is_numeric() or isinstance(dtype, nw.String | nw.Boolean | nw.Categorical | nw.Enum)
