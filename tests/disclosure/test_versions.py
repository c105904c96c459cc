"""What was shown of a version's persons is known while any version of their dataset is."""

import polars as pl
import pytest

import clinical_nb

NOT_AT_KENT = "how many women where site is not Kent"


@pytest.fixture
def session(tmp_path):
    rows = [
        (at, "F" if at < 40 else "M", "Kent" if at in (0, 1, 2) or at >= 70 else "Oslo", 20 + at % 50)
        for at in range(100)
    ]
    pl.DataFrame(rows, schema=["patient_id", "sex", "site", "age"], orient="row").write_csv(tmp_path / "trial.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.csv")
        session.disclosure("cms11")
        yield session


def number_of(answer):
    return next(each.stat for each in answer.result.statistics if each.stat_name == "n")


def test_what_was_shown_of_a_version_is_known_after_it_was_dropped(session):
    assert number_of(session.ask("how many women")) == 40
    session.correct({"site": {"label": "place"}})
    assert number_of(session.ask(NOT_AT_KENT)) is None

    session.drop("trial", 1)
    session.correct({"site": {"label": "hospital"}})

    assert number_of(session.ask(NOT_AT_KENT)) is None


def test_without_what_was_shown_before_it_may_be_shown(session):
    assert number_of(session.ask(NOT_AT_KENT)) == 37


def test_why_a_plan_has_no_result_is_not_told(session):
    answer = session.ask("compare age by sex where age = 69")

    assert answer.status == "declined"
    assert answer.reason.startswith("This has no result, and why not is not told under disclosure control")
