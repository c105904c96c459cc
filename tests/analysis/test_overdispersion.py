"""Counts that vary more than Poisson's model supposes: what is reported of them, by R's numbers."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import Cohort, Rate, Regress

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "models.json").read_text(encoding="utf-8"))
RATES = json.loads((REFERENCE / "dispersion.json").read_text(encoding="utf-8"))
COUNTED = {
    "ships": ("incidents", "service", "period"),
    "breaks": ("breaks", "loom", "tension"),
    "absence": ("days", "year", "age"),
    "seizures": ("y", "weeks", "trt"),
    "bladder": ("recurrences", "months", "treatment"),
}
C = Cohort("d", "t")


def ask(table, outcome, terms, **asked):
    return table.run(Regress(C, outcome, terms, "poisson", **asked))


def estimates(result):
    """The estimates and bounds of a model in the order of its columns."""
    names = ("estimate", "conf.low", "conf.high")
    found = [
        [each.stat for each in result.statistics if (each.context, each.stat_name) == ("adjusted", name)]
        for name in names
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*found, strict=True)]


def agrees(result, expected):
    for name, stat in {"estimate": "estimate", "low": "conf.low", "high": "conf.high"}.items():
        assert [each[stat] for each in estimates(result)] == pytest.approx(
            list(map(math.exp, [expected[name]] if isinstance(expected[name], float) else expected[name])), rel=1e-8
        )


def test_counts_that_vary_too_much_for_poissons_model_have_a_negative_binomial_one(pbc_table, notes, numbers):
    result = ask(pbc_table, "platelet", ("trt", "age", "sex"))

    agrees(result, R["nb"])
    assert numbers(result, "shape")["estimate"] == pytest.approx(R["nb"]["theta"], rel=1e-8)
    assert numbers(result, "dispersion")["estimate"] > 1.5
    assert notes(result, "test")[0].startswith("A negative binomial model, because the counts vary ")
    poisson, robust = notes(result, "alternative")[:2]
    assert poisson.startswith("Poisson's own errors would give a rate ratio of ")
    assert robust.startswith("Poisson's model with robust errors finds a rate ratio of ")


def test_poissons_model_is_kept_with_robust_errors_or_by_name(pbc_table, notes):
    robust = ask(pbc_table, "platelet", ("trt", "age"), errors="robust")
    own = ask(pbc_table, "platelet", ("trt", "age"), errors="model")

    agrees(robust, R["robust_poisson"])
    assert "times as much as Poisson's model supposes, which these errors allow for." in notes(robust, "assumption")[-1]
    assert estimates(own)[0]["estimate"] == pytest.approx(estimates(robust)[0]["estimate"], rel=1e-12)
    assert "They are given as asked for" in notes(own, "caution")[0]
    wide, narrow = (each["conf.high"] - each["conf.low"] for each in (estimates(robust)[0], estimates(own)[0]))
    assert wide > 3 * narrow


def test_where_no_negative_binomial_model_can_be_fitted_errors_are_robust(make_table, notes):
    x = [
        each / 10 for each in (16, 7, -26, 18, 9, -11, 12, 7, 6, 1, 11, -15, -3, -10, 12, 1, -6, -16, -5, 0, -6, 26, 20)
    ]
    n = [87, 20, 3, 112, 28, 1, 42, 22, 18, 8, 38, 1, 5, 2, 45, 8, 3, 1, 3, 8, 3, 359, 151]  # one too high for its x
    table = make_table(pl.DataFrame({"n": n, "x": x}), {"n": Column(kind="numeric"), "x": Column(kind="numeric")})

    result, robust = (ask(table, "n", ("x",), errors=errors) for errors in ("", "robust"))

    assert estimates(result) == estimates(robust)
    assert "a negative binomial model cannot be fitted" in notes(result, "test")[0]
    assert "as asked for" not in " ".join(notes(result, "test"))


def rates_of(make_table, name):
    event, time, by = COUNTED[name]
    frame = pl.read_csv(REFERENCE / "datasets" / f"{name}.csv", schema_overrides={by: pl.String})
    columns = {each: Column(kind="numeric") for each in frame.columns} | {by: Column(kind="categorical")}
    return make_table(frame, columns).run(Rate(C, event, time, (by,), 1.0))


def of(result, context, *names):
    rows = ([each.stat for each in result.statistics if (each.context, each.stat_name) == (context, n)] for n in names)
    return [list(each) for each in zip(*rows, strict=True)]


@pytest.mark.parametrize("name", COUNTED)
def test_rates_of_events_in_clusters_have_rs_robust_errors(make_table, numbers, notes, name):
    result, expected = rates_of(make_table, name), RATES[name]

    bounds = ("estimate", "conf.low", "conf.high")
    assert numbers(result, "dispersion")["estimate"] == pytest.approx(expected["dispersion"], rel=1e-8)
    assert of(result, "rate", *bounds) == [pytest.approx(each, rel=1e-8) for each in expected["rates"]]
    assert of(result, "rate_ratio", *bounds) == [pytest.approx(each[:3], rel=1e-8) for each in expected["ratios"]]
    assert numbers(result, "robust_rates")["p.value"] == pytest.approx(expected["p"], rel=1e-7)
    assert "times as much as Poisson's law supposes" in " ".join(notes(result, "assumption"))
    if "negative_binomial" not in expected:
        assert of(result, "rate_ratio", "p.value") == [
            [pytest.approx(each[3], rel=1e-7)] for each in expected["ratios"]
        ]
        return
    (told,) = (each.facts for each in result.notes if each.text.startswith("A negative binomial model finds"))
    assert [told["ratio"], told["p"]] == pytest.approx(expected["negative_binomial"], rel=1e-7)


def test_events_that_come_singly_keep_the_exact_intervals(make_table, notes):
    frame = pl.DataFrame({"falls": [0, 1, 0, 2, 1, 0, 1, 0], "years": [1.0] * 8, "arm": list("aabbaabb")})
    columns = {"falls": Column(kind="numeric"), "years": Column(kind="numeric"), "arm": Column(kind="categorical")}

    result = make_table(frame, columns).run(Rate(C, "falls", "years", ("arm",)))

    assert [each.context for each in result.statistics if each.stat_name == "p.value"] == ["poisson_exact"]
    assert "Rows vary" in " ".join(notes(result, "caution"))
