"""Who an answer is about: rows and persons of the cohort, rows that could not be used and why."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from clinical_nb.analysis.counts import (
    Persons,
    Scan,
    collect,
    count_persons,
    count_rows,
    count_undecided,
    decide,
    known_values,
)
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError, RepeatedPersonsError
from clinical_nb.plan import AllOf, Condition, Missing, Variable, columns_of, name_of
from clinical_nb.result import Note


@dataclass(frozen=True, slots=True)
class Everyone:
    """The persons of a whole table, and all its rows, with an identifier or without."""

    identifier: str
    meaning: Column
    rows: int
    persons: Persons

    @property
    def has_one_row_each(self) -> bool:
        """Whether each row of the table is known to be another person."""
        return self.rows == self.persons.rows == self.persons.persons


@dataclass(frozen=True, slots=True)
class Who:
    """The rows that a missing value leaves neither in nor out of a cohort, and its persons where that is not one each.

    `named` says whether each row of the table is known to be another person.
    """

    undecided: int
    named: bool = False
    persons: Persons | None = None


# What was counted of a frame, by its identity: counting a million persons costs more than comparing them. An entry
# lives as long as its frame; the store scans a file that was written anew as another frame.
_counted: dict[int, Everyone] = {}


def examine_cohort(scan: Scan, where: Sequence[Condition]) -> Who:
    """Count the undecided rows and the persons of a cohort."""
    undecided = count_undecided(scan, where)
    if scan.identifier is None:
        return Who(undecided)
    if count_everyone(scan, scan.identifier).has_one_row_each:
        return Who(undecided, named=True)
    return Who(undecided, persons=count_persons(scan, scan.identifier, (), where)[()])


def count_everyone(scan: Scan, identifier: str) -> Everyone:
    """Count the persons and the rows of the whole table."""
    meaning = scan.columns[identifier]
    known = _counted.get(id(scan.frame))
    if known and (known.identifier, known.meaning) == (identifier, meaning):
        return known
    counted = Everyone(identifier, meaning, count_rows(scan, ())[()], count_persons(scan, identifier, ())[()])
    if known is None:
        weakref.finalize(scan.frame, _counted.pop, id(scan.frame), None)
    _counted[id(scan.frame)] = counted
    return counted


def varies_within_persons(scan: Scan, identifier: str, column: str) -> bool:
    """Tell whether any person has rows with different values of a column, of which missing is one."""
    rows = scan.rows.select(known_values(scan, identifier).alias("person"), known_values(scan, column).alias("value"))
    values = rows.filter(~nw.col("person").is_null()).group_by("person").agg(nw.col("value").n_unique().alias("values"))
    return bool(collect(values.select((nw.col("values") > 1).any())).item())


def count_possible_persons(scan: Scan, identifier: str, where: Sequence[Condition]) -> int:
    """Count the persons with any row for which all conditions hold, or for which a missing value leaves it open."""
    possible = decide(scan, AllOf(tuple(where))).fill_null(True)
    rows = scan.rows.filter(possible).select(known_values(scan, identifier).alias("person"))
    return int(collect(rows.filter(~nw.col("person").is_null()).select(nw.col("person").n_unique())).item())


def refuse_repeated_persons(scan: Scan, who: Who) -> None:
    """Refuse to treat several rows of one person as if they were independent.

    Raises
    ------
    RepeatedPersonsError
        When the table's identifier repeats within the cohort, and the person who asks does not override that.

    """
    if not scan.independent and who.persons and who.persons.rows > who.persons.persons:
        raise RepeatedPersonsError(
            f"'{scan.table}' has several rows a person: {who.persons.rows} rows of {who.persons.persons} persons "
            f"by '{scan.identifier}', which must not be treated as if they were independent"
            f"{f': {scan.unreduced}' if scan.unreduced else '.'}",
            "Keep one row each with a condition, such as one visit or the first, "
            "or upload a table with one row a person; counts of persons can be asked for as it is. "
            "To have it all the same, end the question with 'treating rows as independent'.",
        )


def refuse_nobody(rows: int) -> None:
    """Refuse to describe a cohort that nobody is in.

    Raises
    ------
    PlanError
        When no row meets the conditions.

    """
    if not rows:
        raise PlanError("Nobody meets these conditions: there is nothing to describe.")


def note_who(scan: Scan, who: Who, used: int, rows: int) -> list[Note]:
    """Say how many rows and persons an answer rests on, and how many could not be placed in or out of the cohort."""
    facts: dict[str, float | int | str] = {"used": used, "rows": rows}
    if scan.identifier and who.persons and who.persons.rows > who.persons.persons:
        text = "{used} of {rows} rows are used, of {persons} persons by {column} in all."
        notes = [Note("who", text, {**facts, "persons": who.persons.persons, "column": scan.identifier})]
    elif scan.identifier and (who.named or (who.persons and who.persons.rows == rows)):
        text = "{used} of {rows} persons are used; each has one row ({identifier} does not repeat)."
        if scan.reduced:
            text = "{used} of {rows} persons by {identifier} are used; each is counted once."
        notes = [Note("who", text, {**facts, "identifier": scan.identifier})]
    else:
        text = "{used} of {rows} rows are used; each is taken to be a different person."
        notes = [Note("who", text, facts)]
    if scan.identifier and who.persons and (nameless := rows - who.persons.rows) > 0:
        text = "{rows} of these have no {identifier}: whether they are of the same persons as others is not known."
        notes.append(Note("caution", text, {"rows": nameless, "identifier": scan.identifier}))
    return [*notes, *note_undecided(who.undecided)]


def note_undecided(undecided: int) -> list[Note]:
    """Say how many rows or persons a missing value leaves neither in nor out of the cohort."""
    text = "{rows} more are neither counted in nor out, because a value that a condition needs is missing."
    return [Note("missing", text, {"rows": undecided})] if undecided else []


def note_missing(scan: Scan, variable: Variable, rows: int, where: Sequence[Condition] = ()) -> list[Note]:
    """Say how many rows of a cohort have no value of a variable, and why, as far as the data or the dictionary say.

    Reasons that a column beside it holds are counted; those that the dictionary declares are only named.
    """
    if not rows:
        return []
    declared = [code for name in columns_of(variable) if name in scan.columns for code in scan.columns[name].missing]
    counted = _count_reasons(scan, variable, rows, where)
    reasons = counted or "; ".join(dict.fromkeys(code.reason for code in declared if code.reason))
    facts: dict[str, float | int | str] = {"rows": rows, "variable": name_of(variable)}
    if not reasons:
        return [Note("missing", "{rows} have no known {variable}.", facts)]
    text = "{rows} have no known {variable} ({reasons})."
    return [Note("missing", text, {**facts, "reasons": reasons})]


def _count_reasons(scan: Scan, variable: Variable, rows: int, where: Sequence[Condition]) -> str:
    """Return how often each reason stands beside a missing value, the most frequent first."""
    column, *others = columns_of(variable)
    beside = scan.columns[column].reasons if column in scan.columns else ""
    if others or not beside:
        return ""
    cells = count_rows(scan, (beside,), (*where, Missing(column)))
    if sum(cells.values()) != rows:
        return ""  # persons were counted, or what is open is not what is missing: the reasons would not add up
    known = [(str(reason), n) for (reason,), n in cells.items() if reason is not None]
    known.sort(key=lambda each: (-each[1], each[0]))
    unsaid = rows - sum(n for _, n in known)
    said = [f"{reason} {n}" for reason, n in known]
    coded = dict.fromkeys(
        code.reason for code in scan.columns[column].missing if code.value is not None and code.reason
    )
    others = " or ".join([*coded, "no reason given"])
    return "; ".join([*said, f"{others} {unsaid}"] if said and unsaid else said)
