"""A mean, a quantile or a test is shown of many, and not where few make it up."""

import polars as pl
import pytest

from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.profile import PROFILES
from clinical_nb.plan import Cohort, Describe, Measured, OneOf, Pair, Regress

ALL = Cohort("d", "t")
DICTIONARY = Dictionary(
    tables={"t": {"x": Column(kind="numeric"), "y": Column(kind="numeric"), "arm": Column(kind="categorical")}}
)


def stats_of(plan, x, y=None, arm=None):
    frame = pl.DataFrame({"x": x, "y": y or x, "arm": arm or ["a"] * len(x)}).lazy()
    result = run(plan, frame, DICTIONARY)
    scan, _ = join_tables(plan, frame, DICTIONARY, {})
    shown = disclose(plan, result, scan, PROFILES["cms11"], Known("t")).result
    return {(each.context, each.variable_level, each.stat_name): each.stat for each in shown.statistics}


def told(plan, name, x, context="continuous", level=None, **more):
    return stats_of(plan, x, **more).get((context, level, name))


SPREAD = [float(n) for n in range(60)]


def test_a_mean_of_many_different_values_is_shown_and_its_ends_never_are():
    assert told(Describe(ALL, "x"), "mean", SPREAD) == 29.5
    assert told(Describe(ALL, "x"), "median", SPREAD) == 29.5
    assert told(Describe(ALL, "x"), "p25", SPREAD) is not None
    assert told(Describe(ALL, "x"), "min", SPREAD) is None
    assert told(Describe(ALL, "x"), "max", SPREAD) is None


@pytest.mark.parametrize(
    "values",
    [
        [0.0] * 50 + [1.0] * 4,  # the mean times N is the number of those with it
        [0.0] * 60 + [float(n) for n in range(1, 11)],  # the sum is of ten
        [1.0 + n / 100 for n in range(40)] + [1e6, 2e6],  # two make up the total
    ],
)
def test_a_mean_that_few_make_up_is_not_shown(values):
    assert told(Describe(ALL, "x"), "mean", values) is None
    assert told(Describe(ALL, "x"), "sd", values) is None


def test_a_quantile_has_more_than_ten_on_either_side():
    some = [float(n) for n in range(30)]

    assert told(Describe(ALL, "x"), "median", some) is not None
    assert told(Describe(ALL, "x"), "p25", some) is None
    assert told(Measured(ALL, "x", (), (5, 50)), "value", SPREAD, "measured", "p50") is not None
    assert told(Measured(ALL, "x", (), (5, 50)), "value", SPREAD, "measured", "p5") is None
    assert told(Measured(ALL, "x", ("mode", "variance")), "value", [*SPREAD, 3.0], "measured", "mode") is None


def test_changes_of_few_persons_are_not_shown_though_all_values_differ():
    after = [n + (3.0 if n < 4 else 0.0) for n in SPREAD]

    shown = stats_of(Pair(ALL, "x", "y"), SPREAD, y=after)

    assert all(value is None for (context, _, name), value in shown.items() if name in ("mean", "p.value", "estimate"))


def test_a_model_whose_term_has_few_with_the_outcome_is_not_shown():
    arm = ["a"] * 30 + ["b"] * 30
    plan = Regress(ALL, OneOf("arm", ("b",)), ("x",), "logistic")

    many = stats_of(plan, SPREAD[::-1], arm=(arm[::2] + arm[1::2]))
    few = stats_of(plan, SPREAD, arm=["a"] * 55 + ["b"] * 2 + ["a", "b", "b"])

    assert any(value is not None for (context, _, name), value in many.items() if context == "adjusted")
    assert all(value is None for (context, _, name), value in few.items() if context == "adjusted")
