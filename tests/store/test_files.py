"""Files appear whole or not at all, private, and under names that no two share."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.errors import StoreError
from clinical_nb.store.files import check_names, file_name, make_folder, write_whole


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=400))
def test_any_name_becomes_one_short_portable_file_name(name):
    made = file_name(name)

    assert len(made) <= 60
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-~")
    assert made not in {"", ".", ".."}


@pytest.mark.parametrize(
    ("one", "other"), [("Trial", "trial"), ("a b", "a_b"), ("é", "e\u0301"), ("x" * 300, "x" * 301), ("..", ".")]
)
def test_names_that_a_file_system_could_confuse_get_files_of_their_own(one, other):
    assert file_name(one).casefold() != file_name(other).casefold()


def test_a_plain_name_is_its_own_file_name():
    assert file_name("indo_rct-2") == "indo_rct-2"


@pytest.mark.parametrize("name", ["con", "nul", "com1"])
def test_a_name_that_windows_has_for_a_device_is_no_file_name(name):
    assert file_name(name).startswith(f"{name}~")


def test_what_could_not_be_written_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("old")

    def fail(beside):
        beside.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space left"):
        write_whole(file, fail)

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_folders_and_files_are_their_owners_alone(tmp_path):
    file = tmp_path / "home" / "deep" / "a.json"

    write_whole(file, lambda beside: beside.write_text("x"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (file.parent, file.parent.parent)} == {0o700}


def test_a_folder_that_is_a_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "home").write_text("")

    with pytest.raises(StoreError, match="cannot write in"):
        make_folder(tmp_path / "home" / "parquet")


@pytest.mark.parametrize("name", ["", " \n", "a\0b", "\ud800"])
def test_names_that_are_no_names_are_refused(name):
    with pytest.raises(StoreError):
        check_names(["good", name])
