"""How many events there are over the time that people were watched, in all or in each group, and groups compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.arithmetic.inference import Inference
from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.analysis.arithmetic.poisson import equal_rates, rate_difference, rate_of, rate_ratio
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import (
    Grouping,
    check_groups,
    column_of,
    groupings_of,
    name_group,
    reference_of,
)
from clinical_nb.analysis.counts import Key, Scan, ValueTable, count_values
from clinical_nb.analysis.distribution import Distribution, exact_sum
from clinical_nb.analysis.guards.timed import events_at_zero, note_zero
from clinical_nb.analysis.models.dispersed_rates import (
    Counted,
    count_events,
    dispersion_of_rates,
    negative_binomial_ratio,
    robust_difference,
    robust_equal_rates,
    robust_rate,
    robust_ratio,
)
from clinical_nb.analysis.models.overdispersion import OVERDISPERSED
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Known, Rate, Variable, name_of
from clinical_nb.result import Note, Result, Statistic

_YEAR = 365.25  # days
_UNITS = {
    "day": 1.0, "days": 1.0, "d": 1.0, "week": 7.0, "weeks": 7.0, "month": 30.4375, "months": 30.4375, "year": _YEAR,
    "years": _YEAR, "y": _YEAR,
}  # fmt: skip
_TWO = 2
_FEW_EVENTS = 5
_FEW_ROWS = 30
_VERDICT = 0.05


@dataclass(frozen=True, slots=True)
class Watched:
    """The rows of a group whose event and time are known: how many, their events, and their time in all."""

    rows: int = 0
    events: int = 0
    time: float = 0.0
    most: int = 1  # events of one row
    counted: Counted | None = None  # where rows vary more than Poisson's law supposes

    @property
    def rate(self) -> float:
        """Events for each unit of time."""
        return self.events / self.time

    @property
    def variance(self) -> float | None:
        """The robust variance of the rate's logarithm."""
        return self.counted.variance if self.counted else None


def rate(plan: Rate, scan: Scan) -> Result:
    """Count events over person-time, with the exact Poisson interval, and compare the groups of one variable.

    Contexts: "rate" (N, events n, person-time, and the rate for `per` of them; the level says of what), and of groups
    "rate_ratio" and "rate_difference" of each against the reference, "poisson_exact" of two, "equal_rates" of more; of
    a column that counts events "dispersion", and where they vary too much, "robust_rates" instead of those tests.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, a time or a number of events is negative, or a
        person has several rows.

    """
    check_groups(scan, plan.by)
    column_of(scan, plan.time)
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    cells = count_values(scan, plan.time, (_known(plan.event), *plan.by), plan.cohort.where)
    rows = sum(each.n + each.missing for each in cells.values())
    refuse_nobody(rows)
    _refuse_negative(plan.time, cells, "nobody is watched for less than no time")
    unit, scale = unit_of(scan, plan.time)
    groupings = groupings_of(scan, plan.by, cells, first=1)
    counted = _events(plan, scan)
    found = {
        group: each
        for group in product(*(grouping.levels for grouping in groupings))
        if (each := _watched(cells, counted, group, scale)).rows
    }
    used = sum(each.rows for each in found.values())
    if not used:
        raise PlanError(f"Nobody here has a known '{plan.time}' and a known '{name_of(plan.event)}'.")
    found, dispersed = _disperse(plan, scan, found, scale)
    level = f"{value_text(plan.per)} person-{unit}" if unit else f"{value_text(plan.per)} units of {plan.time}"
    statistics = [
        row for key, each in found.items() for row in _describe(plan, each, name_group(groupings, key), level)
    ]
    if dispersed is not None:
        statistics += write_rows("dispersion", name_of(plan.event), {"estimate": dispersed})
    notes = [*note_who(scan, who, used, rows), *_note_missing(plan, scan, cells), *_note_time(plan, scan, scale)]
    if len(found) >= _TWO and len(plan.by) == 1:
        more, told = _compare(plan, groupings[0], {key[0]: each for key, each in found.items()}, level)
        statistics += more
        notes += told
    notes += _note_several(plan, found, dispersed, events_at_zero(cells))
    return Result(tuple(statistics), tuple(notes))


def unit_of(scan: Scan, time: str) -> tuple[str, float]:
    """Return the unit that person-time is told in, and how many of the column's own unit it is."""
    own = scan.columns[time].unit.casefold() if time in scan.columns else ""
    days = _UNITS.get(own)
    return ("years", _YEAR / days) if days else (own, 1.0)


def _known(event: Variable) -> Variable:
    """Return what tells rows apart: whether they have the event, or whether it is known how many they have."""
    return Known(event) if isinstance(event, str) else event


def _events(plan: Rate, scan: Scan) -> ValueTable | None:
    """Count the values of a column that counts events, where the time is known; None of a condition."""
    if not isinstance(plan.event, str):
        return None
    column = column_of(scan, plan.event)
    codes = any(level.label != value_text(level.value) for level in column.levels)  # that stand for something else
    if column.kind not in ("numeric", "categorical", "binary") or codes or not scan.schema[plan.event].is_numeric():
        raise PlanError(f"'{plan.event}' does not count events.", "Name one of its levels as the event.")
    counted = count_values(scan, plan.event, (Known(plan.time), *plan.by), plan.cohort.where)
    _refuse_negative(plan.event, counted, "nobody has less than no event")
    if any((each.values % 1 != 0).any() for each in counted.values()):
        raise PlanError(f"'{plan.event}' holds numbers that are not whole, so it does not count events.")
    return counted


def _watched(cells: ValueTable, counted: ValueTable | None, group: Key, scale: float) -> Watched:
    sides = (True, False) if counted is None else (True,)
    parts = [part for side in sides if (part := cells.get((side, *group)))]
    time = sum(exact_sum(part.values, part.counts) for part in parts) / scale
    rows = sum(part.n for part in parts)
    if counted is None:
        events = cells.get((True, *group))
        return Watched(rows, events.n if events else 0, time)
    found: Distribution | None = counted.get((True, *group))
    if found is None or not found.n:
        return Watched(rows, 0, time)
    return Watched(rows, round(exact_sum(found.values, found.counts)), time, int(found.values[-1]))


def _disperse(
    plan: Rate, scan: Scan, found: Mapping[Key, Watched], scale: float
) -> tuple[dict[Key, Watched], float | None]:
    """Return groups whose rows vary too much for Poisson's law with what tells it, and how much they vary."""
    if not isinstance(plan.event, str) or all(each.most <= 1 for each in found.values()):
        return dict(found), None
    counted = count_events(plan, scan, scale)
    dispersion = dispersion_of_rates(list(counted.values()))
    if dispersion is None or dispersion <= OVERDISPERSED:
        return dict(found), dispersion
    return {key: replace(each, counted=counted.get(key)) for key, each in found.items()}, dispersion


def _rate_of(found: Watched) -> Inference:
    if found.counted and found.events and found.time > 0:
        return robust_rate(found.rate, found.variance)
    return rate_of(found.events, found.time)


def _describe(plan: Rate, found: Watched, names: Sequence[Group], level: str) -> list[Statistic]:
    event = name_of(plan.event)
    numbers = {"N": found.rows, "n": found.events, "time": found.time}
    return [
        *write_rows("rate", event, numbers, names, level=level),
        *write_inference("rate", event, _per(_rate_of(found), plan.per), names, level=level),
    ]


def _per(found: Inference, per: float) -> Inference:
    return replace(
        found,
        estimate=None if found.estimate is None else found.estimate * per,
        low=None if found.low is None else found.low * per,
        high=None if found.high is None else found.high * per,
    )


def _compare(
    plan: Rate, grouping: Grouping, found: Mapping[object, Watched], level: str
) -> tuple[list[Statistic], list[Note]]:
    event = name_of(plan.event)
    levels = [each for each in grouping.levels if each in found]
    reference = reference_of(replace(grouping, levels=tuple(levels)))
    base = found[reference]
    others = [each for each in levels if each != reference]
    statistics: list[Statistic] = []
    test = Inference()
    tests: dict[int, float] = {}
    for place, other in enumerate(others):
        names = [(grouping.name, grouping.text(each)) for each in (other, reference)]
        one = found[other]
        ratio, difference, test = _contrast(one, base)
        statistics += write_inference("rate_ratio", event, ratio, names)
        if test.p is not None:
            tests[place] = test.p
        statistics += write_inference("rate_difference", event, _per(difference, plan.per), names, level=level)
    robust = any(each.counted for each in found.values())
    notes: list[Note] = []
    if len(others) == 1:
        names = [(grouping.name, grouping.text(each)) for each in (others[0], reference)]
        statistics += write_inference("robust_rates" if robust else "poisson_exact", event, test, names)
        why = "The exact test of two Poisson rates, given all events; the interval of the ratio is its own."
        if robust:
            why = "Wald's test of two rates with robust errors, which let the events of one row come together."
            notes = _note_other(found[others[0]], base, test)
    else:
        test, context = _all_alike([found[each] for each in levels])
        statistics += write_inference(context, event, test, [(grouping.name, None)])
        corrected = holm(tests)
        for place, p in tests.items():
            names = [(grouping.name, grouping.text(each)) for each in (others[place], reference)]
            statistics += write_rows("rate_ratio", event, {"p.value": p, "p.adjusted": corrected[place]}, names)
        why = (
            "A chi-squared test of whether the events are shared out as the person-time is; each ratio has the exact "
            "test of two rates, p corrected for their number by Holm's method."
        )
        if robust:
            why = "Wald's test of all rates with robust errors; p of each ratio is corrected by Holm's method."
    if test.p is None:
        why = f"There is no test, because {test.reason}."
    return statistics, [Note("test", why), *notes]


def _contrast(one: Watched, base: Watched) -> tuple[Inference, Inference, Inference]:
    """Return the ratio and the difference of two rates, and the test of them."""
    if one.counted and base.counted:
        rates, variances = (one.rate, base.rate), (one.variance, base.variance)
        found = robust_ratio(rates, variances)
        ratio = replace(found, statistic=None, p=None)
        return ratio, robust_difference(rates, variances), replace(found, estimate=None, low=None, high=None)
    ratio, test = rate_ratio(one.events, one.time, base.events, base.time)
    return ratio, rate_difference(one.events, one.time, base.events, base.time), test


def _all_alike(groups: Sequence[Watched]) -> tuple[Inference, str]:
    if all(each.counted for each in groups):
        return robust_equal_rates([each.rate for each in groups], [each.variance for each in groups]), "robust_rates"
    return equal_rates([each.events for each in groups], [each.time for each in groups]), "equal_rates"


def _note_other(one: Watched, base: Watched, test: Inference) -> list[Note]:
    """Say what a negative binomial model finds, and Poisson's exact test, which such counts mislead."""
    notes: list[Note] = []
    _, exact = rate_ratio(one.events, one.time, base.events, base.time)
    if one.counted and base.counted:
        wider = negative_binomial_ratio(one.counted, base.counted)
        if wider.p is not None and wider.estimate is not None and test.p is not None:
            verdict = "the same" if (wider.p < _VERDICT) == (test.p < _VERDICT) else "another"
            found = "A negative binomial model finds a rate ratio of {ratio}, p = {p}"
            text = f"{found}: the verdict at 0.05 is {verdict}."
            notes.append(Note("alternative", text, {"ratio": wider.estimate, "p": wider.p}))
    if exact.p is not None and test.p is not None:
        verdict = "the same" if (exact.p < _VERDICT) == (test.p < _VERDICT) else "another"
        text = (
            f"Poisson's exact test would give p = {{p}}, which such counts mislead: the verdict at 0.05 is {verdict}."
        )
        notes.append(Note("alternative", text, {"p": exact.p}))
    return notes


def _refuse_negative(column: str, cells: ValueTable, why: str) -> None:
    negative = sum(int(each.counts[each.values < 0].sum()) for each in cells.values())
    if negative:
        raise PlanError(
            f"{negative} values of '{column}' are negative, and {why}.",
            f"Correct them, or leave them out with a condition such as {column} at least 0.",
        )


def _note_missing(plan: Rate, scan: Scan, cells: ValueTable) -> list[Note]:
    notes = note_missing(scan, plan.time, sum(each.missing for each in cells.values()), plan.cohort.where)
    unknown = False if isinstance(plan.event, str) else None
    for place, variable in enumerate((plan.event, *plan.by)):
        absent = None if place else unknown
        rows = sum(each.n + each.missing for key, each in cells.items() if key[place] is absent)
        notes += note_missing(scan, variable, rows, plan.cohort.where)
    return notes


def _note_time(plan: Rate, scan: Scan, scale: float) -> list[Note]:
    own = scan.columns[plan.time].unit if plan.time in scan.columns else ""
    if not own:
        text = "The unit of {time} is not known: the rate is for each of its own."
        return [Note("assumption", text, {"time": plan.time})]
    if scale == 1.0:
        return []
    text = "A year is taken as {scale} {unit}."
    return [Note("assumption", text, {"scale": value_text(scale), "unit": own})]


def _note_several(plan: Rate, found: Mapping[Key, Watched], dispersion: float | None, at_zero: int) -> list[Note]:
    notes: list[Note] = []
    if any(each.counted for each in found.values()) and dispersion is not None:
        text = (
            "Rows vary {dispersion} times as much as Poisson's law supposes, since events come in clusters: intervals "
            "are by robust errors, and wider than its exact ones."
        )
        notes.append(Note("assumption", text, {"dispersion": dispersion}))
        fewest = min(each.rows for each in found.values())
        if fewest < _FEW_ROWS:
            text = "The smallest group has {fewest} rows, which are few for robust errors: they are then too small."
            notes.append(Note("caution", text, {"fewest": fewest}))
    elif any(each.most > 1 for each in found.values()):
        text = "Several events of one row count as if they were independent."
        facts: dict[str, float] = {}
        if dispersion is not None:
            text = f"{text} Rows vary {{dispersion}} times as much as that supposes."
            facts["dispersion"] = dispersion
        notes.append(Note("caution", text, facts))
    smallest = min(each.events for each in found.values())
    if len(found) > 1 and smallest < _FEW_EVENTS:
        text = "The smallest group has {smallest} events, under 5: the estimates are not precise."
        notes.append(Note("caution", text, {"smallest": smallest}))
    if not isinstance(plan.event, str):
        notes += note_zero(at_zero, counts="it counts, and adds no time in which it could happen")
        text = "The rate is taken to be the same at all times: person-time counts alike, early and late."
        notes.append(Note("assumption", text))
    return notes
