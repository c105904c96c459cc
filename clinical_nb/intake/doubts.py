"""What a person should look at in a column that stayed text: nearly numbers, nearly dates, one value in two spellings.

Values are quoted only where they can identify nobody: short, few, and not from a column whose name says that it
identifies; people read these findings on a screen that others see.
"""

import polars as pl

from clinical_nb.dictionary.identifiers import names_private, names_row
from clinical_nb.intake.table import Finding, counted

_NUMBER = r"^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_LEADING_ZERO = r"^[-+]?0\d|^\+\d"
_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_ISO = r"^\d{4}-\d{2}-\d{2}"
_ANY_DATE = (
    r"(?i)^(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?|"
    rf"(?:\d{{1,2}}[ -])?{_MONTHS}\p{{L}}*[ -]\d{{4}}|\d{{1,2}}[ -]?{_MONTHS}\p{{L}}*[ -]?\d{{2,4}})$"
)
_UNIT = (
    r"(?:%|°?[cf]|[kmµun]?g|lbs?|oz|[kcmµu]?m|[dmµu]?l|[mµun]?mol|[mk]?iu|u|mmhg|bpm|kpa|"
    r"years?|yrs?|months?|mo|weeks?|wks?|days?|hours?|hrs?|h|minutes?|min|seconds?|sec|s)"
)
_WITH_UNIT = (
    r"(?i)^[<>≤≥~≈]?=?\s*[-−+]?[$€£]?[-−+]?\d[\d.,']*"  # noqa: RUF001 - the minus sign that stands in files
    rf"(?:\s*[-–]\s*\d[\d.,]*)?(?:\s*{_UNIT}(?:\s*/\s*(?:\d+\s*)?{_UNIT}\d?)?)?$"  # noqa: RUF001 - and the dash
)
_CUT_NUMBER = r"^\d\.\d+E\+1\d$"
_MONTH_NAME = rf"(?i)^(?:\d{{1,2}}-{_MONTHS}|{_MONTHS}-\d{{2}})$"
# Dates by the name of their month begin with letters.
_LIKE_A_NUMBER = rf"(?i)^(?:[^\p{{L}}]{{0,4}}\d|{_MONTHS})"
_MOSTLY = 0.5
_MANY = 10
_QUOTED = 5
_SHORT = 20
_FEW_LEVELS = 50
_SAMPLE = 1_000
_CORRECT = "Correct them in the file and upload it again; until then the column is text."


def doubt_text(column: pl.Series, table: str) -> list[Finding]:
    """Return what looks wrong in a column of text, most important first; at most one finding about its type."""
    known = column.drop_nulls()
    if not known.len():
        return []
    findings = [_spreadsheet_damage(known, table), _two_spellings(known, table)]
    if known.str.contains(_LIKE_A_NUMBER).sum() >= _MOSTLY * known.len():  # spares free text the six looks below
        of_type = (_kept_digits, _mixed_numbers, _mixed_times, _other_dates, _numbers_with_units)
        told = (doubt(known, table) for doubt in of_type)
        findings.insert(0, next((finding for finding in told if finding), None))
    return [finding for finding in findings if finding]


def doubt_name(column: str, rows: int, table: str) -> list[Finding]:
    """Return a warning where a column's name says that it finds persons outside the study."""
    if not names_private(column):
        return []
    text = "The name says that this column can identify persons; its values are never shown here."
    return [Finding(table, column, rows, text, "Leave it out of the file if the analysis does not need it.")]


def quote_some(values: pl.Series) -> str:
    """Return up to five of some values in quotes after a colon; nothing where they might identify somebody."""
    distinct = values.unique().sort()
    if names_row(values.name) or names_private(values.name) or distinct.len() > _MANY:
        return ""
    short = [value for value in distinct.to_list() if len(value) <= _SHORT and "@" not in value]
    if len(short) < distinct.len():
        return ""
    more = ", …" if len(short) > _QUOTED else ""
    return ": " + ", ".join(f"'{' '.join(value.split())}'" for value in short[:_QUOTED]) + more


def _share(known: pl.Series, pattern: str) -> tuple[pl.Series, pl.Series, float]:
    """Return the values that match a pattern, those that do not, and the share of those that match."""
    matches = known.str.contains(pattern)
    alike = known.filter(matches)
    return alike, known.filter(~matches), alike.len() / known.len()


def _kept_digits(known: pl.Series, table: str) -> Finding | None:
    """Numbers only, but with leading zeros or more digits than a number can hold exactly."""
    numbers, _, share = _share(known, _NUMBER.replace("^-", "^[-+]"))
    if share < 1:
        return None
    zeros, _, _ = _share(numbers, _LEADING_ZERO)
    if zeros.len():
        rows = zeros.len()
        text = f"{counted(rows, 'number')} with leading zeros or a plus sign, so the column was kept as text."
        return Finding(table, known.name, rows, text, "Nothing to do if these are codes or identifiers.")
    rows = known.len()
    text = "Some numbers are too large to be kept exactly as numbers, so the column was kept as text."
    return Finding(table, known.name, rows, text, "Nothing to do if these are codes or identifiers.")


def _mixed_numbers(known: pl.Series, table: str) -> Finding | None:
    _, others, share = _share(known, _NUMBER)
    if share < _MOSTLY:
        return None
    rows = others.len()
    text = f"{counted(rows, 'value')} among numbers not a number{quote_some(others)}."
    return Finding(table, known.name, rows, text, _CORRECT)


def _mixed_times(known: pl.Series, table: str) -> Finding | None:
    """ISO dates or times for the most part, with others among them: other notations, impossible days, missing zones."""
    _, others, share = _share(known, _ISO)
    if share < _MOSTLY:
        return None
    if others.len():
        rows = others.len()
        text = f"{counted(rows, 'value')} among dates not written year-month-day{quote_some(others)}."
        return Finding(table, known.name, rows, text, _CORRECT)
    with_zone, without, _ = _share(known, r"\d(?:Z|[+-]\d{2}:?\d{2})$")
    if with_zone.len() and without.len() and with_zone.str.contains(":").all():
        rows = without.len()
        text = f"{counted(rows, 'time stamp')} without a time zone among others with one."
        return Finding(table, known.name, rows, text, _CORRECT)
    text = "Some dates are impossible, partial, or of mixed precision, so the column was kept as text."
    return Finding(table, known.name, known.len(), text, _CORRECT)


def _other_dates(known: pl.Series, table: str) -> Finding | None:
    _, _, share = _share(known, _ANY_DATE)
    if share < _MOSTLY:
        return None
    text = "Dates in notations of which day, month or year is not certain; the column was kept as text."
    return Finding(table, known.name, known.len(), text, "Write them as year-month-day (2023-04-05).")


def _numbers_with_units(known: pl.Series, table: str) -> Finding | None:
    alike, _, share = _share(known, _WITH_UNIT)
    if share < 1 or names_row(known.name) or names_private(known.name):
        return None
    odd = alike.filter(~alike.str.contains(_NUMBER))
    rows = odd.len()
    text = f"{counted(rows, 'number')} with a unit, a sign or separators{quote_some(odd)}."
    return Finding(table, known.name, rows, text, "Write plain numbers in one unit, and upload the file again.")


def _spreadsheet_damage(known: pl.Series, table: str) -> Finding | None:
    damaged, _, _ = _share(known, f"{_CUT_NUMBER}|{_MONTH_NAME}")
    if not damaged.len():
        return None
    rows = damaged.len()
    text = f"{counted(rows, 'value')} that a spreadsheet seems to have rewritten as dates or with fewer digits."
    return Finding(table, known.name, rows, text, "Export the column from its source again, as text.")


def _two_spellings(known: pl.Series, table: str) -> Finding | None:
    """Tell when two of a few repeated values differ by nothing but case."""
    if known.head(_SAMPLE).n_unique() > _FEW_LEVELS or known.n_unique() > _FEW_LEVELS:
        return None
    spellings = known.unique().to_frame("value")
    twins = spellings.filter(pl.len().over(pl.col("value").str.to_lowercase()) > 1)["value"].rename(known.name)
    rows = int(known.is_in(twins.implode()).sum())
    if not rows:
        return None
    text = f"Values that differ only in upper and lower case{quote_some(twins)}."
    return Finding(table, known.name, rows, text, "Write them in one way; until then they are different values.")
