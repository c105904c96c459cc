"""A CSV of 100 MB read as a typed table, beside Polars reading the same file and nothing more.

Polars guesses each type from the first 100 rows, and stops at a later value of another; once it looks at every row
before it says a type, as `read_upload` does.
"""

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
        every_row = seconds(lambda: pl.read_csv(file, infer_schema_length=None))
        title = f"Reading a CSV of {file.stat().st_size / 1e6:.0f} MB"
        show(title, median_seconds(works, REPEATS), "at most 1.5 x")
        print(f"  polars: read_csv with types from every row (once)  {every_row:.2f} s")


if __name__ == "__main__":
    main()
