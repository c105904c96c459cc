"""Brant's test of proportional odds agrees with its formula in R, and says which term bends."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_nb.dictionary.meaning import Column
from clinical_nb.plan import Cohort, Regress
from tests.analysis.conftest import Table
from tests.analysis.conftest import with_levels as ordered

REFERENCE = Path(__file__).parent.parent / "reference"
R = json.loads((REFERENCE / "ordinal.json").read_text(encoding="utf-8"))
C = Cohort("d", "t")


def read(make_table, with_levels, name, outcome, order, *groups):
    frame = pl.read_csv(REFERENCE / "datasets" / f"{name}.csv", null_values="NA")
    if name == "birthwt":
        frame = frame.with_columns(visits=pl.col("ftv").clip(0, 2))
    columns = {each: Column(kind="numeric") for each in frame.columns}
    columns |= {each: Column(kind="categorical") for each in groups}
    levels = with_levels("categorical", *((level, str(level)) for level in order), ordered=True)
    return make_table(frame, columns | {outcome: levels})


@pytest.fixture
def tables(make_table, with_levels, pbc_table):
    return {
        "pbc": (pbc_table, "stage", ("trt", "age", "sex")),
        "pbc_measured": (pbc_table, "stage", ("albumin", "platelet")),
        "housing": (
            read(make_table, with_levels, "housing", "Sat", ("Low", "Medium", "High"), "Infl", "Type", "Cont"),
            "Sat",
            ("Infl", "Type", "Cont"),
        ),
        "infert": (read(make_table, with_levels, "infert", "spontaneous", (0, 1, 2), "case"), "spontaneous",
                   ("age", "case")),
        "birthwt": (read(make_table, with_levels, "birthwt", "visits", (0, 1, 2), "smoke"), "visits",
                    ("age", "smoke")),
    }  # fmt: skip


def brants(result):
    """The statistic, degrees of freedom and p of each term, and last of all of them."""
    rows = {}
    for each in result.statistics:
        if each.context == "proportional_odds":
            rows.setdefault((each.group1, each.variable), {})[each.stat_name] = each.stat
    return [[each[name] for name in ("statistic", "parameter", "p.value")] for each in rows.values()]


@pytest.mark.parametrize("name", R)
def test_brants_test_agrees_with_r(tables, notes, name):
    table, outcome, terms = tables[name]

    result = table.run(Regress(C, outcome, terms, "ordinal"))

    expected = [*R[name]["each"], R[name]["all"]]
    assert brants(result) == [pytest.approx(each, rel=1e-7) for each in expected]
    bent = [term for term, each in zip(terms, R[name]["each"], strict=True) if each[2] < 0.05]
    told = [each for each in notes(result, "caution") if "does not look the same at all cuts (Brant)" in each]
    assert len(told) == bool(bent)
    assert all(f"The odds ratio of {' and '.join(bent)} " in each for each in told)


def test_a_level_that_decides_a_cut_leaves_no_test(make_table, with_levels, notes):
    frame = pl.DataFrame({"y": [0, 1, 2] * 12, "x": ["a", "b", "b"] * 6 + ["b", "a", "b"] * 6})
    levels = with_levels("categorical", *((each, str(each)) for each in range(3)), ordered=True)
    table = make_table(frame, {"y": levels, "x": Column(kind="categorical")})

    result = table.run(Regress(C, "y", ("x",), "ordinal"))

    assert {each.warning for each in result.statistics if each.context == "proportional_odds"} == {
        "at some cut a level or value has the outcome never or always"
    }
    assert "cannot be tested" in " ".join(notes(result, "caution"))


@settings(max_examples=25)
@given(st.permutations(range(120)))
def test_the_order_of_rows_changes_no_bit(order):
    frame = pl.DataFrame({"y": [(n * 5 + n // 7) % 3 for n in range(120)], "x": [(n * 7) % 11 for n in range(120)]})
    columns = {"y": ordered("categorical", (0, "0"), (1, "1"), (2, "2"), ordered=True), "x": Column(kind="numeric")}

    one, other = (Table(each, columns).run(Regress(C, "y", ("x",), "ordinal")) for each in (frame, frame[list(order)]))

    assert one.statistics == other.statistics
