"""From rows to persons: a table with several rows a person is reduced to one each, where nothing asked differs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
from narwhals.group_by import LazyGroupBy

from clinical_nb.analysis.cohort import count_everyone
from clinical_nb.analysis.counts import Scan, collect, known_values
from clinical_nb.analysis.stored import called
from clinical_nb.plan import Count, Mixed, Plan, Rank, Records, Visits, columns_of
from clinical_nb.result import Note

_VERBS = ("differs", "differ")


def reduce_to_persons(plan: Plan, scan: Scan) -> tuple[Scan, list[Note]]:  # noqa: PLR0911 - one return a reason
    """Return one row a person, and what is said of it; the scan as it is where that does not apply.

    It applies when no column of the plan has two known values within any person, which is checked for every person. A
    value that is missing in some of a person's rows is the one known in the others. What counts rows of persons, and
    visits, need none; persons are counted by their rows, but where a value stands in some of these only.
    """
    identifier = scan.identifier
    columns = [column for column in columns_of(plan) if column != identifier]
    if (
        identifier is None
        or scan.independent
        or isinstance(plan, Visits | Records | Rank | Mixed)
        or (isinstance(plan, Count) and not columns)
        or any(column not in scan.columns for column in columns)
    ):
        return scan, []
    everyone = count_everyone(scan, identifier)
    if everyone.persons.rows == everyone.persons.persons:
        return scan, []
    is_count = isinstance(plan, Count)
    if beside := _say_beside(scan, columns):
        return scan if is_count else replace(scan, unreduced=beside), []
    values = [known_values(scan, column).alias(f"v{place}") for place, column in enumerate(columns)]
    rows = scan.rows.select(known_values(scan, identifier).alias("person"), *values)
    persons = rows.filter(~nw.col("person").is_null()).group_by("person")
    if differing := _find_varying(persons, columns):
        if is_count:
            return scan, []
        said = " and ".join(f"'{column}'" for column in differing)
        return replace(scan, unreduced=f"{said} {_VERBS[len(differing) > 1]} between the rows of a person."), []
    if is_count and not _is_known_in_some(persons, len(columns)):
        return scan, []
    one = persons.agg(*(nw.col(f"v{place}").max() for place in range(len(columns))))
    names = [identifier, *columns]
    stored = ["person", *(f"v{place}" for place in range(len(columns)))]
    types = one.collect_schema()
    one = one.select(nw.col(old).alias(called(new)) for old, new in zip(stored, names, strict=True))
    schema = nw.Schema({new: types[old] for old, new in zip(stored, names, strict=True)})
    text = (
        "{columns} did not differ between a person's rows ({rows} rows of {persons} persons): each person counts once."
    )
    facts = {"columns": ", ".join(columns), "rows": everyone.persons.rows, "persons": everyone.persons.persons}
    notes = [Note("caution", f"{text} A value missing in some of them is the one known in the others.", facts)]
    if nameless := everyone.rows - everyone.persons.rows:
        facts = {"rows": nameless, "identifier": identifier}
        notes.append(Note("caution", "{rows} rows without {identifier} are not used.", facts))
    return replace(scan, frame=one.to_native(), rows=one, schema=schema, reduced=True), notes


def _say_beside(scan: Scan, columns: Sequence[str]) -> str:
    """Say which column has what belongs to one row, and says nothing of a value that another row has."""
    for column in columns:
        if scan.columns[column].limit:
            return f"some values of '{column}' are only known to lie beyond a limit, which is of one row each."
        if scan.columns[column].reasons:
            return f"'{column}' has a reason beside each missing value, which is of one row each."
    return ""


def _find_varying(persons: LazyGroupBy[Any], columns: Sequence[str]) -> list[str]:
    """Return the columns that have two known values within any person."""
    if not columns:
        return []
    ends = [(f"v{place}", f"low{place}", f"high{place}") for place in range(len(columns))]
    found = persons.agg(
        *(each for v, low, high in ends for each in (nw.col(v).min().alias(low), nw.col(v).max().alias(high)))
    )
    differ = [(nw.col(low) != nw.col(high)).fill_null(False).any().alias(low) for _, low, high in ends]
    varies = collect(found.select(*differ)).row(0)
    return [column for column, does in zip(columns, varies, strict=True) if does]


def _is_known_in_some(persons: LazyGroupBy[Any], columns: int) -> bool:
    """Tell whether any person has rows with a value and rows without it."""
    rows = persons.agg(
        nw.len().alias("rows"), *(nw.col(f"v{place}").count().alias(f"v{place}") for place in range(columns))
    )
    some = [((nw.col(f"v{place}") > 0) & (nw.col(f"v{place}") < nw.col("rows"))).any() for place in range(columns)]
    return any(collect(rows.select(*some)).row(0))
