"""How a value of a plan or of the dictionary is stored in a column of some type, and what a column is called there."""

import math
from datetime import date, datetime, time
from typing import Any

import narwhals as nw
from narwhals.typing import IntoLazyFrame

from clinical_nb.analysis.engines import asking_engine
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.plan import Scalar


def as_stored(value: Scalar | None, dtype: Any) -> Any:  # noqa: ANN401 - one return a type of column
    """Return the value in the column's own type; None where it has no place there."""
    if isinstance(value, bool) or dtype == nw.Boolean:
        return value if isinstance(value, bool) and dtype == nw.Boolean else None
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return None if value is None else value_text(value)
    if dtype.is_numeric():
        return _as_number(value, dtype) if isinstance(value, int | float) and math.isfinite(value) else None
    if dtype == nw.Date and isinstance(value, str):
        return _read_date(value)
    return None


def as_bound(value: float | str, dtype: Any) -> Any:  # noqa: ANN401 - as above
    """Return a number or a day that values of a column can lie on a side of; None where they cannot."""
    if isinstance(value, str):
        day = _read_date(value)
        return datetime.combine(day, time()) if day and isinstance(dtype, nw.Datetime) else as_stored(value, dtype)
    return value if dtype.is_numeric() else None


def called(column: str) -> str:
    """Return what a column is called in the rows, where its name means something else to an engine.

    Polars takes some for patterns of several columns; Spark takes a dot for a field of a column, and marks names by `.
    """
    if column == "*" or (column.startswith("^") and column.endswith("$")):
        return f"named {column}"
    if "." in column or "`" in column:
        return f"named {column.replace('%', '%25').replace('.', '%2E').replace('`', '%60')}"
    return column


def open_rows(frame: IntoLazyFrame) -> tuple[nw.LazyFrame[Any], nw.Schema]:
    """Return the rows of a frame with their columns as they are called here, and the types by the columns' own names.

    Raises
    ------
    FileNotFoundError
        When the file that it scans is not there any more.
    UnansweredFrameError
        When the engine of an attached frame cannot answer.

    """
    with asking_engine():
        rows = nw.from_native(frame).lazy()
        schema = rows.collect_schema()
    names = {name: called(name) for name in schema if called(name) != name}
    if names and rows.implementation.is_spark_like():  # by place, since Spark cannot name what has a dot in its name
        native: Any = rows.to_native()
        return nw.from_native(native.toDF(*map(called, schema))).lazy(), schema
    return (rows.rename(names) if names else rows), schema


def _as_number(value: float, dtype: Any) -> float | None:  # noqa: ANN401 - as above
    """Return a whole number as an integer or a float, as the column has it: engines do not mix them."""
    if not dtype.is_integer():
        return float(value)
    return int(value) if float(value).is_integer() else None


def _read_date(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
