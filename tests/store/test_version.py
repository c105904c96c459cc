"""A version is the hash of what it holds, and goes on from the one before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinical_nb.errors import ClinicalError
from clinical_nb.store.version import (
    Provenance,
    StoredTable,
    Version,
    compute_dataset_version,
    find_new_versions,
    version_from_json,
    version_to_json,
)

VERSION = Version(
    dataset='a "trial"\n😀',
    dataset_version=compute_dataset_version({"visits": "ab" * 16}, "dictionary"),
    number=2,
    parent="0123456789abcdef",
    created=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    tables={"visits": StoredTable("ab" * 16, 3, 2, {"b": "integer", "a": "text"})},
    dictionary="dictionary",
    provenance=Provenance(sources=({"name": "visits.csv", "size": 12},), columns={"visits": ["b", "a"]}, read=1),
    upload_id="01234567",
)


def test_a_version_is_the_one_that_was_written_down():
    assert compute_dataset_version({"visits": "ab" * 16, "labs": "cd" * 16}, "x") == "57d2eb46c4fd964f"


def test_the_order_of_tables_does_not_matter():
    one = compute_dataset_version({"a": "1", "b": "2"}, "")

    assert compute_dataset_version({"b": "2", "a": "1"}, "") == one


@pytest.mark.parametrize(
    ("tables", "dictionary"),
    [({"a": "2", "b": "1"}, ""), ({"a": "1"}, ""), ({"a": "1", "c": "2"}, ""), ({"a": "1", "b": "2"}, " ")],
)
def test_another_table_name_or_dictionary_is_another_version(tables, dictionary):
    assert compute_dataset_version(tables, dictionary) != compute_dataset_version({"a": "1", "b": "2"}, "")


def test_a_version_goes_to_json_and_back():
    assert version_from_json(version_to_json(VERSION)) == VERSION


def test_what_an_older_clinical_nb_did_not_write_of_a_version_is_as_if_it_had_said_nothing():
    written = version_to_json(VERSION) | {"provenance": {"sources": [], "findings": [], "columns": {"visits": ["b"]}}}

    assert version_from_json(written).provenance == Provenance(columns={"visits": ["b"]})


def test_of_data_that_are_attached_nothing_is_written():
    attached = replace(VERSION, provenance=replace(VERSION.provenance, attached=True))

    assert version_to_json(attached) == version_to_json(VERSION)


def test_a_version_that_no_longer_is_what_it_is_filed_under_is_refused():
    damaged = version_to_json(VERSION) | {"dictionary": "dictionarx"}

    with pytest.raises(ValueError, match=VERSION.dataset_version):
        version_from_json(damaged)


def history(*numbers, **parents):
    """Versions with these numbers, each of its own content, whose parent is the number before unless it is given."""
    return [
        Version(
            "trial",
            f"v{number}",
            number,
            parents.get(f"of_{number}", f"v{number - 1}"),
            VERSION.created,
            {},
            "",
            Provenance(),
            str(number),
        )
        for number in numbers
    ]


@pytest.mark.parametrize(
    ("known", "offered", "new"),
    [
        (history(), history(2, 3), [2, 3]),
        (history(1, 2), history(1, 2, 3, 4), [3, 4]),
        (history(1, 2, 3), history(1, 2), []),
        (history(2, 3), history(1, 2, 3), []),
        (history(1, 2), history(1, 2, 4), [4]),
        (history(1, 2, 3), history(1, 2, 4, of_4="v3"), [4]),
        (history(2, 3), history(4), [4]),
    ],
)
def test_what_goes_on_from_a_history_is_new(known, offered, new):
    assert [version.number for version in find_new_versions(known, offered, highest=len(known))] == new


@pytest.mark.parametrize(
    ("known", "offered"),
    [
        (history(1, 2), [*history(1), replace(history(2)[0], dataset_version="other")]),
        (history(3), history(1, 2)),
        (history(1, 2), history(5)),
    ],
)
def test_another_history_is_refused(known, offered):
    with pytest.raises(ClinicalError, match="The store has a dataset 'trial' already"):
        find_new_versions(known, offered, highest=3)


def test_a_number_that_a_dropped_version_had_is_not_given_to_another():
    with pytest.raises(ClinicalError, match=r"Version 3 of 'trial' was dropped here.* --name NAME"):
        find_new_versions(history(1, 2), history(1, 2, 3, 4), highest=3)
