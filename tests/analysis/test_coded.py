"""Levels that are written otherwise in the data than they are called are told with a count by them."""

import polars as pl
import pytest

from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary, Level
from clinical_nb.plan import Cohort, Count

C = Cohort("d", "t")
TOWNS = (("x_1", "Upton"), ("x_2", "Vale"), ("x_3", "Wick"))


def codes(levels, kind="categorical"):
    column = Column(kind=kind, levels=tuple(Level(value=value, label=label) for value, label in levels))
    frame = pl.LazyFrame({"town": [value for value, _ in levels]})
    result = run(Count(C, ("town",)), frame, Dictionary(tables={"t": {"town": column}}))
    return [note.facts["codes"] for note in result.notes if "codes" in note.facts]


def test_each_code_is_told_with_its_label():
    assert codes(TOWNS) == ["'x_1' for Upton, 'x_2' for Vale, 'x_3' for Wick"]


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ([(1, "Upton"), (2, "Vale"), (3, "Wick")], "categorical"),
        ([("Upton", "Upton"), ("Vale", "Vale"), ("Wick", "Wick")], "categorical"),
        ([("x_1", "no"), ("x_2", "yes")], "binary"),
        ([(f"x_{n}", f"town {n}") for n in range(20)], "categorical"),
    ],
)
def test_codes_that_tell_nothing_or_are_too_many_are_left_out(levels, kind):
    assert codes(levels, kind) == []
