"""Uploading: from files to a stored version, by the dictionary that was given now or holds from before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from clinical_nb.changes.columns import compare_columns
from clinical_nb.dataset import Dataset
from clinical_nb.dictionary.agreeing import check_grains
from clinical_nb.dictionary.corrections import Corrections, add_corrections, check_corrections, correct
from clinical_nb.dictionary.files import DictionaryFile, read_dictionary_file
from clinical_nb.dictionary.meaning import to_yaml
from clinical_nb.dictionary.said import said_from_json, said_to_json
from clinical_nb.doing import tell
from clinical_nb.enumeration import enumerate_names
from clinical_nb.errors import ClinicalError
from clinical_nb.intake.table import Finding, Table, finding_from_json, finding_to_json
from clinical_nb.intake.upload import identify, read_upload
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.files import check_new_name
from clinical_nb.store.hash import logical_type
from clinical_nb.store.version import Provenance, Version
from clinical_nb.uploading.preparing import Applied, Prepared, Words, prepare

_STILL_THERE = "The version before still has them: what was asked of it can be run again on it."
_SOURCE = "{} as uploaded"  # what a table is called in the store that cleaning made another of


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a version is made of: the files, what tables were called in them, what reading found, what persons say."""

    sources: Sequence[Mapping[str, Any]]
    read_as: Mapping[str, str]
    told: Sequence[Finding]
    words: Words


def store_files(
    store: DataStore, files: Sequence[Path], name: str, dictionary: Path | None, before: Dataset | None
) -> Version:
    """Store files as the next version of a dataset, or find that the current one holds just that.

    The table of a dataset that has only one is called like the dataset, so that a question asked of one year's file
    can be asked of the next's. Corrections and cleaning steps of the version before hold for this one.

    Raises
    ------
    FileError, DictionaryError, StoreError
        With one sentence of what is wrong and what to do.

    """
    if not before:
        check_new_name(name)
    given = read_dictionary_file(dictionary) if dictionary else None
    if before and _is_the_same(files, given, before) and store.holds(before.stored) and store.is_current(before.stored):
        return before.stored
    with store.begin_upload() as place:
        tell(f"Reading {', '.join(file.name for file in files)}")
        uploaded = read_upload(files, place)
        given = given or uploaded.dictionary
        only = len(uploaded.tables) == 1
        called = {table.name: name if only else table.name for table in uploaded.tables}
        kept = _words_of(before) if before else Words()
        words = Words(given, is_new=True, corrections=kept.corrections) if given else kept
        prepared = prepare(uploaded.tables, words, called, _applied(before, {}) if before else None)
        told = [replace(each, table=called.get(each.table, each.table)) for each in uploaded.findings]
        sources = tuple(asdict(source) for source in uploaded.sources)
        origin = _Origin(sources, {table: read for read, table in called.items()}, told, words)
        return _publish(store, name, prepared, origin, before)


def store_corrections(store: DataStore, dataset: Dataset, corrections: Corrections) -> Version:
    """Store what a person says of a dataset's columns as its next version; the tables that were uploaded stay.

    Raises
    ------
    UnknownTableError, UnknownColumnError, DictionaryError
        When it is about what is not there, or impossible.
    ClinicalError
        When the dataset was changed meanwhile.

    """
    check_corrections(dataset.dictionary, corrections)
    made_of = dataset.stored.provenance
    before = _words_of(dataset)
    words = Words(before.file, corrections=add_corrections(before.corrections, corrections))
    read_as = made_of.read_as
    with store.begin_upload():
        tables = [_as_read(dataset, table, read_as.get(table, table)) for table in dataset.tables]
        called = {read_as.get(table, table): table for table in dataset.tables}
        prepared = prepare(tables, words, called, _applied(dataset, corrections))
        scans = {table.name: table.scan for table in prepared.tables}
        check_grains(prepared.meaning, scans, corrections.get("grains", {}))
        _refuse_outdated(store, dataset, "correct")
        told = [finding_from_json(each) for each in made_of.findings[: made_of.read]]
        origin = _Origin(made_of.sources, read_as, told, words)
        return _publish(store, dataset.name, prepared, origin, dataset)


def store_cohorts(store: DataStore, dataset: Dataset, cohorts: Mapping[str, Any]) -> Version:
    """Store which cohorts have a name as a dataset's next version: its tables are the same, and not looked at again.

    Parameters
    ----------
    store, dataset
        Where, and the version that the names are added to.
    cohorts : mapping
        The JSON of each cohort by its name; None takes the name away.

    Raises
    ------
    ClinicalError
        When the dataset was changed meanwhile.

    """
    made_of = dataset.stored.provenance
    said = {"cohorts": cohorts}
    with store.begin_upload():
        for table in dataset.stored.tables.values():
            store.keep_table(table.hash)
        _refuse_outdated(store, dataset, "define")
        return store.publish(
            dataset.name,
            {name: table.hash for name, table in dataset.stored.tables.items()},
            to_yaml(correct(dataset.dictionary, said)),
            replace(made_of, corrections=add_corrections(made_of.corrections, said)),
        )


def _refuse_outdated(store: DataStore, dataset: Dataset, todo: str) -> None:
    """Raise a ClinicalError where the dataset has a newer version than the one that a person looked at."""
    if not store.is_current(dataset.stored):
        raise ClinicalError(f"'{dataset.name}' was changed meanwhile.", f"Look at it again, and {todo} it then.")


def _publish(store: DataStore, name: str, prepared: Prepared, origin: _Origin, before: Dataset | None) -> Version:
    findings = [*origin.told, *prepared.findings, *(_find_changes(prepared.tables, before) if before else ())]
    stored = {table.name: table for table in prepared.tables}
    as_read = stored | dict(prepared.sources)
    cleaned = {table: _SOURCE.format(table) for table in prepared.sources}
    stored |= {cleaned[table]: source for table, source in prepared.sources.items()}
    saved: dict[str, str] = {}
    for called, table in stored.items():
        tell(f"Storing {called}: {table.rows:,} rows")
        saved[called] = store.save_table(table.scan)
    tell(f"Recording {name}")
    return store.publish(
        name,
        saved,
        to_yaml(prepared.meaning),
        Provenance(
            sources=origin.sources,
            read_as=origin.read_as,
            findings=tuple(finding_to_json(finding) for finding in findings),
            read=len(origin.told),
            columns={called: table.scan.collect_schema().names() for called, table in stored.items()},
            cleaned=cleaned,
            said={name: said_to_json(table.said) for name, table in as_read.items() if table.said},
            declared=asdict(origin.words.file) if origin.words.file else None,
            declared_fits=prepared.fits,
            corrections=origin.words.corrections,
            read_by=installed_version("clinical_nb"),
        ),
    )


def _words_of(dataset: Dataset) -> Words:
    """Return what persons said of a version, which holds for the next."""
    made_of = dataset.stored.provenance
    file = DictionaryFile(**made_of.declared) if made_of.declared else None
    return Words(file, corrections=made_of.corrections)


def _applied(dataset: Dataset, corrections: Corrections) -> Applied:
    """Return the steps that a version was cleaned by, but for columns of which a person says now how they are."""
    said = corrections.get("tables", {})
    return {
        table: {
            name: column.clean for name, column in columns.items() if "clean" not in said.get(table, {}).get(name, {})
        }
        for table, columns in dataset.dictionary.tables.items()
    }


def _as_read(dataset: Dataset, table: str, name: str) -> Table:
    """Return a stored table as it was read, under the name that it had then."""
    said = dataset.stored.provenance.said.get(table, {})
    source = dataset.source_of(table)
    return Table(name, source, dataset.tables[table][0], said_from_json(said))


def _is_the_same(files: Sequence[Path], given: DictionaryFile | None, before: Dataset) -> bool:
    """Tell whether the version before was made of these very bytes, in this way, by this version of the reader."""
    made_of = before.stored.provenance
    if made_of.read_by != installed_version("clinical_nb"):
        return False
    if given and (made_of.declared != asdict(given) or not made_of.declared_fits):
        return False  # what does not fit was kept for a later file; given now, it is refused
    return list(made_of.sources) == [asdict(source) for source in identify(files)]


def _find_changes(tables: Sequence[Table], before: Dataset) -> Iterator[Finding]:
    """Tell which tables and columns of the version before are gone, new, or of another type: never in silence."""
    gone = [name for name in before.tables if name not in {table.name for table in tables}]
    if gone:
        text = f"Tables of version {before.number} that are not in this one: {enumerate_names(gone)}."
        yield Finding(tables[0].name, None, 0, text, _STILL_THERE)
    for table in tables:
        if table.name in before.tables:
            yield from _find_changed_columns(table, before)
        else:
            text = f"A table that version {before.number} has not."
            yield Finding(table.name, None, table.rows, text, "")


def _find_changed_columns(table: Table, before: Dataset) -> Iterator[Finding]:
    rows = table.rows
    now = {name: logical_type(name, dtype) for name, dtype in table.scan.collect_schema().items()}
    changed = compare_columns(before.stored.tables[table.name].schema, now)
    if changed.dropped:
        text = f"Columns of version {before.number} that are not in this one: {enumerate_names(list(changed.dropped))}."
        yield Finding(table.name, None, rows, text, _STILL_THERE)
    if changed.added:
        text = f"Columns that version {before.number} has not: {enumerate_names(list(changed.added))}."
        yield Finding(table.name, None, rows, text, "")
    for each in changed.retyped:
        text = f"Is {each.after} now, and was {each.before} in version {before.number}."
        yield Finding(table.name, each.column, rows, text, "Check that its values are what they should be.")
    yield from _find_changed_units(table, before)


def _find_changed_units(table: Table, before: Dataset) -> Iterator[Finding]:
    """Tell where numbers have another unit behind them than in the version before, whose step reads both alike."""
    known = before.dictionary.tables.get(table.name, {})
    corrected = _words_of(before).corrections.get("tables", {}).get(table.name, {})
    for name, said in table.said.items():
        was = known[name].unit if name in known and "unit" not in corrected.get(name, {}) else ""
        if said.unit and was and said.unit.casefold() != was.casefold():
            text = f"In {said.unit} by the file, and in {was} in version {before.number}."
            proposal = "Convert one of them: what was asked of both cannot be compared."
            yield Finding(table.name, name, table.rows, text, proposal, "mixed units")
