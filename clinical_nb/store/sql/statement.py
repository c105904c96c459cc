"""A statement of SQL, read before anything runs: that it only reads, that it is one, and which tables it names."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

import duckdb

from clinical_nb.errors import SqlError, suggest
from clinical_nb.store.sql.mistakes import place_of, translate
from clinical_nb.store.sql.names import Names, Table, fold
from clinical_nb.store.sql.tokens import blank_comments, split_explain

_ALLOWED = "Begin with SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN."
SELECT = "SELECT * FROM ("  # what a person wrote is only ever run behind it, where nothing but a query can stand
# What a query is made of; DuckDB also takes INSERT, UPDATE and DELETE inside of one.
_READING = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# Of the functions that make tables, those that make them of their arguments or tell of the database; all others read
# files, the network or this process, or take the name of a table as a text.
_FUNCTIONS = frozenset(
    {
        "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree",
        "duckdb_schemas", "duckdb_tables", "duckdb_views", "duckdb_columns", "duckdb_functions", "duckdb_keywords",
        "duckdb_types",
    }
)  # fmt: skip
_CLOCKS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
_VOLATILE = _CLOCKS | {
    "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "reservoir_quantile", "now", "today",
    "transaction_timestamp", "get_current_timestamp", "get_current_time", "current_localtime",
    "current_localtimestamp", "txid_current", "current_query_id", "current_transaction_id", "current_connection_id",
}  # fmt: skip
_LISTS = ("information_schema", "pg_catalog")  # DuckDB's own schemas, whose tables say what tables there are
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_NOWHERE = 2**64 - 1  # DuckDB's place of what stands nowhere in the text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that only reads.

    `text` is what the person wrote, `select` what is run for it: the very text that was checked, which is `SELECT`,
    then hers without comments and semicolon, then a bracket. `tables` are those of the store that it names.

    `lists` says whether it also asks which tables there are, and `varies` whether its rows are others each time: of a
    sample, of random numbers, of the clock. `explain` stands before it where it asks for what DuckDB would do.
    """

    text: str
    select: str
    tables: tuple[Table, ...]
    lists: bool
    explain: str | None
    varies: bool


def read_statement(connection: duckdb.DuckDBPyConnection, text: str, names: Names) -> Statement:
    """Return the one statement of a text.

    Raises
    ------
    SqlError
        When it is not SQL, not one statement, does more than read, or names a table that there is not.

    """
    if _UNREADABLE.search(text):
        raise SqlError("not valid SQL", "the statement has characters that are not text", "Delete them.")
    _check_kind(connection, text, ("SELECT", "EXPLAIN"))
    explain, inner = split_explain(blank_comments(text))
    _check_kind(connection, inner, ("SELECT",))
    select = f"{SELECT}{inner}\n)"
    nodes = list(_walk(_parse(connection, select, text)))
    made_here = {fold(str(entry["key"])) for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    tables: dict[Table, None] = {}
    lists = False
    for node in nodes:
        match node.get("type"):
            case "BASE_TABLE":
                path = tuple(
                    str(node[part]) for part in ("catalog_name", "schema_name", "table_name") if node.get(part)
                )
                table = names.find(path)  # also where WITH makes one of that name: it may be meant beside it
                if table is not None:
                    tables[table] = None
                elif _is_list(path):
                    lists = True
                elif len(path) > 1 or fold(".".join(path)) not in made_here:
                    raise _unknown(path, names, _place(node, text))
            case "TABLE_FUNCTION":
                lists |= _check_function(node, text)
            case "SHOW_REF":
                lists |= node.get("query") is None
            case _:
                pass
    varies = any(map(_varies, nodes))
    return Statement(text, select, tuple(tables), lists, explain, varies)


def read_only(connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    """Return what DuckDB makes of a text of ours around a person's, to be run as it is.

    Raises
    ------
    SqlError
        When it is not one query, explained or not.

    """
    statements = connection.extract_statements(text)
    if [each.type.name for each in statements] not in (["SELECT"], ["EXPLAIN"]):
        raise SqlError("refused", "this is not one query", _ALLOWED)
    return statements[0]


def _parse(connection: duckdb.DuckDBPyConnection, select: str, text: str) -> object:
    """Return the tree of what is run for a text: one statement, which reads in all of its parts."""
    try:
        read_only(connection, select)
        found: Any = json.loads(_one(connection.execute("SELECT json_serialize_sql(?)", [select])))
    except duckdb.Error as error:
        raise translate(error, text, offset=len(SELECT)) from error
    if found["error"]:
        raise SqlError("not valid SQL", f"this cannot be read: {found['error_message']}")
    for node in _walk(found):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _READING:
            raise _refuse(kind.split("_", maxsplit=1)[0])
    return found


def _check_kind(connection: duckdb.DuckDBPyConnection, text: str, allowed: Collection[str]) -> None:
    """Refuse what is not one statement of an allowed kind."""
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        raise translate(error, text) from error
    if not statements:
        raise SqlError("not valid SQL", "there is no statement", "Write one: SELECT * FROM …")
    if len(statements) > 1:
        raise SqlError("refused", f"there are {len(statements)} statements", "Write one in a cell.")
    kind = statements[0].type.name
    if kind == "MULTI":  # PIVOT without IN first makes a type of the values that it finds
        raise SqlError("refused", "PIVOT needs its values written out", "Write ON column IN (value, value).")
    if kind not in allowed:
        raise _refuse(re.split(r"\W", statements[0].query.strip(), maxsplit=1)[0] or kind)


def _refuse(kind: str) -> SqlError:
    return SqlError("refused", f"SQL only reads here, and {kind.upper()} does more", _ALLOWED)


def _is_list(path: tuple[str, ...]) -> bool:
    """Tell whether a name is of what DuckDB itself has: lists of schemas, tables, columns."""
    own = any(fold(part) in _LISTS for part in path[:-1])
    return own or (len(path) == 1 and fold(path[0]).startswith(("duckdb_", "pg_")))


def _unknown(path: tuple[str, ...], names: Names, place: tuple[int, int] | None) -> SqlError:
    """Say that a name in FROM means no table, or could mean several."""
    said = ".".join(path)
    unclear = next((full for name, full in names.unclear.items() if fold(name) == fold(said)), ())
    if unclear:
        return SqlError("an unknown table", f"'{said}' could be {' or '.join(unclear)}", "Write which.", place)
    schemas = {table.schema for table in names.tables}
    if len(path) == 1:
        known = {*names.bare, *(f"{table.schema}.{table.sql_name}" for table in names.tables)}
        return SqlError("an unknown table", f"there is no table '{said}'", suggest(said, known, "tables"), place)
    dataset, own = path[-2:]
    alike = sorted({table.schema for table in names.tables if fold(table.dataset.dataset) == fold(dataset)})
    if len(alike) > 1:
        return SqlError("an unknown table", f"dataset '{dataset}' could be {' or '.join(alike)}", "Write which.", place)
    known = {table.sql_name for table in names.tables if fold(table.schema) == fold(dataset)}
    if known:
        problem, hint = f"dataset '{dataset}' has no table '{own}'", suggest(own, known, "tables")
    else:
        problem, hint = f"there is no dataset '{dataset}'", suggest(dataset, schemas, "datasets")
    return SqlError("an unknown table", problem, hint, place)


def _check_function(node: dict[str, Any], text: str) -> bool:
    """Refuse a function in FROM that may read anything; tell whether it lists the tables."""
    name = str(node["function"]["function_name"]).lower()
    if name not in _FUNCTIONS:
        raise SqlError("refused", f"{name}() cannot stand in FROM here", "Name a stored table.", _place(node, text))
    return name.startswith("duckdb_")


def _varies(node: dict[str, Any]) -> bool:
    """Tell whether a part is another each time that it is run."""
    if node.get("type") == "COLUMN_REF":
        return fold(str(node["column_names"][-1])) in _CLOCKS  # SQL writes these like columns
    function = fold(str(node.get("function_name", "")))
    until_today = function == "age" and len(node["arguments"]) == 1
    return bool(node.get("sample")) or function in _VOLATILE or until_today


def _place(node: dict[str, Any], text: str) -> tuple[int, int] | None:
    at = int(node.get("query_location", _NOWHERE))
    return None if at == _NOWHERE else place_of(text, at - len(SELECT))


def _walk(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON value, the outer ones and the first ones first."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            node = cast("dict[str, Any]", each)
            yield node
            pending += reversed(node.values())
        elif isinstance(each, list):
            pending += reversed(cast("list[object]", each))


def _one(result: duckdb.DuckDBPyConnection) -> Any:  # noqa: ANN401 - whatever DuckDB has in its one cell
    row = result.fetchone()
    return row[0] if row else None
