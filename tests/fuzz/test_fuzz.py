"""Damaged files of every format give a table or a sentence: those that once did not, and a minute of new ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).with_name("fuzzer.py")
KEPT = sorted(Path(__file__).with_name("regressions").iterdir())
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the process that reads is held to a limit of memory")


def run(*arguments):
    return subprocess.run([sys.executable, FUZZER, *arguments], capture_output=True, text=True, check=False)


def test_files_that_once_were_findings_are_none_any_more():
    done = run("--replay", *KEPT)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
def test_damaged_files_of_every_format_give_a_table_or_a_sentence(tmp_path):
    done = run("--seconds", os.environ.get("FUZZ_SECONDS", "60"), "--keep", tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
