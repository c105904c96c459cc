"""Text → typed columns: what every value of a column is, decided over the whole column, and never guessed."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import polars as pl

from clinical_nb.intake.doubts import doubt_text
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
_DECIMAL_COMMA = r"^-?\d+(,\d+)?$"


def type_columns(rows: pl.DataFrame, table: str, decimal_comma: bool = False) -> tuple[pl.DataFrame, list[Finding]]:  # noqa: FBT001, FBT002 - a fact of the file
    """Give each column of text the type that all its values have.

    Integer (Int64), float, boolean (spellings of true and false), ISO date, ISO datetime (naive, or UTC where every
    value has its zone), else text. Numbers with leading zeros or too large to be exact stay text, and so does a column
    with one value that is no number. Values that are missing tokens become null; blanks around values are dropped and
    characters composed (NFC). All but the plainest of this is told.

    Parameters
    ----------
    rows : pl.DataFrame
        Columns of String.
    table : str
        The table's name, for the findings.
    decimal_comma : bool
        Whether commas between digits are decimal marks, as in files that semicolons delimit.

    Returns
    -------
    tuple
        The typed table, with the same columns and rows, and the findings.

    """
    whole = _whole_numbers(rows)
    rest = [column for column in rows.get_columns() if column.name not in whole]
    with ThreadPoolExecutor() as pool:  # Polars leaves Python's lock while it works, but one column takes one core
        typed = list(pool.map(_type_column, rest, repeat(table), repeat(decimal_comma)))
    columns = whole | {column.name: column for column, _ in typed}
    return pl.DataFrame([columns[name] for name in rows.columns]), [told for _, findings in typed for told in findings]


def _whole_numbers(rows: pl.DataFrame) -> dict[str, pl.Series]:
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
    return {name: cast[name] for name, is_odd in zip(whole, odd, strict=True) if not is_odd}


def tidy_text(column: pl.Series, table: str) -> tuple[pl.Series, list[Finding]]:
    """Return a column of text with missing tokens as null, blanks around values dropped, characters composed."""
    ascii_only = column.str.len_bytes().sum() == column.str.len_chars().sum()
    clean = (column if ascii_only else column.str.normalize("NFC")).str.strip_chars()
    empty = (clean == "").fill_null(False)
    token = clean.is_in(MISSING_TOKENS).fill_null(False)
    changed = int(((clean != column) & ~empty & ~token).sum())
    if not (changed or empty.any() or token.any()):
        return column, []
    findings: list[Finding] = []
    if token.any():
        rows = int(token.sum())
        said = ", ".join(f"'{value}'" for value in clean.filter(token).unique().sort().to_list())
        text = f"{counted(rows, 'cell')} with {said} read as missing."
        findings.append(Finding(table, column.name, rows, text, "Write another code in the file if it is a value."))
    if changed:
        text = f"Blanks around the value dropped, or characters composed, in {counted(changed, 'cell')}."
        findings.append(Finding(table, column.name, changed, text, ""))
    return clean.set(empty | token, None), findings


def _type_column(column: pl.Series, table: str, decimal_comma: bool) -> tuple[pl.Series, list[Finding]]:  # noqa: FBT001 - a fact of the file
    typed = _as_plain_number(column)
    if typed is not None:
        return typed, []
    text, findings = tidy_text(column, table)
    known = text.drop_nulls()
    if not known.len():
        return text, findings
    first: str = known[0]  # what the first value is not, the column is not: spares a look at all of them
    typed, told = None, list[Finding]()
    if first[0] in _NUMBER_STARTS:
        typed = _as_plain_number(text) if text is not column else None
    if typed is None and decimal_comma and first[0] in _NUMBER_STARTS:
        typed, told = _with_decimal_comma(text, table)
    if typed is None:
        typed, told = _as_finite_number(text, table)
    if typed is None and first.casefold() in _BOOLEANS:
        typed = _as_boolean(text)
    if typed is None and first[0] in _NUMBER_STARTS:
        typed = _as_time(text)
    if typed is None:
        return text, findings + doubt_text(text, table)
    return typed, findings + told


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


def _as_finite_number(text: pl.Series, table: str) -> tuple[pl.Series | None, list[Finding]]:
    """Return a column of numbers of which some are infinite or too large, with these missing."""
    number = text.cast(pl.Float64, strict=False)
    infinite = number.is_infinite().fill_null(False)
    if number.null_count() != text.null_count() or not infinite.any() or infinite.sum() == number.count():
        return None, []
    finite = _as_plain_number(text.set(infinite, None))
    if finite is None:
        return None, []
    rows = int(infinite.sum())
    told = f"{counted(rows, 'cell')} infinite or too large to be a number, taken as missing."
    return finite, [Finding(table, text.name, rows, told, "Correct them in the file if they are values.")]


def _with_decimal_comma(text: pl.Series, table: str) -> tuple[pl.Series | None, list[Finding]]:
    if text.null_count() == text.len() or not text.str.contains(_DECIMAL_COMMA).all():
        return None, []
    number = _as_plain_number(text.str.replace(",", ".", literal=True))
    if number is None:
        return None, []
    rows = int(text.str.contains(",", literal=True).sum())
    return number, [Finding(table, text.name, rows, "Commas read as decimal marks.", "")]


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
