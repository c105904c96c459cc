"""What datasets, tables and columns are called in SQL: a schema a dataset, names told apart that SQL takes for one."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from clinical_nb.store.metadata import readable_metadata
from clinical_nb.store.quoting import told_apart
from clinical_nb.store.version import StoredTable, Version

CATALOG = "memory"  # what DuckDB calls the database of a connection to no file
# A dataset of such a name would be ambiguous, or could not be made: DuckDB has these itself.
_TAKEN = ("main", CATALOG, "temp", "system", "information_schema", "pg_catalog")
Noun = Literal["dataset", "table", "column"]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name that SQL cannot tell from another, and what stands for it there."""

    noun: Noun
    name: str
    stands: str

    def __str__(self) -> str:
        return f"SQL cannot tell the {self.noun} '{self.name}' from another name: it is called '{self.stands}' here."


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of a dataset's current version, with what SQL calls it, its dataset and its columns."""

    dataset: Version
    name: str
    stored: StoredTable
    schema: str
    sql_name: str
    columns: tuple[str, ...]

    @property
    def renamed_columns(self) -> Iterator[Renamed]:
        """The columns that are called otherwise in SQL."""
        pairs = zip(self.stored.schema, self.columns, strict=True)
        return (Renamed("column", name, stands) for name, stands in pairs if name != stands)


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that a statement can use.

    `bare` are the tables that need no dataset before them: that of a dataset with one, by the dataset's name, and
    those of the dataset in use. `unclear` are the names that would mean several, with what to write instead.
    """

    tables: tuple[Table, ...]
    bare: Mapping[str, Table]
    unclear: Mapping[str, tuple[str, ...]]
    renamed: tuple[Renamed, ...]

    def find(self, path: Sequence[str]) -> Table | None:
        """Return the table that `table`, `dataset.table` or `memory.dataset.table` names; None where there is none."""
        folded = tuple(map(fold, path))
        if folded[:1] == (CATALOG,):
            folded = folded[1:]
        if len(folded) == 1:
            return next((table for name, table in self.bare.items() if fold(name) == folded[0]), None)
        named = (table for table in self.tables if (fold(table.schema), fold(table.sql_name)) == folded)
        return next(named, None)

    def remarks(self, tables: Collection[Table], *, everything: bool) -> tuple[str, ...]:
        """Say which names of these tables, or like theirs, or of `everything`, SQL calls otherwise than the person."""
        used = {name.casefold() for table in tables for name in (table.dataset.dataset, table.name)}
        names = [each for each in self.renamed if everything or each.name.casefold() in used]
        columns = [each for table in tables for each in table.renamed_columns]
        return tuple(dict.fromkeys(map(str, [*names, *columns])))


def fold(name: str) -> str:
    """Return what is equal for two names that DuckDB takes for one: it ignores the case of ASCII letters only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


def name_stored(home: Path, in_use: str | None = None) -> Names:
    """Return the SQL names of the current version of every dataset.

    Parameters
    ----------
    home : Path
        The folder of the store.
    in_use : str, optional
        The dataset whose tables need not be written with its name.

    """
    known = sorted(readable_metadata(home).values(), key=lambda versions: versions[0].created)
    return name_tables((versions[-1] for versions in known), in_use)


def name_tables(versions: Iterable[Version], in_use: str | None) -> Names:
    """Return the SQL names of the current versions of datasets."""
    datasets = list(versions)
    schemas = _name_schemas([version.dataset for version in datasets])
    renamed = list(_renamed("dataset", (version.dataset for version in datasets), schemas))
    tables: list[Table] = []
    short: dict[str, list[Table]] = {}
    for version, schema in zip(datasets, schemas, strict=True):
        names = told_apart(version.tables)
        renamed += _renamed("table", version.tables, names)
        own = [
            Table(version, name, stored, schema, sql_name, tuple(told_apart(stored.schema)))
            for (name, stored), sql_name in zip(version.tables.items(), names, strict=True)
        ]
        tables += own
        main = own if len(own) == 1 else [table for table in own if fold(table.sql_name) == fold(schema)]
        for table in main:
            _offer(short, schema, table)
            _offer(short, version.dataset, table)  # which is unclear where another dataset is called nearly so
        for table in own if version.dataset == in_use else ():
            _offer(short, table.sql_name, table)
    bare = {name: found[0] for name, found in short.items() if len(found) == 1}
    unclear = {
        name: tuple(f"{table.schema}.{table.sql_name}" for table in found)
        for name, found in short.items()
        if len(found) > 1
    }
    return Names(tuple(tables), bare, unclear, tuple(renamed))


def _name_schemas(datasets: Sequence[str]) -> list[str]:
    """Name a schema a dataset; of those that SQL takes for one, none has the plain name, whatever else is stored.

    What is added is of the name itself: a statement that was saved never means another dataset later.
    """
    alike = Counter(name.casefold() for name in datasets)
    stands = (f"{name}_{_mark(name)}" if alike[name.casefold()] > 1 else name for name in datasets)
    return told_apart(stands, _TAKEN)


def _mark(name: str) -> str:
    return blake2b(name.encode(), digest_size=2).hexdigest()


def _renamed(noun: Noun, names: Iterable[str], stand: Iterable[str]) -> Iterator[Renamed]:
    return (Renamed(noun, name, each) for name, each in zip(names, stand, strict=True) if name != each)


def _offer(short: dict[str, list[Table]], name: str, table: Table) -> None:
    """Let a table be called by this name alone, unless it is by a name that SQL takes for the same."""
    known = next((each for each in short if fold(each) == fold(name)), name)
    found = short.setdefault(known, [])
    if table not in found:
        found.append(table)
