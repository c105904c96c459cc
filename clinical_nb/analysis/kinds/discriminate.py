"""How well a marker tells those with an event from those without: its area, curve and best cut-off."""

from collections.abc import Mapping

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.arithmetic.roc import Marker, area_of, best_cut_off, compare_areas, directed, points_of
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import measures_or_ranks
from clinical_nb.analysis.counted.patterns import count_patterns, indicator
from clinical_nb.analysis.counts import Scan, count_values
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Discriminate, Variable, name_of
from clinical_nb.result import Note, Result, Statistic

_POINTS = 120  # of a curve that is drawn: no eye sees more, and fewer tell less of a person
_NONE = Distribution(np.empty(0), np.empty(0, dtype=np.int64))
_SIDES = {1: "at least", -1: "at most"}


def discriminate(plan: Discriminate, scan: Scan) -> Result:
    """Describe one marker, or two of the same rows and their difference.

    Contexts, of each marker: "auc" (N, events n, the area with DeLong's interval), "cut_off" (the threshold and
    Youden's index; the level says which side is positive), "cut_off_share" (sensitivity and specificity there),
    "roc_curve" (for the figure); of two, "delong" (the difference of their areas and its test).

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or does not rank, everybody or nobody has the event, or a person has several rows.

    """
    names = [plan.marker, plan.other] if plan.other else [plan.marker]
    if plan.marker == plan.other:
        raise PlanError("A marker cannot be compared with itself.", "Name another one.")
    for name in names:
        _refuse_levels(scan, name)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    markers, rows, missing = _count_two(plan, scan) if plan.other else _count_one(plan, scan)
    refuse_nobody(rows)
    cases, controls = markers[0].cases, markers[0].controls
    if not cases or not controls:
        side = "Nobody" if not cases else "Everybody"
        raise PlanError(f"{side} here with all values known has '{name_of(plan.event)}': nothing is to be told apart.")
    statistics = [row for name, marker in zip(names, markers, strict=True) for row in _describe(name, marker)]
    notes = note_who(scan, who, cases + controls, rows)
    for variable, absent in missing.items():
        notes += note_missing(scan, variable, absent, plan.cohort.where)
    for name, marker in zip(names, markers, strict=True):
        way = "higher" if marker.sign > 0 else "lower"
        text = "Those with {event} have the {way} values of {marker}: the area is taken that way."
        notes.append(Note("assumption", text, {"event": name_of(plan.event), "way": way, "marker": name}))
    if plan.other:
        test = compare_areas(*markers)
        statistics += write_inference("delong", plan.marker, test, [(plan.other, None)])
        why = "DeLong's test, because both markers are of the same rows."
        notes.append(Note("test", why if test.p is not None else f"There is no test, because {test.reason}."))
    text = "Each cut-off was chosen on the rows that it is judged by: in others, it will do less well."
    return Result(tuple(statistics), (*notes, Note("caution", text)))


def _refuse_levels(scan: Scan, name: str) -> None:
    if measures_or_ranks(scan, name):
        return
    raise PlanError(
        f"'{name}' holds neither numbers nor levels in an order with numbers as codes, so it cannot be a marker.",
        "Ask for the sensitivity and specificity of one of its levels instead.",
    )


def _count_one(plan: Discriminate, scan: Scan) -> tuple[list[Marker], int, Mapping[Variable, int]]:
    cells = count_values(scan, plan.marker, (plan.event,), plan.cohort.where)
    yes, no = (cells.get((side,), _NONE) for side in (True, False))
    values = np.union1d(yes.values, no.values)
    counts = [np.zeros(len(values), dtype=np.int64) for _ in range(2)]
    for each, found in zip(counts, (yes, no), strict=True):
        each[np.searchsorted(values, found.values)] = found.counts
    rows = sum(each.n + each.missing for each in cells.values())
    undecided = cells.get((None,), _NONE)
    missing: dict[Variable, int] = {
        plan.marker: sum(each.missing for each in cells.values()),
        plan.event: undecided.n + undecided.missing,
    }
    return [directed(values, *counts)], rows, missing


def _count_two(plan: Discriminate, scan: Scan) -> tuple[list[Marker], int, Mapping[Variable, int]]:
    table = count_patterns(scan, [plan.marker, plan.other], [plan.event], plan.cohort.where)
    happened = indicator(table, plan.event, True)
    counts = [np.where(side, table.counts, 0) for side in (happened, ~happened)]
    markers = [directed(table.values[name], *counts) for name in (plan.marker, plan.other)]
    return markers, table.rows, table.missing


def _describe(name: str, marker: Marker) -> list[Statistic]:
    cases, controls = marker.cases, marker.controls
    statistics = [
        *write_rows("auc", name, {"N": cases + controls, "n": cases}),
        *write_inference("auc", name, area_of(marker), ()),
    ]
    best = best_cut_off(marker)
    if best is None:
        reason = "no cut-off tells them apart"
        return [*statistics, *write_rows("cut_off", name, {"threshold": None}, reason=reason)]
    threshold, true, negative = best
    youden = true / cases + negative / controls - 1
    side = _SIDES[marker.sign]
    statistics += write_rows("cut_off", name, {"threshold": threshold, "estimate": youden}, level=side)
    for level, n, of in (("sensitivity", true, cases), ("specificity", negative, controls)):
        low, high = wilson_interval(n, of)
        numbers = {"n": n, "N": of, "p": n / of, "conf.low": low, "conf.high": high}
        statistics += write_rows("cut_off_share", name, numbers, level=level)
    return [*statistics, *_curve(name, marker)]


def _curve(name: str, marker: Marker) -> list[Statistic]:
    """Return as many points of the curve as an eye can tell apart, from the strictest cut-off on."""
    points = points_of(marker)
    places = np.unique(np.linspace(0, len(points.cut_offs) - 1, min(_POINTS, len(points.cut_offs))).round().astype(int))
    return [
        row
        for place in places.tolist()
        for row in write_rows(
            "roc_curve",
            name,
            {
                "sensitivity": int(points.true[place]) / marker.cases,
                "specificity": 1 - int(points.false[place]) / marker.controls,
            },
            level=value_text(float(points.cut_offs[place])),
        )
    ]
