"""JSON → tables: an array of records, a record a line, or an object that holds either or has arrays for columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import cast

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.at_once import EXACT_IN_FLOAT
from clinical_nb.intake.header import clean_name, distinct_names
from clinical_nb.intake.limits import current_limits, raise_to
from clinical_nb.intake.replies import refuse_repeated_keys, refuse_reply
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Finding, Reading
from clinical_nb.intake.tidy import tell_tidied
from clinical_nb.intake.typed import read_typed
from clinical_nb.intake.values import type_columns

Record = Mapping[str, object]

_INT64 = range(-(2**63), 2**63)
_TIMES = ("date", "time", "instant")
_NESTED = "Lists or structures, kept as JSON text; they cannot be analysed as they are."
_LONG_NUMBER = "a number of thousands of digits"  # which Python refuses, for it takes quadratic time
_DEPTH = 3  # of objects around records
_FORMS = "Write an array of records, or one record a line."


def read_json(data: bytes, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read JSON as tables.

    An array of objects is a table, and so are objects one a line (NDJSON), an object whose values are arrays of one
    length, and one of objects that have the same keys. An object around arrays of objects gives a table of each.
    Columns are typed as JSON says; text is a date where all of it are ISO dates; what is nested stays JSON text.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        Its name, for the sentence of an error.
    name : str
        The table's name.
    desk : Desk, optional
        Where it is put; by default in memory.

    Returns
    -------
    Reading
        At least one table, with what was changed.

    Raises
    ------
    FileError
        When it is damaged, or holds no records.

    """
    text = _decoded(data, file)
    refuse_reply(text, file)
    refuse_repeated_keys(text, file)
    frame = _read_quickly(text)
    if frame is not None:
        return _typed(frame, name, [], desk)
    return _read_found(_parsed(text, file), file, name, desk)


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff").strip()
    except UnicodeDecodeError as error:
        raise FileError(file, "is a JSON file with bytes that are no UTF-8", "Save it again as UTF-8.") from error


def _read_quickly(text: str) -> pl.DataFrame | None:
    """Return records whose columns have one type each, as most have; None where it takes a closer look to tell."""
    is_lines = text.startswith("{")
    if is_lines and not _is_record(text.partition("\n")[0]):
        return None
    try:
        read = pl.read_ndjson if is_lines else pl.read_json
        frame = read(BytesIO(text.encode()), infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.width and (not is_lines or "\n" in text) else None


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parsed(text: str, file: str) -> object:
    """Return what JSON says, or the records of its lines as a list."""
    _refuse_many(text, file)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise FileError(file, "is a JSON file nested too deeply to be read safely", _FORMS) from error
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise _damaged(file, error.lineno, error) from error
    except ValueError as error:
        raise FileError(file, f"is a JSON file with {_LONG_NUMBER}", "Write it as text, in quotes.") from error
    records: list[object] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            records += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError) as error:
            raise _damaged(file, number, error) from error
    return records


def _refuse_many(text: str, file: str) -> None:
    """Raise a FileError where JSON has so many parts that they would not go into memory."""
    parts = sum(map(text.count, "{[,"))
    most = current_limits().json_parts
    if parts > most:
        problem = f"is a JSON file of {parts:,} values that have to be read one by one, and at most {most:,} can be"
        raise FileError(file, problem, f"Export the table as CSV or Parquet. {raise_to('json_parts', parts)}")


def _damaged(file: str, line: int, cause: Exception) -> FileError:
    match cause:
        case json.JSONDecodeError():
            what = cause.msg.lower()
        case RecursionError():
            what = "nested too deeply"
        case _:
            what = _LONG_NUMBER
    return FileError(file, f"is damaged JSON: line {line:,} cannot be read ({what})", "Export it again.")


def _read_found(found: object, file: str, name: str, desk: Desk | None) -> Reading:  # noqa: PLR0911 - one return a form
    if columns := _listed(found):
        return _typed(*_frame_of_columns(columns, name), desk)
    if isinstance(found, list) and (records := _records(cast("list[object]", found))):
        return _typed(*_frame(records, name), desk)
    if isinstance(found, dict) and found:
        members = cast("dict[str, object]", found)
        if resources := _resources(members):
            return _read_each(resources, [key for key in members if key not in ("resourceType", "entry")], name, desk)
        if places := _places(members):
            told = ["geometry", *(key for key in members if key not in ("type", "features"))]
            return _read_each({"features": places}, told, name, desk)
        columns = _columns(members)
        if columns:
            return _typed(*_frame_of_columns(columns, name), desk)
        tables = {key: rows for key, value in members.items() if (rows := _records(value))}
        if tables:
            return _read_each(tables, [key for key in members if key not in tables], name, desk)
        keyed = _records(list(members.values()))
        within = _within(members) if not keyed or not set[str].intersection(*map(set, keyed)) else {}
        if within:
            return _read_each(within, [key for key, value in members.items() if not _within({key: value})], name, desk)
        rows = [{"key": key, **row} for key, row in zip(members, keyed, strict=True)] if keyed else [members]
        return _typed(*_frame(rows, name), desk)
    raise FileError(file, "is a JSON file without records", _FORMS)


def _listed(found: object) -> dict[str, list[object]]:
    """Return the columns of lists of cells below a list of names, or beside one, as pandas splits a table."""
    names, rows = None, None
    if isinstance(found, dict) and {"columns", "data"} <= cast("dict[str, object]", found).keys():
        members = cast("dict[str, object]", found)
        names, rows = members["columns"], members["data"]
    elif isinstance(found, list) and found:
        names, *rows = cast("list[object]", found)
    if not isinstance(names, list) or not isinstance(rows, list) or not names or not rows:
        return {}
    titles, cells = cast("list[object]", names), cast("list[object]", rows)
    lists = [cast("list[object]", row) for row in cells if isinstance(row, list)]
    if not all(isinstance(title, str) for title in titles) or len(lists) < len(cells):
        return {}
    if len(set(titles)) < len(titles) or any(len(row) != len(titles) for row in lists):
        return {}
    return {str(title): [row[at] for row in lists] for at, title in enumerate(titles)}


def _places(members: Mapping[str, object]) -> list[Record]:
    """Return what is said of the places of a GeoJSON file; none where it is none."""
    if members.get("type") != "FeatureCollection":
        return []
    return _records([place.get("properties") for place in _records(members.get("features"))])


def _resources(members: Mapping[str, object]) -> dict[str, list[Record]]:
    """Return what a bundle of FHIR holds, a table of each kind of resource; none where it is none.

    Of a coded concept its text is kept, or how its first coding is displayed, as a resource is read by a person.
    """
    if members.get("resourceType") != "Bundle":
        return {}
    found: dict[str, list[Record]] = {}
    for entry in _records(members.get("entry")):
        if resource := _record(entry.get("resource")):
            found.setdefault(str(resource.get("resourceType")), []).append(_flat(resource))
    return found


def _flat(record: Record, depth: int = _DEPTH) -> Record:
    """Return a resource whose parts are columns (`subject_reference`), and of lists the first of one, else JSON."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        part = _only(value)
        inner = _record(part)
        if not inner or not depth:
            flat[key] = part
        elif coded := _concept(inner):
            flat |= {f"{key}_{name}": said for name, said in coded.items()}
        else:
            flat |= {f"{key}_{name}": said for name, said in _flat(inner, depth - 1).items()}
    return flat


def _only(value: object) -> object:
    """Return what a list of one holds; any other value as it is."""
    if not isinstance(value, list):
        return value
    listed = cast("list[object]", value)
    return listed[0] if len(listed) == 1 else listed


def _concept(value: Record) -> dict[str, object]:
    """Return text and code of a coded concept; nothing of any other part."""
    codings = _records(value.get("coding"))
    if not codings:
        return {}
    return {"text": value.get("text") or codings[0].get("display"), "code": codings[0].get("code")}


def _record(value: object) -> Record:
    return cast("Record", value) if isinstance(value, dict) else {}


def _within(members: Mapping[str, object], depth: int = _DEPTH) -> dict[str, list[Record]]:
    """Return the arrays of records in objects within an object, as programs wrap what they answer, by all its keys."""
    found: dict[str, list[Record]] = {}
    for key, value in members.items():
        if rows := _records(value):
            found[key] = rows
        elif isinstance(value, dict) and depth:
            inner = _within(cast("dict[str, object]", value), depth - 1)
            found |= {f"{key}_{name}": rows for name, rows in inner.items()}
    return found


def _records(value: object) -> list[Record]:
    """Return a list of objects as records; empty where it is something else."""
    if not isinstance(value, list):
        return []
    listed = cast("list[object]", value)
    return (
        cast("list[Record]", listed) if listed and all(isinstance(each, dict) and each != {} for each in listed) else []
    )


def _columns(members: Mapping[str, object]) -> dict[str, list[object]]:
    """Return the columns of an object of arrays, or of objects whose keys are the rows' numbers, as pandas writes."""
    values = list(members.values())
    if all(isinstance(value, list) for value in values):
        columns = cast("dict[str, list[object]]", dict(members))
        alike = len({len(column) for column in columns.values()}) == 1
        return columns if alike and not any(_records(column) for column in columns.values()) else {}
    if all(isinstance(value, dict) and value != {} for value in values):
        keyed = cast("dict[str, dict[str, object]]", dict(members))
        rows = list(next(iter(keyed.values())))
        if all(row.isdecimal() for row in rows) and all(list(column) == rows for column in keyed.values()):
            return {key: list(column.values()) for key, column in keyed.items()}
    return {}


def _read_each(tables: Mapping[str, list[Record]], beside: Sequence[str], name: str, desk: Desk | None) -> Reading:
    called = distinct_names([name] if len(tables) == 1 else [clean_name(key) for key in tables])
    readings = [_typed(*_frame(rows, title), desk) for title, rows in zip(called, tables.values(), strict=True)]
    findings = [finding for reading in readings for finding in reading.findings]
    if beside:
        said = ", ".join(f"'{key}'" for key in beside[:5]) + (" …" if len(beside) > 5 else "")  # noqa: PLR2004 - shown
        findings.append(Finding(called[0], None, 0, f"Left out what stands beside the records: {said}.", ""))
    return Reading(tuple(table for reading in readings for table in reading.tables), tuple(findings))


def _frame(records: Iterable[Record], name: str) -> tuple[pl.DataFrame, str, list[Finding]]:
    rows = list(records)
    keys = dict.fromkeys(key for row in rows for key in row)
    return _frame_of_columns({key: [row.get(key) for row in rows] for key in keys}, name)


def _frame_of_columns(columns: Mapping[str, Sequence[object]], name: str) -> tuple[pl.DataFrame, str, list[Finding]]:
    findings: list[Finding] = []
    series: list[pl.Series] = []
    for title, (key, values) in zip(distinct_names(list(columns)), columns.items(), strict=True):
        nested = sum(isinstance(value, dict | list) for value in values)
        if nested:
            findings.append(Finding(name, title, nested, _NESTED, "Unnest them into columns or rows of their own."))
        series.append(_series(key, values))
    return pl.DataFrame(series), name, findings


def _series(key: str, values: Sequence[object]) -> pl.Series:
    """Return a column in the one type that keeps all its values: numbers, truths, or text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(key, values, dtype=pl.Boolean)
    whole = [value for value in values if type(value) is int]
    if kinds == {int} and all(value in _INT64 for value in whole):
        return pl.Series(key, values, dtype=pl.Int64)
    if float in kinds and kinds <= {int, float} and all(abs(value) <= EXACT_IN_FLOAT for value in whole):
        return pl.Series(key, values, dtype=pl.Float64, strict=False)
    text = [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    return pl.Series(key, text, dtype=pl.String)


def _typed(frame: pl.DataFrame, name: str, told: Sequence[Finding], desk: Desk | None) -> Reading:
    """Read text as times where all of it are, for JSON has no type for them; else as typed columns are read."""
    texts = frame.select(pl.col(pl.String))
    findings = list(told)
    if texts.width:
        typed, seen = type_columns(texts, decimal_comma=False)
        times = [column for column, one in zip(typed.get_columns(), seen, strict=True) if one.kind in _TIMES]
        frame = frame.with_columns(times)
        for column, one in zip(typed.columns, seen, strict=True):
            findings += tell_tidied(one.tidied, column, name) if one.kind in _TIMES else []
    reading = read_typed(frame, name, desk)
    return Reading(reading.tables, (*findings, *reading.findings))
