"""The typed pieces of an upload's tables on their way to the store: in memory while they are few, then on the disk."""

import secrets
from pathlib import Path

import polars as pl

from clinical_nb.errors import StoreError
from clinical_nb.intake.limits import Clock
from clinical_nb.intake.variables import Catalogue

_IN_MEMORY = 256 * 1024**2  # bytes, of all the tables of an upload together


class Desk:
    """What one upload has at hand: the memory that its tables share, and a folder for what goes beyond.

    Parameters
    ----------
    place : Path, optional
        The folder, which who gives it deletes; without one, all stays in memory.

    """

    def __init__(self, place: Path | None = None) -> None:
        self.place = place
        self.held = 0
        self.clock = Clock("upload")  # of the file that is being read
        self.catalogue: Catalogue = {}  # what SAS's formats are, where the upload says it


class Stage:
    """Pieces of one table, in their order."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pieces: list[pl.DataFrame | Path] = []

    def add(self, piece: pl.DataFrame) -> None:
        """Take the next piece.

        Raises
        ------
        FileError
            When its file takes too long to be read.
        StoreError
            When the disk does not take it.

        """
        self._desk.clock.check()
        self._desk.held += int(piece.estimated_size())
        self._pieces.append(piece)
        if self._desk.place and self._desk.held > _IN_MEMORY:
            self._pieces = [self._spill(each, self._desk.place) for each in self._pieces]

    def change(self, at: int, columns: pl.DataFrame) -> None:
        """Put other values into some columns of a piece."""
        self._desk.clock.check()
        piece = self._pieces[at]
        if isinstance(piece, pl.DataFrame):
            self._pieces[at] = piece.with_columns(columns)
            return
        changed = pl.read_ipc(piece).with_columns(columns)
        self._desk.held += int(changed.estimated_size())
        self._pieces[at] = self._spill(changed, piece.parent)
        piece.unlink()

    def clear(self) -> None:
        """Take all pieces away, to begin anew."""
        for piece in self._pieces:
            if isinstance(piece, pl.DataFrame):
                self._desk.held -= int(piece.estimated_size())
            else:
                piece.unlink()
        self._pieces = []

    def scan(self) -> list[pl.LazyFrame]:
        """Return a lazy scan of each piece."""
        return [
            piece.lazy() if isinstance(piece, pl.DataFrame) else pl.scan_ipc(piece, glob=False)
            for piece in self._pieces
        ]

    def _spill(self, piece: pl.DataFrame | Path, place: Path) -> Path:
        if isinstance(piece, Path):
            return piece
        file = place / f"{secrets.token_hex(8)}.arrow"
        try:
            piece.write_ipc(file, compression="lz4")
        except (OSError, pl.exceptions.ComputeError) as error:
            text = f"The store cannot keep in '{place}' what it has read: its disk is full, or refuses."
            raise StoreError(text, "Free some of it, or use another folder.") from error
        self._desk.held -= int(piece.estimated_size())
        return file
