"""How long until an event: Kaplan-Meier in all or in each group, and groups compared by hazard and by mean time."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.arithmetic.event_times import (
    EventTimes,
    event_times_from,
    median_time,
    survival_at,
)
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import check_groups, groupings_of
from clinical_nb.analysis.counts import Key, Scan, ValueTable, count_values
from clinical_nb.analysis.distribution import distribution_from
from clinical_nb.analysis.guards.timed import events_at_zero, note_zero
from clinical_nb.analysis.kinds.hazards import Groups, compare_hazards, restricted_means
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import FollowUp, Survive, Variable, name_of
from clinical_nb.result import Note, Result, Statistic

_POINTS = 120  # of a curve that is drawn: no eye sees more, and fewer tell less of a person
_MARKS = 6  # times at which those at risk are told, where no times were asked for
_TWO = 2
_YEAR = 365.25
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def survive(plan: Survive, scan: Scan) -> Result:
    """Estimate how long it takes until an event, and compare groups.

    Contexts: "survival" (N, events, the median with its interval, and the median follow-up by reversed Kaplan-Meier),
    "survival_at" (a level each asked time), where the event is told "event_at" (the share who have had it by then, how
    many were seen to, and how many were last seen before without it), "survival_curve" (for the figure), of groups
    "restricted_mean" up to the time asked for, else the shortest of the groups' last times, "log_rank", "hazard_ratio"
    of each against the reference, "proportional_hazards" and, of two, "restricted_mean_difference".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, a time is negative, or a person has several rows.

    """
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_values(scan, plan.time, (plan.event, *plan.by, *plan.strata), plan.cohort.where)
    rows = sum(each.n + each.missing for each in cells.values())
    refuse_nobody(rows)
    _refuse_negative(plan, cells)
    groups = _gather(plan, scan, cells)
    used = sum(each.n for each in groups.found.values())
    if not used:
        raise PlanError(f"Nobody here has a known '{plan.time}' and a known '{name_of(plan.event)}'.")
    unit = scan.columns[plan.time].unit if plan.time in scan.columns else ""
    times = plan.at or round_times(max(each.last or 0.0 for each in groups.found.values()), unit)
    statistics = [row for key, found in groups.found.items() for row in _describe(plan, found, groups.name(key), times)]
    notes = [
        *note_who(scan, who, used, rows),
        *_note_missing(plan, scan, cells),
        *note_zero(events_at_zero(cells)),
    ]
    if len(groups.found) >= _TWO and len(plan.by) == 1:
        more, told = compare_hazards(groups, name_of(plan.event))
        statistics += more
        notes += told
    elif plan.until:
        statistics += restricted_means(groups, name_of(plan.event), plan.until[0])
    if plan.told == "event":
        text = (
            "The share who have had it is 1 minus Kaplan-Meier's: those last seen earlier are taken to fare as others."
        )
        notes.append(Note("assumption", text))
    return Result(tuple(statistics), tuple(notes))


def follow_up(plan: FollowUp, scan: Scan) -> Result:
    """Estimate how long people were followed, by reversed Kaplan-Meier, with the plain median of all times beside it.

    Context "follow_up" (N, those whose follow-up an event cut short, the median with its interval, the plain median).

    Raises
    ------
    UnknownColumnError, PlanError
        As `survive`.

    """
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_values(scan, plan.time, (plan.event, *plan.by), plan.cohort.where)
    rows = sum(each.n + each.missing for each in cells.values())
    refuse_nobody(rows)
    _refuse_negative(plan, cells)
    groups = _gather(plan, scan, cells)
    statistics: list[Statistic] = []
    for key, found in groups.found.items():
        plain = distribution_from(found.times, found.events + found.censored).quantile(2)
        numbers = {"N": found.n, "n": int(found.events.sum()), "median": plain}
        statistics += write_rows("follow_up", plan.time, numbers, groups.name(key))
        statistics += write_inference("follow_up", plan.time, median_time(found.reversed()), groups.name(key))
    notes = [
        *note_who(scan, who, sum(each.n for each in groups.found.values()), rows),
        *_note_missing(plan, scan, cells),
        Note("test", "Reversed Kaplan-Meier, because the plain median is shorter where people die early."),
    ]
    return Result(tuple(statistics), tuple(notes))


def _refuse_negative(plan: Survive | FollowUp, cells: ValueTable) -> None:
    negative = sum(int(each.counts[each.values < 0].sum()) for each in cells.values())
    if negative:
        raise PlanError(
            f"{negative} values of '{plan.time}' are negative, and nobody is followed for less than no time.",
            f"Correct them, or leave them out with a condition such as {plan.time} at least 0.",
        )


def _gather(plan: Survive | FollowUp, scan: Scan, cells: ValueTable) -> Groups:
    """Return the follow-up of each group that has rows, whole and within each stratum."""
    groupings = groupings_of(scan, plan.by, cells, first=1)
    width = 1 + len(plan.by)
    known = [key for key in cells if None not in key]
    strata = sorted({key[width:] for key in known}, key=str)
    order = list(product(*(grouping.levels for grouping in groupings)))

    def times_of(group: Key, stratum: Key | None) -> EventTimes:
        some = [key for key in known if key[1:width] == group and stratum in (None, key[width:])]
        parts = [
            event_times_from(*(cells[key] if key[0] is event else None for event in (True, False))) for key in some
        ]
        return _joined(parts)

    whole = {group: times_of(group, None) for group in order}
    whole = {group: found for group, found in whole.items() if found.n}
    within = [{group: times_of(group, stratum) for group in whole} for stratum in strata] if _strata(plan) else [whole]
    named = (plan.against, plan.until) if isinstance(plan, Survive) else ((), ())
    return Groups(groupings, whole, within, *named)


def _strata(plan: Survive | FollowUp) -> tuple[Variable, ...]:
    return plan.strata if isinstance(plan, Survive) else ()


def _joined(parts: Sequence[EventTimes]) -> EventTimes:
    if not parts:
        return event_times_from(None, None)
    times, places = np.unique(np.concatenate([part.times for part in parts]), return_inverse=True)
    events, censored = (
        np.bincount(places, np.concatenate(counts), len(times)).astype(np.int64)
        for counts in ([part.events for part in parts], [part.censored for part in parts])
    )
    return EventTimes(times, events, censored)


def _describe(plan: Survive, found: EventTimes, names: Sequence[Group], times: Sequence[float]) -> list[Statistic]:
    event = name_of(plan.event)
    numbers = {"N": found.n, "n": int(found.events.sum())}
    median, followed = median_time(found), median_time(found.reversed())
    statistics = [
        *write_rows("survival", event, numbers, names),
        *write_inference("survival", event, median, names),
        *write_inference("follow_up", event, followed, names),
    ]
    for time in times:
        share, at_risk = survival_at(found, time)
        level = value_text(float(time))
        statistics += write_rows("survival_at", event, {"n.risk": at_risk}, names, level=level)
        statistics += write_inference("survival_at", event, share, names, level=level)
        if plan.told == "event":
            seen = {
                "n.event": int(found.events[found.times <= time].sum()),
                "n.censored": int(found.censored[found.times < time].sum()),
            }
            statistics += write_rows("event_at", event, seen, names, level=level)
            statistics += write_inference("event_at", event, _turned(share), names, level=level)
    for time in _points(found):
        share = survival_at(found, time)[0].estimate
        statistics += write_rows("survival_curve", event, {"estimate": share}, names, level=value_text(float(time)))
    return statistics


def _turned(share: Inference) -> Inference:
    """Return the share who have had the event, of the share without it."""
    if share.estimate is None:
        return share
    low, high = (None if each is None else 1 - each for each in (share.high, share.low))
    return replace(share, estimate=1 - share.estimate, low=low, high=high)


def _points(found: EventTimes) -> Sequence[float]:
    """Return the times at which a curve is drawn: where it falls, or as many as an eye can tell apart."""
    falls = found.times[found.events > 0]
    if len(falls) > _POINTS:
        falls = np.linspace(0.0, float(found.times[-1]), _POINTS)
    return [float(time) for time in np.unique([0.0, *falls, found.times[-1]])]


def round_times(last: float, unit: str, marks: int = _MARKS) -> Sequence[float]:
    """Return some round times up to the last one: whole years where time is in days and there are several."""
    scale = _YEAR if unit.casefold() in ("day", "days", "d") and last > 2 * _YEAR else 1.0
    if last <= 0:
        return [0.0]
    rough = last / scale / (marks - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough)
    step = max(step, 1.0) if scale != 1.0 else step
    return [number * step * scale for number in range(1, marks + 1) if number * step * scale <= last]


def _note_missing(plan: Survive | FollowUp, scan: Scan, cells: ValueTable) -> list[Note]:
    notes = note_missing(scan, plan.time, sum(each.missing for each in cells.values()), plan.cohort.where)
    for place, variable in enumerate((plan.event, *plan.by, *_strata(plan))):
        rows = sum(each.n + each.missing for key, each in cells.items() if key[place] is None)
        notes += note_missing(scan, variable, rows, plan.cohort.where)
    return notes
