"""The runs of the history as a table, for who looks through them in Python."""

from collections.abc import Callable, Iterable

import polars as pl

from clinical_nb.history.record import Run
from clinical_nb.history.references import show_masked

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


def tabulate_runs(runs: Iterable[Run], show: Callable[[str], str] = show_masked) -> pl.DataFrame:
    """Return a row a run, in the order given; `show` is what is to be seen of a text with tokens."""
    rows = [{name: _shown(getattr(run, name), show) for name in _COLUMNS} for run in runs]
    return pl.DataFrame(rows, schema=_COLUMNS)


def _shown(value: object, show: Callable[[str], str]) -> object:
    return show(value) if isinstance(value, str) else value
