"""Groups compared on a condition or on a column with levels: risks of an event, or the counts of every level."""

from collections.abc import Mapping, Sequence

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_proportion, write_rows
from clinical_nb.analysis.cohort import note_missing
from clinical_nb.analysis.compare_numbers import run_rank_test
from clinical_nb.analysis.comparison import (
    Comparison,
    Test,
    groups_of,
    note_alternative,
    note_small,
    note_test,
    pair_of,
    write_test,
)
from clinical_nb.analysis.contingency import (
    Table,
    chi_squared,
    cramers_v,
    drop_empty,
    is_table,
    smallest_expected,
)
from clinical_nb.analysis.counts import Key, Scan, count_rows
from clinical_nb.analysis.describe import ordinal_distribution, write_levels
from clinical_nb.analysis.fisher import fisher
from clinical_nb.analysis.inference import Inference
from clinical_nb.analysis.intervals import number_needed_to_treat, odds_ratio, risk_difference, risk_ratio
from clinical_nb.analysis.levels import Grouping, all_levels, column_of, event_of, is_ordinal
from clinical_nb.analysis.means import TOO_FEW
from clinical_nb.plan import Compare
from clinical_nb.result import Note, Statistic

_SMALL_EXPECTED = 5  # METHODS: Fisher's exact test below this
_FEW_EVENTS = 5
_CHEAP = 1_000  # rows: up to here Fisher's test of a 2x2 table costs nothing worth saving
_PAIR = 2


def compare_levels(plan: Compare, scan: Scan) -> Comparison:
    """Compare the groups on the levels of the outcome: two levels are an event and its absence."""
    cells = count_rows(scan, (plan.outcome, plan.by), plan.cohort.where)
    grouping = groups_of(plan, scan, cells)
    outcome = _outcome_of(plan, scan, cells)
    where = plan.cohort.where
    missing = [
        *note_missing(scan, plan.outcome, sum(n for key, n in cells.items() if key[0] is None), where),
        *note_missing(scan, plan.by, sum(n for key, n in cells.items() if key[1] is None), where),
    ]
    write = _compare_risks if len(outcome.levels) == _PAIR else _compare_counts
    statistics, notes = write(outcome, grouping, cells)
    used = sum(n for key, n in cells.items() if None not in key)
    return Comparison(statistics, [*missing, *notes], sum(cells.values()), used)


def choose_test(table: Table) -> tuple[Test, Test | None, Note]:
    """Return the main test of association, another that is defensible, and why the main one is.

    Parameters
    ----------
    table
        Rows of each level (columns) in each group (rows).

    """
    if min(map(sum, table)) < _PAIR:
        return Test("chi_squared", Inference(reason=TOO_FEW)), None, Note("test", "")
    table = drop_empty(table)
    asymptotic = Test("chi_squared", chi_squared(table))
    if not is_table(table):
        return asymptotic, None, Note("test", "")
    expected = smallest_expected(table)
    facts = {"expected": expected}
    if expected >= _SMALL_EXPECTED:
        cheap = len(table) == len(table[0]) == _PAIR and sum(map(sum, table)) <= _CHEAP
        exact = Test("fisher", fisher(table)) if cheap else None
        return asymptotic, exact, Note("test", "the smallest expected count is {expected}, not under 5", facts)
    exact = Test("fisher", fisher(table))
    if exact.found.p is None:
        text = "the exact test could not be computed, though the smallest expected count is {expected}, under 5"
        return asymptotic, None, Note("caution", text, facts)
    return exact, asymptotic, Note("test", "the smallest expected count is {expected}, under 5", facts)


_Parts = tuple[list[Statistic], list[Note]]


def _outcome_of(plan: Compare, scan: Scan, cells: Mapping[Key, int]) -> Grouping:
    """Return the outcome's levels: for a condition yes and no, whether or not there are rows of both."""
    if not isinstance(plan.outcome, str):
        return Grouping(plan.outcome, (True, False))
    column = column_of(scan, plan.outcome)
    return Grouping(plan.outcome, all_levels(column, {key[0] for key in cells}), column)


def _compare_risks(outcome: Grouping, grouping: Grouping, cells: Mapping[Key, int]) -> _Parts:
    event = event_of(outcome)
    other = next(level for level in outcome.levels if level != event)
    table = [[cells.get((level, group), 0) for level in (event, other)] for group in grouping.levels]
    name, text = outcome.name, outcome.text(event)
    statistics: list[Statistic] = []
    for group, row in zip(grouping.levels, table, strict=True):
        names = [(grouping.name, grouping.text(group))]
        statistics += write_proportion(name, row[0], sum(row), cells.get((None, group), 0), names, level=text)
    main, alternative, because = choose_test(table)
    statistics += _write_tests(main, alternative, outcome, grouping)
    if len(table) == _PAIR:
        rows = dict(zip(grouping.levels, table, strict=True))
        statistics += _write_effects(outcome, grouping, *(rows[level] for level in pair_of(grouping)))
    else:
        statistics += _write_strength(outcome, grouping, table)
    notes = _note_tests(main, alternative, because)
    if isinstance(outcome.variable, str):
        facts = {"event": outcome.label(event), "variable": name}
        notes.append(Note("assumption", "The event that is counted: {variable} = {event}.", facts))
    few = "The smallest group has {smallest} events, under 5: the estimates are not precise."
    return statistics, [*notes, *note_small([row[0] for row in table], _FEW_EVENTS, few)]


def _write_effects(
    outcome: Grouping, grouping: Grouping, row: Sequence[int], reference: Sequence[int]
) -> list[Statistic]:
    counts = (row[0], sum(row), reference[0], sum(reference))
    empty = Inference(reason="a group has no known values")
    difference, ratio, odds = (
        measure(*counts) if counts[1] and counts[3] else empty for measure in (risk_difference, risk_ratio, odds_ratio)
    )
    effects = {
        "risk_difference": difference,
        "risk_ratio": ratio,
        "odds_ratio": odds,
        "nnt": number_needed_to_treat(difference),
    }
    return [
        statistic
        for context, found in effects.items()
        for statistic in write_test(Test(context, found), outcome.name, grouping)
    ]


def _compare_counts(outcome: Grouping, grouping: Grouping, cells: Mapping[Key, int]) -> _Parts:
    table = [[cells.get((level, group), 0) for level in outcome.levels] for group in grouping.levels]
    ordinal = outcome.column is not None and is_ordinal(outcome.column, outcome.levels)
    statistics: list[Statistic] = []
    for group, row in zip(grouping.levels, table, strict=True):
        names = [(grouping.name, grouping.text(group))]
        statistics += write_levels(outcome.name, outcome.levels, row, cells.get((None, group), 0), names)
        if ordinal:
            quartiles = quartiles_of(ordinal_distribution(outcome.levels, row))
            statistics += write_rows("ordinal", outcome.name, quartiles, names, reason="no row has a known value")
    main, alternative, because = choose_test(table)
    if ordinal:
        ranked = run_rank_test(grouping, [ordinal_distribution(outcome.levels, row) for row in table])
        main, alternative, because = ranked, main, Note("test", "its codes are in an order")
    statistics += _write_tests(main, alternative, outcome, grouping)
    statistics += _write_strength(outcome, grouping, table)
    return statistics, _note_tests(main, alternative, because)


def _write_strength(outcome: Grouping, grouping: Grouping, table: Table) -> list[Statistic]:
    return write_inference("cramers_v", outcome.name, cramers_v(drop_empty(table)), [(grouping.name, None)])


def _write_tests(main: Test, alternative: Test | None, outcome: Grouping, grouping: Grouping) -> list[Statistic]:
    rows = write_test(main, outcome.name, grouping)
    return [*rows, *write_test(alternative, outcome.name, grouping)] if alternative else rows


def _note_tests(main: Test, alternative: Test | None, because: Note) -> list[Note]:
    notes = note_test(main, because)
    if because.kind == "caution" and main.found.p is not None:
        text = "The chi-squared test is not reliable with expected counts as small as {expected}."
        notes.append(Note("caution", text, because.facts))
    return [*notes, *note_alternative(main, alternative)] if alternative else notes
