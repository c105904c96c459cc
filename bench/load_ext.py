"""What `%load_ext clinical_nb` adds to the start of a kernel whose store holds 10 datasets."""

import os
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel
from measure import median_seconds, show
from trial import make_trial

from clinical_nb.session import Session

DATASETS, ROWS, REPEATS = 10, 1_000, 7
LOAD = "get_ipython().run_line_magic('load_ext', 'clinical_nb')"
BASELINE = "import duckdb, anywidget"


def time_in_fresh_kernel(code: str) -> float:
    """Return the seconds that code takes in a kernel that has run nothing before."""
    manager, client = start_new_kernel(extra_arguments=["--IPKernelApp.log_level=ERROR"])
    try:
        timed = f"import time; begun = time.perf_counter()\n{code}\ntaken = time.perf_counter() - begun"
        reply = client.execute_interactive(timed, user_expressions={"taken": "taken"}, output_hook=lambda _: None)
        answer = reply["content"].get("user_expressions", {}).get("taken", {})
        if answer.get("status") != "ok":
            raise RuntimeError(str(reply["content"]))
        return float(answer["data"]["text/plain"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main() -> None:
    """Fill a store, then time fresh kernels that open it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "store"
        with Session(home) as session:
            for number in range(DATASETS):
                file = Path(folder) / f"trial_{number}.csv"
                make_trial(ROWS + number).write_csv(file)
                session.upload(file)
        os.environ["CLINICAL_NB_HOME"] = str(home)
        medians = median_seconds(
            {
                f"%load_ext clinical_nb, {DATASETS} datasets": lambda: time_in_fresh_kernel(LOAD),
                BASELINE: lambda: time_in_fresh_kernel(BASELINE),
            },
            REPEATS,
        )
    show("Loading the extension in a fresh kernel", medians, "at most 250 ms")


if __name__ == "__main__":
    main()
