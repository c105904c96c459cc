"""Groups compared on an outcome within strata: Mantel-Haenszel's ratios, the crude one, and whether all agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.contingency import cramers_v, drop_empty
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.intervals import odds_ratio
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.strata import (
    Fourfold,
    breslow_day,
    cochran_mantel_haenszel,
    common_odds_ratio,
    common_risk_ratio,
    general_association,
)
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import (
    Grouping,
    all_levels,
    check_groups,
    column_of,
    event_of,
    grouping_of,
    groupings_of,
    reference_of,
)
from clinical_nb.analysis.counts import Key, Level, Scan, count_rows
from clinical_nb.analysis.kinds.comparison import Test, groups_of, note_test, pair_of, write_test
from clinical_nb.errors import PlanError
from clinical_nb.plan import Stratified
from clinical_nb.result import Note, Result, Statistic

_PAIR = 2
_DIFFERS = 0.05
_FEW_EVENTS = 5
_NONE = "this group has no rows in this stratum"


@dataclass(frozen=True, slots=True)
class Within:
    """The rows of each combination of outcome, group and stratum, all known, and the levels of each."""

    known: Mapping[Key, int]
    outcome: Grouping
    grouping: Grouping
    strata: list[Grouping]

    @property
    def places(self) -> list[tuple[Level, ...]]:
        """The strata that have rows."""
        found = {key[2:] for key in self.known}
        return [levels for levels in product(*(each.levels for each in self.strata)) if levels in found]

    def stratum(self, levels: tuple[Level, ...]) -> tuple[str, str]:
        """Return the name and the level of a stratum, as the results write them."""
        name = " and ".join(each.name for each in self.strata)
        return name, ", ".join(each.label(value) for each, value in zip(self.strata, levels, strict=True))


def stratified(plan: Stratified, scan: Scan) -> Result:
    """Compare groups on an outcome within strata.

    Contexts: "stratum" (the share of each group in each stratum, which is the second group, with the event, or with
    each level of an outcome that has several), "cmh" (of two groups and an event as R's `mantelhaen.test` without
    correction, of larger tables its general association); of an event "mantel_haenszel" (of several groups each against
    the reference); of two groups and an event also "stratum_odds_ratio", "mantel_haenszel_risk_ratio", the crude
    "odds_ratio" and "breslow_day"; of several levels the crude "cramers_v".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, the outcome is a number, there are not two groups, or a person has several rows.

    """
    check_groups(scan, (plan.by,))
    check_groups(scan, plan.strata)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    variables = (plan.outcome, plan.by, *plan.strata)
    cells = count_rows(scan, variables, plan.cohort.where)
    known = {key: n for key, n in cells.items() if None not in key}
    grouping = groups_of(plan.by, scan, [key[1:2] for key in known])
    outcome = _outcome(plan, scan, known)
    within = Within(known, outcome, grouping, groupings_of(scan, plan.strata, known, first=2))
    fourfold = len(outcome.levels) == len(grouping.levels) == _PAIR
    statistics, told = _compare_pair(within) if fourfold else _compare_several(within)
    missing = [
        note
        for place, variable in enumerate(variables)
        for note in note_missing(
            scan, variable, sum(n for key, n in cells.items() if key[place] is None), plan.cohort.where
        )
    ]
    notes = [*note_who(scan, who, sum(known.values()), sum(cells.values())), *missing, *told]
    if isinstance(outcome.variable, str) and len(outcome.levels) == _PAIR:
        facts = {"event": outcome.label(event_of(outcome)), "variable": outcome.name}
        notes.append(Note("assumption", "The event that is counted: {variable} = {event}.", facts))
    return Result(tuple(statistics), tuple(notes))


def _compare_pair(within: Within) -> tuple[list[Statistic], list[Note]]:
    """Compare two groups on an event."""
    outcome, grouping = within.outcome, within.grouping
    event, pair = event_of(outcome), pair_of(grouping)
    tables = {levels: _table(within, event, pair, levels) for levels in within.places}
    statistics = [row for levels, table in tables.items() for row in _write_stratum(within, table, levels)]
    crude = _table(within, event, pair, None)
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
    sizes = (crude.events + crude.others, crude.reference_events + crude.reference_others)
    few = Inference(reason=TOO_FEW) if min(sizes) < _PAIR else None
    main = Test("cmh", few or cochran_mantel_haenszel(list(tables.values())))
    alike = breslow_day(list(tables.values()), ratio.estimate)
    for test in (main, Test("breslow_day", alike)):
        statistics += write_inference(test.context, outcome.name, test.found, [(grouping.name, None)])
    because = Note("test", "the groups are compared within strata; it is without continuity correction")
    return statistics, [*note_test(main, because), *_note_strata(tables, alike.p)]


def _compare_several(within: Within) -> tuple[list[Statistic], list[Note]]:
    """Compare more groups, or an outcome of more levels: the general association, and of an event each odds ratio."""
    outcome, grouping = within.outcome, within.grouping
    shown = (event_of(outcome),) if len(outcome.levels) == _PAIR else outcome.levels
    tables = {
        levels: np.array(
            [[within.known.get((level, group, *levels), 0) for level in outcome.levels] for group in grouping.levels]
        )
        for levels in within.places
    }
    statistics: list[Statistic] = []
    for levels, table in tables.items():
        for place, group in enumerate(grouping.levels):
            sides, of = [(grouping.name, grouping.text(group)), within.stratum(levels)], int(table[place].sum())
            for level in shown:
                n = int(table[place, outcome.levels.index(level)])
                numbers = {"n": n, "N": of, "p": n / of if of else None}
                statistics += write_rows(
                    "stratum", outcome.name, numbers, sides, level=outcome.text(level), reason=_NONE
                )
    statistics += _ratios(within) if len(shown) == 1 else _crude(within, list(tables.values()))
    main = Test("cmh", general_association(list(tables.values())))
    statistics += write_inference("cmh", outcome.name, main.found, [(grouping.name, None)])
    because = Note(
        "test", "the groups are compared within strata, on any difference between them (general association)"
    )
    text = (
        "Groups are taken to differ alike in all strata: where they differ in opposite ways, this test may see nothing."
    )
    silent = sum(min((each.sum(axis=0) > 0).sum(), (each.sum(axis=1) > 0).sum()) < _PAIR for each in tables.values())
    notes = [*note_test(main, because), Note("assumption", text)]
    if silent:
        text = "{silent} of {strata} strata say nothing here: they hold one group or one level only."
        notes.append(Note("caution", text, {"silent": int(silent), "strata": len(tables)}))
    return statistics, notes


def _ratios(within: Within) -> list[Statistic]:
    """Return each group's odds ratio within strata against the reference, with its own test corrected by Holm."""
    outcome, grouping, event = within.outcome, within.grouping, event_of(within.outcome)
    reference = reference_of(grouping)
    others = [level for level in grouping.levels if level != reference]
    found: list[tuple[Inference, float | None]] = []
    for other in others:
        tables = [_table(within, event, (other, reference), levels) for levels in within.places]
        found.append((common_odds_ratio(tables), cochran_mantel_haenszel(tables).p))
    corrected = holm({place: p for place, (_, p) in enumerate(found) if p is not None})
    statistics: list[Statistic] = []
    for place, (other, (ratio, p)) in enumerate(zip(others, found, strict=True)):
        names = [(grouping.name, grouping.text(level)) for level in (other, reference)]
        statistics += write_inference("mantel_haenszel", outcome.name, ratio, names)
        if p is not None:
            tests = {"p.value": p, "p.adjusted": corrected[place]}
            statistics += write_rows("mantel_haenszel", outcome.name, tests, names)
    return statistics


def _crude(within: Within, tables: Sequence[NDArray[np.int64]]) -> list[Statistic]:
    """Return how strong the association is where strata are not told apart."""
    table = drop_empty(np.sum(tables, axis=0).tolist())
    return write_inference("cramers_v", within.outcome.name, cramers_v(table), [(within.grouping.name, None)])


def _outcome(plan: Stratified, scan: Scan, cells: Mapping[Key, int]) -> Grouping:
    """Return the outcome with its levels, or refuse a number."""
    if not isinstance(plan.outcome, str):
        return Grouping(plan.outcome, (True, False))
    column = column_of(scan, plan.outcome)
    if column.kind not in ("binary", "categorical"):
        raise PlanError(
            f"'{plan.outcome}' has no levels, which are what is compared within strata.",
            "Say what the event is, such as above a number.",
        )
    found = {key[0] for key in cells}
    levels = all_levels(column, found)
    if len(levels) == _PAIR:
        return Grouping(plan.outcome, levels, column)
    grouping = grouping_of(scan, plan.outcome, found)
    if len(grouping.levels) < _PAIR:
        raise PlanError(f"There is nothing to compare: all rows here have the same '{plan.outcome}'.")
    return grouping


def _table(within: Within, event: Level, pair: tuple[Level, Level], stratum: tuple[Level, ...] | None) -> Fourfold:
    """Return the table of one stratum; of all rows where it is None."""

    def number(group: Level, *, has: bool) -> int:
        return sum(
            n
            for key, n in within.known.items()
            if key[1] == group and (key[0] == event) == has and stratum in (None, key[2:])
        )

    return Fourfold(*(number(group, has=has) for group in pair for has in (True, False)))


def _write_stratum(within: Within, table: Fourfold, levels: tuple[Level, ...]) -> list[Statistic]:
    outcome, grouping, (name, level) = within.outcome, within.grouping, within.stratum(levels)
    counts = (
        (table.events, table.events + table.others),
        (table.reference_events, table.reference_events + table.reference_others),
    )
    statistics: list[Statistic] = []
    for group, (n, of) in zip(pair_of(grouping), counts, strict=True):
        sides = [(grouping.name, grouping.text(group)), (name, level)]
        numbers = {"n": n, "N": of, "p": n / of if of else None}
        shown = outcome.text(event_of(outcome))
        statistics += write_rows("stratum", outcome.name, numbers, sides, level=shown, reason=_NONE)
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
