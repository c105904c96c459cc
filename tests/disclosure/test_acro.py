"""ACRO as an oracle, where a Python that has it is named: what it suppresses by its threshold, we do not show either.

ACRO needs pandas, which this project does not: CLINICAL_NB_ACRO names the interpreter of an environment of its own.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.plan import Cohort, Count

sys.path.insert(0, str(Path(__file__).parent))

from test_suppress import make_rows, show

PYTHON = os.environ.get("CLINICAL_NB_ACRO", "")
_SCRIPT = """
import contextlib, io, json, sys
import pandas as pd
from acro import ACRO
found = []
for rows in json.load(sys.stdin):
    frame = pd.DataFrame(rows)[["arm", "sex"]].dropna()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        acro = ACRO(suppress=True)
        acro.config["safe_threshold"] = 11
        table = acro.crosstab(frame["arm"], frame["sex"])
    cells = [(arm, sex, table.loc[arm, sex]) for arm in table.index for sex in table]
    found.append([[arm, sex, None if pd.isna(n) else int(n)] for arm, sex, n in cells])
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON, reason="CLINICAL_NB_ACRO names no Python that has ACRO")
def test_nothing_that_acro_suppresses_is_shown_and_what_is_shown_is_what_acro_counts():
    tables = [make_rows(random.Random(seed)) for seed in range(30)]  # noqa: S311 - tables, not secrets
    ran = subprocess.run(
        [PYTHON, "-c", _SCRIPT], input=json.dumps(tables), capture_output=True, text=True, check=True, timeout=300
    )

    compared = 0
    for rows, acro in zip(tables, json.loads(ran.stdout.splitlines()[-1]), strict=True):
        result = show(Count(Cohort("d", "t"), ("arm", "sex")), rows, PROFILES["cms11"], []).result
        ours = {
            (each.group1_level, each.group2_level): each.stat
            for each in result.statistics
            if each.stat_name == "n" and each.group2_level
        }
        for arm, sex, count in acro:
            shown = ours[arm, sex]
            assert shown in (None, count, 0), (arm, sex, count, shown)
            assert shown is None or count is not None or shown == 0
            compared += shown is not None and count is not None
    assert compared > 20
