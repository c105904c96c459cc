"""The most memory that an upload of a 2 GB CSV takes, in a process of its own, and what it says while it works."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
from trial import make_trial

MEGABYTES = int(os.environ.get("CLINICAL_NB_BENCH_MEGABYTES", "2000"))
ROWS_AT_ONCE = 1_000_000
UPLOAD = """
import resource, sys, time
from clinical_nb.doing import listening
from clinical_nb.session import Session
said = []
begun = time.perf_counter()
with listening(said.append), Session(sys.argv[1]) as session:
    dataset = session.upload(sys.argv[2])
((rows, _),) = dataset.tables.values()
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(rows, most, time.perf_counter() - begun, len(said), said[len(said) // 2], sep="|")
"""


def write_trial(file: Path) -> None:
    """Write a trial of so many megabytes, part by part, each with patients of its own."""
    with file.open("wb") as written:
        part = 0
        while written.tell() < MEGABYTES * 1e6:
            frame = make_trial(ROWS_AT_ONCE).with_columns(pl.col("patient_id") + part * ROWS_AT_ONCE)
            frame.write_csv(written, include_header=part == 0)
            part += 1


def main() -> None:
    """Write the file, and upload it in a fresh process that says how much memory it took at most."""
    with tempfile.TemporaryDirectory() as folder:
        file, home = Path(folder) / "trial.csv", Path(folder) / "store"
        write_trial(file)
        run = subprocess.run(
            [sys.executable, "-c", UPLOAD, str(home), str(file)], check=False, capture_output=True, text=True
        )
        if run.returncode:
            raise RuntimeError(run.stderr)
        rows, most, taken, told, example = run.stdout.strip().split("|")
        size = file.stat().st_size
    print(f"\nUpload of {size / 1e6:,.0f} MB, {int(rows):,} rows, in {float(taken):.0f} s\n  target: at most 2,000 MB")
    print(f"  {'most memory, imports included':<58} {int(most) / 1e6:9,.0f} MB")
    print(f"  said {told} times what it did, such as: {example}")


if __name__ == "__main__":
    main()
