"""The record as a file: private, locked with a word, never set aside because it is in use, refused in one sentence."""

import os
import stat
import subprocess
import sys

import duckdb
import polars as pl
import pytest

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.record import RECORD, hold_lock

FRAME = pl.DataFrame({"age": [61, None]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


def test_the_record_is_its_owners_alone(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", {})

    assert stat.S_IMODE((store.home / RECORD).stat().st_mode) == 0o600


def test_a_waiting_lock_says_what_it_waits_for(store):
    sentence = r"Another notebook .*analytics\.duckdb\.lock"

    with (
        hold_lock(store.home, "storing"),
        pytest.raises(StoreError, match=sentence),
        hold_lock(store.home, "storing", seconds=0.1),
    ):
        pass


def test_another_program_in_the_record_is_said_and_the_record_is_not_set_aside(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", {})
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    record = store.home / RECORD
    with subprocess.Popen([sys.executable, "-c", code, record], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()

        with pytest.raises(StoreError, match="Close other programs"):
            store.publish("trial", {"t": store.save_table(FRAME)}, "changed", {})
        other.stdin.close()

    assert store.publish("trial", {"t": store.save_table(FRAME)}, "changed", {}).number == 2
    assert list(store.home.glob("*.damaged-*")) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_a_record_that_this_very_process_has_open_is_not_set_aside(store, read_only):
    path = store.home / "analytics.duckdb"
    store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [1]}))}, "", {})

    with duckdb.connect(str(path), read_only=read_only), pytest.raises(StoreError, match="cannot be used"):
        store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [2]}))}, "", {})

    assert path.exists()
    assert list(store.home.glob("*.damaged-*")) == []
    assert store.publish("trial", {"visits": store.save_table(pl.DataFrame({"a": [2]}))}, "", {}).number == 2


def test_a_record_of_a_newer_format_is_refused_in_one_sentence(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", {})
    with duckdb.connect(str(store.home / RECORD)) as record:
        record.execute("UPDATE catalogue.store SET format = 99")

    with pytest.raises(StoreError, match="newer clinical_nb"):
        store.publish("trial", {"t": store.save_table(FRAME)}, "changed", {})


def test_a_path_that_duckdb_cannot_open_is_refused_in_one_sentence(tmp_path):
    store = DataStore(tmp_path / "what?")

    with pytest.raises(StoreError, match="has a '\\?' in its path"):
        store.publish("trial", {"t": store.save_table(FRAME)}, "", {})


@pytest.mark.parametrize("home", ["a_file/home", "a_file"])
def test_a_home_that_cannot_be_is_refused_in_one_sentence(tmp_path, home):
    (tmp_path / "a_file").write_text("")
    store = DataStore(tmp_path / home)

    for work in (lambda: store.save_table(FRAME), lambda: store.save_result("ab" * 8, {}), lambda: store.drop("x")):
        with pytest.raises(StoreError, match="cannot write in"):
            work()
    assert store.list_datasets() == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(store):
    store.home.mkdir(mode=0o500)

    with pytest.raises(StoreError, match="cannot write in"):
        store.save_table(FRAME)
