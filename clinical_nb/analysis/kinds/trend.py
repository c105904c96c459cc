"""How a number goes over the periods of a date: rows counted, a mean, or a share, with no period left out."""

from collections.abc import Sequence

from clinical_nb.analysis.ard import Group, write_rows
from clinical_nb.analysis.arithmetic.intervals import mean_interval, wilson_interval
from clinical_nb.analysis.cohort import (
    Who,
    examine_cohort,
    note_missing,
    note_undecided,
    note_who,
    refuse_nobody,
    refuse_repeated_persons,
)
from clinical_nb.analysis.counted.levels import Grouping, check_groups, column_of, grouping_of
from clinical_nb.analysis.counted.periods import count_periods, every_period, name_period, values_in_periods
from clinical_nb.analysis.counts import Key, Scan
from clinical_nb.analysis.distribution import Distribution
from clinical_nb.errors import PlanError
from clinical_nb.plan import Trend, name_of
from clinical_nb.result import Note, Result, Statistic

_EMPTY = "no row of this period has it known"
_ONE = "fewer than 2 rows of this period have it known"


def trend(plan: Trend, scan: Scan) -> Result:
    """Count rows, or compute a mean or a share, in each period from the first to the last.

    Context "trend": the first group is the period, the second that of `by`. Of counts n, 0 where there is none; of a
    condition n, N and p with Wilson's interval; of a column N, mean and SD with the interval of the mean.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or cannot be what the plan says, the dates span too many periods, or a person has
        several rows and not rows are counted.

    """
    column_of(scan, plan.date)
    check_groups(scan, plan.by)
    who = examine_cohort(scan, plan.cohort.where)
    if plan.of:
        refuse_repeated_persons(scan, who)
    if isinstance(plan.of, str) and plan.of:
        return _of_values(plan, scan, who)
    counted = (plan.of, *plan.by) if plan.of else plan.by
    cells = count_periods(scan, plan.date, plan.period, counted, plan.cohort.where)
    rows = sum(cells.values())
    refuse_nobody(rows)
    grouping = _grouping(plan, scan, [key for _, key in cells], int(bool(plan.of)))
    known = [place for place, _ in cells if place is not None]
    _refuse_no_date(plan, known)
    statistics: list[Statistic] = []
    used = 0
    for place in every_period(known):
        for group in _groups(grouping):
            names = _names(plan, place, grouping, group)
            if not plan.of:
                n = cells.get((place, group), 0)
                used += n
                statistics += write_rows("trend", None, {"n": n}, names)
                continue
            yes, no = (cells.get((place, (side, *group)), 0) for side in (True, False))
            used += yes + no
            statistics += _share(name_of(plan.of), yes, yes + no, names)
    absent = [sum(n for (place, _), n in cells.items() if place is None)]
    absent += [sum(n for (_, key), n in cells.items() if key[place] is None) for place in range(len(counted))]
    return Result(tuple(statistics), tuple(_notes(plan, scan, who, used, rows, absent)))


def _of_values(plan: Trend, scan: Scan, who: Who) -> Result:
    column = str(plan.of)
    if column_of(scan, column).kind != "numeric":
        raise PlanError(f"'{column}' is no measurement, so it has no mean.", "Name one of its levels as a condition.")
    cells = values_in_periods(scan, plan.date, plan.period, column, plan.by, plan.cohort.where)
    rows = sum(each.n + each.missing for each in cells.values())
    refuse_nobody(rows)
    grouping = _grouping(plan, scan, [key for _, key in cells], 0)
    known = [place for place, _ in cells if place is not None]
    _refuse_no_date(plan, known)
    statistics: list[Statistic] = []
    used = 0
    for place in every_period(known):
        for group in _groups(grouping):
            found = cells.get((place, group))
            used += found.n if found else 0
            statistics += _mean(column, found, _names(plan, place, grouping, group))
    absent = [
        sum(each.n + each.missing for (place, _), each in cells.items() if place is None),
        sum(each.missing for each in cells.values()),
    ]
    absent += [
        sum(each.n + each.missing for (_, key), each in cells.items() if key[place] is None)
        for place in range(len(plan.by))
    ]
    return Result(tuple(statistics), tuple(_notes(plan, scan, who, used, rows, absent)))


def _grouping(plan: Trend, scan: Scan, keys: Sequence[Key], place: int) -> Grouping | None:
    return grouping_of(scan, plan.by[0], {key[place] for key in keys}) if plan.by else None


def _groups(grouping: Grouping | None) -> Sequence[Key]:
    return [()] if grouping is None else [(level,) for level in grouping.levels]


def _names(plan: Trend, place: int, grouping: Grouping | None, group: Key) -> list[Group]:
    names: list[Group] = [(plan.date, name_period(place, plan.period))]
    return names if grouping is None else [*names, (grouping.name, grouping.text(group[0]))]


def _refuse_no_date(plan: Trend, known: Sequence[int]) -> None:
    if not known:
        raise PlanError(f"Nobody here has a known '{plan.date}'.")


def _share(variable: str, n: int, total: int, names: Sequence[Group]) -> list[Statistic]:
    low, high = wilson_interval(n, total) if total else (None, None)
    numbers = {"n": n, "N": total, "p": n / total if total else None, "conf.low": low, "conf.high": high}
    return write_rows("trend", variable, numbers, names, reason=_EMPTY)


def _mean(variable: str, found: Distribution | None, names: Sequence[Group]) -> list[Statistic]:
    if found is None or not found.n:
        return write_rows("trend", variable, {"N": 0, "mean": None}, names, reason=_EMPTY)
    mean, sd = found.mean, found.sd
    low, high = mean_interval(mean, sd, found.n) if mean is not None and sd is not None else (None, None)
    numbers = {"N": found.n, "mean": mean, "sd": sd, "conf.low": low, "conf.high": high}
    return write_rows("trend", variable, numbers, names, reason=_ONE)


def _notes(  # noqa: PLR0913, PLR0917 - who was used, and who not
    plan: Trend, scan: Scan, who: Who, used: int, rows: int, absent: Sequence[int]
) -> list[Note]:
    if who.persons and who.persons.rows > who.persons.persons:
        text = "{used} of {rows} rows of {persons} persons are counted, each in its period: a person counts as often."
        notes = [Note("who", text, {"used": used, "rows": rows, "persons": who.persons.persons})]
        notes += note_undecided(who.undecided)
    else:
        notes = note_who(scan, who, used, rows)
    variables = (plan.date, *((plan.of,) if plan.of else ()), *plan.by)
    for variable, n in zip(variables, absent, strict=True):
        notes += note_missing(scan, variable, n, plan.cohort.where)
    text = "The first and the last {period} may be incomplete: what they say is then of a part of them."
    return [*notes, Note("caution", text, {"period": plan.period})]
