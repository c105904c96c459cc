"""What Parquet takes of the disk beside the CSV that it was uploaded as, for tables of the kinds that trials have."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from trial import SEED, make_trial

from clinical_nb.session import Session

LARGE, ROWS, SMALL = 1_800_000, 60_000, 200
TERMS = ("nausea", "headache", "fatigue", "rash", "dizziness", "vomiting", "anaemia", "cough", "pyrexia", "back pain")
WORDS = [
    "patient",
    "reports",
    "mild",
    "severe",
    "since",
    "week",
    "after",
    "dose",
    "visit",
    "improved",
    "resolved",
    "ongoing",
    "under",
    "treatment",
    "with",
    "of",
]


def make_labs(rows: int) -> pl.DataFrame:
    """Return laboratory values, one row a patient, visit and test."""
    chance = np.random.default_rng(SEED)
    return pl.DataFrame(
        {
            "patient_id": [f"P{number // 60:05}" for number in range(rows)],
            "visit": [f"week {4 * (number // 10 % 6)}" for number in range(rows)],
            "test": np.array(["ALT", "AST", "ALP", "CREA", "HB", "PLT", "WBC", "NA", "K", "CRP"])[np.arange(rows) % 10],
            "value": chance.lognormal(3, 0.7, rows).round(2),
            "unit": np.array(["U/L", "mmol/L", "g/dL"])[np.arange(rows) % 3],
        }
    )


def make_questionnaire(rows: int) -> pl.DataFrame:
    """Return forty answers from 1 to 5, some missing."""
    chance = np.random.default_rng(SEED)
    answers = {f"q{item}": pl.Series(chance.integers(0, 6, rows)).replace({0: None}) for item in range(1, 41)}
    return pl.DataFrame({"patient_id": np.arange(1, rows + 1)} | answers)


def make_events(rows: int) -> pl.DataFrame:
    """Return adverse events with a remark in a person's own words."""
    chance = np.random.default_rng(SEED)
    remarks = [" ".join(chance.choice(WORDS, chance.integers(3, 12))) for _ in range(rows)]
    return pl.DataFrame(
        {
            "patient_id": chance.integers(1, rows // 4, rows),
            "term": chance.choice(TERMS, rows),
            "grade": chance.integers(1, 6, rows),
            "day": chance.integers(0, 400, rows),
            "remark": remarks,
        }
    )


def make_signals(rows: int) -> pl.DataFrame:
    """Return measurements with every digit that a float has: nothing repeats, nothing compresses."""
    chance = np.random.default_rng(SEED)
    return pl.DataFrame({f"lead_{lead}": chance.normal(0, 1, rows) for lead in range(8)})


def make_identifiers(rows: int) -> pl.DataFrame:
    """Return random identifiers, which cannot be made smaller than their chance."""
    chance = np.random.default_rng(SEED)
    return pl.DataFrame({"record": [chance.bytes(16).hex() for _ in range(rows)], "age": chance.integers(18, 90, rows)})


def main() -> None:
    """Upload each kind, and print the share of its CSV that its Parquet takes."""
    kinds = {
        "trial, 100 MB": make_trial(LARGE),
        "trial": make_trial(ROWS),
        "laboratory values, a row a test": make_labs(ROWS * 2),
        "questionnaire, 40 items": make_questionnaire(ROWS),
        "adverse events with remarks": make_events(ROWS),
        "signals, every digit of a float": make_signals(ROWS),
        "random identifiers (incompressible)": make_identifiers(ROWS),
        "trial, 200 patients (small)": make_trial(SMALL),
    }
    print("\nParquet on the disk beside the CSV\n  target: at most 60 % for tables of 1 MB and more")
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, frame) in enumerate(kinds.items()):
            file, home = Path(folder) / f"table_{number}.csv", Path(folder) / f"store {number}"
            frame.write_csv(file)
            with Session(home) as session:
                session.upload(file)
            csv, parquet = file.stat().st_size, sum(each.stat().st_size for each in (home / "parquet").iterdir())
            record = (home / "analytics.duckdb").stat().st_size
            print(
                f"  {kind:<40} {csv / 1e6:9.2f} MB  Parquet {parquet / 1e6:8.2f} MB {parquet / csv:6.0%}"
                f"   DuckDB {record / 1e6:7.2f} MB"
            )


if __name__ == "__main__":
    main()
