"""Pieces of a text parsed by several threads while those before them are taken: parsing one keeps one core busy."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from clinical_nb.errors import FileError
from clinical_nb.intake.pieces import Piece

_MOST_THREADS = 4  # each holds a piece, and ten times as many bytes while it parses it

Parsed = TypeVar("Parsed")


def parse_ahead(
    pieces: Iterator[Piece], begin: Callable[[Piece], Callable[[], Parsed] | None]
) -> Generator[tuple[Piece, Future[Parsed] | None]]:
    """Yield each piece, with what a thread makes of it meanwhile, where there is anything to be made.

    Parameters
    ----------
    pieces : iterator of Piece
        Read no further ahead than there are threads. What is wrong in a later one is raised at its turn.
    begin : callable
        Returns how a piece is parsed; None as long as that is not known. It is asked between two pieces.

    """
    threads = min(_MOST_THREADS, pl.thread_pool_size() + 1)  # which starts Polars', and no fork keeps those
    waiting: deque[Piece] = deque()
    begun: deque[Future[Parsed]] = deque()  # of the first of those waiting
    error: Exception | None = None
    is_ended = False
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                while not is_ended and len(waiting) <= threads:
                    try:
                        waiting.append(next(pieces))
                    except StopIteration:
                        is_ended = True
                    except (FileError, UnicodeDecodeError) as raised:
                        is_ended, error = True, raised
                for piece in list(waiting)[len(begun) :]:
                    if (parse := begin(piece)) is None:
                        break
                    begun.append(pool.submit(parse))
                if not waiting:
                    break
                yield waiting.popleft(), begun.popleft() if begun else None
        finally:
            for parsed in begun:
                parsed.cancel()
    if error:
        raise error
