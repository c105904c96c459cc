"""Three or more times of the same persons agree with R, from columns and from the rows of their visits alike."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from clinical_nb.analysis.arithmetic.repeats import friedman
from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import Cohort, OneOf, Repeated, Threshold, Visits

R = json.loads((Path(__file__).parent.parent / "reference" / "designs.json").read_text(encoding="utf-8"))["times"]
C = Cohort("d", "t")
NUMBERS = ("quarter", "copper", "third")
TIED = ("stage", "rest", "swollen")
EVENTS = (
    Threshold("bili", ">", 2),
    Threshold("copper", ">", 80),
    Threshold("platelet", ">", 250),
    Threshold("stage", ">", 3),
)


@pytest.fixture
def pbc_times(pbc_table):
    pbc_table.frame = pbc_table.frame.with_columns(
        quarter=pl.col("chol") / 4,
        third=pl.col("platelet") / 3,
        rest=pl.min_horizontal(pl.col("platelet") % 5, pl.when(pl.col("platelet").is_not_null()).then(4)),
        swollen=pl.col("edema") * 4,
    )
    numeric = ("quarter", "third", "rest", "swollen", "stage")
    pbc_table.columns |= {name: Column(kind="numeric") for name in numeric}
    return pbc_table


def values_of(found):
    return [found[name] for name in ("statistic", "parameter", "p.value")]


def pairs(result, context, name):
    return [each.stat for each in result.statistics if each.context == context and each.stat_name == name]


@pytest.mark.parametrize(("times", "name"), [(NUMBERS, "numbers"), (TIED, "tied")])
def test_numbers_at_several_times_agree_with_r(pbc_times, numbers, times, name):
    result, expected = pbc_times.run(Repeated(C, times, "holm")), R[name]

    assert values_of(numbers(result, "friedman")) == pytest.approx(expected["test"], rel=1e-9)
    assert numbers(result, "kendalls_w")["estimate"] == pytest.approx(expected["w"], rel=1e-9)
    assert numbers(result, "repeated", group1_level=times[0])["N"] == expected["n"]
    assert pairs(result, "pairwise_signed_rank", "p.value") == pytest.approx(expected["pairs"], rel=1e-8)
    assert pairs(result, "pairwise_signed_rank", "p.adjusted") == pytest.approx(expected["holm"], rel=1e-8)


def test_events_at_several_times_agree_with_r(pbc_times, numbers):
    result, expected = pbc_times.run(Repeated(C, EVENTS, "holm")), R["events"]

    found = values_of(numbers(result, "cochran_q"))
    assert found == pytest.approx(expected["test"], rel=1e-9)
    assert found[0] == pytest.approx(expected["q"], rel=1e-9)
    assert pairs(result, "pairwise_mcnemar", "p.value") == pytest.approx(expected["pairs"], rel=1e-8)
    assert pairs(result, "pairwise_mcnemar", "p.adjusted") == pytest.approx(expected["holm"], rel=1e-8)


@pytest.fixture
def visits_table(make_table, with_levels):
    def make(rows):
        frame = pl.DataFrame(rows, schema=["id", "visit", "hr"], orient="row").with_columns(
            high=pl.when(pl.col("hr") > 5).then(pl.lit("yes")).otherwise(pl.lit("no"))
        )
        columns = {
            "id": Column(kind="identifier"),
            "visit": with_levels("categorical", (1, "first"), (2, "second"), (3, "third"), ordered=True),
            "hr": Column(kind="numeric"),
            "high": with_levels("binary", ("no", "no"), ("yes", "yes")),
        }
        return make_table(frame, columns)

    return make


ROWS = [(n, visit, (n * visit * 7) % 11) for n in range(1, 21) for visit in (1, 2, 3) if (n, visit) != (4, 2)]


def test_visits_in_rows_are_columns_of_the_persons_who_have_all(visits_table, make_table, numbers, notes):
    wide = pl.DataFrame(ROWS, schema=["id", "visit", "hr"], orient="row").pivot("visit", index="id", values="hr")
    columns = {"id": Column(kind="identifier"), **{name: Column(kind="numeric") for name in "123"}}

    result = visits_table(ROWS).run(Visits(C, "hr", "visit", "holm"))
    beside = make_table(wide, columns).run(Repeated(C, ("1", "2", "3"), "holm"))

    assert numbers(result, "friedman") == numbers(beside, "friedman")
    assert pairs(result, "pairwise_signed_rank", "p.value") == pairs(beside, "pairwise_signed_rank", "p.value")
    assert notes(result, "who") == ["19 of 20 persons by id are used; each is counted once."]
    assert notes(result, "missing") == ["1 have no known hr at one or more of the 3 visits: they are left out."]


def test_a_yes_or_no_in_rows_is_the_same_as_its_condition(visits_table, numbers):
    table = visits_table(ROWS)

    by_column = table.run(Visits(C, "high", "visit"))
    by_condition = table.run(Visits(C, OneOf("high", ("yes",)), "visit"))
    by_number = table.run(Visits(C, Threshold("hr", ">", 5), "visit"))

    assert numbers(by_column, "cochran_q") == numbers(by_condition, "cochran_q") == numbers(by_number, "cochran_q")
    assert numbers(by_column, "repeated_share", group1_level="1")["N"] == 19


def test_two_rows_of_one_visit_are_refused(visits_table):
    with pytest.raises(PlanError, match="up to 2 rows of one 'visit'"):
        visits_table([*ROWS, (1, 2, 5)]).run(Visits(C, "hr", "visit"))


def test_two_visits_are_a_pair_and_two_times_too(visits_table):
    with pytest.raises(PlanError, match="has 2 visits here"):
        visits_table(ROWS).run(Visits(Cohort("d", "t", (OneOf("visit", (1, 2)),)), "hr", "visit"))
    with pytest.raises(PlanError, match="three or more times"):
        Repeated(C, ("a", "b", "a"))


def test_numbers_and_yes_or_no_are_not_compared_over_times(pbc_times):
    with pytest.raises(PlanError, match="are not of one kind"):
        pbc_times.run(Repeated(C, ("bili", "copper", Threshold("bili", ">", 2))))


def test_values_that_never_differ_have_no_test(make_table, notes):
    frame = pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]})

    result = make_table(frame, {name: Column(kind="numeric") for name in "abc"}).run(Repeated(C, ("a", "b", "c")))

    assert notes(result, "test") == ["There is no test, because nobody's values differ between the times."]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 4), min_size=2, max_size=30))
def test_from_counts_friedmans_test_is_that_of_the_rows(rows):
    patterns, counts = np.unique(np.array(rows, dtype=float), axis=0, return_counts=True)

    found = friedman(patterns, counts)

    if found.p is None:
        assert all(len(set(row)) == 1 for row in rows)
    else:
        expected = friedmanchisquare(*np.array(rows).T)
        assert [found.statistic, found.p] == pytest.approx([expected.statistic, expected.pvalue], rel=1e-9, abs=1e-12)


def test_nobody_with_all_values_has_no_test_and_says_why(make_table, with_levels, notes):
    frame = pl.DataFrame({"a": ["yes", None], "b": [None, "no"], "c": ["yes", "no"]})
    yes_no = with_levels("binary", ("no", "no"), ("yes", "yes"))

    result = make_table(frame, dict.fromkeys("abc", yes_no)).run(Repeated(C, ("a", "b", "c"), "holm"))

    assert notes(result, "test")[0] == "There is no test, because fewer than 2 persons have all values."
    assert {each.stat for each in result.statistics if each.stat_name == "p.value"} == {None}
