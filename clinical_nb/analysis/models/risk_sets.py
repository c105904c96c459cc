"""Who is at risk at each time of an event, as sums over counted rows: what Cox's likelihood is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinical_nb.analysis.distribution import Counts, Floats

_TERMS = 16  # of a series in how much of the risk the tied events are, at most 1/16: the last one is below 2**-60
_SMALL = 1 / 16
_BITS = 50  # columns of yes and no that a float tells apart
_MANY = 12  # tied events: up to here they are added one by one


@dataclass(frozen=True, slots=True)
class Ties:
    """Efron's sums over the tied events of each time, of what is left of those at risk without a share of the tied.

    `logs` of its logarithm; the others of one over it and of one over its square, and these times the share once and
    twice.
    """

    logs: Floats
    whole: Floats
    partly: Floats
    squares: tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Rows sorted by stratum and then by time: how many have each, and where each time with events begins.

    `order` sorts what belongs to the rows, such as their covariates.
    """

    order: NDArray[np.int64]
    time: Floats
    event: NDArray[np.bool_]
    counts: Counts
    stratum: NDArray[np.int64]
    begins: NDArray[np.int64]  # of each time of a stratum, with events or without: its first row
    some: NDArray[np.int64]  # of each time with events: its place among those
    end: NDArray[np.int64]  # of each time with events: behind the last time of its stratum
    tied: NDArray[np.int64]  # of each time with events: how many they are
    place: NDArray[np.int64]  # of each row: how many times with events, from the first stratum on, are no later
    events: NDArray[np.int64]  # the rows with the event
    own: NDArray[np.int64]  # of each time with events: its first row among those with the event
    powers: Floats  # of each time with events: the sums of the powers of its tied events' shares, where they are many

    @property
    def first(self) -> NDArray[np.int64]:
        """Of each time with events, its first row."""
        return self.begins[self.some]

    def at_risk(self, values: Floats) -> Floats:
        """Return the sum of those at risk at each time with events: time by time, added from the end of the table."""
        sums = np.add.reduceat(values, self.begins, axis=-1)
        padded = np.concatenate([np.cumsum(sums[..., ::-1], axis=-1)[..., ::-1], np.zeros_like(sums[..., :1])], axis=-1)
        return padded[..., self.some] - padded[..., self.end]

    def with_event(self, values: Floats) -> Floats:
        """Return the sum of those with the event at each time with events."""
        return np.add.reduceat(values.take(self.events, axis=-1), self.own, axis=-1)

    def seen(self, steps: Floats, own: Floats) -> Floats:
        """Return for each row the sum of some steps while at risk; of its own time less another if it has the event.

        Both of each time with events, in the last dimension.
        """
        strata = np.searchsorted(self.stratum, np.arange(int(self.stratum[-1]) + 1))
        total = np.concatenate([np.zeros_like(steps[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)
        begun = total[..., np.searchsorted(self.first, strata)]
        found = total.take(self.place, axis=-1)
        found -= begun[..., :1] if len(strata) == 1 else begun.take(self.stratum, axis=-1)
        found[..., self.events] -= own.take(self.place[self.events] - 1, axis=-1)
        return found


def order_rows(time: Floats, event: NDArray[np.bool_], counts: Counts, stratum: NDArray[Any] | None = None) -> RiskSets:
    """Return rows in their order, one stratum where none is given."""
    rows = len(time)
    strata = np.zeros(rows, dtype=np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
    order = np.argsort(time, kind="stable")  # which a table that is sorted by time costs nothing
    order = order[np.argsort(strata[order], kind="stable")] if stratum is not None else order
    time, event, counts, strata = time[order], event[order], counts[order], strata[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(time) != 0) | (np.diff(strata) != 0)] if rows else np.empty(0, bool))
    events = np.add.reduceat(counts * event, begins)
    some = np.flatnonzero(events > 0)
    tied = events[some]
    end = np.searchsorted(strata[begins], strata[begins[some]], side="right")
    starts = np.zeros(rows, dtype=np.int64)
    starts[begins[some]] = 1
    place = np.cumsum(starts)
    had = np.flatnonzero(event)
    own = np.searchsorted(had, begins[some])
    powers = _sum_powers(tied, 2 + _TERMS)
    return RiskSets(order, time, event, counts, strata, begins, some, end, tied, place, had, own, powers)


def merge_alike(sets: RiskSets, columns: Floats) -> tuple[RiskSets, Floats]:
    """Return rows of yes and no with those that are alike as one; as they are where that would not make them fewer.

    Parameters
    ----------
    sets, columns
        The rows, and their covariates in the same order, a line each.

    """
    width, rows = columns.shape
    if width > _BITS or not ((columns == 0) | (columns == 1)).all():
        return sets, columns
    bits = np.exp2(np.arange(width, dtype=np.float64))
    levels, level = np.unique(bits @ columns, return_inverse=True)
    if 2 * len(sets.begins) * len(levels) >= rows:
        return sets, columns
    starts = np.zeros(rows, dtype=np.int64)
    starts[sets.begins[1:]] = 1
    keys = (np.cumsum(starts) * 2 + sets.event) * len(levels) + level
    together = np.bincount(keys, sets.counts, 2 * len(sets.begins) * len(levels)).astype(np.int64)
    found = np.flatnonzero(together)
    some, level = np.divmod(found, len(levels))
    at, event = np.divmod(some, 2)
    first = sets.begins[at]
    merged = order_rows(sets.time[first], event.astype(bool), together[found], sets.stratum[first])
    written = levels.astype(np.int64)[level[merged.order]]
    return merged, np.array([(written >> bit) & 1 for bit in range(width)], dtype=np.float64)


def _sum_powers(tied: NDArray[np.int64], powers: int) -> Floats:
    """Return the sums of the powers 0, 1, … of r / d over r = 0 … d - 1, for each number d of tied events."""
    most = int(tied.max(initial=1))
    places = np.arange(most) / most
    one, found = np.ones(most), np.empty((powers, len(tied)))
    for power in range(powers):
        found[power] = np.cumsum(one)[tied - 1] * (most / tied) ** power
        one = one * places
    return found


def sum_ties(sets: RiskSets, at_risk: Floats, with_event: Floats) -> Ties:
    """Return Efron's sums over the tied events (Efron 1977).

    Parameters
    ----------
    sets
        The rows.
    at_risk, with_event
        The sums of the risks of those at risk, and of those with the event, at each time with events.

    """
    inverse = 1.0 / at_risk
    ratio = with_event * inverse
    logs: Floats = (sets.tied * np.log(at_risk)).astype(np.float64)
    none = np.zeros_like(at_risk)
    whole, one = inverse.copy(), inverse * inverse
    partly, mixed, two = none, none.copy(), none.copy()
    partly = partly.copy()
    many = (sets.tied > _MANY) & (ratio <= _SMALL)
    if many.any():
        found = _by_series(ratio[many], sets.powers[:, many])
        unit = inverse[many]
        logs[many] += found[0]
        whole[many], partly[many] = found[1] * unit, found[2] * unit
        one[many], mixed[many], two[many] = (each * unit * unit for each in found[3:])
    rest = np.flatnonzero((sets.tied > 1) & ~many)
    if len(rest):
        tied = sets.tied[rest]
        begins = np.cumsum(tied) - tied
        share = (np.arange(int(tied.sum())) - np.repeat(begins, tied)) / np.repeat(tied, tied)
        left = np.repeat(at_risk[rest], tied) - share * np.repeat(with_event[rest], tied)
        each = 1.0 / left
        part = share * each
        logs[rest] = np.add.reduceat(np.log(left), begins)
        whole[rest], partly[rest] = np.add.reduceat(each, begins), np.add.reduceat(part, begins)
        one[rest], mixed[rest], two[rest] = (
            np.add.reduceat(product, begins) for product in (each * each, each * part, part * part)
        )
    return Ties(logs, whole, partly, (one, mixed, two))


def _by_series(ratio: Floats, powers: Floats) -> tuple[Floats, ...]:
    """Return the sums over the tied events of log(1 - r s), 1 / (1 - r s), its square, and these times the share s."""
    sums = [np.zeros_like(ratio) for _ in range(6)]
    power = np.ones_like(ratio)
    for term in range(_TERMS):
        if term:
            sums[0] -= power / term * powers[term]
        sums[1] += power * powers[term]
        sums[2] += power * powers[term + 1]
        for times in range(3):
            sums[3 + times] += (term + 1) * power * powers[term + times]
        power = power * ratio
    return tuple(sums)
