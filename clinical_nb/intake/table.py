"""What reading a file gives: named tables, and what was found in them, as plain values."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.steps import Step, step_from_json, step_to_json
from clinical_nb.intake.header import clean_name, distinct_names

# What findings said before they had the fields of it.
_UNITS_SAID = re.compile(r"(?:Numbers|'(?P<parameter>.*)') in several units, as '(?P<column>.*?)' says: ")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an upload, under a name that no other table of the upload has.

    Its rows are scanned, not held: those of a large file lie in the folder that the upload was given to work in.
    `said` is what the file says of its columns, as far as it does.
    """

    name: str
    scan: pl.LazyFrame
    rows: int
    said: Mapping[str, Said] = field(default_factory=dict[str, Said])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a table that a person should know: what was found, and what was done or can be done about it.

    `column` is None where it is about the whole table; `rows` is how many rows (or cells of the column) it concerns,
    and `at` are the numbers of the first of them, from 1 below the header. `kind` is a word for what it is
    ("missing codes"), the same in every report. `step` is what would clean it, where something declared can;
    `automatic` says that it was done, and can be taken back. `says_units` is the column that says of each number in
    which unit it is, where these are several, and `parameter` what was measured so in a long table.
    """

    table: str
    column: str | None
    rows: int
    text: str
    proposal: str
    kind: str = ""
    at: tuple[int, ...] = ()
    step: Step | None = None
    automatic: bool = False
    says_units: str = ""
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables that one file gave, with its findings."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...] = ()


def distinct_tables(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings of which no two tables share a name, whatever its case: a workbook brings names of its own."""
    names = iter(distinct_names([table.name for reading in readings for table in reading.tables]))
    return [_renamed(reading, {table.name: next(names) for table in reading.tables}) for reading in readings]


def name_tables(files: Sequence[PurePosixPath]) -> tuple[str, ...]:
    """Name tables by their files; where two share a name, by folder and file; no two alike whatever the case."""
    stems = [clean_name(_stem(file)) or "table" for file in files]
    shared = Counter(stem.casefold() for stem in stems)
    named = [
        f"{clean_name(file.parent.name)}_{stem}" if shared[stem.casefold()] > 1 and file.parent.name else stem
        for file, stem in zip(files, stems, strict=True)
    ]
    return distinct_names(named)


def _stem(file: PurePosixPath) -> str:
    """Return a file's name without its extension; what follows the last dot of 'visit.2' is none."""
    return file.name if file.suffix[1:].isdecimal() else file.stem


def _renamed(reading: Reading, names: Mapping[str, str]) -> Reading:
    if all(old == new for old, new in names.items()):
        return reading
    tables = tuple(replace(table, name=names[table.name]) for table in reading.tables)
    told = (replace(finding, table=names.get(finding.table, finding.table)) for finding in reading.findings)
    return Reading(tables, tuple(told))


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return JSON values from which `finding_from_json` makes the finding."""
    step = step_to_json(finding.step) if finding.step else None
    return {**asdict(replace(finding, step=None)), "at": list(finding.at), "step": step}


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """Return the finding that `finding_to_json` wrote, in this version or in one before there were steps."""
    values: dict[str, Any] = dict(data)
    values["at"] = tuple(values.get("at", ()))
    values["step"] = step_from_json(values["step"]) if values.get("step") else None
    if "says_units" not in values and (said := _UNITS_SAID.match(values["text"])):
        values |= {"says_units": said["column"], "parameter": said["parameter"] or ""}
    return Finding(**values)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: '1 row', '1,200 rows'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
