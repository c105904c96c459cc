"""Rows of one person that are treated as independent because the person who asks says so, and what that does."""

from dataclasses import replace

from clinical_nb.analysis.counts import Scan, count_persons
from clinical_nb.errors import PlanError
from clinical_nb.plan import Extremes, Known, Mixed, Plan, Rank, Records, Repeated, Visits, columns_of, parts_of
from clinical_nb.result import Note

# What counts persons, or knows which rows are of one: there rows of one person are never taken for independent.
_OF_PERSONS = (Extremes, Mixed, Rank, Records, Repeated, Visits)


def as_asked(plan: Plan, scan: Scan) -> Scan:
    """Return the scan with what the person who asks says of rows of one person.

    Raises
    ------
    PlanError
        When she overrides what this analysis does not refuse.

    """
    if "repeated" not in plan.cohort.despite:
        return scan
    if isinstance(plan, _OF_PERSONS) or getattr(plan, "errors", "") == "clustered":
        raise PlanError(
            "This reckons with which rows are of one person, and does not take them for independent.",
            "Ask without 'treating rows as independent'.",
        )
    return replace(scan, independent=True)


def note_independent(plan: Plan, scan: Scan) -> list[Note]:
    """Say how many rows of how many persons are treated as independent, and whether persons are in several groups."""
    if not scan.independent or scan.identifier is None:
        return []
    identifier, where = scan.identifier, plan.cohort.where
    everyone = count_persons(scan, identifier, (), where)[()]
    if everyone.rows == everyone.persons:
        return []
    text = (
        "{rows} rows of {persons} persons by {identifier} are treated as independent. Rows of one person "
        "are mostly alike: intervals are then too narrow and p too small."
    )
    facts = {"rows": everyone.rows, "persons": everyone.persons, "identifier": identifier}
    notes = [Note("caution", text, facts)]
    by = parts_of(plan).get("by", ())
    known = (*where, *(Known(column) for variable in by for column in columns_of(variable)))
    groups = count_persons(scan, identifier, by, known)
    if sum(each.persons for each in groups.values()) > count_persons(scan, identifier, (), known)[()].persons:
        text = "Some persons have rows in several of the groups, which overlap: a comparison is partly with themselves."
        notes.append(Note("caution", text))
    return notes
