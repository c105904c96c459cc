"""Autoload: the startup file of a profile, written, read by a real kernel and removed."""

from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel


def _startup_file(home: Path) -> Path:
    return home.parent / "ipython" / "profile_default" / "startup" / "50-clinical_nb.py"


def test_turning_on_writes_the_file_and_says_how_to_undo_it(notebook, stored):
    said = notebook.run("%clinical autoload on").strip()

    file = _startup_file(stored)
    assert said == (
        f"Autoload is on: new kernels of this profile load clinical_nb ({file}). Undo it with %clinical autoload off."
    )
    assert file.exists()


def test_turning_on_twice_changes_nothing(notebook, stored):
    notebook.run("%clinical autoload on")
    written = _startup_file(stored).stat().st_mtime_ns

    said = notebook.run("%clinical autoload on")

    assert said.startswith("Autoload is on already")
    assert _startup_file(stored).stat().st_mtime_ns == written


def test_turning_off_removes_the_file_and_off_again_says_so(notebook, stored):
    notebook.run("%clinical autoload on")

    first, second = notebook.run("%clinical autoload off"), notebook.run("%clinical autoload off")

    assert first.startswith("Autoload is off: ")
    assert second.strip() == "Autoload is off already."
    assert not _startup_file(stored).exists()


def test_status_says_which_it_is(notebook):
    off = notebook.run("%clinical autoload")
    notebook.run("%clinical autoload on")
    on = notebook.run("%clinical autoload status")

    assert off.startswith("Autoload is off.")
    assert on.startswith("Autoload is on:")


@pytest.fixture
def ask_new_kernel():
    """Run a line in a new kernel of the profile and return what it prints."""
    opened = []

    def ask(line: str) -> str:
        manager, client = start_new_kernel()
        opened.append((manager, client))
        printed: list[str] = []

        def hear(message: dict) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        client.execute_interactive(line, output_hook=hear, timeout=60)
        return "".join(printed)

    yield ask
    for manager, client in opened:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_a_new_kernel_has_the_magic_and_the_data_by_itself(notebook, ask_new_kernel):
    notebook.run("%clinical autoload on")

    said = ask_new_kernel("%clinical use trial")

    assert said.strip() == "Questions are now about trial: 12 \N{MULTIPLICATION SIGN} 5, version 1."


@pytest.mark.slow
def test_a_store_that_cannot_be_opened_does_not_stop_the_kernel(notebook, ask_new_kernel, monkeypatch, tmp_path):
    notebook.run("%clinical autoload on")
    file = tmp_path / "a_file"
    file.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("CLINICAL_NB_HOME", str(file))

    assert ask_new_kernel("print(1 + 1)").strip() == "2"
