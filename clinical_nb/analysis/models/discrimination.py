"""How well fitted shares tell those with an event from those without, and whether they are as high as what happened."""

import math

import numpy as np

from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.tails import Z95, chi_squared_upper
from clinical_nb.analysis.distribution import Counts, Floats

_ALIKE = 10  # decimals of a share: what differs beyond them differs by rounding
_PARTS = 10
_FEWEST = 3


def auc_of(expected: Floats, events: Counts, others: Counts) -> Inference:
    """Return how often one with the event has the higher share, ties counting half (DeLong 1988; `pROC::ci.auc`).

    Parameters
    ----------
    expected
        Distinct shares in increasing order.
    events, others
        The rows of each share with the event and without.

    """
    cases, controls = int(events.sum()), int(others.sum())
    if not len(expected) or min(cases, controls) < 2:  # noqa: PLR2004 - a variance needs two
        return Inference(reason="fewer than 2 rows with the event, or without")
    below = (np.cumsum(others) - others / 2) / controls
    above = 1 - (np.cumsum(events) - events / 2) / cases
    auc = float((events * below).sum() / cases)
    spread = [
        float((rows * (place - auc) ** 2).sum() / (n - 1) / n)
        for rows, place, n in ((events, below, cases), (others, above, controls))
    ]
    error = math.sqrt(sum(spread))
    return Inference(estimate=auc, low=max(0.0, auc - Z95 * error), high=min(1.0, auc + Z95 * error))


def hosmer_lemeshow(expected: Floats, events: Counts, others: Counts) -> Inference:
    """Compare events with what the shares make expect, in tenths of the rows (Hosmer & Lemeshow 1980)."""
    rows = events + others
    bounds = np.unique([_quantile(expected, rows, tenth) for tenth in range(_PARTS + 1)])
    parts = len(bounds) - 1
    if parts < _FEWEST:
        return Inference(reason="the model expects too few different shares")
    place = np.maximum(np.searchsorted(bounds, expected, side="left") - 1, 0)
    total, had, awaited = (np.bincount(place, of, parts) for of in (rows, events, rows * expected))
    some = total > 0
    total, had, awaited = total[some], had[some], awaited[some]
    apart = (had - awaited) ** 2
    statistic = float((apart / awaited + apart / (total - awaited)).sum())
    return Inference(statistic=statistic, df=parts - 2, p=chi_squared_upper(statistic, parts - 2))


def by_share(expected: Floats, event: Floats, counts: Counts) -> tuple[Floats, Counts, Counts]:
    """Return the distinct shares in increasing order, with the rows of each that had the event and that had not."""
    shares, places = np.unique(np.round(expected, _ALIKE), return_inverse=True)
    events, others = (
        np.bincount(places, counts * had, len(shares)).astype(np.int64) for had in (event > 0, event <= 0)
    )
    return shares, events, others


def _quantile(values: Floats, counts: Counts, tenth: int) -> float:
    """Return a decile of sorted values with their rows (type 7 of Hyndman & Fan 1996)."""
    ends = np.cumsum(counts)
    place, rest = divmod((int(ends[-1]) - 1) * tenth, _PARTS)
    low, high = (
        float(values[np.searchsorted(ends, at, side="right")]) for at in (place, min(place + 1, int(ends[-1]) - 1))
    )
    return low + (high - low) * rest / _PARTS
