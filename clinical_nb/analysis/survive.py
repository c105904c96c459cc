"""How long until an event: Kaplan-Meier in all or in each group, and groups compared by hazard and by mean time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counts import Key, Level, Scan, ValueTable, count_rows, count_values
from clinical_nb.analysis.cox import Patterns, check_proportional, fit_cox, sort_patterns
from clinical_nb.analysis.follow_up import (
    FollowUp,
    follow_up_from,
    log_rank,
    median_time,
    restricted_mean,
    survival_at,
)
from clinical_nb.analysis.inference import Inference
from clinical_nb.analysis.levels import Grouping, check_groups, groupings_of, name_group, reference_of
from clinical_nb.analysis.tails import Z95, normal_two_sided
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import OneOf, Survive, name_of
from clinical_nb.result import Note, Result, Statistic

_FEW_EVENTS = 5
_POINTS = 120  # of a curve that is drawn: no eye sees more, and fewer tell less of a person
_MARKS = 6  # times at which those at risk are told, where no times were asked for
_TWO = 2
_VERDICT = 0.05
_WITHOUT = frozenset({"censored", "alive", "no", "none", "no event", "event-free", "lost to follow-up"})
_YEAR = 365.25
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Each group's follow-up in every stratum, in display order, with its name in the results."""

    groupings: Sequence[Grouping]
    found: Mapping[Key, FollowUp]
    strata: Sequence[Mapping[Key, FollowUp]]

    def name(self, key: Key) -> list[tuple[str, str]]:
        return name_group(self.groupings, key)


def survive(plan: Survive, scan: Scan) -> Result:
    """Estimate how long it takes until an event, and compare groups.

    Contexts: "survival" (N, events, the median with its interval, and the median follow-up by reversed Kaplan-Meier),
    "survival_at" (a level each asked time), "survival_curve" (for the figure), "restricted_mean" up to the shortest of
    the groups' last times; of groups "log_rank", "hazard_ratio" of each against the reference, "proportional_hazards"
    and, of two, "restricted_mean_difference".

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
    times = plan.at or _marks(max(each.last or 0.0 for each in groups.found.values()), unit)
    statistics = [row for key, found in groups.found.items() for row in _describe(plan, found, groups.name(key), times)]
    notes = [
        *note_who(scan, who, used, rows),
        *_note_missing(plan, scan, cells),
        *_note_event(plan, scan),
        *_note_times(groups),
    ]
    if len(groups.found) >= _TWO and len(plan.by) == 1:
        more, told = _compare(groups, name_of(plan.event))
        statistics += more
        notes += told
    return Result(tuple(statistics), tuple(notes))


def _refuse_negative(plan: Survive, cells: ValueTable) -> None:
    negative = sum(int(each.counts[each.values < 0].sum()) for each in cells.values())
    if negative:
        raise PlanError(
            f"{negative} values of '{plan.time}' are negative, and nobody is followed for less than no time.",
            f"Correct them, or leave them out with a condition such as {plan.time} at least 0.",
        )


def _gather(plan: Survive, scan: Scan, cells: ValueTable) -> _Groups:
    """Return the follow-up of each group that has rows, whole and within each stratum."""
    groupings = groupings_of(scan, plan.by, cells, first=1)
    width = 1 + len(plan.by)
    known = [key for key in cells if None not in key]
    strata = sorted({key[width:] for key in known}, key=str)
    order = list(product(*(grouping.levels for grouping in groupings)))

    def follow_up(group: Key, stratum: Key | None) -> FollowUp:
        some = [key for key in known if key[1:width] == group and stratum in (None, key[width:])]
        parts = [follow_up_from(*(cells[key] if key[0] is event else None for event in (True, False))) for key in some]
        return _joined(parts)

    whole = {group: follow_up(group, None) for group in order}
    whole = {group: found for group, found in whole.items() if found.n}
    within = [{group: follow_up(group, stratum) for group in whole} for stratum in strata] if plan.strata else [whole]
    return _Groups(groupings, whole, within)


def _joined(parts: Sequence[FollowUp]) -> FollowUp:
    if not parts:
        return follow_up_from(None, None)
    times, places = np.unique(np.concatenate([part.times for part in parts]), return_inverse=True)
    events, censored = (
        np.bincount(places, np.concatenate(counts), len(times)).astype(np.int64)
        for counts in ([part.events for part in parts], [part.censored for part in parts])
    )
    return FollowUp(times, events, censored)


def _describe(plan: Survive, found: FollowUp, names: Sequence[Group], times: Sequence[float]) -> list[Statistic]:
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
    for time in _points(found):
        share = survival_at(found, time)[0].estimate
        statistics += write_rows("survival_curve", event, {"estimate": share}, names, level=value_text(float(time)))
    return statistics


def _points(found: FollowUp) -> Sequence[float]:
    """Return the times at which a curve is drawn: where it falls, or as many as an eye can tell apart."""
    falls = found.times[found.events > 0]
    if len(falls) > _POINTS:
        falls = np.linspace(0.0, float(found.times[-1]), _POINTS)
    return [float(time) for time in np.unique([0.0, *falls, found.times[-1]])]


def _marks(last: float, unit: str) -> Sequence[float]:
    """Return some round times up to the last one: whole years where time is in days and there are several."""
    scale = _YEAR if unit.casefold() in ("day", "days", "d") and last > 2 * _YEAR else 1.0
    if last <= 0:
        return [0.0]
    rough = last / scale / (_MARKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in _STEPS if each * power >= rough)
    step = max(step, 1.0) if scale != 1.0 else step
    return [number * step * scale for number in range(1, _MARKS + 1) if number * step * scale <= last]


def _compare(groups: _Groups, event: str) -> tuple[list[Statistic], list[Note]]:
    """Return the test of the groups, their hazard ratios against the reference, and their mean times."""
    grouping = groups.groupings[0]
    levels = [key[0] for key in groups.found]
    reference = reference_of(Grouping(grouping.variable, tuple(levels), grouping.column))
    others = [level for level in levels if level != reference]
    pairs = [[(grouping.name, grouping.text(level)) for level in (other, reference)] for other in others]
    everyone = pairs[0] if len(pairs) == 1 else [(grouping.name, None)]
    test = log_rank([[stratum[level,] for level in levels] for stratum in groups.strata])
    ratios, proportional = _hazard_ratios(groups, others, reference)
    until = min(found.last or 0.0 for found in groups.found.values())
    statistics = write_inference("log_rank", event, test, everyone)
    for names, ratio in zip(pairs, ratios, strict=True):
        statistics += write_inference("hazard_ratio", event, ratio, names)
    statistics += write_inference("proportional_hazards", event, proportional, everyone)
    statistics += _restricted(groups, event, until)
    if len(pairs) == 1:
        difference = _difference(groups.found[others[0],], groups.found[reference,], until)
        statistics += write_inference("restricted_mean_difference", event, difference, pairs[0])
    return statistics, [*_note_test(test, proportional, len(groups.strata) > 1), *_note_few(groups)]


def _hazard_ratios(groups: _Groups, others: Sequence[Level], reference: Level) -> tuple[list[Inference], Inference]:
    """Fit Cox's model of the groups alone, and test whether their hazards are proportional."""
    patterns = _patterns(groups, others, reference)
    if not patterns.event.any():
        none = Inference(reason="there was no event")
        return [none for _ in others], none
    fit = fit_cox(patterns)
    if fit.reason:
        none = Inference(reason=fit.reason)
        return [none for _ in others], none
    errors = np.sqrt(np.diag(fit.covariance))
    ratios = [
        Inference(
            estimate=math.exp(log),
            low=math.exp(log - Z95 * error),
            high=math.exp(log + Z95 * error),
            statistic=log / error,
            p=normal_two_sided(log / error),
        )
        for log, error in zip(fit.coefficients.tolist(), errors.tolist(), strict=True)
    ]
    return ratios, check_proportional(patterns, fit, [])[0]


def _patterns(groups: _Groups, others: Sequence[Level], reference: Level) -> Patterns:
    parts: list[tuple[FollowUp, bool, int, int]] = []
    for stratum, found in enumerate(groups.strata):
        for place, level in enumerate((reference, *others)):
            parts += [(found[level,], is_event, place, stratum) for is_event in (True, False)]
    sizes = [len(each.times) for each, *_ in parts]
    columns = np.eye(len(others) + 1)[:, 1:]
    counts = np.concatenate([each.events if is_event else each.censored for each, is_event, *_ in parts])
    some = counts > 0
    return sort_patterns(
        np.concatenate([each.times for each, *_ in parts])[some],
        np.repeat([is_event for _, is_event, *_ in parts], sizes)[some],
        np.repeat(columns[[place for *_, place, _ in parts]], sizes, axis=0)[some],
        counts[some],
        np.repeat([stratum for *_, stratum in parts], sizes)[some],
    )


def _restricted(groups: _Groups, event: str, until: float) -> list[Statistic]:
    """Return each group's mean time without the event up to the shortest of their last times."""
    statistics: list[Statistic] = []
    for key, found in groups.found.items():
        mean = restricted_mean(found, until)
        inference = _normal(*mean) if mean else Inference(reason="nobody was followed")
        statistics += write_inference("restricted_mean", event, inference, groups.name(key), level=value_text(until))
    return statistics


def _difference(one: FollowUp, reference: FollowUp, until: float) -> Inference:
    first, second = restricted_mean(one, until), restricted_mean(reference, until)
    if first is None or second is None:
        return Inference(reason="nobody was followed")
    return _normal(first[0] - second[0], math.hypot(first[1], second[1]), tested=True)


def _normal(estimate: float, error: float, *, tested: bool = False) -> Inference:
    if not error:
        return Inference(estimate=estimate, reason="no event until then, so there is no interval")
    found = Inference(estimate=estimate, low=estimate - Z95 * error, high=estimate + Z95 * error)
    z = estimate / error
    return replace(found, statistic=z, p=normal_two_sided(z)) if tested else found


def _note_missing(plan: Survive, scan: Scan, cells: ValueTable) -> list[Note]:
    notes = note_missing(scan, plan.time, sum(each.missing for each in cells.values()), plan.cohort.where)
    for place, variable in enumerate((plan.event, *plan.by, *plan.strata)):
        rows = sum(each.n + each.missing for key, each in cells.items() if key[place] is None)
        notes += note_missing(scan, variable, rows, plan.cohort.where)
    return notes


def _note_event(plan: Survive, scan: Scan) -> list[Note]:
    """Say which code is the event, and what the other codes count as."""
    event = plan.event
    if not isinstance(event, OneOf) or event.column not in scan.columns:
        return []
    cells = count_rows(scan, (event.column,), plan.cohort.where)
    column = scan.columns[event.column]
    others = {column.label_of(level): n for (level,), n in cells.items() if level not in (None, *event.values)}
    competing = [f"{n} with {label}" for label, n in others.items() if label.casefold() not in _WITHOUT]
    if len(others) < _TWO or not competing:
        return []
    text = (
        "{variable} has more codes than the event: {others} count as followed until then without it. If one of them "
        "makes the event impossible, the curve is of a world without it: ask for either of the two as well."
    )
    return [Note("assumption", text, {"variable": event.column, "others": "; ".join(competing)})]


def _note_times(groups: _Groups) -> list[Note]:
    at_zero = sum(int(found.events[found.times == 0].sum()) for found in groups.found.values())
    text = "{rows} had the event at time 0: they count as at risk then."
    return [Note("caution", text, {"rows": at_zero})] if at_zero else []


def _note_test(test: Inference, proportional: Inference, is_stratified: bool) -> list[Note]:  # noqa: FBT001 - a fact of the plan
    if test.p is None:
        return [Note("test", f"There is no test, because {test.reason}.")]
    within = " within the strata" if is_stratified else ""
    notes = [Note("test", f"The log-rank test{within}, because it compares the whole curves without a model of them.")]
    if proportional.p is None:
        return notes
    text = "One hazard ratio for all times supposes proportional hazards, of which the data say p = {p} (Schoenfeld)."
    notes.append(Note("assumption", text, {"p": proportional.p}))
    if proportional.p < _VERDICT:
        text = (
            "The hazards do not look proportional: the hazard ratio is an average over time, and the curves say more."
        )
        notes.append(Note("caution", text))
    return notes


def _note_few(groups: _Groups) -> list[Note]:
    smallest = min(int(found.events.sum()) for found in groups.found.values())
    text = "The smallest group has {smallest} events, under 5: the estimates are not precise."
    return [Note("caution", text, {"smallest": smallest})] if smallest < _FEW_EVENTS else []
