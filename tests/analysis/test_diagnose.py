"""A test against a reference: R's intervals of the shares, the log intervals of the likelihood ratios."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Diagnose, OneOf, Threshold

R = json.loads((Path(__file__).parent.parent / "reference" / "diagnosis.json").read_text(encoding="utf-8"))
DIED = OneOf("status", (2,))
C = Cohort("d", "t")
MEASURES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "positive predictive value": "ppv",
    "negative predictive value": "npv",
    "accuracy": "accuracy",
    "prevalence": "prevalence",
}
BINARY = {"test": Column(kind="numeric"), "truth": Column(kind="numeric")}
POSITIVE, ILL = Threshold("test", ">", 0), Threshold("truth", ">", 0)


def is_as(result, expected, numbers, **group):
    for level, name in MEASURES.items():
        found = numbers(result, "diagnosis", variable_level=level, **group)
        assert [found[each] for each in ("n", "N", "p", "conf.low", "conf.high")] == pytest.approx(
            [expected[name][each] for each in ("n", "N", "p", "low", "high")], rel=1e-10
        )
    for level in ("positive", "negative"):
        found = numbers(result, "likelihood_ratio", variable_level=level, **group)
        assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
            [expected[level][each] for each in ("estimate", "low", "high")], rel=1e-10
        )


def test_a_sign_in_a_real_trial_agrees_with_r(pbc_table, numbers, notes):
    result = pbc_table.run(Diagnose(C, OneOf("ascites", (1,)), DIED))

    is_as(result, R["ascites"], numbers)
    assert notes(result, "missing") == ["106 have no known ascites = 1."]


def test_a_threshold_by_group_agrees_with_r(pbc_table, numbers):
    result = pbc_table.run(Diagnose(C, Threshold("bili", ">", 2), DIED, ("sex",)))

    is_as(result, R["bili_men"], numbers, group1_level="m")


def test_what_has_no_denominator_is_not_estimable_and_says_why(make_table, numbers):
    table = make_table(pl.DataFrame({"test": [0, 0, 0], "truth": [1, 0, 1]}), BINARY)

    result = table.run(Diagnose(C, POSITIVE, ILL))

    assert numbers(result, "diagnosis", variable_level="sensitivity")["p"] == 0
    row = next(
        each for each in result.statistics if each.variable_level == "positive predictive value" and not each.stat
    )
    assert numbers(result, "diagnosis", variable_level="positive predictive value")["p"] is None
    assert "nobody is positive by the test" in {each.warning for each in result.statistics if each.stat is None}
    assert row.stat == 0


def test_a_test_that_never_errs_has_no_likelihood_ratios_and_says_who_is_missing(make_table):
    table = make_table(pl.DataFrame({"test": [0, 1, 0, 1], "truth": [0, 1, 0, 1]}), BINARY)

    result = table.run(Diagnose(C, POSITIVE, ILL))

    ratios = {each.variable_level: each for each in result.statistics if each.context == "likelihood_ratio"}
    assert {level: (each.stat, each.warning) for level, each in ratios.items()} == {
        "positive": (None, "nobody without it tests positive"),
        "negative": (None, "nobody with it tests negative"),
    }


def test_a_test_is_not_compared_with_itself(pbc_table):
    with pytest.raises(PlanError, match="with itself"):
        pbc_table.run(Diagnose(C, DIED, DIED))


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40))
def test_turning_test_and_reference_round_turns_sensitivity_into_specificity(pairs):
    frame = pl.DataFrame({"test": [test for test, _ in pairs], "truth": [truth for _, truth in pairs]})
    meaning = Dictionary(tables={"t": BINARY})
    contrary = Threshold("test", "<=", 0), Threshold("truth", "<=", 0)

    one = run(Diagnose(C, POSITIVE, ILL), frame.lazy(), meaning)
    other = run(Diagnose(C, *contrary), frame.lazy(), meaning)

    def share(result, level):
        return [each.stat for each in result.statistics if each.context == "diagnosis" and each.variable_level == level]

    assert share(one, "sensitivity") == share(other, "specificity")
    assert share(one, "positive predictive value") == share(other, "negative predictive value")
    assert share(one, "accuracy") == share(other, "accuracy")
