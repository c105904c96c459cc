"""What was computed: statistics in rows (analysis results data), notes beside them. Nothing here is rounded."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import polars as pl

ARD_SCHEMA = pl.Schema(
    {
        "group1": pl.String,
        "group1_level": pl.String,
        "group2": pl.String,
        "group2_level": pl.String,
        "variable": pl.String,
        "variable_level": pl.String,
        "context": pl.String,
        "stat_name": pl.String,
        "stat_label": pl.String,
        "stat": pl.Float64,
        "warning": pl.String,
    }
)
SUPPRESSED = "suppressed"  # the reason of a number that disclosure control keeps back
NoteKind = Literal["who", "missing", "test", "assumption", "alternative", "caution"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """One row of analysis results data: one number, of what, in which group.

    `stat` is None where the number cannot be estimated, and `warning` then says why.
    """

    variable: str | None
    stat_name: str
    stat_label: str
    stat: float | None
    context: str
    variable_level: str | None = None
    group1: str | None = None
    group1_level: str | None = None
    group2: str | None = None
    group2_level: str | None = None
    warning: str | None = None

    def __post_init__(self) -> None:
        if self.stat is not None and not math.isfinite(self.stat):
            object.__setattr__(self, "stat", None)
            object.__setattr__(self, "warning", self.warning or "cannot be estimated")
        elif self.stat is not None:
            object.__setattr__(self, "stat", float(self.stat))


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on a result.

    `text` is a sentence with a `{name}` for each fact; `render/` fills in the facts and rounds the numbers, so that a
    name or a level that a person supplied is never part of the sentence and can be escaped.
    """

    kind: NoteKind
    text: str
    facts: Mapping[str, float | int | str] = field(default_factory=dict[str, float | int | str])


@dataclass(frozen=True, slots=True)
class Result:
    """Statistics and the notes that belong to them; `partial` where disclosure control keeps some of them back."""

    statistics: tuple[Statistic, ...]
    notes: tuple[Note, ...]
    partial: bool = False

    @property
    def ard(self) -> pl.DataFrame:
        """The statistics as a frame: one row a statistic, the columns of `ARD_SCHEMA`."""
        rows = [{name: getattr(statistic, name) for name in ARD_SCHEMA} for statistic in self.statistics]
        return pl.DataFrame(rows, schema=ARD_SCHEMA)


def result_to_json(result: Result) -> dict[str, Any]:
    """Return JSON values from which `result_from_json` restores every number to the bit."""
    return {"statistics": _rows(result.statistics), "notes": _rows(result.notes)}


def result_from_json(data: Mapping[str, Any]) -> Result:
    """Return the result that `result_to_json` wrote."""
    return Result(
        tuple(Statistic(**row) for row in data["statistics"]),
        tuple(Note(**row) for row in data["notes"]),
    )


def _rows(values: Iterable[Statistic | Note]) -> list[dict[str, Any]]:
    return [{each.name: getattr(value, each.name) for each in fields(value)} for value in values]
