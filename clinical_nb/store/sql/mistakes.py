"""What DuckDB says of a statement that it cannot read or run, as one sentence with its place in the text."""

import json
import re
from collections.abc import Collection
from typing import Any, cast

import duckdb

from clinical_nb.errors import SqlError, suggest

_KINDS: tuple[tuple[type[duckdb.Error], str], ...] = (
    (duckdb.ParserException, "not valid SQL"),
    (duckdb.BinderException, "names or types that do not fit"),
    (duckdb.CatalogException, "an unknown name"),
    (duckdb.ConversionException, "a value of another type"),
    (duckdb.OutOfRangeException, "a number out of range"),
    (duckdb.OutOfMemoryException, "not enough memory"),
    (duckdb.PermissionException, "refused"),
    (duckdb.InterruptException, "interrupted"),
    (duckdb.IOException, "a file that cannot be read"),
)

FAR_OFF = "a date is not in the years 1 to 9999"  # of which Python, and so what shows the rows, knows no other
# What DuckDB says, and what we say for it: the problem, then what to do.
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (r'^syntax error at or near "(?P<near>.*)"$', "this cannot be read as SQL from '{near}' on", ""),
    (r"^unterminated quoted identifier", 'a " is opened and not closed', ""),
    (r"^unterminated string literal", "a quote ' is opened and not closed", ""),
    (r'^Referenced column "(?P<column>.*?)" not found', "there is no column '{column}'", ""),
    (r'does not have a column named "(?P<column>.*?)"', "there is no column '{column}'", ""),
    (r'^Referenced table "(?P<name>.*?)" not found', "'{name}' is none of the tables in FROM", ""),
    (
        r'Function with name (?P<name>.*?) does not exist!(?:\s*Did you mean "(?P<close>[^"]+)")?',
        "there is no function '{name}'",
        "",
    ),
    (
        r"^No function matches the given name and argument types '(?P<call>.*?)'\.",
        "there is no {call}",
        "Cast what it is given: CAST(column AS DOUBLE).",
    ),
    (
        r'^column "(?P<name>.*?)" must appear in the GROUP BY',
        "column '{name}' is neither in GROUP BY nor in an aggregate",
        "Add it to GROUP BY, or write any_value() around it.",
    ),
    (
        r'^Ambiguous reference to column name "(?P<name>.*?)" \(use: (?P<use>.*)\)',
        "column '{name}' is in several tables",
        "Write {use}.",
    ),
    (
        r"^Could not convert string '(?P<value>.*)' to (?P<type>\w+)",
        "'{value}' cannot be read as {type}",
        "TRY_CAST gives null instead.",
    ),
    (
        r"^Type U?INT128 with value .* out of range for the destination type INT64",
        "a whole number is beyond 64 bits",
        "Make it a DOUBLE: CAST(number AS DOUBLE).",
    ),
    (
        r"file system operations are disabled|has been disabled by configuration",
        "files and the network are closed to SQL here",
        "Read the stored tables.",
    ),
    (rf"^{FAR_OFF}$", FAR_OFF, "Leave it out, or make it a text: CAST(column AS VARCHAR)."),
    (
        r"^No files found that match|No such file or directory",  # of a table: no other file is open to SQL
        "a table was deleted meanwhile, here or in another notebook",
        "Look at the datasets again.",
    ),
    (r"^Max expression depth", "it is nested too deeply", "Use WITH for its parts."),
    (r"^Values were not provided", "a parameter has no value", "Write the value itself."),
)


# What is wrong with the statement itself quotes it; all else may quote what stands in a cell of the data.
_OF_STATEMENT = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
_RAISED = re.compile(r"\berror\s*\(", re.IGNORECASE)  # which says what a cell holds, and nothing else
_QUOTING = re.compile(r"[\"':\d(]")


def translate(error: Exception, text: str, columns: Collection[str] = (), offset: int = 0) -> SqlError:
    """Return DuckDB's error as ours, without what it quotes of the data.

    Parameters
    ----------
    error : duckdb.Error or OSError
        Of a connection with `errors_as_json`, or what Arrow makes of it.
    text : str
        What the person wrote.
    columns : collection of str
        The columns of the tables that it names.
    offset : int
        How many bytes were put before it.

    """
    said = _read(error)
    content = text.encode()
    kind = next((name for each, name in _KINDS if isinstance(error, each)), "other")
    at = int(said["position"]) - offset if str(said.get("position", "")).isdecimal() else -1
    place = place_of(text, at) if 0 <= at <= len(content) else None
    message = str(said["exception_message"])
    for pattern, problem, hint in _SENTENCES:
        found = re.search(pattern, message, re.DOTALL)
        if found:
            parts = {name: each if name != "value" or each in text else "…" for name, each in found.groupdict().items()}
            near = suggest(parts["column"], columns, "columns") if columns and "column" in parts else ""
            near = near or (f"Did you mean '{parts['close']}'?" if parts.get("close") else "")
            if "column" in parts and place and content[at : at + 1] == b'"':
                near = f"{near} A text stands between single quotes.".strip()
            return SqlError(kind, problem.format(**parts), hint.format(**parts) or near, place)
    if isinstance(error, duckdb.OutOfMemoryException):
        return SqlError(kind, "it needs more memory than it may take", "Ask for fewer rows or columns, or for groups.")
    first = next(iter(message.strip().splitlines()), "")
    if not isinstance(error, _OF_STATEMENT):
        first = "" if _RAISED.search(text) else _QUOTING.split(first)[0]
    return SqlError(kind, first.strip().rstrip("!,.") or "it cannot be run", place=place)


def place_of(text: str, at: int) -> tuple[int, int]:
    """Return the line and the column, from 1, of a place that is counted in bytes."""
    before = text.encode()[:at].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _read(error: Exception) -> dict[str, Any]:
    """Return the parts of an error; where it has none, its first words are no more than its kind."""
    text = str(error)
    try:
        found: object = json.loads(text[text.index("{") :])
    except ValueError:
        found = None
    if isinstance(found, dict) and "exception_message" in found:
        return cast("dict[str, Any]", found)
    return {"exception_message": re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", text)}
