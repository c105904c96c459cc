"""A comparison with its tests over a million rows, beside the same group-by written by hand in Polars."""

import tempfile
from pathlib import Path

import polars as pl
from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.analysis.run import run
from clinical_nb.plan import Cohort, Compare, OneOf
from clinical_nb.session import Session

ROWS, REPEATS = 1_000_000, 9
OUTCOMES = {"age": "whole years", "weight": "one decimal", "bilirubin": "two decimals", "response": "yes or no"}


def main() -> None:
    """Upload once, then compare each outcome between the arms, in women."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.csv"
        make_trial(ROWS).write_csv(file)
        with Session(Path(folder) / "store") as session:
            dataset = session.upload(file)
            scan, dictionary = dataset.lazy("trial"), dataset.dictionary
            women = OneOf("sex", ("female",))
            for outcome, kind in OUTCOMES.items():
                plan = Compare(Cohort("trial", "trial", (women,)), outcome, "arm")
                counted = scan.filter(pl.col("sex") == "female").group_by("arm", outcome).len().sort("arm", outcome)
                medians = median_seconds(
                    {
                        "analysis: counts, estimates, intervals, tests, notes": lambda plan=plan: seconds(
                            lambda: run(plan, scan, dictionary)
                        ),
                        "by hand: filter, group_by, len, sort": lambda counted=counted: seconds(counted.collect),
                    },
                    REPEATS,
                )
                title = f"Comparing {outcome} ({kind}) between two arms, {ROWS:,} rows"
                show(title, medians, "at most 2 x by hand")


if __name__ == "__main__":
    main()
