"""The outermost values of a column, its percentiles, mode and other measures are those that numpy and scipy compute."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Extremes, Measured, Threshold

C = Cohort("d", "t")


@pytest.fixture
def bili(pbc):
    return pl.read_csv(pbc, null_values=["", "NA"], infer_schema_length=None)["bili"].drop_nulls().to_numpy()


def shown(result):
    rows = [row for row in result.statistics if row.context == "extreme"]
    return [(value.stat, n.stat) for n, value in zip(rows[::2], rows[1::2], strict=True)]


@pytest.mark.parametrize(("side", "step"), [("highest", -1), ("lowest", 1)])
def test_the_outermost_values_are_listed_with_how_many_have_each(pbc_table, bili, side, step):
    result = pbc_table.run(Extremes(C, "bili", side, 5))

    values, counts = np.unique(bili, return_counts=True)
    assert shown(result) == list(zip(values[::step][:5].tolist(), counts[::step][:5].tolist(), strict=True))


def test_values_are_those_of_whom_the_question_is_about(pbc_table):
    result = pbc_table.run(Extremes(Cohort("d", "t", (Threshold("bili", "<", 2),)), "bili", "highest", 1))

    assert shown(result)[0][0] < 2


def test_more_values_than_there_are_is_all_of_them(pbc_table):
    assert (
        len(shown(pbc_table.run(Extremes(Cohort("d", "t", (Threshold("bili", ">", 25),)), "bili", "highest", 20)))) == 2
    )


def test_few_values_are_shown():
    with pytest.raises(PlanError, match="From 1 to 20 values"):
        Extremes(C, "bili", "highest", 21)


def test_levels_have_no_highest_value(pbc_table):
    with pytest.raises(PlanError, match="does not hold numbers"):
        pbc_table.run(Extremes(C, "sex", "highest", 3))


def test_percentiles_are_of_type_7(pbc_table, bili, numbers):
    result = pbc_table.run(Measured(C, "bili", (), (2.5, 10, 33.3, 90)))

    for percent in (2.5, 10, 33.3, 90):
        found = numbers(result, "measured", variable_level=f"p{percent:g}")["value"]
        assert found == pytest.approx(np.percentile(bili, percent), rel=1e-12)


def test_measures_agree_with_scipy(pbc_table, bili, numbers):
    asked = ("mode", "variance", "standard_error", "interval", "geometric_mean", "skewness")
    result = pbc_table.run(Measured(C, "bili", asked))

    def of(level):
        return numbers(result, "measured", variable_level=level)

    mode = stats.mode(bili)
    assert (of("mode")["value"], of("mode")["n"]) == (mode.mode, mode.count)
    assert of("variance")["value"] == pytest.approx(np.var(bili, ddof=1), rel=1e-12)
    assert of("standard_error")["value"] == pytest.approx(stats.sem(bili), rel=1e-12)
    assert of("skewness")["value"] == pytest.approx(stats.skew(bili), rel=1e-12)
    low, high = stats.t.interval(0.95, len(bili) - 1, bili.mean(), stats.sem(bili))
    assert [of("interval")[each] for each in ("conf.low", "conf.high")] == pytest.approx([low, high], rel=1e-9)
    logs = np.log(bili)
    bounds = np.exp(stats.t.interval(0.95, len(logs) - 1, logs.mean(), stats.sem(logs)))
    assert of("geometric_mean")["value"] == pytest.approx(stats.gmean(bili), rel=1e-12)
    assert [of("geometric_mean")[each] for each in ("conf.low", "conf.high")] == pytest.approx(bounds, rel=1e-9)


def test_a_percentile_of_groups_leaves_nobody_out(pbc_table, numbers):
    result = pbc_table.run(Measured(C, "bili", (), (50,), ("sex",)))
    every = pbc_table.run(Measured(C, "bili", (), (50,)))

    assert numbers(every, "measured")["N"] == sum(row.stat for row in result.statistics if row.stat_name == "N")


@pytest.mark.parametrize("percentiles", [(0,), (100,), (-5, 50)])
def test_a_percentile_lies_within_0_and_100(percentiles):
    with pytest.raises(PlanError, match="between 0 and 100"):
        Measured(C, "bili", (), percentiles)


def test_nothing_asked_is_no_plan():
    with pytest.raises(PlanError, match="not said"):
        Measured(C, "bili")
