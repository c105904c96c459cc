"""The chain: each line of the history holds its number and a keyed hash over itself and the line before."""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

KEY_ELSEWHERE = "CLINICAL_NB_HISTORY_KEY"  # the path of a key that is kept apart from the store
_KEY_BYTES = 32
_HASH = re.compile("[0-9a-f]{64}")
_DECODE = json.JSONDecoder().raw_decode  # half the time of `json.loads`, which a history of 100,000 lines feels
_ANCHOR_BYTES = 160
_LAST_OF_UNITS = "\ud7ff"  # from here on a character may be written as two units, which are lower than some single ones


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain stands: the number of its last line, from 1, and that line's hash (64 hexadecimal characters)."""

    number: int
    hash: str


START = Link(0, "0" * 64)


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return an entry in the one form that equal ones share, RFC 8785: UTF-8, no blanks, keys sorted as in UTF-16.

    A lone surrogate, which a notebook's JSON may hold, is not UTF-8: it becomes a question mark.
    """
    text = _write(entry)
    if not text.isascii() and max(text) > _LAST_OF_UNITS:  # only there the order of UTF-16 is another than Python's
        text = _write(_sorted(entry), is_sorted=True)
    return text.encode("utf-8", errors="replace")


def chained(entry: Mapping[str, Any], before: Link, key: bytes) -> tuple[bytes, Link]:
    """Return an entry as the next line of a chain, with the newline at its end, and where the chain then stands.

    Raises
    ------
    ValueError
        When the entry holds a float, whose digits would be a matter of taste.

    """
    if _holds_float(entry):
        raise ValueError("An entry of the history holds a float.")
    numbered = {**entry, "number": before.number + 1}
    link = Link(before.number + 1, hash_of(numbered, before.hash, key))
    return canonical({**numbered, "hash": link.hash}) + b"\n", link


def hash_of(entry: Mapping[str, Any], before: str, key: bytes) -> str:
    """Return the HMAC-SHA256 of the hash of the line before and an entry, which has its number but no hash yet."""
    return _keyed(canonical(entry), before, key)


def is_as_written(line: bytes, entry: Mapping[str, Any], before: str, key: bytes) -> bool:
    """Tell whether a line, of which `entry` is what it says, is to the byte what was chained to the hash before it.

    The hash is of the line without itself, so that nothing has to be written anew to compare, but where the order of
    the fields says that the hash was moved.
    """
    digest = entry["hash"]
    bare = line.replace(f'"hash":"{digest}",'.encode(), b"", 1)
    if not hmac.compare_digest(_keyed(bare, before, key), digest):
        return False
    try:
        return [*entry] == sorted(entry) or canonical(entry) == line
    except (ValueError, RecursionError):
        return False


def parse(line: bytes) -> dict[str, Any]:
    """Return the fields of one line.

    Raises
    ------
    ValueError
        When it is no JSON object; the text says so without repeating any of it.

    """
    try:
        text = line.decode()
        entry, end = _DECODE(text)
        if end != len(text):  # blanks, which `canonical` never writes, or more than one value
            entry = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("is torn or not JSON") from error
    if not isinstance(entry, dict):
        raise ValueError("is not an event")  # noqa: TRY004 - one kind of error for whatever is wrong with a line
    return cast("dict[str, Any]", entry)


def link_of(entry: Mapping[str, Any]) -> Link | None:
    """Return the number and hash that a line says it has; None where it is of no chain."""
    number, digest = entry.get("number"), entry.get("hash")
    is_link = type(number) is int and number > 0 and isinstance(digest, str) and _is_hash(digest)
    return Link(cast("int", number), cast("str", digest)) if is_link else None


def unchained(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry without what the chain added to it."""
    bare = dict(entry)
    bare.pop("number", None)
    bare.pop("hash", None)
    return bare


def key_file(folder: Path) -> Path:
    """Return where the key of a history is kept: beside its folder, or where the environment says."""
    return Path(elsewhere) if (elsewhere := os.environ.get(KEY_ELSEWHERE)) else folder.with_name(f"{folder.name}.key")


def is_key_elsewhere() -> bool:
    """Tell whether the key is kept apart from the store: it may be older than the history, and of several."""
    return bool(os.environ.get(KEY_ELSEWHERE))


def read_key(folder: Path) -> bytes | None:
    """Return the key of a history; None where there is none, or it is damaged."""
    try:
        key = bytes.fromhex(key_file(folder).read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None


def make_key(folder: Path) -> bytes:
    """Make the key of a history, for its owner alone; what was damaged there before is put aside.

    The note of where the chain stands is there before the key, so that a key without it says that it was taken away.

    Raises
    ------
    OSError
        When it cannot be written.

    """
    file = key_file(folder)
    with suppress(FileNotFoundError):
        file.rename(file.with_name(f"{file.name}.damaged-{secrets.token_hex(4)}"))
    key = secrets.token_bytes(_KEY_BYTES)
    write_anchor(folder, START, key)
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as written:
        written.write(key.hex() + "\n")
        written.flush()
        os.fsync(written.fileno())
    return key


def write_anchor(folder: Path, link: Link, key: bytes) -> None:
    """Note beside the history where its chain stands, so that a missing end is found.

    The line is on the disk before, and the note is not waited for: after a power cut it may be some lines behind.
    """
    said = f"{link.number} {link.hash} {_anchor_hash(link, key)}"
    descriptor = os.open(_anchor_file(folder), os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        # In one call, into the same few bytes of the same sector: nothing tears them, and a file put in the place of
        # another at each append would be work for the next flush.
        os.write(descriptor, f"{said:<{_ANCHOR_BYTES - 1}}\n".encode())
    finally:
        os.close(descriptor)


def read_anchor(folder: Path, key: bytes) -> Link | None:
    """Return where the chain stood when it was last noted; None where the note is lost, or is of another key."""
    try:
        number, digest, sealed = _anchor_file(folder).read_text(encoding="ascii").split()
        link = Link(int(number), digest)
    except (FileNotFoundError, ValueError):
        return None
    return link if _is_hash(digest) and hmac.compare_digest(sealed, _anchor_hash(link, key)) else None


def _keyed(content: bytes, before: str, key: bytes) -> str:
    return hmac.digest(key, bytes.fromhex(before) + content, "sha256").hex()


def _anchor_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.anchor")


def _anchor_hash(link: Link, key: bytes) -> str:
    return hmac.new(key, f"anchor {link.number} {link.hash}".encode(), hashlib.sha256).hexdigest()


def _is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


def _sorted(value: Any) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        return {key: _sorted(parts[key]) for key in sorted(parts, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in cast("list[Any]", value)]
    return value


def _holds_float(value: Any) -> bool:  # noqa: ANN401 - JSON values
    if isinstance(value, Mapping):
        return any(map(_holds_float, cast("Mapping[str, Any]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_float, cast("list[Any]", value)))
    return isinstance(value, float)


def _write(entry: Any, *, is_sorted: bool = False) -> str:  # noqa: ANN401 - JSON values
    return json.dumps(entry, sort_keys=not is_sorted, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", errors="surrogatepass")
