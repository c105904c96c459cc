"""A person's dictionary file, laid over what was inferred: what she declares is what holds."""

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, cast, get_args

from clinical_nb.dictionary.codes import (
    all_coded,
    means_blank,
    means_unknown,
    read_number,
    read_range,
    says_unknown,
    split_code,
    split_entries,
)
from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.dictionary.headers import says_count
from clinical_nb.dictionary.inference import MAX_CODES, known_codes
from clinical_nb.dictionary.layouts import Line, fields_of, lines_of
from clinical_nb.dictionary.meaning import Code, Column, Dictionary, Kind, Level, MissingCode, kind_of, value_text
from clinical_nb.dictionary.overlay import declare_yaml, entries_of
from clinical_nb.dictionary.places import find_places, none_exists
from clinical_nb.errors import DictionaryError

_ORDERED = frozenset({"ordinal", "ordered"})
_KINDS = frozenset(cast("tuple[str, ...]", get_args(Kind)))


def declare(dictionary: Dictionary, file: DictionaryFile) -> Dictionary:
    """Lay a dictionary file over an inferred dictionary.

    A YAML file (`.yaml`, `.yml`) is in the format of `meaning.to_yaml`; an entry with its kind takes the place of the
    inferred one, of another only the fields hold. Any other file is CSV with a header: `column`, and as wanted
    `meaning`, `codes_or_units`, `table`, `synonyms` and `kind`, in any order and case, or in another of the layouts of
    `layouts`. A line without `table` is about that column in every table. Columns are found whatever their case.

    - `meaning` becomes the label; where it is the number of something, codes without labels are numbers.
    - `codes_or_units` is one of

      - levels, `1=drug; 2=placebo`, in the order in which they are shown. A code is as in the data; `1_female` is one
        with its label behind it, and in `1_UM=Michigan` UM becomes a synonym. Two levels make a column binary, more
        categorical. Levels that the data do not have stay; values of the data that are not declared stay under their
        own text. Their order means a rank only where `kind` says so (`ordered`): words are not guessed to be graded.
      - among them codes for missing: `blank=not randomised` (an empty cell), and any code whose label says that
        nothing is known (unknown, not done, refused, not applicable, ...); where only those are declared, the rest is
        the unit: `mg/dl; 999=unknown`
      - a range, `1 to 4`: ordered levels where the data are such codes, at most ten of them; else a numeric column
      - anything else: the unit, which makes a column of number codes numeric
    - `synonyms`: other words for the column, after commas or semicolons.
    - `kind`: overrules what was inferred; also `ordered`.

    Parameters
    ----------
    dictionary : Dictionary
        What was inferred from the data.
    file : DictionaryFile
        The dictionary file, as `read_dictionary_file` gave it.

    Returns
    -------
    Dictionary
        The same tables and columns, some with another meaning.

    Raises
    ------
    DictionaryError
        When the file cannot be read, none of its columns exist, one is declared twice, or a kind is unknown.

    """
    if file.is_yaml:
        return declare_yaml(dictionary, file)
    lines = _read_lines(file)
    tables = {table: dict(columns) for table, columns in dictionary.tables.items()}
    declared: dict[tuple[str, str], int] = {}
    for line in lines:
        for table, column in find_places(dictionary, line.table, line.column):
            first = declared.setdefault((table, column), line.number)
            if first != line.number:
                message = f"'{file.name}' declares '{column}' twice, on lines {first} and {line.number}."
                raise DictionaryError(message, "Keep one of them.")
            tables[table][column] = _declared(tables[table][column], line, file)
    if not declared:
        raise none_exists(file.name, [line.column for line in lines], dictionary)
    return dictionary.model_copy(update={"tables": tables})


def unknown_columns(dictionary: Dictionary, file: DictionaryFile) -> tuple[str, ...]:
    """Return the columns that a dictionary file names and no table has, in the file's order: it may serve many files.

    Raises
    ------
    DictionaryError
        When the file cannot be read.

    """
    if file.is_yaml:
        named = [(table, column) for table, column, _ in entries_of(file)]
    else:
        named = [(line.table, line.column) for line in _read_lines(file) if not line.is_implied]
    return tuple(dict.fromkeys(column for table, column in named if not find_places(dictionary, table, column)))


def _read_lines(file: DictionaryFile) -> tuple[Line, ...]:
    """Read a dictionary file in CSV; what its header does not name is passed over."""
    header = file.text.lstrip().partition("\n")[0]
    rows = csv.reader(StringIO(file.text, newline=""), delimiter=max(",;\t", key=header.count))
    fields: Mapping[str, int] = {}
    below: list[tuple[int, list[str]]] = []
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if fields:
            below.append((rows.line_num, cells))
            continue
        fields = fields_of(cells)
        if "column" not in fields:
            message = f"The dictionary '{file.name}' has no column named 'column'."
            raise DictionaryError(message, "Name its columns column, meaning, codes_or_units.")
    lines = tuple(lines_of(fields, iter(below)))
    if not lines:
        raise DictionaryError(f"The dictionary '{file.name}' declares nothing.", "Give it one line a column.")
    return lines


def _declared(column: Column, line: Line, file: DictionaryFile) -> Column:
    """Return a column as a line declares it."""
    changes: dict[str, Any] = {}
    if line.meaning:
        changes["label"] = line.meaning
    synonyms = tuple(word for word in (part.strip() for part in re.split(r"[;,]", line.synonyms)) if word)
    changes["synonyms"] = tuple(dict.fromkeys((*column.synonyms, *synonyms)))
    if line.entries:
        changes.update(_read_entries(column, _as_exported(line.entries, column)))
    elif line.codes_or_units:
        changes.update(_read_codes(column, line.codes_or_units))
    kind = _fitting(line.kind.casefold(), column)
    if not kind and says_count(line.meaning, changes.get("levels", column.levels)):
        kind = "numeric"
    if kind in _ORDERED:
        changes.update(kind="categorical", ordered=True)
    elif kind in _KINDS:
        changes["kind"] = kind
        if kind not in ("categorical", "binary"):
            changes.update(levels=(), ordered=False)
    elif kind:
        message = f"'{file.name}' calls '{line.column}' of kind '{line.kind}' on line {line.number}."
        raise DictionaryError(message, f"Kinds are {', '.join(sorted(_KINDS))} and ordered.")
    return Column.model_validate({**column.model_dump(), **changes})


def _read_codes(column: Column, text: str) -> dict[str, Any]:
    """Return what an entry under codes_or_units changes."""
    span = read_range(text)
    if span:
        return _as_range(column, span.whole(), span.unit)
    return _read_entries(column, split_entries(text))


def _read_entries(column: Column, entries: tuple[str, ...]) -> dict[str, Any]:
    unit = _unit_of(entries, column)
    if unit is not None:
        entries = tuple(entry for entry in entries if entry != unit)
    levels: list[Level] = []
    missing: list[MissingCode] = []
    labels = [entry.partition("=")[2] for entry in entries]
    for entry in entries:
        code, _, label = (part.strip() for part in entry.partition("="))
        if means_blank(code) and label:
            missing.append(MissingCode(value=None, reason=label))
            continue
        level = _level(code, label, column)
        unknown = means_unknown(label, labels) if label else says_unknown(level.label)
        if unknown:
            missing.append(MissingCode(value=level.value, reason=level.label))
        else:
            levels.append(level)
    said = {value_text(code.value) for code in missing}
    inferred = [code for code in column.missing if value_text(code.value) not in said]
    changes: dict[str, Any] = {"missing": (*missing, *inferred)}
    if unit is not None:
        changes["unit"] = unit
    return changes | _with_levels(column, levels, missing, measured=bool(unit))


def _as_exported(entries: tuple[str, ...], column: Column) -> tuple[str, ...]:
    """Return codes as the data have them: some programs write their labels instead."""
    pairs = [entry.partition("=") for entry in entries]
    known = known_codes(column).keys()
    if (
        not known
        or known & {value_text(read_number(code)) or code for code, _, _ in pairs}
        or known & {"true", "false"}
    ):
        return entries
    return tuple(f"{label}={label}" for _, _, label in pairs) if known & {label for _, _, label in pairs} else entries


def _fitting(kind: str, column: Column) -> str:
    """Return the kind that a codebook of another program means, as far as it fits what the data are."""
    if kind == "private":  # by whom a person is found: no value of it is of use to anybody, but a date's and a key's
        return "" if column.kind in ("identifier", "date") else "text"
    if kind == "measured":
        numbers = all(not isinstance(level.value, str | bool) for level in column.levels)
        return "numeric" if column.kind in ("numeric", "categorical", "binary") and numbers else ""
    return kind


def _unit_of(entries: Sequence[str], column: Column) -> str | None:
    """Return the entry that is a unit: one without '=' that is neither a value of the data nor a code with its word."""
    codes = known_codes(column)
    bare = [entry for entry in entries if "=" not in entry]
    if all_coded(bare) or all(entry in codes for entry in bare):
        return None
    return next((entry for entry in bare if entry not in codes and not split_code(entry)), None)


def _level(code: str, label: str, column: Column) -> Level:
    """Return a declared level; what stands behind a code in the value itself is its label, or else a synonym."""
    value = _as_in_data(code, column)
    coded = split_code(code) if isinstance(value, str) else None
    if not label:
        return Level(value=value, label=coded[1] if coded else code)
    other = coded[1] if coded and coded[1].casefold() != label.casefold() else ""
    return Level(value=value, label=label, synonyms=(other,) if other else ())


def _as_in_data(code: str, column: Column) -> Code:
    """Return a code as the data write it: their own value where they have it, else of the type that they have."""
    known = known_codes(column)
    number = read_number(code)
    for text in (code, value_text(number), {"0": "false", "1": "true"}.get(code, code)):
        if text in known:
            return known[text]
    texts = column.kind == "text" or any(isinstance(value, str) for value in known.values())
    return code if texts or number is None else number


def _with_levels(
    column: Column, declared: Sequence[Level], missing: Sequence[MissingCode], *, measured: bool
) -> dict[str, Any]:
    """Return the kind and the levels that remain when codes for missing are taken out."""
    if column.kind in ("identifier", "date"):
        return {}
    gone = {value_text(code.value) for code in missing} | {value_text(level.value) for level in declared}
    kept = [level for level in column.levels if value_text(level.value) not in gone]
    numbers = not any(isinstance(level.value, str | bool) for level in (*kept, *declared))
    if measured and numbers and column.kind != "text":
        return {"kind": "numeric", "levels": tuple(declared), "ordered": False}
    continuous = column.kind == "numeric" and len(declared) < 2  # noqa: PLR2004 - one label makes no categories
    if continuous or not (declared or column.levels):
        return {"levels": tuple(declared)}
    levels = (*declared, *kept)
    kind = kind_of(levels)
    return {"kind": kind, "levels": levels, "ordered": column.ordered and not declared and kind != "binary"}


def _as_range(column: Column, whole: range | None, unit: str) -> dict[str, Any]:
    """Return ordered levels where the data are codes and the range has at most ten; else a number."""
    coded = bool(column.levels) and all(type(level.value) is int for level in column.levels)
    if whole and coded and len(whole) <= MAX_CODES and not unit:
        values = sorted({*whole, *(cast("int", level.value) for level in column.levels)})
        levels = tuple(Level(value=value, label=str(value)) for value in values)
        kind = kind_of(levels)
        return {"kind": kind, "levels": levels, "ordered": kind != "binary"}
    if coded or column.kind == "numeric":
        return {"kind": "numeric", "levels": (), "ordered": False, "unit": unit}
    return {"unit": unit} if unit else {}
