"""Plans that compare groups go the whole way: computed, shown in every form, kept, and read from their JSON again."""

import json
from dataclasses import replace

import polars as pl
import pytest

import clinical_nb
from clinical_nb.ask.across import all_columns, place
from clinical_nb.errors import ShowError
from clinical_nb.plan import (
    Change,
    Cohort,
    Compare,
    Correlations,
    Hazard,
    Margin,
    Mixed,
    OneOf,
    Regress,
    Repeated,
    Stratified,
    Threshold,
    Visits,
    plan_from_json,
    to_json,
)

ROWS = [
    {
        "patient_id": n,
        "arm": ("active", "placebo")[n % 2],
        "site": ("north", "east", "south")[n % 3],
        "dose": (0, 10, 20, 40)[n % 4],
        "sbp_0": 130 + (n * 7) % 31,
        "sbp_4": 128 + (n * 13) % 29,
        "sbp_12": 124 + (n * 11) % 37 - 3 * (n % 2) if n % 9 else None,
        "age": 40 + (n * 5) % 29,
        "days": 30 + (n * 37) % 900,
        "status": (0, 1, 1)[n % 3],
        "falls": (0, 0, 1, 3, 9)[n % 5] + n % 2,
    }
    for n in range(1, 121)
]
VISITS = [
    {
        "patient_id": n,
        "visit": visit,
        "hr": 60 + (n * visit) % 17 + 2 * visit,
        "fever": ("no", "yes")[(n + visit) % 3 == 0],
        "team": ("day", "night")[n % 4 == 0],
    }
    for n in range(1, 61)
    for visit in (1, 2, 3)
    if n % 10 or visit < 3
]
C, V = Cohort("trial", "trial"), Cohort("trial", "visits")
HIGH = Threshold("sbp_12", ">", 140)
PLANS = {
    "student": Compare(C, "age", "arm", test="t_test_student"),
    "pairs": Compare(C, "age", "site", pairwise="holm"),
    "tukey": Compare(C, "sbp_0", "site", test="anova", pairwise="tukey"),
    "trend": Compare(C, HIGH, "dose", pairwise="holm"),
    "change": Change(C, "sbp_0", "sbp_12", "arm"),
    "change_sites": Change(C, "sbp_0", "sbp_12", "site"),
    "strata": Stratified(C, HIGH, "arm", ("site",)),
    "strata_levels": Stratified(C, "site", "arm", (HIGH,)),
    "strata_groups": Stratified(C, HIGH, "dose", ("arm",)),
    "repeated": Repeated(C, ("sbp_0", "sbp_4", "sbp_12"), "holm"),
    "repeated_shares": Repeated(C, tuple(Threshold(each, ">", 140) for each in ("sbp_0", "sbp_4", "sbp_12")), "holm"),
    "visits": Visits(V, "hr", "visit", "holm"),
    "visits_shares": Visits(V, OneOf("fever", ("yes",)), "visit"),
    "mixed": Mixed(V, "hr", "visit", ("team",)),
    "mixed_all": Mixed(V, "hr", "visit"),
    "noninferiority": Margin(C, "sbp_0", "arm", 5, "noninferiority", "lower"),
    "equivalence": Margin(C, "age", "arm", 4, "equivalence"),
    "matrix": Correlations(C, ("age", "sbp_0", "sbp_4", "sbp_12")),
    "partial": Correlations(C, ("sbp_0", "sbp_12"), ("age",)),
    "modified": Regress(C, HIGH, ("arm", "age"), "logistic", modifiers=("site",), intervals="profile"),
    "modified_hazard": Hazard(C, "days", OneOf("status", (1,)), ("arm", "age"), modifiers=("site",)),
    "robust": Regress(C, "sbp_12", ("arm", "sbp_0"), "linear", errors="robust"),
    "clustered": Regress(V, "hr", ("visit",), "linear", errors="clustered"),
    "robust_hazard": Hazard(C, "days", OneOf("status", (1,)), ("arm", "age"), errors="robust"),
    "negative_binomial": Regress(C, "falls", ("arm", "age"), "negative_binomial"),
    "overdispersed": Regress(C, "falls", ("arm", "age"), "poisson"),
    "ordinal": Regress(C, "dose", ("sbp_4", "age"), "ordinal"),
    "equivalence_shares": Margin(C, HIGH, "arm", 0.1, "equivalence"),
}
READ = {"strata_levels"}  # what is better read than seen
SAID = {
    "student": (
        "Read as: Compare age by arm with Student's t test",
        "; Student's t test, p ",
        "Hedges' g (difference in standard deviations) (active minus placebo): ",
        "Hodges-Lehmann estimate of the difference (active minus placebo): ",
        "Student's t test, because it was asked for.",
    ),
    "pairs": ("Read as: Compare age by site, and each pair with p by Holm", "north against east: ", "corrected p "),
    "tukey": ("Compare sbp_0 by site with ANOVA, and each pair by Tukey's method", "mean difference ", "ANOVA: F = "),
    "trend": ("Cochran-Armitage test of trend: χ² = ", "dose 10 against dose 0: "),
    "change": (
        "Read as: Change from sbp_0 to sbp_12, adjusted for what it was before, by arm",
        "sbp_12, adjusted for sbp_0, was ",
    ),
    "change_sites": ("ANCOVA: F = ", "north against east: adjusted difference "),
    "strata": ("Read as: Compare sbp_12 > 140 within each site, by arm", "crude ", "Breslow-Day"),
    "strata_levels": (
        "Read as: Compare site within each sbp_12 > 140, by arm",
        " within each sbp_12 > 140, crude Cramér's V ",
        "; Cochran-Mantel-Haenszel test, p",
        "on any difference between them (general association)",
    ),
    "strata_groups": (": odds ratio of dose 10 against dose 0 ", " and of ", "corrected p"),
    "repeated": (
        "Read as: Compare sbp_0, sbp_4 and sbp_12 in the same persons",
        "Friedman test",
        "; n = 107",
        "pseudo-median",
    ),
    "repeated_shares": ("Cochran's Q test: Q = ", "percentage points"),
    "visits": (
        "Compare hr over the levels of visit in the same persons",
        "54 of 60 persons by patient_id",
        "visit 3 against visit 1: ",
    ),
    "visits_shares": ("Cochran's Q test",),
    "mixed": (
        "Read as: Course of hr by a mixed model over the levels of visit by team",
        "stimated mean hr at visit 3: ",
        " in the day group and ",
        "mixed model's test of one course in all groups, p ",
        "At visit 3, night minus day: ",
        "Standard deviation ",
        "60 of 60 persons by patient_id are used, with 174 values",
        "6 persons do not have a value at every visit",
    ),
    "mixed_all": ("stimated mean hr: ", " at visit 1 and ", "Mixed model's test of the visits: F = "),
    "noninferiority": (
        "Read as: Non-inferiority of sbp_0 within 5 (lower is better) by arm",
        "non-inferior to placebo within a margin of 5",
        "one-sided p",
    ),
    "equivalence": (
        "active is equivalent to placebo within a margin of 4",
        "90 % CI ",
        "Two one-sided tests (the larger p): p ",
    ),
    "matrix": ("Read as: Correlations of age, sbp_0, sbp_4 and sbp_12", "the closest: ", "; n = 107", "corrected p "),
    "partial": ("Correlations of sbp_0 and sbp_12 with age held still", "artial Pearson's r, sbp_0 with sbp_12 "),
    "modified": (
        ", adjusted for age and site, and whether its effect differs by site, with profile intervals",
        "Test of interaction with site: χ² = ",
        "In the east group, active against placebo: odds ratio ",
        "Variance inflation of age: ",
    ),
    "modified_hazard": (
        ", and whether its effect differs by site",
        "In the east group, active against placebo: hazard ratio ",
    ),
    "robust": (", with robust errors", "Errors are robust (HC3), as asked for"),
    "clustered": (", with errors clustered by person", "174 of 174 rows are used, of 60 persons by patient_id."),
    "robust_hazard": (", with robust errors", "Errors are robust (Lin and Wei's), as asked for"),
    "negative_binomial": ("Rate of falls: lower in the active group", "Shape of the negative binomial"),
    "overdispersed": (
        "Rate of falls: ",
        ", adjusted for age, by a negative binomial model; p",
        "A negative binomial model, because the counts vary ",
        "Poisson's own errors would give a rate ratio of ",
    ),
    "ordinal": ("Odds of a higher dose", "Test of proportional odds (Brant) of all terms: χ² = "),
    "equivalence_shares": (
        "Equivalence of sbp_12 > 140 within 10 percentage points by arm",
        "is not shown to be equivalent",
    ),
}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("groups")
    paths = [folder / "trial.csv", folder / "visits.csv"]
    for path, rows in zip(paths, (ROWS, VISITS), strict=True):
        pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
    with clinical_nb.Session(folder / "home") as session:
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
    if name in READ:
        assert answer.chart() is None
        with pytest.raises(ShowError, match="has no chart"):
            answer.save(tmp_path / "answer.png")
    else:
        assert answer.chart()["data"]["values"]
        assert answer.save(tmp_path / "answer.png").read_bytes().startswith(b"\x89PNG")
    assert plan_from_json(json.loads(json.dumps(to_json(PLANS[name])))) == PLANS[name]
    again = session.run(PLANS[name])
    assert again.reused
    assert again.result == answer.result


def test_no_small_number_and_no_name_goes_into_the_history(session):
    for name, plan in PLANS.items():
        told = session.run(plan).summary

        assert "sbp" not in told, name
        assert told


@pytest.mark.parametrize(
    ("plan", "table", "joined"),
    [
        (Change(Cohort("trial", ""), "sbp_0", "sbp_12", "arm"), "trial", ()),
        (Stratified(Cohort("trial", ""), HIGH, "arm", ("site",)), "trial", ()),
        (Repeated(Cohort("trial", ""), ("sbp_0", "sbp_4", "sbp_12")), "trial", ()),
        (Visits(Cohort("trial", ""), "hr", "visit", "holm"), "visits", ()),
        (Margin(Cohort("trial", ""), "hr", "arm", 5, "equivalence"), "visits", ("trial",)),
        (Correlations(Cohort("trial", ""), ("hr", "age")), "visits", ("trial",)),
        (Compare(Cohort("trial", ""), "age", "site", "anova", "tukey"), "trial", ()),
        (Regress(Cohort("trial", ""), "sbp_12", ("arm",), "linear", modifiers=("site",), errors="robust"), "trial", ()),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_plan_over_columns_of_any_table_is_placed_in_the_rows_that_have_them(session, plan, table, joined):
    dictionary = session.find("trial").dictionary
    _, places = all_columns(dictionary)

    placed = place(plan, places, dictionary)

    assert (placed.cohort.table, placed.cohort.joined) == (table, joined)
    assert replace(placed, cohort=plan.cohort) == plan
