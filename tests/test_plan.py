"""Plans are values: they go to JSON and back, and say the same thing in one way."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.errors import PlanError
from clinical_nb.plan import (
    Agree,
    AllOf,
    AnyOf,
    AnyRow,
    Bands,
    Change,
    Cohort,
    Compare,
    Correlations,
    Count,
    Describe,
    Diagnose,
    Discriminate,
    Extremes,
    Hazard,
    Incidence,
    Known,
    Margin,
    Measured,
    Missing,
    Mixed,
    NoneOf,
    OneOf,
    Proportion,
    Rank,
    Rate,
    Records,
    Regress,
    Repeated,
    Stratified,
    Threshold,
    Trend,
    Visits,
    all_of,
    any_of,
    canonical_json,
    columns_of,
    name_of,
    numbers_of,
    plan_from_json,
    to_json,
)
from clinical_nb.schema import plan_schema

EVERYBODY = {"kind": "cohort", "dataset": "d", "table": "t", "where": []}
VALIDATOR = jsonschema.Draft202012Validator(plan_schema())
names = st.text(min_size=1, max_size=8)
scalars = st.one_of(st.text(max_size=5), st.integers(-99, 99), st.floats(-9, 9), st.booleans())
simple = st.one_of(
    st.builds(OneOf, names, st.lists(scalars, min_size=1, max_size=3).map(tuple)),
    st.builds(NoneOf, names, st.lists(scalars, min_size=1, max_size=3).map(tuple)),
    st.builds(Threshold, names, st.sampled_from(["<", "<=", ">", ">="]), st.floats(-1e6, 1e6)),
    st.builds(Missing, names),
    st.builds(Known, names),
)
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: AllOf(tuple(of))),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: AnyOf(tuple(of))),
        st.builds(AnyRow, names, st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=4,
)
variables = st.one_of(names, conditions)
cohorts = st.builds(
    Cohort, names, names, st.lists(conditions, max_size=3).map(tuple), st.lists(names, max_size=2).map(tuple)
)
groups = st.lists(variables, max_size=2).map(tuple)
plans = st.one_of(
    st.builds(Count, cohorts, groups),
    st.builds(Proportion, cohorts, conditions, groups),
    st.builds(Describe, cohorts, names, groups, st.just(("mean", "sd"))),
    st.builds(
        Compare,
        cohorts,
        variables,
        variables,
        st.sampled_from(["", "anova", "fisher"]),
        st.sampled_from(["", "holm", "tukey"]),
    ),
    st.builds(Regress, cohorts, variables, groups, st.sampled_from(["linear", "ordinal", "poisson"]), names),
    st.builds(
        Regress,
        cohorts,
        variables,
        st.just(("a", "b")),
        st.just("logistic"),
        st.just(""),
        st.just(("b",)),
        st.sampled_from(["", "robust"]),
        st.sampled_from(["", "profile"]),
    ),
    st.builds(Extremes, cohorts, names, st.sampled_from(["highest", "lowest"]), st.integers(1, 20)),
    st.builds(Measured, cohorts, names, st.just(("mode", "interval")), st.just((2.5, 90.0)), groups),
    st.builds(Change, cohorts, names, names, variables),
    st.builds(Repeated, cohorts, st.just(("a", "b", "c")), st.sampled_from(["", "holm"])),
    st.builds(Visits, cohorts, variables, names),
    st.builds(Mixed, cohorts, names, names, st.lists(variables, max_size=1).map(tuple)),
    st.builds(Margin, cohorts, variables, variables, st.floats(0.1, 9), st.just("equivalence")),
    st.builds(Correlations, cohorts, st.just(("a", "b")), st.just(("c",))),
    st.builds(Records, cohorts, st.just(AnyRow("t")), st.just(("a",)), st.just((AnyRow("t", (Known("b"),)),))),
    st.builds(Rank, cohorts, names, st.integers(1, 9)),
    st.builds(Bands, cohorts, names, st.just((Threshold("a", "<", 1), Threshold("a", ">=", 1))), st.tuples(conditions)),
    st.builds(Stratified, cohorts, variables, variables, st.tuples(variables)),
    st.builds(Hazard, cohorts, names, conditions, groups, groups),
    st.builds(Hazard, cohorts, names, conditions, st.just(("a", "b")), modifiers=st.just(("b",))),
    st.builds(Diagnose, cohorts, conditions, conditions, groups),
    st.builds(Discriminate, cohorts, names, conditions, names),
    st.builds(Agree, cohorts, names, names),
    st.builds(Incidence, cohorts, names, conditions, conditions, groups, st.just((1.0, 2.5))),
    st.builds(Trend, cohorts, names, st.sampled_from(["year", "quarter", "month"]), variables, st.just(())),
    st.builds(Hazard, cohorts, names, conditions, groups, st.just(()), st.tuples(conditions)),
    st.builds(Rate, cohorts, variables, names, groups, st.floats(0.5, 1e6)),
)


@given(plans)
def test_a_plan_goes_to_json_and_back_without_loss(plan):
    text = json.dumps(to_json(plan))

    assert plan_from_json(json.loads(text)) == plan
    assert canonical_json(plan_from_json(json.loads(text))) == canonical_json(plan)


@given(plans)
def test_every_plan_satisfies_the_published_schema(plan):
    VALIDATOR.validate(json.loads(json.dumps(to_json(plan))))


def test_two_plans_of_the_same_meaning_have_the_same_canonical_json():
    women, old = OneOf("sex", ("f",)), Threshold("age", ">", 65)

    one = Count(Cohort("d", "t", (women, old, AllOf((old, women)))))
    other = Count(Cohort("d", "t", (Threshold("age", ">", 65.0), women)))

    assert canonical_json(one) == canonical_json(other)


def test_values_of_different_types_stay_different():
    assert OneOf("x", (1,)) == OneOf("x", (1.0,))
    assert canonical_json(Count(Cohort("d", "t", (OneOf("x", (1,)),)))) != canonical_json(
        Count(Cohort("d", "t", (OneOf("x", ("1",)),)))
    )


def test_a_junction_of_one_condition_is_that_condition():
    women = OneOf("sex", ("f",))

    assert all_of(women) == women
    assert any_of(women, women) == women
    assert all_of(women, Missing("age")) == AllOf((women, Missing("age")))


def test_a_plan_names_each_column_that_it_reads_once():
    plan = Compare(Cohort("d", "t", (OneOf("sex", ("f",)), Missing("age"))), OneOf("status", (2,)), "age")

    assert columns_of(plan) == ("age", "sex", "status")


def test_a_plan_tells_the_numbers_that_it_holds():
    plan = Count(Cohort("d7", "t", (Threshold("age", ">", 65), OneOf("status", (2, "3", True)), Missing("x9"))))

    assert numbers_of(to_json(plan)) == {65.0, 2.0}


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (OneOf("status", (2, 1)), "status = 1 or 2"),
        (NoneOf("sex", ("m",)), "sex not m"),
        (Threshold("age", ">=", 65.0), "age >= 65"),
        (all_of(Missing("a"), Known("b")), "a missing and b known"),
        (any_of(Missing("a"), Missing("b")), "(a missing or b missing)"),
    ],
)
def test_a_condition_is_written_shortly_in_the_datas_own_codes(condition, name):
    assert name_of(condition) == name


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"kind": "drop"}, "cannot be of kind 'drop'"),
        ({"kind": "count", "cohort": EVERYBODY}, "exactly the fields"),
        ({"kind": "count", "cohort": "all", "by": []}, "'plan.cohort' has a value of the wrong type"),
        ({"kind": "count", "cohort": {**EVERYBODY, "where": {}}, "by": []}, "must be a list"),
        (
            {
                "kind": "count",
                "cohort": {
                    "kind": "cohort", "dataset": "d", "table": "t",
                    "where": [{"kind": "threshold", "column": "age", "sign": "; drop", "value": 1}],
                },
                "by": [],
            },
            "must be one of <, <=, >, >=",
        ),
        ("count", "wrong type"),
    ],
)  # fmt: skip
def test_what_is_not_a_plan_is_refused_with_its_place(data, says):
    with pytest.raises(PlanError, match=says):
        plan_from_json(data)


def test_a_threshold_is_a_number():
    with pytest.raises(PlanError, match="must be a number"):
        Threshold("age", ">", float("nan"))


def test_a_condition_on_no_value_is_refused():
    with pytest.raises(PlanError, match="at least one value"):
        OneOf("sex", ())


def test_joined_tables_are_sorted_and_said_once_and_left_out_where_there_are_none():
    both = Cohort("d", "visits", (), ("sites", "patients", "sites"))

    assert both == Cohort("d", "visits", (), ("patients", "sites"))
    assert to_json(both) == {**EVERYBODY, "table": "visits", "joined": ["patients", "sites"]}
    assert to_json(Cohort("d", "t")) == EVERYBODY


def test_a_condition_on_any_row_is_one_column_called_by_what_it_asks():
    condition = AnyRow("visits", (Threshold("crp", ">", 5), Known("day")))

    assert name_of(condition) == "any visits with crp > 5 and day known"
    assert columns_of(condition) == (name_of(condition),)
    assert numbers_of(to_json(Count(Cohort("d", "t", (condition,))))) == {5.0}
