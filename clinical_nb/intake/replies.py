"""JSON that is no data: what a program answers that has none to give, and records that say a key twice."""

import json
from typing import cast

from clinical_nb.errors import FileError

_LONGEST = 64 * 1024
_ERRORS = frozenset({"error", "errors", "exception", "fault"})  # by which a program says that it failed
_WHY = frozenset({"message", "detail", "details", "errordescription", "errormessage", "title", "reason"})
_BESIDE = frozenset(
    {"status", "statuscode", "code", "type", "path", "timestamp", "trace", "success", "ok", "instance", "requestid"}
    | {"traceid", "method", "description", "errorcode", "data", "documentation", "documentationurl"}
)
_RECORDS = frozenset({"results", "records", "data", "items", "entry", "entries", "rows", "value", "values", "hits"})
_FIRST = 200  # records: a program that says a key twice has done so in these


def refuse_reply(text: str, file: str) -> None:
    """Raise a FileError where JSON is what a program answers that has no records: an error, or an empty list."""
    members = _members(text)
    lists = [cast("list[object]", value) for value in members.values() if isinstance(value, list)]
    if not members or (len(lists) == len(members) > 1):  # of lists alone, each may be a column
        return
    kind = members.get("resourcetype")
    held = [value for key, value in members.items() if key not in _ERRORS]
    failed = any(members.get(key) for key in _ERRORS) and not any(map(_holds_records, held))
    is_why = not lists and members.keys() <= _ERRORS | _WHY | _BESIDE and not members.keys().isdisjoint(_WHY)
    if failed or is_why or kind == "OperationOutcome":
        problem = "is the answer of a program that failed, and holds no records"
        raise FileError(file, problem, "Read what it says, and export the records again.")
    empty = [key for key, value in members.items() if value == [] and key in _RECORDS]
    if (empty and not any(lists)) or (kind == "Bundle" and "entry" not in members):
        raise FileError(file, "is the answer of a program that found no records", "Check what it was asked for.")


def refuse_repeated_keys(text: str, file: str) -> None:
    """Raise a FileError where one of the first records says a key twice: of its values nobody knows which is meant."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            again = next(key for key in keys if keys.count(key) > 1)
            raise FileError(file, f"has a record that says '{again}' twice", "Name them apart, and export it again.")
        return found

    decoder = json.JSONDecoder(object_pairs_hook=once)
    at = 1 if text.startswith("[") else 0
    for _ in range(_FIRST):
        while text[at : at + 1] in {" ", "\t", "\r", "\n", ","}:
            at += 1
        if text[at : at + 1] != "{":
            return
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return


def _members(text: str) -> dict[str, object]:
    """Return what a short object says, by its keys in small letters without signs; nothing of other JSON."""
    if not text.startswith("{") or len(text) > _LONGEST:
        return {}
    try:
        found = cast("dict[str, object]", json.loads(text))
    except (ValueError, RecursionError):
        return {}
    return {"".join(filter(str.isalnum, key)).casefold(): value for key, value in found.items()}


def _holds_records(value: object) -> bool:
    """Tell whether a part of an answer is data: a list or an object with something in it."""
    return isinstance(value, list | dict) and bool(cast("list[object]", value))
