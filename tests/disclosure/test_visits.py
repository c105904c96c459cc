"""Several rows a person under a profile: one visit is shown, and who was not seen at it is not told."""

import polars as pl
import pytest

import clinical_nb

VISITS = (1, 2, 3)


@pytest.fixture
def session(tmp_path):
    """Open a store of 150 patients, of whom 3 women have no visit 2 and 40 have no visit 3."""
    rows = [
        (at, "FM"[at % 2], "x" if at % 3 else "y", visit, 40 + (at * 7 + visit * 11) % 60)
        for at in range(150)
        for visit in VISITS
        if not (visit == 2 and at in (0, 2, 4)) and not (visit == 3 and at >= 110)
    ]
    pl.DataFrame(rows, ["patient_id", "sex", "arm", "visit", "weight"], orient="row").write_csv(tmp_path / "visits.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "visits.csv")
        session.disclosure("cms11")
        yield session


def numbers(answer, name):
    return [each.stat for each in answer.result.statistics if each.stat_name == name]


def test_what_is_asked_of_one_visit_is_shown_as_of_a_table_of_one_row_each(session):
    answer = session.ask("compare weight by arm where visit = 1")

    assert sorted(numbers(answer, "N")) == [50, 100]
    assert None not in numbers(answer, "mean")
    assert any(each.context == "t_test_welch" and each.stat is not None for each in answer.result.statistics)
    assert sorted(numbers(session.ask("mean weight by arm where visit = 3"), "N")) == [37, 73]


def test_the_few_who_were_not_seen_at_a_visit_are_told_by_no_two_answers(session):
    assert numbers(session.ask("mean weight where visit = 1"), "N") == [150]

    answer = session.ask("mean weight where visit = 2")

    assert 147 not in numbers(answer, "N")
    assert not any(numbers(answer, "mean"))
    assert "Answers on this version were shown before" in str(answer)


def test_by_itself_the_visit_that_few_missed_is_not_shown_beside_all_patients_either(session):
    session.ask("how many patients by sex")

    assert not any(numbers(session.ask("mean weight by sex where visit = 2"), "mean")[:1])


def test_what_is_of_several_visits_says_why_it_is_withheld_and_what_to_ask(session):
    by_visit = str(session.ask("mean weight by visit"))
    over_visits = str(session.ask("does weight change over visits"))

    assert "a person has several rows" in by_visit
    assert "Ask at one visit" in by_visit
    assert "Ask for the mean at one visit, or compare two" in over_visits
