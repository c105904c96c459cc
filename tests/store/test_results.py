"""Answers are kept under their key, and what is damaged counts as not there."""

import threading

import polars as pl
import pytest

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.results import delete_results, load_result, save_result
from clinical_nb.store.version import Provenance

KEY = "0123456789abcdef"


def test_an_answer_comes_back_to_the_bit(tmp_path):
    answer = {"dataset_version": "v", "stat": [0.1 + 0.2, 1e-300, None], "text": "é 😀"}

    save_result(tmp_path / "home", KEY, answer)

    assert load_result(tmp_path / "home", KEY) == answer


def test_an_answer_that_is_not_there_is_none(tmp_path):
    assert DataStore(tmp_path / "home").load_result(KEY) is None


@pytest.mark.parametrize("content", [b"", b'{"stat": ', b"[1]", b"\xff\xfe"])
def test_a_damaged_answer_is_none(tmp_path, content):
    store = DataStore(tmp_path)
    store.save_result(KEY, {"stat": 1})

    (tmp_path / "results" / f"{KEY}.json").write_bytes(content)

    assert store.load_result(KEY) is None


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "ABCDEF0123456789", "0123456789abcde/"])
def test_what_is_not_a_key_is_refused(tmp_path, key):
    with pytest.raises(StoreError, match="not the key of a run"):
        DataStore(tmp_path).save_result(key, {})


def test_answers_go_with_their_version_and_those_of_unknown_origin_with_any(tmp_path):
    for key, data in {"a" * 16: {"dataset_version": "old"}, "b" * 16: {"dataset_version": "new"}, "c" * 16: {}}.items():
        save_result(tmp_path, key, data)

    delete_results(tmp_path, {"new"})

    assert [load_result(tmp_path, letter * 16) for letter in "abc"] == [None, {"dataset_version": "new"}, None]


@pytest.mark.parametrize("damage", [("94.0", "54.0"), ("}", ""), ('"sha256"', '"sha"')])
def test_an_answer_that_a_disk_has_changed_is_none(tmp_path, damage):
    save_result(tmp_path, KEY, {"mean": "94.0"})
    (file,) = (tmp_path / "results").iterdir()
    file.write_text(file.read_text().replace(*damage))

    assert load_result(tmp_path, KEY) is None


def test_an_answer_under_another_key_is_none(tmp_path):
    save_result(tmp_path, KEY, {"mean": 94.0})
    (file,) = (tmp_path / "results").iterdir()
    file.rename(file.with_stem("ab" * 16))

    assert load_result(tmp_path, "ab" * 16) is None


def publish(store):
    return store.publish("trial", {"t": store.save_table(pl.DataFrame({"a": [1]}))}, "", Provenance())


def test_an_answer_from_a_version_that_was_deleted_meanwhile_is_not_kept(tmp_path):
    store = DataStore(tmp_path / "home")
    version = publish(store)
    store.drop("trial")

    with pytest.raises(StoreError, match="deleted meanwhile"):
        store.save_result(KEY, {"dataset_version": version.dataset_version})

    assert list((store.home / "results").iterdir()) == []


def test_at_whatever_moment_of_a_drop_an_answer_is_saved_it_goes_with_its_version(tmp_path):
    store, saved = DataStore(tmp_path / "home"), []

    def save(version):
        try:
            for number in range(10_000):
                store.save_result(f"{number:016x}", {"dataset_version": version.dataset_version})
                saved.append(number)
        except StoreError:
            return

    for _ in range(10):
        thread = threading.Thread(target=save, args=(publish(store),))
        thread.start()
        store.drop("trial")
        thread.join()
        assert list((store.home / "results").iterdir()) == []

    assert saved
