"""The visits of the same persons side by side: a row for each visit as a column for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from clinical_nb.analysis.counted.levels import Grouping, grouping_of
from clinical_nb.analysis.counts import Level, Scan, collect, decide, known_values
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Condition, Variable, Visits, name_of


@dataclass(frozen=True, slots=True)
class Courses:
    """The visits, and the persons with each pattern of values over them, NaN where there is none; each one's group."""

    visits: Grouping
    values: Floats
    counts: Counts
    groups: tuple[Level, ...]


def widen_visits(plan: Visits, scan: Scan) -> tuple[Grouping, Floats, Counts]:
    """Return the visits, and the persons with each pattern of values over them; NaN where a person has none.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, nobody is known to be a person, there are fewer than three visits, or a person has
        several rows of one visit.

    """
    found = follow_persons(scan, plan.outcome, plan.visit, plan.cohort.where)
    if len(found.visits.levels) < 3:  # noqa: PLR2004 - two times are a pair
        raise PlanError(f"'{plan.visit}' has {len(found.visits.levels)} visits here, and three or more are compared.")
    return found.visits, found.values, found.counts


def follow_persons(
    scan: Scan, outcome: Variable, visit: str, where: Sequence[Condition], by: Sequence[Variable] = ()
) -> Courses:
    """Return what persons have at each visit, counted by pattern, with the group of each; NaN where they have none.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, nobody is known to be a person, or a person has several rows of one visit, or rows
        in several groups.

    """
    if scan.identifier is None:
        raise PlanError(
            f"It is not known which rows of '{scan.table}' are of one person.",
            "Declare the column that identifies persons.",
        )
    rows = scan.rows.filter(decide(scan, AllOf(tuple(where)))) if where else scan.rows
    values = {"person": scan.identifier, "visit": visit, "value": outcome, **({"group": by[0]} if by else {})}
    derived = {name: known_values(scan, of) if isinstance(of, str) else decide(scan, of) for name, of in values.items()}
    derived["value"] = derived["value"].cast(nw.Float64)
    rows = rows.select(*(value.alias(name) for name, value in derived.items()))
    rows = rows.filter(
        ~nw.any_horizontal(*(nw.col(name).is_null() for name in ("person", "visit")), ignore_nulls=False)
    )
    visits = grouping_of(scan, visit, _levels(rows))
    most = collect(rows.group_by("person", "visit").agg(nw.len().alias("number")).select(nw.col("number").max())).item()
    if most and int(most) > 1:
        raise PlanError(
            f"A person has up to {int(most)} rows of one '{visit}': which is meant is not known.",
            "Keep one row of each visit with a condition.",
        )
    names = [f"v{place}" for place in range(len(visits.levels))]
    at = [_at(level).alias(name) for level, name in zip(visits.levels, names, strict=True)]
    ends = [nw.col("group").min().alias("group"), nw.col("group").max().alias("last")] if by else []
    groups = ["group", "last"] if by else []
    wide = rows.group_by("person").agg(*at, *ends)
    counted = collect(wide.group_by(*groups, *names).agg(nw.len().alias("number"))) if names else None
    if counted is None:
        return Courses(visits, np.empty((0, 0)), np.empty(0, dtype=np.int64), ())
    number = counted["number"].to_numpy().astype(np.int64)
    group: list[Level] = counted["group"].to_list() if by else []
    if by:
        both = [
            n for n, low, high in zip(number.tolist(), group, counted["last"].to_list(), strict=True) if low != high
        ]
        if both:
            raise PlanError(
                f"{sum(both)} persons have rows in several groups of '{name_of(by[0])}': the model is of groups that "
                "each person stays in.",
                "Name what does not change from visit to visit.",
            )
    found = np.column_stack([counted[name].to_numpy().astype(np.float64) for name in names]) + 0.0
    places = np.array([str(level) for level in group]) if by else np.zeros(len(number))
    order = np.lexsort((*found.T[::-1], places))
    return Courses(visits, found[order], number[order], tuple(group[int(place)] for place in order) if by else ())


def _at(level: Level) -> nw.Expr:
    return nw.when(nw.col("visit") == level).then(nw.col("value")).max()


def _levels(rows: nw.LazyFrame[Any]) -> list[Level]:
    return collect(rows.select("visit").unique())["visit"].to_list()
