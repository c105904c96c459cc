"""Agreement: kappa, limits of agreement, intraclass and concordance correlation as R has them, and what is refused."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.analysis.arithmetic.concordance import intraclass, limits_of_agreement, lin, measured
from clinical_nb.analysis.arithmetic.kappa import kappa_of, quadratic_weights
from clinical_nb.analysis.counted.pairs import Pairs
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Agree, Cohort

R = json.loads((Path(__file__).parent.parent / "reference" / "agreement.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")
BOUNDS = ("estimate", "low", "high")
# The first and the last judge of Shrout & Fleiss 1979, table 2.
JUDGES = {"one": [9.0, 6, 8, 7, 10, 6], "other": [8.0, 2, 8, 6, 9, 7]}


def is_as(found, expected):
    assert [getattr(found, name) for name in BOUNDS] == pytest.approx([expected[name] for name in BOUNDS], rel=1e-10)


@pytest.mark.parametrize(
    ("name", "table"), [("two", [[40, 6], [9, 25]]), ("three", [[11, 4, 0], [3, 12, 5], [1, 2, 20]])]
)
def test_kappa_agrees_with_r_with_weights_and_without(name, table):
    counts = np.array(table)

    is_as(kappa_of(counts), R[name]["kappa"])
    is_as(kappa_of(counts, quadratic_weights(len(table))), R[name]["weighted"])


def stages(table):
    """Return the table with a second reading of the stage, as agreement.R makes it."""
    again = (
        pl.col("stage") + (pl.col("platelet") % 3 == 0).cast(pl.Int64) - (pl.col("platelet") % 5 == 0).cast(pl.Int64)
    )
    table.frame = table.frame.with_columns(again=again.clip(1, 4))
    table.columns["again"] = table.columns["stage"]
    return table


def test_ordered_readings_have_a_weighted_kappa_beside_the_plain_one(pbc_table, numbers, notes):
    result = stages(pbc_table).run(Agree(C, "stage", "again"))

    for context, name in (("kappa", "kappa"), ("kappa_weighted", "weighted")):
        found = numbers(result, context)
        expected = R["stages"][name]
        assert [found["estimate"], found["conf.low"], found["conf.high"]] == pytest.approx(
            [expected[each] for each in BOUNDS], rel=1e-10
        )
    assert numbers(result, "agreement")["N"] == sum(
        each.stat for each in result.statistics if each.context == "agreement_cell"
    )
    assert notes(result, "missing") == ["11 have only stage, 0 only again, 6 neither: they are left out."]


@pytest.mark.parametrize(("one", "other", "name"), [("copper", "quarter", "copper"), ("age", "later", "age")])
def test_measurements_of_a_real_trial_agree_with_r(pbc_table, numbers, one, other, name):
    later = pl.col("age") + pl.col("platelet") % 7 - 2
    pbc_table.frame = pbc_table.frame.with_columns(quarter=pl.col("chol") / 4, later=later)
    pbc_table.columns |= {"quarter": Column(kind="numeric"), "later": Column(kind="numeric")}

    result = pbc_table.run(Agree(C, one, other))

    expected = R[name]
    for level, key in (("bias", "bias"), ("lower limit", "lower"), ("upper limit", "upper")):
        found = numbers(result, "bland_altman", variable_level=level)
        assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
            [expected[key], expected[f"{key}_low"], expected[f"{key}_high"]], rel=1e-8
        )
    for context, key in (("icc", "icc"), ("concordance", "ccc")):
        found = numbers(result, context)
        assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
            [expected[key], expected[f"{key}_low"], expected[f"{key}_high"]], rel=1e-8
        )
    assert numbers(result, "paired", variable=one)["N"] == expected["n"]


def test_two_judges_of_shrout_and_fleiss_agree_with_r(make_table, numbers):
    columns = {"one": Column(kind="numeric"), "other": Column(kind="numeric")}

    result = make_table(pl.DataFrame(JUDGES), columns).run(Agree(C, "one", "other"))

    expected = R["judges"]
    found = numbers(result, "icc")
    assert [found[each] for each in ("estimate", "conf.low", "conf.high")] == pytest.approx(
        [expected["icc"], expected["icc_low"], expected["icc_high"]], rel=1e-9
    )


def test_a_difference_that_grows_with_the_size_is_told(make_table, notes):
    size = np.arange(1.0, 41)
    frame = pl.DataFrame({"one": size * 1.2, "other": size + (np.arange(40) % 3)})

    result = make_table(frame, {"one": Column(kind="numeric"), "other": Column(kind="numeric")}).run(
        Agree(C, "one", "other")
    )

    assert any("grows with the size" in note for note in notes(result, "caution"))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (("age", "sex"), "is numeric and 'sex' binary, so they cannot agree"),
        (("age", "age"), "agrees with itself"),
        (("sex", "stage"), "have no level in common"),
    ],
)
def test_what_cannot_agree_is_refused(pbc_table, columns, told):
    with pytest.raises(PlanError, match=told):
        pbc_table.run(Agree(C, *columns))


def test_other_units_are_refused(pbc_table):
    pbc_table.columns |= {"bili": Column(kind="numeric", unit="mg/dl"), "albumin": Column(kind="numeric", unit="g/dl")}

    with pytest.raises(PlanError, match="their difference has no meaning"):
        pbc_table.run(Agree(C, "bili", "albumin"))


def test_entire_agreement_has_no_interval():
    assert kappa_of(np.diag([4, 6, 3])).reason == "the readings agree entirely, so there is no interval"
    assert kappa_of(np.array([[7, 0], [0, 0]])).reason == "all readings are of one level"
    same = measured(Pairs(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 3, 4]), np.array([1, 1, 2, 1])))
    assert limits_of_agreement(same).bias.reason == "all differences are the same"
    assert intraclass(same).estimate == 1
    assert lin(same).estimate == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=60), st.permutations(range(4)))
def test_renaming_the_levels_leaves_kappa_as_it_was_and_turning_the_readings_round_too(rows, names):
    table = np.zeros((4, 4), dtype=np.int64)
    other = np.zeros((4, 4), dtype=np.int64)
    for one, two in rows:
        table[one, two] += 1
        other[names[one], names[two]] += 1

    found = kappa_of(table)

    for turned in (kappa_of(other), kappa_of(table.T)):
        assert turned.reason == found.reason
        assert turned.estimate == pytest.approx(found.estimate)
        assert turned.low == pytest.approx(found.low)
