"""One thread that does the panel's long work in order, so that its message handler can return at once."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]


class Worker:
    """Does one job at a time, in the order in which they were given.

    A job must not raise: it tells the panel what went wrong itself.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="clinical-nb-panel", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        return self._jobs.qsize()

    def submit(self, job: Job) -> None:
        """Do this job after those given before."""
        self._jobs.put(job)

    def close(self) -> None:
        """End the thread after the job that it is doing and those that wait."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
