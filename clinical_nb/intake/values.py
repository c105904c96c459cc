"""Text → typed columns: what every value of a column is, decided over the whole column, and never guessed.

A large column is typed piece by piece. Where its pieces are of one type, that is its own; where they differ, it is what
all of them can be without losing a digit, which may be the text that they were read from.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

import polars as pl

from clinical_nb.intake.table import Finding, counted

# Exactly these spellings: 'Na' is sodium, and 'na' may be a code.
MISSING_TOKENS = ("NA", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "Null", ".")
# 007 is an identifier and +44 a telephone number: as numbers they would lose what tells them apart.
_NOT_PLAIN = r"^(?:[-+]?0[0-9]|\+)"
_WHOLE = r"^-?[0-9]+$"
_EXACT_IN_FLOAT = 2**53
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"
_BOOLEANS = ("true", "false")
_NUMBER_STARTS = "0123456789-+."
# What nobody sees: marks of no width and of direction; joiners, which some scripts need, only around a value.
_NO_WIDTH = "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]|^[\u200c\u200d]+|[\u200c\u200d]+$"
_BLANKS = "[\u00a0\u2007\u202f]"  # that break no line: for a reader they are blanks
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


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was repaired in text: which tokens were read as missing in how many cells, and how many others changed."""

    tokens: frozenset[str] = frozenset()
    missing: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a column, or a piece of it, was found to be, as far as its type and what is told of it depend on it.

    `largest` is of whole numbers; `infinite` and `commas` count cells.
    """

    kind: Kind
    tidied: Tidied = Tidied()
    largest: int = 0
    infinite: int = 0
    commas: int = 0

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
    known |= _whole_numbers(rows.drop(known))
    rest = [column for column in rows.get_columns() if column.name not in known]
    with ThreadPoolExecutor() as pool:  # Polars leaves Python's lock while it works, but one column takes one core
        typed = list(pool.map(_type_column, rest, repeat(decimal_comma)))
    columns = known | {column.name: (column, seen) for column, seen in typed}
    inorder = [columns[name] for name in rows.columns]
    return pl.DataFrame([column for column, _ in inorder]), [seen for _, seen in inorder]


def settle(pieces: Sequence[Seen]) -> Seen:
    """Return what a column is, of which these pieces were seen.

    Where it is text though a piece was typed, that piece has to be read as text.
    """
    kinds: set[Kind] = {seen.kind for seen in pieces if seen.kind != "missing"}
    largest = max(seen.largest for seen in pieces)
    kind: Kind = "text"
    if len(kinds) <= 1:
        kind = kinds.pop() if kinds else "missing"
    elif kinds == {"whole", "infinite"}:
        kind = "whole"
    elif kinds <= {"whole", "number", "infinite"} and largest < _EXACT_IN_FLOAT:
        kind = "number"
    elif kinds == {"whole", "comma"} and largest < _EXACT_IN_FLOAT:
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
    if seen.kind == "comma":
        findings.append(Finding(table, column, seen.commas, "Commas read as decimal marks.", ""))
    return findings


def tell_tidied(tidied: Tidied, column: str, table: str) -> list[Finding]:
    """Return what was repaired in a column of text."""
    findings: list[Finding] = []
    if tidied.missing:
        said = ", ".join(f"'{token}'" for token in sorted(tidied.tokens))
        text = f"{counted(tidied.missing, 'cell')} with {said} read as missing."
        findings.append(
            Finding(table, column, tidied.missing, text, "Write another code in the file if it is a value.")
        )
    if tidied.changed:
        what = "Blanks around the value, marks of no width, and other forms of a character made plain"
        text = f"{what} in {counted(tidied.changed, 'cell')}."
        findings.append(Finding(table, column, tidied.changed, text, ""))
    return findings


def tidy_text(column: pl.Series) -> tuple[pl.Series, Tidied]:
    """Return a column of text with missing tokens as null, and of other values what is seen of them.

    Blanks around values and marks of no width are dropped, non-breaking blanks are plain ones, characters composed.
    """
    ascii_only = column.str.len_bytes().sum() == column.str.len_chars().sum()
    clean = (column if ascii_only else _seen_as_written(column)).str.strip_chars()
    empty = (clean == "").fill_null(False)
    token = clean.is_in(MISSING_TOKENS).fill_null(False)
    changed = int(((clean != column) & ~empty & ~token).sum())
    if not (changed or empty.any() or token.any()):
        return column, Tidied()
    tokens = frozenset[str](clean.filter(token).unique().to_list())
    return clean.set(empty | token, None), Tidied(tokens, int(token.sum()), changed)


def _seen_as_written(column: pl.Series) -> pl.Series:
    return column.str.normalize("NFC").str.replace_all(_NO_WIDTH, "").str.replace_all(_BLANKS, " ")


def _whole_numbers(rows: pl.DataFrame) -> dict[str, tuple[pl.Series, Seen]]:
    """Return the columns that are plain whole numbers: most columns of most files, so all are tried at once."""
    missing = rows.null_count().row(0)
    cast = rows.select(pl.all().cast(pl.Int64, strict=False))
    after = cast.null_count().row(0)
    whole = [
        name
        for name, before, now in zip(rows.columns, missing, after, strict=True)
        if before == now and before < rows.height
    ]
    odd = rows[whole].select(pl.all().str.contains(_NOT_PLAIN).any()).row(0) if whole else ()
    return {
        name: (cast[name], Seen("whole", largest=_largest(cast[name])))
        for name, is_odd in zip(whole, odd, strict=True)
        if not is_odd
    }


def _largest(whole: pl.Series) -> int:
    """Return the largest whole number, whatever its sign; beyond Int64's own, for its least has no opposite."""
    bounds = whole.to_frame("value").select(least=pl.col("value").min(), most=pl.col("value").max()).row(0)
    return max((abs(bound) for bound in bounds if bound is not None), default=0)


def _type_column(column: pl.Series, decimal_comma: bool) -> tuple[pl.Series, Seen]:  # noqa: FBT001, PLR0911 - a fact of the file; one return a type
    typed = _as_plain_number(column)
    if typed is not None:
        return typed, _seen_number(typed)
    text, tidied = tidy_text(column)
    known = text.drop_nulls()
    if not known.len():
        return text, Seen("missing", tidied)
    first: str = known[0]  # what the first value is not, the column is not: spares a look at all of them
    if first[0] in _NUMBER_STARTS:
        typed = _as_plain_number(text) if text is not column else None
        if typed is not None:
            return typed, _seen_number(typed, tidied)
        if decimal_comma and (typed := _with_decimal_comma(text)) is not None:
            commas = int(text.str.contains(",", literal=True).sum())
            return typed, Seen("comma", tidied, commas=commas)
    infinite, finite = _as_finite_number(text)
    if finite is not None:
        return finite, _seen_number(finite, tidied, infinite)
    if infinite:
        return text, Seen("infinite", tidied, infinite=infinite)
    if first.casefold() in _BOOLEANS and (typed := _as_boolean(text)) is not None:
        return typed, Seen("boolean", tidied)
    if first[0] in _NUMBER_STARTS and (typed := _as_time(text)) is not None:
        return typed, Seen(_kind_of_time(typed), tidied)
    return text, Seen("text", tidied)


def _seen_typed(typed: pl.Series) -> Seen:
    if typed.dtype == pl.Boolean:
        return Seen("boolean")
    return Seen(_kind_of_time(typed)) if typed.dtype.is_temporal() else _seen_number(typed)


def _seen_number(typed: pl.Series, tidied: Tidied = Tidied(), infinite: int = 0) -> Seen:
    if typed.dtype == pl.Int64:
        return Seen("whole", tidied, _largest(typed), infinite)
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
        return None if text.str.contains(_NOT_PLAIN).any() else whole
    number = text.cast(pl.Float64, strict=False)
    if number.null_count() != missing or not number.is_finite().all() or text.str.contains(_NOT_PLAIN).any():
        return None
    large = number.abs() >= _EXACT_IN_FLOAT
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
    if text.str.contains(_DATE).all():
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
