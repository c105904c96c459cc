"""results/<run key>.json: answers already computed, for any later kernel."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from clinical_nb.errors import StoreError
from clinical_nb.store.files import delete_file, write_whole

_RUN_KEY = re.compile(r"[0-9a-f]{8,128}")


def save_result(home: Path, run_key: str, data: Mapping[str, Any]) -> None:
    """Keep an answer under its key, with a checksum of both: a digit that a disk has changed is no answer."""
    text = json.dumps({"answer": data, "sha256": _checksum(run_key, data)}, ensure_ascii=False, sort_keys=True)
    write_whole(_result_file(home, run_key), lambda beside: beside.write_text(text, encoding="utf-8"))


def load_result(home: Path, run_key: str) -> dict[str, Any] | None:
    """Return the answer kept under a key; None where there is none, or a damaged one: it can be computed again."""
    return _read(_result_file(home, run_key))


def has_result(home: Path, run_key: str) -> bool:
    """Tell whether there is a file under a key, whole or damaged."""
    return _result_file(home, run_key).exists()


def delete_result(home: Path, run_key: str) -> None:
    """Delete the answer kept under a key."""
    delete_file(_result_file(home, run_key))


def delete_results(home: Path, kept: Collection[str]) -> None:
    """Delete what was computed from other versions than these, and what does not say what it was computed from."""
    for file in _result_files(home):
        if (_read(file) or {}).get("dataset_version") not in kept:
            delete_file(file)


def _result_files(home: Path) -> Iterator[Path]:
    return (home / "results").glob("*.json")


def _read(file: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        answer: dict[str, Any] = content["answer"]
        return answer if content["sha256"] == _checksum(file.stem, answer) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _checksum(run_key: str, answer: Mapping[str, Any]) -> str:
    text = json.dumps([run_key, answer], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _result_file(home: Path, run_key: str) -> Path:
    if not _RUN_KEY.fullmatch(run_key):
        raise StoreError(f"'{run_key}' is not the key of a run.", "A key has hexadecimal characters only.")
    return home / "results" / f"{run_key}.json"
