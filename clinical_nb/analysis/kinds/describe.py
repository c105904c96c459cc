"""How one column is distributed, in all or in each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from clinical_nb.analysis.ard import Group, quartiles_of, write_distribution, write_rows, write_share
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import (
    Grouping,
    all_levels,
    check_groups,
    column_of,
    groupings_of,
    is_ordinal,
    name_group,
)
from clinical_nb.analysis.counted.pairs import edges_of
from clinical_nb.analysis.counts import Key, Level, Scan, ValueTable, count_rows, count_values
from clinical_nb.analysis.distribution import Distribution, distribution_from
from clinical_nb.dictionary.meaning import Column, value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Describe, Known
from clinical_nb.result import Note, Result, Statistic

_INDESCRIBABLE = {
    "identifier": "identifies persons, so there is nothing to describe",
    "text": "holds free text, which cannot be described in numbers",
    "date": "holds dates, which cannot be described yet",
}
_LEVELS_ONLY = {"mean", "sd"}


def describe(plan: Describe, scan: Scan) -> Result:
    """Describe a numeric column (context "continuous") or the levels of another ("categorical", "ordinal").

    Where the distribution of numbers is asked for, "histogram" has the rows in each of at most 20 equal bins.
    Levels that the dictionary declares are there with n = 0 where no row has them; groups without rows are left out.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be described, or a person has several rows.

    """
    column = column_of(scan, plan.column)
    if why := _INDESCRIBABLE.get(column.kind):
        if column.kind == "text" and not any(count_rows(scan, (), (Known(plan.column),)).values()):
            why = "has no value in any row"
        raise PlanError(f"'{plan.column}' {why}.", "Name a numeric column or one with levels.")
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    found = _describe_numbers(plan, scan) if column.kind == "numeric" else _describe_levels(plan, scan, column)
    refuse_nobody(found.rows)
    return Result(tuple(found.statistics), (*note_who(scan, who, found.used, found.rows), *found.notes))


@dataclass(frozen=True, slots=True)
class _Described:
    """The statistics and notes, the rows of the cohort, and those that are described."""

    statistics: list[Statistic]
    notes: list[Note]
    rows: int
    used: int


def _describe_numbers(plan: Describe, scan: Scan) -> _Described:
    found: ValueTable = count_values(scan, plan.column, plan.by, plan.cohort.where) or {(): _no_rows()}
    groupings = groupings_of(scan, plan.by, found)
    statistics: list[Statistic] = []
    used = 0
    for group in product(*(grouping.levels for grouping in groupings)):
        if group in found:
            used += found[group].n
            statistics += write_distribution(plan.column, found[group], name_group(groupings, group))
    if "distribution" in plan.statistics:
        statistics += _count_bins(plan, found, groupings)
    sizes = {key: each.n + each.missing for key, each in found.items()}
    missing = sum(each.missing for each in found.values())
    notes = [*note_missing(scan, plan.column, missing, plan.cohort.where), *_note_missing_groups(plan, scan, sizes, 0)]
    return _Described(statistics, notes, sum(sizes.values()), used)


def _count_bins(plan: Describe, found: ValueTable, groupings: Sequence[Grouping]) -> list[Statistic]:
    """Return the rows in each bin of a histogram, whose bins all groups share."""
    groups = {key: each for key, each in found.items() if None not in key and each.n}
    if not groups:
        return []
    edges = edges_of(np.concatenate([each.values for each in groups.values()]))
    levels = [f"{value_text(low)} to {value_text(high)}" for low, high in pairwise(edges.tolist())]
    return [
        row
        for key in product(*(grouping.levels for grouping in groupings))
        if key in groups
        for level, n in zip(levels, np.histogram(groups[key].values, edges, weights=groups[key].counts)[0], strict=True)
        for row in write_rows("histogram", plan.column, {"n": int(n)}, name_group(groupings, key), level=level)
    ]


def _describe_levels(plan: Describe, scan: Scan, column: Column) -> _Described:
    cells = count_rows(scan, (plan.column, *plan.by), plan.cohort.where)
    levels = all_levels(column, {key[0] for key in cells})
    groupings = groupings_of(scan, plan.by, cells, first=1)
    ordinal = is_ordinal(column, levels)
    asked = [statistic for statistic in plan.statistics if statistic != "distribution"]
    if asked and not ordinal:
        raise PlanError(f"'{plan.column}' has levels, not numbers: it has no {asked[0]}.", "Ask for its distribution.")
    statistics: list[Statistic] = []
    used = 0
    for group in product(*(grouping.levels for grouping in groupings)):
        counts = [cells.get((level, *group), 0) for level in levels]
        missing = cells.get((None, *group), 0)
        if not (sum(counts) or missing) and group:
            continue
        used += sum(counts)
        names = name_group(groupings, group)
        statistics += write_levels(plan.column, levels, counts, missing, names)
        if ordinal:
            statistics += _write_ordinal(plan, levels, counts, names)
    missing = sum(n for key, n in cells.items() if key[0] is None)
    notes = [*note_missing(scan, plan.column, missing, plan.cohort.where), *_note_missing_groups(plan, scan, cells, 1)]
    if _LEVELS_ONLY & set(plan.statistics):
        text = "The mean of {column} takes its codes for distances, though they only rank; the median does not."
        notes.append(Note("caution", text, {"column": plan.column}))
    return _Described(statistics, notes, sum(cells.values()), used)


def write_levels(
    column: str, levels: Sequence[Level], counts: Sequence[int], missing: int, groups: Sequence[Group]
) -> list[Statistic]:
    """Return n, N and p of each level, and the rows without any."""
    shares = [
        statistic
        for level, n in zip(levels, counts, strict=True)
        for statistic in write_share("categorical", column, n, sum(counts), groups, level=value_text(level))
    ]
    return [*shares, *write_rows("categorical", column, {"N_miss": missing}, groups)]


def ordinal_distribution(levels: Sequence[Level], counts: Sequence[int], missing: int = 0) -> Distribution:
    """Return ordered levels with numeric codes as a distribution of the codes."""
    codes = np.array([float(level or 0) for level in levels])
    rows = np.array(counts, dtype=np.int64)
    found = distribution_from(codes[rows > 0], rows[rows > 0])
    return Distribution(found.values, found.counts, missing)


def _write_ordinal(
    plan: Describe, levels: Sequence[Level], counts: Sequence[int], groups: Sequence[Group]
) -> list[Statistic]:
    found = ordinal_distribution(levels, counts)
    numbers = quartiles_of(found)
    if _LEVELS_ONLY & set(plan.statistics):
        numbers = {"mean": found.mean, "sd": found.sd, **numbers}
    return write_rows("ordinal", plan.column, numbers, groups, reason="no row has a known value")


def _no_rows() -> Distribution:
    return distribution_from(np.empty(0), np.empty(0, dtype=np.int64))


def _note_missing_groups(plan: Describe, scan: Scan, cells: Mapping[Key, int], offset: int) -> list[Note]:
    return [
        note
        for place, variable in enumerate(plan.by, start=offset)
        for note in note_missing(
            scan, variable, sum(n for key, n in cells.items() if key and key[place] is None), plan.cohort.where
        )
    ]
