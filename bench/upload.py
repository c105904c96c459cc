"""An upload of 100 MB beside DuckDB storing the same file by hand, and the same file again beside hashing its bytes."""

import hashlib
import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

import duckdb
from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.session import Session

ROWS, REPEATS = 1_800_000, 5


def upload(file: Path, home: Path) -> None:
    """Store a file as the first dataset of a new store."""
    with Session(home) as session:
        session.upload(file)
    shutil.rmtree(home)


def store_by_hand(file: Path, home: Path) -> None:
    """Have DuckDB read a file into a table and copy it to Parquet, both flushed to the disk."""
    home.mkdir()
    with duckdb.connect(home / "by_hand.duckdb") as database:
        database.execute("CREATE TABLE trial AS SELECT * FROM read_csv(?)", [str(file)])
        database.execute(f"COPY trial TO '{home / 'trial.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
    for written in home.iterdir():
        with written.open("rb") as content:
            os.fsync(content.fileno())
    shutil.rmtree(home)


def hash_by_hand(file: Path) -> None:
    """Read a file's bytes and hash them."""
    with file.open("rb") as content:
        hashlib.file_digest(content, "sha256").hexdigest()


def main() -> None:
    """Time each work in a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file, places = Path(folder) / "trial.csv", count()
        make_trial(ROWS).write_csv(file)
        megabytes = file.stat().st_size / 1e6

        def place() -> Path:
            return Path(folder) / f"store {next(places)}"

        works = {
            "upload: read, hash, DuckDB, Parquet, flushed": lambda: seconds(lambda: upload(file, place())),
            "duckdb: read into a table, copied to Parquet, flushed": lambda: seconds(
                lambda: store_by_hand(file, place())
            ),
        }
        show(f"Upload of {megabytes:.0f} MB", median_seconds(works, REPEATS), "at most 3 x")
        with Session(place()) as session:
            session.upload(file)
            again = {
                "the same file uploaded again": lambda: seconds(lambda: session.upload(file)),
                "hashlib: its bytes read and hashed": lambda: seconds(lambda: hash_by_hand(file)),
            }
            show(f"Identical upload of {megabytes:.0f} MB", median_seconds(again, REPEATS), "about 1 x")


if __name__ == "__main__":
    main()
