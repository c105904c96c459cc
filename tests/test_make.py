"""What a person types first: `make help` says it all, and a Python that is too old is told in a sentence."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OLD_PYTHON = """#!/bin/sh
exec {python} -c 'import sys; sys.version_info = (3, 10, 2); sys.version = "3.10.2 (main)"; exec(sys.argv[2])' "$@"
"""


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "-C", folder, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_make_alone_lists_every_target_with_what_it_is_for():
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()

    said = make(ROOT).stdout

    assert re.findall(r"^  make ([a-z-]+) +\S", said, re.MULTILINE) == targets


def test_a_python_that_is_too_old_is_told_before_anything_is_installed(tmp_path):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(OLD_PYTHON.format(python=sys.executable))
    (tmp_path / "python").chmod(0o700)

    run = make(tmp_path, "test-fast", "PYTHON=./python")

    assert run.returncode != 0
    assert "clinical_nb needs Python 3.11 or later; ./python is 3.10.2. Name another:" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_locked_javascript_tools_name_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert packages["node_modules/typescript"]["integrity"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
