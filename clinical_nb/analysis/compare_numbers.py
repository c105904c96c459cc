"""Groups compared on a numeric column: means and medians, Welch's tests and rank tests, and which comes first."""

from collections.abc import Sequence

from clinical_nb.analysis.ard import write_distribution
from clinical_nb.analysis.cohort import note_missing
from clinical_nb.analysis.comparison import (
    Comparison,
    Test,
    groups_of,
    note_alternative,
    note_small,
    note_test,
    pair_of,
    write_test,
)
from clinical_nb.analysis.counts import Scan, count_values
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.analysis.levels import Grouping, column_of
from clinical_nb.analysis.means import welch_anova, welch_t
from clinical_nb.analysis.ranks import kruskal_wallis, rank_sums, wilcoxon
from clinical_nb.analysis.skew import find_skew, has_few_integers, measure_skew
from clinical_nb.plan import Compare, name_of
from clinical_nb.result import Note

_FEW_ROWS = 5


def compare_numbers(plan: Compare, scan: Scan) -> Comparison:
    """Compare the groups on a numeric column.

    The rank test comes first when the column is ordinal or clearly skewed: |skewness| > 1, measured within the groups,
    or a mean and SD (within the groups) whose 95 % range reaches a sign that no value has.
    """
    outcome = name_of(plan.outcome)
    cells = count_values(scan, outcome, (plan.by,), plan.cohort.where)
    grouping = groups_of(plan, scan, cells)
    groups = [cells[level,] for level in grouping.levels]
    means, ranks = run_mean_test(grouping, groups), run_rank_test(grouping, groups)
    ordinal = column_of(scan, outcome).ordered and has_few_integers(groups)
    ranks_because = Note("test", "its levels only rank") if ordinal else find_skew(groups)
    main, other = (ranks, means) if ranks_because else (means, ranks)
    statistics = [
        statistic
        for level, group in zip(grouping.levels, groups, strict=True)
        for statistic in write_distribution(outcome, group, [(grouping.name, grouping.text(level))])
    ]
    for test in (main, other):
        statistics += write_test(test, outcome, grouping)
    sizes = {key: each.n + each.missing for key, each in cells.items()}
    notes = [
        *note_missing(scan, plan.outcome, sum(each.missing for each in cells.values()), plan.cohort.where),
        *note_missing(scan, plan.by, sizes.get((None,), 0), plan.cohort.where),
        *note_test(main, ranks_because or _no_skew(groups)),
        *note_alternative(main, other),
        *note_small([group.n for group in groups], _FEW_ROWS, "The smallest group has {smallest} known values."),
    ]
    return Comparison(statistics, notes, sum(sizes.values()), sum(group.n for group in groups))


def run_mean_test(grouping: Grouping, groups: Sequence[Distribution]) -> Test:
    """Run Welch's t test of two groups, his analysis of variance of more."""
    if len(groups) > 2:  # noqa: PLR2004 - two groups have a direction
        return Test("anova_welch", welch_anova(groups))
    return Test("t_test_welch", welch_t(*_pair(grouping, groups)))


def run_rank_test(grouping: Grouping, groups: Sequence[Distribution]) -> Test:
    """Run Wilcoxon's rank-sum test of two groups, Kruskal and Wallis's of more."""
    if len(groups) > 2:  # noqa: PLR2004 - as above
        return Test("kruskal_wallis", kruskal_wallis(rank_sums(groups)))
    return Test("wilcoxon", wilcoxon(rank_sums(_pair(grouping, groups))))


def _pair(grouping: Grouping, groups: Sequence[Distribution]) -> list[Distribution]:
    return [groups[grouping.levels.index(level)] for level in pair_of(grouping)]


def _no_skew(groups: Sequence[Distribution]) -> Note:
    seen = measure_skew(groups)
    if seen is None:
        return Note("test", "it does not need equal variances")
    return Note("test", f"{seen.text} and variances need not be equal", seen.facts)
