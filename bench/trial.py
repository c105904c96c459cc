"""A trial as large as one likes, the same on every machine: what the benchmarks measure on."""

from datetime import date

import numpy as np
import polars as pl

SEED = 20261122


def make_trial(rows: int) -> pl.DataFrame:
    """Return a table of so many patients with the kinds of column that a trial has; about 65 bytes a row as CSV."""
    chance = np.random.default_rng(SEED)
    arm = chance.integers(0, 2, rows)
    return pl.DataFrame(
        {
            "patient_id": np.arange(1, rows + 1),
            "age": chance.normal(58, 12, rows).clip(18, 95).astype(int),
            "sex": np.array(["female", "male"])[chance.integers(0, 2, rows)],
            "arm": np.array(["placebo", "drug"])[arm],
            "site": np.array([f"Site {number:02}" for number in range(1, 21)])[chance.integers(0, 20, rows)],
            "weight": chance.normal(78, 14, rows).clip(35, 180).round(1),
            "bilirubin": chance.lognormal(0.3 - 0.1 * arm, 0.9, rows).round(2),
            "response": np.array(["no", "yes"])[(chance.random(rows) < 0.3 + 0.05 * arm).astype(int)],
            "enrolled": pl.select(pl.date_range(date(2020, 1, 1), date(2023, 12, 31), eager=False)).to_series()[
                chance.integers(0, 1461, rows)
            ],
        }
    )
