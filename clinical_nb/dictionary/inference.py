"""Data → dictionary: what each column is as far as its values and its name show, and no further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from polars.selectors import by_name

from clinical_nb.dictionary.codes import all_coded, says_unknown, split_code
from clinical_nb.dictionary.identifiers import may_name_person, names_person, names_private, names_row, words_of
from clinical_nb.dictionary.meaning import Code, Column, Dictionary, Level, MissingCode, value_text

MAX_CODES = 10
MAX_LEVELS = 30
# Codes are small; blood pressures rounded to tens are few but are not codes.
_LARGEST_CODE = 20
_SAMPLE = 10_000  # rows that mostly show already that values repeat, or that they are many
_YES_NO = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "true": "yes", "false": "no"}
_SEXES = {"male": "male", "female": "female"}
_SEX_LETTERS = {"m": "male", "f": "female", **_SEXES}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is looked at without ever holding more of it than it takes: its values are called `value`.

    `is_unique` is asked of columns whose names may identify, and false for others.
    """

    name: str
    dtype: pl.DataType
    values: pl.LazyFrame
    known: int
    is_unique: bool


def infer(tables: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Dictionary:
    """Infer what each column of each table is.

    - *identifier*: its name says that it identifies (`patient_id`, `record number`), and its values are all there and
      all different; or its name says unmistakably that it is a person's; or it repeats the identifier of another table
      under the same name. Where a table has a person's identifier that repeats, its other identifiers are text.
    - *date*: dates and times.
    - *binary*: two values. 0 and 1 are no and yes (but not in a column of sex); yes, no, y, n, true, false, male and
      female are labelled as such, and m and f in a column of sex or gender.
    - *categorical*: 3 to 10 small whole numbers (ordered, as codes are), or at most 30 texts, that repeat.
    - *numeric*: other numbers. *text*: all else, and what finds persons outside the study (names, telephone numbers).

    Where every value begins with a code (`1_female`), the label is what follows it.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame or pl.LazyFrame
        The tables by name.

    Returns
    -------
    Dictionary
        An entry for each column, in the tables' own order. Level values are Python scalars as in the data; whole
        floats are integers.

    """
    looked_at = {name: _look_at(table.lazy()) for name, table in tables.items()}
    keys = {name: [column for column in columns if _identifies(column)] for name, columns in looked_at.items()}
    inferred: dict[str, dict[str, Column]] = {}
    for name, columns in looked_at.items():
        others = [key for other, found in keys.items() if other != name for key in found]
        persons = {column.name for column in columns if _is_foreign_key(column, others)}
        persons |= {column.name for column in keys[name] if not column.is_unique}
        named = {column.name for column in keys[name]}
        identifiers = persons or named
        inferred[name] = {
            column.name: Column(kind="identifier")
            if column.name in identifiers
            else Column(kind="text")
            if column.name in named
            else _infer_column(column)
            for column in columns
        }
    return Dictionary(tables=inferred)


def _look_at(scan: pl.LazyFrame) -> list[_Column]:
    schema = scan.collect_schema()
    if not schema:
        return []
    known = scan.select(pl.all().count()).collect(engine="streaming").row(0)
    rows = scan.select(pl.len()).collect().item()
    columns: list[_Column] = []
    for (name, dtype), count in zip(schema.items(), known, strict=True):
        values = scan.select(by_name(name).alias("value"))
        may_identify = names_row(name) or names_person(name) or may_name_person(name)
        is_unique = may_identify and count == rows and _all_differ(values, dtype)
        columns.append(_Column(name, dtype, values, count, is_unique))
    return columns


def _all_differ(values: pl.LazyFrame, dtype: pl.DataType) -> bool:
    """Tell whether no value occurs twice: of texts by their hashes, and where two of these agree, by the texts."""
    if values.head(_SAMPLE).collect().is_duplicated().any():
        return False
    mark = pl.col("value") if dtype.is_integer() else pl.col("value").hash()
    marks = values.select(mark.sort()).collect().to_series()
    again = marks.filter(marks == marks.shift()).unique()
    if dtype.is_integer() or again.len() != 1:  # two texts of one hash occur once in years, and never many at a time
        return again.len() == 0
    return not values.filter(mark == again[0]).collect().is_duplicated().any()


def _few(column: _Column, most: int) -> pl.Series | None:
    """Return the distinct known values of a column in order, where there are at most so many."""
    distinct = pl.col("value").drop_nulls().unique()
    if column.values.head(_SAMPLE).select(distinct).collect().height > most:
        return None
    found = column.values.select(distinct.sort()).collect(engine="streaming").to_series()
    return found if found.len() <= most else None


def _identifies(column: _Column) -> bool:
    """Tell whether a column identifies rows or persons by what its own table shows."""
    if column.dtype != pl.String and not column.dtype.is_integer():
        return False
    return (
        names_person(column.name)
        # a column called `patient` or `id` holds persons, who may repeat, rather than a few levels
        or (may_name_person(column.name) and _few(column, MAX_CODES) is None)
        or (names_row(column.name) and column.is_unique)
    )


def _is_foreign_key(column: _Column, keys: Sequence[_Column]) -> bool:
    """Tell whether a column repeats another table's identifier of the same name: its rows are of the same persons."""
    if not names_row(column.name) or column.is_unique or not column.known:
        return False
    known = column.values.drop_nulls()
    return any(
        key.name.casefold() == column.name.casefold()
        and key.dtype == column.dtype
        and known.join(key.values, on="value", how="anti").head(1).collect(engine="streaming").is_empty()
        for key in keys
    )


def _infer_column(column: _Column) -> Column:
    if column.dtype == pl.Boolean:
        return Column(kind="binary", levels=(Level(value=False, label="no"), Level(value=True, label="yes")))
    if column.dtype.is_temporal():
        return Column(kind="date" if isinstance(column.dtype, pl.Date | pl.Datetime) else "text")
    if names_private(column.name):
        return Column(kind="text")
    if column.dtype.is_numeric():
        return _infer_number(column)
    return _infer_text(column)


def _infer_number(column: _Column) -> Column:
    if column.dtype.is_float():
        finite = column.values.filter(pl.col("value").is_finite())
        known = finite.select(pl.len()).collect(engine="streaming").item()
        column = replace(column, values=finite, known=known)
    distinct = _few(column, MAX_CODES)
    if distinct is None or distinct.len() * 2 > column.known:
        return Column(kind="numeric")
    values: list[int | float] = distinct.to_list()
    codes = [int(value) for value in values]
    if codes != values or not codes:
        return Column(kind="numeric")
    if codes == [0, 1] and not _is_sex(column.name):
        return Column(kind="binary", levels=(Level(value=0, label="no"), Level(value=1, label="yes")))
    levels = tuple(Level(value=code, label=str(code)) for code in codes)
    if len(codes) == 2:  # noqa: PLR2004 - binary means two
        return Column(kind="binary", levels=levels)
    if max(map(abs, codes)) > _LARGEST_CODE:
        return Column(kind="numeric")
    # 0, 1, 9 is no order: the 9 may stand for something else
    return Column(kind="categorical", ordered=codes == list(range(codes[0], codes[-1] + 1)), levels=levels)


def _infer_text(column: _Column) -> Column:
    distinct = _few(column, MAX_LEVELS) if column.dtype == pl.String else None
    if distinct is None or not distinct.len():
        return Column(kind="text")
    count = distinct.len()
    if count == column.known or (count > 2 and count * 2 > column.known):  # noqa: PLR2004 - binary means two
        return Column(kind="text")
    levels = label_levels(distinct.to_list(), column.name)
    missing = tuple(MissingCode(value=level.value, reason=level.label) for level in levels if says_unknown(level.label))
    if len(missing) == len(levels):
        return Column(kind="text")
    levels = tuple(level for level in levels if not says_unknown(level.label))
    kind = "binary" if len(levels) == 2 else "categorical"  # noqa: PLR2004 - the same
    return Column(kind=kind, levels=levels, missing=missing)


def label_levels(values: Sequence[str], column: str) -> tuple[Level, ...]:
    """Return levels for a column's texts: by code where all begin with one, labelled where their meaning is plain."""
    if all_coded(values):
        coded = sorted((code, value) for value in values if (code := split_code(value)))
        return tuple(Level(value=value, label=label) for (_, label), value in coded)
    plain = {**_YES_NO, **(_SEX_LETTERS if _is_sex(column) else _SEXES)}
    labels = [plain.get(value.casefold(), value) for value in values]
    if len(set(labels)) < len(labels):  # 'Y' beside 'yes': two values stay two, until somebody cleans them
        labels = list(values)
    return tuple(Level(value=value, label=label) for value, label in zip(values, labels, strict=True))


def known_codes(column: Column) -> dict[str, Code]:
    """Return the values of a column's levels by their text."""
    return {value_text(level.value): level.value for level in column.levels}


def _is_sex(column: str) -> bool:
    return bool({"sex", "gender"} & set(words_of(column)))
