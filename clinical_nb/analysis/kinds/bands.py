"""How many lie in each band of a number, or what share of each band has an event."""

from collections.abc import Sequence

from clinical_nb.analysis.ard import write_rows, write_share
from clinical_nb.analysis.arithmetic.intervals import wilson_interval
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody, refuse_repeated_persons
from clinical_nb.analysis.counted.levels import column_of
from clinical_nb.analysis.counts import CountTable, Scan, count_rows
from clinical_nb.errors import PlanError
from clinical_nb.plan import Bands, Condition, name_of
from clinical_nb.result import Result, Statistic


def bands(plan: Bands, scan: Scan) -> Result:
    """Count those in each band, context "bands" (n, N with a known number, p).

    Of an event n of N in each band, with its interval.

    Raises
    ------
    UnknownColumnError, PlanError
        When the column is not there or holds no numbers, a value lies in two bands or in none, or a person has several
        rows.

    """
    if column_of(scan, plan.column).kind != "numeric":
        raise PlanError(f"'{plan.column}' does not hold numbers, so that it has no bands.")
    who = examine_cohort(scan, plan.cohort.where)
    refuse_repeated_persons(scan, who)
    number = len(plan.bands)
    cells = count_rows(scan, (*plan.bands, *plan.events), plan.cohort.where)
    rows = sum(cells.values())
    refuse_nobody(rows)
    known = {key: n for key, n in cells.items() if None not in key[:number]}
    _refuse_outside(plan, [(sum(bool(each) for each in key[:number]), n) for key, n in known.items()])
    used = sum(known.values())
    statistics: list[Statistic] = []
    for place, band in enumerate(plan.bands):
        inside = {key: n for key, n in known.items() if key[place]}
        statistics += _share(plan, band, inside) if plan.events else _size(plan, band, sum(inside.values()), used)
    missing = rows - used
    statistics += write_rows("banded", plan.column, {"N": used, "N_miss": missing})
    notes = [*note_who(scan, who, used, rows), *note_missing(scan, plan.column, missing, plan.cohort.where)]
    return Result(tuple(statistics), tuple(notes))


def _refuse_outside(plan: Bands, inside: Sequence[tuple[int, int]]) -> None:
    """Refuse bands of which some values are in two or in none: in how many, and how many values."""
    for said, wrong in (
        ("two of the bands", [n for bands, n in inside if bands > 1]),
        ("none of the bands", [n for bands, n in inside if not bands]),
    ):
        if wrong:
            raise PlanError(
                f"{sum(wrong)} values of '{plan.column}' lie in {said}.",
                "Name bands that leave no gap and do not overlap.",
            )


def _size(plan: Bands, band: Condition, n: int, total: int) -> list[Statistic]:
    return write_share("bands", plan.column, n, total, level=name_of(band))


def _share(plan: Bands, band: Condition, inside: CountTable) -> list[Statistic]:
    yes, no, unknown = (sum(n for key, n in inside.items() if key[-1] is each) for each in (True, False, None))
    low, high = wilson_interval(yes, yes + no) if yes + no else (None, None)
    more = {"conf.low": low, "conf.high": high, "N_miss": unknown}
    return [
        *write_share("bands", plan.column, yes, yes + no, level=name_of(band)),
        *write_rows("bands", plan.column, more, level=name_of(band), reason="no row has a known value"),
    ]
