"""Plans over times, tests and dates go the whole way: computed, shown in every form, kept, and back from their JSON."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

import clinical_nb
from clinical_nb.plan import (
    Agree,
    Cohort,
    Diagnose,
    Discriminate,
    Extremes,
    Hazard,
    Incidence,
    Measured,
    OneOf,
    Rate,
    Threshold,
    Trend,
    plan_from_json,
    to_json,
)

ROWS = [
    {
        "patient_id": n,
        "arm": ("placebo", "drug")[n % 2],
        "status": (0, 1, 2, 0, 1)[n % 5],
        "days": 30 + (n * 37) % 900,
        "falls": (n * 3) % 4,
        "marker": 10 + (n * 7) % 23 + (8 if n % 5 in (1, 4) else 0),
        "second": 5 + (n * 11) % 29 + (3 if n % 5 in (1, 4) else 0),
        "rater": ("mild", "severe", "none")[n % 3],
        "rereader": ("mild", "severe", "none")[n % 3 if n % 7 else 0],
        "sbp": 120 + (n * 7) % 31,
        "sbp_again": 121 + (n * 7) % 31 + (n % 4),
        "seen": date(2021, 1, 10) + timedelta(days=(n * 29) % 700),
    }
    for n in range(1, 81)
]
C = Cohort("trial", "trial")
DIED, LEFT = OneOf("status", (1,)), OneOf("status", (2,))
PLANS = {
    "rate": Rate(C, DIED, "days", ("arm",)),
    "rate_of_a_count": Rate(C, "falls", "days", (), 1.0),
    "diagnose": Diagnose(C, Threshold("marker", ">", 20), DIED, ("arm",)),
    "one_marker": Discriminate(C, "marker", DIED),
    "two_markers": Discriminate(C, "marker", DIED, "second"),
    "readings": Agree(C, "rater", "rereader"),
    "measurements": Agree(C, "sbp", "sbp_again"),
    "incidence": Incidence(C, "days", DIED, LEFT),
    "incidence_by_arm": Incidence(C, "days", DIED, LEFT, ("arm",), (300.0, 600.0)),
    "subdistribution": Hazard(C, "days", DIED, ("arm", "sbp"), (), (LEFT,)),
    "counts_by_month": Trend(C, "seen", "month"),
    "mean_by_quarter": Trend(C, "seen", "quarter", "sbp", ("arm",)),
    "share_by_year": Trend(C, "seen", "year", DIED),
    "highest": Extremes(C, "marker", "highest", 3),
    "lowest": Extremes(C, "sbp", "lowest", 1),
    "percentiles": Measured(C, "sbp", (), (5, 97.5), ("arm",)),
    "measures": Measured(C, "days", ("mode", "variance", "standard_error", "interval", "geometric_mean", "skewness")),
    "one_measure": Measured(C, "sbp", ("interval",), (), ("arm",)),
}
SAID = {
    "rate": ("Read as: Rate of status = 1 per 100 ", "measured by days", "rate ratio (", "exact test of two rates, p"),
    "rate_of_a_count": ("Falls: ", "120 events", "by robust errors, and wider than its exact ones"),
    "diagnose": ("Read as: How well marker > 20 tells status = 1 by arm", "sensitivity ", "positive likelihood ratio"),
    "one_marker": ("Read as: How well marker tells status = 1", "best cut-off ≥ ", "it will do less well"),
    "two_markers": ("marker and second tell status = 1", "DeLong's test, p", "difference of the areas"),
    "readings": ("Read as: Agreement of rater with rereader", "agree in 72 of 80 (90.0 %", "Cohen's kappa 0.850"),
    "measurements": ("is lower than sbp_again by a mean of 2.50", "limits of agreement", "Lin's concordance"),
    "incidence": ("Read as: Incidence of status = 1, with status = 2 competing, measured by days", "impossible"),
    "incidence_by_arm": ("at 300 and 600 days, by arm", "in the drug group", "Gray's test, p", "Gray's test: χ² = "),
    "subdistribution": ("with status = 2 competing", "subdistribution hazard ratio", "Fine and Gray's model"),
    "counts_by_month": ("Read as: Number of persons of trial by month of seen", "2021-01: n 2", "may be incomplete"),
    "mean_by_quarter": ("Mean of sbp by quarter of seen and arm", "in 2021 Q1", "in the placebo group"),
    "highest": ("Read as: Highest 3 values of marker", "Highest values of marker: 40", "listed once, with how many"),
    "lowest": ("Read as: Lowest value of sbp", "Lowest value of sbp: 120"),
    "percentiles": ("5th percentile and 97.5th percentile of sbp by arm", "in the drug group", "(type 7)"),
    "measures": ("Mode, variance, standard error", "mode not estimable (several values are equally", "geometric mean"),
    "one_measure": ("Mean with its interval of sbp by arm", "95 % CI", "in the placebo group"),
    "share_by_year": ("Share with status = 1 by year of seen", "18 of 44 (40.9 %"),
}
UNDRAWN = ("rate_of_a_count", "highest", "lowest", "percentiles", "measures")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("views")
    pl.DataFrame(ROWS).write_csv(folder / "trial.csv")
    with clinical_nb.Session(folder / "home") as session:
        session.upload(folder / "trial.csv", name="trial")
        yield session


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_answered_in_every_form_and_comes_back_from_its_json(session, tmp_path, name):
    answer = session.run(PLANS[name])

    assert answer.status == "answered", answer.reason
    for part in SAID[name]:
        assert part in str(answer)
    assert "<table" in answer.html()
    assert len(answer.table().as_raw_html()) > 100
    if name in UNDRAWN:
        assert answer.chart() is None
    else:
        assert answer.chart()["data"]["values"]
        assert answer.save(tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")
    assert plan_from_json(json.loads(json.dumps(to_json(PLANS[name])))) == PLANS[name]
    again = session.run(PLANS[name])
    assert again.reused
    assert again.result == answer.result
