"""Codes as people write them."""

import pytest

from clinical_nb.dictionary.codes import (
    CodeRange,
    all_coded,
    means_unknown,
    read_number,
    read_range,
    split_code,
    split_entries,
)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("1_female", (1, "female")),
        ("0_no SOD", (0, "no SOD")),
        ("1 - yes", (1, "yes")),
        ("2: Indiana", (2, "Indiana")),
        ("3) other", (3, "other")),
        ("-9=unknown", (-9, "unknown")),
        ("18-30 years", None),
        ("0.5 mg", None),
        ("1a", None),
        ("female", None),
        ("NA_NA", None),
        ("1", None),
    ],
)
def test_a_code_before_a_word_is_split_off(value, parts):
    assert split_code(value) == parts


def test_values_are_coded_only_when_all_are_and_no_code_is_twice():
    assert all_coded(["0_no", "1_yes"])
    assert not all_coded(["0_no", "1_yes", "NA_NA"])
    assert not all_coded(["1_no", "1_yes"])
    assert not all_coded(["1_no"])


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("1=drug; 2=placebo", ("1=drug", "2=placebo")),
        ("1=drug;2=placebo;", ("1=drug", "2=placebo")),
        ("1=drug\n2=placebo", ("1=drug", "2=placebo")),
        ("1=drug, 2=placebo", ("1=drug", "2=placebo")),
        ("1=drug, low dose; 2=placebo", ("1=drug, low dose", "2=placebo")),
        ("mg/dl", ("mg/dl",)),
    ],
)
def test_entries_are_split_where_people_split_them(text, entries):
    assert split_entries(text) == entries


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 to 4", CodeRange(1, 4, "")),
        ("1 to 5.5", CodeRange(1, 5.5, "")),
        ("0-100 mm", CodeRange(0, 100, "mm")),
        ("-2 to 2", CodeRange(-2, 2, "")),
        ("1000 per cubic mm", None),
        ("mg/dl", None),
        ("1=yes", None),
    ],
)
def test_a_range_is_read(text, found):
    assert read_range(text) == found


def test_only_whole_ranges_have_codes():
    assert list(CodeRange(1.0, 4.0, "").whole()) == [1, 2, 3, 4]
    assert CodeRange(1.0, 5.5, "").whole() is None
    assert CodeRange(4.0, 1.0, "").whole() is None


def test_numbers_are_whole_where_they_can_be():
    assert [read_number(text) for text in ("1", "1.0", "0.5", "-9", "x", "1e3", "")] == [
        1,
        1,
        0.5,
        -9,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(("label", "unknown"), [("unknown", True), ("Not done", True), ("N/A", True), ("none", False)])
def test_labels_that_say_nothing_is_known_are_missing(label, unknown):
    assert means_unknown(label) is unknown


@pytest.mark.parametrize("label", ["not randomised", "no", "unknown primary tumour", "missing tooth"])
def test_labels_that_say_something_are_values(label):
    assert not means_unknown(label)
