"""One line that says what is being done, shown when it takes longer than a second, and what came of it."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import copy_context

from IPython.display import (
    DisplayHandle,
    display,  # pyright: ignore[reportUnknownVariableType] - IPython does not type it
)

from clinical_nb.doing import listening

_SECONDS_BEFORE_SHOWN = 1.0


class Line:
    """The line: `say` replaces it; `doing` is what it says while the work goes on."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self._shown: DisplayHandle | None = None
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Show the text in place of what was shown before."""
        with self._lock:
            if self._shown is None:
                self._shown = display({"text/plain": text}, raw=True, display_id=True)
            else:
                self._shown.update({"text/plain": text}, raw=True)  # pyright: ignore[reportUnknownMemberType] - the same


@contextmanager
def progress(doing: str) -> Generator[Line]:
    """Say what is being done, with the seconds that it took so far, once it takes longer than one.

    What the work tells of itself (`doing.tell`) takes the place of what it was said to be.
    """
    line = Line(doing)
    done = threading.Event()
    begun = time.monotonic()

    def tick() -> None:
        while not done.wait(_SECONDS_BEFORE_SHOWN):
            line.say(f"{line.doing} … {time.monotonic() - begun:.0f} s")

    def told(what: str) -> None:
        line.doing = what

    # in the cell's own context, or ipykernel would not know under which cell to show it
    ticking = threading.Thread(target=copy_context().run, args=(tick,), daemon=True)
    ticking.start()
    try:
        with listening(told):
            yield line
    finally:
        done.set()
        ticking.join()
