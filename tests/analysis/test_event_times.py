"""Kaplan-Meier curves, medians, log-rank tests, restricted means: R's (reference/survival.R), and edges."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.arithmetic.event_times import (
    EventTimes,
    event_times_from,
    expected_events,
    log_rank,
    median_time,
    restricted_mean,
    survival_at,
)
from clinical_nb.analysis.distribution import distribution_from

R = json.loads((Path(__file__).parent.parent / "reference" / "survival.json").read_text(encoding="utf-8"))
TIMES = [1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 10, 12, 3, 5, 5, 8, 11]
EVENTS = [1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1]
ARMS = ["a"] * 15 + ["b"] * 5
SITES = ["x", "y"] * 10
TOY = pl.DataFrame({"time": TIMES, "event": EVENTS, "arm": ARMS, "site": SITES})


def follow_up(rows: pl.DataFrame) -> EventTimes:
    def counted(event: int):
        found = rows.filter(pl.col("event") == event).group_by("time").len()
        return distribution_from(found["time"].to_numpy().astype(float), found["len"].to_numpy())

    return event_times_from(counted(1), counted(0))


@pytest.fixture
def patients(pbc):
    return pl.read_csv(pbc, null_values="NA").with_columns(event=(pl.col("status") == 2).cast(pl.Int64))


def groups(rows: pl.DataFrame, by: str) -> list[EventTimes]:
    return [follow_up(part) for _, part in sorted(rows.drop_nulls(by).group_by(by))]


def curve_like(found: EventTimes, expected: dict) -> None:
    for at, share, low, high, at_risk in zip(
        *(expected[name] for name in ("at", "surv", "lower", "upper", "at_risk")), strict=True
    ):
        estimate, followed = survival_at(found, at)
        assert followed == at_risk
        assert estimate.estimate == pytest.approx(share, rel=1e-12)
        if share < 1:
            assert (estimate.low, estimate.high) == (pytest.approx(low, rel=1e-10), pytest.approx(high, rel=1e-10))
    median = median_time(found)
    assert (median.estimate, median.low, median.high) == (expected["median"], expected["low"], expected["high"])


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("toy", TOY),
        ("toy_a", TOY.filter(pl.col("arm") == "a")),
        ("toy_b", TOY.filter(pl.col("arm") == "b")),
        ("half", pl.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 1, 1]})),
        ("half_then_censored", pl.DataFrame({"time": [1, 2, 3, 4], "event": [1, 1, 0, 0]})),
    ],
)
def test_a_curve_and_its_median_are_those_of_r(name, rows):
    curve_like(follow_up(rows), R[name])


def test_the_curve_of_a_real_trial_is_that_of_r(patients):
    curve_like(follow_up(patients), R["pbc"])


def test_reversed_follow_up_of_a_real_trial_is_that_of_r(patients):
    curve_like(follow_up(patients).reversed(), R["pbc_reversed"])


@pytest.mark.parametrize(("name", "by"), [("rank_trt", "trt"), ("rank_stage", "stage")])
def test_the_log_rank_test_of_a_real_trial_is_that_of_r(patients, name, by):
    found = groups(patients, by)

    test = log_rank([found])

    assert (test.statistic, test.df) == (pytest.approx(R[name]["chisq"], rel=1e-10), R[name]["df"])
    assert expected_events(found) == pytest.approx(R[name]["exp"], rel=1e-10)


def test_the_log_rank_test_within_strata_is_that_of_r(patients):
    strata = [groups(part, "trt") for _, part in sorted(patients.group_by("sex"))]
    assert log_rank(strata).statistic == pytest.approx(R["rank_trt_by_sex"]["chisq"], rel=1e-10)

    sites = [groups(part, "arm") for _, part in sorted(TOY.group_by("site"))]
    assert log_rank(sites).statistic == pytest.approx(R["rank_toy_sites"]["chisq"], rel=1e-10)


def test_the_restricted_mean_is_that_of_r(patients):
    for rows, until, name in ((TOY, 9, "rmst_toy"), (patients, 3652.5, "rmst_pbc")):
        mean, error = restricted_mean(follow_up(rows), until) or (None, None)
        assert mean == pytest.approx(R[name]["mean"], rel=1e-10)
        assert error == pytest.approx(R[name]["se"], rel=1e-10)


def test_nothing_is_said_of_a_time_that_nobody_was_followed_to():
    found = follow_up(pl.DataFrame({"time": [1, 2, 3], "event": [1, 0, 0]}))

    estimate, followed = survival_at(found, 4)

    assert (estimate.estimate, estimate.reason, followed) == (None, "nobody was followed so long", 0)
    assert restricted_mean(found, 4) is None


def test_a_curve_that_reached_zero_stays_there_without_an_interval():
    estimate, followed = survival_at(follow_up(pl.DataFrame({"time": [1, 2], "event": [1, 1]})), 5)

    assert (estimate.estimate, estimate.low, followed) == (0.0, None, 0)
    assert estimate.reason == "everyone had the event, so there is no interval"


def test_without_events_there_is_a_curve_and_no_median_and_no_test():
    found = follow_up(pl.DataFrame({"time": [1, 2], "event": [0, 0]}))

    assert survival_at(found, 1)[0].estimate == 1.0
    assert median_time(found).reason == "more than half had no event while they were followed"
    assert log_rank([[found, found]]).reason == "no event while two groups were followed"


def test_nobody_has_no_curve():
    found = event_times_from(None, None)

    assert (found.n, found.last) == (0, None)
    assert survival_at(found, 1)[0].reason == "nobody was followed so long"
    assert median_time(found).estimate is None
    assert np.array_equal(expected_events([found, found]), [0.0, 0.0])


def test_groups_that_never_meet_within_a_stratum_are_not_compared():
    """The groups 1 and 4 meet in one stratum, 2 and 3 in another; R's solve() stops there."""
    never = follow_up(TOY.clear())
    one, other = (follow_up(TOY.filter(pl.col("arm") == arm)) for arm in ("a", "b"))

    test = log_rank([[one, never, never, other], [never, other, one, never]])

    assert (test.p, test.reason) == (None, "some groups never meet within a stratum")
