"""One line that says what is being done, shown when it takes longer than a second, and what came of it in its place."""

import os
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from IPython.display import (
    DisplayHandle,
    display,  # pyright: ignore[reportUnknownVariableType] - IPython does not type it
)

from clinical_nb.doing import listening

_SECONDS_BEFORE_SHOWN = 1.0
_SETTING = "CLINICAL_NB_PROGRESS"  # "off" where notebooks are run by programs that compare or keep every output


class Line:
    """The line, which ends when what came of the work is shown in its place."""

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self._ended = os.environ.get(_SETTING) == "off"
        self._shown: DisplayHandle | None = None
        self._lock = threading.Lock()
        self._begun = time.monotonic()

    def show(self, forms: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Show what came of the work, by MIME type; a saved notebook keeps only that."""
        with self._lock:
            self._ended = True
            self._put(forms, metadata or {})

    def stop(self) -> None:
        """Say that nothing came of the work, where it was said that it is being done."""
        with self._lock:
            ended, self._ended = self._ended, True
            if self._shown is not None and not ended:
                self._put({"text/plain": f"{self.doing} … stopped after {time.monotonic() - self._begun:.0f} s"}, {})

    def tick(self) -> None:
        """Say what is being done and how many seconds it took so far, while nothing has come of it yet."""
        with self._lock:
            if not self._ended:
                self._put({"text/plain": f"{self.doing} … {time.monotonic() - self._begun:.0f} s"}, {})

    def _put(self, forms: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        if self._shown is None:
            self._shown = display(dict(forms), raw=True, metadata=dict(metadata), display_id=True)
        else:
            self._shown.update(dict(forms), raw=True, metadata=dict(metadata))  # pyright: ignore[reportUnknownMemberType] - the same


@contextmanager
def progress(doing: str) -> Generator[Line]:
    """Say what is being done, with the seconds that it took so far, once it takes longer than one.

    What the work tells of itself (`doing.tell`) takes the place of what it was said to be.
    """
    line = Line(doing)
    done = threading.Event()

    def keep_ticking() -> None:
        while not done.wait(_SECONDS_BEFORE_SHOWN):
            line.tick()

    def told(what: str) -> None:
        line.doing = what

    # in the cell's own context, or ipykernel would not know under which cell to show it
    ticking = threading.Thread(target=copy_context().run, args=(keep_ticking,), daemon=True)
    ticking.start()
    try:
        with listening(told):
            yield line
    except BaseException:
        line.stop()
        raise
    finally:
        done.set()
        ticking.join()
