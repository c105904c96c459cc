"""The one place that queries: rows counted for each distinct combination of a few variables, in the scan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoLazyFrame

from clinical_nb.analysis.bounds import can_equal, meets_threshold, read_bound
from clinical_nb.analysis.distribution import Distribution, distribution_from, has_negative_zero
from clinical_nb.analysis.engines import asking_engine
from clinical_nb.analysis.stored import as_bound, as_stored, called, open_rows
from clinical_nb.dictionary.meaning import Column, Dictionary, value_text
from clinical_nb.errors import DeletedTableError, PlanError, UnknownColumnError, UnknownTableError, UnreadableTableError
from clinical_nb.plan import (
    AllOf,
    AnyOf,
    AnyRow,
    Condition,
    Known,
    Missing,
    NoneOf,
    NoRow,
    OneOf,
    Scalar,
    Sign,
    Threshold,
    Variable,
    columns_of,
    name_of,
)

Frame = IntoLazyFrame
Level = Scalar | None
Key = tuple[Level, ...]
CountTable = Mapping[Key, int]
ValueTable = Mapping[Key, Distribution]
MOST_CELLS = 100_000  # groups of anything but a numeric column; more is a column that does not group
EXACT = 2**53  # up to here each whole number is a float of its own
LARGEST = 1e100  # beyond this nothing was measured, and a cube is no longer a float
_SIGNS = {"<": nw.Expr.__lt__, "<=": nw.Expr.__le__, ">": nw.Expr.__gt__, ">=": nw.Expr.__ge__}


@dataclass(frozen=True, slots=True)
class Scan:
    """One table that can be counted: its lazy rows (`frame`, and as narwhals sees them) and what its columns mean.

    `reduced` says that its rows were reduced to one a person, `unreduced` why several of one were not, and
    `independent` that these count as of several persons, as is asked for.
    """

    frame: Frame
    table: str
    columns: Mapping[str, Column]
    identifier: str | None
    schema: nw.Schema
    rows: nw.LazyFrame[Any]
    reduced: bool = False
    unreduced: str = ""
    independent: bool = False


@dataclass(frozen=True, slots=True)
class Persons:
    """Rows with a known identifier, and the distinct identifiers among them."""

    rows: int
    persons: int


def open_scan(frame: Frame, dictionary: Dictionary, table: str) -> Scan:
    """Return a table that can be counted, from any lazy frame that narwhals supports.

    Raises
    ------
    UnknownTableError
        When the dictionary does not have the table.
    DeletedTableError
        When its file is not there any more.

    """
    if table not in dictionary.tables:
        raise UnknownTableError(table, "this dataset", dictionary.tables)
    try:
        rows, schema = open_rows(frame)
    except FileNotFoundError as error:
        raise DeletedTableError from error
    return Scan(frame, table, dictionary.tables[table], dictionary.identifier(table), schema, rows)


def count_rows(scan: Scan, by: Sequence[Variable], where: Sequence[Condition] = ()) -> CountTable:
    """Count the rows where all conditions hold, for each combination of levels; None is missing or undecided.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column or a value cannot be what the variable says, or there are more combinations than MOST_CELLS.

    """
    names = _names(by)
    counted = _check_cells(_count(scan, by, where, names, (), [nw.len().alias("number")]))
    cells = {_key(row[:-1]): int(row[-1]) for row in counted.select(*names, "number").iter_rows()}
    return {key: cells[key] for key in sorted(cells, key=_order)}


def count_persons(
    scan: Scan, identifier: str, by: Sequence[Variable], where: Sequence[Condition] = ()
) -> Mapping[Key, Persons]:
    """Count the distinct values of an identifier, and its rows, where all conditions hold, for each combination.

    Raises
    ------
    UnknownColumnError, PlanError
        As for `count_rows`.

    """
    names = _names(by)
    numbers = [nw.len().alias("number"), nw.col("person").n_unique().alias("persons")]
    person = known_values(scan, identifier).alias("person")
    counted = _check_cells(_count(scan, by, (*where, Known(identifier)), names, [person], numbers))
    rows = counted.select(*names, "number", "persons").iter_rows()
    cells = {_key(row[:-2]): Persons(int(row[-2]), int(row[-1])) for row in rows}
    return {key: cells[key] for key in sorted(cells, key=_order)}


def count_undecided(scan: Scan, where: Sequence[Condition]) -> int:
    """Count the rows that a missing value leaves neither in nor out of the cohort."""
    if not where:
        return 0
    conditions = AllOf(tuple(where))
    # An undecided row misses a value or has only a limit. Asked for first: a scan knows which parts have none missing.
    missing = [known_values(scan, column).is_null() for column in columns_of(conditions)]
    limits = [scan.columns[column].limit for column in columns_of(conditions) if column in scan.columns]
    missing += [~known_values(scan, limit.column).is_null() for limit in limits if limit]
    rows = scan.rows.filter(nw.any_horizontal(*missing, ignore_nulls=False))
    return int(collect(rows.filter(decide(scan, conditions).is_null()).select(nw.len())).item())


def count_values(scan: Scan, column: str, by: Sequence[Variable], where: Sequence[Condition] = ()) -> ValueTable:
    """Count the rows of each distinct value of a numeric column, for each combination of levels.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column or a value cannot be what the variable says, or a value is larger than LARGEST.

    """
    if not _dtype(scan, column).is_numeric():
        raise PlanError(f"'{column}' does not hold numbers.")
    names = _names(by)
    value = counted_values(scan, column)
    if not _dtype(scan, column).is_integer():  # whole numbers group faster as they are stored
        value = value.cast(nw.Float64)
    counted = _count(scan, by, where, [*names, "value"], [value.alias("value")], [nw.len().alias("number")])
    counted = _merge_as_floats(counted, names)
    parts = counted.group_by(*names) if names else [((), counted)]
    found = {_key(key): _distribution(part) for key, part in parts}
    for distribution in found.values():
        if distribution.n and np.abs(distribution.values[[0, -1]]).max() > LARGEST:
            raise PlanError(f"'{column}' holds infinite values.", "Declare them as missing, or leave them out.")
    return {key: found[key] for key in sorted(found, key=_order)}


def _names(by: Sequence[Variable]) -> list[str]:
    return [f"by{place}" for place in range(len(by))]


def _check_cells(counted: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    if len(counted) > MOST_CELLS:
        raise PlanError(f"This would make {len(counted)} groups.", "Group by a column with few levels.")
    return counted


def _count(  # noqa: PLR0913, PLR0917 - the five verbs' arguments
    scan: Scan,
    by: Sequence[Variable],
    where: Sequence[Condition],
    names: Sequence[str],
    more: Sequence[nw.Expr],
    numbers: Sequence[nw.Expr],
) -> nw.DataFrame[Any]:
    """Filter, derive, group, count. The columns get names of our own, so that none of a person's can clash."""
    rows = scan.rows
    if where:
        rows = rows.filter(decide(scan, AllOf(tuple(where))))
    values = [known_values(scan, each) if isinstance(each, str) else decide(scan, each) for each in by]
    derived = [value.alias(f"by{place}") for place, value in enumerate(values)]
    rows = rows.select(*derived, *more) if derived or more else rows
    return collect(rows.group_by(*names).agg(*numbers) if names else rows.select(*numbers))


def collect(query: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
    """Run a query, the only place where data are read.

    Raises
    ------
    DeletedTableError, UnreadableTableError, UnansweredFrameError
        When its file is gone, is damaged inside, or the engine of an attached frame cannot answer.

    """
    # Polars' streaming engine counts in half the time; the order of its rows is nobody's.
    engine: dict[str, Any] = {"engine": "streaming"} if query.implementation.is_polars() else {}
    try:
        with asking_engine():
            return query.collect(**engine)
    except FileNotFoundError as error:
        raise DeletedTableError from error
    except nw.exceptions.ComputeError as error:
        raise UnreadableTableError from error


def _merge_as_floats(counted: nw.DataFrame[Any], names: Sequence[str]) -> nw.DataFrame[Any]:
    """Return counted values that floats tell apart: 0 and -0, and whole numbers that no float does, are one value."""
    values = counted.get_column("value")
    if values.dtype.is_integer():
        if max(abs(values.max() or 0), abs(values.min() or 0)) <= EXACT:
            return counted
    elif not (values.dtype.is_float() and has_negative_zero(values.to_numpy())):
        return counted
    floats = counted.with_columns(nw.col("value").cast(nw.Float64) + 0.0)
    return floats.group_by(*names, "value").agg(nw.col("number").sum())


def _key(values: Sequence[Any]) -> Key:
    return tuple(value.isoformat() if isinstance(value, date) else value for value in values)


def _order(key: Key) -> list[tuple[bool, str, Any]]:
    """Sort keys of any types, missing last."""
    return [
        (level is None, "" if isinstance(level, int | float) else type(level).__name__, level or 0) for level in key
    ]


def _distribution(counted: nw.DataFrame[Any]) -> Distribution:
    values, number = (counted.get_column(name).to_numpy() for name in ("value", "number"))
    return distribution_from(values.astype(np.float64), number.astype(np.int64))


def decide(scan: Scan, condition: Condition) -> nw.Expr:  # noqa: C901, PLR0911 - one return a kind of condition
    """Return yes, no or null (undecided) for each row, by Kleene's logic."""
    match condition:
        case OneOf(column, values):
            return _is_one_of(scan, column, values)
        case NoneOf(column, values):
            return ~_is_one_of(scan, column, values)
        case Threshold(column, sign, value):
            bound = as_bound(value, _dtype(scan, column))
            if bound is None:
                kind = "dates" if isinstance(value, str) else "numbers"
                raise PlanError(f"'{column}' does not hold {kind}, so none of it is {sign} {value}.")
            return _lies(scan, column, sign, bound)
        case Missing(column):
            return known_values(scan, column).is_null()
        case Known(column):
            return ~known_values(scan, column).is_null()
        case AllOf((condition,)) | AnyOf((condition,)):
            return decide(scan, condition)
        case AnyRow():  # which joining has decided
            return known_values(scan, name_of(condition))
        case NoRow():
            return ~known_values(scan, name_of(condition.contrary))
        case AllOf(conditions):
            return nw.all_horizontal(*(decide(scan, each) for each in conditions), ignore_nulls=False)
        case AnyOf(conditions):
            return nw.any_horizontal(*(decide(scan, each) for each in conditions), ignore_nulls=False)


def _is_one_of(scan: Scan, column: str, values: Sequence[Scalar]) -> nw.Expr:
    stored = _stored(scan, column, values)
    # One value is compared, which costs a scan less than looking it up.
    decided = known_values(scan, column) == stored[0] if len(stored) == 1 else known_values(scan, column).is_in(stored)

    def meets(text: str) -> bool | None:
        bound = read_bound(text, scan.columns[column])
        return None if any(can_equal(bound, value) for value in stored) else False

    return _unless_beyond(scan, column, decided, meets)


def _lies(scan: Scan, column: str, sign: Sign, value: float) -> nw.Expr:
    decided = _SIGNS[sign](known_values(scan, column), value)
    return _unless_beyond(
        scan, column, decided, lambda text: meets_threshold(read_bound(text, scan.columns[column]), sign, value)
    )


def _unless_beyond(scan: Scan, column: str, decided: nw.Expr, meets: Callable[[str], bool | None]) -> nw.Expr:
    """Decide by its limit what lies beyond one: the number stored for it is a convention, not a measurement."""
    limit = scan.columns[column].limit if column in scan.columns else None
    if limit is None:
        return decided
    beyond = known_values(scan, limit.column)
    texts = [str(text) for (text,) in count_rows(scan, (limit.column,)) if text is not None]
    answers = {text: meets(text) for text in texts}
    for answer in (True, False, None):
        of = [text for text in texts if answers[text] is answer]
        if of:
            decided = nw.when(beyond.is_in(of)).then(nw.lit(answer, nw.Boolean)).otherwise(decided)
    return decided


def known_values(scan: Scan, column: str) -> nw.Expr:
    """Return the column with null for NaN and for each code that its dictionary declares to be missing."""
    value, unknown = _values(scan, column)
    if _dtype(scan, column).is_float():
        unknown.append(value.is_nan())
    if len(unknown) > 1:
        unknown = [nw.any_horizontal(*unknown, ignore_nulls=False)]
    return nw.when(~unknown[0]).then(value) if unknown else value


def counted_values(scan: Scan, column: str) -> nw.Expr:
    """Return the column with null for declared codes; NaN stays, which is missing once it is counted, as a float is."""
    value, unknown = _values(scan, column)
    return nw.when(~unknown[0]).then(value) if unknown else value


def _values(scan: Scan, column: str) -> tuple[nw.Expr, list[nw.Expr]]:
    """Return a column's values, and which of them are codes for missing, where any are declared."""
    dtype = _dtype(scan, column)
    value = nw.col(called(column))
    if isinstance(dtype, nw.Categorical | nw.Enum):
        value = value.cast(nw.String)
    elif dtype.is_decimal():
        value = value.cast(nw.Float64)
    declared = scan.columns[column].missing if column in scan.columns else ()
    codes = [stored for code in declared if (stored := as_stored(code.value, dtype)) is not None]
    return value, [value.is_in(codes)] if codes else []


def _dtype(scan: Scan, column: str) -> Any:  # noqa: ANN401 - narwhals types a schema's values so
    if column not in scan.schema:
        raise UnknownColumnError(column, scan.table, scan.schema)
    return scan.schema[column]


def _stored(scan: Scan, column: str, values: Sequence[Scalar]) -> list[Any]:
    """Return a condition's values as the column stores them."""
    stored = [as_stored(value, _dtype(scan, column)) for value in values]
    for value, found in zip(values, stored, strict=True):
        if found is None:
            levels = ", ".join(value_text(level.value) for level in scan.columns[column].levels[:8])
            problem = f"'{value_text(value)}' is not a value that '{column}' can have."
            raise PlanError(problem, f"Its levels are {levels}." if levels else "")
    return stored
