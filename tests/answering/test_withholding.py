"""What leaves a question for the history: nothing of a person, however it was typed, and a rerun works all the same."""

import json
import logging
import random
import re
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

import clinical_nb
from clinical_nb.errors import ClinicalError, SqlError
from clinical_nb.history.record import read_runs
from clinical_nb.plan import Cohort, Count, Describe, NoneOf, OfRows, OneOf, name_of_derived

RNG = random.Random(11)  # noqa: S311 - names, not secrets
SYLLABLES = ("zor", "bin", "gul", "mep", "tav", "rix", "ploh", "nesk", "wuf", "dral")
NAMES = [
    "".join(RNG.choice(SYLLABLES) for _ in range(3)).title()
    + " "
    + "".join(RNG.choice(SYLLABLES) for _ in range(3)).title()
    for _ in range(60)
]
NUMBERS = [str(RNG.randrange(10**7, 10**8)) for _ in range(50)]
DATES = [f"19{RNG.randrange(30, 99)}-{RNG.randrange(10, 13)}-{RNG.randrange(10, 29)}" for _ in range(40)]
MAILS = [f"{RNG.choice(SYLLABLES)}{RNG.randrange(1000, 9999)}@{RNG.choice(SYLLABLES)}clinic.example" for _ in range(40)]
RARE = ["Kwembley", "Quistral", "Vondermark", "Yszkova", "Plimpfield"]  # levels that few share
FILE = "Grzybowska_Janina"
TABLE = "Ottoline_Vasquez"
CANARIES = [*NAMES, *NUMBERS, *DATES, *MAILS, *RARE, FILE, "Grzybowska", "Janina", TABLE, "Vasquez", "Ottoline"]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def session(home, tmp_path):
    districts = [RARE[place % 5] if place < 20 else "Common" for place in range(60)]
    rows = [
        f"{name},{NUMBERS[place % 50]},{DATES[place % 40]},{MAILS[place % 40]},{districts[place]}"
        f",{'fm'[place % 2]},{'ab'[place // 2 % 2]},{40 + place % 30},{'bleeding' if place % 9 == 0 else 'none'}"
        for place, name in enumerate(NAMES)
    ]
    header = "patient_name,record,birth_date,contact,district,sex,arm,age,event\n"
    file = tmp_path / f"{FILE}.csv"
    file.write_text(header + "\n".join(rows) + "\n")
    opened = clinical_nb.Session(home)
    opened.upload(file)
    return opened


def written(home):
    """Everything that could leave the store with its history: its lines, and the names of its answers' files."""
    lines = "".join(file.read_text() for file in (home / "history").iterdir())
    return lines + "".join(file.name for file in (home / "results").iterdir())


QUESTIONS = [
    *(f"mean age of {name}" for name in NAMES[:30]),
    *(f"how many patients with record {number}" for number in NUMBERS[:20]),
    *(f"who was born on {date}" for date in DATES[:20]),
    *(f"how many with contact {mail}" for mail in MAILS[:20]),
    *(f"how many with district = {level}" for level in RARE),
    *(f"mean age by sex in {level}" for level in RARE),
    f"how many rows has {FILE}",
    "mean age by arm",
    "compare age by sex in men and women over 50",
    "what proportion had bleeding by arm",
    "how many in district Common",
]


def test_of_two_hundred_canaries_none_is_in_the_history(session, home, tmp_path):
    assert len(CANARIES) >= 200
    answers = [session.ask(question) for question in QUESTIONS]
    session.run(Count(Cohort(FILE, FILE, (OneOf("district", (RARE[0],)),)), ()))
    for statement in (
        f"FROM {FILE} WHERE patient_name = '{NAMES[0]}'",
        f"SELECT '{MAILS[0]}'::INTEGER",
        NAMES[1],
    ):
        with suppress(SqlError):
            session.sql(statement)
    session.define("elderly", "age over 60")
    session.correct({"district": {"label": "where they live"}})
    session.export(FILE, tmp_path / "out")
    for answer in answers:
        if answer.status == "answered":
            session.rerun(answer.run_id)
            session.rerun(answer.run_id, on_latest=True)
    for place, form in enumerate(("notebook", "report", "openlineage", "notebook")):
        session.export_history(tmp_path / f"exported-{place}", form=form, references=place > 0)

    exported = "".join(file.read_text() for file in sorted(tmp_path.glob("exported-*")))
    assert exported.count("%%clinical ask") > 100  # so that what is not found could have been there
    text = f"{written(home)}{exported}"

    assert [canary for canary in CANARIES if canary.casefold() in text.casefold()] == []
    statuses = {run.status for run in read_runs(home / "history").runs}
    assert statuses >= {"answered", "declined", "queried", "failed", "uploaded", "declared", "exported"}


# Each of them makes a library say what stands in a cell.
MISTAKES = (
    'SELECT contact::INTEGER FROM "{file}"',
    'SELECT patient_name::DOUBLE FROM "{file}"',
    'SELECT birth_date::TIME FROM "{file}"',
    'SELECT record::UTINYINT FROM "{file}"',
    'SELECT error(patient_name) FROM "{file}"',
    "SELECT strptime(patient_name, '%Y') FROM \"{file}\"",
    "SELECT district::ENUM('a') FROM \"{file}\"",
    "SELECT json_extract(patient_name, '$.a') FROM \"{file}\"",
)
DAMAGED = {
    "a.csv": '"{name},x\n{mail},2\n',
    "b.json": '[{{"a": "{name}", ]',
    "c.ndjson": '{{"a":1}}\n{{"a": {name}}}\n',
    "d.parquet": "PAR1{name}PAR1",
    "e.sav": "$FL2{name}{mail}",
    "f.csv": "a,b\n1,2\n{name},{mail},{number}\n",
}


def test_of_two_hundred_canaries_none_is_in_a_log_or_a_traceback_whatever_goes_wrong(session, tmp_path, caplog, capfd):
    caplog.set_level(0)
    calls = [lambda text=each: session.sql(text.format(file=FILE)).frame.collect() for each in MISTAKES]
    for name, content in DAMAGED.items():
        (tmp_path / name).write_text(content.format(name=NAMES[0], mail=MAILS[0], number=NUMBERS[0]))
        calls.append(lambda file=tmp_path / name: session.upload(file, name="broken"))
    told = []
    for call in calls:
        with pytest.raises(ClinicalError) as error:
            call()
        told += [*traceback.format_exception(error.value), *error.value._render_traceback_()]  # as a notebook shows it
    for question in QUESTIONS:
        session.ask(question)
    logged = "\n".join(f"{each.getMessage()} {each.exc_text}" for each in caplog.records)
    text = "\n".join((*told, logged, *capfd.readouterr())).replace(FILE, "")  # which the statements name

    assert "Lock" in logged  # what libraries write, so that what is not found could have been there
    assert len(told) > 2 * len(calls)
    assert [canary for canary in CANARIES if canary.casefold() in text.casefold()] == []


def test_a_question_about_few_is_rerun_in_its_store_and_nowhere_else(session, home, tmp_path):
    answer = session.ask(f"how many with district = {RARE[0]}")
    assert answer.status == "answered"

    again = session.rerun(answer.run_id)
    assert again.result == answer.result
    assert any("every number equals" in remark for remark in again.remarks)
    assert RARE[0] in again.reading

    (home / "history.values").rename(tmp_path / "elsewhere")
    with pytest.raises(ClinicalError, match="are kept in the store where it was asked"):
        clinical_nb.Session(home).rerun(answer.run_id)


def test_levels_that_enough_persons_share_stay_readable(session, home):
    session.ask("how many in district Common")

    (run,) = [run for run in read_runs(home / "history").runs if run.status == "answered"]

    assert run.question == "how many in district Common"
    assert "district = Common" in run.reading
    assert json.dumps(run.plan).count("Common") == 1


def test_a_word_of_a_rare_level_that_a_column_has_too_is_kept(session, tmp_path):
    file = tmp_path / "ward.csv"
    file.write_text("age,ward\n" + "".join(f"{50 + n},{'age' if n < 3 else 'other'}\n" for n in range(30)))
    session.upload(file, name="wards")

    session.ask("mean age")

    assert session.history().row(-1, named=True)["question"] == "mean age"


def test_a_run_key_does_not_tell_what_was_asked_of_few(session, home):
    answer = session.ask(f"how many with district = {RARE[0]}")

    lines = "".join(file.read_text() for file in (home / "history").iterdir())

    assert answer.run_key not in lines  # who has a guess of the value could try it out
    assert session.history()["run_key"].to_list()[-1] == answer.run_key


def test_the_history_shows_the_datasets_name_and_files_do_not(session, home):
    session.ask("mean age")

    assert session.history()["dataset"].to_list() == [FILE]
    assert FILE not in written(home)


@pytest.fixture
def coded(tmp_path):
    """Codes and long numbers that few have; and visits, in which nothing but her name says whose they are."""
    rows = "".join(f"P{n:03},{4471 if n < 3 else n % 3},{150_000 + n},{40 + n}\n" for n in range(60))
    (tmp_path / "coded.csv").write_text(f"id,code,platelets,age\n{rows}")
    visits = "".join(f"{'Zorbin' if n < 12 else 'Mepgul'},{n % 12},{60 + n}\n" for n in range(24))
    (tmp_path / "visits.csv").write_text(f"patient_name,visit,weight\n{visits}")
    session = clinical_nb.Session(tmp_path / "store")
    session.upload(tmp_path / "visits.csv", name="visits")
    session.upload(tmp_path / "coded.csv", name="coded")
    return session


@pytest.mark.parametrize(
    ("question", "hidden", "told"),
    [
        ("how many with code = 4471", "4471", "code"),
        ("how many with platelets above 150040", "150040", "platelets > ▢"),
        ("how many with platelets between 150010 and 150020", "150010", "platelets"),
        ("how many with code = 2", "4471", "code = 2"),
        ("how many with age above 65", "4471", "age > 65"),
    ],
)
def test_codes_of_few_and_numbers_as_long_as_a_records_are_withheld_and_rerun(coded, question, hidden, told):
    answer = coded.ask(question)
    assert answer.status == "answered"

    lines = "".join(file.read_text() for file in (coded.home / "history").iterdir())
    assert hidden not in re.sub("[0-9a-f]{12,}", "", lines)  # a hash may hold any four digits by chance
    assert told in coded.history()["reading"].to_list()[-1]
    assert coded.rerun(answer.run_id).result == answer.result


def test_rows_of_one_person_do_not_make_her_name_one_that_many_share(coded):
    named = OneOf("patient_name", ("Zorbin",))
    assert coded.run(Count(Cohort("visits", "visits", (named,)), ())).status == "answered"

    assert "zorbin" not in "".join(file.read_text() for file in (coded.home / "history").iterdir()).casefold()


def test_the_name_of_a_cohort_which_may_be_a_persons_is_withheld(coded):
    coded.define("Bettina group", "age over 60")
    answer = coded.ask("mean platelets in Bettina group")
    assert answer.status == "answered"

    assert "bettina" not in "".join(file.read_text() for file in (coded.home / "history").iterdir()).casefold()
    assert coded.history()["question"].to_list()[-1] == "mean platelets in Bettina group"  # at home it is shown
    assert coded.rerun(answer.run_id).result == answer.result


@pytest.mark.parametrize(("when", "told"), [("on 1953-11-01", False), ("in November 1953", True), ("in 1953", True)])
def test_a_day_is_withheld_though_it_is_the_first_of_a_month(tmp_path, when, told):
    rows = "".join(f"{n},1953-{1 + n % 12:02}-{1 + n % 3:02}\n" for n in range(99))
    (tmp_path / "births.csv").write_text(f"id,born\n{rows}")
    session = clinical_nb.Session(tmp_path / "store")
    session.upload(tmp_path / "births.csv")
    answer = session.ask(f"how many born {when}")
    assert answer.status == "answered"

    lines = "".join(file.read_text() for file in (session.home / "history").iterdir())

    assert ("1953-1" in lines or "1953-01-01" in lines) is told
    assert session.rerun(answer.run_id).result == answer.result


@pytest.mark.parametrize(("known", "kept"), [(80, 80), (77, None), (70, None), (69, 69)])
def test_rows_used_are_kept_only_where_those_left_out_are_none_or_many(tmp_path, known, kept):
    ages = [str(30 + n % 40) if n < known else "" for n in range(80)]
    (tmp_path / "few.csv").write_text("id,age\n" + "".join(f"{n},{age}\n" for n, age in enumerate(ages)))
    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload(tmp_path / "few.csv")
        session.ask("mean age")
    lines = [
        line for file in (tmp_path / "store" / "history").glob("*.jsonl") for line in file.read_text().splitlines()
    ]

    (done,) = [entry for entry in map(json.loads, lines) if entry["event"] == "execution"]

    assert (done["rows_in"], done["rows_kept"]) == (80, kept)
    summary = next(entry["summary"] for entry in map(json.loads, lines) if entry["event"] == "result")
    assert (f"n = {known}" in summary) is (kept is not None)


@pytest.mark.parametrize("name", ["trial", "trial 2024", "sex_by_arm_v2", "Patients final", "district data"])
def test_a_name_of_general_words_and_of_columns_is_written_as_a_person_typed_it(tmp_path, name):
    assert f'"dataset":"{name}"' in uploaded_as(tmp_path, name)


@pytest.mark.parametrize(
    "name", ["Grzybowska", "trial Janina", "trial_12345678", "data 1980-05-12", "smith-jane", "Bergenhus data", "x@y"]
)
def test_a_name_that_may_be_a_persons_or_a_record_is_a_token_though_a_person_typed_it(tmp_path, name):
    text = uploaded_as(tmp_path, name)

    assert '"event":"execution"' in text
    assert not any(part in text.casefold() for part in re.split(r"[ _@-]", name.casefold()) if len(part) > 5)
    assert f'"{name}"' not in text
    assert clinical_nb.Session(tmp_path / "home").history()["dataset"][0] == name  # at home it is shown


def uploaded_as(tmp_path, name):
    """Upload a table under a name, ask a question of it, and return its history's lines."""
    rows = "".join(f"{place},{'fm'[place % 2]},{'ab'[place % 2]},Bergenhus\n" for place in range(30))
    (tmp_path / "t.csv").write_text(f"id,sex,arm,district\n{rows}")
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(tmp_path / "t.csv", name=name)
    assert session.ask("how many by sex").status == "answered"
    return "".join(file.read_text() for file in (tmp_path / "home" / "history").iterdir())


def test_what_a_person_called_a_column_is_a_token_in_the_history_and_shown_at_home(tmp_path):
    rows = "".join(f"{place},{'ab'[place % 2]},{40 + place}\n" for place in range(30))
    (tmp_path / "trial.csv").write_text(f"id,arm,age\n{rows}")
    (tmp_path / "words.csv").write_text("column,meaning,synonyms\nage,age at entry,Halvorsen\n")
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(tmp_path / "trial.csv", dictionary=tmp_path / "words.csv")

    answer = session.ask("mean Halvorsen by arm")

    assert answer.status == "answered"
    assert "halvorsen" not in written(tmp_path / "home").casefold()
    assert session.history()["question"].to_list() == ["mean Halvorsen by arm"]


def test_a_number_as_long_as_a_records_is_withheld_though_a_column_is_called_so(tmp_path):
    rows = "".join(f"{place},{40 + place}\n" for place in range(30))
    (tmp_path / "trial.csv").write_text(f"id,40718812\n{rows}")
    session = clinical_nb.Session(tmp_path / "home")
    session.upload(tmp_path / "trial.csv")

    session.ask("mean 40718812")

    runs = read_runs(tmp_path / "home" / "history").runs
    assert "40718812" not in runs[-1].question


def test_the_name_of_a_dropped_dataset_goes_with_the_entries_that_hold_it(session, home):
    session.drop(FILE)
    assert session.history()["dataset"][-1] == FILE  # what was dropped can be told

    session.forget(datetime.now(UTC).date() + timedelta(days=1))

    assert FILE not in (home / "history.values").read_text()


STAFF = ("surgeon", "physician_name", "Treating Clinician", "investigator", "interviewer id", "seen_by", "q7")


def test_the_names_of_those_who_treat_are_masked_however_many_patients_they_have(home, tmp_path):
    names = ["Dr Plimpfield", "Amy Yszkova"]
    rows = "".join(f"{at},{'fm'[at % 2]},{','.join([names[at % 2]] * len(STAFF))}\n" for at in range(100))
    (tmp_path / "trial.csv").write_text(f"patient_id,sex,{','.join(STAFF)}\n{rows}")
    (tmp_path / "meaning.csv").write_text("column,meaning,codes_or_units\nq7,treating physician,\n")

    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "trial.csv", dictionary=tmp_path / "meaning.csv")
        for column in STAFF:
            for name in names:
                session.ask(f"how many women where {column} = {name}")
        asked = [session.run(Count(Cohort("trial", "trial", (OneOf(name, (names[0],)),)), ())) for name in STAFF]

    assert {answer.status for answer in asked} == {"answered"}
    assert not {word for word in ("Plimpfield", "Yszkova", "Amy") if word in written(home)}
    assert "where surgeon = ▢" in session.history()["question"][0]


@pytest.mark.parametrize(
    "question",
    ["5-year survival by sex", "18-month survival", "survival at 2 years", "survival at 90 days", "12-week survival"],
)
def test_a_time_that_was_asked_for_is_kept_in_the_unit_that_it_was_typed_in(home, tmp_path, question):
    rows = "".join(f"{at},{'fm'[at % 2]},{at % 3 == 0:d},{30 * at + 10}\n" for at in range(100))
    (tmp_path / "trial.csv").write_text("patient_id,sex,died,time\n" + rows)
    (tmp_path / "meaning.csv").write_text(
        "column,meaning,codes_or_units\ntime,time to death,days\ndied,died,0=no; 1=yes\n"
    )

    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "trial.csv", dictionary=tmp_path / "meaning.csv")
        assert session.ask(question).status == "answered"

        assert session.history()["question"].to_list()[-1] == question


FAILING = (
    "SELECT patient_name::INTEGER FROM trial",
    "SELECT CAST(patient_name AS DATE) FROM trial",
    "SELECT strptime(patient_name, '%Y') FROM trial",
    "SELECT json_extract(patient_name, '$.x') FROM trial",
    "SELECT error(patient_name) FROM trial",
    "SELECT error (patient_name || record) FROM trial",
    "SELECT record::UTINYINT FROM trial",
    "SELECT CAST(contact AS DOUBLE) FROM trial",
    "SELECT patient_name::BOOLEAN, birth_date::INTEGER FROM trial",
    "SELECT regexp_matches('x', '(' || patient_name) FROM trial",
)


def test_of_two_hundred_canaries_none_is_in_a_traceback_or_a_log(session, home, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    told = []
    for statement in FAILING:
        with pytest.raises(ClinicalError) as raised:
            session.sql(statement.replace("trial", FILE)).frame.collect()
        told += [*traceback.format_exception(raised.value), *raised.value._render_traceback_()]
    for question in QUESTIONS:
        session.ask(question)
    (home / "history").rename(home / "away")
    (home / "history").write_text("in the way")
    with suppress(ClinicalError):
        session.export(FILE, home / "history" / "x")
    told += session.ask("mean age").remarks

    words = [canary for canary in CANARIES if canary not in FILE and canary not in FILE.split("_")]
    text = "".join([*told, caplog.text, *capfd.readouterr()]).casefold()
    assert len(told) > 3 * len(FAILING)
    assert [canary for canary in words if canary.casefold() in text] == []


def test_a_value_in_the_name_of_what_was_made_by_it_is_withheld_and_comes_back(home, tmp_path):
    rows = "".join(f"{at},{'ab'[at % 2]},{'Kwembley' if at < 4 else 'Common'},{20 + at % 50}\n" for at in range(60))
    (tmp_path / "visits.csv").write_text("patient_id,arm,district,age\n" + rows * 2)
    made = OfRows("visits", "age", "mean", (NoneOf("district", ("Kwembley",)),))

    with clinical_nb.Session(home) as session:
        session.upload(tmp_path / "visits.csv")
        answer = session.run(Describe(Cohort("visits", "visits", derived=(made,)), name_of_derived(made), ("arm",)))
        again = session.rerun(answer.run_id)

    assert "Kwembley" not in written(home)
    assert "Kwembley" in again.reading
    assert again.result == answer.result
