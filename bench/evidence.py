"""The statistics over a million rows (and ten), beside what people use today: tableone, lifelines, scipy, R and others.

The environment of what is compared with is made once, in `build/oracles`; R is used where it is installed. Works
named as arguments are measured alone. On a busy machine the seconds of the processor say more than those of the clock.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from evidence_ours import LEVELS, NUMBERS
from trial import SEED

HERE = Path(__file__).parent
ORACLES = HERE.parent / "build" / "oracles"
NEEDED = ("tableone==0.9.6", "lifelines==0.30.3", "statsmodels==0.15.0", "pandas==2.3.3", "scipy==1.17.1", "pyarrow")
ROWS = int(os.environ.get("CLINICAL_NB_BENCH_ROWS", "1000000"))
REPEATS, PATIENCE = 3, 40.0  # what takes longer than so many seconds is done once


@dataclass(frozen=True)
class Measured:
    """The median of some runs: seconds by the clock and of the processor, and the most memory in MB."""

    seconds: float
    worked: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """One line: a work, what it is compared with, by how much it was to be faster, and by how much it is."""

    work: str
    other: str
    reach: str
    ours: Measured
    theirs: Measured


def make_patients(rows: int, file: Path) -> None:
    """Write a trial of twenty characteristics, an outcome and a time until death."""
    chance = np.random.default_rng(SEED)
    arm = chance.integers(0, 2, rows)
    age = chance.normal(58, 12, rows).clip(18, 95).round()
    hazard = np.exp(0.03 * (age - 58) - 0.2 * arm) / 1800
    died = chance.exponential(1 / hazard)
    end = chance.uniform(200, 2500, rows)

    def around(mean: float, sd: float, digits: int) -> np.ndarray:
        return chance.normal(mean, sd, rows).clip(mean / 4, mean * 3).round(digits)

    def one_of(*names: str) -> np.ndarray:
        return np.array(names)[chance.integers(0, len(names), rows)]

    numbers = {"age": age.astype(int), "crp": chance.lognormal(1.2, 1, rows).round(1)}
    spreads = {"bmi": (27, 5, 1), "sbp": (130, 17, 0), "dbp": (80, 10, 0), "pulse": (72, 11, 0), "hb": (13.4, 1.6, 1)}
    spreads |= {"creatinine": (85, 22, 0), "bilirubin": (12, 5, 1), "albumin": (41, 4, 1)}
    numbers |= {name: around(*spread) for name, spread in spreads.items()}
    levels = {"sex": ("female", "male"), "stage": ("I", "II", "III", "IV"), "smoker": ("never", "former", "current")}
    levels |= {"site": tuple(f"site {number:02}" for number in range(20)), "diabetes": ("no", "yes")}
    levels |= {"ecog": ("0", "1", "2"), "region": ("north", "east", "south", "west", "centre")}
    levels |= {"origin": ("a", "b", "c", "d"), "treated": ("no", "yes"), "insurance": ("public", "private", "none")}
    words = {name: one_of(*names) for name, names in levels.items()}
    chances = 1 / (1 + np.exp(-(-1 + 0.02 * (age - 58) + 0.3 * arm)))
    outcome = {
        "arm": np.array(["placebo", "drug"])[arm],
        "time": np.minimum(died, end).round().astype(int) + 1,
        "status": (died <= end).astype(int),
        "response": (chance.random(rows) < chances).astype(int),
    }
    ordered = {name: (numbers | words)[name] for name in (*NUMBERS, *LEVELS)}
    pl.DataFrame(ordered | outcome).write_parquet(file)


def find_oracles() -> Path:
    """Return the Python of the environment with what is compared with; made where it is not there."""
    python = ORACLES / "bin" / "python"
    if not (ORACLES / "ready").exists():
        venv.create(ORACLES, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDED], check=True)
        (ORACLES / "ready").touch()
    return python


def measure(command: Sequence[object]) -> Measured:
    """Return what a program says of itself, the median of its runs."""
    found: list[tuple[float, float, float]] = []
    while len(found) < REPEATS and not (found and found[0][0] > PATIENCE):
        done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        taken, worked, most = done.stdout.split()[-3:]
        found.append((float(taken), float(worked), float(most)))
    return Measured(*(statistics.median(each) for each in zip(*found, strict=True)))


def main() -> None:
    """Measure each work and what it is compared with, and then the same with ten times the rows."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        file, table = Path(folder) / "trial.parquet", Path(folder) / "trial.csv"
        make_patients(ROWS, file)
        few = pl.read_parquet(file, columns=["time", "status", "response", "age", "arm", "sex"])
        few.write_csv(table)
        python = find_oracles()

        def ours(name: str) -> Measured:
            return measure([sys.executable, HERE / "evidence_ours.py", name, file])

        def today(name: str) -> Measured:
            return measure([python, HERE / "evidence_today.py", name, file])

        def in_r(name: str) -> Measured:
            return measure(["Rscript", HERE / "evidence_today.R", name, table])

        works: list[tuple[str, str, Sequence[tuple[str, str, Callable[[str], Measured]]]]] = [
            ("Table 1, 20 columns, p and SMD", "table_one", [("tableone", "100 x, 1/3 of the memory", today)]),
            ("Kaplan-Meier and log-rank", "survive", [("lifelines", "3 x", today), ("R survival", "10 x", in_r)]),
            ("Cox, 3 covariates", "cox", [("lifelines", "8 x", today), ("R coxph", "2 x", in_r)]),
            ("Wilcoxon", "wilcoxon", [("scipy", "2 x", today)]),
            ("Kruskal-Wallis", "kruskal", [("scipy", "2 x", today)]),
            ("Spearman", "spearman", [("scipy", "5 x", today)]),
            ("logistic, 3 covariates", "logistic", [("statsmodels", "1 x", today), ("R glm", "5 x", in_r)]),
        ]
        print(
            f"\nStatistics over {ROWS:,} rows, each in a process of its own, reading its columns; of R without reading"
        )
        for work, name, others in works:
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            mine = ours(name)
            for other, reach, ask in others:
                if ask is in_r and not shutil.which("Rscript"):
                    continue
                rows.append(Row(work, other, reach, mine, ask(name)))
                say(rows[-1])
            if name == "table_one":
                rows.append(Row(work, "group-bys by hand", "at most 3 x slower", mine, ours("by_hand")))
                say(rows[-1])
        if not sys.argv[1:]:
            grow(file, ours)


def grow(file: Path, ours: Callable[[str], Measured]) -> None:
    """Measure some works again with ten times the rows."""
    print(f"\nThe same with {10 * ROWS:,} rows")
    print("  target: at most 11 x the time, memory bounded by the distinct values")
    before = {name: ours(name) for name in ("table_one", "survive", "logistic", "wilcoxon")}
    make_patients(10 * ROWS, file)
    for name, once in before.items():
        more = ours(name)
        times, memory = more.seconds / once.seconds, more.megabytes / once.megabytes
        print(
            f"  {name:<12} {once.seconds:8.2f} s -> {more.seconds:8.2f} s  {times:5.1f} x"
            f"   {once.megabytes:6.0f} MB -> {more.megabytes:6.0f} MB  {memory:4.1f} x"
        )


def say(row: Row) -> None:
    """Print one line."""
    faster, lighter = row.theirs.seconds / row.ours.seconds, row.theirs.worked / row.ours.worked
    memory = f"{row.ours.megabytes:6.0f} MB, {row.theirs.megabytes:6.0f} MB" if row.theirs.megabytes else ""
    print(
        f"  {row.work:<31} {row.ours.seconds:8.3f} s   {row.other:<18} {row.theirs.seconds:8.3f} s   "
        f"{faster:6.1f} x faster (reach: {row.reach})   "
        f"processor {row.ours.worked:.3f} s, {row.theirs.worked:.3f} s, {lighter:.1f} x   {memory}",
        flush=True,
    )


if __name__ == "__main__":
    main()
