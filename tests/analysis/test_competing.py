"""Cumulative incidence and Gray's test from counts: R's numbers, also with ties and groups that end early."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.arithmetic.competing import FirstEvents, gray, incidence_at
from clinical_nb.analysis.arithmetic.event_times import EventTimes

R = json.loads((Path(__file__).parent.parent / "reference" / "incidence.json").read_text(encoding="utf-8"))
TIME = [1, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 12, 12]
STATUS = [1, 2, 1, 1, 0, 2, 2, 2, 0, 1, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1]
ARM = list("abcb" * 5)


def first_events(time, status) -> FirstEvents:
    time, status = np.array(time, dtype=float), np.array(status)
    times = np.unique(time)
    counts = [np.array([((time == at) & (status == code)).sum() for at in times], dtype=np.int64) for code in (1, 2, 0)]
    return FirstEvents(times, *counts)


def split(time, status, group) -> list[FirstEvents]:
    return [
        first_events(*zip(*[(t, s) for t, s, g in zip(time, status, group, strict=True) if g == each], strict=True))
        for each in sorted(set(group))
    ]


@pytest.mark.parametrize(("name", "turned"), [("toy", False), ("toy_competing", True)])
def test_incidence_with_ties_agrees_with_r(name, turned):
    found = first_events(TIME, STATUS)
    found = found.turned if turned else found

    expected = R[name]
    for place, when in enumerate(expected["when"]):
        share, _ = incidence_at(found, when)
        assert [share.estimate, share.low, share.high] == pytest.approx(
            [expected[each][place] for each in ("estimate", "low", "high")], rel=1e-10
        )


@pytest.mark.parametrize(
    ("groups", "name"),
    [
        (split(TIME, STATUS, ARM), "toy_arms"),
        (split([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 0, 1, 2, 1, 1], "aaaabbbb"), "early"),
    ],
)
def test_grays_test_agrees_with_r(groups, name):
    for side, expected in zip((groups, [each.turned for each in groups]), R[name], strict=True):
        found = gray(side)

        assert found.statistic == pytest.approx(expected["statistic"], rel=1e-8)
        assert (found.df, found.p) == (expected["df"], pytest.approx(expected["p"], rel=1e-8))


def test_nobody_is_told_of_times_that_nobody_was_followed_to():
    found = first_events([1, 2, 3], [1, 0, 0])

    assert incidence_at(found, 5)[0].reason == "nobody was followed so long"
    assert incidence_at(found, 0.5)[0].estimate == 0
    assert incidence_at(first_events([1, 2], [1, 1]), 9)[0].estimate == 1


def test_without_an_event_there_is_no_test():
    assert gray(split([1, 2, 3, 4], [0, 2, 0, 2], "aabb")).reason == "there was no event"


follow_up = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2), st.sampled_from("ab")), min_size=4, max_size=50)


@given(follow_up)
def test_the_incidences_of_both_events_and_the_share_without_either_add_up_to_all(rows):
    found = first_events(*zip(*[(time, status) for time, status, _ in rows], strict=True))

    assert found.incidence + found.turned.incidence + found.free == pytest.approx(np.ones(len(found.times)))


@given(follow_up)
def test_without_a_competing_event_the_incidence_is_what_the_survival_curve_leaves(rows):
    status = [min(status, 1) for _, status, _ in rows]
    found = first_events([time for time, *_ in rows], status)

    curve = EventTimes(found.times, found.events, found.censored).curve
    assert found.incidence == pytest.approx(1 - curve)


@given(follow_up)
def test_the_order_of_the_groups_does_not_matter_to_the_test(rows):
    groups = split(*zip(*rows, strict=True))
    if len(groups) < 2:
        return

    one, other = gray(groups), gray(groups[::-1])

    assert (one.p is None) == (other.p is None)
    if one.p is not None:
        assert one.statistic == pytest.approx(other.statistic, rel=1e-6, abs=1e-9)


def test_a_group_that_all_had_the_event_before_the_other_one_began_is_compared():
    test = gray(split([1, 1, 2, 3], [1, 1, 1, 1], ["a", "a", "b", "b"]))

    assert test.statistic == pytest.approx(3)  # R 4.2: cmprsk::cuminc(c(1, 1, 2, 3), rep(1, 4), …)
    assert test.p == pytest.approx(0.08326452, rel=1e-6)
