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


def compare(outcome: str, kind: str, session: Session) -> None:
    """Compare an outcome between the arms, in women: by the analysis, and by hand with and without the denominators."""
    dataset = session.use("trial")
    scan, dictionary = dataset.lazy("trial"), dataset.dictionary
    plan = Compare(Cohort("trial", "trial", (OneOf("sex", ("female",)),)), outcome, "arm")
    women = scan.filter(pl.col("sex") == "female")
    counted = women.group_by("arm", outcome).len().sort("arm", outcome)
    who = women.select(pl.len(), pl.col("patient_id").n_unique())
    medians = median_seconds(
        {
            "analysis: counts, persons, estimates, intervals, tests": lambda: seconds(
                lambda: run(plan, scan, dictionary)
            ),
            "by hand: filter, group_by, len, sort; rows and persons": lambda: seconds(
                lambda: pl.collect_all([counted, who])
            ),
            "by hand: filter, group_by, len, sort": lambda: seconds(counted.collect),
        },
        REPEATS,
    )
    show(f"Comparing {outcome} ({kind}) between two arms, {ROWS:,} rows", medians, "at most 2 x by hand")


def main() -> None:
    """Upload once, then compare one outcome of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.csv"
        make_trial(ROWS).write_csv(file)
        with Session(Path(folder) / "store") as session:
            session.upload(file)
            for outcome, kind in OUTCOMES.items():
                compare(outcome, kind, session)


if __name__ == "__main__":
    main()
