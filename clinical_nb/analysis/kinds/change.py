"""How far a number changed in independent groups: adjusted for what it was before, and the raw changes beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.changes import changes_of, paired_t
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.tails import f_upper, t_critical, t_two_sided
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import Grouping, check_groups, column_of, reference_of
from clinical_nb.analysis.counted.pairs import Pairs, check_units, margin
from clinical_nb.analysis.counted.patterns import PatternTable, count_patterns, indicator
from clinical_nb.analysis.counts import Level, Scan
from clinical_nb.analysis.distribution import Distribution, Floats
from clinical_nb.analysis.guards.skew import find_skew
from clinical_nb.analysis.kinds.compare_numbers import run_mean_test, run_rank_test
from clinical_nb.analysis.kinds.comparison import Test, groups_of, note_alternative, note_small, note_test, write_test
from clinical_nb.analysis.models.design import find_independent
from clinical_nb.analysis.models.glm import Model, Outcome, fit_linear
from clinical_nb.errors import PlanError
from clinical_nb.plan import Change
from clinical_nb.result import Note, Result, Statistic

_FEW_ROWS = 5
_LEAST = 2  # of a group that is tested
_BENT = 0.05
_NOTHING_LEFT = "nothing is left over to estimate its error from"


@dataclass(frozen=True, slots=True)
class _Arms:
    """The groups with the rows of each among the patterns, and what each pattern had before and after."""

    grouping: Grouping
    rows: dict[Level, Floats]
    before: Floats
    after: Floats
    table: PatternTable

    @property
    def reference(self) -> Level:
        return reference_of(self.grouping)

    @property
    def others(self) -> list[Level]:
        return [level for level in self.grouping.levels if level != self.reference]


def change(plan: Change, scan: Scan) -> Result:
    """Compare the groups on the value after, adjusted for the value before by a linear model (ANCOVA).

    Contexts: "changed" (before, after, and level "change", of each group), "ancova" (of two groups their adjusted
    difference; of more the test of all), "adjusted_difference" (of more than two, each against the reference),
    "adjusted_mean" of each group at the mean value before, the tests of the raw changes, and "equal_slopes".

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or is no number, the units differ, there are not two groups, or a person has several
        rows.

    """
    if plan.before == plan.after:
        raise PlanError("A value cannot be compared with itself.", "Name one before and another after.")
    check_groups(scan, (plan.by,))
    for name in (plan.before, plan.after):
        if column_of(scan, name).kind != "numeric":
            raise PlanError(f"'{name}' does not hold numbers.", "Name a numeric column before and another after.")
    units = check_units(scan, plan.before, plan.after)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    table = count_patterns(scan, [plan.before, plan.after], [plan.by], plan.cohort.where)
    refuse_nobody(table.rows)
    grouping = groups_of(plan.by, scan, [(level,) for level in table.levels[plan.by]])
    rows = {level: indicator(table, plan.by, level).astype(np.float64) for level in grouping.levels}
    arms = _Arms(grouping, rows, table.values[plan.before], table.values[plan.after], table)
    changes = [_changes(arms, level) for level in grouping.levels]
    statistics = [row for level in grouping.levels for row in _describe(plan, arms, level)]
    adjusted, main, notes = _adjust(plan, arms)
    statistics += adjusted
    raw = [run_mean_test(grouping, changes), run_rank_test(grouping, changes)]
    skewed = find_skew(changes, "change", signed=False)
    for test in reversed(raw) if skewed else raw:
        statistics += write_test(test, plan.after, grouping)
    missing = [note for name, n in table.missing.items() for note in note_missing(scan, name, n, plan.cohort.where)]
    few = "The smallest group has {smallest} persons with both values."
    alternative = note_alternative(main, Test(raw[skewed is not None].context, raw[skewed is not None].found))
    return Result(
        tuple(statistics),
        (
            *note_who(scan, who, table.used, table.rows),
            *missing,
            *units,
            *notes,
            *alternative,
            *note_small([each.n for each in changes], _FEW_ROWS, few),
        ),
    )


def _changes(arms: _Arms, level: Level) -> Distribution:
    here = arms.rows[level] > 0
    return changes_of(Pairs(arms.before[here], arms.after[here], arms.table.counts[here]))


def _describe(plan: Change, arms: _Arms, level: Level) -> list[Statistic]:
    """Return what the values were before and after, and how far they changed, in one group."""
    here, counts = arms.rows[level] > 0, arms.table.counts
    names = [(arms.grouping.name, arms.grouping.text(level))]
    statistics: list[Statistic] = []
    for name, values in ((plan.before, arms.before), (plan.after, arms.after)):
        statistics += _centre(name, margin(values[here], counts[here]), names)
    found = _changes(arms, level)
    t = paired_t(found)
    statistics += _centre(plan.after, found, names, level="change")
    bounds = {"conf.low": t.low, "conf.high": t.high}
    return [*statistics, *write_rows("changed", plan.after, bounds, names, level="change", reason=t.reason)]


def _centre(
    name: str, found: Distribution, names: Sequence[tuple[str, str]], level: str | None = None
) -> list[Statistic]:
    ends = {"min": float(found.values[0]), "max": float(found.values[-1])} if found.n else {}
    numbers = {"N": found.n, "mean": found.mean, "sd": found.sd, "median": found.quantile(2), **ends}
    return write_rows("changed", name, numbers, names, level=level, reason="fewer than 2 persons have both values")


def _adjust(plan: Change, arms: _Arms) -> tuple[list[Statistic], Test, list[Note]]:
    """Return the adjusted differences and means, the main test, and what is said of them."""
    outcome = Outcome(arms.after, arms.table.counts, np.zeros(len(arms.after)))
    places = arms.others
    matrix = np.column_stack([arms.before, *(arms.rows[level] for level in places)])
    if not np.ptp(arms.before) > 0:
        raise PlanError(
            f"All have the same '{plan.before}' here: there is nothing to adjust for.", "Compare the groups."
        )
    if len(find_independent(matrix)) < matrix.shape[1]:
        raise PlanError(
            f"'{plan.before}' and the groups of '{arms.grouping.name}' cannot be told apart in these rows.",
            "Compare the changes of more persons.",
        )
    model = fit_linear(matrix, outcome)
    names = [(arms.grouping.name, None)]
    sizes = [int(arms.table.counts[arms.rows[level] > 0].sum()) for level in arms.grouping.levels]
    few = Inference(reason=TOO_FEW) if min(sizes) < _LEAST else None
    differences = [_difference(model, 1 + place) for place in range(len(places))]
    if few:
        differences = [Inference(estimate=each.estimate, reason=each.reason or TOO_FEW) for each in differences]
    statistics: list[Statistic] = []
    if len(places) == 1:
        main = Test("ancova", differences[0])
        statistics += write_test(main, plan.after, arms.grouping)
    else:
        main = Test("ancova", few or _f_test(model, fit_linear(matrix[:, :1], outcome), len(places)))
        statistics += write_inference("ancova", plan.after, main.found, names)
        corrected = holm({place: each.p for place, each in enumerate(differences) if each.p is not None})
        reference = (arms.grouping.name, arms.grouping.text(arms.reference))
        for place, each in enumerate(differences):
            sides = [(arms.grouping.name, arms.grouping.text(places[place])), reference]
            statistics += write_inference("adjusted_difference", plan.after, each, sides)
            if place in corrected:
                statistics += write_rows("adjusted_difference", plan.after, {"p.adjusted": corrected[place]}, sides)
    for level in arms.grouping.levels:
        group = [(arms.grouping.name, arms.grouping.text(level))]
        statistics += write_inference("adjusted_mean", plan.after, _adjusted_mean(model, arms, level), group)
    sloped = np.column_stack([matrix, *(arms.before * arms.rows[level] for level in places)])
    kept = find_independent(sloped)
    slopes = _f_test(fit_linear(sloped[:, list(kept)], outcome), model, len(kept) - matrix.shape[1])
    statistics += write_inference("equal_slopes", plan.after, slopes, names)
    because = Note("test", "values after depend on those before: the groups are compared as if they began alike")
    return statistics, main, [*note_test(main, because), *_note_slopes(slopes, plan)]


def _difference(model: Model, column: int) -> Inference:
    variance = float(model.covariance[column, column])
    if not variance > 0 or not model.df:
        return Inference(reason=_NOTHING_LEFT)
    value, error = float(model.coefficients[column]), math.sqrt(variance)
    half = t_critical(model.df) * error
    p = t_two_sided(value / error, model.df)
    return Inference(value, value - half, value + half, statistic=value / error, df=model.df, p=p)


def _f_test(whole: Model, reduced: Model, freedom: int) -> Inference:
    if not whole.residual > 0 or not whole.df or whole.df < 1 or not freedom:
        return Inference(reason=_NOTHING_LEFT)
    f = max(0.0, reduced.residual - whole.residual) / freedom / (whole.residual / whole.df)
    return Inference(statistic=f, df=freedom, df2=whole.df, p=f_upper(f, freedom, whole.df))


def _adjusted_mean(model: Model, arms: _Arms, level: Level) -> Inference:
    """Return what a group would have after if its mean before were that of all; R's `predict(…, "confidence")`."""
    if not model.df or model.df < 1:
        return Inference(reason=_NOTHING_LEFT)
    weights = arms.rows[level] * arms.table.counts
    n = float(weights.sum())
    away = float(np.average(arms.before, weights=arms.table.counts) - np.average(arms.before, weights=weights))
    slope = float(model.coefficients[0])
    mean = float(np.average(arms.after, weights=weights)) + slope * away
    variance = model.residual / model.df / n + away * away * float(model.covariance[0, 0])
    half = t_critical(model.df) * math.sqrt(variance)
    return Inference(mean, mean - half, mean + half)


def _note_slopes(slopes: Inference, plan: Change) -> list[Note]:
    if slopes.p is None:
        return []
    facts = {"before": plan.before, "p": slopes.p}
    if slopes.p < _BENT:
        text = "How the value after depends on {before} differs between the groups, p = {p}: so does their difference."
        return [Note("caution", text, facts)]
    text = "How the value after depends on {before} does not clearly differ between the groups, p = {p}."
    return [Note("assumption", text, facts)]
