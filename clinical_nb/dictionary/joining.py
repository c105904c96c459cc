"""Which declared relations lead from the rows of one table to those of another, and what its columns mean there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.dictionary.meaning import Column, Dictionary, Relation
from clinical_nb.errors import PlanError, UnknownTableError

Path = tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """A column of a coarser table as the rows of a finer one have it: where it lies, and what it means."""

    table: str
    column: str
    meaning: Column


def path_between(dictionary: Dictionary, finer: str, coarser: str) -> Path:
    """Return the relations by which each row of a table belongs to at most one row of another.

    Raises
    ------
    UnknownTableError
        When the dictionary does not have one of them.
    PlanError
        When no declared relation leads there, or there are several ways, which may lead to different rows.

    """
    for table in (finer, coarser):
        if table not in dictionary.tables:
            raise UnknownTableError(table, "this dataset", dictionary.tables)
    paths = list(_paths(dictionary, finer, coarser, ()))
    if len(paths) == 1:
        return paths[0]
    if paths:
        raise PlanError(
            f"Each row of '{finer}' belongs to rows of '{coarser}' in {len(paths)} ways, which may be different rows.",
            "Keep the relation that is meant in the dictionary.",
        )
    if finer != coarser and any(_paths(dictionary, coarser, finer, ())):
        raise PlanError(
            f"A row of '{finer}' may have several rows in '{coarser}': "
            f"joining them would multiply the rows of '{finer}'.",
            f"Ask about the rows of '{coarser}', or for those who have any row of it with something.",
        )
    raise PlanError(
        f"No relation between '{finer}' and '{coarser}' is known: it is open which of their rows belong together.",
        "Declare in the dictionary by which columns they belong together.",
    )


def bring_columns(dictionary: Dictionary, table: str, joined: Sequence[str]) -> Mapping[str, Brought]:
    """Return the columns that joined tables bring to the rows of a finer one, by what they are called there.

    A name that the finer table or another of the joined has too is written with its table, "patients.age". The key by
    which a row belongs to the other is not brought: it is the row's own.

    Raises
    ------
    UnknownTableError, PlanError
        As for `path_between`, and when a name is taken all the same.

    """
    found: list[Brought] = []
    for other in joined:
        path = path_between(dictionary, table, other)
        own = path[0].keys if len(path) == 1 else ()
        found += [Brought(other, name, of) for name, of in dictionary.tables[other].items() if name not in own]
    taken = [*dictionary.tables[table], *(each.column for each in found)]
    clashing = {each.column for each in found if taken.count(each.column) > 1}
    named = {_called(each.table, each.column, clashing): each for each in found}
    if len(named) < len(found) or named.keys() & dictionary.tables[table].keys():
        raise PlanError(f"Columns of '{table}' and of {_and(joined)} have the same names, which cannot be told apart.")
    return {name: _renamed(each, clashing) for name, each in named.items()}


def widen(dictionary: Dictionary, table: str, joined: Sequence[str]) -> Dictionary:
    """Return the dictionary in which a table has the columns that joined tables bring to its rows.

    Raises
    ------
    UnknownTableError, PlanError
        As for `bring_columns`.

    """
    if not joined:
        return dictionary
    brought = {name: each.meaning for name, each in bring_columns(dictionary, table, joined).items()}
    tables = {**dictionary.tables, table: {**dictionary.tables[table], **brought}}
    return dictionary.model_copy(update={"tables": tables})


def _paths(dictionary: Dictionary, here: str, there: str, passed: tuple[str, ...]) -> Iterator[Path]:
    grain = dictionary.grains.get(here)
    for relation in grain.relations if grain else ():
        if relation.table == there:
            yield (relation,)
        elif relation.table not in (*passed, here):
            for rest in _paths(dictionary, relation.table, there, (*passed, here)):
                yield (relation, *rest)


def _renamed(brought: Brought, clashing: set[str]) -> Brought:
    """Let what a column says of those beside it follow their new names."""
    changes: dict[str, object] = {}
    meaning = brought.meaning
    if meaning.reasons:
        changes["reasons"] = _called(brought.table, meaning.reasons, clashing)
    if meaning.baseline:
        changes["baseline"] = _called(brought.table, meaning.baseline, clashing)
    if meaning.limit:
        beside = _called(brought.table, meaning.limit.column, clashing)
        changes["limit"] = meaning.limit.model_copy(update={"column": beside})
    return Brought(brought.table, brought.column, meaning.model_copy(update=changes))


def _called(table: str, column: str, clashing: set[str]) -> str:
    return f"{table}.{column}" if column in clashing else column


def _and(tables: Sequence[str]) -> str:
    return " and ".join(f"'{table}'" for table in tables)
