"""Robust and clustered errors of Cox's model: R's, of eyes and recurrences of the same persons (robust.R)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.models.cox import fit_cox
from clinical_nb.analysis.models.cox_robust import score_residuals, with_robust_errors
from clinical_nb.analysis.models.risk_sets import order_rows
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Hazard, OneOf

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "robust.json").read_text(encoding="utf-8"))
DIED = OneOf("status", (1,))
C = Cohort("d", "t")


def parts_of(name, covariates, stratum=None):
    rows = pl.read_csv(REFERENCE / f"robust_{name}.csv").sample(fraction=1.0, shuffle=True, seed=3)
    sets = order_rows(
        rows["time"].to_numpy().astype(float),
        rows["status"].to_numpy() == 1,
        np.ones(rows.height, dtype=np.int64),
        rows[stratum].to_numpy() if stratum else None,
    )
    people = np.unique(rows["id"].to_numpy(), return_inverse=True)[1]
    return sets, rows[covariates].to_numpy().astype(float), people


@pytest.mark.parametrize("name", R)
@pytest.mark.parametrize("kind", ["clustered", "robust", "strata"])
def test_errors_are_those_of_r(name, kind):
    expected = R[name][kind]
    covariates = ["treated", "age"] if kind == "strata" else ["treated", "age", "juvenile"]
    sets, columns, people = parts_of(name, covariates, "juvenile" if kind == "strata" else None)
    plain = fit_cox(sets, columns)

    found = with_robust_errors(sets, columns, plain, None if kind == "robust" else people)

    assert (int(sets.counts.sum()), int(sets.event.sum())) == (expected["n"], expected["events"])
    assert plain.coefficients == pytest.approx(expected["coef"], rel=1e-8)
    assert plain.covariance == pytest.approx(np.array(expected["naive"]), rel=1e-8, abs=1e-14)
    assert found.covariance == pytest.approx(np.array(expected["vcov"]), rel=1e-7, abs=1e-12)


def test_the_parts_of_all_rows_add_up_to_the_slope_which_is_none_at_the_highest_likelihood():
    sets, columns, _ = parts_of("tumours", ["treated", "age", "juvenile"])
    fit = fit_cox(sets, columns)

    scores = score_residuals(sets, np.ascontiguousarray(columns[sets.order].T), fit.coefficients)

    assert scores.sum(axis=1) == pytest.approx(0, abs=1e-6)


def eyes() -> tuple[pl.LazyFrame, Dictionary]:
    columns = {name: Column(kind="numeric") for name in ("time", "age")}
    columns |= {name: Column(kind="binary") for name in ("status", "treated", "juvenile")}
    columns["id"] = Column(role="patient", kind="identifier")
    return pl.scan_csv(REFERENCE / "robust_eyes.csv"), Dictionary(tables={"t": columns})


def test_a_plan_with_clustered_errors_uses_all_rows_of_each_person():
    result = run(Hazard(C, "time", DIED, ("treated", "age", "juvenile"), errors="clustered"), *eyes())

    expected = R["eyes"]["clustered"]
    (ratio,) = [
        row.stat
        for row in result.statistics
        if (row.context, row.variable, row.stat_name) == ("adjusted", "treated", "estimate")
    ]
    (low,) = [
        row.stat
        for row in result.statistics
        if (row.context, row.variable, row.stat_name) == ("adjusted", "treated", "conf.low")
    ]
    assert ratio == pytest.approx(np.exp(expected["coef"][0]), rel=1e-8)
    assert low == pytest.approx(
        np.exp(expected["coef"][0] - 1.959963984540054 * expected["vcov"][0][0] ** 0.5), rel=1e-7
    )
    assert [note.facts for note in result.notes if note.kind == "who"] == [
        {"used": 394, "rows": 394, "persons": 197, "identifier": "id"}
    ]
    assert any("Errors are clustered by person" in note.text for note in result.notes)


def test_rows_of_one_person_are_refused_without_clustered_errors():
    with pytest.raises(PlanError, match="several rows a person"):
        run(Hazard(C, "time", DIED, ("treated", "age"), errors="robust"), *eyes())


def test_a_hazard_with_a_competing_event_has_its_own_errors():
    with pytest.raises(PlanError, match="robust errors of its own"):
        Hazard(C, "time", DIED, ("age",), (), (OneOf("status", (2,)),), errors="robust")
