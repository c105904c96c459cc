"""Models beyond the plain ones agree with R: other families, modified effects, robust errors, inflation, profiles."""

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.models.glm import Outcome, fit_linear, fit_logistic
from clinical_nb.analysis.models.negative_binomial import NO_MORE, fit_negative_binomial
from clinical_nb.analysis.models.ordinal import fit_ordinal
from clinical_nb.analysis.models.sandwich import with_clustered_errors, with_robust_errors
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Hazard, OneOf, Regress

R = json.loads((Path(__file__).parent.parent / "reference" / "models.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
DIED = OneOf("status", (2,))


def ask(table, outcome, terms, family, **asked):
    return table.run(Regress(C, outcome, terms, family, **asked))


def estimates(result, context="adjusted"):
    """The estimates and bounds of a model in the order of its columns."""
    rows = {}
    for each in result.statistics:
        if each.context == context:
            place = (each.variable, each.variable_level, each.group2, each.group2_level)
            rows.setdefault(place, {})[each.stat_name] = each.stat
    return list(rows.values())


def agrees(result, expected, *, ratios, rel=1e-8):
    shown = math.exp if ratios else float
    names = {"estimate": "estimate", "low": "conf.low", "high": "conf.high"}
    for name, stat in names.items():
        wanted = expected[name] if isinstance(expected[name], list) else [expected[name]]
        assert [each[stat] for each in estimates(result)] == pytest.approx([shown(each) for each in wanted], rel=rel)


def test_counts_that_vary_more_agree_with_rs_negative_binomial(pbc_table, numbers):
    result = ask(pbc_table, "platelet", ("trt", "age", "sex"), "negative_binomial")
    alone = ask(pbc_table, "platelet", ("trt",), "negative_binomial")

    agrees(result, R["nb"], ratios=True)
    assert numbers(result, "shape")["estimate"] == pytest.approx(R["nb"]["theta"], rel=1e-8)
    assert numbers(result, "model")["N"] == R["nb"]["n"]
    agrees(alone, R["nb_arm"], ratios=True)


def test_counts_that_vary_no_more_have_no_negative_binomial_model(make_table):
    frame = pl.DataFrame({"n": [1, 2, 1, 2] * 10, "x": [0.0, 1, 2, 3, 4] * 8})
    table = make_table(frame, {"n": Column(kind="numeric"), "x": Column(kind="numeric")})

    result = ask(table, "n", ("x",), "negative_binomial")

    assert {each.warning for each in result.statistics if each.context == "adjusted"} == {
        "the counts vary no more than Poisson's model supposes: ask for it"
    }


def test_ordered_levels_agree_with_rs_proportional_odds(pbc_table, notes):
    result = ask(pbc_table, "stage", ("trt", "age", "sex"), "ordinal")

    expected = R["ordinal"]
    z = 1.959963984540054
    sides = zip(expected["estimate"], expected["error"], strict=True)
    low, high = zip(*[(b - z * s, b + z * s) for b, s in sides], strict=True)
    # R's errors are of differences of its likelihood's slope: good to 1e-8
    agrees(result, {"estimate": expected["estimate"], "low": list(low), "high": list(high)}, ratios=True, rel=1e-7)
    assert "One odds ratio is supposed wherever the levels are cut in two" in " ".join(notes(result, "assumption"))


def test_levels_without_an_order_are_no_ordinal_outcome(pbc_table):
    with pytest.raises(
        PlanError, match=r"The levels of 'status' \(.*\) have no order .*'ordered' as the kind of 'status'"
    ):
        ask(pbc_table, "status", ("age",), "ordinal")
    with pytest.raises(PlanError, match="three levels or more in an order, and 'sex' has 2 here"):
        ask(pbc_table, "sex", ("age",), "ordinal")


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "name"),
    [
        ("albumin", ("trt", "age", "sex"), "linear", "robust_lm"),
        (DIED, ("trt", "age", "stage"), "logistic", "robust_glm"),
        ("platelet", ("trt", "age"), "poisson", "robust_poisson"),
    ],
)
def test_robust_errors_agree_with_r(pbc_table, outcome, terms, family, name):
    result = ask(pbc_table, outcome, terms, family, errors="robust")

    agrees(result, R[name], ratios=family != "linear")


def test_levels_are_tested_by_walds_test_where_errors_are_robust(pbc_table, numbers, notes):
    result = ask(pbc_table, DIED, ("trt", "age", "stage"), "logistic", errors="robust")

    found = numbers(result, "term_test", variable="stage")
    assert [found["statistic"], found["parameter"]] == pytest.approx(R["robust_levels"], rel=1e-8)
    assert "Errors are robust (HC0), as asked for" in " ".join(notes(result, "test"))


@pytest.fixture
def pbc_rows(pbc_table):
    pbc_table.frame = pbc_table.frame.with_columns(id=pl.col("id") % 40)
    return pbc_table


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "name"),
    [
        ("albumin", ("trt", "age", "sex"), "linear", "clustered_lm"),
        (DIED, ("trt", "age", "stage"), "logistic", "clustered_glm"),
    ],
)
def test_errors_clustered_by_person_agree_with_r(pbc_rows, notes, outcome, terms, family, name):  # noqa: PLR0913, PLR0917 - a case
    result = ask(pbc_rows, outcome, terms, family, errors="clustered")

    agrees(result, R[name], ratios=family != "linear")
    assert " of 40 persons by id." in notes(result, "who")[0]


def test_few_persons_do_not_test_many_terms_at_once(pbc_table):
    """Of 3 persons the covariance of 5 estimates has no more than rank 2: what is solved with it is rounding."""
    pbc_table.frame = pbc_table.frame.with_columns(id=pl.col("id") % 3)

    result = ask(pbc_table, "albumin", ("trt", "age", "stage"), "linear", errors="clustered")

    tests = [each for each in result.statistics if each.context in {"model_test", "term_test"}]
    assert {(each.stat, each.warning) for each in tests} == {(None, "nothing is left over to estimate its error from")}


def test_rows_of_one_person_are_refused_unless_errors_are_clustered(pbc_rows):
    with pytest.raises(PlanError, match="must not be treated as if they were independent"):
        ask(pbc_rows, "albumin", ("trt", "age"), "linear")


def test_few_persons_are_cautioned_and_none_refused(pbc_table, notes):
    pbc_table.frame = pbc_table.frame.with_columns(id=pl.col("id") % 8)

    result = ask(pbc_table, "albumin", ("trt", "age"), "linear", errors="clustered")

    assert "8 persons are few for clustered errors, which are then too small." in notes(result, "caution")
    del pbc_table.columns["id"]
    pbc_table.frame = pbc_table.frame.drop("id")
    with pytest.raises(PlanError, match="It is not known which rows"):
        ask(pbc_table, "albumin", ("trt", "age"), "linear", errors="clustered")


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "name"),
    [
        ("albumin", ("trt", "age", "sex"), "linear", "vif_lm"),
        (DIED, ("trt", "age", "stage"), "logistic", "vif_glm"),
    ],
)
def test_variance_inflation_agrees_with_r(pbc_table, outcome, terms, family, name):
    result = ask(pbc_table, outcome, terms, family)
    robust = ask(pbc_table, outcome, terms, family, errors="robust")

    for each in (result, robust):
        assert [row["estimate"] for row in estimates(each, "vif")] == pytest.approx(R[name], rel=1e-8)


def test_terms_that_say_the_same_are_told(make_table, notes):
    one = [float(n) for n in range(40)]
    frame = pl.DataFrame(
        {"y": [(n * 7) % 11 for n in range(40)], "one": one, "two": [each + (n % 3) / 10 for n, each in enumerate(one)]}
    )
    table = make_table(frame, {name: Column(kind="numeric") for name in frame.columns})

    result = ask(table, "y", ("one", "two"), "linear")

    assert "one and two says much the same as the other terms" in " ".join(notes(result, "caution"))


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "name", "place"),
    [
        (DIED, ("trt", "age", "stage"), "logistic", "profile_glm", 0),
        ("platelet", ("trt", "age"), "poisson", "profile_poisson", 1),
    ],
)
def test_profile_intervals_agree_with_r(pbc_table, outcome, terms, family, name, place):  # noqa: PLR0913, PLR0917 - a case
    found = estimates(ask(pbc_table, outcome, terms, family, intervals="profile"))[place]

    assert [found["conf.low"], found["conf.high"]] == pytest.approx([math.exp(each) for each in R[name]], rel=1e-8)


def test_profile_bounds_far_from_the_estimate_agree_with_r(make_table, with_levels):
    frame = pl.DataFrame(
        {
            "two": list("abbaabaab"),
            "x": [41.2, 23.6, 44.3, 47.1, 56.6, 39.1, 50.8, 53.7, 65.5],
            "ill": [1, 1, 0, 0, 0, 1, 1, 1, 0],
        }
    )
    two, ill = with_levels("binary", ("a", "a"), ("b", "b")), with_levels("binary", (0, "no"), (1, "yes"))
    table = make_table(frame, {"two": two, "x": Column(kind="numeric"), "ill": ill})

    found = estimates(ask(table, "ill", ("two", "x"), "logistic", intervals="profile"))

    bounds = [each[side] for each in found for side in ("conf.low", "conf.high")]
    assert bounds == pytest.approx([math.exp(each) for each in R["profile_few"]], rel=1e-8)


@pytest.mark.parametrize(
    ("outcome", "terms", "family", "modifier", "name"),
    [
        (DIED, ("trt", "age", "sex"), "logistic", "sex", "inter_glm"),
        ("albumin", ("trt", "age", "stage"), "linear", "stage", "inter_lm"),
        (DIED, ("trt", "age", "sex"), "logistic", "age", "inter_age"),
    ],
)
def test_an_effect_that_may_differ_agrees_with_r(pbc_table, numbers, outcome, terms, family, modifier, name):  # noqa: PLR0913, PLR0917 - a case
    result, expected = ask(pbc_table, outcome, terms, family, modifiers=(modifier,)), R[name]
    shown = math.exp if family != "linear" else float

    test = numbers(result, "interaction_test")
    assert [test["statistic"], test["parameter"], test["p.value"]] == pytest.approx(expected["test"], rel=1e-7)
    products = expected["product"] if isinstance(expected["product"], list) else [expected["product"]]
    assert [each["estimate"] for each in estimates(result, "interaction")] == pytest.approx(
        [shown(each) for each in products], rel=1e-7
    )
    within = estimates(result, "within")
    if modifier == "age":
        assert within == []  # a measurement has no levels
    else:
        assert [each["estimate"] for each in within] == pytest.approx(
            [shown(each) for each in expected["within"]], rel=1e-7
        )
        errors = [each["statistic"] for each in within]
        assert errors == pytest.approx(
            [b / s for b, s in zip(expected["within"], expected["within_error"], strict=True)], rel=1e-6
        )


def test_a_hazard_that_may_differ_agrees_with_r(pbc_table, numbers):
    plan = Hazard(C, "time", DIED, ("trt", "age", "sex"), modifiers=("sex",))

    result, expected = pbc_table.run(plan), R["inter_cox"]

    test = numbers(result, "interaction_test")
    assert [test["statistic"], test["parameter"], test["p.value"]] == pytest.approx(expected["test"], rel=1e-7)
    assert estimates(result, "interaction")[0]["estimate"] == pytest.approx(math.exp(expected["product"]), rel=1e-7)
    within = estimates(result, "within")
    assert [each["estimate"] for each in within] == pytest.approx(
        [math.exp(each) for each in expected["within"]], rel=1e-7
    )
    errors = [b / s for b, s in zip(expected["within"], expected["within_error"], strict=True)]
    assert [each["statistic"] for each in within] == pytest.approx(errors, rel=1e-6)


def test_the_estimates_for_all_are_those_without_modifiers(pbc_table):
    plain = ask(pbc_table, DIED, ("trt", "age", "sex"), "logistic")
    modified = ask(pbc_table, DIED, ("trt", "age"), "logistic", modifiers=("sex",))

    assert estimates(plain) == estimates(modified)


@pytest.mark.parametrize(
    ("family", "asked", "why"),
    [
        ("ordinal", {"errors": "robust"}, "A model that is ordinal has the errors that it supposes"),
        ("linear", {"intervals": "profile"}, "Profile intervals are of the likelihood"),
        ("logistic", {"errors": "robust", "intervals": "profile"}, "Profile intervals are of the likelihood"),
    ],
)
def test_what_a_family_does_not_have_is_refused(pbc_table, family, asked, why):
    with pytest.raises(PlanError, match=why):
        ask(pbc_table, "stage", ("age",), family, **asked)


def test_a_term_does_not_change_its_own_effect():
    with pytest.raises(PlanError, match="its own effect"):
        Regress(C, DIED, ("age",), "logistic", modifiers=("age",))


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans(), st.integers(0, 5)), min_size=12, max_size=40
)


@given(rows)
def test_from_counts_models_and_their_errors_are_those_of_the_rows(data):
    expanded = np.array(data, dtype=float)
    patterns, counts = np.unique(expanded, axis=0, return_counts=True)
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(expanded)), expanded[:, 1:3]])) < 3:
        return
    few = Outcome(patterns[:, 0], counts, np.zeros(len(patterns)))
    many = Outcome(expanded[:, 0], np.ones(len(expanded), dtype=np.int64), np.zeros(len(expanded)))
    for fit in (fit_linear, fit_negative_binomial, fit_ordinal):
        if fit is fit_ordinal and set(expanded[:, 0]) != set(range(int(expanded[:, 0].max()) + 1)):
            continue
        one, other = fit(patterns[:, 1:3], few), fit(expanded[:, 1:3], many)
        if NO_MORE in (one.reason, other.reason):
            continue  # which rounding decides where the counts vary just as much
        assert one.reason == other.reason
        if one.reason is None:
            assert one.coefficients == pytest.approx(other.coefficients, rel=1e-5, abs=1e-6)
    one, other = fit_linear(patterns[:, 1:3], few), fit_linear(expanded[:, 1:3], many)
    clusters, owners = patterns[:, 3].astype(np.int64), expanded[:, 3].astype(np.int64)
    if len(set(owners)) > 1:
        few_errors = with_clustered_errors(one, patterns[:, 1:3], few, "linear", clusters)
        many_errors = with_clustered_errors(other, expanded[:, 1:3], many, "linear", owners)
        assert few_errors.covariance == pytest.approx(many_errors.covariance, abs=1e-9)


def test_robust_errors_of_a_model_without_a_maximum_stay_none():
    outcome = Outcome(np.array([0.0, 0, 1, 1]), np.array([5, 5, 5, 5]), np.zeros(4))
    matrix = np.array([[0.0], [1], [2], [3]])

    model = with_robust_errors(fit_logistic(matrix, outcome), matrix, outcome, "logistic")

    assert model.reason
    assert model.wald


def test_a_count_of_few_values_is_a_count_unless_its_codes_have_names(make_table, with_levels):
    frame = pl.DataFrame({"n": [0, 1, 0, 4, 9, 0, 2, 12] * 6, "x": [0.0, 1, 2, 3, 4, 5] * 8})
    unnamed = with_levels("categorical", *[(n, str(n)) for n in (0, 1, 2, 4, 9, 12)])
    named = with_levels("categorical", (0, "none"), (1, "mild"), (2, "severe"))

    found = ask(make_table(frame, {"n": unnamed, "x": Column(kind="numeric")}), "n", ("x",), "negative_binomial")

    assert estimates(found)[0]["estimate"] > 0
    with pytest.raises(PlanError, match="'n' is not measured in numbers"):
        ask(make_table(frame, {"n": named, "x": Column(kind="numeric")}), "n", ("x",), "negative_binomial")


def test_levels_that_a_term_tells_apart_entirely_have_no_estimate_and_say_why(make_table, with_levels):
    frame = pl.DataFrame({"stage": [1, 1, 1, 2, 2, 2, 3, 3, 3], "x": [float(n) for n in range(9)]})
    stage = with_levels("categorical", (1, "I"), (2, "II"), (3, "III"), ordered=True)

    result = ask(make_table(frame, {"stage": stage, "x": Column(kind="numeric")}), "stage", ("x",), "ordinal")

    (warning,) = {each.warning for each in result.statistics if each.context == "adjusted"}
    assert "the likelihood goes on rising" in warning


def test_a_row_that_alone_decides_an_estimate_has_no_robust_error(make_table):
    frame = pl.DataFrame({"y": [1.0, 2, 4, 3, 9], "x": [1.0, 2, 3, 2, 5], "g": ["a", "a", "a", "a", "b"]})
    columns = {"y": Column(kind="numeric"), "x": Column(kind="numeric"), "g": Column(kind="binary")}

    result = ask(make_table(frame, columns), "y", ("g", "x"), "linear", errors="robust")

    found = {(each.context, each.stat_name): each.warning for each in result.statistics}
    assert found["adjusted", "estimate"] == "nothing is left over to estimate its error from"
    assert found["model_test", "p.value"] == "nothing is left over to estimate its error from"


def test_a_hazard_ratio_for_several_units_is_that_of_one_to_their_power(pbc_table, numbers):
    # R: exp(5 * c(coef(f), confint(f))) of f <- coxph(Surv(time, status == 2) ~ bili, pbc)
    plan = Hazard(Cohort("d", "t"), "time", OneOf("status", (2,)), ("bili",), step=(5.0,))

    found = numbers(pbc_table.run(plan), "adjusted")

    assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
        [2.03250027290, 1.81465847473, 2.27649302437], rel=1e-8
    )
