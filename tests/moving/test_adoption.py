"""A folder of tables is a dataset: by an upload, or once at start where it lies in the store; it never comes back."""

import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

import clinical_nb
from clinical_nb import locks
from clinical_nb.errors import ClinicalError
from clinical_nb.history.record import read_runs
from clinical_nb.moving import adoption

CSV = "id,sex,age\n1,f,60\n2,m,70\n3,f,50\n"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _settled(monkeypatch):  # pyright: ignore[reportUnusedFunction] - no test waits for a minute
    monkeypatch.setattr(adoption, "SETTLED", 0.0)


@pytest.fixture
def lying(home):
    """Two tables in the store, as an upload's folder."""
    folder = home / "a1b2_tables"
    folder.mkdir(parents=True)
    (folder / "persons.csv").write_text(CSV)
    (folder / "visits.csv").write_text("id,visit\n1,1\n1,2\n")
    return folder


def test_a_folder_is_uploaded_as_one_dataset_named_like_it(home, tmp_path):
    folder = tmp_path / "a1b2_tables"
    folder.mkdir()
    (folder / "persons.csv").write_text(CSV)
    (folder / "visits.csv").write_text("id,visit\n1,1\n")
    session = clinical_nb.Session(home)

    dataset = session.upload(folder)
    again = session.upload(folder)
    other = session.upload(folder, name="other")

    assert (dataset.name, dataset.tables) == ("a1b2", {"persons": (3, 3), "visits": (1, 2)})
    assert (again.number, other.name, other.version) == (1, "other", dataset.version)
    assert folder.is_dir()


def test_an_exported_folder_is_the_same_version_when_it_is_uploaded(home, tmp_path):
    (tmp_path / "trial.csv").write_text(CSV)
    (tmp_path / "meaning.csv").write_text("column,meaning\nage,age at entry\n")
    session = clinical_nb.Session(home)
    version = session.upload(tmp_path / "trial.csv", dictionary=tmp_path / "meaning.csv").version

    session.export("trial", tmp_path / "trial_tables")

    assert clinical_nb.Session(tmp_path / "there").upload(tmp_path / "trial_tables").version == version


def test_a_folder_of_tables_in_the_store_is_a_dataset_at_the_next_start(home, lying):
    session = clinical_nb.Session(home)
    again = clinical_nb.Session(home)

    (told,) = session.warnings
    kept = home / "adopted" / "a1b2" / "a1b2_tables"
    assert told == f"The tables in 'a1b2_tables' are dataset 'a1b2' now; the folder is kept in '{kept}'."
    assert session.find("a1b2").tables == {"persons": (3, 3), "visits": (2, 2)}
    assert not lying.exists()
    assert sorted(file.name for file in kept.iterdir()) == ["persons.csv", "visits.csv"]
    assert again.warnings == ()
    assert [dataset.number for dataset in again.versions("a1b2")] == [1]
    assert [run.summary for run in read_runs(home / "history").runs if run.status == "adopted"] == [
        "1 version taken in"
    ]


@pytest.mark.usefixtures("lying")
def test_what_was_adopted_and_dropped_does_not_come_back(home):
    clinical_nb.Session(home).drop("a1b2")

    again = clinical_nb.Session(home)

    assert (again.datasets(), again.warnings) == ([], ())
    assert not any("60" in file.read_text(errors="ignore") for file in home.rglob("*.csv"))


def test_the_same_folder_again_makes_no_version(home, lying, tmp_path):
    shutil.copytree(lying, tmp_path / "copy")
    clinical_nb.Session(home)
    shutil.copytree(tmp_path / "copy", lying)

    session = clinical_nb.Session(home)

    assert "were dataset 'a1b2' already" in session.warnings[0]
    assert [version.number for version in session.versions("a1b2")] == [1]
    assert not lying.exists()
    assert len(list((home / "adopted" / "a1b2").iterdir())) == 2


def test_a_dataset_of_that_name_is_not_given_another_version(home, lying, tmp_path):
    (tmp_path / "other.csv").write_text(CSV)
    shutil.move(lying, tmp_path / "lying")
    clinical_nb.Session(home).upload(tmp_path / "other.csv", name="a1b2")
    shutil.move(tmp_path / "lying", lying)

    session = clinical_nb.Session(home)

    assert "there is a dataset 'a1b2' already. To make it the next version: %clinical upload" in session.warnings[0]
    assert [version.number for version in session.versions("a1b2")] == [1]
    assert lying.exists()
    assert session.upload(lying).number == 2


@pytest.mark.parametrize("content", [None, "id,age\n1,2,3\n4\n", "\x00\x01"])
def test_a_folder_that_cannot_be_read_is_told_and_left(home, lying, content):
    for file in lying.iterdir():
        file.unlink() if content is None else file.write_text(content)

    session = clinical_nb.Session(home)

    assert session.datasets() == []
    assert session.warnings[0].startswith("The folder 'a1b2_tables' in the store was not adopted: '")
    assert lying.is_dir()


def test_after_the_record_and_the_metadata_are_lost_the_folders_bring_their_datasets_back(home, lying):
    folder = lying
    kept = clinical_nb.Session(home).find("a1b2").version
    shutil.move(home / "adopted" / "a1b2" / "a1b2_tables", folder)
    shutil.rmtree(home / "metadata")
    (home / "analytics.duckdb").unlink()

    session = clinical_nb.Session(home)

    assert session.find("a1b2").version == kept
    assert session.find("a1b2").lazy("persons").collect().height == 3


@pytest.mark.usefixtures("lying")
def test_two_notebooks_that_start_at_once_adopt_once(home):
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(clinical_nb.Session(home))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [version.number for version in clinical_nb.Session(home).versions("a1b2")] == [1]
    assert sum("now" in told for session in opened for told in session.warnings) == 1


def test_what_another_notebook_is_adopting_is_left_to_it(home, lying):
    with locks.hold_lock(home / "adopting.lock"):
        session = clinical_nb.Session(home)

    assert (session.datasets(), session.warnings) == ([], ())
    assert lying.is_dir()


def test_a_link_to_a_folder_elsewhere_is_not_adopted(home, lying, tmp_path):
    shutil.move(lying, tmp_path / "elsewhere")
    Path(lying).symlink_to(tmp_path / "elsewhere")

    assert clinical_nb.Session(home).datasets() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's name is text")
def test_a_folder_whose_name_is_no_text_is_told_in_text(home, lying):
    lying.rename(home / os.fsdecode(b"\xff_tables"))

    session = clinical_nb.Session(home)

    assert session.datasets() == []
    assert session.warnings[0].encode().startswith(b"The folder '?_tables' in the store was not adopted: ")


def test_a_folder_that_is_still_being_copied_is_left_alone(home, lying, monkeypatch):
    monkeypatch.setattr(adoption, "SETTLED", 60.0)
    for path in (*lying.iterdir(), lying):
        os.utime(path, (1_500_000_000, 1_500_000_000))  # as a copy that keeps times leaves them

    session = clinical_nb.Session(home)

    assert session.datasets() == []
    assert session.warnings[0].startswith("The folder 'a1b2_tables' in the store was changed in the last 60 seconds")
    assert sorted(file.name for file in lying.iterdir()) == ["persons.csv", "visits.csv"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_does_not_hide_what_became_of_the_others(home, lying):
    closed = home / "closed_tables"
    closed.mkdir(mode=0)

    session = clinical_nb.Session(home)

    closed.chmod(0o700)
    assert not lying.exists()
    assert [told.split("'")[1] for told in session.warnings] == ["a1b2_tables", "closed_tables"]
    assert session.warnings[1] == "The folder 'closed_tables' in the store was not adopted: Permission denied."


@pytest.mark.parametrize("version", [None, 1])
def test_what_would_come_back_from_a_folder_in_the_store_is_not_dropped_until_that_is_gone(home, lying, version):
    shutil.copytree(lying, home / "copy")
    clinical_nb.Session(home)
    (home / "copy").rename(lying)
    (lying / "more.csv").write_text(CSV)
    session = clinical_nb.Session(home)

    with pytest.raises(ClinicalError, match="'a1b2_tables' lies in the store, and would become dataset 'a1b2' again"):
        session.drop("a1b2", version)
    held = [dataset.name for dataset in session.datasets()]
    shutil.rmtree(lying)
    session.drop("a1b2", version)

    assert held == ["a1b2"]
    assert clinical_nb.Session(home).datasets() == []


def test_a_folder_that_holds_something_else_is_not_adopted_and_says_what(home, lying):
    (lying / "protocol.txt").write_text("the only copy")

    session = clinical_nb.Session(home)

    (told,) = session.warnings
    assert "it holds 'protocol.txt', which is no table" in told
    assert session.datasets() == []
    assert (lying / "protocol.txt").read_text() == "the only copy"
