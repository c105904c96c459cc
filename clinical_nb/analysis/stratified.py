"""Two groups compared on an event within strata: Mantel-Haenszel's ratios, the crude one, and whether all agree."""

from collections.abc import Mapping
from itertools import product

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_repeated_persons
from clinical_nb.analysis.comparison import Test, groups_of, note_test, pair_of, write_test
from clinical_nb.analysis.counts import Key, Level, Scan, count_rows
from clinical_nb.analysis.intervals import odds_ratio
from clinical_nb.analysis.levels import (
    Grouping,
    all_levels,
    check_groups,
    column_of,
    event_of,
    groupings_of,
)
from clinical_nb.analysis.strata import (
    Fourfold,
    breslow_day,
    cochran_mantel_haenszel,
    common_odds_ratio,
    common_risk_ratio,
)
from clinical_nb.errors import PlanError
from clinical_nb.plan import Stratified
from clinical_nb.result import Note, Result, Statistic

_PAIR = 2
_DIFFERS = 0.05
_FEW_EVENTS = 5


def stratified(plan: Stratified, scan: Scan) -> Result:
    """Compare two groups on an event within strata.

    Contexts: "stratum" (the share of each group in each stratum, which is the second group), "stratum_odds_ratio",
    "mantel_haenszel" and "mantel_haenszel_risk_ratio", the crude "odds_ratio", "cmh" and "breslow_day".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, the outcome is no yes or no, there are not two groups, or a person has several rows.

    """
    check_groups(scan, (plan.by,))
    check_groups(scan, plan.strata)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    variables = (plan.outcome, plan.by, *plan.strata)
    cells = count_rows(scan, variables, plan.cohort.where)
    known = {key: n for key, n in cells.items() if None not in key}
    grouping = groups_of(plan.by, scan, [key[1:2] for key in known])
    if len(grouping.levels) > _PAIR:
        raise PlanError(
            f"'{grouping.name}' has {len(grouping.levels)} groups, and two are compared within strata.",
            "Name two of them with a condition.",
        )
    outcome, event = _event(plan, scan, known)
    strata = groupings_of(scan, plan.strata, known, first=2)
    tables = {
        levels: table
        for levels in product(*(each.levels for each in strata))
        if (table := _table(known, grouping, event, levels)).n
    }
    statistics = [
        row
        for levels, table in tables.items()
        for row in _write_stratum(table, outcome, event, grouping, strata, levels)
    ]
    crude = _table(known, grouping, event, None)
    ratio = common_odds_ratio(list(tables.values()))
    effects = {
        "mantel_haenszel": ratio,
        "mantel_haenszel_risk_ratio": common_risk_ratio(list(tables.values())),
        "odds_ratio": odds_ratio(
            crude.events, crude.events + crude.others, crude.reference_events,
            crude.reference_events + crude.reference_others,
        ),
    }  # fmt: skip
    for context, found in effects.items():
        statistics += write_test(Test(context, found), outcome.name, grouping)
    main = Test("cmh", cochran_mantel_haenszel(list(tables.values())))
    alike = breslow_day(list(tables.values()), ratio.estimate)
    for test in (main, Test("breslow_day", alike)):
        statistics += write_inference(test.context, outcome.name, test.found, [(grouping.name, None)])
    missing = [
        note
        for place, variable in enumerate(variables)
        for note in note_missing(
            scan, variable, sum(n for key, n in cells.items() if key[place] is None), plan.cohort.where
        )
    ]
    because = Note("test", "the groups are compared within strata; it is without continuity correction")
    notes = [
        *note_who(scan, who, sum(known.values()), sum(cells.values())),
        *missing,
        *note_test(main, because),
        *_note_strata(tables, alike.p),
    ]
    if isinstance(outcome.variable, str):
        facts = {"event": outcome.label(event), "variable": outcome.name}
        notes.append(Note("assumption", "The event that is counted: {variable} = {event}.", facts))
    return Result(tuple(statistics), tuple(notes))


def _event(plan: Stratified, scan: Scan, cells: Mapping[Key, int]) -> tuple[Grouping, Level]:
    """Return the outcome and its level that is the event, or refuse one with more levels than a yes and a no."""
    if not isinstance(plan.outcome, str):
        return Grouping(plan.outcome, (True, False)), True
    column = column_of(scan, plan.outcome)
    outcome = Grouping(plan.outcome, all_levels(column, {key[0] for key in cells}), column)
    if column.kind == "numeric" or len(outcome.levels) != _PAIR:
        raise PlanError(
            f"'{plan.outcome}' is no yes or no, which is what is compared within strata.",
            "Say what the event is, such as one level, or above a number.",
        )
    return outcome, event_of(outcome)


def _table(cells: Mapping[Key, int], grouping: Grouping, event: Level, stratum: tuple[Level, ...] | None) -> Fourfold:
    """Return the table of one stratum; of all rows where it is None."""
    other, reference = pair_of(grouping)

    def number(group: Level, *, has: bool) -> int:
        return sum(
            n for key, n in cells.items() if key[1] == group and (key[0] == event) == has and stratum in (None, key[2:])
        )

    return Fourfold(*(number(group, has=has) for group in (other, reference) for has in (True, False)))


def _write_stratum(  # noqa: PLR0913, PLR0917 - what a stratum is made of
    table: Fourfold,
    outcome: Grouping,
    event: Level,
    grouping: Grouping,
    strata: list[Grouping],
    levels: tuple[Level, ...],
) -> list[Statistic]:
    name = " and ".join(each.name for each in strata)
    level = ", ".join(each.label(value) for each, value in zip(strata, levels, strict=True))
    counts = (
        (table.events, table.events + table.others),
        (table.reference_events, table.reference_events + table.reference_others),
    )
    statistics: list[Statistic] = []
    for group, (n, of) in zip(pair_of(grouping), counts, strict=True):
        sides = [(grouping.name, grouping.text(group)), (name, level)]
        numbers = {"n": n, "N": of, "p": n / of if of else None}
        reason = "this group has no rows in this stratum"
        statistics += write_rows("stratum", outcome.name, numbers, sides, level=outcome.text(event), reason=reason)
    empty = "a group has no rows in this stratum"
    (n, of), (m, reference) = counts
    if of and reference:
        found = odds_ratio(n, of, m, reference)
        return [*statistics, *write_inference("stratum_odds_ratio", outcome.name, found, [(name, level)])]
    return [
        *statistics,
        *write_rows("stratum_odds_ratio", outcome.name, {"estimate": None}, [(name, level)], reason=empty),
    ]


def _note_strata(tables: Mapping[tuple[Level, ...], Fourfold], p: float | None) -> list[Note]:
    notes: list[Note] = []
    silent = sum(not table.informs for table in tables.values())
    if silent:
        text = "{silent} of {strata} strata say nothing here: they lack a group, or all or none have the event."
        notes.append(Note("caution", text, {"silent": silent, "strata": len(tables)}))
    if p is not None and p < _DIFFERS:
        text = "The odds ratios of the strata differ, p = {p} (Breslow-Day): one ratio for all says little of any."
        notes.append(Note("caution", text, {"p": p}))
    elif p is not None:
        text = "The odds ratios of the strata do not clearly differ, p = {p} (Breslow-Day)."
        notes.append(Note("assumption", text, {"p": p}))
    events = sum(table.events + table.reference_events for table in tables.values())
    if events < _FEW_EVENTS * len(tables):
        text = "{events} events in {strata} strata are few: Breslow-Day's test is not reliable."
        notes.append(Note("caution", text, {"events": events, "strata": len(tables)}))
    return notes
