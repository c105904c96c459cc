"""What is asked of a column by name: percentiles, the mode, a standard error, in all or in each group."""

import math
from collections.abc import Mapping
from itertools import product

import numpy as np

from clinical_nb.analysis.ard import write_rows
from clinical_nb.analysis.arithmetic.intervals import mean_interval
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import check_groups, column_of, groupings_of, name_group
from clinical_nb.analysis.counts import Scan, count_values
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Measure, Measured
from clinical_nb.result import Note, Result, Statistic

_FEW = "fewer than 2 rows have a known value"
_POSITIVE = "some values are not above 0"
_FLAT = "the values do not vary"
_TIED = "several values are equally frequent"


def measured(plan: Measured, scan: Scan) -> Result:
    """Compute what was asked for: context "measured", N and the number, the level being the measure or "p90".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or holds no numbers, or a person has several rows.

    """
    if column_of(scan, plan.column).kind != "numeric":
        raise PlanError(f"'{plan.column}' does not hold numbers.", "Name a numeric column.")
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    found = count_values(scan, plan.column, plan.by, plan.cohort.where)
    rows = sum(each.n + each.missing for each in found.values())
    refuse_nobody(rows)
    groupings = groupings_of(scan, plan.by, found)
    statistics: list[Statistic] = []
    used = 0
    for key in product(*(grouping.levels for grouping in groupings)):
        if key not in found or not found[key].n:
            continue
        used += found[key].n
        names = name_group(groupings, key)
        for level, numbers, reason in _numbers(plan, found[key]):
            counted = {"N": found[key].n, **numbers}
            statistics += write_rows("measured", plan.column, counted, names, level=level, reason=reason)
    missing = sum(each.missing for each in found.values())
    notes = [*note_who(scan, who, used, rows), *note_missing(scan, plan.column, missing, plan.cohort.where)]
    for place, variable in enumerate(plan.by):
        absent = sum(each.n + each.missing for key, each in found.items() if key[place] is None)
        notes += note_missing(scan, variable, absent, plan.cohort.where)
    if plan.percentiles:
        notes.append(Note("assumption", "Percentiles lie between values as R's default does (type 7)."))
    return Result(tuple(statistics), tuple(notes))


def _numbers(plan: Measured, found: Distribution) -> list[tuple[str, Mapping[str, float | None], str]]:
    """Return each measure with its numbers, and why one of them cannot be estimated."""
    return [
        *((measure, *_measure(measure, found)) for measure in plan.measures),
        *((f"p{value_text(each)}", {"value": found.percentile(each)}, _FEW) for each in plan.percentiles),
    ]


def _measure(measure: Measure, found: Distribution) -> tuple[Mapping[str, float | None], str]:  # noqa: PLR0911 - one a measure
    match measure:
        case "mode":
            most = np.flatnonzero(found.counts == found.counts.max())
            if len(most) > 1:
                return {"n": int(found.counts.max()), "value": None}, _TIED
            return {"n": int(found.counts[most[0]]), "value": float(found.values[most[0]])}, ""
        case "variance":
            return {"value": found.variance}, _FEW
        case "standard_error":
            return {"value": None if found.sd is None else found.sd / math.sqrt(found.n)}, _FEW
        case "interval":
            return {"value": found.mean, **_interval(found)}, _FEW
        case "geometric_mean":
            return _geometric(found)
        case "skewness":
            return {"value": found.skewness}, _FLAT


def _geometric(found: Distribution) -> tuple[Mapping[str, float | None], str]:
    """Return e to the mean of the logarithms, with its interval the same way."""
    if found.values[0] <= 0:
        return {"value": None}, _POSITIVE
    logs = Distribution(np.log(found.values), found.counts)
    numbers = {"value": logs.mean, **_interval(logs)}
    return {name: None if number is None else math.exp(number) for name, number in numbers.items()}, _FEW


def _interval(found: Distribution) -> Mapping[str, float | None]:
    if found.mean is None or found.sd is None:
        return {"conf.low": None, "conf.high": None}
    low, high = mean_interval(found.mean, found.sd, found.n)
    return {"conf.low": low, "conf.high": high}
