"""Models of several terms from a plan to what is read: reading, sentence, table, figure, and across tables."""

import json

import polars as pl
import pytest

import clinical_nb
from clinical_nb.ask.across import all_columns, place
from clinical_nb.plan import AnyRow, Cohort, Hazard, OneOf, Regress, Threshold, plan_from_json, to_json

DIED = OneOf("status", (2,))


@pytest.fixture(scope="module", name="session")
def _session(tmp_path_factory, request):
    data = request.config.rootpath / "data" / "pbc"
    with clinical_nb.Session(tmp_path_factory.mktemp("home")) as session:
        session.upload(data / "pbc.csv", dictionary=data / "pbc_dictionary.csv")
        yield session


def cohort(*where):
    return Cohort("pbc", "pbc", where)


def test_an_adjusted_odds_ratio_is_read_said_tabled_and_drawn(session):
    plan = Regress(cohort(Threshold("age", ">", 40)), DIED, ("trt", "age", "sex"), "logistic")

    answer = session.run(plan)

    assert answer.reading == (
        "Odds of status (status at end of follow-up) = died by trt (randomised treatment), adjusted for age (age at "
        "registration) and sex where age (age at registration) > 40 years"
    )
    sentence = answer.text.splitlines()[1]
    assert sentence.startswith("Odds of died: ")
    assert " in the D-penicillamine group than in the placebo group, odds ratio " in sentence
    assert ", adjusted for age at registration and sex; p = " in sentence
    html = answer.table().as_raw_html()
    for said in (
        "Unadjusted odds ratio (95 % CI)",
        "Adjusted odds ratio (95 % CI)",
        "male against female",
        "per 1 year",
    ):
        assert said in html
    assert answer.html().count("<table") == 1
    chart = answer.chart()
    assert chart["layer"][1]["encoding"]["x"]["scale"] == {"type": "log"}
    assert len(chart["data"]["values"]) == 6
    assert plan_from_json(json.loads(json.dumps(to_json(plan)))) == plan


def test_several_levels_are_said_one_by_one_with_one_p_for_all(session):
    answer = session.run(Regress(cohort(), "albumin", ("stage", "age"), "linear"))

    sentence = answer.text.splitlines()[1]
    assert sentence.startswith(
        "Mean serum albumin: lower for histologic stage 2 against histologic stage 1, difference -"
    )
    assert sentence.endswith("for all levels.")
    assert sentence.count("g/dl (95 % CI ") == 3
    assert answer.chart()["layer"][1]["encoding"]["x"]["scale"] == {"zero": False}


def test_a_hazard_within_strata_says_them(session):
    answer = session.run(Hazard(cohort(), "time", DIED, ("bili", "age"), ("sex",)))

    assert answer.reading.endswith(
        ", by bili (serum bilirubin), adjusted for age (age at registration), within each sex"
    )
    assert "hazard ratio per 1 mg/dl 1." in answer.text
    assert "Test of proportional hazards (Schoenfeld) of all terms: " in answer.text


def test_one_term_alone_is_said_not_to_be_adjusted(session):
    answer = session.run(Regress(cohort(), "albumin", ("age",), "linear"))

    assert "lower with higher age at registration by 0.00742 g/dl per 1 year (95 % CI 0.00356 to 0.0113)" in answer.text
    assert "not adjusted for anything" in answer.text
    assert len(answer.chart()["data"]["values"]) == 1


def test_a_model_of_what_other_tables_have_is_about_the_rows_that_are_right(tmp_path):
    patients = [{"patient_id": n, "arm": "ab"[n % 2], "age": 40 + 7 * n % 13} for n in range(1, 31)]
    visits = [{"patient_id": n, "visit": v, "hr": 60 + n % 7 + v} for n in range(1, 31) for v in (1, 2)]
    events = [{"patient_id": n, "term": "headache" if n % 3 else "rash"} for n in (1, 1, *range(1, 31, 2))]
    paths = []
    for name, rows in {"patients": patients, "visits": visits, "events": events}.items():
        paths.append(tmp_path / f"{name}.csv")
        pl.DataFrame(rows).write_csv(paths[-1])
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(paths, name="trial")
        dictionary = session.current.dictionary
        _, places = all_columns(dictionary)
        everywhere = Cohort("trial", "patients", (OneOf("visit", (1,)),))
        headache = OneOf("term", ("headache",))
        pulse = place(Regress(everywhere, "hr", ("arm", "age"), "linear"), places, dictionary)
        ached = place(Regress(Cohort("trial", "patients"), headache, ("age",), "logistic"), places, dictionary)

        answers = session.run(pulse), session.run(ached)

    assert (pulse.cohort.table, pulse.cohort.joined) == ("visits", ("patients",))
    assert (ached.cohort.table, ached.outcome) == ("patients", AnyRow("events", (headache,)))
    assert [answer.status for answer in answers] == ["answered", "answered"]
    counted = [each.stat for answer in answers for each in answer.result.statistics if each.context == "model"]
    assert counted == [30.0, 30.0, 10.0]


def test_separation_is_said_in_the_sentence_and_in_the_table(tmp_path):
    rows = [
        {"arm": "drug" if n % 2 else "placebo", "cured": int(n % 2 and n % 3 == 0), "age": 30 + n} for n in range(60)
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "trial.csv")
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(tmp_path / "trial.csv", name="trial")

        answer = session.run(Regress(Cohort("trial", "trial"), OneOf("cured", (1,)), ("arm", "age"), "logistic"))

    assert "by Firth's penalised likelihood" in answer.text.splitlines()[1]
    assert " by Firth" in answer.table().as_raw_html()
    assert "Separation in the adjusted model and arm" in answer.text
