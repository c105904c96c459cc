"""Each pair of several groups compared, p corrected for the number of pairs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import pooled_t, welch_t
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.ranks import rank_sums, wilcoxon
from clinical_nb.analysis.arithmetic.tukey import tukey_hsd
from clinical_nb.analysis.counted.levels import Grouping
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.analysis.kinds.comparison import Test
from clinical_nb.errors import PlanError
from clinical_nb.plan import Compare
from clinical_nb.result import Note, Statistic

_RANKED = ("wilcoxon", "kruskal_wallis", "jonckheere")
_PAIR = 2
_MOST_TOLD = 6  # pairs that one sentence can hold
_VERDICT = 0.05
Parts = tuple[list[Statistic], list[Note]]


def refuse_pairs(plan: Compare, grouping: Grouping, *, numeric: bool) -> None:
    """Refuse pairs of two groups alone, and Tukey's method where there are no means.

    Raises
    ------
    PlanError
        When it is so.

    """
    if plan.pairwise and len(grouping.levels) == _PAIR:
        raise PlanError(f"'{grouping.name}' has two groups, which are one pair.", "Compare them without pairs.")
    if plan.pairwise == "tukey" and not numeric:
        raise PlanError("Tukey's method compares means, and there are none here.", "Ask for pairs by Holm's method.")


def compare_pairs(plan: Compare, grouping: Grouping, groups: Sequence[Distribution], main: Test) -> Parts:
    """Compare each pair of groups on a number, in the way of the main test.

    Contexts "pairwise_t_test_welch", "pairwise_t_test_pooled" (after a classical analysis of variance) or
    "pairwise_wilcoxon", p beside p corrected by Holm; or "tukey", whose p and interval are of all pairs at once. The
    later group comes first, less the earlier.
    """
    if plan.pairwise == "tukey":
        text = "Pairs by Tukey's method: intervals and p hold for all pairs at once, with equal variances supposed."
        notes = [Note("test", text)]
        if main.context in _RANKED:
            notes.append(Note("caution", "Tukey's method compares means, though ranks say more of these values."))
        found = [(pair, Test("tukey", tukey_hsd(*_of(pair, groups), groups))) for pair in _pairs(groups)]
        return write_pairs(found, plan.outcome if isinstance(plan.outcome, str) else "", grouping), notes
    context, name, run = _way(groups, main)
    found = [(pair, Test(f"pairwise_{context}", run(*_of(pair, groups)))) for pair in _pairs(groups)]
    notes = [
        Note("test", f"Pairs by {name}, p corrected for {{pairs}} of them by Holm's method.", {"pairs": len(found)})
    ]
    notes += _note_otherwise(found, groups, grouping, context)
    return write_pairs(found, plan.outcome if isinstance(plan.outcome, str) else "", grouping), notes


def _note_otherwise(
    found: Sequence[tuple[tuple[int, int], Test]], groups: Sequence[Distribution], grouping: Grouping, context: str
) -> list[Note]:
    """Say what the other defensible test of pairs finds, ranks instead of means or means instead of ranks."""
    ranked = context == "wilcoxon"
    name = "Welch's t test" if ranked else "Wilcoxon's rank-sum test"
    tested = [
        welch_t(*of) if ranked else wilcoxon(rank_sums(list(of))) for of in (_of(pair, groups) for pair, _ in found)
    ]
    known = [each.p for each in tested if each.p is not None]
    first = [test.found.p for _, test in found if test.found.p is not None]
    if not len(known) == len(first) == len(found) <= _MOST_TOLD:
        return []
    here, there = (list(holm(dict(enumerate(each))).values()) for each in (first, known))
    changes = any((one < _VERDICT) != (other < _VERDICT) for one, other in zip(here, there, strict=True))
    effect = "that changes a verdict at 0.05" if changes else "the verdicts at 0.05 are the same"
    facts: dict[str, float | int | str] = {}
    said: list[str] = []
    for place, ((pair, _), p) in enumerate(zip(found, there, strict=True)):
        one, other = (grouping.text(grouping.levels[each]) for each in pair)
        facts |= {f"one_{place}": one, f"other_{place}": other, f"p_{place}": p}
        said.append(f"p = {{p_{place}}} ({{one_{place}}} against {{other_{place}}})")
    return [
        Note("alternative", f"{name} of each pair is defensible too, corrected {', '.join(said)}: {effect}.", facts)
    ]


def write_pairs(found: Sequence[tuple[tuple[int, int], Test]], outcome: str, grouping: Grouping) -> list[Statistic]:
    """Return the rows of each pair, with p corrected by Holm's method unless it holds for all pairs already."""
    adjusted = holm({pair: test.found.p for pair, test in found if test.found.p is not None})
    statistics: list[Statistic] = []
    for pair, test in found:
        names = [(grouping.name, grouping.text(grouping.levels[place])) for place in pair]
        inference = test.found
        if test.context == "tukey":
            corrected = inference.p
            statistics += write_inference(test.context, outcome, replace(inference, p=None), names)
        else:
            corrected = adjusted.get(pair)
            statistics += write_inference(test.context, outcome, inference, names)
        if corrected is not None or test.context == "tukey":
            rows = {"p.adjusted": corrected}
            statistics += write_rows(test.context, outcome, rows, names, reason=inference.reason)
    return statistics


def pair_tables(table: Sequence[Sequence[int]]) -> list[tuple[tuple[int, int], list[Sequence[int]]]]:
    """Return each pair of groups of a table, the later one first."""
    return [(pair, [table[place] for place in pair]) for pair in _pairs(table)]


def _way(
    groups: Sequence[Distribution], main: Test
) -> tuple[str, str, Callable[[Distribution, Distribution], Inference]]:
    if main.context in _RANKED:
        return "wilcoxon", "Wilcoxon's rank-sum test", lambda one, other: wilcoxon(rank_sums([one, other]))
    if main.context == "anova":
        name = "t tests with the variance within all groups"
        return "t_test_pooled", name, lambda one, other: pooled_t(one, other, groups)
    return "t_test_welch", "Welch's t test", welch_t


def _pairs(groups: Sequence[object]) -> list[tuple[int, int]]:
    return [(later, earlier) for earlier, later in combinations(range(len(groups)), 2)]


def _of(pair: tuple[int, int], groups: Sequence[Distribution]) -> tuple[Distribution, Distribution]:
    return groups[pair[0]], groups[pair[1]]
