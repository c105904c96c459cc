"""A zip of related tables is uploaded, and a plan across them is answered, kept, read back and run again."""

import zipfile

import pytest

import clinical_nb
from clinical_nb.errors import DictionaryError, PlanError, UnknownColumnError
from clinical_nb.plan import AnyRow, Cohort, Compare, Count, Describe, Proportion, Threshold, plan_from_json, to_json

PATIENTS = "patient_id,arm,age\n" + "".join(f"P{n:02},{'ab'[n % 2]},{40 + n}\n" for n in range(1, 13))
VISITS = "patient_id,visit,crp\n" + "".join(f"P{n:02},{v},{n * v}\n" for n in range(1, 11) for v in (1, 2, 3))
SITES = "site,beds\nnorth,10\nsouth,20\n"
HIGH = AnyRow("visits", (Threshold("crp", ">", 20),))


@pytest.fixture
def session(tmp_path):
    with zipfile.ZipFile(tmp_path / "trial.zip", "w") as archive:
        for name, text in {"patients": PATIENTS, "visits": VISITS, "sites": SITES}.items():
            archive.writestr(f"{name}.csv", text)
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.zip")
        yield session


def numbers(answer, context):
    rows = answer.result.ard.filter(context=context)
    return dict(zip(rows["stat_name"], rows["stat"], strict=True))


def test_all_patients_are_the_denominator_of_a_condition_on_their_visits(session):
    answer = session.run(Proportion(Cohort("trial", "patients"), HIGH))

    assert answer.status == "answered"
    assert answer.reading == "Share with any row of visits with crp > 20"
    found = numbers(answer, "proportion")
    assert (found["n"], found["N"]) == (4, 12)  # of P07 to P10 three times n is more than 20; P11 and P12 have no visit
    assert "at least one of its rows of visits" in str(answer)


def test_groups_of_patients_by_their_visits_are_shown_in_words(session):
    answer = session.run(Compare(Cohort("trial", "patients"), "age", HIGH))

    assert answer.status == "answered"
    assert "no row of visits with crp > 20" in str(answer)
    assert answer._repr_mimebundle_()
    assert answer.chart()


def test_a_column_of_the_patients_is_brought_to_their_visits_and_each_patient_counts_once(session):
    answer = session.run(Describe(Cohort("trial", "visits", (), ("patients",)), "age", ("arm",)))

    assert "each row of visits with its row of patients" in answer.reading
    assert "10 of 10 persons by patient_id are used; each is counted once." in str(answer)
    assert answer._repr_mimebundle_()


def test_an_answer_across_tables_is_kept_and_comes_again(session):
    plan = Count(Cohort("trial", "visits", (), ("patients",)), ("arm",))

    first, second = session.run(plan), session.run(plan_from_json(to_json(plan)))

    assert not first.reused
    assert second.reused
    assert second.result == first.result
    assert session.rerun(first.run_id).result == first.result


def test_tables_without_a_relation_are_refused_with_the_reason(session):
    with pytest.raises(PlanError, match="No relation between 'visits' and 'sites' is known"):
        session.run(Count(Cohort("trial", "visits", (), ("sites",)), ("beds",)))
    with pytest.raises(PlanError, match="would multiply the rows of 'patients'"):
        session.run(Count(Cohort("trial", "patients", (), ("visits",)), ("visit",)))
    answer = session.run(Count(Cohort("trial", "visits", (AnyRow("sites"),))))
    assert answer.status == "declined"
    assert "No relation between 'sites' and 'visits' is known" in answer.reason


UNCONFIRMED = "Nobody has confirmed that the rows of visits belong to those of patients by patient_id"


def test_an_answer_by_a_relation_says_that_nobody_confirmed_it_until_a_person_does(session):
    plan = Proportion(Cohort("trial", "patients"), HIGH)

    before = session.run(plan)
    session.accept("visits.patients")
    after = session.run(plan)

    assert UNCONFIRMED in str(before)
    assert "Nobody has confirmed" not in str(after)
    assert not after.reused
    assert after.result.statistics == before.result.statistics
    (relation,) = session.find("trial").dictionary.grains["visits"].relations
    assert relation.confirmed


def test_a_rejected_relation_is_gone_and_what_needs_it_is_refused(session):
    dataset = session.reject("visits.patients")

    assert dataset.dictionary.grains["visits"].relations == ()
    assert not any(each.relation for each in dataset.proposals)
    answer = session.run(Proportion(Cohort("trial", "patients"), HIGH))
    assert answer.status == "declined"
    assert "No relation between 'visits' and 'patients' is known" in answer.reason


def test_all_that_is_proposed_of_rows_is_confirmed_together(session):
    dataset = session.accept("visits", "visits.patients", "patients")

    grain = dataset.dictionary.grains["visits"]
    assert (grain.row, grain.key, grain.confirmed) == ("patient and visit", ("patient_id", "visit"), True)
    assert [each.confirmed for each in grain.relations] == [True]
    assert "Nobody has confirmed" not in str(session.run(Count(Cohort("trial", "visits"))))


def test_a_key_and_a_relation_that_a_person_says_are_checked_to_the_last_row(session):
    relation = {"table": "patients", "columns": ["patient_id"], "keys": ["patient_id"]}
    said = session.correct({"visits": {"row": "blood test", "key": ["visit", "patient_id"], "relations": [relation]}})

    grain = said.dictionary.grains["visits"]
    assert (grain.row, grain.key, grain.confirmed) == ("blood test", ("visit", "patient_id"), True)
    assert grain.relations[0].confirmed
    with pytest.raises(DictionaryError, match="'patient_id' cannot be the key of 'visits'"):
        session.correct({"visits": {"key": ["patient_id"]}})
    backwards = {"table": "visits", "columns": ["patient_id"], "keys": ["patient_id"]}
    with pytest.raises(DictionaryError, match="would multiply rows"):
        session.correct({"patients": {"relations": [backwards]}})
    with pytest.raises(UnknownColumnError, match="no column 'patient'"):
        session.correct({"visits": {"relations": [{**relation, "columns": ["patient"]}]}})
    with pytest.raises(DictionaryError, match="not of one type"):
        session.correct({"visits": {"relations": [{**relation, "columns": ["crp"]}]}})
    assert session.find("trial").version == said.version


def test_typed_questions_across_tables_count_every_patient(session):
    many = session.ask("how many patients with crp > 20 by arm")
    share = session.ask("what proportion of patients had crp > 20 by arm")

    assert many.status == share.status == "answered"
    assert many.plan == share.plan  # the number in each arm, and of how many
    rows = share.result.ard.filter(context="proportion", stat_name="n")
    by_arm = dict(zip(rows["group1_level"], rows["stat"], strict=True))
    assert (by_arm["a"], by_arm["b"]) == (2, 2)  # P08 and P10 in a, P07 and P09 in b
    rows = share.result.ard.filter(context="proportion", stat_name="N")
    assert set(rows["stat"]) == {6}  # P11 and P12 have no visit, and are of their arms all the same
    assert UNCONFIRMED in str(share)


def test_a_typed_question_brings_the_arm_to_the_visits_and_counts_no_patient_twice(session):
    each = session.ask("mean crp by arm")
    one = session.ask("mean crp by arm where visit 2")

    assert each.status == "answered", each.reason
    assert set(each.result.ard.filter(stat_name="N")["stat"]) == set(one.result.ard.filter(stat_name="N")["stat"])
    assert one.status == "answered", one.reason
    assert "each row of visits with its row of patients" in one.reading
    rows = one.result.ard.filter(stat_name="mean")
    means = dict(zip(rows["group1_level"], rows["stat"], strict=True))
    assert means == {"a": 12.0, "b": 10.0}  # twice the mean of 2, 4, … 10, and of 1, 3, … 9


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how many patients had crp above 20?", "4 of 12 persons"),  # P07 to P10, who have 21 to 30 at visit 3
        ("what proportion of patients had crp above 20?", "4 of 12 (33 %"),
    ],
)
def test_patients_of_a_finer_table_are_counted_among_all_patients(session, question, said):
    answer = session.ask(question)

    assert said in str(answer)
