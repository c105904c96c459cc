"""A process killed before any of its steps on the disk leaves the store as it was before, or as it is after."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIOS = ("upload", "upload_again", "declare", "drop", "drop_version", "take_in", "adopt", "rotate")
FEWEST_STEPS = 5  # an answer's file and its lines in the history; what stores a version has more


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes to be killed are forked")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_kill_at_any_step_leaves_the_store_as_before_or_as_after(scenario, tmp_path):
    script = Path(__file__).with_name("kills.py")

    done = subprocess.run([sys.executable, script, scenario, tmp_path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > FEWEST_STEPS
