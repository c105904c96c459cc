"""What was shown of some rows is known wherever they are asked about: under another name, dictionary or version."""

import polars as pl
import pytest

import clinical_nb

SCHEMA = ["patient_id", "sex", "site", "age", "crp"]
ROWS = [
    (at, "F" if at < 40 else "M", "Kent" if at in (0, 1, 2) or at >= 70 else "Oslo", 20 + at % 50, at * 7 % 90)
    for at in range(100)
]
NOT_AT_KENT = "how many women where site is not Kent"


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "home") as session:
        session.disclosure("cms11")
        yield session


def upload(session, tmp_path, rows, name, **more):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").select(more.get("columns", SCHEMA))
    frame.write_csv(tmp_path / "trial.csv")
    session.upload(tmp_path / "trial.csv", name=name, dictionary=more.get("dictionary"))


def number_of(answer):
    return next((each.stat for each in answer.result.statistics if each.stat_name == "n"), None)


def women(session, name):
    session.use(name)
    return number_of(session.ask("how many women"))


def test_the_same_file_under_a_second_name_is_the_same_persons(session, tmp_path):
    upload(session, tmp_path, ROWS, "one")
    assert women(session, "one") == 40
    upload(session, tmp_path, ROWS, "two")

    session.use("two")

    assert number_of(session.ask(NOT_AT_KENT)) is None


def test_with_one_person_less_under_a_second_name_she_is_not_told(session, tmp_path):
    upload(session, tmp_path, ROWS, "one")
    assert women(session, "one") == 40
    upload(session, tmp_path, ROWS[1:], "two")

    assert women(session, "two") is None


def test_another_dictionary_makes_no_other_persons(session, tmp_path):
    upload(session, tmp_path, ROWS, "one")
    assert women(session, "one") == 40
    (tmp_path / "d.csv").write_text("column,meaning,kind\npatient_id,a number of the ward,numeric\n")
    upload(session, tmp_path, ROWS[1:], "two", dictionary=tmp_path / "d.csv")
    assert session.datasets()[0].dictionary.identifier("two") is None

    assert women(session, "two") is None


def test_another_dictionary_first_makes_no_other_persons(session, tmp_path):
    (tmp_path / "d.csv").write_text("column,meaning,kind\npatient_id,a number of the ward,numeric\n")
    upload(session, tmp_path, ROWS, "one", dictionary=tmp_path / "d.csv")
    assert women(session, "one") == 40
    upload(session, tmp_path, ROWS[1:], "two")

    assert women(session, "two") is None


def test_rows_without_an_identifier_are_known_by_what_they_hold(session, tmp_path):
    upload(session, tmp_path, ROWS, "one", columns=SCHEMA[1:])
    assert women(session, "one") == 40
    upload(session, tmp_path, ROWS[1:], "one", columns=SCHEMA[1:])

    assert women(session, "one") is None


def test_an_answer_that_another_version_suppresses_says_so(session, tmp_path):
    upload(session, tmp_path, ROWS, "one")
    assert women(session, "one") == 40
    upload(session, tmp_path, [(100, "F", "Oslo", 40, 5), *ROWS], "one")

    session.use("one")
    answer = session.ask("how many women")

    assert number_of(answer) is None
    assert "Answers on version 1 were shown before" in str(answer)
    assert "of fewer than 11" in str(answer)


def test_what_was_shown_outlives_the_name_it_was_shown_under(session, tmp_path):
    upload(session, tmp_path, ROWS, "one")
    upload(session, tmp_path, ROWS[1:], "two")
    assert women(session, "one") == 40
    session.drop("one")

    assert women(session, "two") is None
