"""The session walks one path: upload, restore, ask, reuse, rerun; what fails is told and survived."""

import shutil

import polars as pl
import pytest

import clinical_nb
from clinical_nb.errors import (
    ClinicalError,
    DictionaryError,
    FileError,
    NoDatasetError,
    UnknownDatasetError,
    UnknownRunError,
    UnknownTableError,
)

CSV = "id,sex,age,weight\n1,f,60,71.5\n2,m,70,80\n3,f,50,\n4,m,66,91\n5,f,71,65\n6,m,40,77\n"
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "trial.csv").write_text(CSV)
    (tmp_path / "meaning.csv").write_text(MEANING)
    return tmp_path


@pytest.fixture
def session(home, files):
    with clinical_nb.Session(home) as session:
        session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
        yield session


def test_an_upload_is_named_after_its_file_and_used(session):
    dataset = session.current

    assert dataset is not None
    assert (dataset.name, dataset.number, dataset.tables) == ("trial", 1, {"trial": (6, 4)})
    assert len(dataset.version) == 16
    assert dataset.sources == ("trial.csv",)
    assert isinstance(dataset.lazy("trial"), pl.LazyFrame)
    assert dataset.lazy().collect().height == 6
    assert dataset.dictionary.column("trial", "sex").label_of("f") == "female"


def test_a_table_that_is_not_there_is_named(session):
    with pytest.raises(UnknownTableError, match="Did you mean 'trial'"):
        session.current.lazy("trail")


def test_another_session_finds_datasets_answers_and_history(session, home):
    first = session.ask("mean age by sex")

    again = clinical_nb.Session(home)
    second = again.ask("mean age by sex")

    assert [dataset.name for dataset in again.datasets()] == ["trial"]
    assert (first.reused, second.reused) == (False, True)
    assert second.result == first.result
    assert second.computed_at == first.computed_at
    assert again.history()["question"].to_list() == ["mean age by sex", "mean age by sex"]


def test_another_wording_of_the_same_question_reuses_the_answer(session):
    session.ask("mean age by sex")

    assert session.ask("what is the average age in each gender?").reused


def test_the_same_upload_is_the_same_version(session, files):
    before = session.current

    after = session.upload(files / "trial.csv", dictionary=files / "meaning.csv")

    assert (after.version, after.number) == (before.version, 1)


def test_a_dictionary_holds_for_the_next_upload_of_its_name(session, files):
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")

    after = session.upload(files / "trial.csv")

    assert after.number == 2
    assert after.dictionary.column("trial", "age").label == "age at entry"


def test_a_changed_dictionary_is_a_new_version_with_answers_of_its_own(session, files):
    before = session.ask("mean age")
    (files / "meaning.csv").write_text(MEANING.replace("age at entry", "age at consent"))

    after = session.upload(files / "trial.csv", dictionary=files / "meaning.csv")

    assert after.number == 2
    assert not session.ask("mean age").reused
    assert session.ask("mean age").run_key != before.run_key


def test_a_rerun_gives_the_same_bits_and_says_so(session):
    first = session.ask("compare weight by sex")

    again = session.rerun(first.run_id)

    assert again.result == first.result
    assert "to the last bit" in str(again)
    assert session.history().row(-1, named=True)["parent"] == first.run_id


def test_a_rerun_is_of_the_version_that_was_asked_and_names_a_newer_one(session, files):
    first = session.ask("how many women")
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")

    old, new = session.rerun(first.run_id), session.rerun(first.run_id, on_latest=True)

    assert "3 of 6" in str(old)
    assert "newer version (2)" in str(old)
    assert "4 of 7" in str(new)
    assert "newer version" not in str(new)


def test_a_question_that_was_not_answered_cannot_be_rerun(session):
    declined = session.ask("mean haemoglobin")

    with pytest.raises(ClinicalError, match="was not answered"):
        session.rerun(declined.run_id)


def test_an_unknown_run_is_an_error(session):
    with pytest.raises(UnknownRunError):
        session.rerun("nosuchrun")


def test_the_number_of_a_choice_answers_an_unclear_question(session):
    unclear = session.ask("mean age in women and in men")

    picked = session.ask("2")

    assert unclear.status == "unclear"
    assert picked.status == "answered"
    assert picked.reading == unclear.choices[1].reading


def test_what_cannot_be_computed_is_declined_with_its_reading(session):
    answer = session.ask("mean sex")

    assert answer.status == "declined"
    assert answer.reading
    assert answer.reason


def test_a_question_before_any_upload_says_how_to_upload(home):
    with pytest.raises(NoDatasetError, match="%clinical upload"):
        clinical_nb.Session(home).ask("mean age")


def test_an_unknown_dataset_is_named_with_the_nearest(session):
    with pytest.raises(UnknownDatasetError, match="Did you mean 'trial'"):
        session.use("trail")
    with pytest.raises(UnknownDatasetError):
        session.ask("mean age", data="nothing")


def test_a_dropped_dataset_is_gone_with_its_answers(session, files):
    answer = session.ask("mean age")

    session.drop("trial")

    assert session.datasets() == []
    session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
    assert not session.ask("mean age").reused
    assert session.history()["run_id"][0] == answer.run_id


def test_questions_are_about_the_dataset_that_is_used(session, files):
    (files / "other.csv").write_text("sex,age\nf,20\nm,30\n")
    session.upload(files / "other.csv")

    assert "2 persons" in str(session.ask("how many patients")) or "2 rows" in str(session.ask("how many patients"))
    assert session.use("trial").name == "trial"
    assert "6" in session.ask("how many patients").text
    assert session.ask("how many patients", data="other").dataset == "other"


def test_the_history_holds_no_text_that_is_not_vocabulary(session, home):
    session.ask("mean age of Mrs Kowalska, record 4711-0815")

    text = "".join(file.read_text() for file in (home / "history").glob("*.jsonl"))

    assert "owalska" not in text
    assert "4711" not in text
    assert "mean age of \u25a2" in text


def test_a_torn_line_of_the_history_is_skipped_and_told(session, home):
    session.ask("mean age")
    with next((home / "history").glob("*.jsonl")).open("a") as file:
        file.write('{"at": "20')

    with pytest.warns(UserWarning, match="torn"):
        history = session.history()

    assert history["question"].to_list() == ["mean age"]


def test_a_history_that_cannot_be_written_is_told_once_and_the_answer_is_given(session, home):
    shutil.rmtree(home / "history", ignore_errors=True)
    (home / "history").write_text("in the way")

    first, second = session.ask("mean age"), session.ask("median age")

    assert first.status == second.status == "answered"
    assert any("history" in remark for remark in first.remarks)
    assert second.remarks == ()


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
    with pytest.raises(FileError):
        session.upload(files / "trial.csv", dictionary=files / "none.csv")


def test_a_plan_can_be_run_as_it_is(session):
    asked = session.ask("mean age by sex")

    answer = session.run(asked.plan)

    assert answer.reused
    assert answer.result == asked.result


def test_an_earlier_file_uploaded_again_is_what_questions_are_about(session, files):
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")
    (files / "trial.csv").write_text(CSV)

    third = session.upload(files / "trial.csv")

    assert third.number == 3
    assert session.current.number == 3
    assert "3 of 6" in str(session.ask("how many women"))
