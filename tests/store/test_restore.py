"""What was stored is there again in a new process, and what is not is said."""

import subprocess
import sys
from contextlib import contextmanager
from unittest.mock import Mock

import duckdb
import polars as pl
import pytest

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.record import hold_lock
from clinical_nb.store.restore import restore_datasets
from clinical_nb.store.results import save_result
from clinical_nb.store.version import Provenance

NAMES = ["trial", 'A "trial"']


def read_rows(store, dataset, column="a"):
    (table,) = store.list_versions(dataset)[-1].tables.values()
    return store.load_table(table.hash).collect()[column].to_list()


@pytest.fixture
def store(tmp_path):
    store = DataStore(tmp_path / "home")
    for dataset in NAMES:
        store.publish(dataset, {"t": store.save_table(pl.DataFrame({"a": [1]}))}, "", Provenance())
    return store


def test_an_empty_home_restores_nothing_and_is_left_alone(tmp_path):
    store = DataStore(tmp_path / "home")

    restored = restore_datasets(store)

    assert (restored.datasets, restored.warnings) == ([], [])
    assert not store.home.exists()


def test_datasets_are_restored_newest_first(store):
    restored = restore_datasets(DataStore(store.home))

    assert [version.dataset for version in restored.datasets] == NAMES[::-1]
    assert restored.warnings == []


@pytest.mark.parametrize("damage", ["lose", "cut"])
@pytest.mark.parametrize("name", NAMES)
def test_lost_or_damaged_metadata_is_rebuilt_from_the_record(store, name, damage):
    before = store.list_versions(name)
    (file,) = (file for file in (store.home / "metadata").iterdir() if (file.stem == "trial") == (name == "trial"))

    file.unlink() if damage == "lose" else file.write_text("{")
    restored = restore_datasets(store)

    assert restored.warnings == [
        f"The metadata of dataset '{name}' was lost or damaged and was rebuilt from the store's other copy."
    ]
    assert store.list_versions(name) == before
    assert [version.dataset for version in restored.datasets] == NAMES[::-1]
    assert restore_datasets(store).warnings == []


def test_what_both_copies_lost_is_named_and_the_rest_is_restored(store):
    (store.home / "metadata" / "trial.json").write_text("{")
    (store.home / "analytics.duckdb").unlink()

    restored = restore_datasets(store)

    assert [version.dataset for version in restored.datasets] == NAMES[1:]
    assert restored.warnings == [
        "The store's record was lost and was rebuilt from the store's other copy.",
        "Dataset 'trial' was not restored: its metadata is damaged. Upload it again.",
    ]


@pytest.mark.parametrize("damage", [None, b"", b"junk" * 5000])
def test_a_lost_or_damaged_record_is_rebuilt_at_once(store, damage):
    record = store.home / "analytics.duckdb"
    record.unlink()
    if damage is not None:
        record.write_bytes(damage)

    (told,) = restore_datasets(store).warnings
    for file in (store.home / "parquet").iterdir():
        file.unlink()

    assert "rebuilt from the store's other copy" in told
    with pytest.warns(UserWarning, match="rebuilt from the store's record"):
        assert [read_rows(store, name) for name in NAMES] == [[1], [1]]


def test_tables_that_no_copy_knows_of_any_more_are_kept_aside(store):
    for file in [*(store.home / "metadata").iterdir(), store.home / "analytics.duckdb"]:
        file.unlink()
    store.publish("new", {"t": store.save_table(pl.DataFrame({"b": [1]}))}, "", Provenance())
    (store.home / "analytics.duckdb").unlink()

    told = restore_datasets(store).warnings

    assert told[1:] == ["No version knows of 1 table(s) found; they are kept in 'orphans': upload them again."]
    assert [pl.read_parquet(file).to_dicts() for file in (store.home / "orphans").iterdir()] == [[{"a": 1}]]
    assert read_rows(store, "new", "b") == [1]


@pytest.mark.parametrize("lost", ["record and metadata", "record, damaged, and one dataset's metadata"])
def test_what_may_be_the_last_copy_is_never_swept_though_an_upload_came_between(store, lost):
    hashes = {table.hash for name in NAMES for table in store.list_versions(name)[-1].tables.values()}
    store.publish("other", {"t": store.save_table(pl.DataFrame({"c": [7]}))}, "", Provenance())
    (other,) = (table.hash for table in store.list_versions("other")[-1].tables.values())
    for file in (store.home / "metadata").glob("*.json" if lost == "record and metadata" else "other.json"):
        file.unlink()
    (store.home / "analytics.duckdb").write_bytes(b"junk" * 5000)

    store.publish("new", {"t": store.save_table(pl.DataFrame({"b": [1]}))}, "", Provenance())
    told = restore_datasets(store).warnings

    orphans = {file.stem for file in (store.home / "orphans").glob("*.parquet")}
    assert orphans == (hashes | {other} if lost == "record and metadata" else {other})
    assert any("they are kept in 'orphans'" in line for line in told)
    assert restore_datasets(store).warnings == []


def test_a_folder_with_nothing_but_tables_says_so(store):
    for file in [*(store.home / "metadata").iterdir(), store.home / "analytics.duckdb"]:
        file.unlink()

    told = restore_datasets(store).warnings

    assert any("they are kept in 'orphans'" in line for line in told)
    assert len(list((store.home / "orphans").glob("*.parquet"))) == 1


def test_a_store_that_another_notebook_is_writing_to_is_restored_at_once_and_in_silence(store, monkeypatch):
    monkeypatch.setattr("clinical_nb.store.mend._SECONDS_TO_WAIT", -1)  # whoever waits for the lock fails

    with hold_lock(store.home, "storing 'large'"):
        restored = restore_datasets(store)

    assert restored.warnings == []
    assert [version.dataset for version in restored.datasets] == NAMES[::-1]


def test_leftovers_of_a_killed_process_are_swept_but_not_those_of_a_living_one(store):
    unpublished = store.save_table(pl.DataFrame({"a": [2]}))
    (store.home / "parquet" / ".0123.part").write_bytes(b"half")
    names = {file.name for file in (store.home / "parquet").iterdir()}

    with store.begin_upload() as place:
        assert restore_datasets(store).warnings == []
        assert {file.name for file in (store.home / "parquet").iterdir()} == names
        assert place.is_dir()
    assert restore_datasets(store).warnings == []

    left = {file.name for file in (store.home / "parquet").iterdir()}
    assert left == {name for name in names if not name.startswith((".", unpublished))}
    assert list((store.home / "uploads").iterdir()) == []


def test_an_answer_that_a_killed_process_left_of_a_dropped_version_is_swept_with_its_table(store):
    (kept, *_) = store.list_versions("trial")
    store.save_table(pl.DataFrame({"a": [2]}))
    save_result(store.home, "a" * 16, {"dataset_version": "0123456789abcdef"})
    save_result(store.home, "b" * 16, {"dataset_version": kept.dataset_version})

    restore_datasets(store)

    assert store.load_result("a" * 16) is None
    assert store.load_result("b" * 16) is not None


def test_an_older_format_is_migrated_once_and_backed_up(store):
    before = (store.home / "metadata" / "trial.json").read_bytes()
    with duckdb.connect(str(store.home / "analytics.duckdb")) as record:
        record.execute("UPDATE catalogue.store SET format = 1")

    (told,) = restore_datasets(store).warnings
    again = restore_datasets(store).warnings

    assert "'backup-format-1' keeps its record and metadata" in told
    assert again == []
    assert (store.home / "backup-format-1" / "metadata" / "trial.json").read_bytes() == before
    with duckdb.connect(str(store.home / "backup-format-1" / "analytics.duckdb"), read_only=True) as record:
        assert record.execute("SELECT format FROM catalogue.store").fetchall() == [(1,)]
    assert read_rows(store, "trial") == [1]


@pytest.mark.parametrize("part", ["record", "metadata", "database"])
def test_a_newer_format_is_refused_and_untouched(store, part):
    record, metadata = store.home / "analytics.duckdb", store.home / "metadata" / "trial.json"
    if part == "record":
        with duckdb.connect(str(record)) as opened:
            opened.execute("UPDATE catalogue.store SET format = 99")
    elif part == "metadata":
        metadata.write_text(metadata.read_text().replace('"format": 1', '"format": 99'))
    before = {file: file.read_bytes() for file in store.home.rglob("*") if file.is_file()}

    with pytest.raises(StoreError, match="written by a newer clinical_nb"), pretend_newer(part):
        restore_datasets(store)

    assert {file: file.read_bytes() for file in store.home.rglob("*") if file.is_file()} == before


@contextmanager
def pretend_newer(part):
    """Let DuckDB say of the record what it says of a file that a newer DuckDB wrote."""
    said = "Trying to read a database file with version number 99, but we can only read versions between 64 and 68."
    with pytest.MonkeyPatch.context() as patch:
        if part == "database":
            patch.setattr(duckdb, "connect", Mock(side_effect=duckdb.IOException(said)))
        yield


def test_restoring_imports_no_data_library(store):
    code = (
        "import sys, pathlib;"
        "from clinical_nb.store.datastore import DataStore;"
        "from clinical_nb.store.restore import restore_datasets;"
        "print(len(restore_datasets(DataStore(pathlib.Path(sys.argv[1]))).datasets),"
        " sorted({'polars', 'pyarrow', 'pandas', 'numpy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code, store.home], capture_output=True, text=True, check=True)

    assert done.stdout == "2 []\n"
