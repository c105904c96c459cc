"""How a number goes over the visits of the same persons, in all or in groups: a linear mixed model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.cohort import note_undecided, refuse_nobody
from clinical_nb.analysis.counted.levels import Grouping, check_groups, column_of, grouping_of, reference_of
from clinical_nb.analysis.counted.pairs import margin
from clinical_nb.analysis.counts import Level, Scan, count_undecided
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.kinds.comparison import note_small
from clinical_nb.analysis.models.random_intercept import RandomIntercept, fit_random_intercept, sum_cells
from clinical_nb.analysis.rows.visits import Courses, follow_persons
from clinical_nb.errors import PlanError
from clinical_nb.plan import Mixed
from clinical_nb.result import Note, Result, Statistic

_FEW = 10
_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of visits within groups: of each group's patterns their rows in the table of courses, and the model."""

    visits: Grouping
    groups: Grouping | None
    levels: tuple[Level, ...]
    courses: Courses
    of: tuple[Floats, ...]
    model: RandomIntercept

    def weights(self, group: int, visit: int) -> Floats:
        """Return what picks the mean of one cell."""
        found = np.zeros(len(self.model.means))
        found[group * len(self.visits.levels) + visit] = 1.0
        return found

    def name(self, group: int) -> list[tuple[str, str]]:
        """Return the group as the results write it."""
        return [] if self.groups is None else [(self.groups.name, self.groups.text(self.levels[group]))]


def mixed(plan: Mixed, scan: Scan) -> Result:
    """Fit the means of all visits in all groups, with an intercept for each person, by restricted maximum likelihood.

    Contexts: "mixed_mean" (each visit of each group), of groups "mixed_interaction" (whether they have one course) and
    "mixed_difference" of each against the reference at each visit with "p.adjusted" (Holm), "mixed_visits" (whether the
    visits differ, in the mean of the groups), "mixed_sd" (between and within persons) and "icc".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or is no number, nobody is known to be a person, there are fewer than two visits or
        persons, or a group has nobody at a visit.

    """
    if column_of(scan, plan.outcome).kind != "numeric":
        raise PlanError(
            f"'{plan.outcome}' does not hold numbers, of which a mixed model here is.", "Name one that does."
        )
    check_groups(scan, (plan.visit, *plan.by))
    courses = follow_persons(scan, plan.outcome, plan.visit, plan.cohort.where, plan.by)
    everybody = int(courses.counts.sum())
    refuse_nobody(everybody)
    cells = _fit(plan, scan, courses)
    statistics = [*_write_means(plan, cells), *_write_tests(plan, cells), *_write_spread(plan, cells)]
    used = sum(int(courses.counts[(some > 0) & ~np.isnan(courses.values).all(axis=1)].sum()) for some in cells.of)
    rows = sum(int((courses.counts * (some > 0)) @ (~np.isnan(courses.values)).sum(axis=1)) for some in cells.of)
    sizes = [int(courses.counts[some > 0].sum()) for some in cells.of]
    notes = [
        *_note_who(plan, scan, cells, (everybody, used, rows)),
        *_note_model(plan, cells),
        *note_small(sizes, _FEW, "The smallest group has {smallest} persons, under 10, by whom their spread is told."),
    ]
    return Result(tuple(statistics), tuple(notes))


def _fit(plan: Mixed, scan: Scan, courses: Courses) -> _Cells:
    visits = courses.visits
    if len(visits.levels) < _LEAST:
        raise PlanError(f"'{plan.visit}' has {len(visits.levels)} visits here, and two or more are compared.")
    groups = grouping_of(scan, plan.by[0], courses.groups) if plan.by else None
    levels: tuple[Level, ...] = (None,)
    if groups is not None:
        if len(groups.levels) < _LEAST:
            raise PlanError(f"There is nothing to compare: all here have the same '{groups.name}'.")
        reference = reference_of(groups)
        levels = (reference, *(level for level in groups.levels if level != reference))
    width = len(visits.levels)
    known = ~np.isnan(courses.values)
    of = tuple(
        np.ones(len(known))
        if groups is None
        else np.array([each == level for each in courses.groups], dtype=np.float64)
        for level in levels
    )
    for place, some in enumerate(of):
        if int(courses.counts[(some > 0) & known.any(axis=1)].sum()) < _LEAST:
            raise PlanError("A mixed model needs two persons or more in each group.", "Ask with fewer conditions.")
        empty = np.flatnonzero(~known[some > 0].any(axis=0))
        if len(empty):
            visit = visits.label(visits.levels[int(empty[0])])
            where = "" if groups is None else f" in the group {groups.label(levels[place])}"
            raise PlanError(
                f"Nobody{where} has a known '{plan.outcome}' at '{plan.visit}' {visit}.",
                "Leave that visit out with a condition.",
            )
    if not (known.sum(axis=1) > 1).any():
        raise PlanError("Nobody here has values at two visits: there is no course to follow.", "Compare the groups.")
    start = sum(place * width * some for place, some in enumerate(of))
    kept = sum(of) > 0
    places = (np.zeros(len(known)) + start)[:, None] + np.arange(width)
    model = fit_random_intercept(sum_cells(places[kept], courses.values[kept], courses.counts[kept]))
    if model is None:
        raise PlanError(f"The values of '{plan.outcome}' leave no variance within persons to estimate errors from.")
    return _Cells(visits, groups, levels, courses, of, model)


def _write_means(plan: Mixed, cells: _Cells) -> list[Statistic]:
    statistics: list[Statistic] = []
    for group, some in enumerate(cells.of):
        for visit, level in enumerate(cells.visits.levels):
            values = cells.courses.values[:, visit]
            here = (some > 0) & ~np.isnan(values)
            found = margin(values[here], cells.courses.counts[here])
            ends = {"min": float(found.values[0]), "max": float(found.values[-1])}
            numbers = {"N": found.n, "mean": found.mean, "sd": found.sd, **ends}
            text, names = cells.visits.text(level), cells.name(group)
            reason = "fewer than 2 persons have a value"
            statistics += write_rows("mixed_mean", plan.outcome, numbers, names, level=text, reason=reason)
            mean = cells.model.contrast(cells.weights(group, visit))
            bounds = {"estimate": mean.estimate, "conf.low": mean.low, "conf.high": mean.high}
            statistics += write_rows("mixed_mean", plan.outcome, bounds, names, level=text, reason=mean.reason)
    return statistics


def _write_tests(plan: Mixed, cells: _Cells) -> list[Statistic]:
    """Return the tests of the courses and of the visits, and the differences of the groups at each visit."""
    width, others = len(cells.visits.levels), range(1, len(cells.levels))
    weights = cells.weights
    changed = [
        np.sum([weights(group, visit) - weights(group, 0) for group in range(len(cells.levels))], axis=0)
        for visit in range(1, width)
    ]
    visits = cells.model.test(np.array(changed) / len(cells.levels))
    if cells.groups is None:
        return write_inference("mixed_visits", plan.outcome, visits, ())
    apart = [
        weights(group, visit) - weights(0, visit) - weights(group, 0) + weights(0, 0)
        for group in others
        for visit in range(1, width)
    ]
    name = [(cells.groups.name, None)]
    statistics = write_inference("mixed_interaction", plan.outcome, cells.model.test(np.array(apart)), name)
    statistics += write_inference("mixed_visits", plan.outcome, visits, ())
    pairs = [(group, visit) for group in others for visit in range(width)]
    found = [cells.model.contrast(weights(group, visit) - weights(0, visit)) for group, visit in pairs]
    corrected = holm({place: each.p for place, each in enumerate(found) if each.p is not None})
    for place, ((group, visit), each) in enumerate(zip(pairs, found, strict=True)):
        sides, text = [*cells.name(group), *cells.name(0)], cells.visits.text(cells.visits.levels[visit])
        statistics += write_inference("mixed_difference", plan.outcome, each, sides, level=text)
        adjusted = {"p.adjusted": corrected[place]} if place in corrected else {}
        statistics += write_rows("mixed_difference", plan.outcome, adjusted, sides, level=text)
    return statistics


def _write_spread(plan: Mixed, cells: _Cells) -> list[Statistic]:
    between, within = cells.model.between, cells.model.within
    parts = {"between persons": between**0.5, "within a person": within**0.5}
    statistics: list[Statistic] = []
    for level, sd in parts.items():
        statistics += write_inference("mixed_sd", plan.outcome, Inference(estimate=sd), (), level=level)
    shared = Inference(estimate=between / (between + within))
    return [*statistics, *write_inference("mixed_icc", plan.outcome, shared, ())]


def _note_who(plan: Mixed, scan: Scan, cells: _Cells, numbers: Sequence[int]) -> list[Note]:
    everybody, used, rows = numbers
    facts = {"used": used, "rows": everybody, "identifier": scan.identifier or "", "values": rows}
    text = "{used} of {rows} persons by {identifier} are used, with {values} values; a person need not have all visits."
    notes = [Note("who", text, facts), *note_undecided(count_undecided(scan, plan.cohort.where))]
    unknown = int(cells.courses.counts[sum(cells.of) == 0].sum())
    if cells.groups is not None and unknown:
        facts = {"rows": unknown, "variable": cells.groups.name}
        notes.append(Note("missing", "{rows} have no known {variable}.", facts))
    known = ~np.isnan(cells.courses.values)
    some = (sum(cells.of) > 0) & known.any(axis=1)
    if without := everybody - used - unknown:
        notes.append(
            Note(
                "missing", "{rows} have no known {variable} at any visit.", {"rows": without, "variable": plan.outcome}
            )
        )
    if partly := int(cells.courses.counts[some & ~known.all(axis=1)].sum()):
        text = (
            "{rows} persons do not have a value at every visit: those that are missing are supposed to depend on "
            "nothing but what is known of them."
        )
        notes.append(Note("assumption", text, {"rows": partly}))
    return notes


def _note_model(plan: Mixed, cells: _Cells) -> list[Note]:
    text = (
        "A linear mixed model by REML with an intercept for each person, because values of one person are alike; means "
        "of all visits are free, and degrees of freedom are Satterthwaite's."
    )
    notes = [Note("test", text)]
    if cells.model.singular:
        text = (
            "The fit is singular: persons differ no more than their own values do, so that the model is that of "
            "independent values."
        )
        return [*notes, Note("caution", text)]
    text = "It supposes that values of one person are equally alike however far their visits are apart."
    first = cells.visits.label(cells.visits.levels[0])
    facts = {"visit": first, "variable": plan.visit}
    where = " Groups are compared at {variable} {visit} like at the others: it is not adjusted for."
    return [*notes, Note("assumption", text + (where if cells.groups is not None else ""), facts)]
