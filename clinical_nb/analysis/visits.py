"""The visits of the same persons side by side: a row for each visit as a column for each."""

from typing import Any

import narwhals as nw
import numpy as np

from clinical_nb.analysis.counts import Level, Scan, collect, decide, known_values
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.levels import Grouping, grouping_of
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Visits


def widen_visits(plan: Visits, scan: Scan) -> tuple[Grouping, Floats, Counts]:
    """Return the visits, and the persons with each pattern of values over them; NaN where a person has none.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, nobody is known to be a person, there are fewer than three visits, or a person has
        several rows of one visit.

    """
    if scan.identifier is None:
        raise PlanError(
            f"It is not known which rows of '{scan.table}' are of one person.",
            "Declare the column that identifies persons.",
        )
    rows = scan.rows.filter(decide(scan, AllOf(plan.cohort.where))) if plan.cohort.where else scan.rows
    value = known_values(scan, plan.outcome) if isinstance(plan.outcome, str) else decide(scan, plan.outcome)
    person, visit = known_values(scan, scan.identifier), known_values(scan, plan.visit)
    rows = rows.select(person.alias("person"), visit.alias("visit"), value.cast(nw.Float64).alias("value"))
    rows = rows.filter(
        ~nw.any_horizontal(*(nw.col(name).is_null() for name in ("person", "visit")), ignore_nulls=False)
    )
    visits = grouping_of(scan, plan.visit, _levels(rows))
    if len(visits.levels) < 3:  # noqa: PLR2004 - two times are a pair
        raise PlanError(f"'{plan.visit}' has {len(visits.levels)} visits here, and three or more are compared.")
    most = collect(rows.group_by("person", "visit").agg(nw.len().alias("number")).select(nw.col("number").max())).item()
    if most and int(most) > 1:
        raise PlanError(
            f"A person has up to {int(most)} rows of one '{plan.visit}': which is meant is not known.",
            "Keep one row of each visit with a condition.",
        )
    names = [f"v{place}" for place in range(len(visits.levels))]
    wide = rows.group_by("person").agg(
        *(_at(level).alias(name) for level, name in zip(visits.levels, names, strict=True))
    )
    counted = collect(wide.group_by(*names).agg(nw.len().alias("number")))
    values = np.column_stack([counted[name].to_numpy().astype(np.float64) for name in names])
    order = np.lexsort(values.T[::-1])
    return visits, values[order], counted["number"].to_numpy().astype(np.int64)[order]


def _at(level: Level) -> nw.Expr:
    return nw.when(nw.col("visit") == level).then(nw.col("value")).max()


def _levels(rows: nw.LazyFrame[Any]) -> list[Level]:
    return collect(rows.select("visit").unique())["visit"].to_list()
