"""Missing values: counted once each way, in patterns, and R's tests of whether they depend on the group."""

import json
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.analysis.arithmetic.multiplicity import holm
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, Missingness, OneOf
from clinical_nb.result import Result

R = json.loads((Path(__file__).parent.parent / "reference" / "pairs.json").read_text(encoding="utf-8"))
COLUMNS = ("chol", "copper", "trig", "platelet")


def missingness(table, columns=COLUMNS, *where, by=()) -> Result:
    return table.run(Missingness(Cohort("d", "t", where), columns, by))


def test_missing_values_are_counted_in_all_and_in_each_group(pbc_table, numbers):
    result = missingness(pbc_table, by=("trt",))

    found = [numbers(result, "missing", variable=name, group1=None) for name in COLUMNS]
    assert [(each["n"], each["N"]) for each in found] == [(134, 418), (108, 418), (136, 418), (11, 418)]
    assert numbers(result, "missing", variable="chol", group1_level="1") == {"n": 18, "N": 158, "p": 18 / 158}
    assert numbers(result, "complete", group1=None)["n"] == pbc_table.frame.select(COLUMNS).drop_nulls().height


def test_patterns_are_the_most_frequent_first_and_add_up(pbc_table):
    result = missingness(pbc_table)

    patterns = [each for each in result.statistics if each.context == "missing_pattern" and each.stat_name == "n"]
    counts = [(each.variable_level, each.stat) for each in patterns]
    assert counts[:2] == [("nothing", 276), ("chol, copper, trig", 99)]
    assert sum(n for _, n in counts) == 418


def test_what_depends_on_the_group_is_tested_as_r_does_with_holm_beside(pbc_table, numbers):
    result = missingness(pbc_table, by=("trt",))

    for name, context in zip(COLUMNS, ("chi_squared", "fisher", "chi_squared", "fisher"), strict=True):
        test = numbers(result, context, variable=name)
        assert test["p.value"] == pytest.approx(R["absent"][name], rel=1e-9)
        assert test["p.holm"] == pytest.approx(R["absent_holm"][name], rel=1e-9)


def test_a_column_without_missing_values_has_no_test_and_counts_for_no_adjustment(pbc_table, notes, numbers):
    result = missingness(pbc_table, ("chol", "age"), by=("trt",))

    assert "There is no test of age" in " ".join(notes(result, "test"))
    assert "p.holm" not in numbers(result, "chi_squared", variable="chol")
    assert numbers(result, "chi_squared", variable="age") == {"p.value": None}


def test_declared_codes_count_as_missing(make_table, with_levels, numbers):
    frame = pl.DataFrame({"x": [1, 9, 9, 2], "y": ["a", None, "b", "a"]})
    columns = {
        "x": with_levels("categorical", (1, "one"), (2, "two"), missing=[(9, "unknown")]),
        "y": Column(kind="text"),
    }

    result = missingness(make_table(frame, columns), ("x", "y"))

    assert numbers(result, "missing", variable="x")["n"] == 2
    assert numbers(result, "missing_pattern", variable_level="x, y")["n"] == 1


def test_only_the_cohort_is_counted(pbc_table, numbers):
    result = missingness(pbc_table, ("chol",), OneOf("sex", ("m",)))

    assert numbers(result, "missing", variable="chol") == {"n": 9, "N": 44, "p": 9 / 44}


def test_several_rows_a_person_are_counted_as_rows_and_not_tested(make_table, notes):
    frame = pl.DataFrame({"id": [1, 1, 2, 2], "x": [1.0, 2.0, None, 3.0], "arm": ["a", "b", "a", "b"]})
    columns = {"id": Column(kind="identifier"), "x": Column(kind="numeric"), "arm": Column(kind="categorical")}
    table = make_table(frame, columns)

    assert notes(missingness(table, ("x",)), "who") == [
        "Rows are counted, of which a person may have several: 4 rows of 2 persons."
    ]
    with pytest.raises(PlanError, match="several rows a person"):
        missingness(table, ("x",), by=("arm",))


@pytest.mark.parametrize(
    ("columns", "by", "told"),
    [
        ((), (), "one or more columns"),
        (("chol", "chol"), (), "each named once"),
        (("chol", "trt"), ("trt",), "both make the groups"),
        (("chol",), ("trt", "sex"), "one variable at a time"),
    ],
)
def test_what_cannot_be_counted_is_refused(pbc_table, columns, by, told):
    with pytest.raises(PlanError, match=told):
        missingness(pbc_table, columns, by=by)


def test_holm_never_falls_and_never_exceeds_one():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.9}) == pytest.approx(
        {"a": 0.04, "c": 0.09, "b": 0.09, "d": 0.9}
    )
