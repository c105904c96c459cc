"""Who an answer is about: rows and persons of the cohort, rows that could not be used and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_nb.analysis.counts import Persons, Scan, count_persons, count_rows
from clinical_nb.errors import PlanError
from clinical_nb.plan import AllOf, Condition, Variable, columns_of, name_of
from clinical_nb.result import Note


@dataclass(frozen=True, slots=True)
class Who:
    """The rows of a cohort, those for which a missing value leaves it open, and the persons where they are known."""

    rows: int
    undecided: int
    persons: Persons | None = None


def examine_cohort(scan: Scan, where: Sequence[Condition]) -> Who:
    """Count the rows and the persons of a cohort."""
    if where:
        decided = count_rows(scan, (AllOf(tuple(where)),))
        rows, undecided = decided.get((True,), 0), decided.get((None,), 0)
    else:
        rows, undecided = count_rows(scan, ())[()], 0
    persons = count_persons(scan, scan.identifier, (), where).get((), Persons(0, 0)) if scan.identifier else None
    return Who(rows, undecided, persons)


def refuse_repeated_persons(scan: Scan, who: Who) -> None:
    """Refuse to treat several rows of one person as if they were independent.

    Raises
    ------
    PlanError
        When the table's identifier repeats within the cohort.

    """
    if who.persons and who.persons.rows > who.persons.persons:
        raise PlanError(
            f"'{scan.table}' has several rows a person: {who.persons.rows} rows of {who.persons.persons} persons "
            f"by '{scan.identifier}', which must not be treated as if they were independent.",
            "Keep one row each with a condition, such as one visit or the first, "
            "or upload a table with one row a person; counts of persons can be asked for as it is.",
        )


def note_who(scan: Scan, who: Who, used: int) -> list[Note]:
    """Say how many rows and persons an answer rests on, and how many could not be placed in or out of the cohort."""
    facts: dict[str, float | int | str] = {"used": used, "rows": who.rows}
    if who.persons and scan.identifier and who.persons.rows == who.rows:
        text = "{used} of {rows} persons are used; each has one row ({identifier} does not repeat)."
        notes = [Note("who", text, {**facts, "identifier": scan.identifier})]
    else:
        text = "{used} of {rows} rows are used; each is taken to be a different person."
        notes = [Note("who", text, facts)]
    return [*notes, *note_undecided(who.undecided)]


def note_undecided(undecided: int) -> list[Note]:
    """Say how many rows or persons a missing value leaves neither in nor out of the cohort."""
    text = "{rows} more are neither counted in nor out, because a value that a condition needs is missing."
    return [Note("missing", text, {"rows": undecided})] if undecided else []


def note_missing(scan: Scan, variable: Variable, rows: int) -> list[Note]:
    """Say how many rows have no value of a variable, with the reasons that the dictionary declares."""
    if not rows:
        return []
    declared = [code for name in columns_of(variable) if name in scan.columns for code in scan.columns[name].missing]
    reasons = "; ".join(dict.fromkeys(code.reason for code in declared if code.reason))
    facts: dict[str, float | int | str] = {"rows": rows, "variable": name_of(variable)}
    if not reasons:
        return [Note("missing", "{rows} have no known {variable}.", facts)]
    text = "{rows} have no known {variable} ({reasons})."
    return [Note("missing", text, {**facts, "reasons": reasons})]
