"""What was stored is there again in a new process, and what is not is said."""

import subprocess
import sys

import polars as pl
import pytest

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.restore import restore_datasets

NAMES = ["trial", 'A "trial"']


@pytest.fixture
def store(tmp_path):
    store = DataStore(tmp_path / "home")
    for dataset in NAMES:
        store.publish(dataset, {"t": store.save_table(pl.DataFrame({"a": [1]}))}, "", {})
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


@pytest.mark.parametrize(("damage", "problem"), [("lose", "is missing"), ("cut", "is damaged")])
@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_without_metadata_is_named_and_the_other_is_restored(store, name, damage, problem):
    (other,) = set(NAMES) - {name}
    (file,) = (file for file in (store.home / "metadata").iterdir() if (file.stem == "trial") == (name == "trial"))

    file.unlink() if damage == "lose" else file.write_text("{")
    restored = restore_datasets(store)

    assert [version.dataset for version in restored.datasets] == [other]
    assert restored.warnings == [
        f"Dataset '{name}' was not restored: its metadata {problem}. Upload it again to repair it."
    ]


def test_uploading_again_repairs_lost_metadata_without_a_new_version(store):
    (store.home / "metadata" / "trial.json").unlink()

    store.publish("trial", {"t": store.save_table(pl.DataFrame({"a": [1]}))}, "", {})
    restored = restore_datasets(store)

    assert restored.warnings == []
    assert {version.dataset: version.number for version in restored.datasets} == dict.fromkeys(NAMES, 1)


def test_a_damaged_record_keeps_nothing_from_being_restored(store):
    (store.home / "analytics.duckdb").write_bytes(b"junk")

    assert len(restore_datasets(store).datasets) == 2


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
