"""Data → dictionary: what each column is as far as its values and its name show, and no further."""

from collections.abc import Mapping, Sequence

import polars as pl

from clinical_nb.dictionary.codes import all_coded, says_unknown, split_code
from clinical_nb.dictionary.identifiers import may_name_person, names_person, names_private, names_row, words_of
from clinical_nb.dictionary.meaning import Code, Column, Dictionary, Level, MissingCode, value_text

MAX_CODES = 10
MAX_LEVELS = 30
# Codes are small; blood pressures rounded to tens are few but are not codes.
_LARGEST_CODE = 20
_YES_NO = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "true": "yes", "false": "no"}
_SEXES = {"male": "male", "female": "female"}
_SEX_LETTERS = {"m": "male", "f": "female", **_SEXES}


def infer(frames: Mapping[str, pl.DataFrame]) -> Dictionary:
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
    frames : mapping of str to pl.DataFrame
        The tables by name.

    Returns
    -------
    Dictionary
        An entry for each column, in the tables' own order. Level values are Python scalars as in the data; whole
        floats are integers.

    """
    keys = {name: _identifiers(frame) for name, frame in frames.items()}
    tables: dict[str, dict[str, Column]] = {}
    for name, frame in frames.items():
        others = [(frames[other], keys[other]) for other in frames if other != name]
        persons = {column for column in frame.columns if _is_foreign_key(frame[column], others)}
        persons |= {column for column in keys[name] if not _is_unique(frame[column])}
        identifiers = persons or keys[name]
        tables[name] = {
            column.name: Column(kind="identifier")
            if column.name in identifiers
            else Column(kind="text")
            if column.name in keys[name]
            else _infer_column(column)
            for column in frame.get_columns()
        }
    return Dictionary(tables=tables)


def _identifiers(frame: pl.DataFrame) -> set[str]:
    """Name the columns that identify rows or persons by what this table alone shows."""
    return {
        column.name
        for column in frame.get_columns()
        if (column.dtype == pl.String or column.dtype.is_integer())
        and (names_person(column.name) or _has_persons(column) or (names_row(column.name) and _is_unique(column)))
    }


def _has_persons(column: pl.Series) -> bool:
    """Tell whether a column called `patient` or `id` holds persons, who may repeat, rather than a few levels."""
    return may_name_person(column.name) and column.n_unique() > MAX_CODES


def _is_unique(column: pl.Series) -> bool:
    return column.null_count() == 0 and column.n_unique() == column.len()


def _is_foreign_key(column: pl.Series, others: Sequence[tuple[pl.DataFrame, set[str]]]) -> bool:
    """Tell whether a column repeats another table's identifier of the same name: its rows are of the same persons."""
    if not names_row(column.name) or _is_unique(column):
        return False
    known = column.drop_nulls().unique()
    return known.len() > 0 and any(
        key.casefold() == column.name.casefold()
        and frame[key].dtype == column.dtype
        and bool(known.is_in(frame[key].implode()).all())
        for frame, keys in others
        for key in keys
    )


def _infer_column(column: pl.Series) -> Column:
    known = column.drop_nulls()
    if column.dtype == pl.Boolean:
        return Column(kind="binary", levels=(Level(value=False, label="no"), Level(value=True, label="yes")))
    if column.dtype.is_temporal():
        return Column(kind="date" if isinstance(column.dtype, pl.Date | pl.Datetime) else "text")
    if names_private(column.name):
        return Column(kind="text")
    if column.dtype.is_numeric():
        return _infer_number(known)
    return _infer_text(known)


def _infer_number(known: pl.Series) -> Column:
    if known.dtype.is_float():
        known = known.filter(known.is_finite())
    distinct = known.unique().sort()
    if distinct.len() > MAX_CODES or distinct.len() * 2 > known.len():
        return Column(kind="numeric")
    values: list[int | float] = distinct.to_list()
    codes = [int(value) for value in values]
    if codes != values or not codes:
        return Column(kind="numeric")
    if codes == [0, 1] and not _is_sex(known.name):
        return Column(kind="binary", levels=(Level(value=0, label="no"), Level(value=1, label="yes")))
    levels = tuple(Level(value=code, label=str(code)) for code in codes)
    if len(codes) == 2:  # noqa: PLR2004 - binary means two
        return Column(kind="binary", levels=levels)
    if max(map(abs, codes)) > _LARGEST_CODE:
        return Column(kind="numeric")
    # 0, 1, 9 is no order: the 9 may stand for something else
    return Column(kind="categorical", ordered=codes == list(range(codes[0], codes[-1] + 1)), levels=levels)


def _infer_text(known: pl.Series) -> Column:
    count = known.n_unique()
    repeats = count < known.len() and (count <= 2 or count * 2 <= known.len())  # noqa: PLR2004 - binary means two
    if known.dtype != pl.String or not 0 < count <= MAX_LEVELS or not repeats:
        return Column(kind="text")
    levels = label_levels(known.unique().sort().to_list(), known.name)
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
