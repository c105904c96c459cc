"""Whether an outcome rises or falls over groups that have an order: Cochran-Armitage and Jonckheere-Terpstra."""

import math
from collections.abc import Sequence
from itertools import combinations

from clinical_nb.analysis.arithmetic.contingency import Table
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.ranks import rank_sums
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper, normal_two_sided
from clinical_nb.analysis.counted.levels import Grouping
from clinical_nb.analysis.distribution import Distribution, pool
from clinical_nb.result import Note

_LEAST = 3  # groups that can have a trend beyond a difference


def has_order(grouping: Grouping) -> bool:
    """Say whether there are three groups or more, and numbers or the dictionary put them in an order."""
    column = grouping.column
    return column is not None and len(grouping.levels) >= _LEAST and (column.ordered or column.kind == "numeric")


def note_trend(grouping: Grouping) -> list[Note]:
    """Say in which order a trend is looked for."""
    text = "The trend is tested over the groups of {by} in this order: {levels}."
    levels = ", ".join(map(grouping.label, grouping.levels))
    return [Note("assumption", text, {"by": grouping.name, "levels": levels})]


def cochran_armitage(table: Table) -> Inference:
    """Return the test of a trend in proportions (Cochran 1954, Armitage 1955); R's `prop.trend.test`.

    Parameters
    ----------
    table
        Rows with and without the event (columns) in each group (rows), in order; their scores are 1, 2, 3 and so on.

    """
    sizes = [sum(row) for row in table]
    rows, events = sum(sizes), sum(row[0] for row in table)
    if min(sizes) < 2:  # noqa: PLR2004 - METHODS: no test with a group of fewer than 2
        return Inference(reason=TOO_FEW)
    if events in (0, rows):
        return Inference(reason="everybody or nobody has the event")
    centre = math.fsum(score * size for score, size in enumerate(sizes)) / rows
    share = events / rows
    slope = math.fsum((score - centre) * row[0] for score, row in enumerate(table))
    spread = share * (1 - share) * math.fsum(size * (score - centre) ** 2 for score, size in enumerate(sizes))
    statistic = slope * slope / spread
    return Inference(statistic=statistic, df=1, p=chi_squared_upper(statistic, 1))


def jonckheere(groups: Sequence[Distribution]) -> Inference:
    """Return the test of values that rise or fall from group to group (Jonckheere 1954, Terpstra 1952).

    The normal approximation, corrected for ties: that of Kendall's tau between group and value, R's
    `cor.test(as.integer(group), x, method = "kendall", exact = FALSE)`. The statistic is z, above 0 where values rise.
    """
    sizes = [group.n for group in groups]
    if min(sizes) < 2:  # noqa: PLR2004 - METHODS
        return Inference(reason=TOO_FEW)
    score = 0  # twice the pairs of which the later group's value is the higher, less twice all others
    for earlier, later in combinations(groups, 2):
        sums = rank_sums([later, earlier])
        score += sums.doubled[0] - later.n * (later.n + 1) - later.n * earlier.n
    n = sum(sizes)
    tied = pool(groups).counts.tolist()
    if len(tied) == 1:
        return Inference(reason="all values are the same")
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in (*sizes, *tied))) / 18
    variance += _total(sizes, 1) * _total(tied, 1) / (2 * n * (n - 1))
    variance += _total(sizes, 2) * _total(tied, 2) / (9 * n * (n - 1) * (n - 2))
    z = score / math.sqrt(variance)
    return Inference(statistic=z, p=normal_two_sided(z))


def _total(sizes: Sequence[int], least: int) -> int:
    """Return the sum of t (t - 1), or of t (t - 1) (t - 2)."""
    return sum(math.prod(size - below for below in range(least + 1)) for size in sizes)
