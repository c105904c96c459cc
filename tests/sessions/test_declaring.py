"""A named cohort is part of its dataset's version: kept, listed, taken along by uploads, corrections and exports."""

import polars as pl
import pytest

import clinical_nb
from clinical_nb.errors import ClinicalError, DictionaryError, UnknownCohortError
from clinical_nb.sessions.holdings import Holdings

CSV = "id,sex,age,weight\n1,f,60,71\n2,m,70,80\n3,f,50,63\n4,m,66,91\n5,f,71,65\n6,m,40,77\n"
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


def number(answer):
    assert answer.status == "answered", answer.reason
    return answer.result.ard.filter(stat_name="n")["stat"].to_list()


def test_a_cohort_is_defined_in_the_next_version_and_used_by_name(session):
    before = session.current
    after = session.define("frail  elderly", "women\n over 55")
    answer = session.ask("how many in frail elderly")

    assert (before.number, after.number) == (1, 2)
    assert after.version != before.version
    assert after.stored.tables == before.stored.tables
    assert after.dictionary.cohorts["frail elderly"].text == "women over 55"
    assert number(answer) == [2.0]  # 1 and 5
    assert answer.reading == "Count the persons of trial where age (age at entry) > 55 years and sex = female"
    assert "frail" in session.history()["question"].to_list()[-1]


def test_the_same_definition_again_is_the_same_version(session):
    first = session.define("frail elderly", "women over 55")
    again = session.define("frail elderly", "women over 55")
    other = session.define("frail elderly", "women over 65")

    assert again.version == first.version
    assert other.number == first.number + 1
    assert number(session.ask("how many frail elderly")) == [1.0]


def test_a_cohort_is_there_after_a_restart(session, home):
    session.define("frail elderly", "women over 55")

    with clinical_nb.Session(home) as other:
        assert number(other.ask("how many frail elderly")) == [2.0]


def test_an_undefined_cohort_is_no_word_any_more_but_its_version_stays(session):
    session.define("frail elderly", "women over 55")
    asked = session.ask("how many frail elderly")
    session.undefine("frail elderly")

    assert session.ask("how many frail elderly").status == "declined"
    assert session.rerun(asked.run_id).result == asked.result
    with pytest.raises(UnknownCohortError, match="has no cohort 'frail elderly'"):
        session.undefine("frail elderly")


def test_a_cohort_holds_for_the_next_upload_and_after_corrections(session, files):
    session.define("frail elderly", "women over 55")
    session.correct({"weight": {"label": "mass"}})
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")
    session.correct({"weight": {"label": "weight"}})

    assert number(session.ask("how many frail elderly")) == [3.0]


def test_a_cohort_that_was_taken_away_does_not_come_back_with_an_upload(session, files):
    session.define("frail elderly", "women over 55")
    session.undefine("frail elderly")
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")

    assert session.upload(files / "trial.csv").dictionary.cohorts == {}


def test_a_cohort_goes_with_an_export_and_an_archive(session, files, tmp_path):
    session.define("frail elderly", "women over 55")
    session.export("trial", files / "out", "parquet")
    archive = session.archive("trial", files / "packed")

    with clinical_nb.Session(tmp_path / "other") as other:
        other.upload(files / "out", name="copy")
        assert number(other.ask("how many frail elderly")) == [2.0]
        other.upload(archive, name="packed")
        assert number(other.ask("how many frail elderly")) == [2.0]


def test_a_cohort_of_a_column_that_a_newer_file_lacks_waits_for_one_that_has_it(session, files):
    session.define("frail elderly", "women over 55")
    (files / "trial.csv").write_text(CSV.replace("age", "years"))
    session.upload(files / "trial.csv")
    assert session.ask("how many frail elderly").status == "declined"
    (files / "trial.csv").write_text(CSV)
    session.upload(files / "trial.csv")

    assert number(session.ask("how many frail elderly")) == [2.0]


def test_what_cannot_be_a_cohort_makes_no_version(session):
    with pytest.raises(DictionaryError):
        session.define("women", "age over 55")
    with pytest.raises(DictionaryError):
        session.define("frail elderly", "xyzzy")

    assert session.current.number == 1


def test_a_cohort_is_not_defined_on_a_version_that_was_changed_meanwhile(session, home, monkeypatch):
    asked_of = session.current
    with clinical_nb.Session(home) as other:
        other.define("elders", "age over 65")
    monkeypatch.setattr(Holdings, "asked_of", lambda *_: asked_of)

    with pytest.raises(ClinicalError, match="was changed meanwhile"):
        session.define("frail elderly", "women over 55")


def test_a_follow_up_may_use_a_cohort_that_was_defined_after_the_question(session):
    session.ask("how many")
    session.ask("how many patients")
    session.define("frail elderly", "women over 55")

    assert number(session.ask("and in frail elderly?")) == [2.0]


def test_an_attached_dataset_has_no_version_for_a_cohort(session, files):
    session.attach("elsewhere", pl.scan_csv(files / "trial.csv"))

    with pytest.raises(ClinicalError, match="no version of it is stored"):
        session.define("frail elderly", "age over 55")


def test_what_changed_between_versions_names_the_cohorts(session):
    session.define("frail elderly", "women over 55")
    first = str(session.diff("trial"))
    session.define("frail elderly", "women over 65")

    assert "Named cohorts: frail elderly: 'women over 55' (new)" in first
    assert "Named cohorts: frail elderly: 'women over 55' → 'women over 65'" in str(session.diff("trial"))
    assert "Rows: the same 6 as before" in str(session.diff("trial"))
