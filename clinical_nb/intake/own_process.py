"""Run by itself: reads a file in a process of its own, for a damaged one may end the process that reads it.

Readers in C and Rust do so, by a fault of memory or by asking for more than there is. Of 1,000 files of SPSS with one
to eight bytes changed, pyreadstat 1.3.7 and polars-readstat 0.25 each ended about 15. What is read quickly is tried
here and then read again; the sheets of a workbook, which take long, are handed over.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    import polars as pl

_SECONDS = 300  # and one more for each megabyte: a reader that is not done then never is
_MEGABYTE = 1024**2
_ROOM = 4 * 1024**3  # bytes of addresses, and twenty times those of the file, or half of the memory that there is
_END_OF_STREAM = memoryview(b"\xff\xff\xff\xff\x00\x00\x00\x00")  # of Arrow's
HELD = sys.platform == "linux"  # macOS does not hold a process to what it is told

Tried = Literal["sav", "parquet", "arrow", "arrow_stream", "workbook"]


def command(kind: Tried, size: int) -> list[str]:
    """Return how a process is started that reads a file of a kind and of so many bytes.

    It imports what this one does (-P), but nothing that lies beside this file.
    """
    return [sys.executable, "-P", __file__, kind, str(max(_ROOM + 20 * size, _memory() // 2))]


def patience(size: int) -> float:
    """Return for how many seconds a file of so many bytes may be read."""
    return _SECONDS + size / _MEGABYTE


def survives(kind: Tried, source: Path | bytes, most: int = 0) -> bool:
    """Tell whether the readers of a kind of file come to an end with one, be it with an error.

    Columns are read where they have no more cells than `most`; of others it is tried whether they say how many.
    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    more, data = ([str(source)], None) if isinstance(source, Path) else ([str(most)], source)
    try:
        ended = subprocess.run(  # noqa: S603 - this very file, and a path that is passed as it is
            [*command(kind, size), *more], input=data, capture_output=True, check=False, timeout=patience(size)
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _memory() -> int:
    return 0 if sys.platform == "win32" else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _hold_to(room: int) -> None:
    """Hold this process to so many bytes of addresses, and offer it first where the machine's memory runs out."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - which Windows has not

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    room = room if most == resource.RLIM_INFINITY else min(room, most)
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would be a copy of the data
    oom = Path("/proc/self/oom_score_adj")
    if oom.exists():
        oom.write_text("1000", encoding="ascii")


def _try_spss(path: str) -> None:
    """Read a file of SPSS as it will be read, and pass over errors, which are no harm."""
    import polars_readstat  # noqa: PLC0415 - after the limit, and never where this module is only imported
    import pyreadstat  # noqa: PLC0415 - the same

    reasons = {"columns": "all", "use_value_labels": False}
    for attempt in (
        lambda: pyreadstat.read_sav(path, user_missing=True, output_format="dict", disable_datetime_conversion=True),
        lambda: polars_readstat.read_readstat(  # pyright: ignore[reportUnknownMemberType] - in part
            path, threads=1, preserve_order=True, informative_nulls=reasons
        ),
    ):
        try:
            attempt()
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is one too
            sys.stderr.write(f"{error}\n")


def _try_columns(kind: str, data: bytes, most: int) -> None:
    """Read a Parquet or Arrow file as it will be read, and every value in it; an error is no harm."""
    from io import BytesIO  # noqa: PLC0415 - as below

    import polars as pl  # noqa: PLC0415 - after the limit, and never where this module is only imported

    scan, read = (pl.scan_parquet, pl.read_parquet) if kind == "parquet" else (pl.scan_ipc, pl.read_ipc)
    try:
        if kind == "arrow_stream":
            frame = read_stream(data, most)
        else:
            rows = scan(BytesIO(data)).select(pl.len()).collect().item()
            if rows * len(scan(BytesIO(data)).collect_schema()) > most:
                return
            frame = read(BytesIO(data))
        with Path(os.devnull).open("wb") as nowhere:
            frame.write_ipc_stream(nowhere, compat_level=pl.CompatLevel.oldest())
    except BaseException as error:  # noqa: BLE001 - a panic of Rust is one too
        sys.stderr.write(f"{error}\n")


def read_stream(data: bytes, most: int) -> "pl.DataFrame":
    """Return the rows of a stream of Arrow, which are counted only as they are read; no more where they pass `most`.

    The last batch that is read may be the one that passes this number of cells.
    """
    import polars as pl  # noqa: PLC0415 - as above
    import pyarrow as pa  # noqa: PLC0415 - the same

    arrow: Any = pa  # which has no types
    cells, batches = 0, list[Any]()
    try:
        with arrow.ipc.open_stream(data) as stream:
            for batch in stream:
                batch.validate(full=True)  # one that lies about how many values are missing makes Polars panic
                batches.append(batch)
                cells += batch.num_rows * batch.num_columns
                if cells > most:
                    break
            return pl.DataFrame(arrow.Table.from_batches(batches, stream.schema))
    except arrow.ArrowException as error:
        raise ValueError(str(error)) from error


def _serve_sheets(source: BinaryIO, sink: BinaryIO) -> None:
    """Open a workbook, say its sheets, and hand over what of them is asked for: a line of JSON, and Arrow's bytes.

    What its reader says is wrong with the file is answered, and anything else ends the process.
    """
    import fastexcel  # noqa: PLC0415 - after the limit, and never where this module is only imported

    def answer(facts: dict[str, Any], *parts: memoryview) -> None:
        size = sum(len(part) for part in parts)
        sink.writelines([json.dumps({**facts, "size": size}).encode(), b"\n", *parts])
        sink.flush()

    data = source.read(int(source.readline()))
    reader: fastexcel.ExcelReader | None = None
    for line in source:
        try:
            reader = reader or fastexcel.read_excel(data)
            asked = json.loads(line)
            if asked:
                answer(*_load(reader, asked))
            else:
                answer({"sheets": reader.sheet_names})
        except BaseException as error:
            if not isinstance(error, fastexcel.FastExcelError) and type(error).__name__ != "PanicException":
                raise
            answer({"failed": str(error)})


def _load(reader: Any, asked: dict[str, Any]) -> tuple[dict[str, Any], *tuple[memoryview, ...]]:  # noqa: ANN401 - known where fastexcel is
    sheet = reader.load_sheet(
        asked["sheet"],
        header_row=asked["header"],
        dtypes=asked["dtype"],
        use_columns=asked["columns"],
        schema_sample_rows=None,
        whitespace_as_null=True,
    )
    facts: dict[str, Any] = {"visible": sheet.visible == "visible", "names": [], "wrong": []}
    if not sheet.width:
        return (facts,)
    facts["names"] = [[each.name, each.column_name_from == "looked_up"] for each in sheet.selected_columns]
    batch, failed = (sheet.to_arrow(), None) if asked["dtype"] == "float" else sheet.to_arrow_with_errors()
    facts["wrong"] = [[*each.offset_position, each.detail] for each in failed.errors] if failed else []
    return facts, memoryview(batch.schema.serialize()), memoryview(batch.serialize()), _END_OF_STREAM


def _main(kind: str, room: int, rest: list[str]) -> None:
    _hold_to(room)
    if kind == "workbook":
        _serve_sheets(sys.stdin.buffer, sys.stdout.buffer)
    elif kind == "sav":
        _try_spss(*rest)
    else:
        _try_columns(kind, sys.stdin.buffer.read(), int(rest[0]))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
