"""The sheets of a workbook, as a process of its own hands them over: a damaged one ends that, and not this one."""

import json
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from threading import Thread, Timer
from typing import IO, Any, Literal, NoReturn, cast

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.own_process import command, patience
from clinical_nb.intake.sheet_reach import damaged_workbook


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a sheet is asked for: its cells in one type, or each column in its own; below a header, or all.

    `sheet` is a name, or a number from 0; so are `columns`, within the used part of the sheet.
    """

    sheet: str | int
    dtype: Literal["string", "float"] | None
    header: int | None = None
    columns: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The cells of a sheet, null where they are blank, errors, or not of the type that was asked for.

    `names` are those of the header, each with whether it stands in the sheet; `wrong` is the row, the column and the
    reader's sentence for each cell that it could not give.
    """

    cells: pl.DataFrame
    visible: bool
    names: Sequence[tuple[str, bool]]
    wrong: Sequence[tuple[int, int, str]]


class SheetReader:
    """A workbook that is open in another process, which answers one question after the other.

    Parameters
    ----------
    process
        It was just started, as `trial` says.
    data : bytes
        The whole file.
    file : str
        Its name, for the sentence of an error.
    first : Asked, optional
        What is asked for at once, so that it is ready when it is loaded.

    """

    def __init__(self, process: "subprocess.Popen[bytes]", data: bytes, file: str, first: Asked | None) -> None:
        self._process = process
        self._file = file
        self._patience = patience(len(data))
        self._first = first
        questions = [_question(None), *([_question(first)] if first else [])]
        # the process takes the data when it has started, and this one has other things to do until then
        self._sending = Thread(target=self._send, args=[b"%d\n" % len(data), data, *questions], daemon=True)
        self._sending.start()
        self._sheets: Sequence[str] | None = None

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._sending.join()
        with suppress(OSError):  # as what it has not taken is lost
            cast("IO[bytes]", self._process.stdin).close()

    def sheets(self) -> Sequence[str]:
        """Return the names of the sheets, or raise a FileError as `load` does."""
        if self._sheets is None:
            facts, _ = self._answer()
            self._refuse_failed(facts)
            self._sheets = cast("list[str]", facts["sheets"])
        return self._sheets

    def load(self, asked: Asked) -> Loaded:
        """Return what is asked for of a sheet.

        Raises
        ------
        FileError
            When its reader does not give it, or is ended by it.

        """
        self.sheets()
        self._sending.join()
        first, self._first = self._first, None
        if first and first != asked:
            self._answer()  # which is not wanted after all
        if first != asked:
            self._send(_question(asked))
        facts, cells = self._answer()
        self._refuse_failed(facts)
        frame = pl.read_ipc_stream(BytesIO(cells)) if cells else pl.DataFrame()
        return Loaded(frame, facts["visible"], facts["names"], facts["wrong"])

    def _send(self, *parts: bytes) -> None:
        stream = cast("IO[bytes]", self._process.stdin)
        with suppress(OSError):  # it has ended, as who waits for its answer will find
            for part in parts:
                stream.write(part)
            stream.flush()

    def _answer(self) -> tuple[dict[str, Any], bytes]:
        stream = cast("IO[bytes]", self._process.stdout)
        timer = Timer(self._patience, self._process.kill)
        timer.start()
        try:
            line = stream.readline()
            facts: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
            cells = stream.read(facts.get("size", 0))
        finally:
            timer.cancel()
        if not facts or len(cells) < facts["size"]:
            problem = "is damaged, or needs more memory to be read than there is"
            raise FileError(self._file, problem, "Open it in Excel, save it again or split it, and upload that.")
        return facts, cells

    def _refuse_failed(self, facts: dict[str, Any]) -> None:
        if "failed" in facts:
            _refuse(facts["failed"], self._file)


@contextmanager
def opened(data: bytes, file: str, first: Asked | None = None) -> Generator[SheetReader]:
    """Open a workbook, with what is asked for first of it; its process ends when it is closed, whatever it does."""
    started = subprocess.Popen(  # noqa: S603 - a file of ours, and no word of anybody's
        command("workbook", len(data)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with started as process:
        reader = SheetReader(process, data, file, first)
        try:
            yield reader
        finally:
            reader.end()


def _question(asked: Asked | None) -> bytes:
    """Return a question as a line; the first is for the sheets."""
    return json.dumps(asdict(asked) if asked else {}).encode() + b"\n"


def _refuse(said: str, file: str) -> NoReturn:
    """Say what the reader found wrong with the file."""
    if "password" in said.casefold():
        problem = "is protected by a password"
        raise FileError(file, problem, "Open it in Excel, remove the password, and upload it again.")
    if "limit exceeded" in said:
        raise FileError(file, "has more cells than can be read safely", "Split it, or leave out columns.")
    raise damaged_workbook(file)
