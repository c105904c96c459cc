"""Reading a SAS dataset of 100 MB beside polars-readstat reading the same file and no more.

No free program writes such files, so this one is a small real one (haven's iris, MIT) with its rows over and over, on
pages of their own as SAS writes them.
"""

import struct
import tempfile
from pathlib import Path

import polars_readstat
from measure import median_seconds, seconds, show

from clinical_nb.intake.stage import Desk
from clinical_nb.intake.statistical import read_statistical

IRIS = Path(__file__).parent.parent / "tests" / "files" / "iris.sas7bdat"
REPEATS = 5
PAGES = 1_600
_PAGE = 65_536
_ROW = 40
_PAGE_COUNT = 208  # where the header says how many pages there are
_DATA_PAGE = 256
_FIRST = 24  # bytes that begin a page


def make_sas(file: Path, pages: int) -> None:
    """Write iris with so many more pages of its rows."""
    small = IRIS.read_bytes()
    header, page = bytearray(small[:_PAGE]), bytearray(small[_PAGE:])
    begin = page.index(b"setosa") - 32
    rows = bytes(page[begin : begin + 150 * _ROW])
    each = (_PAGE - _FIRST) // _ROW
    sizes = page.index(b"\xf7\xf7\xf7\xf7")  # begins what says how long and how many rows are
    struct.pack_into("<I", header, _PAGE_COUNT, pages + 1)
    struct.pack_into("<I", page, sizes + 24, 150 + pages * each)
    struct.pack_into("<I", page, sizes + 60, 150)  # of these rows on the first page
    many = rows * (each // 150 + 2)
    start = bytearray(_FIRST)
    struct.pack_into("<HH", start, 16, _DATA_PAGE, each)
    more = (bytes(start) + many[: each * _ROW]).ljust(_PAGE, b"\0")
    with file.open("wb") as out:
        out.write(header + page)
        for _ in range(pages):
            out.write(more)


def main() -> None:
    """Time both in turns."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "iris.sas7bdat"
        make_sas(file, PAGES)

        def read() -> None:
            with tempfile.TemporaryDirectory() as place, file.open("rb") as content:
                read_statistical(content, "sas7bdat", file.name, "iris", Desk(Path(place)))

        works = {
            "clinical_nb: typed, tidied, reasons of missing cells": lambda: seconds(read),
            "polars-readstat: the bare reader": lambda: seconds(
                lambda: polars_readstat.read_readstat(str(file), preserve_order=True)
            ),
        }
        title = f"SAS dataset of {file.stat().st_size / 1e6:.0f} MB (iris, over and over)"
        show(title, median_seconds(works, REPEATS), "at most 1.5 x")


if __name__ == "__main__":
    main()
