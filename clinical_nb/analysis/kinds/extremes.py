"""The highest or the lowest values of a column, and how many have each."""

from clinical_nb.analysis.ard import write_rows
from clinical_nb.analysis.cohort import examine_cohort, note_missing, note_who, refuse_nobody
from clinical_nb.analysis.counted.levels import column_of
from clinical_nb.analysis.counts import Scan, count_values
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Extremes
from clinical_nb.result import Note, Result


def extremes(plan: Extremes, scan: Scan) -> Result:
    """List the values from the outermost inwards: context "extreme", the value and the n rows that have it.

    Rows are counted, of which a person may have several: the values are of measurements.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there or holds no numbers, or no row has a known value.

    """
    if column_of(scan, plan.column).kind != "numeric":
        raise PlanError(f"'{plan.column}' does not hold numbers.", "Name a numeric column.")
    who = examine_cohort(scan, plan.cohort.where)
    found = count_values(scan, plan.column, (), plan.cohort.where).get(())
    refuse_nobody(found.n + found.missing if found else 0)
    if found is None or not found.n:
        raise PlanError(f"Nobody here has a known '{plan.column}'.")
    pairs = list(zip(found.values.tolist(), found.counts.tolist(), strict=True))
    ordered = pairs[::-1] if plan.side == "highest" else pairs
    shown = ordered[: plan.most]
    statistics = [
        row
        for value, n in shown
        for row in write_rows("extreme", plan.column, {"n": n, "value": value}, level=value_text(value))
    ]
    notes = [
        *note_who(scan, who, found.n, found.n + found.missing),
        *note_missing(scan, plan.column, found.missing, plan.cohort.where),
    ]
    if any(n > 1 for _, n in shown):
        notes.append(Note("caution", "A value that several rows have is listed once, with how many have it."))
    return Result(tuple(statistics), tuple(notes))
