"""A question that was answered before, in another session: found in the store, beside reading the answer's file."""

import json
import tempfile
from pathlib import Path

from measure import median_seconds, seconds, show
from trial import make_trial

from clinical_nb.session import Session

ROWS, DATASETS, REPEATS = 200_000, 10, 25
QUESTION = "mean bilirubin by arm in women over 60"


def main() -> None:
    """Answer once, then ask again in a session that did not."""
    with tempfile.TemporaryDirectory() as folder:
        file, home = Path(folder) / "trial.csv", Path(folder) / "store"
        with Session(home) as session:
            for number in range(DATASETS):
                make_trial(ROWS + number).write_csv(file)
                session.upload(file, name=f"trial_{number}")
            session.ask(QUESTION)
        (kept,) = (home / "results").glob("*.json")
        again = Session(home)
        if not again.ask(QUESTION).reused:
            raise RuntimeError(QUESTION)
        medians = median_seconds(
            {
                f"session.ask, reused, {DATASETS} datasets": lambda: seconds(lambda: again.ask(QUESTION)),
                "by hand: json.loads of the answer's file": lambda: seconds(lambda: json.loads(kept.read_text())),
            },
            REPEATS,
        )
    show("A question that was answered before", medians, "at most 50 ms")


if __name__ == "__main__":
    main()
