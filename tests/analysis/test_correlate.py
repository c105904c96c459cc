"""Two columns that go together: R's coefficients, intervals and p, also exact ones, and which comes first."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.arithmetic.correlation import kendall
from clinical_nb.analysis.counted.pairs import Pairs
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Correlate, Known
from clinical_nb.result import Result

R = json.loads((Path(__file__).parent.parent / "reference" / "pairs.json").read_text(encoding="utf-8"))
NUMERIC = {"x": Column(kind="numeric"), "y": Column(kind="numeric")}
FEW = {"x": [3.1, 4.7, 1.2, 8.8, 6.5, 2.9, 7.4], "y": [2.2, 5.1, 1.9, 7.7, 8.3, 4.4, 6.1]}
SOME = {
    "x": [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1, 39.2, 48.3, 55.5],
    "y": [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8, 1.9, 3.3, 2.4],
}
TIED = {"x": [1, 1, 2, 2, 3, 4, 4, 5, 5, 5], "y": [2, 1, 2, 4, 4, 3, 5, 5, 6, 4]}


def correlate(table, one="x", other="y", *where) -> Result:
    return table.run(Correlate(Cohort("d", "t", where), one, other))


def agrees(result, expected, numbers):
    for context in ("pearson", "spearman", "kendall"):
        found, wanted = numbers(result, context), expected[context]
        assert found["estimate"] == pytest.approx(wanted["estimate"], rel=1e-10)
        assert found["statistic"] == pytest.approx(wanted["statistic"], rel=1e-9)
        assert found["p.value"] == pytest.approx(wanted["p"], rel=1e-8)
        assert [found["conf.low"], found["conf.high"]] == pytest.approx(wanted["interval"], rel=1e-9)
    assert numbers(result, "pearson")["parameter"] == expected["pearson"]["df"]


@pytest.mark.parametrize(
    ("values", "name"),
    [(FEW, "few"), ({"x": FEW["x"], "y": [-y for y in FEW["y"]]}, "few_reversed"), (SOME, "some"), (TIED, "tied")],
)
def test_few_rows_agree_with_r_exactly_by_series_or_with_ties(make_table, numbers, values, name):
    result = correlate(make_table(pl.DataFrame(values), NUMERIC))

    agrees(result, R[name], numbers)


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("age", "albumin", "age_albumin"),
        ("bili", "copper", "bili_copper"),
        ("stage", "albumin", "stage_albumin"),
    ],
)
def test_a_real_trial_agrees_with_r(pbc_table, numbers, one, other, name):
    result = correlate(pbc_table, one, other)

    agrees(result, R[name], numbers)
    assert numbers(result, "paired", variable=one)["N"] == R[name]["n"]


@pytest.mark.parametrize(
    ("columns", "headline", "because"),
    [
        (("age", "albumin"), "pearson", "Pearson's correlation, because neither column is clearly skewed"),
        (("age", "bili"), "spearman", "Spearman's rank correlation, because the values of bili are clearly skewed"),
        (("albumin", "stage"), "spearman", "Spearman's rank correlation, because the levels of stage only rank"),
    ],
)
def test_the_headline_follows_what_the_columns_are(pbc_table, notes, columns, headline, because):
    result = correlate(pbc_table, *columns)

    (first, *_) = [each.context for each in result.statistics if each.stat_name == "p.value"]
    assert first == headline
    assert notes(result, "test")[0].startswith(because)


@pytest.mark.parametrize("named", ["pearson", "spearman", "kendall"])
@pytest.mark.parametrize("other", ["albumin", "bili"])
def test_a_coefficient_that_is_named_comes_first_with_the_same_numbers(pbc_table, numbers, notes, other, named):
    chosen = correlate(pbc_table, "age", other)

    asked = pbc_table.run(Correlate(Cohort("d", "t"), "age", other, named))

    (first, *rest) = [each.context for each in asked.statistics if each.stat_name == "p.value"]
    assert (first, len(rest)) == (named, 2)
    assert notes(asked, "test")[0].endswith("because it was asked for.")
    assert numbers(asked, named) == numbers(chosen, named)


def test_missing_values_of_each_column_are_told(pbc_table, numbers, notes):
    result = correlate(pbc_table, "chol", "copper")

    assert [numbers(result, "paired", variable=name)["N_miss"] for name in ("chol", "copper")] == [134, 108]
    assert notes(result, "missing") == ["134 have no known chol.", "108 have no known copper."]


def test_the_figure_counts_every_pair_once_in_at_most_20_by_20_cells(pbc_table):
    result = correlate(pbc_table, "age", "bili")

    cells = [each for each in result.statistics if each.context == "pair_bin"]
    assert sum(each.stat for each in cells) == 418
    assert len({each.group1_level for each in cells}) <= 20
    assert len({each.group2_level for each in cells}) <= 20


@pytest.mark.parametrize(("width", "height"), [(30, 40), (300, 4000)])  # most pairs of values are somebody's, and few
def test_kendall_counts_discordant_pairs_as_every_pair_compared_would(width, height):
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, width, 900), rng.integers(0, height, 900)
    distinct, counts = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
    signs = np.sign(x[:, None] - x[None, :]) * np.sign(y[:, None] - y[None, :])
    untied = [(900 * 899 - (sum(n * n for n in np.unique(each, return_counts=True)[1]) - 900)) for each in (x, y)]

    found, _ = kendall(Pairs(distinct[:, 0].astype(float), distinct[:, 1].astype(float), counts))

    assert found.estimate == pytest.approx(signs.sum() / np.sqrt(untied[0]) / np.sqrt(untied[1]), rel=1e-12)


def test_a_constant_column_has_no_correlation_and_the_reason_is_told(make_table, notes):
    result = correlate(make_table(pl.DataFrame({"x": [2.0] * 5, "y": [1.0, 2.0, 3.0, 4.0, 5.0]}), NUMERIC))

    assert [each.stat for each in result.statistics if each.context == "pearson"] == [None]
    assert notes(result, "test") == ["There is no test, because one of the two does not vary."]


def test_a_straight_line_has_its_coefficient_and_no_test_by_it(make_table, numbers):
    result = correlate(make_table(pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [0.1, 0.2, 0.3, 0.4]}), NUMERIC))

    assert numbers(result, "pearson")["estimate"] == pytest.approx(1)
    assert "p.value" not in numbers(result, "pearson") or numbers(result, "pearson")["p.value"] is None


def test_levels_without_an_order_are_refused(pbc_table):
    with pytest.raises(PlanError, match="'sex' holds neither numbers nor levels in an order"):
        correlate(pbc_table, "age", "sex")


def test_nobody_with_both_values_is_told(pbc_table, notes):
    table = pbc_table
    table.frame = table.frame.with_columns(none=pl.lit(None, pl.Float64))
    table.columns["none"] = Column(kind="numeric")

    result = correlate(table, "age", "none", Known("age"))

    assert notes(result, "test") == ["There is no test, because fewer than 3 rows have both values."]
