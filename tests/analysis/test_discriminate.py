"""Markers against an event: R's areas, intervals and test, and cut-offs that no other beats."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clinical_nb.analysis.arithmetic.roc import area_of, best_cut_off, compare_areas, directed
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Discriminate, OneOf, Threshold

R = json.loads((Path(__file__).parent.parent / "reference" / "diagnosis.json").read_text(encoding="utf-8"))
DIED = OneOf("status", (2,))
C = Cohort("d", "t")
FEW = {"truth": [0, 0, 0, 1, 1, 1, 0, 1], "marker": [1, 2, 2, 2, 3, 4, 1, 4]}
NUMERIC = {"truth": Column(kind="numeric"), "marker": Column(kind="numeric")}


def is_as(result, name, expected, numbers):
    found = numbers(result, "auc", variable=name)
    assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
        [expected[each] for each in ("auc", "low", "high")], rel=1e-10
    )
    for level in ("sensitivity", "specificity"):
        share = numbers(result, "cut_off_share", variable=name, variable_level=level)
        assert share["p"] == pytest.approx(expected[level], rel=1e-12)


@pytest.mark.parametrize(
    ("marker", "side"), [("bili", "at least"), ("albumin", "at most"), ("copper", "at least"), ("stage", "at least")]
)
def test_a_marker_of_a_real_trial_agrees_with_r_whichever_way_it_points(pbc_table, numbers, marker, side):
    result = pbc_table.run(Discriminate(C, marker, DIED))

    is_as(result, marker, R[marker], numbers)
    cut = numbers(result, "cut_off", variable_level=side)["threshold"]
    # R's threshold lies between this value, which is positive, and the next one
    assert abs(cut - R[marker]["threshold"]) <= 5
    assert (cut > R[marker]["threshold"]) == (side == "at least")


def test_few_rows_with_ties_agree_with_r(make_table, numbers):
    result = make_table(pl.DataFrame(FEW), NUMERIC).run(Discriminate(C, "marker", Threshold("truth", ">", 0)))

    is_as(result, "marker", R["few"], numbers)


@pytest.mark.parametrize("other", ["albumin", "copper"])
def test_two_markers_agree_with_r_on_the_rows_that_have_both(pbc_table, numbers, other):
    result = pbc_table.run(Discriminate(C, "bili", DIED, other))

    expected = R[f"bili_{other}"]
    is_as(result, "bili", expected["one"], numbers)
    is_as(result, other, expected["other"], numbers)
    test = numbers(result, "delong")
    assert [test[each] for each in ("estimate", "conf.low", "conf.high", "statistic", "p.value")] == pytest.approx(
        [expected[each] for each in ("difference", "low", "high", "z", "p")], rel=1e-8
    )


def test_a_marker_that_separates_entirely_has_no_interval(make_table, numbers):
    table = make_table(pl.DataFrame({"truth": [0, 0, 1, 1], "marker": [1, 2, 3, 4]}), NUMERIC)

    result = table.run(Discriminate(C, "marker", Threshold("truth", ">", 0)))

    assert numbers(result, "auc")["estimate"] == 1
    assert "conf.low" not in numbers(result, "auc")
    assert numbers(result, "cut_off")["threshold"] == 3


def test_a_constant_marker_tells_nothing(make_table, numbers):
    table = make_table(pl.DataFrame({"truth": [0, 0, 1, 1], "marker": [2, 2, 2, 2]}), NUMERIC)

    result = table.run(Discriminate(C, "marker", Threshold("truth", ">", 0)))

    assert numbers(result, "cut_off")["threshold"] is None


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Discriminate(C, "sex", DIED), "'sex' holds neither numbers nor levels in an order"),
        (Discriminate(C, "bili", Threshold("age", ">", 200)), "Nobody here with all values known has"),
        (Discriminate(C, "bili", DIED, "bili"), "with itself"),
    ],
)
def test_what_cannot_be_a_marker_is_refused(pbc_table, plan, told):
    with pytest.raises(PlanError, match=told):
        pbc_table.run(plan)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=6, max_size=60))
def test_the_area_is_how_often_a_case_is_above_a_control_and_no_cut_off_beats_the_best(rows):
    values = np.array([value for value, _ in rows], dtype=float)
    case = np.array([is_case for _, is_case in rows])
    if min(case.sum(), (~case).sum()) < 2:
        return
    marker = directed(values, case.astype(np.int64), (~case).astype(np.int64))

    u = stats.mannwhitneyu(values[case], values[~case]).statistic / case.sum() / (~case).sum()
    assert area_of(marker).estimate == pytest.approx(max(u, 1 - u))
    towards = values * marker.sign
    gains = [(towards[case] >= cut).mean() + (towards[~case] < cut).mean() - 1 for cut in np.unique(towards)]
    best = best_cut_off(marker)
    if best is None:
        assert max(gains) <= 1e-12
    else:
        assert best[1] / case.sum() + best[2] / (~case).sum() - 1 == pytest.approx(max(gains))
    assert compare_areas(marker, marker).reason == "the two markers rank all rows alike"
