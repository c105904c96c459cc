"""Columns that only say yes, and letters that were broken before the upload."""

import polars as pl
import pytest

from clinical_nb.intake.table import Table
from clinical_nb.quality.report import inspect


def findings(kind, **columns):
    frame = pl.DataFrame(columns)
    return [each for each in inspect([Table("t", frame.lazy(), frame.height)]) if each.kind == kind]


@pytest.mark.parametrize("tick", ["Y", "x", 1])
def test_a_flag_that_is_yes_or_empty_is_told_to_count_as_unknown_where_it_is_empty(tick):
    (finding,) = findings("constant", died=[tick, None, tick, None, tick])

    assert finding.text == "Every cell has the same value or is missing (2)."
    assert finding.proposal.startswith("If an empty cell means no here, write that into it")


def test_another_constant_is_not_taken_for_a_flag():
    (finding,) = findings("constant", unit=["mg/l", None, "mg/l", "mg/l"])

    assert finding.proposal == "It can explain nothing in an analysis."


def test_letters_in_the_wrong_encoding_are_told():
    broken = "München".encode().decode("cp1252")

    (finding,) = findings("spreadsheet damage", ward=[broken, "Bern", broken])

    assert (finding.rows, finding.at) == (2, (1, 3))
    assert finding.text == "2 values with letters that were read in the wrong encoding before, as Ã¼ for ü."


def test_words_with_accents_are_no_damage():
    assert findings("spreadsheet damage", ward=["München", "São Paulo", "Île", "naïve", "ÃO"]) == []
