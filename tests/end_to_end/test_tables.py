"""A zip of related tables is uploaded, and a plan across them is answered, kept, read back and run again."""

import zipfile

import pytest

import clinical_nb
from clinical_nb.errors import PlanError
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
