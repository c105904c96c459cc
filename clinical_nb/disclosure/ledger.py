"""What was told of a version's data, kept in its store: as JSON, from which the sets of persons come back."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clinical_nb.disclosure.crossing import Feature, Told
from clinical_nb.disclosure.profile import Profile
from clinical_nb.disclosure.rows import Codes


@dataclass(frozen=True, slots=True)
class Entry:
    """What one answer told: by the canonical JSON of its plan, and the profile under which it did."""

    plan: str
    profile: Profile
    told: Told


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return JSON values from which `entry_from_json` returns the same entry."""
    told = entry.told
    tables = [*told.parts, *(rows.astype(np.int64) for rows in told.sets), *(each.codes for each in told.features)]
    kinds, kind = np.unique(np.array(tables).reshape(len(tables), -1), axis=1, return_inverse=True)
    return {
        "plan": entry.plan,
        "profile": [entry.profile.name, entry.profile.most, entry.profile.base],
        "universe": told.universe,
        "names": _pack(json.dumps(told.names).encode()),
        "kind": _pack(kind.astype("<i4").tobytes()),
        "kinds": kinds.tolist(),
        "parts": len(told.parts),
        "shown": list(told.shown),
        "base": told.base,
        "features": [[list(each.columns), each.is_plain] for each in told.features],
        "parts_of": told.parts_of,
        "sets_of": told.sets_of,
    }


def entry_from_json(data: Mapping[str, Any]) -> Entry:
    """Return the entry that `entry_to_json` wrote."""
    name, most, base = data["profile"]
    names: list[str] = json.loads(_unpack(data["names"]))
    kind = np.frombuffer(_unpack(data["kind"]), "<i4")
    tables: Sequence[Codes] = [np.array(kinds, np.int64)[kind] for kinds in data["kinds"]]
    parts, sets = data["parts"], data["parts"] + len(data["shown"])
    said = data.get("features", [])  # what was told before there were any has none
    told = Told(
        data["universe"],
        tuple(names),
        tuple(tables[:parts]),
        tuple(codes.astype(np.bool_) for codes in tables[parts:sets]),
        tuple(data["shown"]),
        data["base"],
        tuple(
            Feature(tuple(columns), codes, is_plain)
            for (columns, is_plain), codes in zip(said, tables[sets:], strict=True)
        ),
        tuple(map(tuple, data.get("parts_of", []))),
        tuple(map(tuple, data.get("sets_of", []))),
    )
    return Entry(data["plan"], Profile(name, most, base), told)


def _pack(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


def _unpack(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))
