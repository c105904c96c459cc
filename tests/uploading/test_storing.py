"""Files → a stored version: the same bytes are the same version, and a dictionary holds for the next of its name."""

from unittest.mock import Mock

import polars as pl
import pytest

import clinical_nb
from clinical_nb.errors import (
    ClinicalError,
    DictionaryError,
    FileError,
    StoreError,
)
from clinical_nb.intake.upload import identify
from clinical_nb.store.datastore import DataStore

CSV = "id,sex,age,weight\n1,f,60,71.5\n2,m,70,80\n3,f,50,\n4,m,66,91\n5,f,71,65\n6,m,40,77\n"
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


def test_the_same_upload_is_the_same_version(session, files):
    before = session.current

    after = session.upload(files / "trial.csv", dictionary=files / "meaning.csv")

    assert (after.version, after.number) == (before.version, 1)


def test_a_dictionary_holds_for_the_next_upload_of_its_name(session, files):
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")

    after = session.upload(files / "trial.csv")

    assert after.number == 2
    assert after.dictionary.column("trial", "age").label == "age at entry"


def test_an_upload_that_is_no_table_is_one_sentence(session, files):
    (files / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    with pytest.raises(FileError):
        session.upload(files / "picture.csv")
    with pytest.raises(FileError):
        session.upload(files / "missing.csv")


def test_a_dictionary_that_is_no_dictionary_is_one_sentence(session, files):
    (files / "wrong.csv").write_text("column,meaning,codes_or_units\nheight,height,cm\n")

    with pytest.raises(DictionaryError):
        session.upload(files / "trial.csv", dictionary=files / "wrong.csv")
    with pytest.raises(DictionaryError):
        session.upload(files / "trial.csv", dictionary=files / "none.csv")


def test_an_earlier_file_uploaded_again_is_what_questions_are_about(session, files):
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")
    (files / "trial.csv").write_text(CSV)

    third = session.upload(files / "trial.csv")

    assert third.number == 3
    assert session.current.number == 3
    assert "3 of 6" in str(session.ask("how many women"))


def test_the_order_of_columns_and_rows_makes_no_other_version(home, files):
    frame = pl.read_csv(files / "trial.csv")
    frame.select(reversed(frame.columns)).reverse().write_csv(files / "turned.csv")
    session = clinical_nb.Session(home)

    first = session.upload(files / "trial.csv", name="a", dictionary=files / "meaning.csv")
    elsewhere = clinical_nb.Session(files / "elsewhere").upload(
        files / "turned.csv", name="a", dictionary=files / "meaning.csv"
    )
    again = session.upload(files / "turned.csv", name="a")

    assert elsewhere.version == first.version
    assert again.number == 1
    assert list(first.dictionary.tables["a"]) == ["id", "sex", "age", "weight"]


def test_a_dictionary_is_read_in_the_encodings_that_spreadsheets_write(home, files):
    for number, encoding in enumerate(("cp1252", "utf-16", "utf-8-sig")):
        (files / "meaning.csv").write_bytes(MEANING.replace("body weight", "K\u00f6rpergewicht").encode(encoding))
        dataset = clinical_nb.Session(home).upload(
            files / "trial.csv", name=f"d{number}", dictionary=files / "meaning.csv"
        )

        assert dataset.dictionary.column(f"d{number}", "weight").label == "K\u00f6rpergewicht"


def test_a_dictionary_line_for_a_column_that_is_not_there_is_told(home, files):
    (files / "meaning.csv").write_text(MEANING.replace("age,", "agee,"))

    dataset = clinical_nb.Session(home).upload(files / "trial.csv", dictionary=files / "meaning.csv")

    assert any("'agee'" in finding.text for finding in dataset.report)


def test_a_dictionary_from_before_that_no_longer_fits_is_told_and_left_out(session, files):
    (files / "trial.csv").write_text("pulse,rhythm\n60,sinus\n70,flutter\n")

    dataset = session.upload(files / "trial.csv")

    assert dataset.number == 2
    assert any("version before" in finding.text for finding in dataset.report)


def test_a_dictionary_that_did_not_fit_one_file_holds_for_the_next_that_it_fits(session, files):
    (files / "trial.csv").write_text("pulse,rhythm\n60,sinus\n70,flutter\n")
    session.upload(files / "trial.csv")
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")

    after = session.upload(files / "trial.csv")

    assert after.number == 3
    assert after.dictionary.column("trial", "age").label == "age at entry"


def test_a_dictionary_that_does_not_fit_is_refused_though_it_is_kept_for_these_very_bytes(session, files):
    (files / "trial.csv").write_text("pulse,rhythm\n60,sinus\n70,flutter\n")
    session.upload(files / "trial.csv")

    with pytest.raises(DictionaryError):
        session.upload(files / "trial.csv", dictionary=files / "meaning.csv")


def test_a_name_that_no_dataset_can_have_stores_nothing(home, files):
    session = clinical_nb.Session(home)

    with pytest.raises(ClinicalError):
        session.upload(files / "trial.csv", name=" ")

    assert not list(home.glob("parquet/*"))


def test_identical_bytes_are_recognised_before_they_are_parsed(session, tmp_path, monkeypatch):
    (before,) = session.datasets()
    file = tmp_path / before.sources[0]
    assert file.exists()
    monkeypatch.setattr("clinical_nb.uploading.storing.read_upload", Mock(side_effect=AssertionError("parsed")))

    assert session.upload(file, name=before.name) == before
    with pytest.raises(AssertionError, match="parsed"):
        session.upload(file, name="another")
    monkeypatch.setattr("clinical_nb.uploading.storing.installed_version", lambda _name: "another version")
    with pytest.raises(AssertionError, match="parsed"):
        session.upload(file, name=before.name)


def test_the_same_bytes_in_other_folders_are_not_taken_for_the_version_before(session, tmp_path):
    ages = {"baseline": 30, "followup": 40}
    files = [tmp_path / when / "visit.csv" for when in ages]
    for file, age in zip(files, ages.values(), strict=True):
        file.parent.mkdir()
        file.write_text(f"id,age\n1,{age}\n")
    first = session.upload(files, name="visits")
    other = tmp_path / "other"
    swapped = [(other / "followup" / "visit.csv", 30), (other / "baseline" / "visit.csv", 40)]
    for file, age in swapped:
        file.parent.mkdir(parents=True)
        file.write_text(f"id,age\n1,{age}\n")

    second = session.upload([file for file, _ in swapped], name="visits")

    def read(dataset):
        return {table: dataset.lazy(table).collect()["age"].to_list() for table in dataset.tables}

    assert read(first) == {"baseline_visit": [30], "followup_visit": [40]}
    assert read(second) == {"baseline_visit": [40], "followup_visit": [30]}


@pytest.mark.parametrize("meanwhile", ["dropped", "replaced"])
def test_identical_bytes_are_stored_again_where_another_notebook_changed_the_dataset(
    session, home, tmp_path, monkeypatch, meanwhile
):
    (before,) = session.datasets()
    file, other = tmp_path / before.sources[0], tmp_path / "other.csv"
    other.write_text("id,age\n1,20\n")

    def change_meanwhile(paths):
        if meanwhile == "dropped":
            clinical_nb.Session(home).drop(before.name)
        else:
            monkeypatch.undo()
            clinical_nb.Session(home).upload(other, name=before.name)
        return identify(paths)

    monkeypatch.setattr("clinical_nb.uploading.storing.identify", change_meanwhile)

    again = session.upload(file, name=before.name)

    assert session.find(before.name) == again
    assert again.version == before.version
    assert again.number == (1 if meanwhile == "dropped" else 3)


def test_an_upload_succeeds_though_another_notebook_drops_the_same_rows_meanwhile(session, home, files, monkeypatch):
    publish = DataStore.publish

    def publish_late(store, *arguments):
        clinical_nb.Session(home).drop("trial")
        return publish(store, *arguments)

    monkeypatch.setattr(DataStore, "publish", publish_late)

    dataset = session.upload(files / "trial.csv", name="mine")

    assert dataset.lazy().collect().height == 6
    assert [each.name for each in session.datasets()] == ["mine"]
    assert session.ask("mean age").status == "answered"


def test_columns_that_are_gone_new_or_of_another_type_are_told(session, tmp_path):
    file = tmp_path / "wave.csv"
    file.write_text("id,age,weight\n1,30,70\n2,40,80\n")
    first = session.upload(file)
    file.write_text("id,dose,weight\n1,5,light\n2,6,heavy\n")

    second = session.upload(file)

    assert first.report == ()
    assert [(finding.column, finding.text) for finding in second.report][-3:] == [
        (None, "Columns of version 1 that are not in this one: 'age'."),
        (None, "Columns that version 1 has not: 'dose'."),
        ("weight", "Is text now, and was integer in version 1."),
    ]


def test_tables_that_came_and_went_are_told(session, tmp_path):
    visits, labs = tmp_path / "visits.csv", tmp_path / "labs.csv"
    trial = tmp_path / "trial.csv"
    for file in (visits, labs):
        file.write_text("id,value\n1,5\n2,7\n")
    session.upload([trial, visits], name="linked")
    session.upload([trial, labs], name="linked")

    changes = session.diff("linked")

    assert (changes.added, changes.gone) == (("labs",), ("visits",))
    assert [(table.table, table.content_is_same) for table in changes.tables] == [("trial", True)]


def test_a_changed_byte_or_dictionary_is_parsed(session, tmp_path):
    (before,) = session.datasets()
    file, dictionary = tmp_path / before.sources[0], tmp_path / "words.csv"
    dictionary.write_text("column,meaning\nage,years of life\n")

    declared = session.upload(file, name=before.name, dictionary=dictionary)
    same = session.upload(file, name=before.name, dictionary=dictionary)
    file.write_text(file.read_text().replace("m,70,80", "m,70,81"))
    changed = session.upload(file, name=before.name)

    assert (before.number, declared.number, same.number, changed.number) == (1, 2, 2, 3)


@pytest.mark.parametrize("name", ["bad/../name", "..", ".", "../up", "a\\..\\b", "x/ . /y"])
def test_a_name_that_reads_as_a_path_is_refused_in_one_sentence(session, tmp_path, name):
    (tmp_path / "t.csv").write_text("id,x\n1,2\n")

    for act in (
        lambda: session.upload(tmp_path / "t.csv", name=name),
        lambda: session.attach(name, pl.DataFrame({"x": [1]}).lazy()),
    ):
        with pytest.raises(StoreError, match=r"cannot be the name of a dataset\. Give it one without"):
            act()
    assert name not in {dataset.name for dataset in session.datasets()}
