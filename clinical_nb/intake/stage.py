"""The typed pieces of a table on their way to the store: in memory as long as they are small, then on the disk."""

import secrets
from pathlib import Path

import polars as pl

from clinical_nb.errors import StoreError

_IN_MEMORY = 256 * 1024**2  # bytes


class Stage:
    """Pieces of one table, in their order.

    Parameters
    ----------
    place : Path, optional
        A folder for what is too large for the memory, which who gives it deletes; without one, all stays in memory.

    """

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._pieces: list[pl.DataFrame | Path] = []
        self._held = 0

    def add(self, piece: pl.DataFrame) -> None:
        """Take the next piece.

        Raises
        ------
        StoreError
            When the disk does not take it.

        """
        self._held += piece.estimated_size()
        self._pieces.append(piece)
        if self._place and self._held > _IN_MEMORY:
            self._pieces = [self._spill(each) if isinstance(each, pl.DataFrame) else each for each in self._pieces]
            self._held = 0

    def change(self, at: int, columns: pl.DataFrame) -> None:
        """Put other values into some columns of a piece."""
        piece = self._pieces[at]
        if isinstance(piece, pl.DataFrame):
            self._pieces[at] = piece.with_columns(columns)
            return
        self._pieces[at] = self._spill(pl.read_ipc(piece).with_columns(columns))
        piece.unlink()

    def scans(self) -> list[pl.LazyFrame]:
        """Return a lazy scan of each piece."""
        return [
            piece.lazy() if isinstance(piece, pl.DataFrame) else pl.scan_ipc(piece, glob=False)
            for piece in self._pieces
        ]

    def _spill(self, piece: pl.DataFrame) -> Path:
        if self._place is None:
            raise ValueError("a stage without a place keeps its pieces in memory")
        file = self._place / f"{secrets.token_hex(8)}.arrow"
        try:
            piece.write_ipc(file, compression="lz4")
        except (OSError, pl.exceptions.ComputeError) as error:
            text = f"The store cannot keep in '{self._place}' what it has read: its disk is full, or refuses."
            raise StoreError(text, "Free some of it, or use another folder.") from error
        return file
