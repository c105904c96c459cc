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
    return next((each.stat for each in answer.result.statistics if each.stat_name == "n"), None)


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

    assert not answer.result.statistics
    assert "rests on counts of 1 to 10, on what would tell them, or on nobody" in str(answer)


def rows_of(count):
    """Return a trial as uploaded: 40 of the first 100 are women, 37 of these not at Kent."""
    site = ["Kent" if at in (0, 1, 2) or at >= 70 else "Oslo" for at in range(count)]
    sex = ["F" if at < 40 or at >= 100 else "M" for at in range(count)]
    return pl.DataFrame(
        {"patient_id": range(count), "sex": sex, "site": site, "age": [20 + at % 50 for at in range(count)]}
    )


NO_IDENTIFIER = "column,meaning,codes_or_units,kind\npatient_id,number of the sheet,,numeric\n"


@pytest.mark.parametrize(
    ("changed", "dictionary"),
    [
        (lambda rows: rows, None),
        (lambda rows: rows.sample(fraction=1, shuffle=True, seed=1), None),
        (lambda rows: rows.with_columns(note=pl.lit("x")), None),
        (lambda rows: rows.drop("age"), None),
        (lambda rows: rows.with_columns(pl.col("age") + 1), None),
        (lambda rows: rows.head(99), None),
        (lambda rows: rows.rename({"patient_id": "number"}), None),
        (lambda rows: rows, NO_IDENTIFIER),
        (lambda rows: rows.drop("patient_id"), None),
    ],
    ids=["twice", "shuffled", "a column more", "a column less", "a column changed", "a row less", "renamed",
         "another dictionary", "without identifier"],
)  # fmt: skip
def test_the_same_rows_under_another_name_are_known_for_the_same(session, tmp_path, changed, dictionary):
    changed(rows_of(100)).write_csv(tmp_path / "copy.csv")
    if dictionary:
        (tmp_path / "meaning.csv").write_text(dictionary)
    assert number_of(session.ask("how many women")) == 40

    session.upload(tmp_path / "copy.csv", dictionary=tmp_path / "meaning.csv" if dictionary else None)
    answer = session.ask(NOT_AT_KENT, data="copy")

    assert number_of(answer) is None
    assert "Answers on version 1 of 'trial' were shown before" in str(answer)


def test_another_trial_with_the_same_numbers_of_patients_is_another(session, tmp_path):
    other = rows_of(100).select(
        "patient_id", sex=pl.col("sex").reverse(), site=pl.col("site").reverse(), weight=70 + pl.col("age")
    )
    other.write_csv(tmp_path / "other.csv")
    assert number_of(session.ask("how many women")) == 40

    session.upload(tmp_path / "other.csv")
    answer = session.ask("how many women where site is not Oslo", data="other")

    assert "were shown before" not in str(answer)


@pytest.mark.parametrize("identifier", [True, False])
def test_a_version_with_one_patient_more_says_why_its_numbers_are_suppressed(tmp_path, identifier):
    with clinical_nb.Session(tmp_path / "home") as session:
        for count in (100, 101):
            rows = rows_of(count) if identifier else rows_of(count).drop("patient_id")
            rows.write_csv(tmp_path / "trial.csv")
            session.upload(tmp_path / "trial.csv")
            session.disclosure("cms11")
            answer = session.ask("how many women")

    assert number_of(answer) is None  # the one more would be known to be a woman
    assert (
        "Answers on version 1 were shown before: what is safe by itself is suppressed where its difference from theirs "
        "would be of fewer than 11."
    ) in str(answer)


def test_persons_who_are_called_by_another_column_are_the_same(session, tmp_path):
    rows_of(100).with_columns(number=pl.col("patient_id") + 1000).write_csv(tmp_path / "trial.csv")
    session.upload(tmp_path / "trial.csv")
    assert number_of(session.ask("how many women")) == 40

    session.correct({"number": {"kind": "identifier", "role": "patient"}})
    answer = session.ask(NOT_AT_KENT)

    assert session.current.dictionary.identifier("trial") == "number"
    assert number_of(answer) is None


def test_how_many_rows_are_in_doubt_is_not_told_by_the_words_either(session, tmp_path):
    twice = rows_of(100).vstack(rows_of(1)).with_columns(pl.col("patient_id").cast(pl.String))
    twice.drop("patient_id").write_csv(tmp_path / "twice.csv")
    session.upload(tmp_path / "twice.csv")

    assert "In doubt" not in str(session.ask("mean age by sex"))


def test_what_could_be_read_in_two_ways_is_not_settled_by_their_numbers(session, tmp_path):
    same = rows_of(100).with_columns(weight_before=pl.col("age"), weight_after=pl.col("age"))
    same.write_csv(tmp_path / "same.csv")
    session.upload(tmp_path / "same.csv")
    session.disclosure("off")
    asked = [each for each in ("mean weight", "mean weight by sex") if session.ask(each).status == "answered"]

    session.disclosure("cms11")

    assert {session.ask(each).status for each in asked} <= {"unclear"}
