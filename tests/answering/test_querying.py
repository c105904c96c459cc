"""SQL through the session: rows, a lazy frame, and a history that holds none of the values."""

import shutil

import polars as pl
import pytest

import clinical_nb
from clinical_nb.errors import ClinicalError, SqlError

CSV = "id,sex,age\n1,f,60\n2,m,70\n3,f,50\n4,m,66\n5,f,Canary-0\n6,m,Canary-1\n"


@pytest.fixture
def session(tmp_path):
    (tmp_path / "trial.csv").write_text(CSV)
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.csv")
        yield session


def written(session):
    return b"".join(file.read_bytes() for file in (session.home / "history").glob("*.jsonl")).decode()


def test_a_selection_is_a_lazy_frame_with_its_first_rows(session):
    selection = session.sql("SELECT sex, count(*) AS n FROM trial GROUP BY sex ORDER BY sex")

    assert isinstance(selection.frame, pl.LazyFrame)
    assert selection.frame.collect().rows() == selection.first.rows() == [("f", 3), ("m", 3)]
    assert selection.rows == 2
    assert str(selection) == "sex  n\nf    3\nm    3\n2 rows \N{MULTIPLICATION SIGN} 2 columns."
    assert "<table>" in selection.html()


def test_it_is_in_the_history_with_its_values_masked(session):
    selection = session.sql("SELECT * FROM trial WHERE age <> 'Canary-2' -- Canary-3")

    run = session.history().row(-1, named=True)
    assert (run["run_id"], run["dataset"], run["status"]) == (selection.run_id, "trial", "queried")
    assert run["dataset_version"] == session.current.version
    assert run["question"] == "SELECT * FROM trial WHERE age <> ▢"
    assert run["summary"] == "few rows"
    assert "Canary" not in written(session)


def test_few_rows_are_not_counted_in_the_history(session):
    session.sql("SELECT * FROM trial WHERE age = '60'")

    assert session.history()["summary"].to_list()[-1] == "few rows"
    assert '"rows":null' in written(session)


@pytest.mark.parametrize(
    ("statement", "failure"),
    [
        ("SELECT age::INTEGER FROM trial", "a value of another type"),
        ("SELECT 'Canary-4", "not valid SQL"),
        ('SELECT "Canary-5" FROM trial', "names or types that do not fit"),
        ("FROM Canary_6", "an unknown table"),
        ("FROM read_csv('Canary-7')", "refused"),
        ("DELETE FROM trial WHERE age = 'Canary-8'", "refused"),
        ("SELECT error('Canary-9')", "other"),
        ("SELECT Canary_10(1)", "an unknown name"),
    ],
)  # fmt: skip
def test_what_failed_is_in_the_history_by_its_kind(session, statement, failure):
    with pytest.raises(SqlError):
        session.sql(statement)

    run = session.history().row(-1, named=True)
    assert (run["status"], run["failure"]) == ("failed", failure)
    assert "Canary" not in written(session)


def test_sql_is_not_rerun_because_its_values_are_not_kept(session):
    run = session.sql("FROM trial").run_id

    with pytest.raises(ClinicalError, match=r"is SQL, whose values the history does not keep\. Run its cell again"):
        session.rerun(run)


def test_a_history_that_cannot_be_written_is_told_and_the_rows_are_given(session):
    shutil.rmtree(session.home / "history", ignore_errors=True)
    (session.home / "history").write_text("in the way")

    selection = session.sql("FROM trial")

    assert selection.rows == 6
    assert "The history in" in selection.remarks[0]


def test_without_a_dataset_sql_still_counts(tmp_path):
    with clinical_nb.Session(tmp_path / "home") as session:
        assert session.sql("SELECT 1 + 1 AS two").first.item() == 2
        with pytest.raises(SqlError, match="There are no tables yet"):
            session.sql("FROM trial")
