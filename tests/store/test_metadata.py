"""Metadata that is damaged is told from metadata that is whole, one dataset at a time."""

import json

import polars as pl
import pytest

from clinical_nb.store.datastore import DataStore
from clinical_nb.store.metadata import DamagedError, metadata_file, read_metadata, readable_metadata
from clinical_nb.store.version import Provenance


@pytest.fixture
def store(tmp_path):
    store = DataStore(tmp_path)
    table_hash = store.save_table(pl.DataFrame({"a": [1]}))
    for dataset in ("one", "two"):
        store.publish(dataset, {"t": table_hash}, "", Provenance())
    return store


def test_metadata_is_json_that_a_person_can_read(store):
    content = json.loads((store.home / "metadata" / "one.json").read_text())

    assert content["dataset"] == "one"
    assert content["versions"][0]["tables"]["t"]["schema"] == {"a": "integer"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"format": 1, "dataset": "one", "versions": []}', b'{"format": 2}', b"\xff", b"null"],
)
def test_damaged_metadata_is_named_and_the_rest_is_read(store, content):
    metadata_file(store.home, "one").write_bytes(content)

    found = dict(read_metadata(store.home))

    assert isinstance(found["one"], DamagedError)
    assert list(readable_metadata(store.home)) == ["two"]


def test_metadata_of_another_dataset_under_this_name_is_damaged(store):
    metadata = metadata_file(store.home, "one")
    content = json.loads(metadata.read_text())
    content["versions"][0]["dataset"] = "two"
    metadata.write_text(json.dumps(content))

    assert isinstance(dict(read_metadata(store.home))["one"], DamagedError)
