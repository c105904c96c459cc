"""Models by Newton's method: Firth's penalty against a maximiser of its own, and when a likelihood has no maximum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from clinical_nb.analysis.models.glm import Outcome, fit_firth, fit_linear, fit_logistic, fit_poisson

TWO = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 1)), min_size=6, max_size=30)


def outcome_of(values, counts=None):
    values = np.asarray(values, dtype=float)
    counts = np.ones(len(values), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    return Outcome(values, counts, np.zeros(len(values)))


def penalised(beta, columns, outcome):
    linear = columns @ beta
    share = 1 / (1 + np.exp(-linear))
    information = (columns * (outcome.counts * share * (1 - share))[:, None]).T @ columns
    likelihood = (outcome.counts * (outcome.values * linear - np.logaddexp(0, linear))).sum()
    return likelihood + np.linalg.slogdet(information)[1] / 2


def drawn(seed, rows=40):
    numbers = np.random.default_rng(seed)
    matrix = np.column_stack([numbers.normal(size=rows), numbers.integers(0, 2, rows)])
    return matrix, outcome_of(numbers.integers(0, 2, rows), numbers.integers(1, 4, rows))


@pytest.mark.parametrize("seed", range(5))
def test_firths_estimate_is_where_the_penalised_likelihood_is_greatest(seed):
    matrix, outcome = drawn(seed)
    columns = np.column_stack([np.ones(len(matrix)), matrix])

    model = fit_firth(matrix, outcome)

    found = minimize(
        lambda beta: -penalised(beta, columns, outcome),
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000},
    )
    assert model.coefficients == pytest.approx(found.x[1:], abs=1e-6)
    assert model.likelihood == pytest.approx(-found.fun, rel=1e-12)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 90)), min_size=2, max_size=5))
def test_firths_estimate_of_levels_is_that_of_half_a_row_more_in_each_cell(levels):
    """Of one categorical term the penalty adds 1/2 to each cell (Firth 1993), down to a level of a single row."""
    cells = [(rows, min(rows, events)) for rows, events in levels]
    patterns = [
        (level, yes, n) for level, (rows, events) in enumerate(cells) for yes, n in ((1, events), (0, rows - events))
    ]
    patterns = [pattern for pattern in patterns if pattern[2]]
    matrix = np.array([[float(level == at) for at in range(1, len(cells))] for level, *_ in patterns])

    model = fit_firth(matrix, outcome_of([yes for _, yes, _ in patterns], [n for *_, n in patterns]))

    odds = [np.log((events + 0.5) / (rows - events + 0.5)) for rows, events in cells]
    assert model.reason is None
    assert model.coefficients == pytest.approx(np.subtract(odds[1:], odds[0]), abs=1e-8)


def test_firths_estimate_is_finite_where_a_measurement_separates():
    matrix = np.arange(12.0)[:, None]
    outcome = outcome_of([0] * 6 + [1] * 6)
    columns = np.column_stack([np.ones(12), matrix])

    model = fit_firth(matrix, outcome)

    found = minimize(
        lambda beta: -penalised(beta, columns, outcome),
        np.array([-5.0, 1.0]),
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000},
    )
    assert fit_logistic(matrix, outcome).reason is not None
    assert model.coefficients == pytest.approx(found.x[1:], rel=1e-6)


@settings(max_examples=150, deadline=None)
@given(TWO)
def test_a_likelihood_without_a_maximum_is_noticed_and_only_that(rows):
    data = np.array(rows, dtype=float)
    matrix, values = data[:, :2], data[:, 2]
    columns = np.column_stack([np.ones(len(matrix)), matrix])
    if np.linalg.matrix_rank(columns) < 3 or np.ptp(values) == 0:
        return

    model = fit_logistic(matrix, outcome_of(values))

    # Konis 2007: some direction makes no row less likely and some row more
    upward = columns * np.where(values > 0, 1.0, -1.0)[:, None]
    found = linprog(-upward.sum(axis=0), A_ub=-upward, b_ub=np.zeros(len(upward)), bounds=[(-1, 1)] * 3)
    assert (model.reason is not None) == (-found.fun > 1e-6)


def test_a_level_without_events_has_no_ratio_of_rates():
    model = fit_poisson(np.array([[0.0], [0.0], [1.0], [1.0]]), outcome_of([1, 3, 0, 0]))

    assert model.reason == "the likelihood goes on rising: some level or value has the outcome never or always"
    assert np.isnan(model.coefficients).all()


@pytest.mark.parametrize("fit", [fit_linear, fit_logistic, fit_poisson, fit_firth])
def test_rows_that_are_counted_give_the_model_of_the_rows_one_by_one(fit):
    matrix, outcome = drawn(7)
    rows = np.repeat(np.arange(len(matrix)), outcome.counts)

    counted, each = fit(matrix, outcome), fit(matrix[rows], outcome_of(outcome.values[rows]))

    assert counted.coefficients == pytest.approx(each.coefficients, rel=1e-10)
    assert counted.covariance == pytest.approx(each.covariance, rel=1e-9)


@pytest.mark.parametrize("fit", [fit_linear, fit_logistic, fit_poisson])
def test_a_measurement_far_from_zero_loses_no_digits(fit):
    matrix, outcome = drawn(3)
    far = matrix + np.array([1e6, 0.0])

    assert fit(far, outcome).coefficients == pytest.approx(fit(matrix, outcome).coefficients, rel=1e-8)
