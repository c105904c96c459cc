"""Groups compared on a numeric column: means and medians, tests of both, and which comes first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinical_nb.analysis.ard import write_distribution, write_inference
from clinical_nb.analysis.arithmetic.effects import cohens_d, epsilon_squared, eta_squared, hedges_g, rank_biserial
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import anova, student_t, welch_anova, welch_t
from clinical_nb.analysis.arithmetic.ranks import kruskal_wallis, rank_sums, wilcoxon
from clinical_nb.analysis.arithmetic.shifts import hodges_lehmann
from clinical_nb.analysis.arithmetic.trends import has_order, jonckheere, note_trend
from clinical_nb.analysis.cohort import note_missing
from clinical_nb.analysis.counted.levels import Grouping, column_of
from clinical_nb.analysis.counts import Scan, ValueTable, count_values
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.analysis.guards.skew import find_skew, has_few_integers, measure_skew
from clinical_nb.analysis.kinds.comparison import (
    ASKED,
    Comparison,
    Test,
    groups_of,
    note_alternative,
    note_small,
    note_test,
    pair_of,
    refuse_test,
    write_test,
)
from clinical_nb.analysis.kinds.pairwise import compare_pairs, refuse_pairs
from clinical_nb.errors import PlanError
from clinical_nb.plan import Compare, name_of
from clinical_nb.result import Note, Statistic

_FEW_ROWS = 5
_PAIR = 2
_RANKS = ("wilcoxon", "kruskal_wallis")


@dataclass(frozen=True, slots=True)
class Tested:
    """The groups with their values, the test that is the headline, another that is defensible, and why the first."""

    grouping: Grouping
    groups: list[Distribution]
    main: Test
    other: Test
    because: Note


def compare_numbers(plan: Compare, scan: Scan) -> Comparison:
    """Compare the groups on a numeric column: each group, the tests, how far the groups lie apart, a trend, pairs.

    Beside the tests' own contexts: of two groups "hodges_lehmann", "cohens_d", "hedges_g" and "rank_biserial"; of more
    "eta_squared" and "epsilon_squared", "jonckheere" where the groups have an order, and the pairs that were asked for.
    """
    outcome = name_of(plan.outcome)
    cells = count_values(scan, outcome, (plan.by,), plan.cohort.where)
    tested = choose_tests(plan, scan, cells)
    grouping, groups = tested.grouping, tested.groups
    refuse_pairs(plan, grouping, numeric=True)
    if plan.effect and len(groups) != 2:  # noqa: PLR2004 - a difference
        raise PlanError(
            f"A difference in standard deviations is between two groups, and '{grouping.name}' has {len(groups)}.",
            "Ask about two of them.",
        )
    statistics = [
        statistic
        for level, group in zip(grouping.levels, groups, strict=True)
        for statistic in write_distribution(outcome, group, [(grouping.name, grouping.text(level))])
    ]
    for test in (tested.main, tested.other):
        statistics += write_test(test, outcome, grouping)
    statistics += _write_effects(outcome, tested)
    sizes = {key: each.n + each.missing for key, each in cells.items()}
    notes = [
        *note_missing(scan, plan.outcome, sum(each.missing for each in cells.values()), plan.cohort.where),
        *note_missing(scan, plan.by, sizes.get((None,), 0), plan.cohort.where),
        *note_test(tested.main, tested.because),
        *note_alternative(tested.main, tested.other),
        *note_small([group.n for group in groups], _FEW_ROWS, "The smallest group has {smallest} known values."),
    ]
    if has_order(grouping):
        notes += note_trend(grouping)
        if plan.test != "jonckheere":
            statistics += write_inference("jonckheere", outcome, jonckheere(groups), [(grouping.name, None)])
    if plan.pairwise:
        pairs, said = compare_pairs(plan, grouping, groups, tested.main)
        statistics, notes = [*statistics, *pairs], [*notes, *said]
    return Comparison(statistics, notes, sum(sizes.values()), sum(group.n for group in groups))


def choose_tests(plan: Compare, scan: Scan, cells: ValueTable) -> Tested:
    """Run the test that was asked for, or else the one that the column calls for, and another beside it.

    The rank test comes first when the column is ordinal or clearly skewed: |skewness| > 1, measured within the groups,
    or a mean and SD (within the groups) whose 95 % range reaches a sign that no value has.

    Raises
    ------
    PlanError
        When the test that was asked for is of other data.

    """
    outcome = name_of(plan.outcome)
    grouping = groups_of(plan.by, scan, cells, plan.against)
    groups = [cells[level,] for level in grouping.levels]
    means, ranks = run_mean_test(grouping, groups), run_rank_test(grouping, groups)
    ordinal = column_of(scan, outcome).ordered and has_few_integers(groups)
    because = Note("test", "its levels only rank") if ordinal else find_skew(groups)
    main, other = (ranks, means) if because else (means, ranks)
    if not plan.test:
        return Tested(grouping, groups, main, other, because or _no_skew(groups))
    fit = {*_OF_ANY, *(_OF_TWO if len(groups) == _PAIR else ())} - (set() if has_order(grouping) else {"jonckheere"})
    refuse_test(plan, grouping, fit)
    asked = Test(plan.test, run_named(plan.test, grouping, groups))
    return Tested(grouping, groups, asked, main if main.context != plan.test else other, ASKED)


def run_mean_test(grouping: Grouping, groups: Sequence[Distribution]) -> Test:
    """Run Welch's t test of two groups, his analysis of variance of more."""
    context = "anova_welch" if len(groups) > _PAIR else "t_test_welch"
    return Test(context, run_named(context, grouping, groups))


def run_rank_test(grouping: Grouping, groups: Sequence[Distribution]) -> Test:
    """Run Wilcoxon's rank-sum test of two groups, Kruskal and Wallis's of more."""
    context = "kruskal_wallis" if len(groups) > _PAIR else "wilcoxon"
    return Test(context, run_named(context, grouping, groups))


def run_named(context: str, grouping: Grouping, groups: Sequence[Distribution]) -> Inference:
    """Run a test of values by its context; one of two groups compares the other with the reference."""
    if context in _OF_TWO:
        one, reference = (groups[grouping.levels.index(level)] for level in pair_of(grouping))
        return _OF_TWO[context](one, reference)
    return _OF_ANY[context](groups)


_OF_TWO: dict[str, Callable[[Distribution, Distribution], Inference]] = {
    "t_test_welch": welch_t,
    "t_test_student": student_t,
    "wilcoxon": lambda one, other: wilcoxon(rank_sums([one, other])),
}
_OF_ANY: dict[str, Callable[[Sequence[Distribution]], Inference]] = {
    "anova_welch": welch_anova,
    "anova": anova,
    "kruskal_wallis": lambda groups: kruskal_wallis(rank_sums(groups)),
    "jonckheere": jonckheere,
}


def _write_effects(outcome: str, tested: Tested) -> list[Statistic]:
    """Return how far the groups lie apart: of two groups with a direction, of more in all."""
    grouping, groups = tested.grouping, tested.groups
    run = (
        each for each in (tested.main, tested.other) if each.context == _RANKS[len(groups) > _PAIR]
    )  # rather than rank all again
    ranks = next(run, None) or run_rank_test(grouping, groups)
    if len(groups) > _PAIR:
        effects = {
            "eta_squared": eta_squared(groups),
            "epsilon_squared": epsilon_squared(ranks.found, sum(group.n for group in groups)),
        }
    else:
        one, other = (groups[grouping.levels.index(level)] for level in pair_of(grouping))
        effects = {
            "hodges_lehmann": hodges_lehmann(one, other),
            "cohens_d": cohens_d(one, other),
            "hedges_g": hedges_g(one, other),
            "rank_biserial": rank_biserial(ranks.found.superiority, one.n, other.n),
        }
    return [row for context, found in effects.items() for row in write_test(Test(context, found), outcome, grouping)]


def _no_skew(groups: Sequence[Distribution]) -> Note:
    seen = measure_skew(groups)
    if seen is None:
        return Note("test", "it does not need equal variances")
    return Note("test", f"{seen.text} and variances need not be equal", seen.facts)
