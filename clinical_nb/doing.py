"""What is being done right now, told by whoever does it to whoever shows it, however many calls lie between."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def tell(doing: str) -> None:
    """Say what is being done, such as "Reading visits: 3,000,000 rows"; nobody may be listening."""
    listener = _listener.get()
    if listener:
        listener(doing)


@contextmanager
def listening(show: Callable[[str], None]) -> Generator[None]:
    """Show what is told in this block, on this thread; where blocks are nested, the innermost shows it.

    `show` is called from where the work is done: it must be quick, and must not raise.
    """
    token = _listener.set(show)
    try:
        yield
    finally:
        _listener.reset(token)
