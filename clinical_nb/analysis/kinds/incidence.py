"""How many have had an event by which time, where another event makes it impossible: Aalen-Johansen and Gray's test."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.arithmetic.competing import FirstEvents, first_events_from, gray, incidence_at
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import Grouping, check_groups, column_of, groupings_of, name_group
from clinical_nb.analysis.counts import Key, Scan, ValueTable, count_values
from clinical_nb.analysis.guards.timed import events_at_zero, note_zero
from clinical_nb.analysis.kinds.survive import round_times
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Incidence, columns_of, name_of
from clinical_nb.result import Note, Result, Statistic

_POINTS = 120  # of a curve that is drawn: no eye sees more, and fewer tell less of a person
_TWO = 2
_FEW_EVENTS = 5


def incidence(plan: Incidence, scan: Scan) -> Result:
    """Estimate the cumulative incidence of an event and of the one that competes, and compare groups.

    Contexts: "incidence" (N, events n, and n.competing), "incidence_at" and "competing_at" (a level each time, with
    those at risk), "incidence_curve" and "competing_curve" (for the figure), and of groups "gray".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, a row has both events, a time is negative, or a
        person has several rows.

    """
    if plan.event == plan.competing:
        raise PlanError("An event cannot compete with itself.", "Name another one.")
    check_groups(scan, plan.by)
    column_of(scan, plan.time)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_values(scan, plan.time, (plan.event, plan.competing, *plan.by), plan.cohort.where)
    rows = sum(each.n + each.missing for each in cells.values())
    refuse_nobody(rows)
    _refuse_impossible(plan, cells)
    groupings = groupings_of(scan, plan.by, cells, first=2)
    groups = {
        group: found
        for group in product(*(grouping.levels for grouping in groupings))
        if (found := _gather(cells, group)).n
    }
    used = sum(each.n for each in groups.values())
    if not used:
        raise PlanError(f"Nobody here has a known '{plan.time}' and known events.")
    unit = scan.columns[plan.time].unit
    times = plan.at or round_times(max(float(each.times[-1]) for each in groups.values()), unit)
    statistics = [
        row for key, each in groups.items() for row in _describe(plan, each, name_group(groupings, key), times)
    ]
    notes = [*note_who(scan, who, used, rows), *_note_missing(plan, scan, cells), *note_zero(events_at_zero(cells))]
    text = "{competing} makes {event} impossible: who has had it stays among those who will not have {event}."
    notes.append(Note("assumption", text, {"competing": name_of(plan.competing), "event": name_of(plan.event)}))
    if set(columns_of(plan.competing)) - set(columns_of(plan.event)):
        text = "{competing} is taken to have come at {time}: that is so where {time} ends with whichever came first."
        notes.append(Note("assumption", text, {"competing": name_of(plan.competing), "time": plan.time}))
    if len(groups) >= _TWO and len(plan.by) == 1:
        more, told = _compare(plan, groupings[0], groups)
        statistics += more
        notes += told
    smallest = min(int(each.events.sum()) for each in groups.values())
    if smallest < _FEW_EVENTS:
        text = "The smallest group has {smallest} events, under 5: the estimates are not precise."
        notes.append(Note("caution", text, {"smallest": smallest}))
    return Result(tuple(statistics), tuple(notes))


def _refuse_impossible(plan: Incidence, cells: ValueTable) -> None:
    negative = sum(int(each.counts[each.values < 0].sum()) for each in cells.values())
    if negative:
        raise PlanError(
            f"{negative} values of '{plan.time}' are negative, and nobody is followed for less than no time.",
            f"Correct them, or leave them out with a condition such as {plan.time} at least 0.",
        )
    both = sum(each.n + each.missing for key, each in cells.items() if key[0] is True and key[1] is True)
    if both:
        raise PlanError(
            f"{both} rows have both {name_of(plan.event)} and {name_of(plan.competing)}: which came first is not said.",
            "Name two events of which each row has one at most.",
        )


def _gather(cells: ValueTable, group: Key) -> FirstEvents:
    sides = ((True, False), (False, True), (False, False))
    return first_events_from(*(cells.get((*side, *group)) for side in sides))


def _describe(plan: Incidence, found: FirstEvents, names: Sequence[Group], times: Sequence[float]) -> list[Statistic]:
    event, competing = name_of(plan.event), name_of(plan.competing)
    counted = {"N": found.n, "n": int(found.events.sum()), "n.competing": int(found.competing.sum())}
    statistics = write_rows("incidence", event, counted, names)
    for context, variable, of in (("incidence", event, found), ("competing", competing, found.turned)):
        for time in times:
            share, at_risk = incidence_at(of, time)
            level = value_text(float(time))
            statistics += write_rows(f"{context}_at", variable, {"n.risk": at_risk}, names, level=level)
            statistics += write_inference(f"{context}_at", variable, share, names, level=level)
        for time in _points(of):
            place = int(np.searchsorted(of.times, time, side="right")) - 1
            share = float(of.incidence[place]) if place >= 0 else 0.0
            level = value_text(float(time))
            statistics += write_rows(f"{context}_curve", variable, {"estimate": share}, names, level=level)
    return statistics


def _points(found: FirstEvents) -> Sequence[float]:
    """Return the times at which a curve is drawn: where it rises, or as many as an eye can tell apart."""
    rises = found.times[found.events > 0]
    if len(rises) > _POINTS:
        rises = np.linspace(0.0, float(found.times[-1]), _POINTS)
    return [float(time) for time in np.unique([0.0, *rises, found.times[-1]])]


def _compare(
    plan: Incidence, grouping: Grouping, groups: Mapping[Key, FirstEvents]
) -> tuple[list[Statistic], list[Note]]:
    levels = [key[0] for key in groups]
    names = [(grouping.name, None)]
    if len(levels) == _TWO:
        names = [(grouping.name, grouping.text(level)) for level in levels]
    small = min(each.n for each in groups.values()) < _TWO
    test = Inference(reason=TOO_FEW) if small else gray(list(groups.values()))
    statistics = write_inference("gray", name_of(plan.event), test, names)
    why = "Gray's test, because it compares how many have had the event, and not how fast those still at risk have it."
    return statistics, [Note("test", why if test.p is not None else f"There is no test, because {test.reason}.")]


def _note_missing(plan: Incidence, scan: Scan, cells: ValueTable) -> list[Note]:
    notes = note_missing(scan, plan.time, sum(each.missing for each in cells.values()), plan.cohort.where)
    for place, variable in enumerate((plan.event, plan.competing, *plan.by)):
        rows = sum(each.n + each.missing for key, each in cells.items() if key[place] is None)
        notes += note_missing(scan, variable, rows, plan.cohort.where)
    return notes
