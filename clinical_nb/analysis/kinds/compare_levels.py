"""Groups compared on a condition or on a column with levels: risks of an event, or the counts of every level."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinical_nb.analysis.ard import quartiles_of, write_inference, write_proportion, write_rows
from clinical_nb.analysis.arithmetic.contingency import (
    Table,
    chi_squared,
    cramers_v,
    drop_empty,
    is_table,
    smallest_expected,
)
from clinical_nb.analysis.arithmetic.fisher import fisher
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import number_needed_to_treat, odds_ratio, risk_difference, risk_ratio
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.trends import cochran_armitage, has_order, jonckheere, note_trend
from clinical_nb.analysis.cohort import note_missing
from clinical_nb.analysis.counted.levels import Grouping, all_levels, column_of, event_of, is_ordinal
from clinical_nb.analysis.counts import CountTable, Key, Scan
from clinical_nb.analysis.kinds.compare_numbers import run_named, run_rank_test
from clinical_nb.analysis.kinds.comparison import (
    ASKED,
    Comparison,
    Test,
    groups_of,
    note_alternative,
    note_small,
    note_test,
    pair_of,
    refuse_test,
    write_test,
)
from clinical_nb.analysis.kinds.describe import ordinal_distribution, write_levels
from clinical_nb.analysis.kinds.pairwise import compare_pairs, pair_tables, refuse_pairs, write_pairs
from clinical_nb.plan import Compare
from clinical_nb.result import Note, Statistic

_SMALL_EXPECTED = 5  # METHODS: Fisher's exact test below this
_FEW_EVENTS = 5
_CHEAP = 1_000  # rows: up to here Fisher's test of a 2x2 table costs nothing worth saving
_PAIR = 2


def compare_levels(plan: Compare, scan: Scan, cells: CountTable) -> Comparison:
    """Compare the groups on the levels of the outcome, counted by group: two levels are an event and its absence."""
    grouping = groups_of(plan.by, scan, cells, plan.against)
    outcome = _outcome_of(plan, scan, cells)
    where = plan.cohort.where
    missing = [
        *note_missing(scan, plan.outcome, sum(n for key, n in cells.items() if key[0] is None), where),
        *note_missing(scan, plan.by, sum(n for key, n in cells.items() if key[1] is None), where),
    ]
    refuse_pairs(plan, grouping, numeric=False)
    write = _compare_risks if len(outcome.levels) == _PAIR else _compare_counts
    statistics, notes = write(plan, outcome, grouping, cells)
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
_Chosen = tuple[Test, Test | None, Note]


def _outcome_of(plan: Compare, scan: Scan, cells: Mapping[Key, int]) -> Grouping:
    """Return the outcome's levels: for a condition yes and no, whether or not there are rows of both."""
    if not isinstance(plan.outcome, str):
        return Grouping(plan.outcome, (True, False))
    column = column_of(scan, plan.outcome)
    return Grouping(plan.outcome, all_levels(column, {key[0] for key in cells}), column)


def _compare_risks(plan: Compare, outcome: Grouping, grouping: Grouping, cells: Mapping[Key, int]) -> _Parts:
    event = event_of(outcome)
    other = next(level for level in outcome.levels if level != event)
    table = [[cells.get((level, group), 0) for level in (event, other)] for group in grouping.levels]
    name, text = outcome.name, outcome.text(event)
    statistics: list[Statistic] = []
    for group, row in zip(grouping.levels, table, strict=True):
        names = [(grouping.name, grouping.text(group))]
        statistics += write_proportion(name, row[0], sum(row), cells.get((None, group), 0), names, level=text)
    trend = Test("cochran_armitage", cochran_armitage(table)) if has_order(grouping) else None
    refuse_test(plan, grouping, {"chi_squared", "fisher", *(["cochran_armitage"] if trend else [])})
    main, alternative, because = _as_asked(plan, choose_test(table), table, trend)
    statistics += _write_tests(main, alternative, outcome, grouping)
    statistics += _write_trend(trend, outcome, grouping, main)
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
    pairs, said = _compare_pairs(plan, table, outcome, grouping)
    notes += note_small([row[0] for row in table], _FEW_EVENTS, few)
    return [*statistics, *pairs], [*notes, *(note_trend(grouping) if trend else []), *said]


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


def _compare_counts(plan: Compare, outcome: Grouping, grouping: Grouping, cells: Mapping[Key, int]) -> _Parts:
    table = [[cells.get((level, group), 0) for level in outcome.levels] for group in grouping.levels]
    ordinal = outcome.column is not None and is_ordinal(outcome.column, outcome.levels)
    statistics: list[Statistic] = []
    for group, row in zip(grouping.levels, table, strict=True):
        names = [(grouping.name, grouping.text(group))]
        statistics += write_levels(outcome.name, outcome.levels, row, cells.get((None, group), 0), names)
        if ordinal:
            quartiles = quartiles_of(ordinal_distribution(outcome.levels, row))
            statistics += write_rows("ordinal", outcome.name, quartiles, names, reason="no row has a known value")
    chosen, fit = choose_test(table), {"chi_squared", "fisher"}
    trend, ranks = None, None
    groups = [ordinal_distribution(outcome.levels, row) for row in table] if ordinal else []
    if ordinal:
        ranked = run_rank_test(grouping, groups)
        chosen = ranked, chosen[0], Note("test", "its codes are in an order")
        ranks = Test("kruskal_wallis", run_named("kruskal_wallis", grouping, groups))
        trend = Test("jonckheere", jonckheere(groups)) if has_order(grouping) else None
        fit |= {ranked.context, "kruskal_wallis", *(["jonckheere"] if trend else [])}
    refuse_test(plan, grouping, fit)
    main, alternative, because = _as_asked(plan, chosen, table, trend, ranks)
    statistics += _write_tests(main, alternative, outcome, grouping)
    statistics += _write_trend(trend, outcome, grouping, main)
    statistics += _write_strength(outcome, grouping, table)
    if ordinal and plan.pairwise:
        pairs, said = compare_pairs(plan, grouping, groups, chosen[0])
    else:
        pairs, said = _compare_pairs(plan, table, outcome, grouping)
    notes = [*_note_tests(main, alternative, because), *(note_trend(grouping) if trend else [])]
    return [*statistics, *pairs], [*notes, *said]


def _as_asked(plan: Compare, chosen: _Chosen, table: Table, *others: Test | None) -> _Chosen:
    """Return the test that was asked for, with the one that the data call for beside it."""
    main, alternative, _ = chosen
    if not plan.test:
        return chosen
    known = {each.context: each for each in (main, alternative, *others) if each}
    if main.found.reason == TOO_FEW:
        return Test(plan.test, main.found), None, ASKED
    exact = plan.test == "fisher"
    asked = known.get(plan.test) or Test(plan.test, (fisher if exact else chi_squared)(drop_empty(table)))
    return asked, main if main.context != plan.test else alternative, ASKED


def _write_trend(trend: Test | None, outcome: Grouping, grouping: Grouping, main: Test) -> list[Statistic]:
    return write_test(trend, outcome.name, grouping) if trend and trend.context != main.context else []


def _compare_pairs(plan: Compare, table: Table, outcome: Grouping, grouping: Grouping) -> _Parts:
    """Compare each pair of groups on the levels: contexts "pairwise_chi_squared" and "pairwise_fisher".

    The estimate is the difference of the shares with an event, of several levels Cramér's V.
    """
    if not plan.pairwise:
        return [], []
    found: list[tuple[tuple[int, int], Test]] = []
    for pair, rows in pair_tables(table):
        main, _, _ = choose_test(rows)
        if len(outcome.levels) == _PAIR and all(map(sum, rows)):
            apart = risk_difference(rows[0][0], sum(rows[0]), rows[1][0], sum(rows[1]))
        else:
            apart = cramers_v(drop_empty(rows))
        inference = replace(main.found, estimate=apart.estimate, low=apart.low, high=apart.high)
        found.append((pair, Test(f"pairwise_{main.context}", inference)))
    text = "Pairs by the chi-squared test, Fisher's where an expected count is under 5; p corrected for {pairs} of them"
    notes = [Note("test", f"{text} by Holm's method.", {"pairs": len(found)})]
    return write_pairs(found, outcome.name, grouping), notes


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
