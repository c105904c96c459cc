"""The other kinds of plan agree with R on its own real data sets, five and more of each (reference/further_kinds.R)."""

import sys
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.plan import (
    Agree,
    AllOf,
    Bands,
    Compare,
    Correlate,
    Describe,
    Extremes,
    Measured,
    Missingness,
    OneOf,
    Pair,
    Proportion,
    Rank,
    TableOne,
    Threshold,
)

sys.path.insert(0, str(Path(__file__).parent))

from by_r import INTERVAL, C, R, ask, cases, intervals, near, read, rows

T_TEST = (*INTERVAL, "statistic", "parameter", "p.value")
SUMMARY = ("N", "N_miss", "mean", "sd", "conf.low", "conf.high", "median", "p25", "p75", "min", "max", "skewness")
SHARE = ("n", "N", "conf.low", "conf.high", "exact.low", "exact.high")
STOPS = 5e-4  # R looks for the root of a Wilcoxon interval to 1e-4, on a scale of its own


DESCRIBED = {"birthwt": "bwt", "pima": "glu", "airquality": "Ozone", "lung": "age", "iris": "Petal.Length"}
DESCRIBED |= {"mgus2": "futime"}


@cases("described")
def test_a_column_is_described_as_r_does(name):
    column, expected = DESCRIBED[name], R["described"][name]
    named = ("mode", "standard_error", "variance", "geometric_mean")
    groups = [each for each, dtype in read(name).schema.items() if not dtype.is_numeric()]

    (summary,) = rows(ask(name, Describe(C, column), groups), "continuous", SUMMARY)
    measured = ask(name, Measured(C, column, named, (5, 90)), groups)
    extreme = rows(ask(name, Extremes(C, column, "highest", 3), groups), "extreme", ("value", "n"))

    mode, *values = (each[0] for each in rows(measured, "measured", ("value",)))
    assert summary == near(expected["continuous"])
    geometric = expected["geometric"] if expected["geometric"] is None else near(expected["geometric"])
    assert values == [
        near(expected["error"]),
        near(expected["variance"]),
        geometric,
        *map(near, expected["percentiles"]),
    ]
    assert mode == (expected["mode"] if expected["modes"] == 1 else None)
    assert extreme == [list(each) for each in zip(expected["highest"], expected["times"], strict=True)]


SHARES = {"birthwt": OneOf("low", (1,)), "pima": OneOf("type", (1,)), "lung": OneOf("status", (2,))}
SHARES |= {"melanoma": OneOf("ulcer", (1,)), "infert": OneOf("case", (1,)), "ovarian": OneOf("fustat", (1,))}


@cases("share")
def test_a_share_has_rs_intervals(name):
    result = ask(name, Proportion(C, SHARES[name]), ["education"] if name == "infert" else ())

    (found,) = rows(result, "proportion", SHARE)
    assert found == near(R["share"][name])


@pytest.mark.parametrize("case", R["small"]["shares"])
def test_few_and_many_rows_and_none_or_all_with_the_event_have_rs_intervals(case):
    n, of = map(int, case[:2])
    frame = pl.select(event=pl.int_range(of) < n).cast(pl.Int8)

    result = ask("", Proportion(C, OneOf("event", (1,))), ["event"], frame=frame)

    (found,) = rows(result, "proportion", SHARE)
    assert found == near(case)


TWO = {"birthwt": ("bwt", "smoke"), "pima": ("bmi", "type"), "lung": ("age", "sex"), "veteran": ("karno", "trt")}
TWO |= {"growth": ("len", "supp"), "ovarian": ("age", "rx"), "leukemia": ("time", "x")}


def check_two(found, student, expected):
    assert rows(found, "t_test_welch", T_TEST) == [near(expected["welch"])]
    assert rows(student, "t_test_student", T_TEST) == [near(expected["student"])]
    assert rows(found, "wilcoxon", ("superiority", "statistic", "p.value")) == [near(expected["wilcoxon"])]
    for context, key in (("cohens_d", "d"), ("hedges_g", "g"), ("rank_biserial", "r")):
        assert rows(found, context, INTERVAL) == [near(expected[key])]
    ((shift, *limits),) = rows(found, "hodges_lehmann", INTERVAL)
    assert shift == near(expected["median"])
    assert limits == (near(expected["shift"]) if expected["exact"] else pytest.approx(expected["shift"], abs=STOPS))


@cases("two")
def test_two_groups_are_compared_as_r_does(name):
    column, by = TWO[name]
    groups = [by, *(["celltype"] if name == "veteran" else [])]

    found, student = (ask(name, Compare(C, column, by, test), groups) for test in ("", "t_test_student"))

    check_two(found, student, R["two"][name])


@pytest.mark.parametrize(
    ("name", "other", "one"), [("two_of_each", [3, 7], [1, 4.5]), ("ties", [1, 1, 1, 2, 2, 9], [1, 1, 2, 2, 2, 2])]
)
def test_few_and_tied_values_are_compared_as_r_does(name, other, one):
    frame = pl.DataFrame({"x": [*map(float, one + other)], "g": [1] * len(one) + [2] * len(other)})

    found, student = (ask("", Compare(C, "x", "g", test), ["g"], frame=frame) for test in ("", "t_test_student"))

    check_two(found, student, R["small"][name])


MANY = {"birthwt": ("bwt", "race"), "airquality": ("Ozone", "Month"), "iris": ("Sepal.Length", "Species")}
MANY |= {"veteran": ("time", "celltype"), "chick": ("v20", "Diet"), "growth": ("len", "dose")}


@cases("many")
def test_several_groups_and_their_pairs_are_compared_as_r_does(name):
    (column, by), expected = MANY[name], R["many"][name]
    groups = [by, *(["supp"] if name == "growth" else [])]

    anova = ask(name, Compare(C, column, by, "anova", "tukey"), groups)
    welch = ask(name, Compare(C, column, by, "anova_welch", "holm"), groups)
    ranks = ask(name, Compare(C, column, by, "kruskal_wallis", "holm"), groups)

    f_test = ("statistic", "parameter", "parameter2", "p.value")
    assert rows(anova, "anova", f_test) == [near(expected["anova"])]
    assert rows(welch, "anova_welch", f_test) == [near(expected["welch"])]
    assert rows(ranks, "kruskal_wallis", ("statistic", "parameter", "p.value")) == [near(expected["kruskal"])]
    assert rows(anova, "eta_squared", ("estimate",)) == [[near(expected["eta"])]]
    assert rows(anova, "epsilon_squared", ("estimate",)) == [[near(expected["epsilon"])]]
    assert rows(anova, "tukey", INTERVAL) == intervals(expected["tukey"])
    assert [p for (p,) in rows(anova, "tukey", ("p.adjusted",))] == pytest.approx(expected["tukey"]["p"], abs=1e-9)
    for result, context, key in ((welch, "pairwise_t_test_welch", "t"), (ranks, "pairwise_wilcoxon", "ranks")):
        found = rows(result, context, ("p.value", "p.adjusted"))
        assert list(zip(*found, strict=True)) == [near(tuple(expected[key])), near(tuple(expected[f"{key}_holm"]))]


TABLES = {
    "birthwt": (OneOf("low", (1,)), "smoke"), "veteran": (OneOf("prior", (10,)), "celltype"),
    "lung": (OneOf("status", (2,)), "sex"), "mgus2": (OneOf("death", (1,)), "sex"),
    "melanoma": (OneOf("ulcer", (1,)), "sex"), "ovarian": (OneOf("fustat", (1,)), "rx"),
    "infert": (OneOf("case", (1,)), "spontaneous"), "race": (OneOf("low", (1,)), "race"),
    "cars": (OneOf("am", (1,)), "gear"),
}  # fmt: skip


@cases("tables")
def test_an_event_is_compared_between_groups_as_r_does(name):
    (event, by), expected, data = TABLES[name], R["tables"][name], "birthwt" if name == "race" else name
    words = {"infert": ["education"], "veteran": ["celltype"], "mgus2": ["sex"]}.get(name, [])

    result = ask(data, Compare(C, event, by), [*words, by])

    test = "fisher" if expected["small"] else "chi_squared"
    if expected["small"]:
        assert rows(result, test, ("p.value",)) == [[near(expected["fisher"])]]
    else:
        assert rows(result, test, ("statistic", "parameter", "p.value")) == [near(expected["chi"])]
    if expected["effects"]:
        for context, key in (("risk_difference", "rd"), ("risk_ratio", "rr"), ("odds_ratio", "or")):
            assert rows(result, context, INTERVAL) == [near(expected["effects"][key])]
        nnt = expected["effects"]["nnt"]
        assert rows(result, "nnt", INTERVAL if nnt else ("estimate",)) == [near(nnt) if nnt else [None]]
    else:
        trend = ask(data, Compare(C, event, by, "cochran_armitage"), words, [by])
        wanted = [expected["trend"][key] for key in ("statistic", "parameter", "p")]
        assert rows(trend, "cochran_armitage", ("statistic", "parameter", "p.value")) == [near(wanted)]
        assert rows(result, "cramers_v", ("estimate",)) == [[near(expected["v"])]]


PAIRED = {"anorexia": ("Prewt", "Postwt"), "immer": ("Y1", "Y2"), "iris": ("Sepal.Width", "Petal.Length")}
PAIRED |= {"teeth": ("v8", "v14"), "chick": ("v0", "v20"), "albumin": ("v1", "v2")}
WORDS = {"anorexia": ["Treat"], "iris": ["Species"], "teeth": ["Subject", "Sex"]}


@cases("paired")
def test_changes_of_the_same_persons_are_tested_as_r_does(name):
    expected = R["paired"][name]

    result = ask(name, Pair(C, *PAIRED[name]), WORDS.get(name, ()))

    assert rows(result, "t_test_paired", T_TEST) == [near(expected["t"])]
    ((shift, low, high, statistic, p),) = rows(result, "signed_rank", (*INTERVAL, "statistic", "p.value"))
    assert [statistic, p] == near(expected["v"])
    assert shift == near(expected["median"], absolute=1e-9)
    assert [low, high] == pytest.approx(expected["interval"], abs=1e-8 if expected["exact"] else STOPS)


ABOVE = {"anorexia": ("Prewt", 83, "Postwt", 83), "immer": ("Y1", 100, "Y2", 100)}
ABOVE |= {
    "iris": ("Sepal.Length", 6, "Petal.Length", 3),
    "teeth": ("v8", 22, "v10", 23),
    "albumin": ("v1", 3.5, "v2", 3.5),
}


@cases("discordant")
def test_events_of_the_same_persons_are_tested_as_r_does(name):
    (one, low, other, high), expected = ABOVE[name], R["discordant"][name]

    result = ask(name, Pair(C, Threshold(one, ">", low), Threshold(other, ">", high)), WORDS.get(name, ()))

    assert [n for (n,) in rows(result, "paired_table", ("n",))] == expected["n"]
    assert rows(result, "mcnemar", ("statistic", "p.value")) == [near(expected["test"])]
    assert rows(result, "mcnemar_exact", ("p.value",)) == [[near(expected["exact"])]]


TOGETHER = {"airquality": ("Ozone", "Temp"), "trees": ("Girth", "Height"), "cars": ("mpg", "wt")}
TOGETHER |= {"pima": ("glu", "bmi"), "attitude": ("rating", "complaints"), "birthwt": ("lwt", "bwt")}


@cases("together")
def test_two_columns_are_correlated_as_r_does(name):
    result, expected = ask(name, Correlate(C, *TOGETHER[name])), R["together"][name]

    assert rows(result, "pearson", T_TEST) == [near(expected["pearson"])]
    for context in ("spearman", "kendall"):
        assert rows(result, context, (*INTERVAL, "statistic", "p.value")) == [near(expected[context])]


KAPPA = {"infert": ("induced", "spontaneous"), "cars": ("vs", "am"), "birthwt": ("smoke", "ui")}
KAPPA |= {"low": ("ht", "low"), "melanoma": ("ulcer", "sex")}


@cases("kappa")
def test_two_readings_agree_as_by_the_published_formula(name):
    data, words = "birthwt" if name == "low" else name, ["education"] if name == "infert" else []

    result = ask(data, Agree(C, *KAPPA[name]), words, KAPPA[name])

    assert rows(result, "kappa", INTERVAL) == [near(R["kappa"][name])]


BALANCED = {"birthwt": ("smoke", ("age", "lwt", "race", "ht")), "pima": ("type", ("glu", "bmi", "npreg"))}
BALANCED |= {"lung": ("sex", ("age", "time", "ph.ecog")), "melanoma": ("sex", ("age", "thickness", "ulcer"))}
BALANCED |= {"veteran": ("trt", ("age", "karno", "celltype", "prior"))}


@cases("balance")
def test_how_far_arms_lie_apart_is_that_of_the_published_formulas(name):
    by, columns = BALANCED[name]

    result = ask(name, TableOne(C, columns, (by,)), [by, *columns[2:], *(["celltype"] if name == "veteran" else [])])

    assert [each for (each,) in rows(result, "smd", ("estimate",))] == near(R["balance"][name])


ABSENT = {"airquality": ("Month", ("Ozone", "Solar.R", "Wind")), "lung": ("sex", ("ph.ecog", "age"))}
ABSENT |= {"albumin": ("trt", ("v1", "v2", "v3")), "leukemia": ("x", ("time",)), "birthwt": ("smoke", ("bwt",))}


@cases("absent")
def test_missing_values_are_counted_and_tested_as_r_does(name):
    by, columns = ABSENT[name]

    result = ask(name, Missingness(C, columns, (by,)), [by])

    for column, expected in zip(columns, R["absent"][name], strict=True):
        n, p = expected["n"], expected["p"]
        assert rows(result, "missing", ("n",), variable=column, group1=None) == [[n]]
        tests = [each for way in ("chi_squared", "fisher") for each in rows(result, way, ("p.value",), variable=column)]
        assert tests == [[p if p is None else near(p)]]


FREQUENT = {"birthwt": "race", "veteran": "celltype", "infert": "education", "iris": "Species", "hair": "Hair"}
FREQUENT |= {"housing": "Type"}


@cases("frequent")
def test_the_most_frequent_levels_are_those_of_rs_table(name):
    words = [each for each, dtype in read(name).schema.items() if not dtype.is_numeric()]

    result = ask(name, Rank(C, FREQUENT[name], 2), {*words, FREQUENT[name]})

    found = [each.variable_level for each in result.statistics if (each.context, each.stat_name) == ("rank", "n")]
    counts = [n for (n,) in rows(result, "rank", ("n",))]
    tied = sum(n >= R["frequent"][name]["n"][1] for n in R["frequent"][name]["n"])
    assert (found, counts) == (R["frequent"][name]["levels"][:tied], R["frequent"][name]["n"][:tied])


BANDED = {"birthwt": ("age", 20, 30), "pima": ("bmi", 25, 30), "lung": ("age", 50, 65), "airquality": ("Temp", 70, 85)}
BANDED |= {"melanoma": ("thickness", 1, 4)}


@cases("banded")
def test_bands_hold_as_many_as_rs_cut(name):
    column, low, high = BANDED[name]
    middle = AllOf((Threshold(column, ">=", low), Threshold(column, "<", high)))

    result = ask(name, Bands(C, column, (Threshold(column, "<", low), middle, Threshold(column, ">=", high))))

    assert [n for (n,) in rows(result, "bands", ("n",))] == R["banded"][name]
