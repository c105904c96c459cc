"""How a value of a plan or of the dictionary is stored in a column of some type, and what a column is called there."""

import math
from datetime import date, datetime
from typing import Any

import narwhals as nw

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


def called(column: str) -> str:
    """Return what a column is called in the rows: Polars would take these names for patterns of several columns."""
    return f"named {column}" if column == "*" or (column.startswith("^") and column.endswith("$")) else column


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
