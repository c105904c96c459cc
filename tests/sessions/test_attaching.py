"""Data that lie elsewhere: the same bits as from the store, answers that are never reused, and what is refused."""

import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

import clinical_nb
from clinical_nb.analysis.run import run
from clinical_nb.errors import ClinicalError, ShowError, UnknownDatasetError
from clinical_nb.plan import Cohort, Compare, Correlate

sys.path.insert(0, str(Path(__file__).parents[1]))

from lying import PLANS, TWO_TABLES, read_trial, read_visits

TRIAL = Path(__file__).parents[2] / "data" / "pbc"


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "home") as session:
        yield session


@pytest.fixture
def database():
    frame, _ = read_trial()
    with duckdb.connect() as connection:
        connection.register("given", frame.to_arrow())
        connection.execute("CREATE TABLE trial AS SELECT * FROM given")
        yield connection


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: type(plan).__name__)
def test_every_kind_of_plan_gives_the_same_bits_from_duckdb_as_from_polars(database, plan):
    frame, meaning = read_trial()

    there = run(plan, database.table("trial"), meaning)

    assert there == run(plan, frame.lazy(), meaning)


@pytest.mark.parametrize("plan", TWO_TABLES, ids=lambda plan: type(plan).__name__)
def test_tables_that_belong_to_each_other_give_the_same_bits_from_duckdb_as_from_polars(plan):
    frames, meaning = read_visits()
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.from_arrow(frame.to_arrow()).create(name)
        lying = {name: connection.table(name) for name in frames}
        there = run(plan, lying[plan.cohort.table], meaning, lying)

    here = {name: frame.lazy() for name, frame in frames.items()}
    assert there == run(plan, here[plan.cohort.table], meaning, here)
    assert there.statistics


def test_questions_are_about_what_was_attached(session, database):
    dataset = session.attach("pbc", database.table("trial"), TRIAL / "pbc_dictionary.csv")

    answer = session.ask("mean age by sex")

    assert (dataset.tables, dataset.version, session.current) == ({"pbc": (418, 22)}, "", dataset)
    assert "mean 50.2 years in the female group" in str(answer)
    assert "not kept" in str(answer)
    assert repr(dataset) == "Dataset('pbc', attached, pbc: 418 x 22)"


def test_columns_are_what_they_would_be_if_they_were_uploaded(session, database):
    dictionary = TRIAL / "pbc_dictionary.csv"
    attached = session.attach("there", database.sql("SELECT * EXCLUDE (again, day) FROM trial"), dictionary)

    stored = session.upload(TRIAL / "pbc.csv", name="here", dictionary=dictionary)

    (here,), there = stored.dictionary.tables.values(), attached.dictionary.tables["there"]
    for name, column in here.items():
        assert (there[name].kind, there[name].levels, there[name].label) == (column.kind, column.levels, column.label)


def test_an_answer_is_never_reused_since_the_data_may_have_changed(session, database):
    session.attach("pbc", database.table("trial"))
    before = session.ask("how many patients?")
    database.execute("DELETE FROM trial WHERE id <= 100")

    after = session.ask("how many patients?")
    again = session.rerun(after.run_id)

    assert [each.reused for each in (before, after, again)] == [False, False, False]
    assert ["418" in str(before), "318" in str(after), "318" in str(again)] == [True, True, True]
    assert before.run_key != after.run_key


def test_what_the_engine_says_when_its_table_is_gone_is_told_in_a_sentence(session, database):
    session.attach("pbc", database.table("trial"), TRIAL / "pbc_dictionary.csv")
    database.execute("DROP TABLE trial")

    with pytest.raises(ClinicalError, match="Table with name trial does not exist") as raised:
        session.ask("mean age by sex")

    assert str(raised.value).startswith("The attached data could not be asked: ")
    assert "attach it again" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_closed_connection_is_told_in_a_sentence(session):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE trial AS SELECT range AS patient_id, range % 7 AS age FROM range(50)")
    session.attach("short", connection.table("trial"))
    connection.close()

    with pytest.raises(ClinicalError, match="The attached data could not be asked: "):
        session.ask("mean age")


def test_an_attached_name_is_dropped_and_no_longer_there(session, database):
    session.attach("pbc", database.table("trial"))

    session.drop("pbc")

    with pytest.raises(UnknownDatasetError):
        session.use("pbc")


def test_after_the_one_in_use_was_dropped_the_others_that_are_attached_are_named(session):
    for name in ("first", "second"):
        session.attach(name, pl.DataFrame({"patient": [1, 2, 3], "age": [40.5, 50.5, 60.5]}).lazy())
    session.drop("second")

    with pytest.raises(UnknownDatasetError, match=r"no dataset 'second'.*'first'"):
        session.ask("mean age")


def test_names_with_dots_and_patterns_are_columns_like_any_other(session):
    frame = pl.DataFrame({"a.b": [1.5, 2.5, 3.5, 5.0], "^x$": [1.0, 2.0, 4.0, 3.0], "c`d": [1.0, 0.5, 2.0, 0.1]})
    session.attach("odd", frame.lazy())

    answer = session.run(Correlate(Cohort("odd", "odd"), "a.b", "^x$"))
    other = session.run(Correlate(Cohort("odd", "odd"), "a.b", "c`d"))

    assert [answer.status, other.status] == ["answered", "answered"]


def test_several_tables_are_attached_at_once(session):
    people = pl.DataFrame({"patient_id": [1, 2, 3], "age": [40.5, 50.5, 60.5]})
    session.attach("trial", {"people": people.lazy(), "visits": pl.DataFrame({"visit": [1, 2]}).lazy()})

    assert session.current is not None
    assert session.current.tables == {"people": (3, 2), "visits": (2, 1)}


def test_what_cannot_be_done_with_attached_data_is_refused(session, database, tmp_path):
    session.upload(TRIAL / "pbc.csv", name="stored")
    with pytest.raises(ClinicalError, match="The store has a dataset 'stored'"):
        session.attach("stored", database.table("trial"))
    with pytest.raises(ClinicalError, match="A list cannot be attached"):
        session.attach("numbers", [1, 2])
    session.attach("pbc", database.table("trial"))

    with pytest.raises(ClinicalError, match="no version of it is stored"):
        session.define("frail elderly", "age over 70")
    with pytest.raises(ClinicalError, match="its rows are neither cleaned nor"):
        session.correct({"age": {"clean": [{"do": "missing", "values": ["-99"]}]}})
    with pytest.raises(ClinicalError, match="its rows are not in the store"):
        session.export("pbc", tmp_path)
    with pytest.raises(ShowError, match="no script can find them again"):
        session.ask("how many patients?").script()


def test_roles_are_proposed_as_of_an_upload_and_confirmed_in_the_history(session, database):
    dictionary = TRIAL / "pbc_dictionary.csv"
    uploaded = session.upload(TRIAL / "pbc.csv", name="here", dictionary=dictionary)
    session.attach("there", database.sql("SELECT * EXCLUDE (again, day) FROM trial"), dictionary)

    roles = {
        each.name: {name: (c.role, c.event) for name, c in each.dictionary.tables[each.name].items() if c.role}
        for each in (uploaded, session.find("there"))
    }
    accepted = session.accept("all", name="there")

    assert roles["there"] == roles["here"]
    assert {"patient", "arm", "event", "time"} <= {role for role, _ in roles["there"].values()}
    assert [name for name, c in accepted.dictionary.tables["there"].items() if c.confirmed]
    assert (accepted.is_attached, session.find("there").dictionary == accepted.dictionary) == (True, True)
    lines = "".join(file.read_text(encoding="utf-8") for file in (session.home / "history").glob("*.jsonl"))
    assert '"way":"accepted"' in lines.replace(" ", "")


def test_repeated_patients_of_attached_rows_are_not_independent(session):
    visits = pl.DataFrame(
        {
            "patient": [n // 3 for n in range(90)],
            "visit": [n % 3 for n in range(90)],
            "arm": ["drug" if n // 3 % 2 else "placebo" for n in range(90)],
            "crp": [float((n * 7) % 23) for n in range(90)],
        }
    )
    session.attach("visits", visits.lazy())

    refused = session.run(Compare(Cohort("visits", "visits"), "crp", "arm"))

    assert refused.status == "declined"
    assert "as if they were independent" in refused.reason


def test_an_attached_event_is_declared_for_as_long_as_it_is_attached(session, database):
    session.attach("pbc", database.table("trial"))

    corrected = session.correct({"status": {"role": "event", "event": 2}})

    column = corrected.dictionary.tables["pbc"]["status"]
    assert (column.role, column.event, column.confirmed) == (
        "event",
        2,
        session.find("pbc").dictionary.tables["pbc"]["status"].confirmed,
    )


def test_an_attached_frame_with_free_text_is_asked_as_any_other(session):
    frame = pl.DataFrame(
        {"patient": range(60), "age": [40.5, 50.5, 60.5] * 20, "note": [f"seen {n} times" for n in range(60)]}
    )
    session.attach("noted", frame.lazy())

    assert "50.5" in session.ask("mean age").text
