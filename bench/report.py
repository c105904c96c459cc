"""The quality report of a million rows of 50 columns, clean and messy, and an upload of 10,000 columns."""

import shutil
import tempfile
from pathlib import Path

import duckdb
import polars as pl
from measure import median_seconds, seconds, show
from messy import make_messy
from trial import make_trial

from clinical_nb.intake.table import Table
from clinical_nb.quality.report import inspect
from clinical_nb.session import Session

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


def time_report(title: str, frame: pl.DataFrame) -> None:
    """Time the report of a table, with all that it says of it."""
    table = Table("trial", frame.lazy(), frame.height)
    works = {
        "inspect: counts, checks, first rows": lambda: seconds(lambda: inspect([table])),
        "polars: value_counts of each column": lambda: seconds(lambda: count_by_hand(frame)),
    }
    show(f"Report of {title}", median_seconds(works, REPEATS), "at most 5 s")


def upload(file: Path, home: Path) -> None:
    """Store a file as the first dataset of a new store."""
    with Session(home) as session:
        session.upload(file)
    shutil.rmtree(home)


def store_by_hand(file: Path, home: Path) -> None:
    """Have DuckDB store a file as a table."""
    with duckdb.connect(home) as database:
        database.execute("CREATE TABLE wide AS SELECT * FROM read_csv(?)", [str(file)])
    home.unlink()


def time_wide_upload() -> None:
    """Time the upload of very many columns, with report and dictionary."""
    with tempfile.TemporaryDirectory() as folder:
        file, home = Path(folder) / "wide.csv", Path(folder) / "store"
        make_wide(8, WIDE).write_csv(file)
        works = {
            "upload: read, report, dictionary, stored": lambda: seconds(lambda: upload(file, home)),
            "duckdb: read into a table": lambda: seconds(lambda: store_by_hand(file, home)),
        }
        show(f"Upload of 8 rows x {WIDE:,} columns", median_seconds(works, REPEATS), "at most 5 s")


def main() -> None:
    """Time the report of a long table, clean and messy, and the upload of a wide one."""
    time_report(f"{ROWS:,} clean rows x {COLUMNS} columns", make_wide(ROWS, COLUMNS))
    time_report(f"{ROWS:,} messy rows x {COLUMNS} columns", make_messy(ROWS, COLUMNS))
    time_wide_upload()


if __name__ == "__main__":
    main()
