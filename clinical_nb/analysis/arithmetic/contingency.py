"""Tables of counts: expected counts, chi-squared and Cramér's V."""

import math
from collections.abc import Sequence

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import chi_squared_upper

Table = Sequence[Sequence[int]]
_NO_TABLE = "fewer than two rows or columns of the table have any counts"


def drop_empty(table: Table) -> list[list[int]]:
    """Leave out the rows and the columns without any counts."""
    columns = [place for place, column in enumerate(zip(*table, strict=True)) if sum(column)]
    return [[row[place] for place in columns] for row in table if sum(row)]


def expected_counts(table: Table) -> list[list[float]]:
    """Return the counts that independence of rows and columns would give."""
    total = sum(map(sum, table))
    columns = [sum(column) for column in zip(*table, strict=True)]
    return [[sum(row) * column / total for column in columns] for row in table]


def smallest_expected(table: Table) -> float:
    """Return the smallest expected count; 0 for an empty table."""
    return min((expected for row in expected_counts(table) for expected in row), default=0.0)


def chi_squared(table: Table) -> Inference:
    """Return Pearson's test without continuity correction; R's `chisq.test(table, correct = FALSE)`."""
    if not is_table(table):
        return Inference(reason=_NO_TABLE)
    pairs = [
        (count, expected)
        for row, expected_row in zip(table, expected_counts(table), strict=True)
        for count, expected in zip(row, expected_row, strict=True)
    ]
    statistic = math.fsum((count - expected) ** 2 / expected for count, expected in pairs)
    df = (len(table) - 1) * (len(table[0]) - 1)
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df))


def cramers_v(table: Table) -> Inference:
    """Return the strength of association from 0 to 1 (Cramér 1946), not corrected for bias."""
    statistic = chi_squared(table).statistic
    if statistic is None:
        return Inference(reason=_NO_TABLE)
    least = min(len(table), len(table[0])) - 1
    return Inference(estimate=math.sqrt(statistic / (sum(map(sum, table)) * least)))


def is_table(table: Table) -> bool:
    """Say whether there are two rows and two columns to be tested, none of them empty."""
    return len(table) > 1 and len(table[0]) > 1 and all(map(sum, table)) and all(map(sum, zip(*table, strict=True)))
