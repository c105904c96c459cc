"""A folder of tables: which of its files are the tables of a dataset, and what the dataset is called."""

import os
from collections.abc import Iterable
from pathlib import Path

from clinical_nb.errors import FileError
from clinical_nb.intake.header import clean_name
from clinical_nb.intake.limits import current_limits, raise_to
from clinical_nb.intake.unpack import LeftOut

TABLES = "_tables"  # ends the name of a folder that holds the tables of the upload that it is named by
TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
TABLE_SUFFIXES = TEXT_SUFFIXES | frozenset(
    {".parquet", ".pq", ".arrow", ".arrows", ".feather", ".ipc"}
    | {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".json", ".ndjson", ".jsonl"}
    | {".sas7bdat", ".sas7bcat", ".xpt", ".xport", ".sav", ".zsav", ".por", ".dta"}
)
WORDS = ".dictionary.yaml"  # ends the name of the file that says what the columns of an export mean


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return files, with each folder among them replaced by its tables, in the order of their names.

    Tables are delimited text, workbooks, and files of JSON, Parquet, Arrow, SAS, SPSS and Stata, of the folder itself,
    and of folders in it whose name ends in `_tables`. Whatever else lies there is left out (`find_left_out`), and
    hidden files are passed over.

    Raises
    ------
    FileError
        When a folder holds no table, or more than are read (`Limits`), or cannot be read.

    """
    found: list[Path] = []
    for path in paths:
        found += _find_tables(path) if path.is_dir() else [path]
    return found


def find_left_out(paths: Iterable[Path]) -> list[LeftOut]:
    """Return what lies in folders and is none of their tables, nor their dictionary, and why; not what is hidden."""
    left_out: list[LeftOut] = []
    for folder in (each for path in paths if path.is_dir() for each in _folders(path)):
        for path in sorted(folder.iterdir()):
            is_read = _is_table(path) or path.name.endswith(WORDS) or path in _folders(folder)
            if _is_hidden(path) or is_read:
                continue
            reason = f"is no table by its extension '{path.suffix}'" if path.suffix else "is no table by its name"
            if path.is_symlink():
                reason = "is a link to another file"
            elif path.is_dir():
                reason = "is a folder: upload its files, or a zip of all"
            left_out.append(LeftOut(path.name, reason))
    return left_out


def find_dictionary(folder: Path) -> Path | None:
    """Return the dictionary that lies in a folder beside its tables, as an export writes it; None where there is none.

    Raises
    ------
    FileError
        When there are several.

    """
    found = sorted(path for path in folder.iterdir() if path.name.endswith(WORDS) and not path.name.startswith("."))
    if len(found) > 1:
        named = ", ".join(path.name for path in found[:3])
        raise FileError(folder.name, f"holds several dictionaries: {named}", "Say which one: --dictionary PATH.")
    return found[0] if found else None


def name_folder(folder: Path) -> str:
    """Return what a dataset of the tables in a folder is called: like the folder, or the upload that it names."""
    name = clean_name(Path(os.path.normpath(folder.absolute())).name)  # of '..', too
    return name.removesuffix(TABLES).strip() or name or "dataset"


def _find_tables(folder: Path) -> list[Path]:
    try:
        found = [path for each in _folders(folder) for path in sorted(each.iterdir()) if _is_table(path)]
    except OSError as error:
        raise FileError(str(folder), "cannot be opened", "Check that you may read it.") from error
    if not found:
        raise FileError(folder.name, "is a folder without any table", "Put CSV, Excel or Parquet files into it.")
    most = current_limits().members
    if len(found) > most:
        problem = f"holds {len(found):,} tables, and at most {most:,} are read"
        hint = f"Combine them into fewer, or upload them in parts. {raise_to('members', len(found))}"
        raise FileError(folder.name, problem, hint)
    return found


def _folders(folder: Path) -> list[Path]:
    inside = (path for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink())
    return [folder, *(path for path in inside if path.name.endswith(TABLES) and not _is_hidden(path))]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "~$"))


def _is_table(path: Path) -> bool:
    bare = path.name[:-3] if path.name.casefold().endswith(".gz") else path.name
    is_called_so = not _is_hidden(path) and Path(bare).suffix.casefold() in TABLE_SUFFIXES
    return is_called_so and path.is_file() and not path.is_symlink()  # a link may lead to any file of this computer
