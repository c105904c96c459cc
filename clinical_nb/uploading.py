"""Uploading: from files to a stored version, by the dictionary that was given now or holds from before."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from clinical_nb.changes.columns import compare_columns
from clinical_nb.dictionary.declared import DictionaryFile, declare, read_dictionary_file, unknown_columns
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Dictionary, rename_tables, to_yaml
from clinical_nb.dictionary.study import propose_study
from clinical_nb.doing import tell
from clinical_nb.enumeration import enumerate_names
from clinical_nb.errors import DictionaryError
from clinical_nb.intake.table import finding_to_json
from clinical_nb.intake.upload import Finding, Table, Upload, identify, read_upload
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.hash import logical_type
from clinical_nb.store.version import Version

if TYPE_CHECKING:
    from clinical_nb.dataset import Dataset

_STILL_THERE = "The version before still has them: what was asked of it can be run again on it."


def store_files(
    store: DataStore, files: Sequence[Path], name: str, dictionary: Path | None, before: "Dataset | None"
) -> Version:
    """Store files as the next version of a dataset, or find that the current one holds just that.

    The table of a dataset that has only one is called like the dataset, so that a question asked of one year's file
    can be asked of the next's.

    Raises
    ------
    FileError, DictionaryError, StoreError
        With one sentence of what is wrong and what to do.

    """
    store.check_name(name)
    given = read_dictionary_file(dictionary) if dictionary else None
    if before and _is_the_same(files, given, before) and store.holds(before.stored) and store.is_current(before.stored):
        return before.stored
    with store.begin_upload() as place:
        tell(f"Reading {', '.join(file.name for file in files)}")
        uploaded = read_upload(files, place)
        tell("Looking at what the columns are")
        inferred = infer({table.name: table.scan for table in uploaded.tables})
        declared, meaning, findings = _lay_over(inferred, given, before)
        fits = meaning is not inferred  # as far as one is declared
        tables, meaning, findings = _called(name, uploaded, meaning, (*uploaded.findings, *findings))
        meaning, told = _propose(meaning, tables)
        findings += (*told, *(_find_changes(tables, before.stored) if before else ()))
        saved: dict[str, str] = {}
        for table in tables:
            tell(f"Storing {table.name}: {table.rows:,} rows")
            saved[table.name] = store.save_table(table.scan)
        tell(f"Recording {name}")
        return store.publish(
            name,
            saved,
            to_yaml(meaning),
            {
                "sources": [asdict(source) for source in uploaded.sources],
                "findings": [finding_to_json(finding) for finding in findings],
                "columns": {table.name: table.scan.collect_schema().names() for table in tables},
                "declared": asdict(declared) if declared else None,
                "declared_fits": fits,
                "read_by": installed_version("clinical_nb"),
            },
        )


def _is_the_same(files: Sequence[Path], given: DictionaryFile | None, before: "Dataset") -> bool:
    """Tell whether the version before was made of these very bytes, in this way, by this version of the reader."""
    made_of = before.stored.provenance
    if made_of.get("read_by") != installed_version("clinical_nb"):
        return False
    if given and (made_of["declared"] != asdict(given) or not made_of.get("declared_fits", True)):
        return False  # what does not fit was kept for a later file; given now, it is refused
    return made_of["sources"] == [asdict(source) for source in identify(files)]


def _lay_over(
    inferred: Dictionary, given: DictionaryFile | None, before: "Dataset | None"
) -> tuple[DictionaryFile | None, Dictionary, tuple[Finding, ...]]:
    """Return the dictionary file that holds, the meaning under it, and what it says of columns that are not there.

    What was declared for the version before holds until another file is given, as far as it fits; where no column of it
    is there, it is kept for a later file that has them again.
    """
    said = before.stored.provenance.get("declared") if before else None
    declared = given or (DictionaryFile(**said) if said else None)
    if declared is None:
        return None, inferred, ()
    try:
        meaning = declare(inferred, declared)
    except DictionaryError:
        if given:
            raise
        text = f"None of these columns is in '{declared.name}', the dictionary of the version before."
        return declared, inferred, (_finding(inferred, text, "Upload again with a dictionary for these columns."),)
    unknown = unknown_columns(inferred, declared)
    if not unknown:
        return declared, meaning, ()
    text = f"'{declared.name}' declares columns that are not in the data: {enumerate_names(unknown)}."
    return declared, meaning, (_finding(inferred, text, "Mend their names there if they are meant to be here."),)


def _propose(meaning: Dictionary, tables: Sequence[Table]) -> tuple[Dictionary, tuple[Finding, ...]]:
    """Return the meaning with the roles, keys and relations that it does not declare, and what is told of these."""
    related = propose_study(meaning, {table.name: table.scan for table in tables})
    return related.dictionary, tuple(Finding(**asdict(each), kind="relations") for each in related.told)


def _finding(dictionary: Dictionary, text: str, proposal: str) -> Finding:
    return Finding(next(iter(dictionary.tables)), None, 0, text, proposal)


def _find_changes(tables: Sequence[Table], before: Version) -> Iterator[Finding]:
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


def _find_changed_columns(table: Table, before: Version) -> Iterator[Finding]:
    rows = table.rows
    now = {name: logical_type(name, dtype) for name, dtype in table.scan.collect_schema().items()}
    changed = compare_columns(before.tables[table.name].schema, now)
    if changed.dropped:
        text = f"Columns of version {before.number} that are not in this one: {enumerate_names(list(changed.dropped))}."
        yield Finding(table.name, None, rows, text, _STILL_THERE)
    if changed.added:
        text = f"Columns that version {before.number} has not: {enumerate_names(list(changed.added))}."
        yield Finding(table.name, None, rows, text, "")
    for each in changed.retyped:
        text = f"Is {each.after} now, and was {each.before} in version {before.number}."
        yield Finding(table.name, each.column, rows, text, "Check that its values are what they should be.")


def _called(
    name: str, uploaded: Upload, meaning: Dictionary, findings: tuple[Finding, ...]
) -> tuple[tuple[Table, ...], Dictionary, tuple[Finding, ...]]:
    """Call a single table like the dataset."""
    if len(uploaded.tables) != 1:
        return uploaded.tables, meaning, findings
    table = uploaded.tables[0]
    renamed = tuple(replace(each, table=name) if each.table == table.name else each for each in findings)
    return (replace(table, name=name),), rename_tables(meaning, {table.name: name}), renamed
