"""Parquet and Arrow files → a table, by the types that their columns have."""

from io import BytesIO

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Reading
from clinical_nb.intake.typed import MAX_CELLS, read_typed

_PARQUET, _ARROW = b"PAR1", b"ARROW1"  # at the beginning and the end of such a file
_AGAIN = "Download or export it again."


def read_parquet(data: bytes, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read a Parquet file as one table, as `read_typed` does.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        Its name, for the sentence of an error.
    name : str
        The table's name.
    desk : Desk, optional
        Where it is put; by default in memory.

    Returns
    -------
    Reading
        One table, with what was changed.

    Raises
    ------
    FileError
        When it is damaged or unreasonably large.

    """
    _refuse_cut(data, _PARQUET, "Parquet", file)
    try:
        _refuse_large(pl.scan_parquet(BytesIO(data)), "Parquet", file)
        frame = pl.read_parquet(BytesIO(data), missing_columns="raise")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise FileError(file, "is a damaged Parquet file", _AGAIN) from error
    return read_typed(frame, name, desk)


def read_arrow(data: bytes, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read an Arrow file (Feather 2) as one table; else as `read_parquet`."""
    _refuse_cut(data, _ARROW, "Arrow", file)
    try:
        _refuse_large(pl.scan_ipc(BytesIO(data)), "Arrow", file)
        frame = pl.read_ipc(BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise FileError(file, "is a damaged Arrow file", _AGAIN) from error
    return read_typed(frame, name, desk)


def _refuse_cut(data: bytes, magic: bytes, kind: str, file: str) -> None:
    if len(data) <= 2 * len(magic) or not data.endswith(magic):
        raise FileError(file, f"is a damaged {kind} file: its end is missing", _AGAIN)


def _refuse_large(scan: pl.LazyFrame, kind: str, file: str) -> None:
    width = len(scan.collect_schema())
    if not width:
        raise FileError(file, f"is a file of {kind} without columns", _AGAIN)
    if scan.select(pl.len()).collect().item() * width > MAX_CELLS:
        raise FileError(file, "has more cells than can be read safely", "Split it, or leave out columns.")
