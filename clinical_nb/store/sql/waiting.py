"""Work of DuckDB's that the person can interrupt: DuckDB itself does not look whether she does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

import duckdb

WAITING: Any = object()  # nothing came yet
_SECONDS_BETWEEN_LOOKS = 0.1

Got = TypeVar("Got")


def wait_for(connection: duckdb.DuckDBPyConnection, work: Callable[[], Got]) -> Got:
    """Return what comes of it; the person's interrupt ends it."""
    came = WAITING
    for each in wait_in_steps(connection, work):
        came = each
    return came


def wait_in_steps(connection: duckdb.DuckDBPyConnection, work: Callable[[], Got]) -> Iterator[Got]:
    """Yield WAITING while it is being done, then what came of it.

    It is done on another thread, since Python gives the interrupt to the main one. Whoever leaves off before it is done
    ends it.
    """
    done = threading.Event()
    came: list[Got] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            came.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="clinical-nb-sql", daemon=True).start()
    try:
        while not done.wait(_SECONDS_BETWEEN_LOOKS):
            yield WAITING
    finally:
        try:
            _end(connection, done)
        except KeyboardInterrupt:  # Python raises it where a function begins: before the one that would keep it out
            _end(connection, done)
    if failed:
        raise failed[0]
    yield came[0]


def _end(connection: duckdb.DuckDBPyConnection, done: threading.Event) -> None:
    """End what still runs: a process that leaves it running cannot end in order."""
    while True:
        with suppress(KeyboardInterrupt):  # which is why it ends, or comes again
            if done.is_set():
                return
            connection.interrupt()
            done.wait(_SECONDS_BETWEEN_LOOKS)
