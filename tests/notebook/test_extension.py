"""What %load_ext does, what it does not import, and that unloading leaves nothing behind."""

import json
import subprocess
import sys

import pytest

from clinical_nb import ClinicalError, current

HEAVY = ("polars", "pyarrow", "scipy", "great_tables", "altair", "pandas", "statsmodels", "vl_convert", "pydantic")
LOAD = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "clinical_nb")
from clinical_nb.notebook.extension import open_panel
open_panel()
print(json.dumps(sorted(sys.modules)))
"""


def test_loading_on_an_empty_store_says_how_to_begin(empty_notebook):
    empty_notebook.run("%unload_ext clinical_nb")

    said = empty_notebook.run("%load_ext clinical_nb")

    assert said.strip() == "No datasets yet: drop a file on %clinical panel, or %clinical upload PATH."


def test_loading_names_each_restored_dataset_on_one_line(notebook):
    dataset = current().current
    notebook.run("%unload_ext clinical_nb")

    said = notebook.run("%load_ext clinical_nb").strip()

    stored = f"stored {dataset.created.astimezone():%Y-%m-%d %H:%M}"
    assert said == f"trial: 12 \N{MULTIPLICATION SIGN} 5, version 1 ({dataset.version[:8]}), {stored}"


def test_loading_and_the_panel_import_nothing_heavy(stored):
    loaded = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)

    *said, modules = loaded.stdout.splitlines()
    assert said[-1].startswith("trial: 12 \N{MULTIPLICATION SIGN} 5")
    assert not set(HEAVY) & set(json.loads(modules))
    assert stored.exists()


def test_unloading_takes_away_the_magics_the_completion_and_the_session(notebook):
    matchers = len(notebook.shell.Completer.custom_matchers)

    notebook.run("%unload_ext clinical_nb")

    assert "clinical" not in notebook.shell.magics_manager.magics["line"]
    assert "clinical" not in notebook.shell.magics_manager.magics["cell"]
    assert len(notebook.shell.Completer.custom_matchers) == matchers - 1
    with pytest.raises(ClinicalError, match="Run %load_ext clinical_nb"):
        current()


def test_reloading_leaves_one_completion_and_the_same_data(notebook):
    matchers = len(notebook.shell.Completer.custom_matchers)

    notebook.run("%reload_ext clinical_nb")

    assert len(notebook.shell.Completer.custom_matchers) == matchers
    assert [dataset.name for dataset in current().datasets()] == ["trial"]


def test_without_a_home_the_store_lies_beside_the_notebook(empty_notebook, monkeypatch, tmp_path):
    monkeypatch.delenv("CLINICAL_NB_HOME")

    empty_notebook.run("%reload_ext clinical_nb")

    assert current().home == tmp_path / "clinical_data"
