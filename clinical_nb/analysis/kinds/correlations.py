"""Several columns correlated pair by pair, or with others held still."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from clinical_nb.analysis.ard import write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.partial import (
    partial_correlations,
    partial_rank_correlations,
    rank_columns,
)
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.pairs import margin
from clinical_nb.analysis.counted.patterns import PatternTable, count_patterns
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.guards.skew import find_skew
from clinical_nb.analysis.kinds.comparison import ASKED
from clinical_nb.analysis.kinds.correlate import ranks_only, refuse_levels
from clinical_nb.errors import PlanError
from clinical_nb.plan import Correlations
from clinical_nb.result import Note, Result, Statistic

_MOST = 12  # columns: 66 pairs
_MANY = 10  # pairs of which one is likely to be below 0.05 by chance


def correlations(plan: Correlations, scan: Scan) -> Result:
    """Correlate each pair of columns on the rows where all columns are known, so that all pairs are of the same rows.

    Contexts "matrix_pearson" and "matrix_spearman", the headline first, p beside p corrected by Holm for all pairs.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or neither measures nor ranks, there are more than 12, or a person has several rows.

    """
    if len(plan.columns) > _MOST:
        raise PlanError(f"{len(plan.columns)} columns make too many pairs.", f"Name at most {_MOST} columns.")
    names = (*plan.columns, *plan.given)
    for name in names:
        refuse_levels(scan, name)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    table = count_patterns(scan, names, (), plan.cohort.where)
    refuse_nobody(table.rows)
    if not table.used:
        raise PlanError("No row here has a known value in all of these columns.", "Ask for fewer columns.")
    values = np.column_stack([table.values[name] for name in names])
    ranks = rank_columns(values, table.counts)
    because = ASKED if plan.test else _ranked(plan, scan, table)
    by_ranks = plan.test == "spearman" or (not plan.test and because is not None)
    given = len(plan.given)
    ways = [
        ("matrix_pearson", partial_correlations(values, table.counts, given)),
        ("matrix_spearman", partial_rank_correlations(ranks, table.counts, given)),
    ]
    statistics: list[Statistic] = []
    for context, found in reversed(ways) if by_ranks else ways:
        statistics += _write(plan, context, found, table.used)
    headline = "Spearman's rank correlation" if by_ranks else "Pearson's correlation"
    why = because or Note("test", "no column is clearly skewed; it measures a straight line only")
    notes = [Note("test", f"{headline}, because {why.text}.", why.facts)]
    if plan.given:
        text = "Each is a partial correlation: {given} is held still, as if all had the same."
        notes.append(Note("assumption", text, {"given": " and ".join(plan.given)}))
    pairs = len(plan.columns) * (len(plan.columns) - 1) // 2
    if pairs > _MANY:
        text = "{pairs} pairs are many: one in 20 is below 0.05 by chance. p corrected by Holm's method is beside each."
        notes.append(Note("caution", text, {"pairs": pairs}))
    missing = [note for name, n in table.missing.items() for note in note_missing(scan, name, n, plan.cohort.where)]
    return Result(tuple(statistics), (*note_who(scan, who, table.used, table.rows), *missing, *notes))


def _ranked(plan: Correlations, scan: Scan, table: PatternTable) -> Note | None:
    """Return why ranks come first: a column that only ranks, or one that is clearly skewed."""
    for name in plan.columns:
        found = margin(table.values[name], table.counts)
        if ranks_only(scan, name, found):
            return Note("test", "the levels of {variable} only rank", {"variable": name})
        if why := find_skew([found], name):
            return why
    return None


def _write(plan: Correlations, context: str, found: dict[tuple[int, int], Inference], rows: int) -> Sequence[Statistic]:
    corrected = holm({pair: each.p for pair, each in found.items() if each.p is not None})
    statistics: list[Statistic] = []
    for pair in combinations(range(len(plan.columns)), 2):
        one, other = (plan.columns[place] for place in pair)
        names = [("with", other)]
        statistics += write_rows(context, one, {"N": rows}, names)
        statistics += write_inference(context, one, found[pair], names)
        if len(found) > 1 and pair in corrected:
            statistics += write_rows(context, one, {"p.adjusted": corrected[pair]}, names)
    return statistics
