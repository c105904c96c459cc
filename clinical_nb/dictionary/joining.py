"""Which declared relations lead from the rows of one table to those of another, and what its columns mean there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinical_nb.dictionary.deriving import made_column
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Relation
from clinical_nb.errors import MultiplyingError, PlanError, UnknownColumnError, UnknownTableError, UnrelatedError
from clinical_nb.plans.derived import Derived, OfRows, name_of_derived, sources_of, with_inner

Path = tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """A column of a coarser table as the rows of a finer one have it: where it lies, and what it means."""

    table: str
    column: str
    meaning: Column


def original_of(dictionary: Dictionary, table: str, column: str) -> tuple[str, str]:
    """Return the table and column that a column's values come from: the patients' for an arm beside each event."""
    grain = dictionary.grains.get(table)
    for relation in grain.relations if grain else ():
        if column in relation.copied and column in dictionary.tables.get(relation.table, {}):
            return original_of(dictionary, relation.table, column)
    return table, column


def patients_table(dictionary: Dictionary) -> str | None:
    """Return the table with one row for each patient; of several the one that the others belong to."""
    found = [name for name, grain in dictionary.grains.items() if _is_of_patients(dictionary, name, grain)]
    hubs = [name for name in found if all(name == each or leads(dictionary, each, name) for each in found)]
    first = [name for name in hubs if not any(each.table in found for each in dictionary.grains[name].relations)]
    return first[0] if len(first) == 1 else None


def code_lists(dictionary: Dictionary) -> frozenset[str]:
    """Name the tables that only say what codes of others mean, which have their texts as labels."""
    return frozenset(
        relation.table
        for table, grain in dictionary.grains.items()
        for relation in grain.relations
        if table in dictionary.tables
        and dictionary.tables[table][relation.columns[0]].levels
        and dictionary.tables.get(relation.table, {}).get(relation.keys[0], Column(kind="text")).kind == "identifier"
    )


def leads(dictionary: Dictionary, finer: str, coarser: str) -> bool:
    """Tell whether each row of a table belongs to at most one row of another, which may be the table itself."""
    return finer == coarser or bool(_ways(dictionary, finer, coarser))


def shared_table(dictionary: Dictionary, *tables: str) -> str | None:
    """Return the finest table that the rows of all these belong to, which may be one of them."""
    found = [name for name in dictionary.tables if all(leads(dictionary, each, name) for each in tables)]
    finest = [name for name in found if all(leads(dictionary, name, each) for each in found)]
    return next((name for name in (*tables, *finest) if name in finest), None)


def path_between(dictionary: Dictionary, finer: str, coarser: str) -> Path:
    """Return the relations by which each row of a table belongs to at most one row of another: the shortest way.

    Raises
    ------
    UnknownTableError
        When the dictionary does not have one of them.
    MultiplyingError, UnrelatedError
        When no relation leads there.

    """
    return paths_between(dictionary, finer, coarser)[0]


def paths_between(dictionary: Dictionary, finer: str, coarser: str) -> tuple[Path, ...]:
    """Return each way to the rows of another table that may lead to another of its rows, the shortest first.

    Raises
    ------
    UnknownTableError, MultiplyingError, UnrelatedError
        As for `path_between`.

    """
    for table in (finer, coarser):
        if table not in dictionary.tables:
            raise UnknownTableError(table, "this dataset", dictionary.tables)
    if ways := _ways(dictionary, finer, coarser):
        return ways
    if finer != coarser and (shared := shared_table(dictionary, finer, coarser)):
        raise MultiplyingError(finer, coarser, shared)
    raise UnrelatedError(finer, coarser)


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


def widen(dictionary: Dictionary, table: str, joined: Sequence[str], derived: Sequence[Derived] = ()) -> Dictionary:
    """Return the dictionary in which a table has the columns that joined tables bring, and what is made of columns.

    Raises
    ------
    UnknownTableError, PlanError
        As for `bring_columns`.

    """
    if not joined and not derived:
        return dictionary
    brought = {name: each.meaning for name, each in bring_columns(dictionary, table, joined).items()}
    columns: dict[str, Column] = {**dictionary.tables[table], **brought}
    for how in (inner for each in derived for inner in with_inner(each)):
        for source in sources_of(how):
            if source not in columns:
                raise UnknownColumnError(source, table, columns)
        of = dictionary.tables.get(how.table, {}) if isinstance(how, OfRows) else columns
        columns[name_of_derived(how)] = made_column(how, of)
    tables = {**dictionary.tables, table: columns}
    return dictionary.model_copy(update={"tables": tables})


def _ways(dictionary: Dictionary, finer: str, coarser: str) -> tuple[Path, ...]:
    """Return the ways along relations; only where there is none, those that pass from a row to the one that is its own.

    Of ways that compare the same columns the shortest is enough: a lab value's patient is its visit's where both tables
    have the patient in the key.
    """
    if finer == coarser:
        return ()
    forward = list(_paths(dictionary, finer, coarser, (), backwards=False))
    paths = forward or list(_paths(dictionary, finer, coarser, (), backwards=True))
    return tuple({_shortened(path): path for path in sorted(paths, key=len, reverse=True)}.values())[::-1]


def _paths(
    dictionary: Dictionary, here: str, there: str, passed: tuple[str, ...], *, backwards: bool
) -> Iterator[Path]:
    grain = dictionary.grains.get(here)
    steps = [*(grain.relations if grain else ()), *(_backwards(dictionary, here) if backwards else ())]
    for relation in steps:
        if relation.table == there:
            yield (relation,)
        elif relation.table not in (*passed, here):
            for rest in _paths(dictionary, relation.table, there, (*passed, here), backwards=backwards):
                yield (relation, *rest)


def _backwards(dictionary: Dictionary, table: str) -> Iterator[Relation]:
    """Yield the relations of other tables turned round, of those that have at most one row for each of this table."""
    for name, grain in dictionary.grains.items():
        for each in grain.relations:
            if each.table == table and grain.key and set(grain.key) <= set(each.columns):
                yield each.model_copy(update={"table": name, "columns": each.keys, "keys": each.columns})


def _shortened(path: Path) -> Path:
    """Return a way without the steps that only hand on the same columns."""
    *before, last = path
    while before and set(last.columns) <= set(before[-1].keys):
        passed = before.pop()
        named = dict(zip(passed.keys, passed.columns, strict=True))
        last = last.model_copy(update={"columns": tuple(named[column] for column in last.columns)})
    pairs = sorted(zip(last.columns, last.keys, strict=True))
    columns, keys = tuple(one for one, _ in pairs), tuple(other for _, other in pairs)
    last = last.model_copy(update={"columns": columns, "keys": keys, "confirmed": False})
    return (*(_shortened(tuple(before)) if before else ()), last)


def _is_of_patients(dictionary: Dictionary, table: str, grain: Grain) -> bool:
    columns = dictionary.tables.get(table, {})
    is_one = len(grain.key) == 1 and grain.key[0] in columns and columns[grain.key[0]].role == "patient"
    return is_one or (grain.row == "patient" and len(grain.key) > 1)


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
