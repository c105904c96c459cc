"""The hazard of an event explained by several terms at once: Cox's model, each term alone and adjusted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.cohort import examine_cohort, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import column_of
from clinical_nb.analysis.counted.patterns import PatternTable, count_patterns, indicator
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.distribution import Counts, Floats
from clinical_nb.analysis.guards.timed import note_zero
from clinical_nb.analysis.kinds.regress import check_terms, design_of, note_clusters, note_rows, note_used
from clinical_nb.analysis.models.cox import check_proportional, fit_cox
from clinical_nb.analysis.models.cox_robust import with_robust_errors
from clinical_nb.analysis.models.design import Design, is_measured
from clinical_nb.analysis.models.estimates import Estimates, estimate_terms, note_model, overall_test
from clinical_nb.analysis.models.explaining import clusters_of
from clinical_nb.analysis.models.glm import Model
from clinical_nb.analysis.models.interactions import find_interactions
from clinical_nb.analysis.models.risk_sets import RiskSets, order_rows
from clinical_nb.analysis.models.subdistribution import COMPETING, EVENT, fit_subdistribution, sort_rows
from clinical_nb.errors import PlanError
from clinical_nb.plan import Hazard, name_of
from clinical_nb.result import Note, Result, Statistic

_VERDICT = 0.05
_ROBUST = "Errors are robust (Lin and Wei's), as asked for: they hold where hazards are not proportional."


def hazard(plan: Hazard, scan: Scan) -> Result:
    """Fit Cox's model of all terms, and one of each term alone, on the rows where all of them are known.

    Contexts: "model" (N, and the events n), "unadjusted" and "adjusted" (a row a term, or a level against its
    reference), "term_test", "model_test", "proportional_hazards" of each term and of all, and of modifiers those that
    `find_interactions` names.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, a time is negative, there is no event, a person has
        several rows, or there are fewer rows than terms.

    """
    check_terms((*plan.terms, *plan.strata), (plan.time, plan.event, *plan.competing))
    if plan.step and (plan.step[0] <= 0 or plan.modifiers or not is_measured(scan, plan.terms[0])):
        raise PlanError("A ratio for so many units is of a number, whose effect nothing changes.")
    column_of(scan, plan.time)
    who = examine_cohort(scan, plan.cohort.where)
    if plan.errors != "clustered":
        refuse_repeated_persons(scan, who)
    persons = [clusters_of(scan)] if plan.errors == "clustered" else []
    table = _count(plan, scan, persons)
    happened = _events(plan, table)
    design = design_of(scan, plan.terms, table)
    strata = _strata(plan, table)
    sets = order_rows(table.values[plan.time], happened, table.counts, strata)
    ended = _ended(plan, table, happened)
    clusters = table.values[persons[0]].astype(np.int64) if persons else None

    def fit(matrix: Floats) -> Model:
        if plan.competing:
            return _fit_subdistribution(table.values[plan.time], ended, matrix, table.counts, strata)
        return _fit(plan, sets, matrix, clusters)

    found = estimate_terms(design, fit, ratios=True)
    name, events = name_of(plan.event), int(table.counts[happened].sum())
    checks, told = ([], []) if plan.competing else _check(plan, sets, design, found)
    modified, said = find_interactions(design, found.model, fit, plan.modifiers, ratios=True)
    statistics = [
        *write_rows("model", name, {"N": table.used, "n": events}),
        *(_for_step(each, plan) for each in found.statistics),
        *write_inference("model_test", name, overall_test(design, found.model, fit), ()),
        *checks,
        *modified,
    ]
    at_zero = int(table.counts[happened & (table.values[plan.time] == 0)].sum())
    notes = [
        *(note_rows(plan, scan, table) if persons else note_used(scan, who, table, plan.cohort.where)),
        _note_model(plan),
        *(note_clusters(len(table.levels[persons[0]])) if persons else ()),
        *([Note("test", _ROBUST)] if plan.errors == "robust" else ()),
        *note_model(design, events, "events"),
        *note_zero(at_zero),
        *told,
        *said,
    ]
    return Result(tuple(statistics), tuple(notes))


def _count(plan: Hazard, scan: Scan, persons: Sequence[str]) -> PatternTable:
    """Count the rows of each combination of time, events, terms, strata and persons."""
    measured = [str(term) for term in plan.terms if is_measured(scan, term)]
    others = [term for term in plan.terms if term not in measured]
    events = (plan.event, *plan.competing)
    table = count_patterns(scan, [plan.time, *measured], [*events, *others, *plan.strata, *persons], plan.cohort.where)
    refuse_nobody(table.rows)
    return table


def _note_model(plan: Hazard) -> Note:
    """Say which model it is."""
    within = f" within the strata of {' and '.join(map(name_of, plan.strata))}" if plan.strata else ""
    if not plan.competing:
        text = "Cox's model{within}, with Efron's way with ties: estimates are hazard ratios with Wald intervals."
        return Note("test", text, {"within": within})
    text = (
        "Fine and Gray's model{within}: who has had {competing} stays at risk, so that a ratio above 1 means that "
        "more will have had {event}; intervals are Wald's by the robust covariance."
    )
    facts = {"within": within, "competing": name_of(plan.competing[0]), "event": name_of(plan.event)}
    return Note("test", text, facts)


def _for_step(found: Statistic, plan: Hazard) -> Statistic:
    """Return a ratio for one unit of the first term as that for the step of units that was asked for."""
    is_ratio = found.stat_name in ("estimate", "conf.low", "conf.high") and found.context in ("unadjusted", "adjusted")
    is_first = found.variable == name_of(plan.terms[0]) and found.variable_level is None
    if not plan.step or not is_ratio or not is_first or found.stat is None:
        return found
    return replace(found, stat=found.stat ** plan.step[0])


def _events(plan: Hazard, table: PatternTable) -> NDArray[np.bool_]:
    negative = int(table.counts[table.values[plan.time] < 0].sum())
    if negative:
        raise PlanError(
            f"{negative} values of '{plan.time}' are negative, and nobody is followed for less than no time.",
            f"Correct them, or leave them out with a condition such as {plan.time} at least 0.",
        )
    happened = indicator(table, plan.event, True)
    if table.used and not happened.any():
        raise PlanError(f"Nobody here has the event, {name_of(plan.event)}: there is no hazard to explain.")
    return happened


def _ended(plan: Hazard, table: PatternTable, happened: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return what ended each pattern's follow-up: the event, the one that competes, or neither."""
    ended = np.where(happened, EVENT, 0)
    for competing in plan.competing:
        other = indicator(table, competing, True)
        both = int(table.counts[happened & other].sum())
        if both:
            raise PlanError(
                f"{both} rows have both {name_of(plan.event)} and {name_of(competing)}: which came first is not said.",
                "Name two events of which each row has one at most.",
            )
        ended = np.where(other, COMPETING, ended)
    return ended


def _fit_subdistribution(
    time: Floats, ended: NDArray[np.int64], matrix: Floats, counts: Counts, strata: NDArray[np.int64]
) -> Model:
    if not matrix.shape[1]:
        return Model(np.empty(0), np.empty((0, 0)), np.empty(0), wald=True)
    scale = matrix.std(axis=0)
    rows = [
        sort_rows(time[here], ended[here], matrix[here] / scale, counts[here])
        for here in (strata == stratum for stratum in np.unique(strata))
    ]
    found = fit_subdistribution(rows)
    covariance = found.covariance / np.outer(scale, scale)
    return Model(found.coefficients / scale, covariance, np.empty(0), found.fitted, wald=True, reason=found.reason)


def _strata(plan: Hazard, table: PatternTable) -> NDArray[np.int64]:
    """Return the stratum of each pattern."""
    if not plan.strata:
        return np.zeros(len(table.counts), dtype=np.int64)
    places = np.column_stack([table.values[each] for each in plan.strata])
    return np.unique(places, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _fit(plan: Hazard, sets: RiskSets, matrix: Floats, clusters: NDArray[np.int64] | None) -> Model:
    found = fit_cox(sets, matrix)
    if plan.errors:
        found = with_robust_errors(sets, matrix, found, clusters)
    own = bool(plan.errors)
    return Model(found.coefficients, found.covariance, np.empty(0), found.fitted, wald=own, reason=found.reason)


def _check(plan: Hazard, sets: RiskSets, design: Design, found: Estimates) -> tuple[list[Statistic], list[Note]]:
    """Test whether the hazards of each term stay proportional."""
    if found.model.reason:
        return [], []
    places = [place for place in range(len(design.terms)) if design.of_term(place)]
    *each, overall = check_proportional(
        sets, design.fitted, found.model.coefficients, [design.of_term(place) for place in places]
    )
    statistics: list[Statistic] = []
    for place, check in zip(places, each, strict=True):
        term = design.terms[place].name
        statistics += write_inference("proportional_hazards", term, check, [(term, None)])
    statistics += write_inference("proportional_hazards", name_of(plan.event), overall, ())
    if overall.p is None:
        return statistics, []
    text = "One hazard ratio for all times supposes proportional hazards, of which the data say p = {p} (Schoenfeld)."
    notes = [Note("assumption", text, {"p": overall.p})]
    bent = [design.terms[place].name for place, one in zip(places, each, strict=True) if (one.p or 1.0) < _VERDICT]
    if bent:
        text = (
            "The hazard ratio of {terms} does not look the same at all times (Schoenfeld): it is an average over time."
        )
        notes.append(Note("caution", text, {"terms": " and ".join(bent)}))
    return statistics, notes
