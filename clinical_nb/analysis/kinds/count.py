"""How many rows, or persons where a person has several rows, are in a cohort, in all or in each group."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from clinical_nb.analysis.ard import write_rows, write_share
from clinical_nb.analysis.cohort import (
    Everyone,
    count_everyone,
    count_possible_persons,
    note_missing,
    note_undecided,
    varies_within_persons,
)
from clinical_nb.analysis.counted.levels import check_groups, groupings_of, name_group
from clinical_nb.analysis.counts import (
    CountTable,
    Key,
    Persons,
    Scan,
    count_persons,
    count_rows,
    count_undecided,
)
from clinical_nb.errors import PlanError
from clinical_nb.plan import Count, Known, OneOf, Threshold, columns_of, name_of
from clinical_nb.result import Note, Result, Statistic


def count(plan: Count, scan: Scan) -> Result:
    """Count a cohort.

    The rows are those of context "count". In all: n in the cohort, N in the table, n_unknown for whom a missing value
    leaves it open, and p = n / (N - n_unknown). In each group: n, N (those of the cohort whose group is known), p, and
    for each grouping variable N_miss.

    Raises
    ------
    UnknownColumnError, PlanError
        When a column is not there, or cannot make groups or conditions.

    """
    check_groups(scan, plan.by)
    if not scan.identifier or scan.independent:
        return _count_rows(plan, scan)
    everyone = count_everyone(scan, scan.identifier)
    if everyone.persons.rows > everyone.persons.persons:
        return _count_persons(plan, scan, everyone)
    return _count_rows(plan, scan, everyone.rows - everyone.persons.rows)


def _count_rows(plan: Count, scan: Scan, nameless: int = 0) -> Result:
    """Count rows, of which so many have no identifier."""
    where = plan.cohort.where
    total, undecided = count_rows(scan, ())[()], count_undecided(scan, where)
    n = count_rows(scan, (), where)[()] if where else total
    cells: CountTable = count_rows(scan, plan.by, where) if plan.by else {}
    facts: dict[str, float | int | str] = {"used": n, "rows": total}
    beside: list[Note] = []
    if scan.independent:
        text = "{used} of {rows} rows; each counts by itself, of which a person may have several."
    elif scan.identifier and nameless:
        text = "{used} of {rows} rows; each is taken to be a different person."
        said = "{rows} rows have no {identifier}: whether they are of the same persons as others is not known."
        beside = [Note("caution", said, {"rows": nameless, "identifier": scan.identifier})]
    elif scan.identifier:
        text = "{used} of {rows} persons; each has one row ({identifier} does not repeat)."
        if scan.reduced:
            text = "{used} of {rows} persons by {identifier}; each is counted once."
        facts["identifier"] = scan.identifier
    else:
        text = "{used} of {rows} rows; each is taken to be a different person."
    return _write(plan, scan, _Total(n, total, undecided), cells, [Note("who", text, facts), *beside])


def _count_persons(plan: Count, scan: Scan, everyone: Everyone) -> Result:
    """Count each person once, who is in the cohort with any of her rows."""
    where, identifier, total = plan.cohort.where, everyone.identifier, everyone.persons
    varying = [
        column for each in where for column in columns_of(each) if varies_within_persons(scan, identifier, column)
    ]
    if varying and not all(isinstance(each, OneOf | Threshold | Known) for each in where):
        raise PlanError(
            f"A person has several rows, and '{varying[0]}' differs between them: it is open whether no row may be so, "
            "or only one.",
            "Ask for those who have it, or about a column that is the same in all of a person's rows.",
        )
    found = count_persons(scan, identifier, (), where)[()] if where else total
    undecided = count_possible_persons(scan, identifier, where) - found.persons if where else 0
    by: Mapping[Key, Persons] = count_persons(scan, identifier, plan.by, where) if plan.by else {}
    cells: CountTable = {key: each.persons for key, each in by.items()}
    text = "{n} of {total} persons by {identifier}, with {used} of {rows} rows; each person is counted once."
    facts = {"n": found.persons, "total": total.persons, "used": found.rows, "rows": total.rows}
    notes = [Note("who", text, {**facts, "identifier": identifier})]
    if varying:
        notes.append(Note("caution", "A person counts who has at least one row for which all of this holds."))
    if sum(cells.values()) > found.persons:
        notes.append(Note("caution", "A person with rows in several groups is counted in each of them."))
    if nameless := everyone.rows - total.rows:
        notes.append(
            Note(
                "caution",
                "{rows} rows without {identifier} are not counted.",
                {
                    "rows": nameless,
                    "identifier": identifier,
                },
            )
        )
    return _write(plan, scan, _Total(found.persons, total.persons, undecided), cells, notes)


@dataclass(frozen=True, slots=True)
class _Total:
    n: int
    total: int
    undecided: int


def _write(plan: Count, scan: Scan, found: _Total, cells: CountTable, notes: list[Note]) -> Result:
    statistics = write_rows("count", None, {"n": found.n, "N": found.total})
    if plan.cohort.where:
        known = found.total - found.undecided
        share = found.n / known if known else None
        more = {"p": share, "n_unknown": found.undecided}
        statistics += write_rows("count", None, more, reason="a missing value leaves it open for all")
    missing: list[Note] = []
    for place, variable in enumerate(plan.by):
        rows = sum(n for key, n in cells.items() if key[place] is None)
        statistics += write_rows("count", None, {"N_miss": rows}, [(name_of(variable), None)])
        missing += note_missing(scan, variable, rows, plan.cohort.where)
    statistics += _write_groups(plan, scan, cells)
    return Result(tuple(statistics), (*notes, *note_undecided(found.undecided), *missing))


def _write_groups(plan: Count, scan: Scan, cells: CountTable) -> list[Statistic]:
    if not plan.by:
        return []
    groupings = groupings_of(scan, plan.by, cells)
    known = sum(n for key, n in cells.items() if None not in key)
    return [
        statistic
        for key in product(*(grouping.levels for grouping in groupings))
        for statistic in write_share("count", None, cells.get(key, 0), known, name_group(groupings, key))
    ]
