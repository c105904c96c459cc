"""What is set aside goes with a dataset that is dropped, and is named before; another's last copy never goes."""

import polars as pl
import pytest

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.record import RECORD
from clinical_nb.store.restore import restore_datasets
from clinical_nb.store.version import Provenance


@pytest.fixture
def store(tmp_path):
    """A store whose record and the metadata of one dataset, 'lost', were lost together."""
    store = DataStore(tmp_path / "home")
    for name, value in (("lost", 1), ("trial", 2)):
        store.publish(name, {"t": store.save_table(pl.DataFrame({"a": [value]}))}, "", Provenance())
    (store.home / RECORD).unlink()
    (store.home / "metadata" / "lost.json").unlink()
    restore_datasets(store)
    return store


def orphans(store):
    return [pl.read_parquet(file).item() for file in (store.home / "orphans").glob("*.parquet")]


def test_the_last_copy_of_another_dataset_outlives_a_drop(store):
    store.drop("trial")

    assert orphans(store) == [1]
    assert store.find_copies("trial") == []


def test_a_dropped_datasets_own_table_goes_from_the_orphans_too(store):
    (orphan,) = (store.home / "orphans").glob("*.parquet")
    store.publish("again", {"t": store.save_table(pl.DataFrame({"a": [1]}))}, "", Provenance())

    store.drop("again")

    assert not orphan.exists()
    assert not (store.home / "orphans").exists()


def test_what_was_set_aside_of_the_whole_store_is_named_and_goes(store):
    names = ["backup-format-1", f"{RECORD}.damaged-0a", "adopted/trial/trial_tables", "adopted/other/other_tables"]
    for name in names:
        (store.home / name).mkdir(parents=True)

    named = [copy.relative_to(store.home).as_posix() for copy in store.find_copies("trial")]
    store.drop("trial")

    assert named == names[:3]
    assert [(store.home / name).exists() for name in names] == [False, False, False, True]
