"""A CSV of 100 MB read as a typed table, beside Polars reading the same file and nothing more."""

import tempfile
from pathlib import Path

import polars as pl
from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.intake.upload import read_upload

ROWS, REPEATS = 1_800_000, 5


def main() -> None:
    """Time both readers on one file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.csv"
        make_trial(ROWS).write_csv(file)
        works = {
            "read_upload: layout, types, what is odd, hash": lambda: seconds(lambda: read_upload(file)),
            "polars: read_csv": lambda: seconds(lambda: pl.read_csv(file)),
        }
        title = f"Reading a CSV of {file.stat().st_size / 1e6:.0f} MB"
        show(title, median_seconds(works, REPEATS), "at most 1.5 x")


if __name__ == "__main__":
    main()
