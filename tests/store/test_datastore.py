"""Versions: published whole, shared where they can be, dropped without a trace, by several processes at once."""

import json
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import duckdb
import polars as pl
import pytest

from clinical_nb.errors import DeletedTableError, StoreError, UnknownDatasetError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.hash import hash_table
from clinical_nb.store.restore import restore_datasets
from clinical_nb.store.version import Provenance, compute_dataset_version

VISITS = pl.DataFrame({"patient": [1, 1, 2], "weight": [70.5, None, 82.0]})
LABS = pl.DataFrame({"patient": [1, 2], "crp": ["<5", "12"]})


@pytest.fixture
def store(tmp_path):
    return DataStore(tmp_path / "home")


def publish(store, dataset, frames, dictionary="", provenance=None):
    tables = {name: store.save_table(frame) for name, frame in frames.items()}
    return store.publish(dataset, tables, dictionary, provenance or Provenance())


def parquet_names(store):
    return {file.stem for file in (store.home / "parquet").iterdir()}


def test_a_version_says_what_it_holds(store):
    before = datetime.now(UTC)

    version = publish(store, "trial", {"visits": VISITS, "labs": LABS}, "meaning", Provenance(read=3))

    hashes = {"visits": hash_table(VISITS), "labs": hash_table(LABS)}
    assert version.dataset_version == compute_dataset_version(hashes, "meaning")
    assert (version.number, version.parent, version.dictionary) == (1, None, "meaning")
    assert before <= version.created <= datetime.now(UTC)
    assert {name: (table.rows, table.columns) for name, table in version.tables.items()} == {
        "visits": (3, 2),
        "labs": (2, 2),
    }
    assert dict(version.tables["visits"].schema) == {"patient": "integer", "weight": "float"}
    assert version.provenance == Provenance(read=3)


def test_versions_are_numbered_and_know_their_parent(store):
    first = publish(store, "trial", {"visits": VISITS})
    second = publish(store, "trial", {"visits": VISITS[:2]})
    other = publish(store, "other", {"visits": VISITS})

    assert store.list_versions("trial") == [first, second]
    assert (second.number, second.parent) == (2, first.dataset_version)
    assert (other.number, other.parent) == (1, None)
    assert store.list_datasets() == [other, second]


def test_the_same_upload_is_the_same_version_and_takes_no_space(store):
    first = publish(store, "trial", {"visits": VISITS}, "meaning")
    files = {file: file.stat().st_mtime_ns for file in store.home.rglob("*.*") if file.suffix in {".json", ".parquet"}}

    again = publish(store, "trial", {"visits": VISITS.reverse()}, "meaning")

    assert again == first
    assert {file: file.stat().st_mtime_ns for file in files} == files
    assert len(store.list_versions("trial")) == 1


def test_older_content_uploaded_again_is_the_next_version_and_shares_its_table(store):
    first = publish(store, "trial", {"visits": VISITS}, "meaning")
    second = publish(store, "trial", {"visits": LABS}, "meaning")

    third = publish(store, "trial", {"visits": VISITS}, "meaning")

    assert (third.number, third.parent) == (3, second.dataset_version)
    assert (third.dataset_version, third.tables) == (first.dataset_version, first.tables)
    assert store.list_datasets() == [third]
    assert store.list_versions("trial") == [first, second, third]


def test_a_changed_dictionary_is_a_new_version_that_shares_all_tables(store):
    first = publish(store, "trial", {"visits": VISITS}, "meaning")

    second = publish(store, "trial", {"visits": VISITS}, "another meaning")

    assert second.number == 2
    assert second.tables == first.tables
    assert parquet_names(store) == {hash_table(VISITS)}


def test_one_changed_table_is_one_new_table(store):
    publish(store, "trial", {"visits": VISITS, "labs": LABS})

    publish(store, "trial", {"visits": VISITS[1:], "labs": LABS})

    assert parquet_names(store) == {hash_table(VISITS), hash_table(LABS), hash_table(VISITS[1:])}


def test_names_that_differ_by_case_only_are_two_datasets(store):
    one, other = publish(store, "Trial", {"t": VISITS}), publish(store, "trial", {"t": LABS})

    assert store.list_versions("Trial") == [one]
    assert store.list_versions("trial") == [other]


def test_a_table_that_another_notebook_deleted_is_said_to_be_deleted_and_not_lost(store):
    version = publish(store, "trial", {"visits": VISITS})
    DataStore(store.home).drop("trial")

    with pytest.raises(DeletedTableError, match="was deleted meanwhile, here or in another notebook"):
        store.load_table(version.tables["visits"].hash)


def test_a_table_that_was_never_saved_cannot_be_published(store):
    with pytest.raises(StoreError, match="is lost"):
        store.publish("trial", {"visits": "ab" * 16}, "", Provenance())

    assert store.list_datasets() == []


@pytest.mark.parametrize(("dataset", "tables"), [("", {"t": VISITS}), ("trial", {"": VISITS}), ("trial", {})])
def test_what_has_no_name_or_no_table_cannot_be_published(store, dataset, tables):
    with pytest.raises(StoreError):
        publish(store, dataset, tables)


def test_what_is_not_there_is_said(store):
    publish(store, "trial", {"t": VISITS})

    for ask in (store.list_versions, store.drop):
        with pytest.raises(UnknownDatasetError, match="Did you mean 'trial'"):
            ask("trail")


def test_dropping_deletes_what_no_other_version_needs(store):
    gone = publish(store, "trial", {"visits": VISITS, "labs": LABS})
    publish(store, "trial", {"visits": VISITS[:1]})
    kept = publish(store, "other", {"labs": LABS})
    store.save_result("a" * 16, {"dataset_version": gone.dataset_version})
    store.save_result("b" * 16, {"dataset_version": kept.dataset_version})

    store.drop("trial")

    assert store.list_datasets() == [kept]
    assert parquet_names(store) == {hash_table(LABS)}
    assert (store.load_result("a" * 16), store.load_result("b" * 16)) == (
        None,
        {"dataset_version": kept.dataset_version},
    )
    assert restore_datasets(store).warnings == []
    with duckdb.connect(str(store.home / "analytics.duckdb"), read_only=True) as record:
        tables = record.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'").fetchall()
    assert tables == [(hash_table(LABS),)]


def test_a_table_stays_for_a_version_that_only_the_metadata_knows(store):
    publish(store, "broken", {"visits": VISITS, "labs": LABS})
    publish(store, "other", {"visits": VISITS})
    (store.home / "parquet" / f"{hash_table(LABS)}.parquet").write_bytes(b"rot")
    (store.home / "analytics.duckdb").unlink()

    store.drop("other")

    assert store.load_table(hash_table(VISITS)).collect().equals(VISITS)


def test_an_answer_stays_while_another_dataset_has_the_same_version(store):
    version = publish(store, "one", {"t": VISITS})
    assert publish(store, "two", {"t": VISITS}).dataset_version == version.dataset_version
    store.save_result("a" * 16, {"dataset_version": version.dataset_version})

    store.drop("one")
    assert store.load_result("a" * 16) is not None
    store.drop("two")
    assert store.load_result("a" * 16) is None


@pytest.mark.parametrize("lost", [None, "analytics.duckdb", "metadata/trial.json"])
def test_the_number_of_a_dropped_version_is_never_given_again(store, lost):
    publish(store, "trial", {"t": VISITS})
    second = publish(store, "trial", {"t": LABS})

    store.drop("trial", [second.upload_id])
    if lost:
        (store.home / lost).unlink()
        restore_datasets(store)
    third = publish(store, "trial", {"t": VISITS[:1]})

    assert [version.number for version in store.list_versions("trial")] == [1, 3]
    store.drop("trial", [third.upload_id])
    assert publish(store, "trial", {"t": LABS}).number == 4


def test_numbering_starts_anew_after_a_drop(store):
    publish(store, "trial", {"t": VISITS})
    store.drop("trial")

    assert publish(store, "trial", {"t": VISITS}).number == 1


@pytest.mark.filterwarnings("ignore:A table was damaged")
@pytest.mark.parametrize("damage", ["lost", "emptied", "overwritten", "truncated", "flipped"])
def test_a_lost_or_damaged_record_is_rebuilt_from_parquet_and_metadata(store, damage):
    first = publish(store, "trial", {"visits": VISITS, "labs": LABS})
    record = store.home / "analytics.duckdb"
    content = record.read_bytes()
    damaged = {
        "emptied": b"",
        "overwritten": b"junk" * 5000,
        "truncated": content[:5000],
        "flipped": content[:4096] + bytes(byte ^ 1 for byte in content[4096:12288]) + content[12288:],
    }

    record.unlink()
    if damage in damaged:
        record.write_bytes(damaged[damage])
    second = publish(store, "trial", {"visits": VISITS})
    for table_hash in parquet_names(store):
        (store.home / "parquet" / f"{table_hash}.parquet").unlink()

    assert (second.number, second.parent) == (2, first.dataset_version)
    assert store.load_table(hash_table(LABS)).collect().equals(LABS)
    assert store.load_table(hash_table(VISITS)).collect().equals(VISITS)


@pytest.mark.filterwarnings("ignore:A table was damaged")
def test_a_version_that_only_the_metadata_knows_is_completed(store):
    publish(store, "trial", {"visits": VISITS})
    record = store.home / "analytics.duckdb"
    before = record.read_bytes()
    published = publish(store, "trial", {"labs": LABS})

    record.write_bytes(before)  # as if killed between the metadata and the commit
    publish(store, "other", {"visits": VISITS})
    (store.home / "parquet" / f"{hash_table(LABS)}.parquet").unlink()

    assert store.list_versions("trial")[-1] == published
    assert store.load_table(hash_table(LABS)).collect().equals(LABS)


def test_a_moved_store_is_the_same_store(store, tmp_path):
    version = publish(store, "trial", {"visits": VISITS})

    moved = DataStore(store.home.rename(tmp_path / "elsewhere"))

    assert moved.list_datasets() == [version]
    assert moved.load_table(hash_table(VISITS)).collect().equals(VISITS)
    assert publish(moved, "trial", {"visits": VISITS}) == version


WRITER = """
import json, sys
from pathlib import Path
import polars as pl
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.version import Provenance
from clinical_nb.store.version import Provenance
home, writer, times = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = DataStore(home)
for turn in range(times):
    frame = pl.DataFrame({"writer": [writer] * 2000, "turn": [turn] * 2000, "row": range(2000)})
    version = store.publish(f"own {writer}", {"t": store.save_table(frame)}, "", Provenance())
    shared = store.publish("shared", {"t": store.save_table(frame)}, "", Provenance())
    print(json.dumps([version.dataset_version, shared.dataset_version]), flush=True)
"""


def start_writer(store, writer, times):
    command = [sys.executable, "-c", WRITER, str(store.home), str(writer), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check_whole(store):
    """Every version that is listed can be read to the last row, and nothing half lies about under a final name."""
    restored = restore_datasets(store)
    assert restored.warnings == []
    for version in [each for current in restored.datasets for each in store.list_versions(current.dataset)]:
        for table in version.tables.values():
            assert hash_table(store.load_table(table.hash).collect()) == table.hash


@pytest.mark.slow
def test_four_processes_publish_at_once_and_all_of_it_is_there(store):
    writers = [start_writer(store, writer, 3) for writer in range(4)]

    said = [process.communicate(timeout=120) for process in writers]

    assert [errors for _, errors in said] == [""] * 4
    for writer in range(4):
        assert [version.number for version in store.list_versions(f"own {writer}")] == [1, 2, 3]
    shared = store.list_versions("shared")
    assert [version.number for version in shared] == [*range(1, 13)]
    assert [version.parent for version in shared] == [None, *(version.dataset_version for version in shared[:-1])]
    check_whole(store)


@pytest.mark.slow
def test_whatever_moment_a_process_is_killed_what_was_published_is_there_and_nothing_half(store):
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    published = set()
    for writer in range(10):
        process = start_writer(store, writer, 1000)
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        lines, _ = process.communicate(timeout=60)
        published |= {version for line in [first, *lines.splitlines()] for version in json.loads(line)}

        check_whole(store)

    listed = {
        version.dataset_version for current in store.list_datasets() for version in store.list_versions(current.dataset)
    }
    assert published <= listed
    recorded = publish(store, "after", {"t": VISITS})
    assert recorded.number == 1
    check_whole(store)
