"""A table in each of several strata, and what they say together: Mantel-Haenszel, CMH and Breslow-Day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper
from clinical_nb.analysis.distribution import Floats

_SAME = 1e-10
_NO_RATIO = "in no stratum is there what its ratio needs: both groups, with the event and without"


@dataclass(frozen=True, slots=True)
class Fourfold:
    """How many of one group and of the reference have an event, and how many do not."""

    events: int
    others: int
    reference_events: int
    reference_others: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.events + self.others + self.reference_events + self.reference_others

    @property
    def informs(self) -> bool:
        """Whether there are both groups, and both some with the event and some without."""
        rows = self.events + self.others, self.reference_events + self.reference_others
        return all(rows) and 0 < self.events + self.reference_events < self.n


def common_odds_ratio(strata: Sequence[Fourfold]) -> Inference:
    """Return Mantel and Haenszel's odds ratio, its interval by Robins, Breslow & Greenland (1986).

    R's `mantelhaen.test(table)$estimate` and `$conf.int`.
    """
    products = [_products(each) for each in strata if each.n]
    up, down = (math.fsum(each[place] for each in products) for place in (2, 3))
    if not up or not down:
        return Inference(reason=_NO_RATIO)
    variance = math.fsum(p * r for p, _, r, _ in products) / (2 * up * up)
    variance += math.fsum(p * s + q * r for p, q, r, s in products) / (2 * up * down)
    variance += math.fsum(q * s for _, q, _, s in products) / (2 * down * down)
    return _ratio(up / down, variance)


def common_risk_ratio(strata: Sequence[Fourfold]) -> Inference:
    """Return Mantel and Haenszel's risk ratio, its interval by Greenland & Robins (1985)."""
    up = down = spread = 0.0
    for each in strata:
        if not each.n:
            continue
        rows, reference = each.events + each.others, each.reference_events + each.reference_others
        events = each.events + each.reference_events
        up += each.events * reference / each.n
        down += each.reference_events * rows / each.n
        spread += (rows * reference * events - each.events * each.reference_events * each.n) / each.n**2
    if not up or not down:
        return Inference(reason=_NO_RATIO)
    return _ratio(up / down, spread / (up * down))


def cochran_mantel_haenszel(strata: Sequence[Fourfold]) -> Inference:
    """Return the test of no difference within any stratum; R's `mantelhaen.test(table, correct = FALSE)`."""
    apart = spread = 0.0
    for each in strata:
        if each.n < 2:  # noqa: PLR2004 - one row has no variance
            continue
        rows, events = each.events + each.others, each.events + each.reference_events
        apart += each.events - rows * events / each.n
        spread += rows * (each.n - rows) * events * (each.n - events) / (each.n**2 * (each.n - 1))
    if not spread:
        return Inference(reason="no stratum has both groups, and both the event and its absence")
    statistic = apart * apart / spread
    return Inference(statistic=statistic, df=1, p=chi_squared_upper(statistic, 1))


def general_association(strata: Sequence[NDArray[np.int64]]) -> Inference:
    """Return the test of no association within any stratum between any number of groups and of levels.

    R's `mantelhaen.test` of a larger table (Landis, Heyman & Koch 1978): the tables have one shape, groups in rows. A
    group or a level without rows anywhere is left out, and so is a stratum of a single row.
    """
    tables = np.array([each for each in strata if each.sum() > 1], dtype=np.float64)
    if not len(tables):
        return Inference(reason="no stratum has two rows")
    whole = tables.sum(axis=0)
    tables = _in_one_order(tables[:, whole.sum(axis=1) > 0][:, :, whole.sum(axis=0) > 0])
    _, groups, levels = tables.shape
    if min(groups, levels) < 2:  # noqa: PLR2004 - nothing to compare
        return Inference(reason="there is one group or one level only")
    apart = np.zeros((groups - 1) * (levels - 1))
    spread = np.zeros((len(apart), len(apart)))
    for table in tables:
        n, rows, columns = table.sum(), table.sum(axis=1)[:-1], table.sum(axis=0)[:-1]
        apart += (table[:-1, :-1] - np.outer(rows, columns) / n).reshape(-1)
        one, other = (np.diag(n * each) - np.outer(each, each) for each in (rows, columns))
        spread += np.kron(one, other) / (n * n * (n - 1))
    if np.linalg.matrix_rank(spread, tol=_SAME * float(np.abs(spread).max())) < len(apart):
        return Inference(reason="some groups or levels never meet within a stratum")
    statistic = float(apart @ np.linalg.solve(spread, apart))
    return Inference(statistic=statistic, df=len(apart), p=chi_squared_upper(statistic, len(apart)))


def _in_one_order(tables: Floats) -> Floats:
    """Put groups, levels and strata into an order of their counts, so that no other order of theirs changes a bit."""
    alike = np.sort(tables, axis=2)
    tables = tables[:, sorted(range(tables.shape[1]), key=lambda row: alike[:, row].tolist())]
    tables = tables[:, :, sorted(range(tables.shape[2]), key=lambda column: tables[:, :, column].tolist())]
    tables = tables[:, sorted(range(tables.shape[1]), key=lambda row: tables[:, row].tolist())]
    return tables[sorted(range(len(tables)), key=lambda stratum: tables[stratum].tolist())]


def breslow_day(strata: Sequence[Fourfold], ratio: float | None) -> Inference:
    """Return the test that all strata have one odds ratio (Breslow & Day 1980, p. 142), without Tarone's correction."""
    informing = [each for each in strata if each.informs]
    if ratio is None or len(informing) < 2:  # noqa: PLR2004 - nothing to be alike
        return Inference(reason="fewer than two strata have an odds ratio")
    statistic = 0.0
    for each in informing:
        expected = _expected(each, ratio)
        rows, events = each.events + each.others, each.events + each.reference_events
        cells = (expected, rows - expected, events - expected, each.n - rows - events + expected)
        statistic += (each.events - expected) ** 2 * math.fsum(1 / cell for cell in cells)
    df = len(informing) - 1
    return Inference(statistic=statistic, df=df, p=chi_squared_upper(statistic, df))


def _expected(table: Fourfold, ratio: float) -> float:
    """Return how many of the first group would have the event at this odds ratio, margins fixed."""
    rows, events = table.events + table.others, table.events + table.reference_events
    square, linear, constant = 1 - ratio, table.n - rows - events + ratio * (rows + events), -ratio * rows * events
    root = math.sqrt(linear * linear - 4 * square * constant)
    # Of the two roots the one within the margins; written so that it holds where the ratio is near 1 too.
    return -2 * constant / (linear + root)


def _products(table: Fourfold) -> tuple[float, float, float, float]:
    a, b, c, d = table.events, table.others, table.reference_events, table.reference_others
    return (a + d) / table.n, (b + c) / table.n, a * d / table.n, b * c / table.n


def _ratio(value: float, variance: float) -> Inference:
    factor = math.exp(Z95 * math.sqrt(variance))
    return Inference(value, value / factor, value * factor)
