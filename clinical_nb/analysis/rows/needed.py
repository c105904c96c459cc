"""Which tables and relations a plan needs beside the rows of its own table."""

from collections.abc import Iterator, Sequence

from clinical_nb.dictionary.joining import Path, leads, path_between, paths_between, patients_table
from clinical_nb.dictionary.meaning import Dictionary, Relation
from clinical_nb.plan import AllOf, AnyOf, AnyRow, NoRow, OfRows, Plan, Variable, variables_of, with_inner


def related_tables(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Name the tables whose rows a plan needs beside those of its own, sorted.

    Raises
    ------
    UnknownTableError, PlanError
        When no declared relation leads from one to the other.

    """
    used = relations_used(plan, dictionary)
    found = {table for here, relation in used for table in (here, relation.table)}
    return tuple(sorted(found - {plan.cohort.table}))


def relations_used(plan: Plan, dictionary: Dictionary) -> tuple[tuple[str, Relation], ...]:
    """Return the relations that a plan goes along, each with the table whose rows belong to the other, once each.

    Raises
    ------
    UnknownTableError, PlanError
        When no declared relation leads from one to the other.

    """
    table = plan.cohort.table
    others = dict.fromkeys((*plan.cohort.joined, *persons_of(table, dictionary)))
    ways = [(table, path) for other in others for path in paths_between(dictionary, table, other)]
    for each in rows_taken(plan):
        if each.table != table:
            ways += [(each.table, path) for path in paths_between(dictionary, each.table, table)]
        for condition in conditions_on_rows(each.where):
            ways += _ways_of(condition, each.table, dictionary)
    for condition in conditions_on_rows(variables_of(plan)):
        holder = holder_of(condition, table, plan.cohort.joined, dictionary)
        ways += _ways_of(condition, holder, dictionary)
    steps = [step for start, path in ways for step in zip((start, *(each.table for each in path)), path, strict=False)]
    return tuple(dict.fromkeys(steps))


def rows_taken(plan: Plan) -> tuple[OfRows, ...]:
    """Return what a plan's variables take of several rows, once each."""
    inner = (each for how in plan.cohort.derived for each in with_inner(how))
    return tuple(dict.fromkeys(each for each in inner if isinstance(each, OfRows)))


def holder_of(condition: AnyRow, table: str, joined: Sequence[str], dictionary: Dictionary) -> str:
    """Return whose rows have any such row: the plan's own table, else the joined one that these rows belong to."""
    if leads(dictionary, condition.table, table):
        return table
    held = [each for each in joined if leads(dictionary, condition.table, each)]
    return next((each for each in held if all(leads(dictionary, each, other) for other in held)), table)


def persons_of(table: str, dictionary: Dictionary) -> tuple[str, ...]:
    """Return the patients' table where only relations say whose the rows of a table are."""
    patients = patients_table(dictionary)
    if patients in (None, table) or any(each.role == "patient" for each in dictionary.tables[table].values()):
        return ()
    belongs = leads(dictionary, table, patients) and not leads(dictionary, patients, table)
    return (patients,) if belongs and dictionary.identifier(table) not in _to(table, patients, dictionary) else ()


def _to(table: str, other: str, dictionary: Dictionary) -> tuple[str, ...]:
    path = path_between(dictionary, table, other)
    return path[0].columns if len(path) == 1 else ()


def conditions_on_rows(variables: Sequence[Variable]) -> list[AnyRow]:
    """Return the conditions on rows of finer tables, once each, but those within another."""
    return list(dict.fromkeys(_find_on_rows(variables)))


def _find_on_rows(variables: Sequence[Variable]) -> Iterator[AnyRow]:
    for each in variables:
        if isinstance(each, AnyRow):
            yield each
        elif isinstance(each, NoRow):
            yield each.contrary
        elif isinstance(each, AllOf | AnyOf):
            yield from _find_on_rows(each.conditions)


def _ways_of(condition: AnyRow, table: str, dictionary: Dictionary) -> list[tuple[str, Path]]:
    found = [(condition.table, path) for path in paths_between(dictionary, condition.table, table)]
    for inner in conditions_on_rows(condition.where):
        found += _ways_of(inner, condition.table, dictionary)
    return found
