"""How DuckDB's types come to Polars, where Arrow does not bring them over as a person needs them."""

import re

# DuckDB gives a sum of integers 128 bits, which few tools take: such a number that does not fit 64 is an error.
_WIDE = frozenset({"HUGEINT", "UHUGEINT"})
# What Polars cannot take from Arrow, or takes as bytes that mean nothing outside of DuckDB.
_AS_TEXT = re.compile(r"\b(?:INTERVAL|BIT|BIGNUM|UNION|VARIANT|GEOMETRY|TIME WITH TIME ZONE)\b")
# A logical type of the store as DuckDB reads it from Parquet: see `store.hash`.
_STORED = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "decimal": "DECIMAL(38, 9)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "duration": "BIGINT",
    "time": "TIME_NS",
    "text": "VARCHAR",
    "bytes": "BLOB",
}


def to_polars_type(kind: str) -> str | None:
    """Return the type to cast a column of this type to, so that Polars takes it; None where it does already."""
    if kind in _WIDE:
        return "BIGINT"
    if kind.startswith("ENUM(") or _AS_TEXT.search(kind):
        return "VARCHAR"
    return None


def from_logical_type(kind: str) -> str:
    """Return DuckDB's type of a stored column that is listed and not read."""
    return "TIMESTAMP WITH TIME ZONE" if kind.startswith("datetime[") else _STORED.get(kind, "INTEGER")


def far_off(column: str, kind: str) -> str | None:
    """Return what is true where a date of this column is beyond the years that Python counts; None if it has none."""
    if kind.endswith("[]"):
        inner = far_off("each", kind.removesuffix("[]"))
        return inner and f"list_bool_or(list_transform({column}, lambda each: {inner}))"
    if kind == "TIMESTAMP_NS":  # 64 bits of them end in 2262
        return f"NOT isfinite({column})"
    first, last = "0001-01-01", "10000-01-01"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"({column} < CAST('{first}' AS {kind}) OR {column} >= CAST('{last}' AS {kind}))"
    return None
