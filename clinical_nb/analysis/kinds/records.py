"""How many rows persons have: all of them, the persons with any, and how many a person, in all or in each group."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from clinical_nb.analysis.ard import Group, quartiles_of, write_rows
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import check_groups, groupings_of, name_group
from clinical_nb.analysis.counts import Key, Scan, count_values
from clinical_nb.analysis.distribution import Distribution, distribution_from
from clinical_nb.analysis.rows.joining import numbers_of_rows
from clinical_nb.plan import AnyRow, Records, name_of
from clinical_nb.result import Note, Result, Statistic


def records(plan: Records, scan: Scan) -> Result:
    """Count the rows that persons have, context "records": in all, and in each group where there is one.

    n.rows, n persons with any of N, p; the mean, SD and quartiles of rows a person, those without any having 0. Of a
    share of rows, context "records_share": n.rows of N.rows, p, and the rows for which it is open (n_unknown).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot make groups, or a row of the table is not a person of its own.

    """
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    found = _count(plan, plan.rows, scan)
    persons = sum(each.n for each in found.values())
    refuse_nobody(persons)
    statistics: list[Statistic] = []
    for names, keys in _groups(plan, scan, found):
        rows = _joined([found[key] for key in keys])
        statistics += _describe(plan, rows, names) if not plan.among else _share(plan, scan, keys, names)
    notes = note_who(scan, who, persons, persons)
    for variable in plan.by:
        notes += note_missing(scan, variable, sum(each.n for key, each in found.items() if key[0] is None))
    is_open = sum(_total(each) for each in _count(plan, plan.rows, scan, place=1).values())
    if is_open:
        text = "Of {rows} rows it is not known whether they are among these."
        notes.append(Note("missing", text, {"rows": is_open}))
    return Result(tuple(statistics), tuple(notes))


def _count(plan: Records, rows: AnyRow, scan: Scan, place: int = 0) -> Mapping[Key, Distribution]:
    return count_values(scan, numbers_of_rows(rows)[place], plan.by, plan.cohort.where)


def _groups(
    plan: Records, scan: Scan, found: Mapping[Key, Distribution]
) -> Sequence[tuple[Sequence[Group], Sequence[Key]]]:
    """Return the names and keys of all persons, and of each group."""
    groupings = groupings_of(scan, plan.by, found)
    each = product(*(grouping.levels for grouping in groupings)) if plan.by else ()
    return [((), list(found)), *((name_group(groupings, key), [key]) for key in each)]


def _joined(parts: Sequence[Distribution]) -> Distribution:
    values = np.concatenate([each.values for each in parts])
    counts = np.concatenate([each.counts for each in parts])
    distinct = np.unique(values)
    sums = np.array([counts[values == value].sum() for value in distinct], dtype=np.int64)
    return distribution_from(distinct, sums)


def _describe(plan: Records, found: Distribution, names: Sequence[Group]) -> list[Statistic]:
    having = int(found.counts[found.values > 0].sum())
    numbers = {
        "n.rows": _total(found),
        "n": having,
        "N": found.n,
        "p": having / found.n if found.n else None,
        "mean": found.mean,
        "sd": found.sd,
        **quartiles_of(found),
        "max": float(found.values[-1]) if found.n else None,
    }
    return write_rows("records", name_of(plan.rows), numbers, names, reason="fewer than 2 persons")


def _share(plan: Records, scan: Scan, keys: Sequence[Key], names: Sequence[Group]) -> list[Statistic]:
    (among,) = plan.among
    rows = _joined([_count(plan, plan.rows, scan)[key] for key in keys])
    is_open, everything = (
        sum(_total(each) for key, each in _count(plan, of, scan, place).items() if key in keys)
        for of, place in ((plan.rows, 1), (among, 0))
    )
    n, total = _total(rows), everything - is_open
    numbers = {
        "n.rows": n,
        "N.rows": total,
        "p": n / total if total else None,
        "n_unknown": is_open,
        "n": int(rows.counts[rows.values > 0].sum()),
        "N": rows.n,
    }
    return write_rows("records_share", name_of(plan.rows), numbers, names, reason="there is no such row")


def _total(found: Distribution) -> int:
    return int(sum(int(value) * int(number) for value, number in zip(found.values, found.counts, strict=True)))
