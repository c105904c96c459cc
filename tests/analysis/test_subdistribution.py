"""Fine and Gray's model from counted patterns: R's coefficients and robust errors, and a hazard that has no rival."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.models.cox import fit_cox
from clinical_nb.analysis.models.risk_sets import order_rows
from clinical_nb.analysis.models.subdistribution import fit_subdistribution, sort_rows
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Hazard, OneOf, Threshold, canonical_json

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "subdistribution.json").read_text(encoding="utf-8"))
WITHIN = json.loads((REFERENCE / "strata_of_subdistribution.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
DIED, TRANSPLANT = OneOf("status", (2,)), OneOf("status", (1,))
TIME = np.array([1, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 12, 12], dtype=float)
STATUS = np.array([1, 2, 1, 1, 0, 2, 2, 2, 0, 1, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1])
X = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4], dtype=float)
Z = np.tile([0.0, 1.0], 10)


def as_list(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("name", "status", "columns"), [("toy", STATUS, (X, Z)), ("toy_other", np.where(STATUS, 3 - STATUS, 0), (X,))]
)
def test_ties_agree_with_r(name, status, columns):
    found = fit_subdistribution([sort_rows(TIME, status, np.column_stack(columns), np.ones(20, dtype=np.int64))])

    expected = R[name]
    assert found.coefficients.tolist() == pytest.approx(as_list(expected["coefficients"]), rel=1e-8)
    assert np.sqrt(np.diag(found.covariance)).tolist() == pytest.approx(as_list(expected["errors"]), rel=1e-8)
    assert [found.fitted, found.null] == pytest.approx([expected["likelihood"], expected["null"]], rel=1e-10)


@pytest.mark.parametrize(
    ("name", "terms", "events"),
    [
        ("arm", ("trt",), (DIED, TRANSPLANT)),
        ("adjusted", ("trt", "age", "bili"), (DIED, TRANSPLANT)),
        ("transplant", ("age", "sex"), (TRANSPLANT, DIED)),
    ],
)
def test_a_real_trial_agrees_with_r(pbc_table, numbers, name, terms, events):
    result = pbc_table.run(Hazard(C, "time", events[0], terms, (), events[1:]))

    expected = R[name]
    assert numbers(result, "model")["N"] == expected["n"]
    found = [each for each in result.statistics if each.context == "adjusted" and each.stat_name == "estimate"]
    logs = [np.log(each.stat) for each in found]
    # R's column is the placebo against the drug, and here the placebo is the reference
    turned = [-1 if each.variable == "trt" else 1 for each in found]
    assert [log * sign for log, sign in zip(logs, turned, strict=True)] == pytest.approx(
        as_list(expected["coefficients"]), rel=1e-8
    )
    widths = [
        np.log(numbers(result, "adjusted", variable=each.variable)["conf.high"] / each.stat) / 1.959963984540054
        for each in found
    ]
    assert widths == pytest.approx(as_list(expected["errors"]), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "time", "terms", "strata", "events"),
    [
        ("pbc", "time", ("trt", "age"), "stage", (DIED, TRANSPLANT)),
        ("melanoma", "time", ("thickness", "age"), "sex", (OneOf("ended", (1,)), OneOf("ended", (2,)))),
        ("mgus2", "etime", ("age",), "sex", (OneOf("ended", (1,)), OneOf("ended", (2,)))),
        ("colon", "etime", ("lev", "lev5"), "half", (OneOf("ended", (1,)), OneOf("ended", (2,)))),
    ],
)
def test_strata_have_hazards_of_their_own(pbc_table, make_table, notes, name, time, terms, strata, events):  # noqa: PLR0913, PLR0917 - a case
    table = pbc_table
    if name != "pbc":
        frame = pl.read_csv(REFERENCE / "datasets" / f"{name}.csv", null_values="NA")
        if name == "colon":
            rx = pl.col("rx")
            frame = frame.with_columns(half=pl.col("id") % 2, lev=(rx == "Lev") * 1, lev5=(rx == "Lev+5FU") * 1)
        columns = {each: Column(kind="numeric") for each in frame.columns} | {strata: Column(kind="categorical")}
        table = make_table(frame, columns | {"ended": Column(kind="categorical")})

    result = table.run(Hazard(C, time, events[0], terms, (strata,), events[1:]))

    expected = WITHIN[name]
    found = {
        stat: [np.log(each.stat) for each in result.statistics if (each.context, each.stat_name) == ("adjusted", stat)]
        for stat in ("estimate", "conf.high")
    }
    signs = [-1 if term == "trt" else 1 for term in terms]
    wanted = [sign * each for sign, each in zip(signs, as_list(expected["coefficients"]), strict=True)]
    assert found["estimate"] == pytest.approx(wanted, rel=1e-8)
    reach = [high - at for high, at in zip(found["conf.high"], found["estimate"], strict=True)]
    assert reach == pytest.approx([1.959963984540054 * each for each in as_list(expected["errors"])], rel=1e-8)
    assert notes(result, "test")[0].startswith(f"Fine and Gray's model within the strata of {strata}: ")


def test_a_stratum_twice_says_the_same_with_half_the_variance():
    rows = sort_rows(TIME, STATUS, np.column_stack((X, Z)), np.ones(20, dtype=np.int64))

    one, two = fit_subdistribution([rows]), fit_subdistribution([rows, rows])

    assert two.coefficients == pytest.approx(one.coefficients, rel=1e-9)
    assert two.covariance * 2 == pytest.approx(one.covariance, rel=1e-9)


def test_what_kind_of_hazard_it_is_stands_in_the_notes(pbc_table, notes):
    result = pbc_table.run(Hazard(C, "time", DIED, ("age",), (), (TRANSPLANT,)))

    assert notes(result, "test")[0].startswith("Fine and Gray's model: who has had status = 1 stays at risk")


def test_a_plan_without_a_rival_keeps_the_json_that_it_had():
    assert "competing" not in canonical_json(Hazard(C, "time", DIED, ("age",)))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"competing": (TRANSPLANT, DIED)}, "one competing event at most"),
    ],
)
def test_a_plan_that_cannot_be_fitted_is_none(more, told):
    with pytest.raises(PlanError, match=told):
        Hazard(C, "time", DIED, ("age",), **more)


def test_rows_with_both_events_are_refused(pbc_table):
    with pytest.raises(PlanError, match="161 rows have both"):
        pbc_table.run(Hazard(C, "time", DIED, ("age",), (), (Threshold("status", ">", 0),)))


@given(st.lists(st.tuples(st.integers(1, 10_000), st.booleans(), st.integers(0, 5)), min_size=8, max_size=60))
def test_without_a_competing_event_and_without_ties_it_is_coxs_model(rows):
    rows = list({time: (time, event, x) for time, event, x in rows}.values())
    time, event, x = (np.array(each) for each in zip(*rows, strict=True))
    if event.sum() < 4 or len(set(x.tolist())) < 3:
        return
    ones = np.ones(len(time), dtype=np.int64)
    columns = x[:, None].astype(float)

    cox = fit_cox(order_rows(time.astype(float), event, ones), columns)
    if cox.reason:
        return
    found = fit_subdistribution([sort_rows(time.astype(float), event.astype(np.int64), columns, ones)])

    assert found.coefficients[0] == pytest.approx(cox.coefficients[0], rel=1e-5, abs=1e-6)
    assert found.fitted == pytest.approx(cox.fitted, rel=1e-8)
