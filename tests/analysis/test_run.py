"""Every plan has its method and a version, and its result is the same bits however often it is asked."""

import random

from clinical_nb.analysis.run import method_version, run
from clinical_nb.plan import (
    Change,
    Cohort,
    Compare,
    Correlate,
    Correlations,
    Count,
    Describe,
    Margin,
    Missingness,
    OneOf,
    Pair,
    Proportion,
    Regress,
    Repeated,
    Stratified,
    Survive,
    Threshold,
)
from clinical_nb.result import result_to_json

COHORT = Cohort("d", "t", (OneOf("sex", ("f",)),))
PLANS = (
    Count(COHORT, ("trt", "stage")),
    Proportion(COHORT, OneOf("status", (2,)), ("trt",)),
    Describe(COHORT, "chol", ("stage",)),
    Compare(COHORT, "bili", "stage"),
    Compare(COHORT, "ascites", "trt"),
    Compare(COHORT, "stage", "trt"),
    Survive(COHORT, "time", OneOf("status", (2,)), ("trt",)),
    Correlate(COHORT, "age", "bili"),
    Correlate(COHORT, "stage", "albumin"),
    Pair(COHORT, "chol", "copper"),
    Missingness(COHORT, ("chol", "trig", "platelet"), ("trt",)),
    Pair(COHORT, Threshold("bili", ">", 2), Threshold("copper", ">", 80)),
    Compare(COHORT, "bili", "stage", "kruskal_wallis", "holm"),
    Compare(COHORT, "albumin", "stage", "anova", "tukey"),
    Change(COHORT, "chol", "copper", "trt"),
    Stratified(COHORT, OneOf("status", (2,)), "trt", ("sex", "stage")),
    Repeated(COHORT, ("chol", "copper", "platelet"), "holm"),
    Margin(COHORT, "age", "trt", 3, "equivalence"),
    Correlations(COHORT, ("age", "bili", "albumin"), ("copper",)),
    Regress(COHORT, "platelet", ("trt", "age", "edema"), "negative_binomial", modifiers=("age",)),
    Regress(COHORT, "stage", ("trt", "age"), "ordinal"),
    Regress(COHORT, "albumin", ("trt", "age"), "linear", errors="robust"),
)


def test_methods_have_versions():
    assert [method_version(plan) for plan in PLANS[:4]] == ["count/5", "proportion/7", "describe/5", "compare/9"]


def test_shuffled_rows_and_chunks_change_no_bit_of_any_result(pbc_table):
    order = list(range(418))
    random.Random(1).shuffle(order)  # noqa: S311 - any order will do
    pieces = [pbc_table.frame[order[start : start + 100]] for start in range(0, 418, 100)]
    shuffled = pieces[0].vstack(pieces[1]).vstack(pieces[2]).vstack(pieces[3]).vstack(pieces[4])

    for plan in PLANS:
        result = pbc_table.run(plan)
        again = run(plan, shuffled.lazy(), pbc_table.dictionary)

        assert result_to_json(again) == result_to_json(result)
        assert result.statistics
