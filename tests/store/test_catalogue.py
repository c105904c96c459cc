"""The record: views under people's names, nothing of a name run as SQL, and locks that say what they wait for."""

import os
import stat
import subprocess
import sys

import duckdb
import polars as pl
import pytest

from clinical_nb.errors import StoreError
from clinical_nb.store import catalogue
from clinical_nb.store.datastore import DataStore

HOSTILE = [
    "visits",
    "VISITS",
    '"; DROP TABLE catalogue.versions; --',
    "a\nb\t'",
    "😀 \u202e",
    "SELECT",
    "x" * 300,
    "..",
]
FRAME = pl.DataFrame({"Age": [61, None], "AGE": ["a", "b"], "age": [True, None], 'q"; --': [0.5, 1.5]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


def query(store, text):
    with duckdb.connect(str(store.home / catalogue.RECORD), read_only=True) as record:
        return record.execute(text).fetchall()


def test_each_table_of_a_version_is_a_view_under_its_seed_name(store):
    version = store.publish("trial", {"visits": store.save_table(FRAME)}, "", {})
    view = f"{version.upload_id}_visits_{version.dataset_version}"

    rows = query(store, f'SELECT "Age", "AGE_2", "age_3", "q""; --" FROM "{view}" ORDER BY ALL')  # noqa: S608 - ours

    assert rows == [(61, "a", True, 0.5), (None, "b", None, 1.5)]


@pytest.mark.parametrize("dataset", HOSTILE)
def test_no_name_is_ever_sql(store, dataset):
    tables = {name: store.save_table(FRAME.with_columns(at=pl.lit(at))) for at, name in enumerate(HOSTILE)}

    version = store.publish(dataset, tables, "", {})

    assert store.list_versions(dataset) == [version]
    assert [store.load_table(table.hash).collect()["at"][0] for table in version.tables.values()] == [*range(8)]
    assert len(query(store, "SELECT view_name FROM duckdb_views() WHERE NOT internal")) == len(HOSTILE)
    store.drop(dataset)
    assert query(store, "SELECT view_name FROM duckdb_views() WHERE NOT internal") == []


def test_the_record_is_its_owners_alone(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", {})

    assert stat.S_IMODE((store.home / catalogue.RECORD).stat().st_mode) == 0o600


def test_a_waiting_lock_says_what_it_waits_for(store):
    sentence = r"Another notebook .*analytics\.duckdb\.lock"

    with (
        catalogue.hold_lock(store.home, "storing"),
        pytest.raises(StoreError, match=sentence),
        catalogue.hold_lock(store.home, "storing", seconds=0.1),
    ):
        pass


def test_another_program_in_the_record_is_said_and_the_record_is_not_set_aside(store):
    store.publish("trial", {"t": store.save_table(FRAME)}, "", {})
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    record = store.home / catalogue.RECORD
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
    with duckdb.connect(str(store.home / catalogue.RECORD)) as record:
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
