"""The most frequent levels of a column, by how many persons have them."""

from collections.abc import Mapping

from clinical_nb.analysis.ard import write_rows, write_share
from clinical_nb.analysis.cohort import note_missing, note_undecided, refuse_nobody
from clinical_nb.analysis.counted.levels import column_of
from clinical_nb.analysis.counts import Level, Scan, count_persons, count_rows, count_undecided
from clinical_nb.dictionary.identifiers import names_private, names_row
from clinical_nb.dictionary.meaning import value_text
from clinical_nb.errors import PlanError
from clinical_nb.plan import Rank
from clinical_nb.result import Note, Result

_UNRANKED = {"identifier": "identifies persons", "date": "holds dates", "numeric": "holds numbers"}


def rank(plan: Rank, scan: Scan) -> Result:
    """Count the persons with each level, context "rank", the most frequent first: n, N persons with any level, p.

    Levels that tie with the last are told too. In all: N, and N_miss without a level.

    Raises
    ------
    UnknownColumnError, PlanError
        When the column is not there, or has no levels that may be told.

    """
    kind = column_of(scan, plan.column).kind
    private = names_private(plan.column) or names_row(plan.column)
    if kind in _UNRANKED or private:
        why = "may identify persons" if private else _UNRANKED[kind]
        raise PlanError(f"'{plan.column}' {why}: it has no levels to rank.", "Name a column with levels.")
    rows = count_rows(scan, (plan.column,), plan.cohort.where)
    refuse_nobody(sum(rows.values()))
    found, having, persons = _count(plan, scan, {key[0]: n for key, n in rows.items()})
    if not found:
        raise PlanError(f"Nobody here has a known '{plan.column}'.")
    ranked = sorted(found.items(), key=lambda each: (-each[1], value_text(each[0])))
    last = ranked[min(plan.most, len(ranked)) - 1][1]
    told = [(level, n) for level, n in ranked if n >= last]
    missing = rows.get((None,), 0)
    statistics = write_rows("ranked", plan.column, {"N": having, "N_miss": missing, "n": len(ranked)})
    for level, n in told:
        statistics += write_share("rank", plan.column, n, having, level=value_text(level))
    facts: dict[str, float | int | str] = {"used": having, "rows": sum(rows.values())}
    if persons:
        text = "{used} persons by {identifier}, with {rows} rows; each counts once for each level that she has."
        notes = [Note("who", text, {**facts, "identifier": scan.identifier or ""})]
    else:
        notes = [Note("who", "{used} of {rows} rows are used; each is taken to be a different person.", facts)]
    if len(told) > plan.most:
        notes.append(Note("caution", "{more} more tie with the last.", {"more": len(told) - plan.most}))
    notes += note_undecided(0 if persons else count_undecided(scan, plan.cohort.where))
    return Result(tuple(statistics), (*notes, *note_missing(scan, plan.column, missing, plan.cohort.where)))


def _count(plan: Rank, scan: Scan, rows: Mapping[Level, int]) -> tuple[dict[Level, int], int, bool]:
    """Return how many persons, or rows where nothing says who is who, have each level, and how many have any."""
    if scan.identifier is None:
        found: dict[Level, int] = {level: n for level, n in rows.items() if level is not None}
        return found, sum(found.values()), False
    by = count_persons(scan, scan.identifier, (plan.column,), plan.cohort.where)
    everyone = count_persons(scan, scan.identifier, (), plan.cohort.where)[()]
    return {key[0]: each.persons for key, each in by.items() if key[0] is not None}, everyone.persons, True
