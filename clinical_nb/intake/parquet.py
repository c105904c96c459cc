"""Parquet and Arrow files → a table, by the types that their columns have."""

from io import BytesIO
from typing import Literal

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.limits import current_limits, most_cells, raise_to, refuse_hollow
from clinical_nb.intake.own_process import read_stream, survives
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.table import Reading
from clinical_nb.intake.typed import read_typed

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
    _refuse_deadly(data, "parquet", "Parquet", file)
    try:
        _refuse_large(pl.scan_parquet(BytesIO(data)), "Parquet", len(data), file)
        frame = pl.read_parquet(BytesIO(data), missing_columns="raise")
    except pl.exceptions.DuplicateError as error:
        raise FileError(file, "has several columns of one name", "Rename them, and write the file again.") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        if "precision must be between" in str(error):
            problem = "has decimals of more than 38 digits, which cannot be read"
            raise FileError(file, problem, "Write the column as double or as text.") from error
        raise FileError(file, "is a damaged Parquet file", _AGAIN) from error
    return read_typed(_refuse_repeated(frame, "Parquet", file), name, desk)


def read_arrow(data: bytes, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read an Arrow file (Feather 2) as one table; else as `read_parquet`."""
    _refuse_cut(data, _ARROW, "Arrow", file)
    _refuse_deadly(data, "arrow", "Arrow", file)
    try:
        _refuse_large(pl.scan_ipc(BytesIO(data)), "Arrow", len(data), file)
        frame = pl.read_ipc(BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise FileError(file, "is a damaged Arrow file", _AGAIN) from error
    return read_typed(_refuse_repeated(frame, "Arrow", file), name, desk)


def read_arrow_stream(data: bytes, file: str, name: str, desk: Desk | None = None) -> Reading:
    """Read a stream of Arrow (`.arrows`) as one table; else as `read_parquet`. A cut one has its whole batches only."""
    _refuse_deadly(data, "arrow_stream", "Arrow", file)
    try:
        frame = read_stream(data, most_cells(len(data)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError) as error:
        raise FileError(file, "is a damaged Arrow file", _AGAIN) from error
    refuse_hollow(frame.height, frame.width, len(data), file)
    if not frame.width:
        raise FileError(file, "is a file of Arrow without columns", _AGAIN)
    return read_typed(_refuse_repeated(frame, "Arrow", file), name, desk)


def _refuse_cut(data: bytes, magic: bytes, kind: str, file: str) -> None:
    if len(data) <= 2 * len(magic) or not data.endswith(magic):
        raise FileError(file, f"is a damaged {kind} file: its end is missing", _AGAIN)


def _refuse_deadly(data: bytes, tried: Literal["parquet", "arrow", "arrow_stream"], kind: str, file: str) -> None:
    """Raise a FileError where reading ends the process: by what Polars asks of the memory, or does to it."""
    if not survives(tried, data, most_cells(len(data))):
        problem = f"is a damaged {kind} file, or needs more memory to be read than there is"
        raise FileError(file, problem, "Download or export it again, or split it.")


def _refuse_large(scan: pl.LazyFrame, kind: str, size: int, file: str) -> None:
    width = len(scan.collect_schema())
    if not width:
        raise FileError(file, f"is a file of {kind} without columns", _AGAIN)
    refuse_hollow(scan.select(pl.len()).collect().item(), width, size, file)


def _refuse_repeated(frame: pl.DataFrame, kind: str, file: str) -> pl.DataFrame:
    """Return a frame whose text is not long where it is written out, however short the file that says to repeat it."""
    limits, total = current_limits(), 0
    for column in frame.select(pl.selectors.by_dtype(pl.String, pl.Binary)).iter_columns():
        sizes = column.str.len_bytes() if column.dtype == pl.String else column.bin.size()
        total += int(sizes.cast(pl.UInt64).sum())
        longest = int(sizes.to_frame("size").select(pl.col("size").max().fill_null(0)).item())
        if longest > limits.cell:
            problem = f"is a file of {kind} with a cell of {longest:,} bytes, and at most {limits.cell:,} are read"
            raise FileError(file, problem, f"Leave column '{column.name}' out. {raise_to('cell', longest)}")
    if total > limits.unpacked:
        problem = f"is a file of {kind} with {total / 1024**2:,.0f} MB of text, which is refused as unsafe"
        raise FileError(file, problem, f"Split it, or leave out columns. {raise_to('unpacked', total)}")
    return frame
