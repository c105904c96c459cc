"""Comparing: an answer that is computed again beside the one of before: the same bits, or what changed since."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinical_nb.dataset import Dataset

METHOD = "method"  # among the versions of what computed an answer


@dataclass(frozen=True, slots=True)
class Earlier:
    """The answer of a run as the store kept it, before it is computed again.

    `run_key` is the key that it was kept by; `kept` is None where it is lost, `dataset` where its version was deleted.
    """

    run_key: str
    kept: Mapping[str, Any] | None
    dataset: Dataset | None


def is_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether two kept answers hold the same statistics, to the last bit: also of a zero's sign."""
    return _bits(before) == _bits(after)


def _bits(kept: Mapping[str, Any]) -> str:
    return json.dumps(kept["result"]["statistics"], sort_keys=True)  # which writes each float so that it comes back


def say_compared(earlier: Earlier, now: Dataset, found: Mapping[str, Any], *, same_method: bool) -> str:
    """Say whether a repeated computation gave what the first one did, and what changed in between.

    Parameters
    ----------
    earlier : Earlier
        The answer of before.
    now : Dataset
        The version that was computed on.
    found : mapping
        What was computed, as the store keeps it.
    same_method : bool
        Whether the earlier answer was computed by the method that is in force now.

    """
    kept, then = earlier.kept, earlier.dataset
    if then is None:
        return "Computed again: the version that it was asked of was deleted, so there is nothing to compare it with."
    if kept is None:
        return "Computed again: the earlier answer is not kept any more, so there is nothing to compare it with."
    when = f"the answer of {datetime.fromisoformat(kept['computed_at']):%Y-%m-%d %H:%M} UTC"
    changed = _changed(kept["versions"], found["versions"], same_method=same_method)
    is_other = then.version != now.version
    if is_other:
        when = f"{when} on version {then.number}"
    if is_same(kept, found):
        although = f", although these changed since: {', '.join(changed)}" if changed else ""
        return f"Computed again: every number equals {when} to the last bit{although}."
    since = ["the data or what they mean", *changed] if is_other else changed or ["no library and no method"]
    return f"Computed again: it DIFFERS from {when}; changed since: {', '.join(since)}."


def _changed(before: Mapping[str, str], after: Mapping[str, str], *, same_method: bool) -> list[str]:
    """Name what computed both, where it is of another version; answers of older stores do not say their method."""
    changed = [
        f"{name} {before[name]} → {version}"
        for name, version in after.items()
        if name in before and before[name] != version
    ]
    is_told = METHOD in before
    return changed if same_method or is_told else [*changed, f"the method, now {after[METHOD]}"]
