"""Reads damaged files, one after the other, and says what came of each; it may die of one, as its parent then finds.

A line of its input is a file, and a folder to work in; a line of its output what came of it.
"""

import json
import resource
import sys
import traceback
from pathlib import Path

import polars as pl

from clinical_nb.errors import ClinicalError
from clinical_nb.intake.upload import read_upload
from clinical_nb.uploading.preparing import Words, prepare

ROOM = 6 * 1024**3  # bytes of addresses, of which those that Polars sets aside at the start are one or two
STORED = {"Boolean", "Int64", "Float64", "String", "Date", "Datetime"}


class WrongTableError(Exception):
    """A table that no reader may give."""


def read(file: Path, place: Path) -> str:
    """Read a file as an upload does, and look at all that came of it; return the sentence of a refusal."""
    try:
        upload = read_upload(file, place)
        prepared = prepare(upload.tables, Words(), {table.name: table.name for table in upload.tables})
        for table in (*upload.tables, *prepared.tables):
            _look_through(table.scan, table.rows)
    except ClinicalError as error:
        return str(error)
    return ""


def _look_through(scan: pl.LazyFrame, rows: int) -> None:
    frame = scan.collect(engine="streaming")
    names = [name.casefold() for name in frame.columns]
    kinds = {str(dtype.base_type()) for dtype in frame.dtypes}
    odd = frame.select((~pl.selectors.float().is_finite()).any())
    if (
        frame.height != rows
        or len(set(names)) < len(names)
        or not kinds <= STORED
        or any(odd.row(0) if odd.width else ())
    ):
        raise WrongTableError(f"{frame.height} rows for {rows}, names {frame.columns[:5]}, types {kinds}")
    if any(not name or name != name.strip() or "\x00" in name for name in frame.columns):
        raise WrongTableError(f"names {frame.columns[:5]}")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    for line in sys.stdin:
        file, place = json.loads(line)
        came: dict[str, object] = {}
        try:
            came["refused"] = read(Path(file), Path(place))
        except BaseException as error:  # noqa: BLE001 - whatever it is, a panic of Rust too, it is what is looked for
            frames = traceback.extract_tb(error.__traceback__)
            ours = [f"{Path(each.filename).name}:{each.name}" for each in frames if "clinical_nb" in each.filename]
            came["raised"] = f"{type(error).__name__} in {(ours or ['?'])[-1]}"
            came["trace"] = "".join(traceback.format_exception(error))[-3000:]
        came["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        sys.stdout.write(json.dumps(came) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
