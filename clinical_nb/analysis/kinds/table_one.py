"""Table 1: columns of any kind described in all and in each group, with how far the groups differ on each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from clinical_nb.analysis.ard import TESTS, write_distribution, write_inference, write_rows
from clinical_nb.analysis.arithmetic.balance import smd_of_levels, smd_of_numbers
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import UNGROUPABLE, Grouping, all_levels, check_groups, column_of, grouping_of
from clinical_nb.analysis.counts import CountTable, Level, Scan, ValueTable, count_rows, count_values
from clinical_nb.analysis.distribution import distribution_from, pool
from clinical_nb.analysis.kinds.compare_levels import compare_levels
from clinical_nb.analysis.kinds.compare_numbers import choose_tests
from clinical_nb.analysis.kinds.comparison import write_test
from clinical_nb.analysis.kinds.describe import write_levels
from clinical_nb.errors import PlanError
from clinical_nb.plan import Compare, TableOne
from clinical_nb.result import Note, Result, Statistic

_PAIR = 2
_AT_ONCE = 2  # columns, so that the counts of no more are in memory
_MANY = 10  # tests of which one is likely to be below 0.05 by chance
_NO_ROWS = distribution_from(np.empty(0), np.empty(0, dtype=np.int64))


def table_one(plan: TableOne, scan: Scan) -> Result:
    """Describe each column in all and in each group.

    Contexts "group" (n of all, then of each), "continuous" and "categorical" (of all without a group), "smd", and where
    tests are asked for, each column's headline test with "p.adjusted", corrected for their number (Holm 1979).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be described, or a person has several rows.

    """
    check_groups(scan, plan.by)
    for name in plan.columns:
        if why := UNGROUPABLE.get(column_of(scan, name).kind):
            raise PlanError(f"'{name}' {why}, so it has no row in the table.", "Leave it out.")
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_rows(scan, plan.by, plan.cohort.where)
    rows = sum(cells.values())
    refuse_nobody(rows)
    grouping = grouping_of(scan, plan.by[0], {key[0] for key in cells}) if plan.by else None
    levels: tuple[Level, ...] = grouping.levels if grouping else ()
    if grouping and not levels:
        raise PlanError(f"No row here has a known '{grouping.name}', so there are no groups.", "Ask without them.")
    used = sum(cells[level,] for level in levels) if grouping else rows
    statistics = write_rows("group", None, {"n": used})
    notes = note_who(scan, who, used, rows)
    if grouping:
        for level in levels:
            statistics += write_rows("group", None, {"n": cells[level,]}, [(grouping.name, grouping.text(level))])
        notes += note_missing(scan, grouping.variable, rows - used, plan.cohort.where)
    tests: list[list[Statistic]] = []
    for described, tested in _describe_each(plan, scan, grouping):
        statistics += described
        tests.append(tested)
    statistics += _with_holm(tests)
    return Result(tuple(statistics), (*notes, *_note_tests(plan, grouping, sum(map(bool, tests)))))


_Parts = tuple[list[Statistic], list[Statistic]]  # what a column is like, and the test of the groups


def _describe_each(plan: TableOne, scan: Scan, grouping: Grouping | None) -> Iterator[_Parts]:
    """Yield what each column is like, in their order; Polars counts the next one while this one is described."""

    def describe(name: str) -> _Parts:
        is_numeric = column_of(scan, name).kind == "numeric"
        return (_numbers if is_numeric else _levels)(plan, scan, name, grouping)

    if not scan.rows.implementation.is_polars():  # whose connections are of one thread
        yield from map(describe, plan.columns)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(describe, plan.columns)


def _numbers(plan: TableOne, scan: Scan, name: str, grouping: Grouping | None) -> _Parts:
    cells = count_values(scan, name, plan.by, plan.cohort.where)
    described = _describe_numbers(name, cells, grouping)
    if not _is_tested(plan, grouping):
        return described, []
    tested = choose_tests(Compare(plan.cohort, name, plan.by[0]), scan, cells)
    return described, write_test(tested.main, name, tested.grouping)


def _levels(plan: TableOne, scan: Scan, name: str, grouping: Grouping | None) -> _Parts:
    cells = count_rows(scan, (name, *plan.by), plan.cohort.where)
    described = _describe_levels(scan, name, cells, grouping)
    if not _is_tested(plan, grouping):
        return described, []
    compared = compare_levels(Compare(plan.cohort, name, plan.by[0]), scan, cells)
    tests = [each for each in compared.statistics if each.context in TESTS]
    return described, [each for each in tests if each.context == tests[0].context]


def _is_tested(plan: TableOne, grouping: Grouping | None) -> bool:
    return plan.tests and grouping is not None and len(grouping.levels) >= _PAIR


def _describe_numbers(name: str, cells: ValueTable, grouping: Grouping | None) -> list[Statistic]:
    if grouping is None:
        return write_distribution(name, cells.get((), _NO_ROWS))
    groups = [cells.get((level,), _NO_ROWS) for level in grouping.levels]
    statistics = write_distribution(name, pool(groups))
    for level, group in zip(grouping.levels, groups, strict=True):
        statistics += write_distribution(name, group, [(grouping.name, grouping.text(level))])
    return [*statistics, *_write_smd(name, grouping, smd_of_numbers(groups) if len(groups) >= _PAIR else None)]


def _describe_levels(scan: Scan, name: str, cells: CountTable, grouping: Grouping | None) -> list[Statistic]:
    groups: tuple[tuple[Level, ...], ...] = tuple((level,) for level in grouping.levels) if grouping else ((),)
    levels = all_levels(column_of(scan, name), {key[0] for key in cells if key[1:] in groups})
    table = [[cells.get((level, *group), 0) for level in levels] for group in groups]
    missing = [cells.get((None, *group), 0) for group in groups]
    statistics = write_levels(name, levels, [sum(column) for column in zip(*table, strict=True)], sum(missing), [])
    if grouping is None:
        return statistics
    for level, row, unknown in zip(grouping.levels, table, missing, strict=True):
        statistics += write_levels(name, levels, row, unknown, [(grouping.name, grouping.text(level))])
    return [*statistics, *_write_smd(name, grouping, smd_of_levels(table) if len(table) >= _PAIR else None)]


def _write_smd(name: str, grouping: Grouping, found: Inference | None) -> list[Statistic]:
    return write_inference("smd", name, found, [(grouping.name, None)]) if found else []


def _with_holm(tests: Sequence[Sequence[Statistic]]) -> list[Statistic]:
    """Return the tests' rows, each p with the one that is corrected for the number of tests beside it."""
    ps = [[each for each in rows if each.stat_name == "p.value" and each.stat is not None] for rows in tests]
    adjusted = holm({place: rows[0].stat or 0.0 for place, rows in enumerate(ps) if rows})
    statistics: list[Statistic] = []
    for place, rows in enumerate(tests):
        statistics += rows
        if place in adjusted:
            label = "p, corrected by Holm"
            statistics.append(
                replace(ps[place][0], stat_name="p.adjusted", stat_label=label, stat=adjusted[place], warning=None)
            )
    return statistics


def _note_tests(plan: TableOne, grouping: Grouping | None, tests: int) -> list[Note]:
    if grouping is None:
        return []
    text = "SMD: the standardised mean difference, of several levels by Yang & Dalton's; above 0.1 is called imbalance"
    text += ", of more than two groups the mean over all pairs." if len(grouping.levels) > _PAIR else "."
    notes = [Note("assumption", text)]
    if not plan.tests:
        text = "No tests: differences at baseline of a randomised trial are chance. Ask 'with p values' to have them."
        notes.append(Note("test", text))
    elif tests > _MANY:
        text = "{tests} tests are many: one in 20 is below 0.05 by chance. p corrected by Holm's method is beside each."
        notes.append(Note("caution", text, {"tests": tests}))
    return notes
