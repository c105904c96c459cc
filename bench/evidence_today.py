"""One statistical work by what people use today, by a Python of its own: seconds, of the processor too, and memory."""

import resource
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from scipy import stats

NUMBERS = ["age", "bmi", "sbp", "dbp", "pulse", "hb", "crp", "creatinine", "bilirubin", "albumin"]
LEVELS = ["sex", "stage", "site", "smoker", "diabetes", "ecog", "region", "origin", "treated", "insurance"]


def read(file: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns."""
    return pd.read_parquet(file, columns=list(columns))


def table_one(file: str) -> None:
    """Table 1 with tests and standardised differences."""
    from tableone import TableOne  # noqa: PLC0415 - each work imports what it needs

    frame = read(file, [*NUMBERS, *LEVELS, "arm"])
    TableOne(frame, columns=[*NUMBERS, *LEVELS], categorical=LEVELS, groupby="arm", pval=True, smd=True)


def survive(file: str) -> None:
    """Kaplan-Meier by arm, and the log-rank test."""
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - as above
    from lifelines.statistics import logrank_test  # noqa: PLC0415

    frame = read(file, ["time", "status", "arm"])
    arms = [part for _, part in frame.groupby("arm")]
    for part in arms:
        KaplanMeierFitter().fit(part["time"], part["status"])
    one, other = arms
    logrank_test(one["time"], other["time"], one["status"], other["status"])


def cox(file: str) -> None:
    """Cox's model of three covariates, Efron's ties."""
    from lifelines import CoxPHFitter  # noqa: PLC0415 - as above

    frame = read(file, ["time", "status", "age", "arm", "sex"])
    frame["arm"], frame["sex"] = (frame["arm"] == "drug") * 1, (frame["sex"] == "male") * 1
    CoxPHFitter().fit(frame, "time", "status")


def wilcoxon(file: str) -> None:
    """Compare two arms by Wilcoxon's rank sums."""
    frame = read(file, ["crp", "arm"])
    stats.mannwhitneyu(*(part["crp"] for _, part in frame.groupby("arm")))


def kruskal(file: str) -> None:
    """Compare five regions by Kruskal and Wallis."""
    frame = read(file, ["crp", "region"])
    stats.kruskal(*(part["crp"] for _, part in frame.groupby("region")))


def spearman(file: str) -> None:
    """Spearman's rank correlation."""
    frame = read(file, ["sbp", "crp"])
    stats.spearmanr(frame["sbp"], frame["crp"])


def logistic(file: str) -> None:
    """Logistic regression of three covariates."""
    import statsmodels.api as sm  # noqa: PLC0415 - as above

    frame = read(file, ["response", "age", "arm", "sex"])
    frame["arm"], frame["sex"] = (frame["arm"] == "drug") * 1, (frame["sex"] == "male") * 1
    sm.Logit(frame["response"], sm.add_constant(frame[["age", "arm", "sex"]])).fit(disp=0).summary()


def most_memory() -> int:
    """Return the bytes that this process had at most; Linux's own maximum would begin with those of its parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Do the work, its imports done before."""
    name, file = sys.argv[1:]
    warnings.simplefilter("ignore")
    for module in {"table_one": ["tableone"], "survive": ["lifelines"], "cox": ["lifelines"]}.get(name, []):
        __import__(module)
    if name == "logistic":
        __import__("statsmodels.api")
    works = {each.__name__: each for each in (table_one, survive, cox, wilcoxon, kruskal, spearman, logistic)}
    begun, before = time.perf_counter(), time.process_time()
    works[name](file)
    taken, worked = time.perf_counter() - begun, time.process_time() - before
    print(taken, worked, most_memory() / 1e6)


if __name__ == "__main__":
    main()
