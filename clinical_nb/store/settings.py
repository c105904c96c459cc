"""What a person set for a whole store, in a file of its own: it goes where the folder goes, and no archive holds it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from clinical_nb.errors import StoreError
from clinical_nb.store.files import write_whole

_FILE = "settings.json"


def read_settings(home: Path) -> dict[str, Any]:
    """Return what was set by its names; nothing where nothing was.

    Raises
    ------
    StoreError
        When the file cannot be read, or holds something else.

    """
    file = home / _FILE
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"The store's '{_FILE}' cannot be read.", "Set again what was set, or delete it.") from error
    if not isinstance(found, dict):
        raise StoreError(f"The store's '{_FILE}' holds no settings.", "Set again what was set, or delete it.")
    return cast("dict[str, Any]", found)


def write_settings(home: Path, settings: Mapping[str, Any]) -> None:
    """Write what is set, whole, for the owner's eyes alone.

    Raises
    ------
    StoreError
        When the disk does not take it.

    """
    content = json.dumps(settings, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_whole(home / _FILE, lambda file: file.write_text(content, encoding="utf-8"))
