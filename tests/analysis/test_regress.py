"""Models of several terms: R's estimates and tests on two trials (reference/regress.R), and what is refused."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Hazard, Known, OneOf, Regress, Threshold

R = json.loads((Path(__file__).parent.parent / "reference" / "regress.json").read_text(encoding="utf-8"))
DIED = OneOf("status", (2,))
TREATED = Known("trt")
MODELS = {
    "pbc_albumin": ("pbc", "albumin", ("trt", "age", "sex", "stage"), "linear", (TREATED,)),
    "pbc_albumin_arm": ("pbc", "albumin", ("trt",), "linear", (TREATED, Known("stage"))),
    "rct_risk": ("rct", "risk", ("rx", "age", "gender"), "linear", ()),
    "pbc_died": ("pbc", DIED, ("trt", "age", "sex", "stage", "bili"), "logistic", ()),
    "pbc_died_arm": ("pbc", DIED, ("trt",), "logistic", (TREATED, Known("stage"))),
    "rct_outcome": ("rct", "outcome", ("rx", "age", "gender", "risk"), "logistic", ()),
    "pbc_platelet": ("pbc", "platelet", ("trt", "age", "sex", "stage"), "poisson", ()),
}
HAZARDS = {
    "pbc_cox": (("trt", "age", "sex", "stage", "bili"), ()),
    "pbc_cox_strata": (("trt", "age", "bili"), ("sex",)),
}
CLOSE = 1e-10


@pytest.fixture
def tables(pbc_table, rct_table):
    return {"pbc": pbc_table, "rct": rct_table}


def regress(table, outcome, terms, family, *where, **more):
    return table.run(Regress(Cohort("d", "t", tuple(where)), outcome, tuple(terms), family, **more))


def column(result, context, name, **place):
    """One number of each row of a context, in order."""
    return [
        each.stat
        for each in result.statistics
        if (each.context, each.stat_name) == (context, name) and all(getattr(each, k) == v for k, v in place.items())
    ]


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", MODELS)
def test_estimates_intervals_and_tests_are_those_of_r(tables, numbers, name):
    of, outcome, terms, family, where = MODELS[name]
    expected = R[name]
    errors = "model" if family == "poisson" else ""  # by itself it has other errors, since the counts vary too much

    result = regress(tables[of], outcome, terms, family, *where, errors=errors)

    shown = {"estimate": "estimate", "conf.low": "low", "conf.high": "high"}
    for mine, of_r in shown.items():
        wanted = [each if family == "linear" else math.exp(each) for each in listed(expected[of_r])]
        assert column(result, "adjusted", mine) == pytest.approx(wanted, rel=CLOSE, abs=1e-12)
    assert column(result, "adjusted", "statistic") == pytest.approx(listed(expected["statistic"]), rel=CLOSE)
    assert column(result, "adjusted", "p.value") == pytest.approx(listed(expected["p"]), rel=1e-7)
    assert numbers(result, "model")["N"] == expected["n"]
    tested = [place for place, freedom in enumerate(expected["drop"]["Df"]) if freedom > 1]
    statistic, p = ("F value", "Pr(>F)") if family == "linear" else ("LRT", "Pr(>Chi)")
    assert column(result, "term_test", "statistic") == pytest.approx(
        [expected["drop"][statistic][place] for place in tested], rel=CLOSE
    )
    assert column(result, "term_test", "p.value") == pytest.approx(
        [expected["drop"][p][place] for place in tested], rel=1e-7
    )


def test_a_linear_model_has_its_r_squared_and_its_f(tables, numbers):
    for name in ("pbc_albumin", "pbc_albumin_arm", "rct_risk"):
        of, outcome, terms, family, where = MODELS[name]

        result = regress(tables[of], outcome, terms, family, *where)

        assert numbers(result, "r_squared")["estimate"] == pytest.approx(R[name]["r2"], rel=CLOSE)
        assert numbers(result, "adjusted_r_squared")["estimate"] == pytest.approx(R[name]["adjusted"], rel=CLOSE)
        found = numbers(result, "model_test")
        assert [found[each] for each in ("statistic", "parameter", "parameter2")] == pytest.approx(
            R[name]["f"], rel=1e-8
        )


def test_a_logistic_model_has_its_auc_and_its_calibration(tables, numbers):
    for name in ("pbc_died", "rct_outcome"):
        of, outcome, terms, family, where = MODELS[name]

        result = regress(tables[of], outcome, terms, family, *where)

        auc = numbers(result, "auc")
        assert [auc[each] for each in ("conf.low", "estimate", "conf.high")] == pytest.approx(R[name]["auc"], rel=CLOSE)
        calibrated = numbers(result, "hosmer_lemeshow")
        assert [calibrated["statistic"], calibrated["parameter"]] == pytest.approx(R[name]["hl"], rel=1e-7)
        assert numbers(result, "model_test")["statistic"] == pytest.approx(R[name]["lr"], rel=CLOSE)


def test_a_term_alone_is_estimated_on_the_rows_of_the_whole_model(tables):
    adjusted = regress(tables["pbc"], "albumin", ("trt", "age", "sex", "stage"), "linear", TREATED)
    odds = regress(tables["pbc"], DIED, ("trt", "age", "sex", "stage", "bili"), "logistic")

    wanted = R["pbc_albumin_arm"]["estimate"], math.exp(R["pbc_died_arm"]["estimate"])
    found = (column(each, "unadjusted", "estimate", variable="trt")[0] for each in (adjusted, odds))
    assert tuple(found) == pytest.approx(wanted, rel=CLOSE)


def test_counts_that_vary_more_than_poisson_has_it_are_told(tables, numbers, notes):
    result = regress(tables["pbc"], "platelet", ("trt", "age", "sex", "stage"), "poisson")

    assert numbers(result, "dispersion")["estimate"] == pytest.approx(R["pbc_platelet"]["dispersion"], rel=CLOSE)
    assert any("times as much as Poisson's model supposes" in note for note in notes(result, "test"))


def test_events_over_a_time_give_ratios_of_rates(tables):
    result = regress(tables["pbc"], DIED, ("trt", "age"), "poisson", exposure="time")

    wanted = [math.exp(each) for each in R["pbc_rate"]["estimate"]]
    assert column(result, "adjusted", "estimate") == pytest.approx(wanted, rel=CLOSE)


@pytest.mark.parametrize("name", HAZARDS)
def test_hazard_ratios_and_their_checks_are_those_of_r(tables, numbers, name):
    terms, strata = HAZARDS[name]
    expected = R[name]

    result = tables["pbc"].run(Hazard(Cohort("d", "t"), "time", DIED, terms, strata))

    bounds = {"estimate": 0.0, "conf.low": -1.959963984540054, "conf.high": 1.959963984540054}
    for mine, z in bounds.items():
        pairs = zip(expected["estimate"], expected["error"], strict=True)
        wanted = [math.exp(log + z * error) for log, error in pairs]
        assert column(result, "adjusted", mine) == pytest.approx(wanted, rel=CLOSE)
    assert (numbers(result, "model")["N"], numbers(result, "model")["n"]) == (expected["n"], expected["events"])
    assert column(result, "proportional_hazards", "statistic") == pytest.approx(expected["zph"], rel=1e-7)
    tested = [place for place, freedom in enumerate(expected["drop"]["Df"]) if freedom > 1]
    wanted = [expected["drop"]["LRT"][place] for place in tested]
    assert column(result, "term_test", "statistic") == pytest.approx(wanted, rel=CLOSE)


def test_levels_are_compared_with_their_reference_which_is_named(tables, notes):
    result = regress(tables["pbc"], DIED, ("trt", "stage", Threshold("age", ">", 60)), "logistic")

    places = [
        (each.variable, each.variable_level, each.group1_level)
        for each in result.statistics
        if (each.context, each.stat_name) == ("adjusted", "estimate")
    ]
    assert places == [
        ("trt", "1", "2"),
        ("stage", "2", "1"),
        ("stage", "3", "1"),
        ("stage", "4", "1"),
        ("age > 60", "yes", "no"),
    ]
    assert "Compared: trt with placebo, stage with 1." in notes(result, "test")


def test_a_term_that_says_the_same_as_others_has_no_estimate_and_is_named(tables, notes):
    older, younger = Threshold("age", ">", 50), Threshold("age", "<=", 50)

    result = regress(tables["pbc"], "albumin", ("sex", older, younger), "linear")

    (row,) = [each for each in result.statistics if each.context == "adjusted" and each.variable == "age <= 50"]
    assert (row.stat, row.warning) == (None, "it cannot be told apart from the other terms")
    assert column(result, "unadjusted", "estimate", variable="age <= 50")[0] is not None
    assert any(note.startswith("age <= 50 yes cannot be told apart") for note in notes(result, "caution"))


def test_separation_is_told_and_firths_estimate_given(make_table, with_levels, notes):
    rows = pl.DataFrame({"x": ["a"] * 10 + ["b"] * 10, "y": ["no"] * 10 + ["no", "yes"] * 5})
    table = make_table(
        rows,
        {"x": with_levels("binary", ("a", "a"), ("b", "b")), "y": with_levels("binary", ("no", "no"), ("yes", "yes"))},
    )

    result = regress(table, "y", ("x",), "logistic")

    # Firth's estimate of a 2 x 2 table adds a half to each cell (Heinze & Schemper 2002)
    assert column(result, "adjusted", "estimate") == pytest.approx([(5.5 / 5.5) / (0.5 / 10.5)], rel=1e-8)
    (row,) = [each for each in result.statistics if each.context == "adjusted" and each.warning]
    assert row.warning == "by Firth's penalised likelihood"
    assert any(note.startswith("Separation in the adjusted model and x: ") for note in notes(result, "caution"))
    (none,) = [each for each in result.statistics if each.context == "maximum_likelihood"]
    assert (none.stat, "goes on rising" in (none.warning or "")) == (None, True)


def test_missing_values_are_told_for_each_column(tables, notes):
    result = regress(tables["pbc"], "albumin", ("trt", "stage"), "linear")

    assert notes(result, "missing") == [
        "106 have no known trt (not randomised).",
        "6 have no known stage.",
    ]
    assert notes(result, "who")[0].startswith("312 of 418 ")


def test_few_events_for_the_estimates_are_told(tables, notes):
    result = regress(tables["rct"], "outcome", ("rx", "site", "type", "age", "risk"), "logistic")

    assert any("are under 10 for each estimate" in note for note in notes(result, "caution"))


@pytest.mark.parametrize(
    ("asked", "where", "said"),
    [
        (("status", ("age",), "logistic"), (), "'status' has 3 different values, and a logistic model explains"),
        (("albumin", (), "linear"), (), "needs at least one term"),
        (("albumin", ("albumin",), "linear"), (), "'albumin' cannot explain itself"),
        (("stage", ("age",), "linear"), (), "'stage' is not measured in numbers"),
        (("albumin", ("sex", "age"), "linear"), (OneOf("sex", ("f",)),), "all rows here have the same 'sex'"),
        (
            ("albumin", ("age", "sex"), "linear"),
            (OneOf("sex", ("f",)),),
            "All rows here have the same 'sex', so nothing",
        ),
        ((DIED, ("age",), "logistic"), (DIED,), "All rows here have the same 'status = 2', yes"),
        (("bili", ("age",), "poisson"), (), "'bili' does not count"),
        (("albumin", ("age", "bili", "chol"), "linear"), (Threshold("age", ">", 76),), "cannot tell 3 estimates apart"),
        (("albumin", ("id",), "linear"), (), "'id' identifies persons"),
    ],
)
def test_what_a_model_cannot_explain_is_refused(tables, asked, where, said):
    with pytest.raises(PlanError, match=said):
        regress(tables["pbc"], *asked, *where)


def test_without_events_or_with_negative_times_there_is_no_hazard(tables, make_table):
    plan = Hazard(Cohort("d", "t", (Threshold("time", ">", 4400),)), "time", DIED, ("age",))
    frame = pl.DataFrame({"time": [1.0, -2.0, 3.0], "died": [1, 1, 0], "age": [1, 2, 3]})
    negative = make_table(frame, {name: Column(kind="numeric") for name in frame.columns})

    with pytest.raises(PlanError, match="Nobody here has the event"):
        tables["pbc"].run(plan)
    with pytest.raises(PlanError, match="1 values of 'time' are negative"):
        negative.run(Hazard(Cohort("d", "t"), "time", OneOf("died", (1,)), ("age",)))


def test_a_hazard_that_only_rises_has_no_ratio_and_events_at_one_time_no_check(make_table):
    frame = pl.DataFrame(
        {
            "time": [5.0] * 6 + [7.0] * 6,
            "died": [1, 0, 1, 1, 0, 0] + [0] * 6,
            "never": [0, 1, 0, 0, 1, 1] * 2,
            "age": [50, 61, 43, 70, 55, 47, 58, 66, 49, 52, 71, 44],
        }
    )
    table = make_table(frame, {name: Column(kind="numeric") for name in frame.columns})
    died = OneOf("died", (1,))

    rising = table.run(Hazard(Cohort("d", "t"), "time", died, ("never", "age")))
    once = table.run(Hazard(Cohort("d", "t"), "time", died, ("age",)))

    reasons = [each.warning or "" for each in rising.statistics if each.context == "adjusted"]
    assert [each.stat for each in rising.statistics if each.context == "adjusted"] == [None, None]
    assert all(reason.startswith("the likelihood goes on rising") for reason in reasons)
    assert column(once, "adjusted", "estimate")[0] is not None
    checks = [each for each in once.statistics if each.context == "proportional_hazards"]
    assert {(each.stat, each.warning) for each in checks} == {(None, "the events come at too few different times")}


def test_several_rows_a_person_are_refused(make_table):
    frame = pl.DataFrame({"id": [1, 1, 2, 3], "x": [1.0, 2.0, 3.0, 5.0], "y": [1.0, 2.5, 3.0, 4.0]})
    columns = {"id": Column(kind="identifier"), "x": Column(kind="numeric"), "y": Column(kind="numeric")}

    with pytest.raises(PlanError, match="several rows a person"):
        regress(make_table(frame, columns), "y", ("x",), "linear")
