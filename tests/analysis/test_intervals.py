"""Intervals agree with R; where they cannot be had, the reason stands instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio
from scipy.stats.contingency import relative_risk

from clinical_nb.analysis.arithmetic.intervals import (
    number_needed_to_treat,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson_interval,
)


def test_wilson_intervals_are_rs(reference):
    for case in reference["wilson"]:
        expected = (case["conf.low"], case["conf.high"])

        assert wilson_interval(case["n"], case["N"]) == pytest.approx(expected, rel=1e-10, abs=1e-15)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_intervals_hold_the_proportion_and_stay_between_0_and_1(events, more):
    low, high = wilson_interval(events, events + more)

    assert 0 <= low <= events / (events + more) <= high <= 1


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 300), st.integers(1, 300))
def test_ratios_are_scipys(a, b, c, d):
    risks, odds = risk_ratio(a, a + b, c, c + d), odds_ratio(a, a + b, c, c + d)

    by_scipy = relative_risk(a, a + b, c, c + d)
    assert risks.estimate == pytest.approx(by_scipy.relative_risk, rel=1e-12)
    assert (risks.low, risks.high) == pytest.approx(tuple(by_scipy.confidence_interval()), rel=1e-9)
    sample = scipy_odds_ratio([[a, b], [c, d]], kind="sample")
    assert odds.estimate == pytest.approx(sample.statistic, rel=1e-12)
    assert (odds.low, odds.high) == pytest.approx(tuple(sample.confidence_interval()), rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [((0, 5, 3, 9), "a group has no events"), ((5, 5, 3, 9), "a group has no rows without the event")],
)
def test_a_zero_cell_has_no_odds_ratio(counts, reason):
    found = odds_ratio(*counts)

    assert (found.estimate, found.low, found.high, found.reason) == (None, None, None, reason)


def test_no_events_have_no_risk_ratio():
    assert risk_ratio(0, 5, 3, 9).reason == risk_ratio(3, 9, 0, 5).reason == "a group has no events"


def test_all_events_still_have_a_risk_ratio():
    assert risk_ratio(5, 5, 3, 9).estimate == 3.0


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_exchanging_the_groups_turns_the_difference_round(a, b, c, d):
    found, turned = risk_difference(a, a + b, c, c + d), risk_difference(c, c + d, a, a + b)

    assert (found.estimate, found.low, found.high) == pytest.approx((-turned.estimate, -turned.high, -turned.low))


def test_the_number_needed_to_treat_has_no_sign_and_its_limits_in_order():
    harm, benefit = (number_needed_to_treat(risk_difference(*each)) for each in ((40, 50, 10, 50), (10, 50, 40, 50)))

    assert harm.estimate == pytest.approx(1 / 0.6)
    assert harm.low < harm.estimate < harm.high
    assert (benefit.estimate, benefit.low, benefit.high) == pytest.approx((harm.estimate, harm.low, harm.high))


def test_there_is_no_number_needed_to_treat_when_there_may_be_no_difference():
    found = number_needed_to_treat(risk_difference(10, 50, 11, 50))

    assert (found.estimate, found.reason) == (None, "the interval of the risk difference includes 0")
