"""Codes that surveys write beside one another, and what looks like a code and is a measurement or a finding."""

import polars as pl
import pytest

from clinical_nb.dictionary.steps import TreatAsMissing
from clinical_nb.intake.table import Table
from clinical_nb.quality.missing_codes import may_mean_missing
from clinical_nb.quality.report import inspect


def codes_of(values, name="x"):
    frame = pl.DataFrame({name: values})
    found = [each for each in inspect([Table("t", frame.lazy(), frame.height)]) if each.kind == "missing codes"]
    return [each.step for each in found]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([0, 3, 10, 7, 98, 99, 98, 5], ("98", "99")),
        ([0, 3, 10, 7, 98, 98, 5], ("98",)),
        ([40, 52, 61, 997, 998, 999], ("997", "998", "999")),
        ([1, 2, 3, 2, 7, 8, 9], ("7", "8", "9")),
        ([0, 5, 3, -8, -9], ("-9", "-8")),
        ([1.5, 998.0, 999.0, 3.2], ("998", "999")),
    ],
)
def test_codes_that_stand_beside_each_other_are_proposed_together(values, codes):
    assert codes_of(values) == [TreatAsMissing(values=codes)]


@pytest.mark.parametrize(
    "values", [[95, 96, 97, 98, 99], [96, 97, 98, 98], [97.0, 98.6, 98.0, 99.0], [1, 2, 3, 7], [5, 20, 98, 41]]
)
def test_measurements_that_are_written_like_codes_are_none(values):
    assert codes_of(values) == []


def test_a_minus_beside_a_plus_is_a_finding_and_not_missing():
    assert codes_of(["+", "-", "-", "+", "++"]) == []


def test_a_minus_alone_is_proposed_as_missing():
    assert codes_of(["mild", "-", "severe", "mild"]) == [TreatAsMissing(values=("-",))]


@pytest.mark.parametrize("code", [-88, -99, -77, 888, 999])
def test_a_code_that_may_be_missing_is_not_told_again_as_impossible(code):
    frame = pl.DataFrame({"age": [30, 40, 50, 60, 45, 38, 72, 66, 51, 33, code, code]})

    found = inspect([Table("t", frame.lazy(), frame.height)])

    assert [(each.kind, each.step) for each in found] == [("missing codes", TreatAsMissing(values=(str(code),)))]


def test_a_number_like_a_code_that_is_not_apart_is_told_as_impossible():
    frame = pl.DataFrame({"heart_rate": [20, 340, 60, 120, 200, 280, 70, 90, 700, 999]})

    found = inspect([Table("t", frame.lazy(), frame.height)])

    assert [(each.kind, each.step) for each in found] == [("impossible values", TreatAsMissing(values=("700", "999")))]


@pytest.mark.parametrize("word", ["..", "(null)", "[blank]", "N.D", "na.", "sin dato", "不明", "н/д", "#NV", "\u2014"])
def test_words_for_missing_in_brackets_with_points_and_of_other_languages_are_found(word):
    assert may_mean_missing(word)


@pytest.mark.parametrize("word", ["none", "x", "no", "nein", "+", "*", "II", "nil"])
def test_what_may_be_a_level_is_no_word_for_missing(word):
    assert not may_mean_missing(word)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing", "unknown"], "for a reason that no word gives"),
        (["(null)", "None", "---", "k.A."], "for a reason that no word gives"),
        (["missing", "refused"], "with the word kept as the reason"),
        (["not done"], "with the word kept as the reason"),
    ],
)
def test_a_word_is_called_a_reason_only_where_it_gives_one(words, said):
    frame = pl.DataFrame({"age": [*map(str, range(30, 60)), *words]})

    (finding,) = inspect([Table("t", frame.lazy(), frame.height)])

    assert finding.proposal == f"Taken as missing, {said}."
