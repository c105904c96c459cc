"""Exporting: a version's tables and what they mean as files that other programs read, and that upload reads back."""

import warnings
from collections.abc import Iterator, Mapping
from os.path import lexists
from pathlib import Path

import polars as pl

from clinical_nb.dataset import Dataset
from clinical_nb.dictionary.meaning import rename_tables, to_yaml
from clinical_nb.doing import tell
from clinical_nb.enumeration import enumerate_names
from clinical_nb.errors import ClinicalError
from clinical_nb.formulas import count_runs
from clinical_nb.intake.folder import WORDS
from clinical_nb.intake.table import counted
from clinical_nb.intake.upload import read_upload
from clinical_nb.store.files import file_name, write_whole
from clinical_nb.store.forms import FORMS
from clinical_nb.store.hash import hash_table, logical_type

_READ_BACK = 64 * 1024**2  # bytes of CSV; reading more to see whether it is the same would take longer than writing it


def export_dataset(dataset: Dataset, folder: Path, form: str, *, replace: bool) -> list[Path]:
    """Write each table of a version to a file of its own, and its dictionary beside; return the files.

    What CSV cannot hold is warned of, and so is what a spreadsheet program would run as a formula, which is protected.

    Raises
    ------
    ClinicalError
        When the form is unknown, or a file is there already and is not to be replaced.
    StoreError
        When the store has lost a table, or the folder cannot be written.

    """
    if form not in FORMS:
        raise ClinicalError(f"There is no format '{form}' to export to.", f"Choose {', '.join(FORMS)}.")
    stems = {table: file_name(table) for table in dataset.tables}
    targets = {table: folder / f"{stem}.{form}" for table, stem in stems.items()}
    words = folder / f"{file_name(dataset.name)}{WORDS}"
    there = [file.name for file in (*targets.values(), words) if lexists(file)]
    if there and not replace:
        raise ClinicalError(f"'{there[0]}' is in '{folder}' already.", "Choose another folder, or --replace.")
    for table, target in targets.items():
        rows, _ = dataset.tables[table]
        tell(f"Exporting {table}: {rows:,} rows")
        columns = dataset.stored.provenance.columns[table]
        dataset.store.export_table(dataset.stored.tables[table].hash, columns, target, form)
    # by the files' names, since those are what its tables will be called when they are uploaded
    meaning = rename_tables(dataset.dictionary, stems)
    write_whole(words, lambda beside: beside.write_text(to_yaml(meaning), encoding="utf-8"))
    if form == "csv":
        for table, target in targets.items():
            for doubt in _doubts(dataset, table, target):
                warnings.warn(doubt, stacklevel=3)
    return [*targets.values(), words]


def _doubts(dataset: Dataset, table: str, file: Path) -> Iterator[str]:
    """Tell what of a table its CSV does not hold, and what of it a spreadsheet program would take for a formula."""
    formulas = count_runs(dataset.lazy(table))
    if formulas:
        many = sum(formulas.values())
        yield (
            f"'{file.name}' has {counted(many, 'cell')} that a spreadsheet program may run as a formula, since they "
            f"begin with =, +, - or @: an apostrophe was written before each, which %clinical upload takes away again "
            f"({enumerate_names(list(formulas))})."
        )
    if file.stat().st_size > _READ_BACK:
        return
    tell(f"Reading {file.name} back")
    stored = dataset.stored.tables[table]
    try:
        (read,) = read_upload([file]).tables
    except ClinicalError as error:
        yield f"'{file.name}' cannot be read back by %clinical upload: {error.message} Export as Parquet for that."
        return
    if hash_table(read.scan) != stored.hash:
        changed = _find_changed(stored.schema, read.scan)
        which = f" ({enumerate_names(changed)})" if changed else ""
        yield (
            f"'{file.name}' is not read back as quite the same table: CSV does not keep what is text, number or date"
            f"{which}. Parquet and Arrow do."
        )


def _find_changed(schema: Mapping[str, str], table: pl.LazyFrame) -> list[str]:
    now = {name: logical_type(name, dtype) for name, dtype in table.collect_schema().items()}
    return [name for name, kind in schema.items() if now.get(name) != kind]
