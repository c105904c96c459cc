"""What a new kernel waits for: opening a store of 1, 10 and 100 datasets, and the first row of 100 MB restored."""

import tempfile
from pathlib import Path

from measure import median_seconds, show, time_in_fresh_process
from trial import make_trial

from clinical_nb.session import Session

DATASETS, FEW_ROWS, MANY_ROWS, REPEATS = (1, 10, 100), 200, 1_750_000, 9
# What opening takes beyond the imports, which bench/load_ext.py measures.
OPEN = """
import sys, time
from clinical_nb.session import Session
begun = time.perf_counter()
session = Session(sys.argv[1])
datasets = session.datasets()
print(time.perf_counter() - begun)
assert len(datasets) == int(sys.argv[2])
"""
OPEN_BY_HAND = """
import duckdb, json, pathlib, sys, time
begun = time.perf_counter()
home = pathlib.Path(sys.argv[1])
found = [json.loads(file.read_text()) for file in home.glob("metadata/*.json")]
with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as record:
    versions = record.execute("SELECT dataset, number FROM catalogue.versions").fetchall()
print(time.perf_counter() - begun)
assert len(found) == len(versions) == int(sys.argv[2])
"""
FIRST_ROW = """
import sys, time
begun = time.perf_counter()
from clinical_nb.session import Session
row = Session(sys.argv[1]).datasets()[0].lazy().head(1).collect()
print(time.perf_counter() - begun)
assert row.height == 1
"""
FIRST_ROW_BY_HAND = """
import sys, time
begun = time.perf_counter()
import polars as pl
row = pl.scan_parquet(sys.argv[1]).head(1).collect()
print(time.perf_counter() - begun)
assert row.height == 1
"""


def fill(home: Path, datasets: int) -> Path:
    """Store so many small datasets."""
    with Session(home) as session:
        for number in range(datasets):
            file = home.parent / f"trial_{number}.csv"
            make_trial(FEW_ROWS + number).write_csv(file)
            session.upload(file)
    return home


def compare_opening(folder: Path) -> None:
    """Open stores of several sizes, each in a fresh process."""
    homes = {number: fill(folder / str(number), number) for number in DATASETS}
    most = DATASETS[-1]
    medians = median_seconds(
        {
            **{
                f"Session() and its list, {number} dataset(s)": lambda number=number, home=home: time_in_fresh_process(
                    OPEN, home, number
                )
                for number, home in homes.items()
            },
            f"by hand: json.loads and DuckDB's list, {most} datasets": lambda: time_in_fresh_process(
                OPEN_BY_HAND, homes[most], most
            ),
        },
        REPEATS,
    )
    show("Opening a store in a fresh process, beyond imports", medians, "at most 300 ms, for 100 as for 1")


def compare_first_row(folder: Path) -> None:
    """Get one row of a large dataset, each time in a fresh process."""
    file, home = folder / "trial.csv", folder / "large"
    make_trial(MANY_ROWS).write_csv(file)
    with Session(home) as session:
        session.upload(file)
    (parquet,) = (home / "parquet").glob("*.parquet")
    medians = median_seconds(
        {
            "import, Session(), checked to the last bit, first row": lambda: time_in_fresh_process(FIRST_ROW, home),
            "by hand: import, pl.scan_parquet(file).head(1).collect()": lambda: time_in_fresh_process(
                FIRST_ROW_BY_HAND, parquet
            ),
        },
        REPEATS,
    )
    title = f"First row of {file.stat().st_size / 1e6:.0f} MB ({MANY_ROWS:,} rows) in a fresh process"
    show(title, medians, "at most 500 ms more than by hand")


def main() -> None:
    """Fill the stores, then open them."""
    with tempfile.TemporaryDirectory() as folder:
        compare_opening(Path(folder))
        compare_first_row(Path(folder))


if __name__ == "__main__":
    main()
