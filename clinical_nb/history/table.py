"""The runs of the history as a table, for who looks through them in Python."""

from collections.abc import Callable, Iterable
from operator import attrgetter

import polars as pl

from clinical_nb.history.references import show_masked
from clinical_nb.history.run import Run

_COLUMNS = {
    "run_id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "dataset": pl.String,
    "dataset_version": pl.String,
    "question": pl.String,
    "status": pl.String,
    "reading": pl.String,
    "summary": pl.String,
    "failure": pl.String,
    "reused": pl.Boolean,
    "milliseconds": pl.Int64,
    "run_key": pl.String,
    "parent": pl.String,
    "disclosure": pl.String,
}


_ATTEMPTS = {
    "stage": pl.String,
    "read": pl.List(pl.String),
    "unread": pl.List(pl.String),
    "milliseconds": pl.Int64,
    "failure": pl.String,
}


def tabulate_runs(runs: Iterable[Run], show: Callable[[str], str] = show_masked) -> pl.DataFrame:
    """Return a row a run, in the order given; `show` is what is to be seen of a text with tokens."""
    listed = [*runs]
    columns = {name: [_shown(value, show) for value in map(attrgetter(name), listed)] for name in _COLUMNS}
    return pl.DataFrame(columns, schema=_COLUMNS)


def tabulate_attempts(run: Run, show: Callable[[str], str] = show_masked) -> pl.DataFrame:
    """Return a row for each stage that tried to read a run's question, in their order; `show` is as above."""
    rows = [
        {
            "stage": each.stage,
            "read": [show(reading) for reading in each.read],
            "unread": [show(word) for word in each.unread],
            "milliseconds": each.milliseconds,
            "failure": each.failure,
        }
        for each in run.attempts
    ]
    return pl.DataFrame(rows, schema=_ATTEMPTS)


def _shown(value: object, show: Callable[[str], str]) -> object:
    # tokens are of two characters that are not ASCII: most of what 100,000 runs say has none
    return show(value) if isinstance(value, str) and not value.isascii() else value
