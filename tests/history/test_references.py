"""What the history points at: a token says nothing by itself, and what it stands for stays in the store."""

import json

import pytest

from clinical_nb.history.chain import key_file
from clinical_nb.history.references import References, is_token


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store" / "history"


def test_a_value_has_one_token_which_only_its_store_can_resolve(folder, tmp_path):
    here, elsewhere = References(folder), References(tmp_path / "other" / "history")

    token = here.refer("Canary", "trial")

    assert is_token(token)
    assert "Canary" not in token
    assert here.refer("Canary", "trial") == token == References(folder).refer("Canary", "trial")
    assert here.resolve(f"how many {token}") == "how many Canary"
    assert elsewhere.refer("Canary", "trial") != token
    assert elsewhere.resolve(token) == token


def test_the_same_text_is_another_token_in_another_dataset(folder):
    references = References(folder)

    assert references.refer("Canary", "trial") != references.refer("Canary", "other")
    assert references.refer("Canary", "") != references.refer("Canary", "", "name")


def test_values_are_shown_masked_and_names_as_they_are(folder):
    references = References(folder)
    value, name = references.refer("Canary", "trial"), references.name("smith")

    assert references.show(f"how many {value} in {name}") == "how many ▢ in smith"


def test_a_name_that_a_person_chose_is_written_as_it_is(folder):
    references = References(folder)
    assert is_token(references.name("trial"))

    references.publish("trial")

    assert references.name("trial") == "trial"
    assert References(folder).name("trial") == "trial"
    assert is_token(references.name("Trial"))


def test_what_a_dropped_dataset_held_is_deleted_and_nothing_else(folder):
    references = References(folder)
    gone, kept = references.refer("Canary-1", "doomed"), references.refer("Canary-2", "trial")

    references.forget("doomed")

    assert references.resolve(f"{gone} {kept}") == f"{gone} Canary-2"
    assert "Canary-1" not in folder.with_name("history.values").read_text()


def test_a_line_that_a_killed_process_tore_costs_no_other(folder):
    references = References(folder)
    first = references.refer("one", "trial")
    file = folder.with_name("history.values")
    file.write_bytes(file.read_bytes() + b'{"token": "torn')

    second = references.refer("two", "trial")

    assert References(folder).resolve(f"{first} {second}") == "one two"


def test_the_file_is_for_its_owner_alone(folder):
    References(folder).refer("one", "trial")

    assert folder.with_name("history.values").stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_written_a_value_is_masked_and_nothing_raised(tmp_path):
    (tmp_path / "store").write_text("a file where a folder should be")

    assert References(tmp_path / "store" / "history").refer("Canary", "trial") == "▢"


def test_the_values_are_read_again_when_another_process_wrote_some(folder):
    one, other = References(folder), References(folder)
    one.refer("first", "trial")
    token = other.refer("second", "trial")

    assert one.resolve(token) == "second"


def test_without_the_key_a_value_cannot_be_tried_out(folder):
    references = References(folder)
    token = references.refer("4711", "trial")
    key_file(folder).unlink()
    folder.with_name("history.values").unlink()

    assert References(folder).refer("4711", "trial") != token


def test_lone_surrogates_and_odd_texts_come_back(folder):
    references = References(folder)
    for text in ("a\nb", "\u2028", json.dumps("ü"), "▢", ""):
        assert references.resolve(references.refer(text, "trial")) == text
