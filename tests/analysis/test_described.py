"""What a column looks like is what R counts: bins, the most frequent and the highest values, what is missing together.

And where an outcome is separated, Firth's estimates are R's (reference/described.R).
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.plan import Cohort, Describe, Extremes, Measured, Missingness, OneOf, Regress

R = json.loads((Path(__file__).parent.parent / "reference" / "described.json").read_text(encoding="utf-8"))
C, WOMEN = Cohort("d", "t"), Cohort("d", "t", (OneOf("sex", ("f",)),))
DIED = OneOf("status", (2,))


def bins_of(result, **place):
    rows = result.ard.filter(context="histogram", **place)
    return rows["variable_level"].to_list(), rows["stat"].to_list()


@pytest.mark.parametrize(("column", "edges"), [("age", range(25, 81, 5)), ("bili", range(0, 31, 2))])
def test_a_distribution_has_the_bins_of_its_histogram(pbc_table, column, edges):
    names, counts = bins_of(pbc_table.run(Describe(C, column, (), ("distribution",))))

    assert names == [f"{low} to {high}" for low, high in pairwise(edges)]
    assert counts == R["histogram"][column]


def test_groups_share_their_bins(pbc_table):
    result = pbc_table.run(Describe(C, "age", ("sex",), ("distribution",)))

    assert bins_of(result, group1_level="f")[1] == R["histogram"]["women"]
    assert np.add(*(bins_of(result, group1_level=sex)[1] for sex in "fm")).tolist() == R["histogram"]["age"]


def test_bins_are_counted_where_the_distribution_is_asked_for_and_anyone_has_a_value(pbc_table, make_table):
    nobody = make_table(pbc_table.frame.with_columns(age=pl.lit(None, pl.Float64)), pbc_table.columns)

    assert bins_of(pbc_table.run(Describe(C, "age"))) == ([], [])
    assert bins_of(nobody.run(Describe(C, "age", (), ("distribution",)))) == ([], [])


def test_the_mode_the_geometric_mean_and_the_highest_values_are_those_of_r(pbc_table, numbers):
    result = pbc_table.run(Measured(C, "bili", ("mode", "geometric_mean")))
    highest = pbc_table.run(Extremes(C, "bili", "highest", 5)).ard.filter(context="extreme")

    assert numbers(result, "measured", variable_level="mode")["value"] == R["mode"]
    geometric = numbers(result, "measured", variable_level="geometric_mean")["value"]
    assert geometric == pytest.approx(R["geometric"], rel=1e-12)
    assert highest.filter(stat_name="value")["stat"].to_list() == R["highest"]["value"]
    assert highest.filter(stat_name="n")["stat"].to_list() == R["highest"]["n"]


def test_what_is_missing_together_is_what_r_tabulates(pbc_table):
    result = pbc_table.run(Missingness(C, ("trt", "chol", "platelet")))

    rows = result.ard.filter(context="missing_pattern", stat_name="n")
    assert dict(rows.select("variable_level", "stat").iter_rows()) == R["patterns"]


@pytest.mark.parametrize(("terms", "name"), [(("ascites",), "firth"), (("ascites", "age"), "firth_adjusted")])
def test_under_separation_the_estimates_are_firths_as_r_finds_them(pbc_table, notes, terms, name):
    result = pbc_table.run(Regress(WOMEN, DIED, terms, "logistic"))

    rows = result.ard.filter(context="adjusted", variable="ascites")
    found = [rows.filter(stat_name=each)["stat"][0] for each in ("estimate", "conf.low", "conf.high")]
    log, error = R[name]["coef"][1], R[name]["se"][1]
    expected = [np.exp(log + z * error) for z in (0, -1.959963984540054, 1.959963984540054)]
    assert found == pytest.approx(expected, rel=1e-8)
    assert any(each.startswith("Separation in ") for each in notes(result, "caution"))
