"""Equivalence and non-inferiority: whether two groups differ by less than a margin that was stated."""

from collections.abc import Sequence

from clinical_nb.analysis.ard import write_distribution, write_inference, write_proportion, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.margins import Held, hold_means, hold_shares
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import Grouping, all_levels, check_groups, column_of, event_of
from clinical_nb.analysis.counts import CountTable, Level, Scan, count_rows, count_values
from clinical_nb.analysis.guards.skew import find_skew
from clinical_nb.analysis.kinds.comparison import groups_of, note_small, pair_of
from clinical_nb.errors import PlanError
from clinical_nb.plan import Margin, name_of
from clinical_nb.result import Note, Result, Statistic

_PAIR = 2
_ONE_SIDED = 0.025  # of non-inferiority: the 95 % interval's own
_EACH = 0.05  # of each of equivalence's two tests: the 90 % interval's own
_FEW = 5


def margin(plan: Margin, scan: Scan) -> Result:
    """Hold the difference of two groups against the margin.

    Contexts: "continuous" or "proportion" of each group, "margin", "margin_difference" (with the 95 % and the 90 %
    interval), then "noninferiority", or "tost" (the larger p of two tests) with "not_lower" and "not_higher".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, there are not two groups, the outcome has more than two levels, or a person has
        several rows.

    """
    if plan.outcome == plan.by:
        raise PlanError("A variable cannot be compared with itself.", "Name another one to make the groups.")
    check_groups(scan, (plan.by,))
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    numeric = isinstance(plan.outcome, str) and column_of(scan, plan.outcome).kind == "numeric"
    described, held, notes, (used, rows) = (_of_numbers if numeric else _of_shares)(plan, scan)
    statistics = [*described, *_write_held(plan, held[0], held[1])]
    about = [*note_who(scan, who, used, rows), *notes, *_note_verdict(plan, held[0])]
    text = "The margin must have been stated before the data were seen: no data can justify it."
    return Result(tuple(statistics), (*about, Note("assumption", text)))


_Held = tuple[list[Statistic], tuple[Held, Grouping], list[Note], tuple[int, int]]


def _of_numbers(plan: Margin, scan: Scan) -> _Held:
    outcome = name_of(plan.outcome)
    cells = count_values(scan, outcome, (plan.by,), plan.cohort.where)
    grouping = _two(plan, scan, list(cells))
    groups = {level: cells[level,] for level in grouping.levels}
    statistics = [
        row
        for level, group in groups.items()
        for row in write_distribution(outcome, group, [(grouping.name, grouping.text(level))])
    ]
    one, reference = (groups[level] for level in pair_of(grouping))
    held = hold_means(one, reference, plan.margin)
    sizes = {key: each.n + each.missing for key, each in cells.items()}
    notes = [
        *note_missing(scan, plan.outcome, sum(each.missing for each in cells.values()), plan.cohort.where),
        *note_missing(scan, plan.by, sizes.get((None,), 0), plan.cohort.where),
        Note("test", "Means are held against the margin by Welch's t."),
        *note_small([each.n for each in groups.values()], _FEW, "The smallest group has {smallest} known values."),
    ]
    if skewed := find_skew(list(groups.values())):
        text = f"A margin of means is asked for, though {skewed.text}: means may not say much of them."
        notes.append(Note("caution", text, skewed.facts))
    return statistics, (held, grouping), notes, (sum(each.n for each in groups.values()), sum(sizes.values()))


def _of_shares(plan: Margin, scan: Scan) -> _Held:
    if plan.margin >= 1:
        raise PlanError("A margin of a share is below 1: 0.1 is 10 percentage points.", "State it as a share.")
    cells = count_rows(scan, (plan.outcome, plan.by), plan.cohort.where)
    grouping = _two(plan, scan, [key[1:] for key in cells])
    outcome, event = _event(plan, scan, cells)
    counts: dict[Level, tuple[int, int]] = {}
    statistics: list[Statistic] = []
    for level in grouping.levels:
        n = cells.get((event, level), 0)
        of = sum(each for key, each in cells.items() if key[1] == level and key[0] is not None)
        counts[level] = n, of
        names = [(grouping.name, grouping.text(level))]
        statistics += write_proportion(
            outcome.name, n, of, cells.get((None, level), 0), names, level=outcome.text(event)
        )
    one, reference = (counts[level] for level in pair_of(grouping))
    empty = Inference(reason="a group has no known values")
    held = (
        hold_shares(*one, *reference, plan.margin) if one[1] and reference[1] else Held(empty, above=empty, below=empty)
    )
    used = sum(of for _, of in counts.values())
    notes = [
        *note_missing(scan, plan.outcome, sum(n for key, n in cells.items() if key[0] is None), plan.cohort.where),
        *note_missing(scan, plan.by, sum(n for key, n in cells.items() if key[1] is None), plan.cohort.where),
        Note("test", "Shares are held against the margin by Newcombe's interval (1998, method 10); p inverts it."),
        *note_small([n for n, _ in counts.values()], _FEW, "The smallest group has {smallest} events, under 5."),
    ]
    if isinstance(outcome.variable, str):
        facts = {"event": outcome.label(event), "variable": outcome.name}
        notes.append(Note("assumption", "The event that is counted: {variable} = {event}.", facts))
    return statistics, (held, grouping), notes, (used, sum(cells.values()))


def _two(plan: Margin, scan: Scan, keys: Sequence[tuple[Level, ...]]) -> Grouping:
    grouping = groups_of(plan.by, scan, keys)
    if len(grouping.levels) == _PAIR:
        return grouping
    raise PlanError(
        f"'{grouping.name}' has {len(grouping.levels)} groups, and a margin is between two.",
        "Name two of them with a condition.",
    )


def _event(plan: Margin, scan: Scan, cells: CountTable) -> tuple[Grouping, Level]:
    if not isinstance(plan.outcome, str):
        return Grouping(plan.outcome, (True, False)), True
    column = column_of(scan, plan.outcome)
    outcome = Grouping(plan.outcome, all_levels(column, {key[0] for key in cells if key[0] is not None}), column)
    if len(outcome.levels) != _PAIR:
        raise PlanError(f"'{plan.outcome}' is neither a number nor a yes or no.", "Say which level is the event.")
    return outcome, event_of(outcome)


def _write_held(plan: Margin, held: Held, grouping: Grouping) -> list[Statistic]:
    outcome = name_of(plan.outcome)
    names = [(grouping.name, grouping.text(level)) for level in pair_of(grouping)]
    statistics = write_rows("margin", outcome, {"estimate": plan.margin}, names)
    statistics += write_inference("margin_difference", outcome, held.difference, names)
    if held.low90 is not None:
        bounds = {"conf90.low": held.low90, "conf90.high": held.high90}
        statistics += write_rows("margin_difference", outcome, bounds, names)
    if plan.aim == "noninferiority":
        found = held.above if plan.better == "higher" else held.below
        return [*statistics, *write_inference("noninferiority", outcome, found, names)]
    both = (held.above, held.below)
    ps = [each.p for each in both if each.p is not None]
    larger = Inference(p=max(ps)) if len(ps) == _PAIR else Inference(reason=held.above.reason)
    for context, found in (("tost", larger), ("not_lower", held.above), ("not_higher", held.below)):
        statistics += write_inference(context, outcome, found, names)
    return statistics


def _note_verdict(plan: Margin, held: Held) -> list[Note]:
    """Say which rule decides, and what the other customary interval would say."""
    if held.above.p is None or held.below.p is None:
        return []
    if plan.aim == "noninferiority":
        p = held.above.p if plan.better == "higher" else held.below.p
        shown = "shown: the 95 % interval does not reach" if p < _ONE_SIDED else "not shown: the 95 % interval reaches"
        return [Note("test", f"Non-inferiority is {shown} the margin (one-sided 0.025).")]
    both = max(held.above.p, held.below.p)
    shown = "shown: the 90 % interval lies within" if both < _EACH else "not shown: the 90 % interval reaches beyond"
    notes = [Note("test", f"Equivalence is {shown} the margin (each test at 0.05).")]
    if _ONE_SIDED <= both < _EACH:
        text = "The 95 % interval reaches beyond the margin: where each test is at 0.025, equivalence is not shown."
        notes.append(Note("alternative", text))
    return notes
