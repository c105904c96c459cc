"""How much of a file is read: the limits that no honest table meets, in one place, and how an administrator sets them.

`CLINICAL_NB_LIMITS="unpacked=8GB,members=5000"` raises or lowers them for every session that is started with it, as
`CLINICAL_NB_HOME` names the store. They are read anew at each upload.
"""

import os
import re
import time
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

from clinical_nb.errors import ClinicalError, FileError

VARIABLE = "CLINICAL_NB_LIMITS"
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_NUMBER = re.compile(r"(\d{1,15})\s*(?:([KMGT])B?)?", re.IGNORECASE | re.ASCII)
_OF_BYTES = frozenset({"unpacked", "floor", "manifest", "xml", "xml_row"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take; each is a whole number, of bytes where nothing else is said.

    Attributes
    ----------
    unpacked
        What an archive, or a Parquet file's text, may become, all members together: more than a study's tables, and
        what a disk that is not full still takes.
    ratio
        How many times its own size that may be. Tables of text shrink 5 to 50 times, a bomb 1,000 times or more.
    floor
        What any archive may become, whatever its ratio: it harms nobody, and an empty form shrinks as a bomb does.
    members
        Files in a zip or a folder: more than domains in any trial, and few enough to be listed.
    cells
        Cells of one table, rows by columns: a few kilobytes of Parquet can declare more than any memory holds.
    sparse_cells
        Cells that a Parquet or Arrow file may have, however small it is: those of a form that is hardly filled in.
    cells_per_byte
        Cells that it may have beyond these for each of its bytes: hardly filled columns take next to nothing.
    columns
        Columns of one table: ten times what the widest forms have, and more than the genes of a chip.
    sheet_cells
        Places between the first and the last cell of a sheet, for each of which its reader makes room.
    page, page_cells
        Characters and cells of a web page, of which each takes as much memory as a hundred of CSV.
    json_parts
        Values, lists and records of a JSON file that has to be read one by one; each takes about a hundred bytes.
    xml
        A part of a workbook that is read as a tree, such as the list of its sheets, which takes kilobytes.
    xml_row
        One row of a workbook, which is looked through as a whole.
    cell
        Characters of one cell: more is a quotation mark that nobody closed.
    manifest
        The list of versions in an archive of a dataset; JSON takes up to 25 times as much memory.
    seconds
        How long one file may be read: a hundred times what two gigabytes of CSV take.

    """

    unpacked: int = 2 * 1024**3
    ratio: int = 200
    floor: int = 64 * 1024**2
    members: int = 1_000
    cells: int = 2_000_000_000
    sparse_cells: int = 20_000_000
    cells_per_byte: int = 100
    columns: int = 100_000
    sheet_cells: int = 200_000_000
    page: int = 256 * 1024**2
    page_cells: int = 20_000_000
    json_parts: int = 20_000_000
    xml: int = 8 * 1024**2
    xml_row: int = 32 * 1024**2
    cell: int = 128 * 1024**2
    manifest: int = 16 * 1024**2
    seconds: int = 3 * 3600


def current_limits() -> Limits:
    """Return the limits as the environment sets them now.

    Raises
    ------
    ClinicalError
        When it names a limit that there is not, or a value that is no number.

    """
    return _read(os.environ.get(VARIABLE, ""))


def raise_to(limit: str, needed: int) -> str:
    """Return how a person whose file is honest has more of it read, as a sentence."""
    said = f"{-(-needed // _UNITS['G'])}GB" if limit in _OF_BYTES else str(needed)
    return f"If you trust the file, start with {VARIABLE}={limit}={said}."


def refuse_large(rows: int, columns: int, file: str) -> None:
    """Raise a FileError where a table has more columns or cells than are read."""
    limits = current_limits()
    if columns > limits.columns:
        problem = f"has {columns:,} columns, and at most {limits.columns:,} are read"
        raise FileError(file, problem, f"Turn columns into rows, or split it. {raise_to('columns', columns)}")
    if rows * columns > limits.cells:
        problem = f"has {rows * columns:,} cells, and at most {limits.cells:,} can be read safely"
        raise FileError(file, problem, f"Split it, or leave out columns. {raise_to('cells', rows * columns)}")


def most_cells(size: int) -> int:
    """Return how many cells a file of so many bytes may declare."""
    limits = current_limits()
    return max(limits.sparse_cells, limits.cells_per_byte * size)


def refuse_hollow(rows: int, columns: int, size: int, file: str) -> None:
    """Raise a FileError where a file of so many bytes declares far more cells than it can honestly hold."""
    refuse_large(rows, columns, file)
    cells = rows * columns
    if cells > most_cells(size):
        problem = f"declares {cells:,} cells in {size:,} bytes, which is refused as unsafe"
        raise FileError(file, problem, f"Split it, or leave out empty columns. {raise_to('sparse_cells', cells)}")


@dataclass(slots=True)
class Clock:
    """The time that one file takes, told between the steps of its reading."""

    file: str
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raise a FileError where it takes longer than a file may."""
        most = current_limits().seconds
        if time.monotonic() - self.began > most:
            problem = f"takes longer than {most:,} seconds to be read, which is refused as unsafe"
            raise FileError(self.file, problem, f"Split it. {raise_to('seconds', 2 * most)}")


@lru_cache(maxsize=4)
def _read(said: str) -> Limits:
    known = {each.name for each in fields(Limits)}
    values: dict[str, int] = {}
    for part in filter(str.strip, said.split(",")):
        name, _, value = (each.strip() for each in part.partition("="))
        number = _NUMBER.fullmatch(value)
        if name not in known:
            problem = f"{VARIABLE} sets '{name}', which is no limit."
            raise ClinicalError(problem, f"There are {', '.join(sorted(known))}.")
        if not number or int(number[1]) == 0:
            problem = f"{VARIABLE} sets '{name}' to '{value}', which is no number above zero."
            example = "8GB" if name in _OF_BYTES else getattr(Limits(), name)
            raise ClinicalError(problem, f"Write it as {name}={example}.")
        values[name] = int(number[1]) * _UNITS[(number[2] or "").upper()]
    return replace(Limits(), **values)
