"""A real IPython shell, and a real kernel, on a store and a profile in temporary folders."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from traitlets.config import Config

from clinical_nb.session import Session


class Notebook:
    """Cells run one by one in a shell, with what each shows."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, cell: str) -> str:
        """Run a cell that must succeed, and return the text that it shows."""
        result, shown = self._run(cell)
        assert result.success, shown.stdout + shown.stderr
        return _text(shown)

    def fail(self, cell: str) -> str:
        """Run a cell that must fail, and return what the person sees."""
        result, shown = self._run(cell)
        assert not result.success, _text(shown)
        return (shown.stdout + shown.stderr).strip()

    def html(self, cell: str) -> str:
        """Run a cell and return the HTML that it shows."""
        _, shown = self._run(cell)
        return "".join(output.data.get("text/html", "") for output in shown.outputs)

    def bundles(self, cell: str) -> list[dict[str, object]]:
        """Run a cell and return what it displays, by MIME type."""
        _, shown = self._run(cell)
        return [output.data for output in shown.outputs]

    def _run(self, cell: str):
        with capture_output() as shown:
            result = self.shell.run_cell(cell)
        return result, shown


def _text(shown: CapturedIO) -> str:
    return shown.stdout + "\n".join(output.data.get("text/plain", "") for output in shown.outputs)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLINICAL_NB_HOME", str(tmp_path / "store"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "store"


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    """A small table: 12 persons, two arms, ages, a centre with a blank in its name."""
    lines = ["id,arm,age,centre,relapse"]
    lines += [
        f"{number},{'active' if number % 2 else 'placebo'},{30 + number},{'North West' if number % 3 else 'South'},"
        f"{'yes' if number % 4 == 0 else 'no'}"
        for number in range(1, 13)
    ]
    path = tmp_path / "trial.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def stored(home: Path, trial: Path) -> Path:
    """A store that holds the trial already."""
    with Session(home) as session:
        session.upload(trial)
    return home


@pytest.fixture
def empty_notebook(home: Path) -> Iterator[Notebook]:
    """A shell with the extension loaded on an empty store."""
    assert home
    yield from _open_notebook()


@pytest.fixture
def notebook(stored: Path) -> Iterator[Notebook]:
    """A shell with the extension loaded on a store that holds the trial."""
    assert stored
    yield from _open_notebook()


def _open_notebook() -> Iterator[Notebook]:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config, ipython_dir=os.environ["IPYTHONDIR"])
    shell.profile_dir.startup_dir = str(Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup")
    notebook = Notebook(shell)
    notebook.run("%load_ext clinical_nb")
    yield notebook
    shell.run_line_magic("unload_ext", "clinical_nb")
    InteractiveShell.clear_instance()


@pytest.fixture
def kernel(stored: Path) -> Iterator[BlockingKernelClient]:
    """A running kernel with the extension loaded on a store that holds the trial."""
    assert stored
    manager, client = start_new_kernel()
    client.execute_interactive("%load_ext clinical_nb", output_hook=lambda _: None, timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
