"""The sums of Cox's likelihood: tied events by their series as one by one, rows that are alike as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.models.cox import check_proportional, fit_cox
from clinical_nb.analysis.models.design import find_independent
from clinical_nb.analysis.models.risk_sets import merge_alike, order_rows, sum_ties


@pytest.mark.parametrize("tied", [1, 2, 13, 40, 700])
@pytest.mark.parametrize("share", [1e-6, 0.01, 0.0624, 0.0626, 0.5, 1.0])
def test_the_sums_over_tied_events_are_those_of_the_events_one_by_one(tied, share):
    counts = np.array([tied, 5], dtype=np.int64)
    sets = order_rows(np.array([1.0, 2.0]), np.array([True, False]), counts)
    at_risk = np.array([37.5])
    left = at_risk[0] * (1 - share * np.arange(tied) / tied)
    part = np.arange(tied) / tied

    found = sum_ties(sets, at_risk, at_risk * share)

    each = [np.log(left), 1 / left, part / left, 1 / left**2, part / left**2, part**2 / left**2]
    sums = [found.logs, found.whole, found.partly, *found.squares]
    assert [float(one[0]) for one in sums] == pytest.approx([float(one.sum()) for one in each], rel=1e-13)


rows = st.lists(
    st.tuples(st.integers(1, 4), st.booleans(), st.integers(0, 1), st.integers(0, 1), st.integers(1, 30)),
    min_size=30,
    max_size=120,
)


@given(rows, st.randoms())
def test_rows_that_are_alike_are_counted_together_in_any_order(drawn, chance):
    def merged(found):
        time, event, one, other, counts = (np.array(each) for each in zip(*found, strict=True))
        columns = np.column_stack([one, other]).astype(float)
        sets = order_rows(time.astype(float), event, counts)
        return merge_alike(sets, np.ascontiguousarray(columns[sets.order].T))

    shuffled = list(drawn)
    chance.shuffle(shuffled)
    repeated = [drawn * 3, shuffled * 3]

    (sets, columns), (others, more) = map(merged, repeated)

    assert int(sets.counts.sum()) == 3 * sum(n for *_, n in drawn)
    assert len({*zip(sets.time, sets.event, *columns, strict=True)}) == len(sets.time) <= 32
    assert (sets.counts.tobytes(), columns.tobytes()) == (others.counts.tobytes(), more.tobytes())


def test_a_model_of_levels_is_the_same_with_and_without_a_measurement_of_no_effect_on_its_rows():
    chance = np.random.default_rng(5)
    time, event = chance.integers(1, 20, 4000).astype(float), chance.random(4000) < 0.4
    levels = np.eye(3)[chance.integers(0, 3, 4000)][:, 1:]
    whole = order_rows(time, event, np.ones(4000, dtype=np.int64))
    halves = levels * 0.5  # not of yes and no, so that its rows stay as they are

    together, apart = fit_cox(whole, levels), fit_cox(whole, halves)

    assert together.coefficients == pytest.approx(apart.coefficients / 2, rel=1e-9)
    assert together.fitted == pytest.approx(apart.fitted, rel=1e-12)
    checks = [
        check_proportional(whole, each, fit.coefficients, [[0, 1]])[0].statistic
        for each, fit in ((levels, together), (halves, apart))
    ]
    assert checks[0] == pytest.approx(checks[1], rel=1e-6)


@pytest.mark.parametrize("near", [0.0, 1e-9, 1e-5, 1.0])
def test_a_column_that_is_nearly_a_combination_of_others_is_found_as_r_does(near):
    chance = np.random.default_rng(6)
    one, two, noise = chance.normal(size=(3, 500))
    matrix = np.column_stack([one, two, one - 2 * two + 3 + near * noise])

    kept = find_independent(matrix)

    assert kept == ((0, 1, 2) if near > 1e-7 else (0, 1))
