"""The session walks one path: upload, restore, ask, reuse, rerun; what fails is told and survived."""

import hashlib
import shutil

import polars as pl
import pytest

import clinical_nb
from clinical_nb.answering.computing import Answering
from clinical_nb.errors import (
    ClinicalError,
    GoneError,
    NoDatasetError,
    StoreError,
    UnknownDatasetError,
    UnknownRunError,
    UnknownTableError,
)
from clinical_nb.history.record import read_runs
from clinical_nb.plan import Cohort, Describe

CSV = "id,sex,age,weight\n1,f,60,71.5\n2,m,70,80\n3,f,50,\n4,m,66,91\n5,f,71,65\n6,m,40,77\n"
TWO_THINGS = "how many persons are women and how many are over 60"  # which can be read in three ways
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


def test_an_upload_is_named_after_its_file_and_used(session):
    dataset = session.current

    assert dataset is not None
    assert (dataset.name, dataset.number, dataset.tables) == ("trial", 1, {"trial": (6, 4)})
    assert len(dataset.version) == 16
    assert dataset.sources == ("trial.csv",)
    assert isinstance(dataset.lazy("trial"), pl.LazyFrame)
    assert dataset.lazy().collect().height == 6
    assert dataset.dictionary.column("trial", "sex").label_of("f") == "female"


def test_a_version_names_its_parent_and_the_files_it_came_from(session, files):
    first = session.current
    later = CSV + "7,f,61,60\n"
    (files / "trial.csv").write_text(later)
    second = session.upload(files / "trial.csv")

    assert (first.parent, second.parent) == (None, first.version)
    (file,) = second.source_files
    assert (file.name, file.size) == ("trial.csv", len(later))
    assert file.sha256 == hashlib.sha256(later.encode()).hexdigest()


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
    unclear = session.ask(TWO_THINGS)

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
    session.ask("mean age")

    session.drop("trial")

    assert session.datasets() == []
    session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
    assert not session.ask("mean age").reused
    assert session.history()["status"].to_list() == ["answered", "deleted", "answered"]


def test_questions_are_about_the_dataset_that_is_used(session, files):
    (files / "other.csv").write_text("sex,age\nf,20\nm,30\n")
    session.upload(files / "other.csv")

    assert "2 of 2 rows" in str(session.ask("how many patients"))
    assert session.use("trial").name == "trial"
    assert "6 of 6 persons" in str(session.ask("how many patients"))
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


def test_a_plan_can_be_run_as_it_is(session):
    asked = session.ask("mean age by sex")

    answer = session.run(asked.plan)

    assert answer.reused
    assert answer.result == asked.result


VISITS = "patient_id,sex,visit,sbp\n" + "".join(
    f"{person},{'f' if person % 2 else 'm'},{visit},{110 + person + visit}\n"
    for person in range(1, 9)
    for visit in range(3)
)


@pytest.fixture
def visits(home, files):
    (files / "visits.csv").write_text(VISITS)
    with clinical_nb.Session(home) as session:
        session.upload(files / "visits.csv")
        yield session


def test_a_person_with_several_rows_counts_once(visits):
    answer = visits.ask("how many women")

    assert "4 of 8 persons" in str(answer)
    assert "12 of 24 rows" in str(answer)


def test_rows_of_the_same_person_are_not_compared_as_if_independent(visits):
    answer = visits.ask("compare sbp by sex")

    assert answer.status == "declined"
    assert "several rows a person" in answer.reason


@pytest.mark.parametrize(
    "said",
    [", treating visits as independent", " treating repeated measurements as if they were independent?"],
)
def test_rows_of_the_same_person_are_compared_where_that_is_said_and_the_history_has_it(visits, home, said):
    answer = visits.ask(f"compare sbp by sex{said}")
    narrowed = visits.ask("and with visit > 1")

    assert answer.reading == "Compare sbp by sex, rows of the same person treated as independent"
    assert "24 rows of 8 persons by patient_id are treated as independent." in str(answer)
    assert narrowed.reading.endswith("visit > 1, rows of the same person treated as independent")
    run = read_runs(home / "history").runs[1]
    assert run.question == f"compare sbp by sex{said}"
    assert run.reading == answer.reading
    assert run.plan is not None
    assert run.plan["cohort"]["despite"] == ["repeated"]
    assert visits.rerun(run.run_id).plan == answer.plan


def test_nothing_of_rows_that_are_treated_as_independent_is_told_under_a_disclosure_profile(visits):
    visits.disclosure("cms11")

    answer = visits.ask("compare sbp by sex, treating visits as independent")

    assert answer.result.statistics == ()
    assert "Nothing of this is shown under cms11: a person has several rows" in str(answer)
    assert "24 rows" not in str(answer)


def test_the_history_says_how_many_rows_there_were_but_not_when_few_were_used(visits, home):
    visits.ask("how many women")
    visits.ask("how many women with visit = 2")

    runs = read_runs(home / "history").runs

    assert [(run.rows_in, run.rows_kept) for run in runs[1:]] == [(24, 12), (24, None)]


def test_names_of_patients_are_no_vocabulary_though_they_repeat(home, files):
    names = [f"Anna{chr(97 + number)} Kowalska" for number in range(12)]
    rows = "".join(f"{name},{100 + place}\n" for place, name in enumerate(names * 4))
    (files / "named.csv").write_text("patient,sbp\n" + rows)
    session = clinical_nb.Session(home)
    session.upload(files / "named.csv")

    session.ask("mean sbp for Annaa Kowalska")
    session.ask("mean sbp of Annab")

    text = "".join(file.read_text() for file in (home / "history").glob("*.jsonl"))
    assert "owalska" not in text
    assert "Anna" not in text


def test_a_record_number_is_not_read_as_a_value(home, files):
    rows = "".join(f"{123000 + place},{60 + place}\n" for place in range(30))
    (files / "folders.csv").write_text("folder,age\n" + rows)
    session = clinical_nb.Session(home)
    session.upload(files / "folders.csv")

    answer = session.ask("how many patients with folder 123004")

    text = "".join(file.read_text() for file in (home / "history").glob("*.jsonl"))
    assert answer.status == "declined"
    assert "123004" not in text


def test_another_notebooks_upload_does_not_change_what_a_question_is_about(session, home, files):
    session.ask("how many women")
    (files / "other.csv").write_text("sex,age\nf,20\nm,30\n")
    clinical_nb.Session(home).upload(files / "other.csv")

    assert session.ask("how many women").dataset == "trial"


def test_a_dataset_that_another_notebook_dropped_is_not_replaced_silently(session, home, files):
    (files / "other.csv").write_text("sex,age\nf,20\nm,30\n")
    other = clinical_nb.Session(home)
    other.upload(files / "other.csv")
    other.drop("trial")

    with pytest.raises(UnknownDatasetError, match="trial"):
        session.ask("how many women")


def test_a_number_picks_no_choice_of_another_dataset_or_of_an_older_question(session, files):
    session.ask(TWO_THINGS)
    (files / "other.csv").write_text("sex,age\nf,20\nm,30\n")
    session.upload(files / "other.csv")

    assert session.ask("1").status == "declined"


def test_a_picked_choice_goes_on_from_its_question(session):
    unclear = session.ask(TWO_THINGS)

    session.ask("1")

    assert session.history().row(-1, named=True)["parent"] == unclear.run_id


def test_a_question_can_be_rerun_on_the_next_years_file(home, files):
    session = clinical_nb.Session(home)
    (files / "trial_2024.csv").write_text(CSV)
    (files / "trial_2025.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial_2024.csv", name="trial", dictionary=files / "meaning.csv")
    asked = session.ask("how many women")
    session.upload(files / "trial_2025.csv", name="trial")

    assert "4 of 7" in str(session.rerun(asked.run_id, on_latest=True))


def test_a_damaged_answer_is_computed_again(session, home):
    first = session.ask("mean age")
    next((home / "results").glob("*.json")).write_text("{}")

    again = session.ask("mean age")

    assert not again.reused
    assert again.result == first.result


def test_an_answer_that_cannot_be_kept_is_given_and_that_is_said(session, home):
    shutil.rmtree(home / "results", ignore_errors=True)
    (home / "results").write_text("in the way")

    answer = session.ask("mean age")

    assert answer.status == "answered"
    assert "could not be kept" in str(answer)


def test_an_answer_whose_dataset_another_notebook_deletes_meanwhile_is_given_and_not_kept(session, home, monkeypatch):
    compute = Answering._compute

    def compute_late(*arguments):
        found = compute(*arguments)
        clinical_nb.Session(home).drop("trial")
        return found

    monkeypatch.setattr(Answering, "_compute", compute_late)

    answer = session.ask("mean age by sex")

    assert answer.status == "answered"
    assert "could not be kept for next time: The version that it was computed from was deleted" in str(answer)
    assert list((home / "results").iterdir()) == []


def test_a_table_that_is_damaged_inside_is_rebuilt_and_the_question_answered(session, home):
    file = next((home / "parquet").glob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[8:40] = bytes(32)
    file.write_bytes(data)

    with pytest.warns(UserWarning, match="rebuilt from the store's record"):
        assert "mean 59.5" in str(session.ask("mean age"))


def test_a_table_that_both_copies_lost_comes_back_with_its_file(session, home, tmp_path):
    (before,) = session.datasets()
    for file in [*(home / "parquet").iterdir(), home / "analytics.duckdb"]:
        file.unlink()
    with pytest.raises(ClinicalError, match="Upload its file again"):
        before.lazy()

    again = session.upload(tmp_path / before.sources[0], name=before.name)

    assert again == before
    assert again.lazy().collect().height == before.tables[before.name][0]
    assert clinical_nb.Session(home).warnings == ()


NEXT = "id,sex,age,height\n1,f,60,170\n2,m,71,182\n3,f,50,\n4,d,66.5,165\n5,f,71,158\n7,m,33,190\n"


def test_what_changed_between_two_versions_is_told(session, files):
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")

    changes = session.diff("trial")

    (table,) = changes.tables
    assert (changes.before.number, changes.after.number) == (1, 2)
    assert (dict(table.columns.added), dict(table.columns.dropped)) == ({"height": "integer"}, {"weight": "float"})
    assert [(each.column, each.before, each.after) for each in table.columns.retyped] == [("age", "integer", "float")]
    assert (table.rows.key, table.rows.added, table.rows.removed, table.rows.changed) == (("id",), 1, 1, 2)
    assert table.rows.cells == {"age": 2, "sex": 1}
    assert table.rows.unchanged == 3
    assert [(level.column, dict(level.appeared)) for level in table.levels] == [("sex", {"d": "d"})]


def test_versions_to_compare_are_numbers_or_hashes_and_by_default_the_last_two(session, files):
    for age in (61, 62):
        (files / "trial.csv").write_text(CSV.replace("60", str(age)))
        session.upload(files / "trial.csv")
    first, second, third = session.versions("trial")

    compared = [
        session.diff("trial"),
        session.diff("trial", 1),
        session.diff("trial", first.version[:6], second.version[:6]),
        session.diff("trial", 3, 1),
        session.diff("trial", after=2),
        session.diff("trial", "2", "2"),
    ]

    assert [(each.before.number, each.after.number) for each in compared] == [
        (2, 3), (1, 3), (1, 2), (3, 1), (1, 2), (2, 2),
    ]  # fmt: skip
    assert compared[1].before.version == first.version
    assert compared[1].after.version == third.version
    assert [each.is_same for each in compared] == [False] * 5 + [True]


def test_versions_that_hold_the_same_are_said_to_without_reading_them(session, home, files):
    session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")
    (files / "trial.csv").write_text(CSV)
    session.upload(files / "trial.csv", dictionary=files / "meaning.csv")
    shutil.rmtree(home / "parquet")

    assert "versions 1 and 3 hold the same" in str(session.diff("trial", 1, 3))


def test_a_dictionary_alone_that_changed_is_told_and_the_rows_are_the_same(session, files):
    (files / "meaning.csv").write_text(MEANING.replace("kg", "lb"))
    session.upload(files / "trial.csv", dictionary=files / "meaning.csv")

    (table,) = session.diff("trial").tables

    assert table.content_is_same
    assert [(each.column, each.what, each.before, each.after) for each in table.meaning] == [
        ("weight", "unit", "kg", "lb")
    ]


def test_roles_and_relations_are_found_at_upload_and_told_where_rows_belong_to_nobody(session, tmp_path):
    (tmp_path / "patients.csv").write_text(
        "patient_id,arm,dob\n" + "".join(f"{n},{'ab'[n % 2]},1970-01-0{n}\n" for n in range(1, 9))
    )
    visits, labs = tmp_path / "visits.csv", tmp_path / "labs.csv"
    visits.write_text(
        "patient_id,visit,sbp\n" + "".join(f"{n},{v},{n + v + 110}\n" for n in range(1, 9) for v in (1, 2))
    )
    labs.write_text(
        "patient_id,test,value\n" + "".join(f"{n},{test},{n}.5\n" for n in range(1, 10) for test in ("k", "na"))
    )

    dataset = session.upload([tmp_path / "patients.csv", visits, labs], name="study")

    columns, grains = dataset.dictionary.tables, dataset.dictionary.grains
    assert {name: column.role for name, column in columns["patients"].items()} == {
        "patient_id": "patient",
        "arm": "arm",
        "dob": "birth",
    }
    assert grains["visits"].key == ("patient_id", "visit")
    assert [each.table for each in grains["visits"].relations] == ["patients"]
    assert grains["labs"].relations == ()
    (finding,) = [each for each in dataset.report if each.kind == "relations"]
    assert (finding.table, finding.column, finding.rows) == ("labs", "patient_id", 2)
    roles = {(each.fields or {}).get("role") for each in dataset.proposals if each.column}
    assert roles - {None} == {"patient", "arm", "birth", "visit"}
    assert dataset.dictionary.identifier("labs") == "patient_id"


def test_a_role_that_a_dictionary_declares_is_a_change_that_is_told(session, tmp_path):
    table = tmp_path / "plain.csv"
    table.write_text("id,score\n" + "".join(f"{n},{n}.5\n" for n in range(1, 13)))
    session.upload(table, name="plain")
    (tmp_path / "roles.yaml").write_text("tables:\n  plain:\n    score: {kind: numeric, role: outcome}\n")
    dataset = session.upload(table, name="plain", dictionary=tmp_path / "roles.yaml")

    assert dataset.dictionary.column("plain", "score").role == "outcome"
    assert dataset.dictionary.grains["plain"].key == ("id",)
    assert "score: role 'outcome' (new)" in str(session.diff("plain"))


def test_the_only_version_has_nothing_to_be_compared_with(session):
    with pytest.raises(ClinicalError, match="'trial' has only one version: there is nothing to compare it with"):
        session.diff("trial")
    with pytest.raises(ClinicalError, match=r"'trial' has no version '7'. Its versions are 1 \("):
        session.diff("trial", 7)
    with pytest.raises(UnknownDatasetError, match="Did you mean 'trial'"):
        session.diff("trail")


def test_the_first_of_several_versions_has_none_before_it(session, files):
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")

    with pytest.raises(ClinicalError, match="'trial' has no version before 1"):
        session.diff("trial", after=1)


def test_comparing_versions_leaves_nothing_in_the_history(session, home, files):
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")

    before = read_runs(home / "history").runs

    session.diff("trial")

    assert read_runs(home / "history").runs == before


def test_a_question_about_a_column_that_is_gone_says_which_version_has_it(session, home, files):
    first = session.current
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")

    answer = session.ask("mean weight by sex")

    said = (
        f"'weight' (body weight) is not in version 2 of 'trial'; the last version with it is 1 ({first.version[:8]})."
    )
    assert answer.status == "declined"
    assert answer.reason.startswith(said)
    assert read_runs(home / "history").runs[-1].question == "mean weight by sex"  # a word that every question may have


def test_a_rerun_on_the_latest_says_which_version_has_the_columns_that_it_needs(session, files):
    first = session.current
    asked = session.ask("mean weight by sex")
    (files / "trial.csv").write_text(NEXT)
    session.upload(files / "trial.csv")

    with pytest.raises(GoneError) as failed:
        session.rerun(asked.run_id, on_latest=True)

    last = f"the last version with it is 1 ({first.version[:8]})."
    assert failed.value.message == f"'weight' is not in version 2 of 'trial'; {last}"
    assert failed.value.hint.startswith(f"%clinical rerun {asked.run_id} runs it on the version")
    assert session.rerun(asked.run_id).status == "answered"


def test_a_table_that_is_gone_is_told_to_questions_and_reruns(session, tmp_path):
    trial, visits = tmp_path / "trial.csv", tmp_path / "visits.csv"
    visits.write_text("id,dose\n1,5.5\n2,7.5\n3,6.5\n")
    session.upload([trial, visits], name="linked")
    asked = session.ask("mean dose")
    trial.write_text(NEXT)
    session.upload([trial], name="linked")
    labs = tmp_path / "labs.csv"
    labs.write_text("id,hb\n1,13.5\n2,9.1\n")
    session.upload([trial, labs], name="linked")

    refused = session.ask("mean dose")

    assert refused.reason.startswith("'dose' is not in version 3 of 'linked'; the last version with it is 1 (")
    with pytest.raises(
        GoneError, match="Table 'visits' is not in version 3 of 'linked'; the last version with it is 1"
    ):
        session.rerun(asked.run_id, on_latest=True)


def test_what_breaks_is_on_record_as_failed(session, home):
    shutil.rmtree(home / "parquet")
    (home / "analytics.duckdb").unlink()

    with pytest.raises(StoreError):
        session.ask("mean age")

    last = session.history().row(-1, named=True)
    assert (last["status"], last["failure"]) == ("failed", "StoreError")


def test_a_denial_that_differs_between_a_persons_rows_is_refused(visits):
    answer = visits.ask("how many not visit = 1")

    assert answer.status == "declined"
    assert "differs between them" in answer.reason


def test_a_number_that_is_no_choice_keeps_the_choices_open(session):
    session.ask(TWO_THINGS)

    wrong, right = session.ask("7"), session.ask("2")

    assert wrong.status == "declined"
    assert "1 to 3" in wrong.reason
    assert right.status == "answered"


def test_a_number_without_an_open_question_says_so(session):
    assert "No choices are open" in session.ask("1").reason


# what nothing else in a store has: of one person each (an identifier, a free text, a number), and shared by many
IDENTIFIER, NOTE, NUMBER, LEVEL = "QZPERSONZQ", "QZNOTEZQ", "4173.25", "QZLEVELZQ"


def plant_canaries(session, files):
    """Store two versions of a dataset with the canaries, and answers from it, and ask about each in every way."""
    rows = "".join(
        f"{IDENTIFIER}{number},{NOTE} {number} said so,{LEVEL}{number % 7},{number % 90},{number % 40 + 50}\n"
        for number in range(500)
    )
    head = f"id,remark,{LEVEL}_column,age,weight\n"
    (files / "doomed.csv").write_text(head + rows)
    session.upload(files / "doomed.csv")
    session.ask("mean age")
    (files / "doomed.csv").write_text(f"{head}{rows}{IDENTIFIER}500,{NOTE} 500 said so,{LEVEL}7,4,{NUMBER}\n")
    session.upload(files / "doomed.csv")
    for question in (
        f"mean age by {LEVEL}_column",
        f"mean weight where {LEVEL}_column is {LEVEL}7",  # of one person
        "range of weight",
        "distribution of weight",
        f"compare weight by {LEVEL}_column",
        f"mean weight where id is {IDENTIFIER}500",
        f"mean weight of {NOTE} 500 said so",
        "mean weight by remark",
    ):
        session.ask(question)
    found = f"id = '{IDENTIFIER}7' OR remark = '{NOTE}' OR weight = {NUMBER}"
    session.sql(f"SELECT * FROM doomed WHERE {found}")  # noqa: S608 - our own words


def where_is(home, canary):
    """Name the files of a store that hold a canary in any byte, or in their names; Parquet is unpacked for it."""
    found = set()
    for file in (file for file in home.rglob("*") if file.is_file()):
        content = file.read_bytes()
        if file.suffix == ".parquet":
            content += pl.read_parquet(file).write_csv().encode()
        if canary.lower().encode() in content.lower() + file.name.lower().encode():
            found.add(file.relative_to(home).parts[0])
    return found


def where_cells_are(home):
    return set().union(*(where_is(home, canary) for canary in (IDENTIFIER, NOTE, NUMBER)))


def test_what_is_dropped_cannot_be_found_in_any_byte_of_the_store(session, home, files):
    plant_canaries(session, files)
    (home / "analytics.duckdb.damaged-0123").write_bytes((home / "analytics.duckdb").read_bytes())
    with_cells, with_level = where_cells_are(home), where_is(home, LEVEL)

    session.drop("doomed")

    assert with_cells >= {"analytics.duckdb", "parquet", "analytics.duckdb.damaged-0123"}
    assert with_level >= {"analytics.duckdb", "parquet", "metadata", "results", "history"}
    assert where_cells_are(home) == set()
    assert where_is(home, LEVEL) == {"history"}  # the questions, with the columns and levels that they named
    assert "mean" in str(session.ask("mean age by sex", data="trial"))
    assert clinical_nb.Session(home).warnings == ()
    last = session.history().filter(pl.col("status") == "deleted").row(-1, named=True)
    assert (last["dataset"], last["summary"]) == ("doomed", "all of it deleted")


def test_one_version_is_dropped_and_the_others_stay(session, home, files):
    plant_canaries(session, files)
    first, second = session.versions("doomed")
    answer = session.ask("mean age", data="doomed")

    session.drop("doomed", first.version[:6])
    assert [each.number for each in session.versions("doomed")] == [2]
    assert session.find("doomed").lazy().collect().height == 501
    assert session.ask("mean age", data="doomed").reused
    assert session.history()["run_id"].to_list().count(answer.run_id) == 1
    assert [file.stem for file in (home / "parquet").glob("*.parquet") if file.stem in str(first.stored)] == []

    with pytest.raises(ClinicalError, match="no version '1'"):
        session.drop("doomed", 1)
    session.drop("doomed", 2)
    with pytest.raises(UnknownDatasetError):
        session.versions("doomed")
    assert where_cells_are(home) == set()
    assert where_is(home, LEVEL) == {"history"}
    assert second.number == 2


def test_a_hash_drops_every_version_that_holds_just_that_and_a_number_only_one(session, tmp_path):
    texts = ("id,age\n1,30\n", "id,age\n1,40\n")
    file = tmp_path / "wave.csv"
    for text in (*texts, *texts):
        file.write_text(text)
        session.upload(file)
    hashes = [each.version for each in session.versions("wave")]

    session.drop("wave", hashes[0])
    assert [each.number for each in session.versions("wave")] == [2, 4]
    session.drop("wave", 4)

    assert [each.number for each in session.versions("wave")] == [2]
    assert session.find("wave").version == hashes[1]


def test_dropping_the_current_version_makes_the_one_before_current(session, home, files):
    plant_canaries(session, files)
    session.drop("doomed", 2)

    assert session.current.number == 1
    assert session.current.lazy().collect().height == 500
    assert clinical_nb.Session(home).warnings == ()
    assert session.ask("mean age").reused


def test_a_store_that_was_moved_answers_reruns_and_drops_as_before(session, home, tmp_path):
    first = session.ask("mean age by sex")
    (tmp_path / "else").mkdir()
    moved = home.rename(tmp_path / "else" / "where")

    with clinical_nb.Session(moved) as there:
        asked = there.ask("mean age by sex")
        again = there.rerun(first.run_id)
        fresh = there.ask("mean weight by sex")
        there.drop("trial")

    assert there.warnings == ()
    assert (asked.reused, asked.result, again.result) == (True, first.result, first.result)
    assert fresh.status == "answered"
    assert clinical_nb.Session(moved).datasets() == []
    assert not home.exists()


def test_after_the_dataset_in_use_was_dropped_no_other_one_takes_its_place_in_silence(tmp_path, indo_rct, pbc):
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(pbc)
    session.upload(indo_rct)
    session.drop("indo_rct")

    with pytest.raises(UnknownDatasetError, match="no dataset 'indo_rct'"):
        session.ask("how many rows are there?")

    session.use("pbc")
    assert session.ask("how many rows are there?").dataset == "pbc"


def test_a_store_whose_folder_was_moved_away_says_so_and_begins_no_new_one(tmp_path, pbc):
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(pbc)
    (tmp_path / "home").rename(tmp_path / "elsewhere")

    for work in (session.datasets, lambda: session.ask("how many rows are there?"), lambda: session.upload(pbc)):
        with pytest.raises(StoreError, match="is not there any more"):
            work()

    assert not (tmp_path / "home").exists()


def test_a_file_is_no_store(tmp_path):
    (tmp_path / "t.csv").write_text("id,age\n1,2\n")

    with pytest.raises(StoreError, match="is a file, not the folder of a store"):
        clinical_nb.Session(tmp_path / "t.csv")


def test_a_dataset_shows_itself_in_a_line(session):
    (dataset,) = session.datasets()

    assert repr(dataset) == f"Dataset('trial', version 1 ({dataset.version[:8]}), trial: 6 x 4)"


def test_a_question_about_numbers_that_are_text_names_the_step_that_would_read_them(home, tmp_path):
    (tmp_path / "labs.csv").write_text(
        "id,crp,dose\n" + "".join(f"{n},{'<5' if n % 4 else n},{n} mg\n" for n in range(9))
    )

    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "labs.csv")
        declined = [session.ask(f"mean {column}") for column in ("crp", "dose")]
        session.accept("crp")
        answered = session.ask("mean crp")

    assert [answer.status for answer in (*declined, answered)] == ["declined", "declined", "answered"]
    assert "A cleaning step is proposed for 'crp': Keep them as censored;" in declined[0].reason
    assert declined[1].reason.endswith(
        "A cleaning step is proposed for 'dose': Read them as numbers. Accept it, and ask again."
    )


def test_an_answer_names_what_it_supposes_of_values_or_that_it_has_counted_them_as_they_are(home, tmp_path):
    rows = "".join(f"{n},{'f' if n % 2 else 'm'},{-99 if n % 7 == 0 else 120 + n},{40 + n}\n" for n in range(1, 29))
    (tmp_path / "bp.csv").write_text("id,sex,sbp,age\n" + rows)
    doubt = (
        "In doubt, sbp: 4 values of -99, apart from all others, which may mean that it is missing; counted as they are."
    )

    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "bp.csv")
        before, other = session.ask("mean sbp by sex"), session.ask("mean age by sex")
        as_they_are = session.run(Describe(Cohort("bp", "bp"), "sbp", ("sex",)))
        session.accept("sbp")
        after = session.ask("mean sbp by sex")

    assert before.remarks == ("-99 in sbp counts as missing, as the report proposes and nobody confirmed.",)
    assert "where sbp ≠ -99" in before.reading
    assert doubt in str(as_they_are)
    assert other.remarks == ()
    assert after.remarks == ()


def test_a_step_that_is_done_is_not_done_again(session, tmp_path):
    values = "".join(f"{row},{'not done' if row % 9 == 0 else 60 + row}\n" for row in range(1, 41))
    (tmp_path / "labs.csv").write_text(f"id,weight\n{values}")
    dataset = session.upload(tmp_path / "labs.csv")
    (done,) = [at for at, each in enumerate(dataset.proposals, 1) if each.is_done]

    with pytest.raises(ClinicalError, match="What is proposed for 'weight' is done already"):
        session.accept(done)

    assert session.find("labs").version == dataset.version


def test_each_method_of_a_session_is_its_parts_own_and_says_what_it_takes_and_raises(session):
    methods = {
        name: getattr(session, name)
        for name in dir(session)
        if not name.startswith("_") and callable(getattr(session, name))
    }

    assert len(methods) > 30
    assert [name for name, method in methods.items() if method.__name__ != name or not method.__doc__] == []
    assert [
        name for name, method in methods.items() if getattr(clinical_nb.Session, name).__doc__ != method.__doc__
    ] == []
