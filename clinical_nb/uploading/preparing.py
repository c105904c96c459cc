"""Preparing: from tables as they were read to tables as they are meant, with dictionary and quality report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from clinical_nb.dictionary.corrections import Corrections, correct
from clinical_nb.dictionary.declared import declare, unknown_columns
from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Column, Dictionary, rename_tables
from clinical_nb.dictionary.overlay import declared_steps
from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.steps import Split, Step, step_from_json
from clinical_nb.dictionary.study import propose_study
from clinical_nb.doing import tell
from clinical_nb.enumeration import enumerate_names
from clinical_nb.errors import DictionaryError
from clinical_nb.intake.table import Finding, Table
from clinical_nb.quality.cleaning import clean, without_rows
from clinical_nb.quality.kept_units import find_unitless, keep_units
from clinical_nb.quality.pairs import name_parts
from clinical_nb.quality.report import inspect
from clinical_nb.quality.unread import find_unread

Applied = Mapping[str, Mapping[str, Sequence[Step]]]


@dataclass(frozen=True, slots=True)
class Words:
    """What persons say of a dataset: a dictionary file, which `is_new` where it was given just now, and corrections."""

    file: DictionaryFile | None = None
    is_new: bool = False
    corrections: Corrections = field(default_factory=dict[str, dict[str, object]])


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is stored of an upload.

    `sources` are the tables as they were read, by the name of each that cleaning changed. `fits` says whether the
    dictionary file declares any column that is there.
    """

    tables: tuple[Table, ...]
    sources: Mapping[str, Table]
    meaning: Dictionary
    findings: tuple[Finding, ...]
    fits: bool = True


def prepare(read: Sequence[Table], words: Words, called: Mapping[str, str], before: Applied | None = None) -> Prepared:
    """Find what is wrong in tables, clean them by the steps that hold, and say what their columns mean.

    A step holds where a person declared it, or where it is `automatic` and nobody declared or rejected any for that
    column.

    Parameters
    ----------
    read : sequence of Table
        As they were read.
    words : Words
        What persons say.
    called : mapping of str to str
        What each table is called in the dataset, by the name under which it was read.
    before : mapping of str to mapping of str to sequence of Step, optional
        The steps that were applied in the version before, by table as it is called, and column.

    Raises
    ------
    DictionaryError
        When a new dictionary file does not fit, or a step cannot be meant for its column.

    """
    cleaned = _clean_all(read, words, called, before or {})
    tell("Looking at what the columns are")
    tables = cleaned.tables
    inferred = infer({table.name: table.scan for table in tables}, {table.name: table.said for table in tables})
    inferred = _with_steps(inferred, cleaned.steps, tables)
    meaning, told = _lay_over(inferred, words)
    renamed = rename_tables(meaning, called)
    study = propose_study(correct(renamed, words.corrections), {called[table.name]: table.scan for table in tables})
    findings = [
        name_parts(replace(each, table=called[each.table]), study.dictionary) for each in (*told, *cleaned.findings)
    ]
    related = [Finding(**asdict(each), kind="relations") for each in study.told]
    return Prepared(
        tables=tuple(replace(table, name=called[table.name]) for table in tables),
        sources={called[table.name]: table for table in read if table.name in cleaned.changed},
        meaning=_with_kept(study.dictionary, {called[name]: each for name, each in cleaned.steps.items()}),
        findings=tuple(each for each in (*findings, *related) if not _is_settled(each, study.dictionary)),
        fits=meaning is not inferred,
    )


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """Tables after the steps that hold, and what there is to say of them; all by the names under which they were read.

    `changed` are the tables that have steps.
    """

    tables: Sequence[Table]
    steps: Applied
    changed: frozenset[str]
    findings: Sequence[Finding]


def _clean_all(read: Sequence[Table], words: Words, called: Mapping[str, str], before: Applied) -> _Cleaned:
    """Find what is wrong in tables, and clean them; what was done is told, what could not be read, and what is left."""
    tell("Looking for what is wrong in the tables")
    found = inspect(read)
    applied = {table.name: before.get(called[table.name], {}) for table in read}
    steps = {
        table.name: keep_units(table, _steps_of(table, found, words, called[table.name]), applied[table.name])
        for table in read
    }
    done = [each for each in found if each.automatic and each.step in steps[each.table].get(each.column or "", ())]
    kept = [without_rows(table, steps[table.name]) for table in read]
    tables = [clean(table, steps[table.name]) for table in kept]
    anew = [cleaned for source, cleaned in zip(read, tables, strict=True) if cleaned is not source]
    changed = frozenset(table.name for table in anew)
    unread = [*find_unread(kept, tables, steps), *find_unitless(read, steps, applied)]
    left = (*(each for each in found if each.table not in changed), *inspect(anew))
    return _Cleaned(tables, steps, changed, (*done, *unread, *left))


def _steps_of(table: Table, found: Sequence[Finding], words: Words, called: str) -> dict[str, tuple[Step, ...]]:
    """Return the steps that hold for each column of a table."""
    steps: dict[str, tuple[Step, ...]] = {}
    corrected = words.corrections.get("tables", {}).get(called, {})
    for each in found:
        if each.table == table.name and each.column and each.step and each.automatic:
            rejected = [step_from_json(step) for step in corrected.get(each.column, {}).get("rejected", ())]
            if each.step not in rejected:
                steps[each.column] = (*steps.get(each.column, ()), each.step)
    steps |= declared_steps(words.file, (table.name, called)) if words.file else {}
    for column, fields in corrected.items():
        if "clean" in fields:
            steps[column] = tuple(step_from_json(step) for step in fields["clean"])
    return steps


def _with_steps(
    inferred: Dictionary, steps: Mapping[str, Mapping[str, Sequence[Step]]], tables: Sequence[Table]
) -> Dictionary:
    """Return the dictionary with the steps of each column, and what they brought about."""
    said = {table.name: table.said for table in tables}

    def entry(table: str, name: str, column: Column) -> Column:
        by, about = steps[table].get(name, ()), said[table].get(name, Said())
        if not (by or about.reasons or about.limit):
            return column
        return column.model_copy(update={"clean": tuple(by), "reasons": about.reasons, "limit": about.limit})

    entries = {
        table: {name: entry(table, name, column) for name, column in columns.items()}
        for table, columns in inferred.tables.items()
    }
    return inferred.model_copy(update={"tables": entries})


def _with_kept(meaning: Dictionary, steps: Applied) -> Dictionary:
    """Return the dictionary with the steps as they were applied: in the unit that they were declared for."""
    tables = {
        table: {
            name: column.model_copy(update={"clean": tuple(steps[table][name])}) if steps[table].get(name) else column
            for name, column in columns.items()
        }
        for table, columns in meaning.tables.items()
    }
    return meaning.model_copy(update={"tables": tables})


def _is_settled(finding: Finding, meaning: Dictionary) -> bool:
    """Tell whether a proposal was rejected already, or a column is split already, into whatever names."""
    column = meaning.tables.get(finding.table, {}).get(finding.column or "")
    if column is None or finding.step is None:
        return False
    is_split = isinstance(finding.step, Split) and any(isinstance(step, Split) for step in column.clean)
    return is_split or finding.step in column.rejected


def _lay_over(inferred: Dictionary, words: Words) -> tuple[Dictionary, tuple[Finding, ...]]:
    """Return the meaning as the dictionary file declares it, and what it says of columns that are not there.

    What was declared for the version before holds until another file is given, as far as it fits; where no column of it
    is there, it is kept for a later file that has them again.
    """
    declared = words.file
    if declared is None:
        return inferred, ()
    try:
        meaning = declare(inferred, declared)
    except DictionaryError:
        if words.is_new:
            raise
        text = f"None of these columns is in '{declared.name}', the dictionary of the version before."
        return inferred, (_finding(inferred, text, "Upload again with a dictionary for these columns."),)
    unknown = unknown_columns(inferred, declared)
    if not unknown:
        return meaning, ()
    text = f"'{declared.name}' declares columns that are not in the data: {enumerate_names(unknown)}."
    return meaning, (_finding(inferred, text, "Mend their names there if they are meant to be here."),)


def _finding(dictionary: Dictionary, text: str, proposal: str) -> Finding:
    return Finding(next(iter(dictionary.tables)), None, 0, text, proposal)
