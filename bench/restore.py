"""From a fresh process to the first answer about a 100 MB dataset, beside the same group-by by hand on its Parquet."""

import tempfile
from itertools import count
from pathlib import Path

from measure import median_seconds, seconds, show, time_in_fresh_process
from trial import make_trial

from clinical_nb.session import Session

ROWS, REPEATS = 1_750_000, 5
# What a new kernel does, timed from before the first import; each question is new, so that no answer is reused.
ASK = """
import sys, time
begun = time.perf_counter()
from clinical_nb.session import Session
with Session(sys.argv[1]) as session:
    answer = session.ask(f"mean bilirubin by arm in patients with age over {sys.argv[2]}")
assert answer.status == "answered" and not answer.reused, str(answer)
print(time.perf_counter() - begun)
"""
BY_HAND = """
import sys, time
begun = time.perf_counter()
import polars as pl
scan = pl.scan_parquet(sys.argv[1]).filter(pl.col("age") > int(sys.argv[2]))
value = pl.col("bilirubin")
scan.group_by("arm").agg(value.mean().alias("mean"), value.std().alias("sd"), pl.len()).sort("arm").collect()
print(time.perf_counter() - begun)
"""


def main() -> None:
    """Store the dataset once, then ask about it from process after process."""
    with tempfile.TemporaryDirectory() as folder:
        file, home = Path(folder) / "trial.csv", Path(folder) / "store"
        make_trial(ROWS).write_csv(file)
        with Session(home) as session:
            upload = seconds(lambda: session.upload(file))
        (parquet,) = (home / "parquet").glob("*.parquet")
        ages = count(30)
        medians = median_seconds(
            {
                "fresh process, restore, first question answered": lambda: time_in_fresh_process(ASK, home, next(ages)),
                "fresh process, pl.scan_parquet, the group-by by hand": lambda: time_in_fresh_process(
                    BY_HAND, parquet, next(ages)
                ),
            },
            REPEATS,
        )
        megabytes = file.stat().st_size / 1e6
    show(
        f"First answer about {megabytes:.0f} MB ({ROWS:,} rows; uploaded in {upload:.1f} s)", medians, "under 1,000 ms"
    )


if __name__ == "__main__":
    main()
