"""Corrections of a column as a person writes them in Python, and those that cannot be meant."""

import pytest

from clinical_nb.errors import DictionaryError, UnknownColumnError
from clinical_nb.session import Session


@pytest.fixture
def session(tmp_path):
    rows = "".join(f"{n},{1 + n % 2},{60 + n},{58 + n}\n" for n in range(1, 31))
    (tmp_path / "trial.csv").write_text("id,sex,weight,weight_0\n" + rows)
    with Session(tmp_path / "store") as session:
        session.upload(tmp_path / "trial.csv")
        yield session


def test_missing_codes_are_given_with_their_reasons_and_counted_out(session):
    session.correct({"weight": {"missing": {61: "scale broken"}}})

    answer = session.ask("mean weight")

    (mean,) = answer.result.ard.filter(stat_name="mean", context="continuous")["stat"].to_list()
    assert mean == pytest.approx(sum(range(62, 91)) / 29)
    assert "scale broken" in str(answer)


def test_missing_codes_may_be_given_alone(session):
    dataset = session.correct({"weight": {"missing": [61, 62]}})

    assert [(each.value, each.reason) for each in dataset.dictionary.column("trial", "weight").missing] == [
        (61, "61"),
        (62, "62"),
    ]


def test_a_reason_that_the_dictionary_gives_is_not_said_to_be_none(session):
    session.correct({"weight": {"missing": {61: "scale broken"}, "clean": {"do": "missing", "values": ["62"]}}})

    assert "2 have no known weight (62 1; scale broken or no reason given 1)." in str(session.ask("mean weight"))


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"weight": {"baseline": "nope"}}, UnknownColumnError, "has no column 'nope'"),
        ({"sex": {"role": "event", "event": 7}}, DictionaryError, "'sex' has no value 7 that could be the event"),
        ({"sex": {"levels": "1=man; 2=woman"}}, DictionaryError, "Levels and missing codes are no text here"),
    ],
)
def test_what_is_not_there_is_refused(session, fields, error, words):
    with pytest.raises(error, match=words):
        session.correct(fields)

    assert len(session.versions("trial")) == 1


@pytest.mark.parametrize("none", ["none", "", None])
def test_a_role_is_taken_away_by_saying_none(session, none):
    assert session.correct({"sex": {"role": "arm"}}).dictionary.column("trial", "sex").role == "arm"

    assert session.correct({"sex": {"role": none}}).dictionary.column("trial", "sex").role is None
