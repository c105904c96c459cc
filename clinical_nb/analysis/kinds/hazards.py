"""Groups compared by how soon an event comes: the log-rank test, hazard ratios, and mean times up to a limit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clinical_nb.analysis.ard import write_inference
from clinical_nb.analysis.arithmetic.event_times import EventTimes, log_rank, log_rank_trend, restricted_mean
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.means import TOO_FEW
from clinical_nb.analysis.arithmetic.tails import Z95, normal_two_sided
from clinical_nb.analysis.counted.levels import Grouping, name_group, reference_of
from clinical_nb.analysis.counts import Key, Level
from clinical_nb.analysis.distribution import Floats
from clinical_nb.analysis.models.cox import check_proportional, fit_cox
from clinical_nb.analysis.models.risk_sets import RiskSets, order_rows
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.result import Note, Statistic

_FEW_EVENTS = 5
_LEAST = 2  # of a group that is tested
_VERDICT = 0.05


@dataclass(frozen=True, slots=True)
class Groups:
    """Each group's follow-up in every stratum, in display order, with its name in the results.

    `against` is the level that the others are compared with, `until` how far mean times go, where either was named.
    """

    groupings: Sequence[Grouping]
    found: Mapping[Key, EventTimes]
    strata: Sequence[Mapping[Key, EventTimes]]
    against: Sequence[Level] = ()
    until: Sequence[float] = ()

    def name(self, key: Key) -> list[tuple[str, str]]:
        """Return the name of each variable that makes groups, and the level of one group, as the results write them."""
        return name_group(self.groupings, key)


def compare_hazards(groups: Groups, event: str) -> tuple[list[Statistic], list[Note]]:
    """Return the test of the groups, their hazard ratios against the reference, and their mean times."""
    grouping = groups.groupings[0]
    levels = [key[0] for key in groups.found]
    named = [level for level in levels if value_text(level) in map(value_text, groups.against)]
    reference = named[0] if named else reference_of(Grouping(grouping.variable, tuple(levels), grouping.column))
    others = [level for level in levels if level != reference]
    pairs = [[(grouping.name, grouping.text(level)) for level in (other, reference)] for other in others]
    everyone = pairs[0] if len(pairs) == 1 else [(grouping.name, None)]
    within = [[stratum[level,] for level in levels] for stratum in groups.strata]
    sizes = {level: groups.found[level,].n for level in levels}
    few = Inference(reason=TOO_FEW) if min(sizes.values()) < _LEAST else None
    test = few or log_rank(within)
    ratios, proportional = _hazard_ratios(groups, others, reference)
    ratios = [
        ratio if min(sizes[other], sizes[reference]) >= _LEAST else Inference(reason=TOO_FEW)
        for other, ratio in zip(others, ratios, strict=True)
    ]
    proportional = few or proportional
    until = next(iter(groups.until), min(found.last or 0.0 for found in groups.found.values()))
    statistics = write_inference("log_rank", event, test, everyone)
    if len(levels) > 2 and grouping.column is not None and grouping.column.ordered:  # noqa: PLR2004 - two have no trend
        statistics += write_inference("log_rank_trend", event, few or log_rank_trend(within), everyone)
    for names, ratio in zip(pairs, ratios, strict=True):
        statistics += write_inference("hazard_ratio", event, ratio, names)
    statistics += write_inference("proportional_hazards", event, proportional, everyone)
    statistics += restricted_means(groups, event, until)
    if len(pairs) == 1:
        difference = few or _difference(groups.found[others[0],], groups.found[reference,], until)
        statistics += write_inference("restricted_mean_difference", event, difference, pairs[0])
    return statistics, [*_note_test(test, proportional, len(groups.strata) > 1), *_note_few(groups)]


def _hazard_ratios(groups: Groups, others: Sequence[Level], reference: Level) -> tuple[list[Inference], Inference]:
    """Fit Cox's model of the groups alone, and test whether their hazards are proportional."""
    sets, columns = _risk_sets(groups, others, reference)
    if not sets.event.any():
        none = Inference(reason="there was no event")
        return [none for _ in others], none
    fit = fit_cox(sets, columns)
    if fit.reason:
        none = Inference(reason=fit.reason)
        return [none for _ in others], none
    errors = np.sqrt(np.diag(fit.covariance))
    ratios = [
        Inference(
            estimate=math.exp(log),
            low=math.exp(log - Z95 * error),
            high=math.exp(log + Z95 * error),
            statistic=log / error,
            p=normal_two_sided(log / error),
        )
        for log, error in zip(fit.coefficients.tolist(), errors.tolist(), strict=True)
    ]
    return ratios, check_proportional(sets, columns, fit.coefficients, [])[0]


def _risk_sets(groups: Groups, others: Sequence[Level], reference: Level) -> tuple[RiskSets, Floats]:
    parts: list[tuple[EventTimes, bool, int, int]] = []
    for stratum, found in enumerate(groups.strata):
        for place, level in enumerate((reference, *others)):
            parts += [(found[level,], is_event, place, stratum) for is_event in (True, False)]
    sizes = [len(each.times) for each, *_ in parts]
    columns = np.eye(len(others) + 1)[:, 1:]
    counts = np.concatenate([each.events if is_event else each.censored for each, is_event, *_ in parts])
    some = counts > 0
    sets = order_rows(
        np.concatenate([each.times for each, *_ in parts])[some],
        np.repeat([is_event for _, is_event, *_ in parts], sizes)[some],
        counts[some],
        np.repeat([stratum for *_, stratum in parts], sizes)[some],
    )
    return sets, np.repeat(columns[[place for *_, place, _ in parts]], sizes, axis=0)[some]


def restricted_means(groups: Groups, event: str, until: float) -> list[Statistic]:
    """Return each group's mean time without the event up to a time that all were followed for."""
    statistics: list[Statistic] = []
    for key, found in groups.found.items():
        mean = restricted_mean(found, until)
        inference = _normal(*mean) if mean else Inference(reason="nobody was followed so long")
        statistics += write_inference("restricted_mean", event, inference, groups.name(key), level=value_text(until))
    return statistics


def _difference(one: EventTimes, reference: EventTimes, until: float) -> Inference:
    first, second = restricted_mean(one, until), restricted_mean(reference, until)
    if first is None or second is None:
        return Inference(reason="nobody was followed so long")
    return _normal(first[0] - second[0], math.hypot(first[1], second[1]), tested=True)


def _normal(estimate: float, error: float, *, tested: bool = False) -> Inference:
    if not error:
        return Inference(estimate=estimate, reason="no event until then, so there is no interval")
    found = Inference(estimate=estimate, low=estimate - Z95 * error, high=estimate + Z95 * error)
    z = estimate / error
    return replace(found, statistic=z, p=normal_two_sided(z)) if tested else found


def _note_test(test: Inference, proportional: Inference, is_stratified: bool) -> list[Note]:  # noqa: FBT001 - a fact of the plan
    if test.p is None:
        return [Note("test", f"There is no test, because {test.reason}.")]
    within = " within the strata" if is_stratified else ""
    notes = [Note("test", f"The log-rank test{within}, because it compares the whole curves without a model of them.")]
    if proportional.p is None:
        return notes
    text = "One hazard ratio for all times supposes proportional hazards, of which the data say p = {p} (Schoenfeld)."
    notes.append(Note("assumption", text, {"p": proportional.p}))
    if proportional.p < _VERDICT:
        text = (
            "The hazards do not look proportional: the hazard ratio is an average over time, and the curves say more."
        )
        notes.append(Note("caution", text))
    return notes


def _note_few(groups: Groups) -> list[Note]:
    smallest = min(int(found.events.sum()) for found in groups.found.values())
    text = "The smallest group has {smallest} events, under 5: the estimates are not precise."
    return [Note("caution", text, {"smallest": smallest})] if smallest < _FEW_EVENTS else []
