"""Plans about two values of the same persons go the whole way: computed, shown in every form, kept, and placed."""

import json

import polars as pl
import pytest

import clinical_nb
from clinical_nb.ask.across import all_columns, place
from clinical_nb.plan import Cohort, Correlate, Missingness, Pair, Threshold, plan_from_json, to_json

ROWS = [
    {
        "patient_id": n,
        "arm": "ab"[n % 2],
        "sbp_0": 130 + (n * 7) % 31,
        "sbp_12": 124 + (n * 11) % 37 if n % 6 else None,
        "age": 40 + (n * 5) % 29,
    }
    for n in range(1, 61)
]
VISITS = [
    {"patient_id": n, "visit": v, "hr": 60 + (n * v) % 17, "qt": 380 + (n * v) % 23}
    for n in range(1, 61)
    for v in (1, 2)
]
C = Cohort("trial", "patients")
PLANS = {
    "correlate": Correlate(C, "age", "sbp_0"),
    "pair": Pair(C, "sbp_0", "sbp_12"),
    "pair_events": Pair(C, Threshold("sbp_0", ">", 140), Threshold("sbp_12", ">", 140)),
    "missingness": Missingness(C, ("sbp_0", "sbp_12"), ("arm",)),
}
SAID = {
    "correlate": ("Read as: Correlation of age with sbp_0", "sbp_0 is ", "Pearson's r"),
    "pair": (
        "Read as: Change from sbp_0 to sbp_12 in the same persons",
        "n = 50; paired t test, p",
        "10 have only sbp_0",
    ),
    "pair_events": ("Read as: Change from sbp_0 > 140 to sbp_12 > 140", "of the same persons", "with it only before"),
    "missingness": (
        "Read as: Missing values of sbp_0 and sbp_12 by arm",
        "sbp_12 in 10 of 60 (16.7 %)",
        "Nothing missing: 50",
    ),
}


@pytest.fixture
def session(tmp_path):
    paths = [tmp_path / "patients.csv", tmp_path / "visits.csv"]
    for path, rows in zip(paths, (ROWS, VISITS), strict=True):
        pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
    with clinical_nb.Session(tmp_path / "home") as session:
        session.upload(paths, name="trial")
        yield session


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_answered_in_every_form_and_comes_back_from_its_json(session, tmp_path, name):
    answer = session.run(PLANS[name])

    assert answer.status == "answered", answer.reason
    for part in SAID[name]:
        assert part in str(answer)
    assert "<table" in answer.html()
    assert len(answer.table().as_raw_html()) > 100
    assert answer.chart()["data"]["values"]
    saved = answer.save(tmp_path / "answer.png").read_bytes()
    assert saved.startswith(b"\x89PNG")
    assert plan_from_json(json.loads(json.dumps(to_json(PLANS[name])))) == PLANS[name]
    again = session.run(PLANS[name])
    assert again.reused
    assert again.result == answer.result


def test_no_small_number_goes_into_the_history(session):
    told = {name: session.run(plan).summary for name, plan in PLANS.items()}

    assert told["pair"].startswith("p = ")
    assert "n = " not in told["pair"]  # 10 of the 60 were left out, whom the number of the others would tell
    assert told["missingness"] == "answered"  # no value of sbp_0 is missing: 0 is below 5


@pytest.mark.parametrize(
    ("plan", "table", "joined"),
    [
        (Correlate(Cohort("trial", ""), "hr", "qt"), "visits", ()),
        (Correlate(Cohort("trial", ""), "age", "sbp_0"), "patients", ()),
        (Correlate(Cohort("trial", ""), "hr", "age"), "visits", ("patients",)),
        (Pair(Cohort("trial", ""), "sbp_0", "sbp_12"), "patients", ()),
        (Missingness(Cohort("trial", ""), ("hr", "age"), ("arm",)), "visits", ("patients",)),
    ],
)
def test_a_plan_over_columns_of_any_table_is_placed_in_the_rows_that_have_them(session, plan, table, joined):
    dictionary = session.find("trial").dictionary
    _, places = all_columns(dictionary)

    placed = place(plan, places, dictionary)

    assert (placed.cohort.table, placed.cohort.joined) == (table, joined)
    assert type(placed) is type(plan)
