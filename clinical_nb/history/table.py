"""The runs of the history as a table, for who looks through them in Python."""

from collections.abc import Iterable

import polars as pl

from clinical_nb.history.record import Run

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
}


def tabulate_runs(runs: Iterable[Run]) -> pl.DataFrame:
    """Return a row a run, in the order given."""
    return pl.DataFrame([{name: getattr(run, name) for name in _COLUMNS} for run in runs], schema=_COLUMNS)
