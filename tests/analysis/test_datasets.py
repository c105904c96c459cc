"""The newer kinds of plan agree with R on its own real data sets, several of each kind (reference/datasets.R)."""

import json
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.plan import (
    Agree,
    Change,
    Cohort,
    Correlations,
    Diagnose,
    Discriminate,
    Incidence,
    Margin,
    OneOf,
    Rate,
    Repeated,
    Stratified,
    Threshold,
    Trend,
    Visits,
)

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "datasets.json").read_text(encoding="utf-8"))
for kind, found in json.loads((REFERENCE / "further_datasets.json").read_text(encoding="utf-8")).items():
    R[kind] |= found
C = Cohort("d", "t")
BY = ("sex", "trt", "rx", "x", "Diet", "Sex", "Treat", "Species", "smoke", "race", "type", "supp", "ph.ecog", "npreg",
      "ulcer", "celltype", "status", "fustat", "death", "low", "case", "ended")  # fmt: skip
PLANS = {
    "rate": {
        "lung": Rate(C, OneOf("status", (2,)), "time", ("sex",)),
        "veteran": Rate(C, OneOf("status", (1,)), "time", ("trt",)),
        "ovarian": Rate(C, OneOf("fustat", (1,)), "futime", ("rx",)),
        "mgus2": Rate(C, OneOf("death", (1,)), "futime", ("sex",)),
        "leukemia": Rate(C, OneOf("status", (1,)), "time", ("x",)),
    },
    "diagnose": {
        "pima": Diagnose(C, Threshold("glu", ">=", 140), OneOf("type", (1,))),
        "birthwt": Diagnose(C, Threshold("lwt", "<", 110), OneOf("low", (1,))),
        "lung": Diagnose(C, Threshold("ph.ecog", ">=", 2), OneOf("status", (2,))),
        "veteran": Diagnose(C, Threshold("karno", "<=", 50), OneOf("status", (1,))),
        "infert": Diagnose(C, Threshold("spontaneous", ">=", 1), OneOf("case", (1,))),
    },
    "discriminate": {
        "pima": Discriminate(C, "glu", OneOf("type", (1,))),
        "birthwt": Discriminate(C, "lwt", OneOf("low", (1,))),
        "lung": Discriminate(C, "age", OneOf("status", (2,))),
        "veteran": Discriminate(C, "karno", OneOf("status", (1,))),
        "infert": Discriminate(C, "age", OneOf("case", (1,))),
    },
    "agree": {
        "anorexia": Agree(C, "Prewt", "Postwt"),
        "immer": Agree(C, "Y1", "Y2"),
        "iris": Agree(C, "Sepal.Length", "Petal.Length"),
        "airquality": Agree(C, "Temp", "Ozone"),
        "trees": Agree(C, "Girth", "Height"),
    },
    "incidence": {
        name: Incidence(C, time, OneOf("ended", (1,)), OneOf("ended", (2,)), (by,), (at,))
        for name, time, at, by in (
            ("mgus2", "etime", 120.0, "sex"),
            ("melanoma", "time", 2000.0, "sex"),
            ("mgus", "etime", 3000.0, "sex"),
            ("colon", "etime", 1000.0, "rx"),
            ("liver", "time", 2500.0, "sex"),
        )
    },
    "trend": {name: Trend(C, "date", "year", "value") for name in ("deaths", "flights", "carbon", "belts", "nottem")},
    "change": {
        "anorexia": Change(C, "Prewt", "Postwt", "Treat"),
        "chick": Change(C, "v0", "v20", "Diet"),
        "iris": Change(C, "Sepal.Length", "Petal.Length", "Species"),
        "albumin": Change(C, "v1", "v3", "trt"),
        "teeth": Change(C, "v8", "v14", "Sex"),
    },
    "stratified": {
        "birthwt": Stratified(C, OneOf("low", (1,)), "smoke", ("race",)),
        "lung": Stratified(C, OneOf("status", (2,)), "sex", ("ph.ecog",)),
        "melanoma": Stratified(C, OneOf("status", (1,)), "sex", ("ulcer",)),
        "veteran": Stratified(C, Threshold("time", ">", 100), "trt", ("celltype",)),
        "pima": Stratified(C, Threshold("glu", ">=", 140), "type", ("npreg",)),
    },
    "repeated": {
        "iris": Repeated(C, ("Sepal.Length", "Sepal.Width", "Petal.Length")),
        "teeth": Repeated(C, ("v8", "v10", "v12", "v14")),
        "judges": Repeated(C, ("CONT", "INTG", "DMNR", "DILG")),
        "attitude": Repeated(C, ("rating", "complaints", "privileges")),
        "albumin": Repeated(C, ("v1", "v2", "v3")),
    },
    "visits": {name: Visits(C, "y", "visit") for name in ("orthodont", "pbcseq", "chick", "sleep", "loblolly")},
    "margin": {
        "birthwt": Margin(C, "bwt", "smoke", 300, "equivalence"),
        "pima": Margin(C, "bmi", "type", 3, "equivalence"),
        "lung": Margin(C, "age", "sex", 3, "equivalence"),
        "veteran": Margin(C, "karno", "trt", 5, "equivalence"),
        "growth": Margin(C, "len", "supp", 3, "equivalence"),
    },
    "correlations": {
        "attitude": Correlations(C, ("rating", "complaints", "learning")),
        "iris": Correlations(C, ("Sepal.Length", "Petal.Length", "Petal.Width")),
        "airquality": Correlations(C, ("Ozone", "Wind", "Temp")),
        "cars": Correlations(C, ("mpg", "wt", "qsec")),
        "judges": Correlations(C, ("CONT", "DMNR", "DILG")),
    },
}
CASES = [(kind, name) for kind, plans in PLANS.items() for name in plans]


def answer(kind: str, name: str):
    file = f"mixed_{name}.csv" if kind == "visits" else f"datasets/{name}.csv"
    frame = pl.read_csv(REFERENCE / file, null_values="NA", try_parse_dates=True, infer_schema_length=None)
    columns = {each: Column(kind="numeric") for each in frame.columns}
    columns |= {each: Column(kind="categorical") for each in BY if each in columns}
    if kind in ("diagnose", "discriminate") and name == "lung":
        columns["ph.ecog"] = Column(kind="numeric")
    columns |= {"date": Column(kind="date")} if "date" in columns else {}
    if kind == "visits":
        columns |= {"id": Column(role="patient", kind="identifier"), "visit": Column(kind="categorical")}
    return run(PLANS[kind][name], frame.lazy(), Dictionary(tables={"t": columns}))


def of(result, context, *names):
    return [
        [row.stat for row in result.statistics if (row.context, row.stat_name) == (context, name)] for name in names
    ]


def near(expected, rel=1e-8):
    return pytest.approx(expected, rel=rel, abs=1e-12)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_kind_of_plan_agrees_with_r_on_real_data(kind, name):  # noqa: C901 - one a kind
    result, expected = answer(kind, name), R[kind][name]
    match kind:
        case "rate":
            assert of(result, "rate", "estimate")[0] == near(expected["rates"])
            (low,), (high,), (ratio,) = of(result, "rate_ratio", "conf.low", "conf.high", "estimate")
            ((p,),) = of(result, "poisson_exact", "p.value")
            assert [ratio, low, high, p] == near(expected["ratio"], 1e-6)
        case "diagnose":
            found = {
                level: [
                    row.stat
                    for row in result.statistics
                    if (row.context, row.variable_level) == ("diagnosis", level)
                    and row.stat_name in ("p", "conf.low", "conf.high")
                ]
                for level in ("sensitivity", "specificity", "positive predictive value", "negative predictive value")
            }
            assert list(found.values()) == [near(expected[each]) for each in ("sens", "spec", "ppv", "npv")]
        case "discriminate":
            assert [each[0] for each in of(result, "auc", "estimate", "conf.low", "conf.high")] == near(expected)
        case "agree":
            estimates = {
                row.variable_level: row.stat
                for row in result.statistics
                if (row.context, row.stat_name) == ("bland_altman", "estimate")
            }
            assert list(estimates.values()) == near([expected[each] for each in ("bias", "low", "high")])
            assert of(result, "icc", "estimate")[0] == near([expected["icc"]])
        case "incidence":
            assert of(result, "incidence_at", "estimate")[0] == near(expected["at"])
            assert [each[0] for each in of(result, "gray", "statistic", "p.value")] == near(expected["gray"][:2], 1e-6)
        case "trend":
            assert of(result, "trend", "mean")[0] == near(expected)
        case "change":
            (means,) = of(result, "adjusted_mean", "estimate")
            ((statistic,),) = of(result, "ancova", "statistic")
            assert means == near(expected["means"])
            assert (statistic if len(means) > 2 else statistic**2) == near(expected["f"], 1e-7)
        case "stratified":
            found = [each[0] for each in of(result, "mantel_haenszel", "estimate", "conf.low", "conf.high")]
            assert [*found, of(result, "cmh", "statistic")[0][0]] == near(expected)
        case "repeated" | "visits":
            assert [each[0] for each in of(result, "friedman", "statistic", "parameter", "p.value")] == near(expected)
        case "margin":
            found = [each[0] for each in of(result, "margin_difference", "estimate", "conf90.low", "conf90.high")]
            assert [*found, of(result, "tost", "p.value")[0][0]] == near(expected)
        case "correlations":
            way = "pearson" if of(result, "matrix_pearson", "estimate")[0] else "spearman"
            found = of(result, f"matrix_{way}", "estimate", "p.value", "p.adjusted")
            assert found == [near(expected[way][each], 1e-7) for each in ("r", "p", "holm")]
