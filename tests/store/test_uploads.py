"""What an upload has saved stays for it whatever others drop, and is gone when nobody needs it any more."""

import hashlib
import signal
import subprocess
import sys

import polars as pl
import pytest

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.restore import restore_datasets
from clinical_nb.store.version import Provenance

VISITS = pl.DataFrame({"patient": [1, 1, 2], "weight": [70.5, None, 82.0]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


@pytest.fixture
def other(store):
    """The same store in another notebook, which holds the same rows as a dataset."""
    other = DataStore(store.home)
    other.publish("old", {"t": other.save_table(VISITS)}, "", Provenance())
    return other


def tables_in(store):
    return [file.name for file in (store.home / "parquet").iterdir()]


def test_what_another_notebook_drops_while_it_is_uploaded_again_is_published_all_the_same(store, other):
    with store.begin_upload():
        table_hash = store.save_table(VISITS)
        other.drop("old")
        version = store.publish("new", {"t": table_hash}, "", Provenance())

    assert store.list_datasets() == [version]
    assert store.load_table(table_hash).collect().equals(VISITS)
    assert restore_datasets(store).warnings == []


def test_what_was_dropped_while_it_was_uploaded_again_is_gone_when_nothing_is_published(store, other):
    with store.begin_upload():
        store.save_table(VISITS)
        other.drop("old")

    assert tables_in(store) == []


def test_what_was_dropped_while_it_was_uploaded_again_is_gone_after_a_kill(store, other):
    code = (
        "import sys, pathlib, polars as pl; from clinical_nb.store.datastore import DataStore\n"
        "store = DataStore(pathlib.Path(sys.argv[1]))\n"
        "with store.begin_upload():\n"
        "    store.save_table(pl.DataFrame({'patient': [1, 1, 2], 'weight': [70.5, None, 82.0]}))\n"
        "    print(flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, store.home]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as upload:
        upload.stdout.readline()
        other.drop("old")
        kept = tables_in(store)
        upload.send_signal(signal.SIGKILL)

    assert len(kept) == 2
    assert restore_datasets(store).warnings == []
    assert tables_in(store) == []


def test_an_upload_that_publishes_nothing_takes_nothing_that_another_one_or_a_version_needs(store, other):
    shared = pl.DataFrame({"a": [1]})
    with other.begin_upload():
        other.save_table(shared)
        with store.begin_upload():
            store.save_table(VISITS)
            store.save_table(shared)
            store.save_table(pl.DataFrame({"a": [2]}))
        version = other.publish("new", {"shared": other.save_table(shared)}, "", Provenance())

    assert [each.dataset for each in store.list_datasets()] == ["new", "old"]
    assert len(tables_in(store)) == 4
    assert store.load_table(version.tables["shared"].hash).collect().equals(shared)


SAVER = """
import sys, pathlib, polars as pl; from clinical_nb.store.datastore import DataStore
store, order = DataStore(pathlib.Path(sys.argv[1])), sys.argv[2]
for turn in sys.stdin:
    frame = pl.DataFrame({"turn": [int(turn)] * 5000, "row": range(5000)})
    print(store.save_table(frame if order == "up" else frame.reverse()), flush=True)
"""
TURNS = 60


def test_the_same_rows_saved_in_two_orders_at_once_are_one_file_with_its_own_checksum(store):
    command = [sys.executable, "-c", SAVER, store.home]
    savers = [
        subprocess.Popen([*command, order], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for order in ("up", "down")
    ]
    for turn in range(TURNS):
        for saver in savers:
            saver.stdin.write(f"{turn}\n")
            saver.stdin.flush()
        hashes = {saver.stdout.readline() for saver in savers}
        assert len(hashes) == 1
    for saver in savers:
        saver.communicate(timeout=60)

    files = list((store.home / "parquet").glob("*.parquet"))
    digests = {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert len(files) == TURNS
    assert digests == {file.stem: file.with_suffix(".sha256").read_text() for file in files}


INTERRUPTED = """
import os, pathlib, signal, subprocess, sys, threading, polars as pl
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.uploads import living_uploads
store = DataStore(pathlib.Path(sys.argv[1]))
code = "import sys, pathlib; from clinical_nb.store.record import hold_lock"
code += "\\nwith hold_lock(pathlib.Path(sys.argv[1]), 'storing'): print(flush=True); sys.stdin.read()"
try:
    with store.begin_upload():
        store.save_table(pl.DataFrame({"a": [1]}))
        command = [sys.executable, "-c", code, str(store.home)]
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        other.stdout.readline()
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
except KeyboardInterrupt:
    print("interrupted", list(living_uploads(store.home)), os.listdir(store.home / "uploads"))
other.communicate(b"")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another way to interrupt a kernel")
@pytest.mark.usefixtures("other")
def test_an_upload_that_is_interrupted_while_it_waits_to_end_is_over(store):
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, store.home], capture_output=True, text=True, check=True)

    assert done.stdout == "interrupted [] []\n"
    assert restore_datasets(store).warnings == []
    assert len(tables_in(store)) == 2
