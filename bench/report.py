"""The quality report of a million rows of 50 columns, and of 10,000 columns, beside counting their values by hand."""

import polars as pl
from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.intake.table import Table
from clinical_nb.quality.report import inspect

ROWS, COLUMNS, REPEATS = 1_000_000, 50, 3
WIDE = 10_000


def make_wide(rows: int, columns: int) -> pl.DataFrame:
    """Return a trial with its columns again and again, each as different as a visit is from the next."""
    trial = make_trial(rows)
    again = [trial[name].rename(f"{name}_{at}").reverse() for at in range(columns) for name in trial.columns]
    return pl.DataFrame([*trial.get_columns(), *again[: columns - trial.width]])


def count_by_hand(frame: pl.DataFrame) -> None:
    """Have Polars count the distinct values of each column."""
    for column in frame.get_columns():
        column.value_counts()


def main() -> None:
    """Time the report, with all that it says of a table."""
    frame = make_wide(ROWS, COLUMNS)
    table = Table("trial", frame.lazy(), frame.height)
    works = {
        "inspect: counts, checks, first rows": lambda: seconds(lambda: inspect([table])),
        "polars: value_counts of each column": lambda: seconds(lambda: count_by_hand(frame)),
    }
    show(f"Report of {ROWS:,} rows x {COLUMNS} columns", median_seconds(works, REPEATS), "at most 5 s")
    wide = make_wide(8, WIDE)
    short = Table("wide", wide.lazy(), wide.height)
    works = {
        "inspect": lambda: seconds(lambda: inspect([short])),
        "polars: value_counts of each column": lambda: seconds(lambda: count_by_hand(wide)),
    }
    show(f"Report of 8 rows x {WIDE:,} columns", median_seconds(works, REPEATS), "at most 5 s, with reading")


if __name__ == "__main__":
    main()
