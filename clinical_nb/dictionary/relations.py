"""Relations: which rows of one table belong to a row of another, and what each table's rows are; checked exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from clinical_nb.dictionary import telling
from clinical_nb.dictionary.identifiers import may_name_person, names_person, names_row
from clinical_nb.dictionary.keys import Key, find_key, is_number_of_rows, is_unique, names_row_of, patient_of
from clinical_nb.dictionary.matching import (
    Match,
    count_repeats,
    find_copied,
    is_near,
    is_related,
    is_unmistakable,
    match_rows,
)
from clinical_nb.dictionary.meaning import Column, Dictionary, Grain, Relation
from clinical_nb.dictionary.telling import Told, say_names, say_rows
from clinical_nb.dictionary.vocabulary import squeeze, vocabulary

_FEW = 0.1  # of the rows may lack or repeat the patient in what would be the patients' table but for these
_MOST_PAIRS = 300  # of tables that are looked at
_HALF = 0.5
_SITES = frozenset(
    {"site", "siteid", "sitecode", "sitename", "siteno", "center", "centre", "centerid", "centreid", "hospital"}
)


@dataclass(frozen=True, slots=True)
class Related:
    """A dictionary with the grains that were found, and what a person should know of how its tables belong together."""

    dictionary: Dictionary
    told: tuple[Told, ...] = ()


@dataclass(slots=True)
class _Tables:
    """The tables while their relations are looked for: keys and relations are added, and what is to be told."""

    scans: Mapping[str, pl.LazyFrame]
    columns: dict[str, Mapping[str, Column]]
    keys: dict[str, Key]
    relations: dict[str, list[Relation]]
    told: list[Told | None] = field(default_factory=list[Told | None])

    def match(self, table: str, columns: Sequence[str], other: str, keys: Sequence[str]) -> Match | None:
        """Count how the rows of a table meet the keys of another."""
        return match_rows(self.scans[table], columns, self.scans[other], keys)


def relate(dictionary: Dictionary, tables: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Related:
    """Find each table's key and grain, and which tables belong to which.

    A relation is declared where every known value of the columns is a key of the other table: of the patients' table by
    the patient's identifier, of others by columns of the same names, or by a column called as the other table
    (`site_id` of `sites`). Where names do not agree, only patients are related, and only where nearly nothing else is
    possible. Where a few rows have no partner it is told how many; where many have none, nothing is declared. Of two
    tables with the same key the one with fewer rows, or else the one whose name comes later, belongs to the other.

    Parameters
    ----------
    dictionary : Dictionary
        What was inferred and declared, with the roles of patients. A grain that it has stays, and is checked.
    tables : mapping of str to pl.DataFrame or pl.LazyFrame
        The tables by name.

    Returns
    -------
    Related
        The dictionary with a grain for each table of which something is known, and what is to be told.

    """
    # never in the order of the files: the same tables in another archive have the same relations
    scans = {name: tables[name].lazy() for name in sorted(dictionary.tables)}
    found = _Tables(scans, dict(dictionary.tables), {}, {name: [] for name in scans})
    _find_keys(found, dictionary.grains)
    patients = _find_patients(found)
    if patients:
        _relate_patients(found, patients, dictionary.grains)
    elif len(scans) > 1:
        _tell_nearly_patients(found)
    found.told += telling.tell_alike(found.columns)
    for table, other in islice(_pairs(found, patients, dictionary.grains), _MOST_PAIRS):
        _relate_by_name(found, table, other)
    for table, grain in dictionary.grains.items():
        found.told.append(telling.tell_repeated(found.scans, table, grain))
        for relation in grain.relations:
            _check_declared(found, table, relation)
    grains = {
        name: dictionary.grains.get(name)
        or Grain(row=_row_of(found, name), key=_key(found, name), relations=tuple(found.relations[name]))
        for name in scans
        if name in found.keys or name in dictionary.grains or found.relations[name]
    }
    grains = {name: _with_copied(found, name, grain) for name, grain in grains.items()}
    for name, grain in grains.items():
        if name in found.scans:
            found.told += telling.tell_contradicted(found.scans, name, grain)
    return Related(
        dictionary.model_copy(update={"tables": found.columns, "grains": grains}),
        tuple(each for each in found.told if each),
    )


def _with_copied(found: _Tables, table: str, grain: Grain) -> Grain:
    """Return a grain whose relations say which columns each row has from the row that it belongs to."""

    def looked_at(each: Relation) -> Relation:
        scans = found.scans
        is_there = each.table in scans and table in scans
        copied = find_copied(scans[table], each.columns, scans[each.table], each.keys) if is_there else ()
        return each if copied == each.copied else each.model_copy(update={"copied": copied})

    relations = tuple(looked_at(each) for each in grain.relations)
    return grain if relations == grain.relations else grain.model_copy(update={"relations": relations})


def _find_keys(found: _Tables, declared: Mapping[str, Grain]) -> None:
    """Find each table's key; a bare `id` that numbers the rows of something else is no patient's after all."""
    for name, scan in found.scans.items():
        grain, columns = declared.get(name), found.columns[name]
        others = {squeeze(column) for other in found.scans if other != name for column in found.columns[other]}
        if grain is None and not scan.head(1).collect().height:
            continue  # no row tells nothing of what a row is
        key = (
            Key(grain.row, grain.key)
            if grain
            else _find_composite(found, name) or find_key(name, scan, columns, others)
        )
        if key is None:
            continue
        found.keys[name] = key
        patient = patient_of(columns)
        if patient and key.columns == (patient,) and is_number_of_rows(name, patient):
            found.columns[name] = {**columns, patient: columns[patient].model_copy(update={"role": None})}


def _find_composite(found: _Tables, table: str) -> Key | None:
    """Return the key of a table of patients whose numbers begin anew at each site, and take them for nobody's alone."""
    columns, scan = found.columns[table], found.scans[table]
    patient = patient_of(columns)
    if patient is None or squeeze(table) not in vocabulary().patient_tables or is_unique(scan, (patient,)):
        return None
    sites = [name for name in sorted(columns) if squeeze(name) in _SITES]
    site = next((name for name in sites if is_unique(scan, (name, patient))), None)
    if site is None:
        return None
    for name, others in found.columns.items():
        called = {squeeze(each) for each in others}
        own = patient_of(others)
        if own and squeeze(own) == squeeze(patient) and squeeze(site) in called:
            found.columns[name] = {**others, own: others[own].model_copy(update={"role": None})}
            found.keys.pop(name, None)
    repeated = count_repeats(scan, patient)
    rows = f"{repeated.repeated:,} of {repeated.rows:,} rows"
    text = f"It is repeated in {rows}: it tells patients apart only together with '{site}'."
    found.told.append(
        Told(table, patient, repeated.repeated, text, "Use one number for each patient, if there is one.")
    )
    return Key("patient", (site, patient))


def _find_patients(found: _Tables) -> str | None:
    """Return the table of the patients: of those with one row each the one that is called so, else the longest."""
    candidates = [
        name for name, key in found.keys.items() if key.columns and key.columns == (patient_of(found.columns[name]),)
    ]
    named = [name for name in candidates if squeeze(name) in vocabulary().patient_tables]
    if len(named) == 1 or len(candidates) < 2:  # noqa: PLR2004 - there is nothing to choose
        return next(iter(named or candidates), None)
    rows = {
        name: int(found.scans[name].select(pl.len()).collect(engine="streaming").item()) for name in named or candidates
    }
    return max(rows, key=lambda name: rows[name])


def _tell_nearly_patients(found: _Tables) -> None:
    """Tell which tables would be the patients', but for a few rows, or for less than half where it is called so."""
    for table, scan in found.scans.items():
        patient = patient_of(found.columns[table])
        if patient is None:
            continue
        counted = count_repeats(scan, patient)
        most = _HALF if squeeze(table) in vocabulary().patient_tables else _FEW
        if not 0 < counted.missing + counted.repeated <= most * counted.rows:
            continue
        faults = {"repeated": counted.repeated, "missing": counted.missing}
        said = " and ".join(f"{fault} in {number:,}" for fault, number in faults.items() if number)
        text = f"It is {said} of {counted.rows:,} rows, so that no table has one row per patient."
        proposal = "Remove or mend these rows, so that the rows of the other tables can belong to their patients."
        found.told.append(Told(table, patient, counted.missing + counted.repeated, text, proposal))


def _relate_patients(found: _Tables, patients: str, declared: Mapping[str, Grain]) -> None:
    """Relate each table to the patients' by the column with the patient, or by one that holds nothing else."""
    (key,) = found.keys[patients].columns
    for table in found.scans:
        if table == patients or table in declared:
            continue
        column = patient_of(found.columns[table])
        is_named = column is not None and _is_named_as(column, key, patients)
        if column is None:
            column = _find_person(found, table, patients, key)
            if column is None:
                _tell_unmatched(found, table, patients, key)
                continue
            columns = found.columns[table]
            role = columns[column].model_copy(update={"role": "patient"})
            found.columns[table] = {**columns, column: role}
            again = find_key(table, found.scans[table], found.columns[table])
            if again:
                found.keys[table] = again
            is_named = True  # it was looked at, and every value is a patient
        match = found.match(table, (column,), patients, (key,))
        if match is None:
            found.told.append(telling.tell_types(found.scans, table, column, patients, key))
        elif is_named or is_unmistakable(match) or is_near(match):
            _declare(found, table, Relation(table=patients, columns=(column,), keys=(key,)), match)
            if match.without == 0 and match.values < match.keys:
                unmet = match.keys - match.values
                text = f"{unmet:,} of {match.keys:,} patients have no row in '{table}'."
                found.told.append(Told(patients, key, unmet, text))


def _tell_unmatched(found: _Tables, table: str, patients: str, key: str) -> None:
    """Tell of a column that is called as the patients' key why it does not relate its table to theirs."""
    for column in found.columns[table]:
        if not _is_named_as(column, key, patients) or may_name_person(column) or (column,) == _key(found, table):
            continue
        match = found.match(table, (column,), patients, (key,))
        if match is None:
            found.told.append(telling.tell_types(found.scans, table, column, patients, key))
        elif match.without:
            relation = Relation(table=patients, columns=(column,), keys=(key,))
            found.told.append(telling.tell_without(found.scans, table, relation, match))


def _is_named_as(column: str, key: str, table: str) -> bool:
    return squeeze(column) == squeeze(key) or names_row_of(column, table)


def _find_person(found: _Tables, table: str, patients: str, key: str) -> str | None:
    """Return the column of a table without patients whose name may be theirs and whose values all are."""
    fitting: list[str] = []
    for name in found.columns[table]:
        is_named = _is_named_as(name, key, patients)
        if is_named or names_person(name) or may_name_person(name) or names_row(name):
            match = found.match(table, (name,), patients, (key,))
            is_full = match is not None and match.rows > match.missing and not match.without
            if match and is_full and (is_named or is_unmistakable(match)) and (name,) != _key(found, table):
                fitting.append(name)
    return fitting[0] if len(fitting) == 1 else None


def _row_of(found: _Tables, table: str) -> str:
    return found.keys[table].row if table in found.keys else vocabulary().rows.get(squeeze(table), "record")


def _key(found: _Tables, table: str) -> tuple[str, ...]:
    return found.keys[table].columns if table in found.keys else ()


def _pairs(found: _Tables, patients: str | None, declared: Mapping[str, Grain]) -> Iterator[tuple[str, str]]:
    """Yield the tables of which the first may belong to the second by the names of its key."""
    for other in found.scans:
        key = _key(found, other)
        if not key or other == patients or key == (patient_of(found.columns[other]),):
            continue  # who belongs to a patient belongs to her row in the patients' table
        for table in found.scans:
            is_open = table != other and table not in declared and not telling.are_alike(found.columns, table, other)
            if is_open and _find_columns(found, table, other):
                yield table, other


def _find_columns(found: _Tables, table: str, other: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return a table's columns that are called as a key of another, and that key; None where there are none."""
    if names := _columns_named(found, table, other):
        return names, _key(found, other)
    own = {squeeze(name): name for name in found.columns[table]}
    for name in found.columns[other]:  # a `visit_id` beside the patient and the visit tells rows apart too
        column = own.get(squeeze(name))
        if column and names_row_of(name, other) and (column,) != _key(found, table):
            return ((column,), (name,)) if is_unique(found.scans[other], (name,)) else None
    return None


def _columns_named(found: _Tables, table: str, other: str) -> tuple[str, ...]:
    """Return a table's columns that are called as the key of another; none where it has not all of them."""
    key, columns = _key(found, other), found.columns[table]
    persons = patient_of(found.columns[other]), patient_of(columns)
    called = {squeeze(name): name for name in columns}
    names: list[str] = []
    for each in key:
        name = persons[1] if each == persons[0] else called.get(squeeze(each))
        if name is None and len(key) == 1:
            name = next((column for column in columns if names_row_of(column, other)), None)
        if name is None:
            return ()
        names.append(name)
    own = _key(found, table)
    if own == tuple(names) and (len(own) == 1 and may_name_person(own[0])):
        return ()  # the bare `id` of two tables numbers the rows of each
    return tuple(names)


def _relate_by_name(found: _Tables, table: str, other: str) -> None:
    columns, key = _find_columns(found, table, other) or ((), ())
    match = found.match(table, columns, other, key)
    if match is None or match.rows == match.missing:
        return
    if set(columns) == set(_key(found, table)):  # one row each
        order = list(found.scans)
        if match.rows > match.keys or (match.rows == match.keys and order.index(table) < order.index(other)):
            return
    if is_related(match):
        _declare(found, table, Relation(table=other, columns=columns, keys=key), match)


def _declare(found: _Tables, table: str, relation: Relation, match: Match) -> None:
    """Declare a relation where nearly every known value is a key of the other table; tell how many are not, or none."""
    if match.missing:
        named = say_names(relation.columns)
        text = f"{say_rows(match.missing)} no {named}: they belong to no row of '{relation.table}'."
        found.told.append(Told(table, relation.columns[0], match.missing, text))
    if match.without and is_related(match):
        found.told.append(telling.tell_orphans(table, relation, match))
    elif match.without:
        found.told.append(telling.tell_without(found.scans, table, relation, match))
    if match.values and is_related(match):
        found.relations[table].append(relation)


def _check_declared(found: _Tables, table: str, relation: Relation) -> None:
    """Tell where a declared relation does not hold."""
    is_there = (
        table in found.scans
        and relation.table in found.scans
        and set(relation.columns) <= found.columns[table].keys()
        and set(relation.keys) <= found.columns[relation.table].keys()
    )
    match = found.match(table, relation.columns, relation.table, relation.keys) if is_there else None
    if match and match.without:
        found.told.append(telling.tell_orphans(table, relation, match))
