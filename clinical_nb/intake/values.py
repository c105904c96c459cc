"""Text → typed columns: what every value of a column is, decided over the whole column, and never guessed.

A large column is typed piece by piece. Where its pieces are of one type, that is its own; where they differ, it is what
all of them can be without losing a digit, which may be the text that they were read from.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

import polars as pl

from clinical_nb.intake.at_once import (
    DAY,
    EXACT_IN_FLOAT,
    NOT_PLAIN,
    NUMBER_STARTS,
    days_at_once,
    distinct_values,
    first_values,
    is_day,
    largest_of,
    plain_numbers,
    tidy_columns,
    whole_numbers,
)
from clinical_nb.intake.table import Finding, counted
from clinical_nb.intake.thousands import is_unclear
from clinical_nb.intake.tidy import NOTHING_TIDIED, Tidied, tell_tidied, tidy_text

_WHOLE = r"^-?[0-9]+$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"
_BOOLEANS = ("true", "false")
_FEW_ROWS = 10_000  # of which a column is typed sooner than a thread is woken
_DECIMAL_COMMA = r"^-?\d+(,\d+)?$"


Kind = Literal["missing", "whole", "number", "comma", "infinite", "boolean", "date", "time", "instant", "text"]
_DTYPES: dict[Kind, pl.DataType] = {
    "whole": pl.Int64(),
    "number": pl.Float64(),
    "comma": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "time": pl.Datetime("us"),
    "instant": pl.Datetime("us", "UTC"),
}


# How a column of text is read as what its distinct values are.
_READ: dict[Kind, Callable[[pl.Expr], pl.Expr]] = {
    "missing": lambda text: text,
    "text": lambda text: text,
    "whole": lambda text: text.cast(pl.Int64),
    "number": lambda text: text.cast(pl.Float64),
    "date": lambda text: text.str.to_date("%Y-%m-%d"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a column, or a piece of it, was found to be, as far as its type and what is told of it depend on it.

    `largest` is of whole numbers; `infinite` and `commas` count cells; these `may_be_thousands` where each has three
    digits behind its comma.
    """

    kind: Kind
    tidied: Tidied = NOTHING_TIDIED
    largest: int = 0
    infinite: int = 0
    commas: int = 0
    may_be_thousands: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing in it, not even a sign that something is missing."""
        return self.kind == "missing" and not self.tidied.missing

    @property
    def dtype(self) -> pl.DataType:
        """The type that its values have."""
        return _DTYPES.get(self.kind, pl.String())


def type_columns(rows: pl.DataFrame, decimal_comma: bool) -> tuple[pl.DataFrame, list[Seen]]:  # noqa: FBT001 - a fact of the file
    """Give each column of text the type that all its values have.

    Integer (Int64), float, boolean (spellings of true and false), ISO date, ISO datetime (naive, or UTC where every
    value has its zone), else text. Numbers with leading zeros or too large to be exact stay text, and so does a column
    with one value that is no number. Values that are missing tokens become null; blanks around values are dropped and
    characters composed (NFC).

    Parameters
    ----------
    rows : pl.DataFrame
        Columns of String: a whole table, or a piece of it. What has one of the types already stays as it is.
    decimal_comma : bool
        Whether commas between digits are decimal marks, as in files that semicolons delimit.

    Returns
    -------
    tuple
        The typed rows, with the same columns, and what was seen in each.

    """
    known = {column.name: (column, _seen_typed(column)) for column in rows.get_columns() if column.dtype != pl.String}
    done = known | _type_by_distinct(rows.drop(known), decimal_comma)
    done |= _type_at_once(rows.drop(done))
    rest = [column for column in rows.get_columns() if column.name not in done]
    if rows.height > _FEW_ROWS:
        with ThreadPoolExecutor() as pool:  # Polars leaves Python's lock while it works, but one column takes one core
            typed = list(pool.map(_type_column, rest, repeat(decimal_comma)))
    else:
        typed = [_type_column(column, decimal_comma) for column in rest]
    columns = done | {column.name: (column, seen) for column, seen in typed}
    inorder = [_as_clear(rows[name], *columns[name]) for name in rows.columns]
    return pl.DataFrame([column for column, _ in inorder]), [seen for _, seen in inorder]


def _as_clear(raw: pl.Series, typed: pl.Series, seen: Seen) -> tuple[pl.Series, Seen]:
    """Return a typed column, or its text where it is of numbers of which nobody knows what their points are."""
    if seen.kind != "number" or raw.dtype != pl.String or not is_unclear(raw):
        return typed, seen
    text, tidied = tidy_text(raw)
    return text, Seen("text", tidied)


def _type_by_distinct(rows: pl.DataFrame, decimal_comma: bool) -> dict[str, tuple[pl.Series, Seen]]:  # noqa: FBT001 - a fact of the file
    """Return the columns of few distinct values whose types these tell, and in which nothing is to be tidied."""
    found: dict[str, Seen] = {}
    for name, distinct in distinct_values(rows).items():
        _, seen = _type_column(distinct, decimal_comma)
        if seen.kind in _READ and seen == Seen(seen.kind, largest=seen.largest):
            found[name] = seen
    typed = rows.select(_READ[seen.kind](pl.col(name)) for name, seen in found.items())
    return {name: (typed[name], seen) for name, seen in found.items()}


def _type_at_once(rows: pl.DataFrame) -> dict[str, tuple[pl.Series, Seen]]:
    """Return the columns whose types are found in all columns at once, as most are."""
    found: dict[str, tuple[pl.Series, Seen]] = {}
    whole = whole_numbers(rows)
    found |= {name: (column, Seen("whole", largest=largest)) for name, (column, largest) in whole.items()}
    rows = rows.drop(*found) if found else rows
    firsts = first_values(rows)
    missing = {name for name, first in firsts.items() if first is None}
    numbers = plain_numbers(rows, [name for name, first in firsts.items() if first and first[0] in NUMBER_STARTS])
    found |= {name: (rows[name], Seen("missing")) for name in missing}
    found |= {name: (column, Seen("number")) for name, column in numbers.items()}
    tidy = tidy_columns(rows, [name for name in firsts if name not in found])
    days = days_at_once(rows, [name for name in tidy if is_day(str(firsts[name]))])
    found |= {name: (column, Seen("date")) for name, column in days.items()}
    found |= {name: (rows[name], Seen("text")) for name in tidy if _is_word(str(firsts[name]))}
    return found


def _is_word(first: str) -> bool:
    """Tell whether no column whose first value this is can be anything but text."""
    return first[0] not in NUMBER_STARTS and first.casefold() not in (*_BOOLEANS, "nan", "inf", "infinity")


def settle(pieces: Sequence[Seen]) -> Seen:
    """Return what a column is, of which these pieces were seen.

    Where it is text though a piece was typed, that piece has to be read as text.
    """
    if len(pieces) == 1 and pieces[0].kind != "infinite":
        return pieces[0]  # 10,000 columns have no time for more
    kinds: set[Kind] = {seen.kind for seen in pieces if seen.kind != "missing"}
    largest = max(seen.largest for seen in pieces)
    kind: Kind = "text"
    if len(kinds) <= 1:
        kind = kinds.pop() if kinds else "missing"
    elif kinds == {"whole", "infinite"}:
        kind = "whole"
    elif kinds <= {"whole", "number", "infinite"} and largest < EXACT_IN_FLOAT:
        kind = "number"
    elif kinds == {"whole", "comma"} and largest < EXACT_IN_FLOAT:
        kind = "comma"
    return Seen(
        kind="text" if kind == "infinite" else kind,
        tidied=Tidied(
            frozenset[str]().union(*(seen.tidied.tokens for seen in pieces)),
            sum(seen.tidied.missing for seen in pieces),
            sum(seen.tidied.changed for seen in pieces),
        ),
        largest=largest,
        infinite=sum(seen.infinite for seen in pieces),
        commas=sum(seen.commas for seen in pieces),
        may_be_thousands=all(seen.may_be_thousands for seen in pieces if seen.commas),
    )


def must_be_text(piece: Seen, settled: Seen) -> bool:
    """Tell whether a piece was typed as what its column turned out not to be, so that it has to be read again."""
    return settled.kind == "text" and piece.kind not in ("text", "infinite", "missing")


def as_settled(column: pl.Expr, piece: Seen, settled: Seen) -> pl.Expr:
    """Return a piece's values in the type that its column turned out to have."""
    if piece.dtype == settled.dtype:
        return column
    # of what is missing, or infinite in a column of numbers, nothing is left
    return column.cast(settled.dtype) if piece.kind == "whole" else pl.repeat(None, pl.len(), dtype=settled.dtype)


def tell_column(seen: Seen, column: str, table: str) -> list[Finding]:
    """Return what a person should know of how a column was read."""
    findings = tell_tidied(seen.tidied, column, table)
    if seen.kind in ("whole", "number") and seen.infinite:
        text = f"{counted(seen.infinite, 'cell')} infinite or too large to be a number, taken as missing."
        findings.append(Finding(table, column, seen.infinite, text, "Correct them in the file if they are values."))
    if seen.kind == "comma" and seen.may_be_thousands:
        text = "Commas with three digits behind each read as decimal marks: 1,234 as 1.234."
        ask = "Write the numbers without commas where these are between thousands, and upload the file again."
        findings.append(Finding(table, column, seen.commas, text, ask, "separators"))
    elif seen.kind == "comma":
        findings.append(Finding(table, column, seen.commas, "Commas read as decimal marks.", ""))
    return findings


def _type_column(column: pl.Series, decimal_comma: bool) -> tuple[pl.Series, Seen]:  # noqa: FBT001, PLR0911 - a fact of the file; one return a type
    typed = _as_plain_number(column)
    if typed is not None:
        return typed, _seen_number(typed)
    text, tidied = tidy_text(column)
    known = text.drop_nulls()
    if not known.len():
        return text, Seen("missing", tidied)
    first: str = known[0]  # what the first value is not, the column is not: spares a look at all of them
    if first[0] in NUMBER_STARTS:
        typed = _as_plain_number(text) if text is not column else None
        if typed is not None:
            return typed, _seen_number(typed, tidied)
        if decimal_comma and (typed := _with_decimal_comma(text)) is not None:
            commas = int(text.str.contains(",", literal=True).sum())
            unclear = is_unclear(text.str.replace(",", ".", literal=True))
            return typed, Seen("comma", tidied, commas=commas, may_be_thousands=unclear)
    infinite, finite = _as_finite_number(text)
    if finite is not None:
        return finite, _seen_number(finite, tidied, infinite)
    if infinite:
        return text, Seen("infinite", tidied, infinite=infinite)
    if first.casefold() in _BOOLEANS and (typed := _as_boolean(text)) is not None:
        return typed, Seen("boolean", tidied)
    if first[0] in NUMBER_STARTS and (typed := _as_time(text)) is not None:
        return typed, Seen(_kind_of_time(typed), tidied)
    return text, Seen("text", tidied)


def _seen_typed(typed: pl.Series) -> Seen:
    if typed.dtype == pl.Boolean:
        return Seen("boolean")
    return Seen(_kind_of_time(typed)) if typed.dtype.is_temporal() else _seen_number(typed)


def _seen_number(typed: pl.Series, tidied: Tidied = NOTHING_TIDIED, infinite: int = 0) -> Seen:
    if typed.dtype == pl.Int64:
        return Seen("whole", tidied, largest_of(typed), infinite)
    return Seen("number", tidied, infinite=infinite)


def _kind_of_time(typed: pl.Series) -> Kind:
    if typed.dtype == pl.Date:
        return "date"
    return "time" if typed.dtype == _DTYPES["time"] else "instant"


def _as_plain_number(text: pl.Series) -> pl.Series | None:
    """Return a column as Int64 or Float64 where all its values are numbers and keep all their digits."""
    missing = text.null_count()
    if missing == text.len():
        return None
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == missing:
        return None if text.str.contains(NOT_PLAIN).any() else whole
    number = text.cast(pl.Float64, strict=False)
    if number.null_count() != missing or not number.is_finite().all() or text.str.contains(NOT_PLAIN).any():
        return None
    large = number.abs() >= EXACT_IN_FLOAT
    if large.any() and text.filter(large.fill_null(False)).str.contains(_WHOLE).any():
        return None
    return number


def _as_finite_number(text: pl.Series) -> tuple[int, pl.Series | None]:
    """Return how many values of a column of numbers are infinite or too large, and the column with these missing.

    There is none where all are infinite, or the others are no numbers that keep their digits; none are infinite where
    the column is not of numbers.
    """
    number = text.cast(pl.Float64, strict=False)
    infinite = number.is_infinite().fill_null(False)
    if number.null_count() != text.null_count() or not infinite.any():
        return 0, None
    found = int(infinite.sum())
    if found == number.count():
        return found, None
    finite = _as_plain_number(text.set(infinite, None))
    return (0, None) if finite is None else (found, finite)


def _with_decimal_comma(text: pl.Series) -> pl.Series | None:
    if text.null_count() == text.len() or not text.str.contains(_DECIMAL_COMMA).all():
        return None
    return _as_plain_number(text.str.replace(",", ".", literal=True))


def _as_boolean(text: pl.Series) -> pl.Series | None:
    lower = text.str.to_lowercase()
    if not lower.is_in(_BOOLEANS).all():
        return None
    return lower == "true"


def _as_time(text: pl.Series) -> pl.Series | None:
    """Return a column of ISO dates, of ISO datetimes without zone, or of ISO datetimes that all have one, as UTC."""
    missing = text.null_count()
    if missing == text.len():
        return None
    if text.str.contains(DAY).all():
        dates = text.str.to_date("%Y-%m-%d", strict=False)
        return dates if dates.null_count() == missing else None
    if text.str.contains(_TIME + "$").all():
        return _complete(
            _full_time(text).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"), missing
        )
    if text.str.contains(_TIME + _ZONE).all():
        zone = text.str.extract(_ZONE, 1).str.replace("Z", "+00:00", literal=True)
        full = _full_time(text.str.replace(_ZONE, "")) + zone
        times = full.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC")
        return _complete(times, missing)
    return None


def _full_time(text: pl.Series) -> pl.Series:
    """Write the date, a T, hours, minutes and seconds, where seconds may have been left out."""
    joined = text.str.replace(" ", "T", literal=True)
    return joined.set(joined.str.len_chars() == len("2000-01-01T00:00"), None).fill_null(joined + ":00")


def _complete(times: pl.Series, missing: int) -> pl.Series | None:
    return times if times.null_count() == missing else None
