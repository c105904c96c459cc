"""Data → dictionary: what each column is as far as its values and its name show, and no further."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl
from polars import selectors as cs
from polars.selectors import by_name

from clinical_nb.dictionary.codes import all_coded, says_unknown, split_code
from clinical_nb.dictionary.durations import with_days
from clinical_nb.dictionary.identifiers import (
    may_name_person,
    names_person,
    names_place,
    names_private,
    names_row,
    numbers_cases,
    tells_case_or_control,
    words_of,
)
from clinical_nb.dictionary.meaning import Code, Column, Dictionary, Level, MissingCode, kind_of, value_text
from clinical_nb.dictionary.said import Saying
from clinical_nb.dictionary.saying import lay_over
from clinical_nb.dictionary.scales import is_score, ranks
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary

MAX_CODES = 10
MAX_LEVELS = 30
# Codes are small; blood pressures rounded to tens are few but are not codes.
_LARGEST_CODE = 20
_SAMPLE = 10_000  # rows that mostly show already that values repeat
_ROWS_AT_ONCE = 1 << 16
_VISITS = frozenset({"visit", "visitnum", "visitnumber", "avisit", "avisitn"})  # beside them few persons may repeat
_LEVELS_OF_SCORE = 5  # up to which a score is one of grades (ASA, ECOG)
_TWO = 2  # levels: a case, and a control
_YES_NO = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "true": "yes", "false": "no"}
_SEXES = {"male": "male", "female": "female"}
_SEX_LETTERS = {"m": "male", "f": "female", **_SEXES}


@dataclass(slots=True)
class _Column:
    """A column as far as its values were looked at, part by part: never more of it is held than it takes to tell.

    `known` counts its values (of floats the finite ones); `distinct` are these, and None once they are too many to be
    levels; `is_unique` is asked of columns whose names may identify, and false for others.
    """

    name: str
    dtype: pl.DataType
    known: int = 0
    distinct: set[int | float | str] | None = field(default_factory=set[int | float | str])
    is_unique: bool = False

    def look_at(self, known: int, distinct: Collection[int | float | str] | None) -> None:
        """Add what is seen in some more of its rows."""
        self.known += known
        if self.distinct is not None and distinct is not None:
            self.distinct.update(distinct)
            if len(self.distinct) > MAX_LEVELS:
                self.distinct = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a column where it lies: its known values, and which there are, None where these are many."""

    name: str
    dtype: pl.DataType
    known: int
    distinct: Collection[int | float | str] | None
    is_unique: bool


def infer_counted(table: str, counted: Sequence[Counted]) -> Dictionary:
    """Infer what each column of a table is by what was counted of it, as `infer` does of a table that it can read."""
    columns = [
        _Column(each.name, each.dtype, each.known, None if each.distinct is None else set(each.distinct))
        for each in counted
    ]
    for column, each in zip(columns, counted, strict=True):
        column.is_unique = each.is_unique and _may_identify(column)
        if column.distinct is not None and len(column.distinct) > MAX_LEVELS:
            column.distinct = None
    keys = _keys(columns)
    return Dictionary(tables={table: _entries(columns, keys, _repeating(columns, keys))})


def infer(
    tables: Mapping[str, pl.DataFrame | pl.LazyFrame], said: Mapping[str, Saying] = MappingProxyType({})
) -> Dictionary:
    """Infer what each column of each table is.

    - *identifier*: its name says that it identifies (`patient_id`, `record number`), and its values are all there and
      all different; or its name says unmistakably that it is a person's; or it repeats the identifier of another table
      under the same name. Where a table has a person's identifier that repeats, its other identifiers are text.
    - *date*: dates and times.
    - *binary*: two values. 0 and 1 are no and yes (but not in a column of sex); yes, no, y, n, true, false, male and
      female are labelled as such, and m and f in a column of sex or gender.
    - *categorical*: 3 to 10 small whole numbers (ordered where the name says that they rise), or at most 30 texts, that
      repeat.
    - *numeric*: other numbers. *text*: all else, and what finds persons outside the study (names, telephone numbers).

    Where every value begins with a code (`1_female`), the label is what follows it.

    What the files say of columns is laid over that (`saying.lay_over`), or else what a column's name says.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame or pl.LazyFrame
        The tables by name.
    said : mapping of str to Saying, optional
        What their files say of the columns, by table.

    Returns
    -------
    Dictionary
        An entry for each column, in the tables' own order. Level values are Python scalars as in the data; whole
        floats are integers.

    """
    scans = {name: table.lazy() for name, table in tables.items()}
    looked_at = {name: _look_at(scan) for name, scan in scans.items()}
    keys = {name: _keys(columns) for name, columns in looked_at.items()}
    inferred: dict[str, dict[str, Column]] = {}
    for name, columns in looked_at.items():
        others = [(scans[other], key) for other, found in keys.items() if other != name for key in found]
        persons = {column.name for column in columns if _is_foreign_key(column, scans[name], others)}
        persons |= _repeating(columns, keys[name])
        entries = lay_over(_entries(columns, keys[name], persons), scans[name], said.get(name, {}))
        inferred[name] = with_days(entries, scans[name])
    return Dictionary(tables=inferred)


def _entries(columns: Sequence[_Column], keys: Sequence[_Column], persons: Collection[str]) -> dict[str, Column]:
    """Return an entry for each column: persons identify, where there are any; else whatever may."""
    named = {column.name for column in keys}
    identifiers = persons or {column.name for column in keys if column.is_unique}
    return {
        column.name: Column(kind="identifier")
        if column.name in identifiers
        else Column(kind="text")
        if column.name in named
        else _infer_column(column)
        for column in columns
    }


def _repeating(columns: Sequence[_Column], keys: Sequence[_Column]) -> set[str]:
    """Return which of the keys are persons of whom there are several rows."""
    return {key.name for key in keys if not key.is_unique and not _numbers_sets(key, columns, keys)}


def _numbers_sets(key: _Column, columns: Sequence[_Column], keys: Sequence[_Column]) -> bool:
    """Tell whether a number of cases that repeats is that of a case with its controls, who are different persons.

    Nothing tells several rows of one person apart then, and a column says who is a case, or another is unique as
    persons are.
    """
    within = {name for each in vocabulary().within for name in each.names}
    if not numbers_cases(key.name) or any(squeeze(column.name) in within for column in columns if column != key):
        return False
    if any(tells_case_or_control(column.name) and len(column.distinct or ()) == _TWO for column in columns):
        return True
    is_dated = any(column.dtype.is_temporal() for column in columns)
    return not is_dated and any(
        each.is_unique and (may_name_person(each.name) or names_person(each.name)) for each in keys
    )


def _look_at(scan: pl.LazyFrame) -> list[_Column]:
    schema = scan.collect_schema()
    columns = [_Column(name, dtype) for name, dtype in schema.items()]
    if not columns:
        return []
    rows = 0
    for part in scan.collect_batches(chunk_size=_ROWS_AT_ONCE, maintain_order=False):
        rows += part.height
        _look_at_part(part, columns)
    candidates = [column for column in columns if column.known == rows and _may_identify(column)]
    first = scan.select(by_name(column.name) for column in candidates).head(_SAMPLE).collect()  # at once: may be many
    for column, values in zip(candidates, first.iter_columns(), strict=True):
        is_so_far = not values.is_duplicated().any()
        column.is_unique = is_so_far and (rows <= _SAMPLE or _all_differ(scan, column))
    return columns


def _look_at_part(part: pl.DataFrame, columns: Sequence[_Column]) -> None:
    """Look at some rows of all columns at once: a table of 10,000 columns has no time for each."""
    finite = part.with_columns(pl.when(cs.float().is_finite()).then(cs.float()))
    known = finite.select(pl.all().count()).row(0)
    looked = [
        column.name
        for column in columns
        if column.distinct is not None and (column.dtype == pl.String or column.dtype.is_numeric())
    ]
    few = finite.select(by_name(looked).drop_nulls().unique().head(MAX_LEVELS + 1).implode())
    distinct = dict(zip(few.columns, few.row(0), strict=True)) if looked else {}
    for column, count in zip(columns, known, strict=True):
        column.look_at(count, distinct.get(column.name))


def _may_identify(column: _Column) -> bool:
    is_named_so = names_row(column.name) or names_person(column.name) or may_name_person(column.name)
    return is_named_so and (column.dtype == pl.String or column.dtype.is_integer())


def _all_differ(scan: pl.LazyFrame, column: _Column) -> bool:
    """Tell whether no value occurs twice: of texts by their hashes, and where two of these agree, by the texts."""
    values = scan.select(by_name(column.name).alias("value"))
    mark = pl.col("value") if column.dtype.is_integer() else pl.col("value").hash()
    marks = values.select(mark.sort()).collect().to_series()
    again = marks.filter(marks == marks.shift()).unique()
    if column.dtype.is_integer() or again.len() != 1:  # two texts of one hash occur once in years, never many at a time
        return again.len() == 0
    return not values.filter(mark == again[0]).collect().is_duplicated().any()


def _few(column: _Column, most: int) -> list[Any] | None:
    """Return the distinct known values of a column in order, where there are at most so many."""
    if column.distinct is None or len(column.distinct) > most:
        return None
    return sorted(column.distinct)


def _keys(columns: Sequence[_Column]) -> list[_Column]:
    """Return the columns that identify rows or persons by what their own table shows."""
    has_visits = any(not _VISITS.isdisjoint(words_of(column.name)) for column in columns)
    return [column for column in columns if _identifies(column, has_visits=has_visits)]


def _identifies(column: _Column, *, has_visits: bool) -> bool:
    if column.dtype != pl.String and not column.dtype.is_integer():
        return False
    return (
        names_person(column.name)
        # a column called `patient` or `id` holds persons, who may repeat, rather than a few levels
        or (may_name_person(column.name) and (has_visits or _few(column, MAX_CODES) is None))
        or (names_row(column.name) and column.is_unique)
    )


def _is_foreign_key(column: _Column, scan: pl.LazyFrame, keys: Sequence[tuple[pl.LazyFrame, _Column]]) -> bool:
    """Tell whether a column repeats another table's identifier of the same name: its rows are of the same persons."""
    if not names_row(column.name) or column.is_unique or not column.known:
        return False
    known = scan.select(by_name(column.name).alias("value")).drop_nulls()
    return any(
        key.name.casefold() == column.name.casefold()
        and key.dtype == column.dtype
        and known.join(other.select(by_name(key.name).alias("value")), on="value", how="anti")
        .head(1)
        .collect(engine="streaming")
        .is_empty()
        for other, key in keys
    )


def _infer_column(column: _Column) -> Column:
    if column.dtype == pl.Boolean:
        return Column(kind="binary", levels=(Level(value=False, label="no"), Level(value=True, label="yes")))
    if column.dtype.is_temporal():
        return Column(kind="date" if isinstance(column.dtype, pl.Date | pl.Datetime) else "text")
    if names_private(column.name):
        return Column(kind="text")
    if column.dtype.is_numeric():
        return _infer_place(column) if _is_place(column) else _infer_number(column)
    return _infer_text(column)


def _infer_number(column: _Column) -> Column:
    distinct = _few(column, MAX_CODES)
    if distinct is None or len(distinct) * 2 > column.known:
        return Column(kind="numeric")
    values: list[int | float] = distinct
    codes = [int(value) for value in values]
    if codes != values or not codes:
        return Column(kind="numeric")
    if codes == [0, 1] and not _is_sex(column.name):
        return Column(kind="binary", levels=(Level(value=0, label="no"), Level(value=1, label="yes")))
    levels = tuple(Level(value=code, label=str(code)) for code in codes)
    if len(codes) == 2:  # noqa: PLR2004 - binary means two
        return Column(kind="binary", levels=levels)
    if max(map(abs, codes)) > _LARGEST_CODE or (is_score(column.name) and len(codes) > _LEVELS_OF_SCORE):
        return Column(kind="numeric")
    # 0, 1, 9 is no order: the 9 may stand for something else; nor is 1, 2, 3 of what no name says to rise
    follows = codes == list(range(codes[0], codes[-1] + 1))
    return Column(kind="categorical", ordered=follows and ranks(column.name), levels=levels)


def _is_place(column: _Column) -> bool:
    return column.dtype.is_integer() and names_place(column.name)


def _infer_place(column: _Column) -> Column:
    """Return what numbers of sites are: levels without an order where these are few and repeat, else text."""
    codes = _few(column, MAX_LEVELS)
    if codes is None or not 1 < len(codes) <= column.known / 2:
        return Column(kind="text")
    levels = tuple(Level(value=code, label=str(code)) for code in codes)
    return Column(kind=kind_of(levels), levels=levels)


def _infer_text(column: _Column) -> Column:
    distinct = _few(column, MAX_LEVELS) if column.dtype == pl.String else None
    if distinct is None or not len(distinct):
        return Column(kind="text")
    count = len(distinct)
    if count == column.known or (count > 2 and count * 2 > column.known):  # noqa: PLR2004 - binary means two
        return Column(kind="text")
    levels = label_levels(distinct, column.name)
    missing = tuple(MissingCode(value=level.value, reason=level.label) for level in levels if says_unknown(level.label))
    if len(missing) == len(levels):
        return Column(kind="text")
    levels = tuple(level for level in levels if not says_unknown(level.label))
    return Column(kind=kind_of(levels), levels=levels, missing=missing)


def label_levels(values: Sequence[str], column: str) -> tuple[Level, ...]:
    """Return levels for a column's texts: by code where all begin with one, labelled where their meaning is plain."""
    if all_coded(values):
        coded = sorted((code, value) for value in values if (code := split_code(value)))
        return tuple(Level(value=value, label=label) for (_, label), value in coded)
    sexes = _SEX_LETTERS if _is_sex(column) else _SEXES
    spoken, no_kind = [value for value in values if not says_unknown(value)], dict[str, str]()
    # only where all are of one kind: Y among X and Z, or N among M, is a letter
    plain = next((kind for kind in (_YES_NO, sexes) if {each.casefold() for each in spoken} <= kind.keys()), no_kind)
    labels = [plain.get(value.casefold(), value) for value in values]
    if len(set(labels)) < len(labels):  # 'Y' beside 'yes': two values stay two, until somebody cleans them
        labels = list(values)
    return tuple(Level(value=value, label=label) for value, label in zip(values, labels, strict=True))


def known_codes(column: Column) -> dict[str, Code]:
    """Return the values of a column's levels by their text."""
    return {value_text(level.value): level.value for level in column.levels}


def _is_sex(column: str) -> bool:
    return bool({"sex", "gender"} & set(words_of(column)))
