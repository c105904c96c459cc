"""How many events there are over the time that people were watched, in all or in each group, and groups compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from clinical_nb.analysis.ard import Group, write_inference, write_rows
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counts import Key, Scan, ValueTable, count_values
from clinical_nb.analysis.distribution import Distribution, exact_sum
from clinical_nb.analysis.inference import Inference
from clinical_nb.analysis.levels import Grouping, check_groups, column_of, groupings_of, name_group, reference_of
from clinical_nb.analysis.multiplicity import holm
from clinical_nb.analysis.poisson import equal_rates, rate_difference, rate_of, rate_ratio
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


@dataclass(frozen=True, slots=True)
class Watched:
    """The rows of a group whose event and time are known: how many, their events, and their time in all."""

    rows: int = 0
    events: int = 0
    time: float = 0.0
    most: int = 1  # events of one row


def rate(plan: Rate, scan: Scan) -> Result:
    """Count events over person-time, with the exact Poisson interval, and compare the groups of one variable.

    Contexts: "rate" (N, events n, person-time, and the rate for `per` of them; the level says of what), and of groups
    "rate_ratio" and "rate_difference" of each against the reference, "poisson_exact" of two, "equal_rates" of more.

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
    level = f"{value_text(plan.per)} person-{unit}" if unit else f"{value_text(plan.per)} units of {plan.time}"
    statistics = [
        row for key, each in found.items() for row in _describe(plan, each, name_group(groupings, key), level)
    ]
    notes = [*note_who(scan, who, used, rows), *_note_missing(plan, scan, cells), *_note_time(plan, scan, scale)]
    if len(found) >= _TWO and len(plan.by) == 1:
        more, told = _compare(plan, groupings[0], {key[0]: each for key, each in found.items()}, level)
        statistics += more
        notes += told
    notes += _note_several(plan, found)
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


def _describe(plan: Rate, found: Watched, names: Sequence[Group], level: str) -> list[Statistic]:
    event = name_of(plan.event)
    numbers = {"N": found.rows, "n": found.events, "time": found.time}
    return [
        *write_rows("rate", event, numbers, names, level=level),
        *write_inference("rate", event, _per(rate_of(found.events, found.time), plan.per), names, level=level),
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
        ratio, test = rate_ratio(one.events, one.time, base.events, base.time)
        difference = rate_difference(one.events, one.time, base.events, base.time)
        statistics += write_inference("rate_ratio", event, ratio, names)
        if test.p is not None:
            tests[place] = test.p
        statistics += write_inference("rate_difference", event, _per(difference, plan.per), names, level=level)
    if len(others) == 1:
        names = [(grouping.name, grouping.text(each)) for each in (others[0], reference)]
        statistics += write_inference("poisson_exact", event, test, names)
        why = "The exact test of two Poisson rates, given all events; the interval of the ratio is its own."
    else:
        test = equal_rates([found[each].events for each in levels], [found[each].time for each in levels])
        statistics += write_inference("equal_rates", event, test, [(grouping.name, None)])
        corrected = holm(tests)
        for place, p in tests.items():
            names = [(grouping.name, grouping.text(each)) for each in (others[place], reference)]
            statistics += write_rows("rate_ratio", event, {"p.value": p, "p.adjusted": corrected[place]}, names)
        why = (
            "A chi-squared test of whether the events are shared out as the person-time is; each ratio has the exact "
            "test of two rates, p corrected for their number by Holm's method."
        )
    if test.p is None:
        why = f"There is no test, because {test.reason}."
    return statistics, [Note("test", why)]


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


def _note_several(plan: Rate, found: Mapping[Key, Watched]) -> list[Note]:
    notes: list[Note] = []
    if any(each.most > 1 for each in found.values()):
        text = (
            "Several events of one row count as if they were independent: where they come in clusters, the intervals "
            "are too narrow."
        )
        notes.append(Note("caution", text))
    smallest = min(each.events for each in found.values())
    if len(found) > 1 and smallest < _FEW_EVENTS:
        text = "The smallest group has {smallest} events, under 5: the estimates are not precise."
        notes.append(Note("caution", text, {"smallest": smallest}))
    if not isinstance(plan.event, str):
        text = "The rate is taken to be the same at all times: person-time counts alike, early and late."
        notes.append(Note("assumption", text))
    return notes
