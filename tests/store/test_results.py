"""Answers are kept under their key, and what is damaged counts as not there."""

import pytest

from clinical_nb.errors import StoreError
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.results import delete_results

KEY = "0123456789abcdef"


def test_an_answer_comes_back_to_the_bit(tmp_path):
    store = DataStore(tmp_path / "home")
    answer = {"dataset_version": "v", "stat": [0.1 + 0.2, 1e-300, None], "text": "é 😀"}

    store.save_result(KEY, answer)

    assert DataStore(tmp_path / "home").load_result(KEY) == answer


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
    store = DataStore(tmp_path)
    for key, data in {"a" * 16: {"dataset_version": "old"}, "b" * 16: {"dataset_version": "new"}, "c" * 16: {}}.items():
        store.save_result(key, data)

    delete_results(tmp_path, {"new"})

    assert [store.load_result(letter * 16) for letter in "abc"] == [None, {"dataset_version": "new"}, None]
