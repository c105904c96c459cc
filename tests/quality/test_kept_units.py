"""Which unit a step reads, where it was accepted for numbers in whatever unit most had."""

import polars as pl

from clinical_nb.dictionary.steps import ReadNumbers
from clinical_nb.intake.table import Table
from clinical_nb.quality.cleaning import clean
from clinical_nb.quality.kept_units import keep_units


def weights(*values):
    frame = pl.DataFrame({"weight": pl.Series(values, dtype=pl.String)})
    return Table("t", frame.lazy(), frame.height)


def test_the_unit_is_found_behind_numbers_with_a_sign_that_the_step_leaves_out():
    table, step = weights("~52 kg", "~60 kg", "~71 kg"), ReadNumbers(before=("~",))

    (kept,) = keep_units(table, {"weight": [step]}, {})["weight"]

    assert kept == step.model_copy(update={"factors": {"kg": 1.0, "": 1.0}})
    assert clean(table, {"weight": [kept]}).scan.collect()["weight"].to_list() == [52, 60, 71]


def test_the_unit_of_the_version_before_is_kept():
    before = ReadNumbers(flags=("H",), factors={"kg": 1.0, "": 1.0})

    kept = keep_units(weights("115 lb", "132 lb"), {"weight": [ReadNumbers(flags=("H",))]}, {"weight": [before]})

    assert kept == {"weight": (before,)}


def test_a_step_that_reads_otherwise_than_the_one_before_is_not_replaced_by_it():
    before = ReadNumbers(factors={"kg": 1.0, "": 1.0})

    (kept,) = keep_units(weights("52 H", "60 kg"), {"weight": [ReadNumbers(flags=("H",))]}, {"weight": [before]})[
        "weight"
    ]

    assert kept.flags == ("H",)
