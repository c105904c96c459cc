"""What a person should look at in a column that stayed text: nearly numbers, nearly dates, one value in two spellings.

Values are quoted only where they can identify nobody: short, few, and not from a column whose name says that it
identifies; people read these findings on a screen that others see.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields

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
_ZONED = r"\d(?:Z|[+-]\d{2}:?\d{2})$"
_MOSTLY = 0.5
_MANY = 10
_QUOTED = 5
_SHORT = 20
_FEW_LEVELS = 50
_SAMPLE = 1_000
_CORRECT = "Correct them in the file and upload it again; until then the column is text."


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at values of text showed, as far as a doubt depends on it; looks at pieces of a column add up.

    The counts are of known values: those like numbers, numbers, these with leading zeros, ISO dates and times, these
    with a zone and with one that is not written out, dates in any notation, numbers with units, and what spreadsheets
    rewrite. The examples are distinct values that are no numbers, no ISO dates, numbers but not plain ones: at most
    eleven, which is one more than are ever quoted. `spellings` counts each value, and is None beyond fifty.
    """

    known: int = 0
    like_numbers: int = 0
    numbers: int = 0
    signed_numbers: int = 0
    leading_zeros: int = 0
    iso: int = 0
    zoned: int = 0
    zoned_briefly: int = 0
    any_dates: int = 0
    with_unit: int = 0
    rewritten: int = 0
    no_numbers: frozenset[str] = frozenset()
    no_iso: frozenset[str] = frozenset()
    with_sign: frozenset[str] = frozenset()
    spellings: Mapping[str, int] | None = field(default_factory=dict[str, int])


_COUNTS = tuple(each.name for each in fields(Look) if each.type is int)


def look_at(column: pl.Series) -> Look:
    """Look at the values of a piece of a column of text."""
    known = column.drop_nulls().rename("value")
    value = pl.col("value")
    like = known.filter(known.str.contains(_LIKE_A_NUMBER)).to_frame()  # spares free text the looks below
    is_number, with_unit = value.str.contains(_NUMBER), value.str.contains(_WITH_UNIT)
    counts = like.select(
        like_numbers=pl.len(),
        numbers=is_number.sum(),
        signed_numbers=value.str.contains(_NUMBER.replace("^-", "^[-+]")).sum(),
        leading_zeros=value.str.contains(_LEADING_ZERO).sum(),
        iso=value.str.contains(_ISO).sum(),
        zoned=value.str.contains(_ZONED).sum(),
        zoned_briefly=(value.str.contains(_ZONED) & ~value.str.contains(":", literal=True)).sum(),
        any_dates=value.str.contains(_ANY_DATE).sum(),
        with_unit=with_unit.sum(),
        rewritten=value.str.contains(f"{_CUT_NUMBER}|{_MONTH_NAME}").sum(),
    ).row(0, named=True)
    return Look(
        known=known.len(),
        **counts,
        no_numbers=_examples(known, ~is_number),
        no_iso=_examples(known, ~value.str.contains(_ISO)),
        with_sign=_examples(like.to_series(), with_unit & ~is_number),
        spellings=_spellings(known),
    )


def add_looks(one: Look, other: Look) -> Look:
    """Return what a look at both pieces shows."""
    added = {name: getattr(one, name) + getattr(other, name) for name in _COUNTS}
    both_sets = ((one.no_numbers, other.no_numbers), (one.no_iso, other.no_iso), (one.with_sign, other.with_sign))
    sets = [frozenset(sorted(a | b)[: _MANY + 1]) for a, b in both_sets]
    spelled = None
    if one.spellings is not None and other.spellings is not None:
        both = Counter(one.spellings) + Counter(other.spellings)
        spelled = both if len(both) <= _FEW_LEVELS else None
    return Look(**added, no_numbers=sets[0], no_iso=sets[1], with_sign=sets[2], spellings=spelled)


def _examples(values: pl.Series, chosen: pl.Expr) -> frozenset[str]:
    """Return distinct values of those chosen: all of few; of many one more than are quoted."""
    frame = values.to_frame()
    first = frame.head(_SAMPLE).filter(chosen).to_series().unique()
    distinct = first if first.len() > _MANY else frame.filter(chosen).to_series().unique()
    return frozenset(distinct.sort().head(_MANY + 1).to_list())


def _spellings(known: pl.Series) -> dict[str, int] | None:
    if known.head(_SAMPLE).n_unique() > _FEW_LEVELS:
        return None
    counts = known.value_counts()
    return dict(counts.iter_rows()) if counts.height <= _FEW_LEVELS else None


def doubt_text(look: Look, column: str, table: str) -> list[Finding]:
    """Return what looks wrong in a column of text, most important first; at most one finding about its type."""
    if not look.known:
        return []
    findings = [_rewritten(look, column, table), _two_spellings(look, column, table)]
    if look.like_numbers >= _MOSTLY * look.known:
        of_type = (_kept_digits, _mixed_numbers, _mixed_times, _other_dates, _numbers_with_units)
        told = (doubt(look, column, table) for doubt in of_type)
        findings.insert(0, next((finding for finding in told if finding), None))
    return [finding for finding in findings if finding]


def doubt_name(column: str, rows: int, table: str) -> list[Finding]:
    """Return a warning where a column's name says that it finds persons outside the study."""
    if not names_private(column):
        return []
    text = "The name says that this column can identify persons; its values are never shown here."
    return [Finding(table, column, rows, text, "Leave it out of the file if the analysis does not need it.")]


def _quoted(values: Collection[str], column: str) -> str:
    """Return up to five of some values in quotes after a colon; nothing where they might identify somebody."""
    if names_row(column) or names_private(column) or len(values) > _MANY:
        return ""
    short = [value for value in sorted(values) if len(value) <= _SHORT and "@" not in value]
    if len(short) < len(values):
        return ""
    more = ", …" if len(short) > _QUOTED else ""
    return ": " + ", ".join(f"'{' '.join(value.split())}'" for value in short[:_QUOTED]) + more


def _kept_digits(look: Look, column: str, table: str) -> Finding | None:
    """Numbers only, but with leading zeros or more digits than a number can hold exactly."""
    if look.signed_numbers < look.known:
        return None
    rows = look.leading_zeros
    if rows:
        text = f"{counted(rows, 'number')} with leading zeros or a plus sign, so the column was kept as text."
        return Finding(table, column, rows, text, "Nothing to do if these are codes or identifiers.")
    text = "Some numbers are too large to be kept exactly as numbers, so the column was kept as text."
    return Finding(table, column, look.known, text, "Nothing to do if these are codes or identifiers.")


def _mixed_numbers(look: Look, column: str, table: str) -> Finding | None:
    if look.numbers < _MOSTLY * look.known:
        return None
    rows = look.known - look.numbers
    text = f"{counted(rows, 'value')} among numbers not a number{_quoted(look.no_numbers, column)}."
    return Finding(table, column, rows, text, _CORRECT)


def _mixed_times(look: Look, column: str, table: str) -> Finding | None:
    """ISO dates or times for the most part, with others among them: other notations, impossible days, missing zones."""
    if look.iso < _MOSTLY * look.known:
        return None
    rows = look.known - look.iso
    if rows:
        text = f"{counted(rows, 'value')} among dates not written year-month-day{_quoted(look.no_iso, column)}."
        return Finding(table, column, rows, text, _CORRECT)
    rows = look.known - look.zoned
    if look.zoned and rows and not look.zoned_briefly:
        text = f"{counted(rows, 'time stamp')} without a time zone among others with one."
        return Finding(table, column, rows, text, _CORRECT)
    text = "Some dates are impossible, partial, or of mixed precision, so the column was kept as text."
    return Finding(table, column, look.known, text, _CORRECT)


def _other_dates(look: Look, column: str, table: str) -> Finding | None:
    if look.any_dates < _MOSTLY * look.known:
        return None
    text = "Dates in notations of which day, month or year is not certain; the column was kept as text."
    return Finding(table, column, look.known, text, "Write them as year-month-day (2023-04-05).")


def _numbers_with_units(look: Look, column: str, table: str) -> Finding | None:
    if look.with_unit < look.known or names_row(column) or names_private(column):
        return None
    rows = look.known - look.numbers
    text = f"{counted(rows, 'number')} with a unit, a sign or separators{_quoted(look.with_sign, column)}."
    return Finding(table, column, rows, text, "Write plain numbers in one unit, and upload the file again.")


def _rewritten(look: Look, column: str, table: str) -> Finding | None:
    rows = look.rewritten
    if not rows:
        return None
    text = f"{counted(rows, 'value')} that a spreadsheet seems to have rewritten as dates or with fewer digits."
    return Finding(table, column, rows, text, "Export the column from its source again, as text.")


def _two_spellings(look: Look, column: str, table: str) -> Finding | None:
    """Tell when two of a few repeated values differ by nothing but case."""
    spellings = look.spellings or {}
    folded = Counter(value.lower() for value in spellings)
    twins = {value: rows for value, rows in spellings.items() if folded[value.lower()] > 1}
    if not twins:
        return None
    rows = sum(twins.values())
    text = f"Values that differ only in upper and lower case{_quoted(twins, column)}."
    return Finding(table, column, rows, text, "Write them in one way; until then they are different values.")
