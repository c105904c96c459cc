"""What is said beside suppressed numbers: nothing that was computed from them, and of nobody the same as of few."""

from pathlib import Path

import polars as pl
import pytest

import clinical_nb
from clinical_nb.disclosure.remarks import REMARKS

ROOT = Path(clinical_nb.__file__).parent
ASKED = (
    "mean crp",
    "compare crp by sex",
    "compare died by sex",
    "AUC of crp for died",
    "correlation between crp and weight",
    "logistic regression of died on crp",
    "highest 3 crp",
)


def make_session(folder, crp):
    """Open a store with 18 persons at Oslo, 6 of whom died, and one of 83 years."""
    rows = [
        (
            at,
            "F" if at % 3 else "M",
            "Oslo" if at < 18 else "Kent",
            83 if at == 40 else 30 + at % 40,
            at % 3 == 0,
            crp(at),
            at,
        )
        for at in range(150)
    ]
    frame = pl.DataFrame(rows, ["patient_id", "sex", "site", "age", "died", "crp", "weight"], orient="row")
    folder.mkdir()
    frame.with_columns(pl.col("died").replace_strict({True: "yes", False: "no"})).write_csv(folder / "trial.csv")
    session = clinical_nb.Session(folder / "home")
    session.upload(folder / "trial.csv")
    session.disclosure("cms11")
    return session


@pytest.fixture
def session(tmp_path):
    with make_session(tmp_path / "one", lambda at: at % 23 + 0.5) as session:
        yield session


def shown(answer):
    """Return all that is said of an answer but of which data it is, and when it was asked."""
    return str(answer).replace(answer.dataset_version, ""), answer.reused


@pytest.mark.parametrize(
    "question", ["AUC of crp for died in Oslo", "compare died by sex in Oslo", "compare crp by died in Oslo"]
)
def test_no_remark_tells_what_the_suppressed_numbers_are(tmp_path, question):
    found = []
    for at, dead in enumerate((0.5, 90.5, 12)):  # the dead of Oslo have the lowest values, the highest, and others' own
        with make_session(
            tmp_path / str(at), lambda at, dead=dead: dead + at % 2 if at % 3 == 0 else at % 23 + 0.5
        ) as session:
            found.append(shown(session.ask(question)))

    assert "suppressed" in found[0][0]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("asked", ASKED)
def test_an_answer_about_nobody_is_that_about_one(session, asked):
    said = []
    for age in (83, 84):
        answers = [session.ask(f"{asked} where age = {age}") for _ in range(2)]  # as the store keeps it, too
        said.append([(shown(each)[0].replace(str(age), "N"), each.status, each.reused) for each in answers])
    kept = session.history().select("status", "disclosure", "summary", "reused", "failure").tail(4).rows()

    assert said[0] == said[1]
    assert "Nothing of this is shown under cms11" in said[0][0][0]
    assert kept[:2] == kept[2:]


def test_a_few_persons_are_in_no_group_that_is_named(session):
    for question in ("how many by site where age = 83", "how many by sex and site where age = 83"):
        assert not {"Kent", "Oslo"} & set(session.ask(question).result.ard["group1_level"].to_list())
    assert "Kent" not in str(session.ask("top 3 site where age = 83"))


def test_what_may_be_said_beside_suppressed_numbers_is_still_said():
    sources = "".join(
        " ".join(each.read_text().split()).replace('" "', "") for each in (ROOT / "analysis").rglob("*.py")
    )

    assert [text for text in REMARKS if text not in sources] == []


def test_a_group_of_few_is_not_said_to_have_one_level_only(tmp_path):
    rows = [(at, "Rome" if at < 6 else "Kent", "III" if at < 6 else ("I", "II", "III")[at % 3]) for at in range(120)]
    pl.DataFrame(rows, ["patient_id", "site", "stage"], orient="row").write_csv(tmp_path / "trial.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.csv")
        session.disclosure("cms11")
        answers = [session.ask(f"{asked} stage by site") for asked in ("describe", "compare")]
        answers.append(session.ask("how many by site and stage"))

    for answer in answers:
        rome = [each for each in answer.result.statistics if "Rome" in (each.group1_level, each.group2_level)]
        assert not {each.variable_level for each in rome} - {None}
        assert all(each.stat is None for each in rome)  # that nobody there has stage I is not told either
