"""Models and times until an event agree with R on its own real data sets, five and more of each (further_kinds.R)."""

import sys
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import Compare, FollowUp, Hazard, Mixed, OneOf, Rate, Regress, Survive

sys.path.insert(0, str(Path(__file__).parent))

from by_r import INTERVAL, C, R, ask, cases, intervals, listed, near, read, rows

WORDS = {
    "infert": ["education"],
    "iris": ["Species"],
    "seizures": ["trt"],
    "breaks": ["tension"],
    "bladder": ["treatment"],
}
WORDS |= {"veteran": ["celltype"], "leukemia": ["x"], "absence": ["age", "sex"], "mgus2": ["sex"], "liver": ["sex"]}


def fit(name, outcome, terms, family, **asked):
    ordered = [outcome] if family == "ordinal" else ()
    return ask(name, Regress(C, outcome, terms, family, **asked), WORDS.get(name, ()), ordered)


LINEAR = {"birthwt": ("bwt", ("smoke", "age", "lwt")), "airquality": ("Ozone", ("Wind", "Temp", "Solar.R"))}
LINEAR |= {"pima": ("bmi", ("glu", "age", "skin")), "cars": ("mpg", ("wt", "hp"))}
LINEAR |= {"iris": ("Petal.Width", ("Petal.Length", "Sepal.Width")), "trees": ("Volume", ("Girth", "Height"))}


@cases("linear")
def test_linear_models_are_those_of_rs_lm(name):
    expected = R["linear"][name]

    found, robust = (fit(name, *LINEAR[name], "linear", errors=errors) for errors in ("", "robust"))

    assert rows(found, "adjusted", INTERVAL) == intervals(expected["model"])
    assert [p for (p,) in rows(found, "adjusted", ("p.value",))] == near(expected["p"])
    f_test = ("statistic", "parameter", "parameter2")
    assert rows(found, "model_test", f_test) == [near(expected["f"])]
    both = [rows(found, each, ("estimate",))[0][0] for each in ("r_squared", "adjusted_r_squared")]
    assert both == near(expected["r2"])
    assert rows(robust, "adjusted", INTERVAL) == intervals(expected["robust"])
    assert [each for (each,) in rows(found, "vif", ("estimate",))] == near(expected["vif"])


LOGISTIC = {
    "birthwt": (OneOf("low", (1,)), ("smoke", "age", "lwt")), "pima": (OneOf("type", (1,)), ("glu", "bmi", "age")),
    "infert": (OneOf("case", (1,)), ("age", "spontaneous", "induced")), "lung": (OneOf("status", (2,)), ("age", "sex")),
    "melanoma": (OneOf("status", (1,)), ("thickness", "age", "ulcer")),
}  # fmt: skip
COUNTED = {
    "birthwt": ("ftv", ("age", "lwt")), "seizures": ("y", ("trt",)), "breaks": ("breaks", ("tension",)),
    "pima": ("npreg", ("age", "bmi")), "infert": ("spontaneous", ("age", "induced")),
    "bladder": ("recurrences", ("months",)), "airquality": ("Solar.R", ("Wind", "Temp")),
    "absence": ("days", ("sex", "age")),
}  # fmt: skip


def check_ratios(found, robust, expected):
    assert rows(found, "adjusted", INTERVAL) == intervals(expected["model"], ratios=True)
    assert [p for (p,) in rows(found, "adjusted", ("p.value",))] == near(listed(expected["p"]), absolute=1e-30)
    assert rows(found, "model_test", ("statistic", "parameter", "p.value")) == [near(expected["test"], absolute=1e-30)]
    assert rows(robust, "adjusted", INTERVAL) == intervals(expected["robust"], ratios=True)


@cases("logistic")
def test_logistic_models_are_those_of_rs_glm(name):
    found, robust = (fit(name, *LOGISTIC[name], "logistic", errors=errors) for errors in ("", "robust"))

    check_ratios(found, robust, R["logistic"][name])
    assert [each for (each,) in rows(found, "vif", ("estimate",))] == near(R["logistic"][name]["vif"])


@cases("poisson")
def test_poissons_models_are_those_of_rs_glm(name):
    found, robust = (fit(name, *COUNTED[name], "poisson", errors=errors) for errors in ("model", "robust"))

    check_ratios(found, robust, R["poisson"][name])


@cases("spread")
def test_negative_binomial_models_are_those_of_rs_glm_nb(name):
    expected = R["spread"][name]

    found = fit(name, *COUNTED[name], "negative_binomial")

    assert rows(found, "adjusted", INTERVAL) == intervals(expected, ratios=True)
    assert rows(found, "shape", ("estimate",)) == [[near(expected["theta"])]]


ORDERED = {"infert": ("spontaneous", ("age", "induced")), "birthwt": ("race", ("age", "lwt"))}
ORDERED |= {"lung": ("ph.ecog", ("age", "time")), "cars": ("gear", ("mpg", "qsec"))}
ORDERED |= {"airquality": ("Month", ("Temp", "Wind"))}


@cases("ordered")
def test_ordinal_models_are_those_of_rs_polr(name):
    found = fit(name, *ORDERED[name], "ordinal")

    slack = 1e-7  # R's errors are of differences of its likelihood's slope
    assert rows(found, "adjusted", INTERVAL) == intervals(R["ordered"][name], slack, ratios=True)


ALIASED = {  # the plan, and how the last of its terms is told by others
    "birthwt": (Regress(C, "bwt", ("smoke", "lwt", "copy", "age"), "linear"), 2 * pl.col("lwt") + 1),
    "pima": (Regress(C, OneOf("type", (1,)), ("glu", "age", "copy"), "logistic"), pl.col("glu") - pl.col("age")),
    "cars": (Regress(C, "mpg", ("wt", "hp", "copy"), "linear"), 3 - pl.col("hp")),
    "lung": (Hazard(C, "time", OneOf("status", (2,)), ("age", "sex", "copy")), 5 * pl.col("age")),
    "infert": (
        Regress(C, "spontaneous", ("induced", "age", "copy"), "poisson", errors="model"),
        pl.col("induced") + 2 * pl.col("age"),
    ),
    "chick": (Regress(C, "v20", ("v0", "Diet", "copy"), "linear"), (pl.col("Diet") > 2).cast(pl.Int64)),
}


@cases("aliased")
def test_terms_that_others_tell_are_left_out_as_in_r(name):
    plan, copy = ALIASED[name]
    groups = ["Diet", "copy"] if name == "chick" else WORDS.get(name, ())

    found = ask(name, plan, groups, frame=read(name).with_columns(copy=copy))

    estimates = rows(found, "adjusted", INTERVAL)
    ratios = getattr(plan, "family", "") != "linear"
    assert [each for each in estimates if each[0] is not None] == intervals(R["aliased"][name], ratios=ratios)
    assert rows(found, "adjusted", INTERVAL, variable="copy") == [[None] * 3]
    said = {each.warning for each in found.statistics if (each.context, each.variable) == ("adjusted", "copy")}
    assert said == {"it cannot be told apart from the other terms"}


CURVES = {  # time, event, groups, strata, times that are asked for
    "lung": ("time", OneOf("status", (2,)), "sex", (), (180, 365)),
    "veteran": ("time", OneOf("status", (1,)), "celltype", (), (50, 100)),
    "ovarian": ("futime", OneOf("fustat", (1,)), "rx", (), (400, 600)),
    "leukemia": ("time", OneOf("status", (1,)), "x", (), (10, 25)),
    "mgus2": ("futime", OneOf("death", (1,)), "sex", (), (60, 120)),
    "melanoma": ("time", OneOf("status", (1,)), "sex", ("ulcer",), (1000, 2000)),
    "arms": ("time", OneOf("status", (1,)), "trt", ("celltype",), (50, 100)),
    "liver": ("time", OneOf("ended", (1,)), "sex", (), (1000, 2000)),
}


@cases("curves")
def test_curves_their_tests_and_mean_times_are_rs(name):
    (time, event, by, strata, at), expected = CURVES[name], R["curves"][name]
    data = "veteran" if name == "arms" else name
    groups = [*WORDS.get(data, ()), by, *strata]

    found = ask(data, Survive(C, time, event, (by,), strata, at), groups)
    followed = ask(data, FollowUp(C, time, event, (by,)), groups)

    assert rows(found, "survival", INTERVAL) == [near(each["median"]) for each in expected["groups"]]
    assert rows(followed, "follow_up", INTERVAL) == [near(each["followed"]) for each in expected["groups"]]
    curves = rows(found, "survival_at", ("n.risk", *INTERVAL))
    wanted = [each["at"] for each in expected["groups"]]
    assert [[*one, *other] for one, other in zip(curves[::2], curves[1::2], strict=True)] == [
        near([each[place] for place in (0, 2, 4, 6, 1, 3, 5, 7)]) for each in wanted
    ]
    assert rows(found, "log_rank", ("statistic", "parameter", "p.value")) == [near(expected["rank"])]
    assert rows(found, "hazard_ratio", INTERVAL) == [
        near(list(each)) for each in zip(*map(listed, expected["hazard"].values()), strict=True)
    ]
    assert rows(found, "proportional_hazards", ("statistic", "parameter", "p.value")) == [near(expected["zph"], 1e-7)]


@pytest.mark.parametrize("name", [name for name, each in R["curves"].items() if each["difference"]])
def test_restricted_mean_times_and_their_difference_are_those_of_rs_curves(name):
    (time, event, by, strata, at), expected = CURVES[name], R["curves"][name]
    data = "veteran" if name == "arms" else name

    found = ask(data, Survive(C, time, event, (by,), strata, at), [*WORDS.get(data, ()), by, *strata])

    means = [each["mean"] for each in expected["groups"]]
    z = 1.959963984540054
    assert rows(found, "restricted_mean", INTERVAL) == [near([m, m - z * se, m + z * se]) for m, se in means]
    assert rows(found, "restricted_mean_difference", (*INTERVAL, "statistic", "p.value")) == [
        near(expected["difference"])
    ]


COX = {  # time, event, terms, strata
    "lung": ("time", OneOf("status", (2,)), ("age", "sex"), ()),
    "veteran": ("time", OneOf("status", (1,)), ("karno", "age", "trt"), ()),
    "ovarian": ("futime", OneOf("fustat", (1,)), ("age", "resid.ds"), ()),
    "mgus2": ("futime", OneOf("death", (1,)), ("age",), ()),
    "melanoma": ("time", OneOf("status", (1,)), ("thickness", "age"), ("ulcer",)),
    "leukemia": ("time", OneOf("status", (1,)), ("x",), ()),
}


@cases("cox")
def test_coxs_models_are_those_of_rs_coxph(name):
    (time, event, terms, strata), expected = COX[name], R["cox"][name]

    found, robust = (
        ask(name, Hazard(C, time, event, terms, strata, errors=errors), [*WORDS.get(name, ()), *strata])
        for errors in ("", "robust")
    )

    assert rows(found, "model", ("N", "n")) == [expected["n"]]
    assert rows(found, "adjusted", INTERVAL) == intervals(expected["model"], ratios=True)
    assert rows(robust, "adjusted", INTERVAL) == intervals(expected["robust"], ratios=True)
    assert rows(found, "model_test", ("statistic", "parameter", "p.value")) == [near(expected["test"], absolute=1e-30)]
    checks = [each for (each,) in rows(found, "proportional_hazards", ("statistic",))]
    assert checks == near(expected["zph"] if len(terms) > 1 else [expected["zph"][-1]] * len(checks), 1e-7)


COMPETING = {"mgus2": ("etime", "sex"), "melanoma": ("time", "sex"), "colon": ("etime", "rx")}
COMPETING |= {"mgus": ("etime", "sex"), "liver": ("time", "sex")}


@cases("competing")
def test_fine_and_grays_models_are_those_of_rs_crr(name):
    time, by = COMPETING[name]

    found = ask(name, Hazard(C, time, OneOf("ended", (1,)), (by,), competing=(OneOf("ended", (2,)),)), [by])

    slack = 1e-7  # crr stops at its gradient
    assert rows(found, "adjusted", INTERVAL) == intervals(R["competing"][name], slack, ratios=True)


def test_a_mixed_model_of_every_visit_is_that_of_rs_variance_by_persons():
    frame = read("mixed_loblolly.csv")
    columns = {"id": Column(role="patient", kind="identifier"), "visit": Column(kind="categorical")}
    meaning = Dictionary(tables={"t": {**columns, "y": Column(kind="numeric")}})

    found = run(Mixed(C, "y", "visit"), frame.lazy(), meaning)

    assert [each for (each,) in rows(found, "mixed_mean", ("estimate",))] == near(R["pines"]["means"])
    (visits,) = rows(found, "mixed_visits", ("statistic", "parameter", "parameter2", "p.value"))
    assert visits == near(R["pines"]["visits"], 1e-6, 1e-100)
    assert [each for (each,) in rows(found, "mixed_sd", ("estimate",))] == near(R["pines"]["sd"])


def test_one_event_has_rs_curve_and_log_rank_test():
    frame = pl.DataFrame({"t": [2, 3, 5, 7, 8, 9], "e": [0, 0, 1, 0, 0, 0], "g": [1, 2, 1, 2, 1, 2]})
    event, expected = OneOf("e", (1,)), R["small"]["one_event"]

    whole = ask("", Survive(C, "t", event, at=(4, 6)), ["e", "g"], frame=frame)
    arms = ask("", Survive(C, "t", event, ("g",)), ["e", "g"], frame=frame)

    before, after = rows(whole, "survival_at", INTERVAL)
    assert before == [1.0, None, None]
    assert after == near([expected["at"][place] for place in (1, 3, 5)])
    assert rows(arms, "log_rank", ("statistic",)) == [[near(expected["rank"])]]


def test_a_group_without_the_event_and_an_empty_level_are_tested_as_by_r():
    frame = pl.DataFrame({"g": ["a"] * 9 + ["b"] * 10, "e": [0] * 9 + [1] * 4 + [0] * 6})
    known = pl.DataFrame({"g": ["a"] * 14 + ["b"] * 11, "e": [1] * 5 + [0] * 9 + [1] * 8 + [0] * 3})

    none = ask("", Compare(C, OneOf("e", (1,)), "g"), ["g"], frame=frame)
    empty = ask("", Compare(C, "e", "g"), ["e", "g"], frame=known)

    assert rows(none, "fisher", ("p.value",)) == [[near(R["small"]["no_event"]["fisher"])]]
    assert rows(none, "risk_ratio", ("estimate",)) == [[None]]
    assert rows(none, "odds_ratio", ("estimate",)) == [[None]]
    assert rows(empty, "chi_squared", ("statistic", "parameter", "p.value")) == [near(R["small"]["empty_level"])]


@pytest.mark.parametrize("case", R["small"]["poisson"])
def test_rates_of_few_events_have_rs_exact_interval(case):
    n, time, low, high = case
    frame = pl.DataFrame({"e": [1] * int(n) + [0], "t": [time / (n + 1)] * (int(n) + 1)})

    found = ask("", Rate(C, OneOf("e", (1,)), "t", per=1), ["e"], frame=frame)

    assert rows(found, "rate", INTERVAL) == [near([n / time, low, high], absolute=1e-20)]
