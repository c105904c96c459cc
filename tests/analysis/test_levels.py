"""Which level is the event, which the reference, and in which order they stand."""

import pytest

from clinical_nb.analysis.counted.levels import Grouping, all_levels, event_of, is_ordinal, reference_of
from clinical_nb.plan import Threshold


def grouping(with_levels, *levels):
    return Grouping("x", tuple(value for value, _ in levels), with_levels("binary", *levels))


@pytest.mark.parametrize(
    ("levels", "reference"),
    [
        ([("1_drug", "drug"), ("0_placebo", "placebo")], "0_placebo"),
        ([(1, "D-penicillamine"), (2, "Placebo")], 2),
        ([("new", "new"), ("uc", "usual care")], "uc"),
        ([(1, "yes"), (0, "no")], 0),
        ([("a", "surgery"), ("b", "standard treatment")], "b"),
        ([("a", "Control group"), ("b", "exercise")], "a"),
        ([("a", "alpha"), ("b", "beta")], "a"),
        ([("m", "normal"), ("n", "nodular")], "m"),
    ],
)
def test_the_reference_is_what_others_are_compared_with(with_levels, levels, reference):
    assert reference_of(grouping(with_levels, *levels)) == reference


@pytest.mark.parametrize(
    ("levels", "event"),
    [
        ([(1, "yes"), (2, "no")], 1),
        ([(0, "0"), (1, "1")], 1),
        ([("neg", "negative"), ("pos", "positive")], "pos"),
        ([("pos", "present"), ("neg", "absent")], "pos"),
        ([("m", "male"), ("f", "female")], "f"),
        ([(False, "false"), (True, "true")], True),
    ],
)
def test_the_event_is_the_level_that_says_yes(with_levels, levels, event):
    assert event_of(grouping(with_levels, *levels)) == event


def test_a_condition_is_compared_with_its_no():
    condition = Grouping(Threshold("age", ">", 65), (True, False))

    assert (reference_of(condition), event_of(condition)) == (False, True)
    assert [condition.text(level) for level in condition.levels] == ["yes", "no"]


def test_declared_levels_come_first_in_their_order_and_missing_codes_not_at_all(with_levels):
    column = with_levels("categorical", (3, "mild"), (1, "severe"), (9, "?"), missing=[(9, "not done")])

    assert all_levels(column, {7, 1.0, 4, None}) == (3, 1.0, 4, 7)


def test_ranks_need_an_order_and_numeric_codes(with_levels):
    ordered = with_levels("categorical", (1, "I"), (2, "II"), ordered=True)

    assert is_ordinal(ordered, (1, 2))
    assert not is_ordinal(ordered, ("I", "II"))
    assert not is_ordinal(ordered, (True, False))
    assert not is_ordinal(with_levels("categorical", (1, "I"), (2, "II")), (1, 2))
