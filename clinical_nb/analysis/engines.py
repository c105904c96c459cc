"""What goes wrong in an engine where attached data lie, told in one sentence."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import narwhals as nw

from clinical_nb.errors import UnansweredFrameError

# The exceptions of each engine, by the module and the name of the class that all others are of. The engine is what gave
# the frame, so that its module is there; this one must not be what loads it.
_RAISED = (("duckdb", "Error"), ("pyspark.errors", "PySparkException"), ("py4j.protocol", "Py4JError"))


@contextmanager
def asking_engine() -> Generator[None]:
    """Turn what an engine raises, other than Polars, into a sentence.

    Raises
    ------
    UnansweredFrameError
        When it could not answer: its table is gone, its connection is closed, a column is another one now.

    """
    try:
        yield
    except _engine_errors() as error:
        raise UnansweredFrameError(str(error)) from error


def _engine_errors() -> tuple[type[Exception], ...]:
    known = [getattr(sys.modules[module], name, None) for module, name in _RAISED if module in sys.modules]
    return (nw.exceptions.ColumnNotFoundError, *(each for each in known if each is not None))
