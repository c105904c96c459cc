"""Rows counted for each distinct combination of the columns of a model: numbers as they are, others as levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from clinical_nb.analysis.counts import LARGEST, Level, Scan, collect, decide, known_values
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Condition, Variable, name_of

MOST_PATTERNS = 2_000_000  # with ten terms a matrix of 160 MB
_DENSE = 16  # cells for each row: up to here rows are put at their place rather than compared
_LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class PatternTable:
    """The distinct combinations that are known in every column, in one order, with the rows of each.

    `values` holds the numbers of a numeric column, else the place of each level in `levels`. `rows` are those of the
    cohort, `missing` those among them without a value, of each variable.
    """

    values: Mapping[Variable, Floats]
    levels: Mapping[Variable, tuple[Level, ...]]
    counts: Counts
    rows: int
    missing: Mapping[Variable, int]

    @property
    def used(self) -> int:
        """The rows where all is known."""
        return int(self.counts.sum())


def count_patterns(
    scan: Scan, numeric: Sequence[str], others: Sequence[Variable], where: Sequence[Condition] = ()
) -> PatternTable:
    """Count the rows where all conditions hold, for each combination of numbers and levels.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column or a value cannot be what the variable says, or there are more combinations than MOST_PATTERNS.

    """
    variables: list[Variable] = [*dict.fromkeys((*numeric, *others))]
    counted = _count(scan, variables, frozenset(numeric), where)
    if len(counted) > MOST_PATTERNS:
        together = ", ".join(map(name_of, variables))
        raise PlanError(
            f"{together} together have {len(counted):,} different combinations of values, and {MOST_PATTERNS:,} at "
            "most are held in memory at once.",
            "Round the finest of them before the upload, name fewer columns, or ask about fewer people.",
        )
    names = [f"v{place}" for place in range(len(variables))]
    frame = counted.to_polars()
    number = frame["number"].to_numpy().astype(np.int64)
    missing = {
        variable: int(number[frame[name].is_null().to_numpy()].sum())
        for variable, name in zip(variables, names, strict=True)
    }
    complete = frame.drop_nulls(names)
    levels: dict[Variable, tuple[Level, ...]] = {}
    columns: list[Floats] = []
    for variable, name in zip(variables, names, strict=True):
        if variable in numeric:
            columns.append(_finite(complete[name].to_numpy().astype(np.float64), str(variable)))
        else:
            places, levels[variable] = _places(complete[name])
            columns.append(places)
    order = _sort(columns, complete.height)
    values = {variable: column[order] for variable, column in zip(variables, columns, strict=True)}
    counts = complete["number"].to_numpy().astype(np.int64)[order]
    return PatternTable(values, levels, counts, int(number.sum()), missing)


def _sort(columns: Sequence[Floats], rows: int) -> NDArray[np.int64]:
    """Return the order of distinct rows by the first column, then by the next, and on."""
    key, cells = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        low, high = (float(column.min()), float(column.max())) if rows else (0.0, 0.0)
        if high - low < _DENSE * rows and (column == np.trunc(column)).all():
            place, many = (column - low).astype(np.int64), int(high - low) + 1
        else:
            distinct, place = np.unique(column, return_inverse=True)
            many = len(distinct)
        cells *= many
        if cells > _LARGEST_KEY:
            return np.lexsort(columns[::-1])
        key = key * many + place
    if cells > _DENSE * rows:
        return np.argsort(key)
    at = np.full(cells, -1)  # each row at the place of its key, which no other has
    at[key] = np.arange(rows)
    return at[at >= 0]


def _count(
    scan: Scan, variables: Sequence[Variable], numeric: frozenset[str], where: Sequence[Condition]
) -> nw.DataFrame[Any]:
    rows = scan.rows.filter(decide(scan, AllOf(tuple(where)))) if where else scan.rows
    derived: list[nw.Expr] = []
    for place, variable in enumerate(variables):
        value = known_values(scan, variable) if isinstance(variable, str) else decide(scan, variable)
        if variable in numeric:
            if not scan.schema[str(variable)].is_numeric():
                raise PlanError(f"'{variable}' does not hold numbers.")
            value = value.cast(nw.Float64) + 0.0  # so that -0.0 and 0.0 are one value
        derived.append(value.alias(f"v{place}"))
    names = [f"v{place}" for place in range(len(variables))]
    return collect(rows.select(*derived).group_by(*names).agg(nw.len().alias("number")))


def _finite(values: Floats, column: str) -> Floats:
    if len(values) and np.abs(values).max() > LARGEST:
        raise PlanError(f"'{column}' holds infinite values.", "Declare them as missing, or leave them out.")
    return values


def _places(found: pl.Series) -> tuple[Floats, tuple[Level, ...]]:
    """Return each level's place among the distinct ones, and these in one order."""
    distinct = found.unique().sort()
    places = np.asarray(distinct.search_sorted(found)).astype(np.float64)
    written = tuple(level.isoformat() if isinstance(level, date) else level for level in distinct.to_list())
    return places, written


def indicator(table: PatternTable, variable: Variable, level: Level) -> NDArray[np.bool_]:
    """Return which patterns have a level of a variable."""
    levels = table.levels[variable]
    if level not in levels:
        return np.zeros(len(table.counts), dtype=bool)
    return table.values[variable] == levels.index(level)
