"""One statistical work by clinical_nb in a process of its own: prints seconds, of the processor too, and memory."""

import resource
import sys
import time
from pathlib import Path

import narwhals as nw
import polars as pl

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.inference import infer
from clinical_nb.plan import Cohort, Compare, Correlate, Hazard, OneOf, Plan, Regress, Survive, TableOne

ALL = Cohort("trial", "trial")
NUMBERS = ("age", "bmi", "sbp", "dbp", "pulse", "hb", "crp", "creatinine", "bilirubin", "albumin")
LEVELS = ("sex", "stage", "site", "smoker", "diabetes", "ecog", "region", "origin", "treated", "insurance")
DIED, RESPONDED = OneOf("status", (1,)), OneOf("response", (1,))
PLANS: dict[str, Plan] = {
    "table_one": TableOne(ALL, (*NUMBERS, *LEVELS), ("arm",), tests=True),
    "survive": Survive(ALL, "time", DIED, ("arm",)),
    "cox": Hazard(ALL, "time", DIED, ("age", "arm", "sex")),
    "wilcoxon": Compare(ALL, "crp", "arm"),
    "kruskal": Compare(ALL, "crp", "region"),
    "spearman": Correlate(ALL, "sbp", "crp"),
    "logistic": Regress(ALL, RESPONDED, ("age", "arm", "sex"), "logistic"),
}


def group_by_hand(scan: pl.LazyFrame) -> None:
    """Count each column of Table 1 by arm, as a person would write it."""
    pl.collect_all([scan.group_by("arm", column).len().sort("arm", column) for column in (*NUMBERS, *LEVELS)])


def most_memory() -> int:
    """Return the bytes that this process had at most; Linux's own maximum would begin with those of its parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Read the file's columns and do the work; what the columns are was said, and all was imported, before."""
    name, file = sys.argv[1:]
    scan = pl.scan_parquet(file)
    dictionary = infer({"trial": scan.head(20_000).collect()})
    nw.from_native(scan)  # imports its part for Polars
    begun, before = time.perf_counter(), time.process_time()
    if name == "by_hand":
        group_by_hand(scan)
    else:
        run(PLANS[name], scan, dictionary)
    taken, worked = time.perf_counter() - begun, time.process_time() - before
    print(taken, worked, most_memory() / 1e6)


if __name__ == "__main__":
    main()
