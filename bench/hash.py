"""The hash that names a table by its content, beside reading the same table from CSV."""

import tempfile
from pathlib import Path

import polars as pl
from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.store.hash import hash_table

ROWS, REPEATS = 1_000_000, 5


def main() -> None:
    """Hash and read a million rows in turns."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.csv"
        make_trial(ROWS).write_csv(file)
        frame = pl.read_csv(file, try_parse_dates=True)
        medians = median_seconds(
            {
                "hash_table": lambda: seconds(lambda: hash_table(frame)),
                "pl.read_csv over the same rows": lambda: seconds(lambda: pl.read_csv(file, try_parse_dates=True)),
            },
            REPEATS,
        )
    show(f"Hashing {ROWS:,} rows and {frame.width} columns", medians, "about as long as reading them")


if __name__ == "__main__":
    main()
