"""Survival in bands of time, each with many or none: a curve would go down by one person at a time, at her time.

Bands end at round times, never at a person's. In each of them, of each group, more than the small number had the event
or none, and as many were last seen or none, so that all that is told, the life table included, is worked out of counts
that may be shown (Cutler & Ederer 1958). ACRO and OpenSAFELY delay events likewise, until the threshold is reached.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clinical_nb.analysis.ard import Group, write_rows
from clinical_nb.analysis.arithmetic.tails import Z95
from clinical_nb.analysis.kinds.survive import round_times
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.disclosure.profile import Profile
from clinical_nb.disclosure.rows import Codes, Numbers, Rows, Table, Variable, rows_of_group
from clinical_nb.plan import FollowUp, Survive, name_of
from clinical_nb.result import Note, Result, Statistic

CONTEXT = "life_table"
_MARKS = 24  # round times at which a band may end
_COARSEST = 3  # roundings in the longest time, at least, for a rounded time to tell anything
Cells = np.ndarray[tuple[int, int], np.dtype[np.int64]]  # in each group, those with the event and those without


def add_bands(plan: Survive, result: Result, table: Table, unit: str, profile: Profile) -> tuple[Result, Table]:
    """Return a result with the life table of bands that may be told, and the rows with the band of each.

    Both are returned as they are where there are none: of several groupings or strata, or where too few had the event.
    """
    name, event = f"{plan.time} in bands", name_of(plan.event)
    time = table.variables[plan.time]
    if time.numbers is None or plan.strata or len(plan.by) > 1 or name in table.variables or not table.one_row_each:
        return result, table
    known = table.known((plan.time, event, *map(name_of, plan.by)))
    group = table.variables[name_of(plan.by[0])] if plan.by else None
    found = _Followed(
        time.numbers[known],
        table.variables[event].has("yes")[known],
        group.codes[known] if group else np.zeros(int(known.sum()), np.int64),
    )
    ends = found.ends(plan.at, unit, profile)
    if not ends:
        return result, table
    levels = tuple(_say(low, high) for low, high in zip((0.0, *ends), (*ends, None), strict=True))
    codes = np.where(time.known, np.searchsorted(ends, np.nan_to_num(time.numbers), side="left"), -1)
    statistics = [
        statistic
        for number in np.unique(found.groups).tolist()
        for statistic in found.life_table(number, ends, levels, event, _named(plan, group, number))
    ]
    text = (
        "Survival is told by a life table of bands of time, in each of which {least} or more had the event or none, "
        "and {least} or more were last seen or none. Those last seen in a band count for half of it, so that the "
        "shares are near Kaplan-Meier's and not the same."
    )
    notes = (*result.notes, Note("caution", text, {"least": profile.most + 1}))
    variables = {**table.variables, name: Variable(levels, codes.astype(np.int64))}
    told = Result((*result.statistics, *statistics), notes)
    return told, replace(table, variables=variables, bands=name)


@dataclass(frozen=True, slots=True)
class _Followed:
    """The time of each person, whether it ended with the event, and the group that the person is in."""

    times: Numbers
    events: Rows
    groups: Codes

    def ends(self, asked: Sequence[float], unit: str, profile: Profile) -> tuple[float, ...]:
        """Return the ends of bands that have many or none of each; all of them, where there are none."""
        if not len(self.times):
            return ()
        marks = sorted({*round_times(float(self.times.max()), unit, _MARKS), *asked})
        everybody = self._by(math.inf)
        kept: list[float] = []
        for mark in marks:
            if not (mark > 0 and ((everybody - self._by(mark)).sum(axis=1) > profile.most).all()):
                continue
            before = list(kept)
            while not self._is_safe(kept, mark, profile) and mark in asked and kept:
                kept.pop()  # what was asked for is worth wider bands before it
            kept = [*kept, mark] if self._is_safe(kept, mark, profile) else before
        while kept and not self._is_safe(kept, math.inf, profile):
            kept.pop()
        return tuple(kept)

    def _is_safe(self, kept: Sequence[float], end: float, profile: Profile) -> bool:
        cells = self._by(end) - (self._by(kept[-1]) if kept else 0)
        return bool(cells.any() and ((cells == 0) | (cells > profile.most)).all())

    def _by(self, end: float) -> Cells:
        """Count those with and without the event up to a time, a row each group."""
        before = self.times <= end
        return np.array(
            [
                [int((inside & self.events).sum()), int((inside & ~self.events).sum())]
                for inside in (before & (self.groups == number) for number in np.unique(self.groups))
            ],
            dtype=np.int64,
        )

    def life_table(
        self, number: int, ends: Sequence[float], levels: Sequence[str], event: str, names: Sequence[Group]
    ) -> Iterator[Statistic]:
        """Yield the counts of each band of a group, and the share without the event at its end, with its interval."""
        place = int(np.flatnonzero(np.unique(self.groups) == number)[0])
        share, spread, low = 1.0, 0.0, np.zeros(2, np.int64)
        everybody = self._by(math.inf)[place]
        for end, level in zip((*ends, math.inf), levels, strict=True):
            high = self._by(end)[place]
            at_risk, (having, censored) = int((everybody - low).sum()), (high - low).tolist()
            numbers: dict[str, float | None] = {"n.risk": at_risk, "n.event": having, "n.censored": censored}
            if math.isfinite(end):
                exposed = at_risk - censored / 2
                share *= 1 - having / exposed
                spread += having / (exposed * (exposed - having))
                bounds = _bounds(share, spread)
                numbers |= {"estimate": share, "conf.low": bounds[0], "conf.high": bounds[1]}
            yield from write_rows(CONTEXT, event, numbers, names, level=level, reason="the share is 1 or 0")
            low = high


def _bounds(share: float, spread: float) -> tuple[float | None, float | None]:
    """Return the 95 % interval on the log-minus-log scale, by Greenwood's sum."""
    if not 0 < share < 1:
        return None, None
    reach = Z95 * math.sqrt(spread) / -math.log(share)
    return share ** math.exp(reach), share ** math.exp(-reach)


def _named(plan: Survive, group: Variable | None, number: int) -> Sequence[Group]:
    return [(name_of(plan.by[0]), group.levels[number])] if group else []


def _say(low: float, high: float | None) -> str:
    if high is None:
        return f"over {value_text(low)}"
    return f"over {value_text(low)} to {value_text(high)}" if low else f"0 to {value_text(high)}"


def round_median(
    plan: Survive | FollowUp, each: Statistic, table: Table, profile: Profile
) -> tuple[float, float] | None:
    """Return a median time, or a bound of it, rounded so far that more than the small number have theirs within it.

    A median is somebody's own time. The second number is what it is rounded to multiples of. None where that would have
    to be a third of the longest time or more.
    """
    numbers, event = table.variables[plan.time].numbers, table.variables[name_of(plan.event)]
    if each.stat is None or numbers is None:
        return None
    rows = rows_of_group(table, each) & table.known((plan.time, name_of(plan.event)))
    if each.context == "survival":
        rows &= event.has("yes")
    elif each.stat_name != "median":
        rows &= event.has("no")  # by reversed Kaplan-Meier, being last seen is the event
    times = numbers[rows]
    longest = float(times.max(initial=0.0))
    power = math.floor(math.log10(longest)) - 3 if longest > 0 else 0
    for unit in (step * 10.0**exponent for exponent in range(power, power + 4) for step in (1, 2, 5)):
        if unit * _COARSEST > longest:
            break
        nearest = unit * round(each.stat / unit)
        if int((np.abs(times - nearest) <= unit / 2).sum()) > profile.most:
            return nearest, unit
    return None
