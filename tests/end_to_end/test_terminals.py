"""Two terminals with IPython, which have no kernel, upload into one store at once, and neither sees a lock."""

import os
import subprocess
import sys

import pytest

from clinical_nb.session import Session

UPLOADS = 6


def start_terminal(folder, name):
    """Upload file after file into the store that both terminals share, asking about each."""
    cells = ["%load_ext clinical_nb"]
    for number in range(UPLOADS):
        file = folder / f"{name}_{number}.csv"
        file.write_text(f"id,{name}\n" + "".join(f"{row},{30 + (row + number) % 40}\n" for row in range(2_000)))
        cells += [
            f"%clinical upload {file}",
            f"get_ipython().run_cell_magic('clinical', 'ask --data {file.stem}', 'mean {name}')",
        ]
        cells += [f"%clinical upload {file} --name shared"]
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", "-c", "\n".join(cells)]
    environment = os.environ | {"CLINICAL_NB_HOME": str(folder / "store"), "IPYTHONDIR": str(folder / name)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.slow
def test_two_terminals_upload_into_one_store_at_once(tmp_path):
    terminals = [start_terminal(tmp_path, name) for name in ("weight", "height")]

    said = [terminal.communicate(timeout=240)[0] for terminal in terminals]

    session = Session(tmp_path / "store")
    assert [terminal.returncode for terminal in terminals] == [0, 0], said
    for text in said:
        assert not [word for word in ("Error", "Traceback", "lock", "cannot", "damaged") if word in text], text
        assert text.count(", stored.") == 2 * UPLOADS
        assert text.count("Read as: ") == UPLOADS
    names = {f"{name}_{number}" for name in ("weight", "height") for number in range(UPLOADS)}
    assert {dataset.name for dataset in session.datasets()} == names | {"shared"}
    assert session.warnings == ()
    assert all(dataset.lazy().collect().height == 2_000 for dataset in session.datasets())
