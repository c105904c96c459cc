"""ACRO and tau-Argus as oracles, where a Python that has them is named: what they call unsafe, we do not show either.

They are of environments of their own (ACRO needs pandas, `pytauargus` has a solver in it): CLINICAL_NB_ACRO and
CLINICAL_NB_TAUARGUS name the interpreters.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.plan import Cohort, Count

sys.path.insert(0, str(Path(__file__).parent))

from test_suppress import make_rows, show

PYTHON = os.environ.get("CLINICAL_NB_ACRO", "")
TAU_ARGUS = os.environ.get("CLINICAL_NB_TAUARGUS", "")
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


# A frequency rule of 11, and the fewest cells beside that protect them (Fischetti & Salazar).
_PROTECT = """
import contextlib, json, os, sys, tempfile
from pytauargus import protect
found = []
for rows in json.load(sys.stdin):
    known = [row for row in rows if row["arm"] and row["sex"]]
    micro = {name: [row[name] for row in known] for name in ("arm", "sex")} | {"one": [1.0] * len(known)}
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        with contextlib.redirect_stdout(nowhere):
            result = protect(
                micro, ["arm", "sex"], response="one", safety_rules="FREQ(11,20)", suppress="OPT(1)", workdir=folder
            )
    rows = result.tables[0].rows
    rows = rows() if callable(rows) else rows
    found.append([[row["arm"], row["sex"], int(row["freq"]), row["status"]] for row in rows])
print(json.dumps(found))
"""


def cells_shown(rows):
    """Return the cells of a table that we show, or None for each that we do not."""
    result = show(Count(Cohort("d", "t"), ("arm", "sex")), rows, PROFILES["cms11"], []).result
    return {
        (each.group1_level, each.group2_level): each.stat
        for each in result.statistics
        if each.stat_name == "n" and each.group2_level
    }


def ask(python, script, tables):
    with tempfile.TemporaryDirectory() as folder:  # into which both write their logs
        ran = subprocess.run(
            [python, "-c", script],
            input=json.dumps(tables),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            cwd=folder,
        )
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(not TAU_ARGUS, reason="CLINICAL_NB_TAUARGUS names no Python that has pytauargus")
def test_nothing_that_tau_argus_calls_unsafe_is_shown_and_as_much_is_hidden_beside_it():
    tables = [make_rows(random.Random(seed)) for seed in range(30)]  # noqa: S311 - tables, not secrets
    unsafe = 0
    for rows, cells in zip(tables, ask(TAU_ARGUS, _PROTECT, tables), strict=True):
        ours = cells_shown(rows)
        inside = [(arm, sex, n, status) for arm, sex, n, status in cells if (arm, sex) in ours]
        for arm, sex, n, status in inside:
            assert ours[arm, sex] in (None, n), (arm, sex, n)
            assert status != "U" or ours[arm, sex] is None, (arm, sex, n)
            unsafe += status == "U"
        if sum(status == "U" for *_, status in inside) == 1:  # one alone would be what is missing from a total
            assert sum(count is None for count in ours.values()) > 1
    assert unsafe > 10


@pytest.mark.slow
@pytest.mark.skipif(not PYTHON, reason="CLINICAL_NB_ACRO names no Python that has ACRO")
def test_nothing_that_acro_suppresses_is_shown_and_what_is_shown_is_what_acro_counts():
    tables = [make_rows(random.Random(seed)) for seed in range(30)]  # noqa: S311 - tables, not secrets

    compared = 0
    for rows, acro in zip(tables, ask(PYTHON, _SCRIPT, tables), strict=True):
        ours = cells_shown(rows)
        for arm, sex, count in acro:
            shown = ours[arm, sex]
            assert shown in (None, count, 0), (arm, sex, count, shown)
            assert shown is None or count is not None or shown == 0
            compared += shown is not None and count is not None
    assert compared > 20
