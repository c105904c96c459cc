"""Cox models of counted patterns: R's estimates, likelihoods and checks of proportionality (reference/cox.R)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.models.cox import check_proportional, fit_cox
from clinical_nb.analysis.models.risk_sets import order_rows

R = json.loads((Path(__file__).parent.parent / "reference" / "cox.json").read_text(encoding="utf-8"))
MODELS = {
    "bili": ("time", ["bili"], [[0]], None),
    "several": ("time", ["age", "male", "log_bili", "albumin", "edema"], [[0], [1], [2], [3], [4]], None),
    "stages": ("time", ["stage2", "stage3", "stage4", "age"], [[0, 1, 2], [3]], None),
    "tied": ("years", ["trt", "age"], [[0], [1]], None),
    "stratified": ("years", ["age", "albumin"], [[0], [1]], "male"),
}


@pytest.fixture
def patients(pbc):
    frame = pl.read_csv(pbc, null_values="NA")
    stages = [(pl.col("stage") == stage).cast(pl.Float64).alias(f"stage{stage}") for stage in (2, 3, 4)]
    return frame.with_columns(
        *stages,
        death=pl.col("status") == 2,
        years=(pl.col("time") / 365.25).floor(),
        male=(pl.col("sex") == "m").cast(pl.Float64),
        log_bili=pl.col("bili").log(),
    )


def patterns_of(rows, time, covariates, stratum=None):
    needed = [time, "death", *covariates, *([stratum] if stratum else [])]
    counted = rows.select(needed).drop_nulls().group_by(needed).len()
    sets = order_rows(
        counted[time].to_numpy().astype(float),
        counted["death"].to_numpy(),
        counted["len"].to_numpy().astype(np.int64),
        counted[stratum].to_numpy() if stratum else None,
    )
    return sets, counted[covariates].to_numpy().astype(float)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_that_of_r(patients, name):
    time, covariates, terms, stratum = MODELS[name]
    (sets, columns), expected = patterns_of(patients, time, covariates, stratum), R[name]

    fit = fit_cox(sets, columns)

    assert fit.reason is None
    assert (sets.counts.sum(), sets.counts[sets.event].sum()) == (expected["n"], expected["events"])
    assert fit.coefficients == pytest.approx(np.atleast_1d(expected["coef"]), rel=1e-7)
    assert fit.covariance == pytest.approx(np.atleast_2d(expected["vcov"]), rel=1e-6)
    assert (fit.null, fit.fitted) == pytest.approx(expected["loglik"], rel=1e-10)
    checks = check_proportional(sets, columns, fit.coefficients, terms)
    shown = checks if len(terms) > 1 else checks[:1]
    assert [check.statistic for check in shown] == pytest.approx(expected["zph"][: len(shown)], rel=1e-6)
    assert [check.df for check in shown] == expected["zph_df"][: len(shown)]


def test_rows_that_are_counted_give_the_model_of_the_rows_one_by_one(patients):
    coarse = patients.with_columns(pl.col("years") // 2, age=(pl.col("age") / 20).floor())
    counted = patterns_of(coarse, "years", ["age", "trt"])
    rows = coarse.select("years", "death", "age", "trt").drop_nulls()
    sets = order_rows(rows["years"].to_numpy(), rows["death"].to_numpy(), np.ones(rows.height, dtype=np.int64))
    each = (sets, rows[["age", "trt"]].to_numpy().astype(float))

    fits = fit_cox(*counted), fit_cox(*each)

    assert len(counted[0].time) < len(sets.time) / 3
    assert fits[0].coefficients == pytest.approx(fits[1].coefficients, rel=1e-9)
    assert fits[0].covariance == pytest.approx(fits[1].covariance, rel=1e-9)
    checks = [
        check_proportional(*rows, fit.coefficients, [[0], [1]]) for rows, fit in zip((counted, each), fits, strict=True)
    ]
    assert [one.statistic for one in checks[0]] == pytest.approx([one.statistic for one in checks[1]], rel=1e-8)


def test_a_group_without_events_has_no_hazard_ratio(patients):
    rows = patients.with_columns(none=(~pl.col("death") & (pl.col("trt") == 1)).cast(pl.Float64))

    fit = fit_cox(*patterns_of(rows, "time", ["none", "age"]))

    assert fit.reason == "the likelihood goes on rising: some group or value has no event, or all of them"


def test_hazards_that_too_few_times_could_bend_are_not_tested():
    """One time alone has both groups: what R's solve() makes of it is rounding."""
    sets = order_rows(np.array([1.0, 6, 1, 25, 39]), np.array([True] * 5), np.ones(5, dtype=np.int64), None)
    matrix = np.array([[0.0], [0], [1], [0], [0]])

    (checked,) = check_proportional(sets, matrix, fit_cox(sets, matrix).coefficients, [])

    assert (checked.p, checked.reason) == (None, "the events come at too few different times")
