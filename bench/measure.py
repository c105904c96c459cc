"""Times things that are to be compared, in turns and in one run, so that a busy machine is as unfair to each."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def time_in_fresh_process(code: str, *arguments: object) -> float:
    """Return the seconds that a program says it took."""
    run = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=False, capture_output=True, text=True
    )
    if run.returncode:
        raise RuntimeError(run.stderr)
    return float(run.stdout.split()[-1])


def median_seconds(works: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """Return the median of what each work measured of itself, each having had its turn `repeats` times."""
    taken = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            taken[name].append(work())
    return {name: statistics.median(times) for name, times in taken.items()}


def show(title: str, medians: Mapping[str, float], target: str) -> None:
    """Print each median and how many times the last one, which is the same work by hand, it is."""
    yardstick = list(medians.values())[-1]
    print(f"\n{title}\n  target: {target}")
    for name, taken in medians.items():
        print(f"  {name:<58} {taken * 1000:9.1f} ms {taken / yardstick:7.2f} x")
