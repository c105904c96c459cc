"""Counting rows and persons, with who could not be placed."""

import polars as pl
import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import OneOf, Threshold


@pytest.fixture
def visits(make_table, with_levels):
    frame = pl.DataFrame(
        {
            "patient": [1, 1, 2, 2, 3, 4, None],
            "visit": [1, 2, 1, 2, 1, 1, 1],
            "sex": ["f", "f", "m", "m", "f", "m", "f"],
            "pain": [3, 8, 1, None, None, 9, 9],
        }
    )
    return make_table(
        frame,
        {
            "patient": Column(kind="identifier"),
            "visit": Column(kind="categorical"),
            "sex": with_levels("binary", ("m", "male"), ("f", "female")),
            "pain": Column(kind="numeric"),
        },
    )


def test_everyone_is_counted(pbc_table, numbers, notes):
    result = pbc_table.count()

    assert numbers(result, "count") == {"n": 418, "N": 418}
    assert notes(result, "who") == ["418 of 418 persons; each has one row (id does not repeat)."]


def test_a_cohort_is_counted_out_of_all_and_its_share_out_of_those_known(pbc_table, numbers, notes):
    result = pbc_table.count(Threshold("platelet", "<", 150))

    assert numbers(result, "count") == {"n": 59, "N": 418, "p": 59 / 407, "n_unknown": 11}
    assert notes(result, "missing")[0].startswith("11 more are neither counted in nor out")


def test_groups_are_counted_in_the_dictionarys_order_with_the_missing_beside(pbc_table, numbers):
    result = pbc_table.count(by=("trt",))

    assert [each.group1_level for each in result.statistics if each.group1 and each.stat_name == "n"] == ["1", "2"]
    assert numbers(result, "count", group1_level="1") == {"n": 158, "N": 312, "p": 158 / 312}
    assert numbers(result, "count", group1="trt", group1_level=None) == {"N_miss": 106}


def test_combinations_without_rows_are_counted_as_none(pbc_table, numbers):
    result = pbc_table.count(by=("stage", "status"))

    assert numbers(result, "count", group1_level="1", group2_level="1")["n"] == 0


def test_persons_with_several_rows_are_counted_once(visits, numbers, notes):
    result = visits.count(OneOf("sex", ("f",)))

    assert numbers(result, "count") == {"n": 2, "N": 4, "p": 0.5, "n_unknown": 0}
    assert notes(result, "who") == ["2 of 4 persons by patient, with 3 of 6 rows; each person is counted once."]
    assert notes(result, "caution") == [
        "1 rows without patient are not counted.",
        "Percentages of 4 are of few: one more or less moves them by 25 points.",
    ]


def test_a_person_is_undecided_only_if_no_row_is_in(visits, numbers):
    result = visits.count(Threshold("pain", ">", 5))

    assert numbers(result, "count") == {"n": 2, "N": 4, "p": 1.0, "n_unknown": 2}


def test_a_person_in_several_groups_is_counted_in_each_and_it_is_said(visits, numbers, notes):
    result = visits.count(by=("visit",))

    assert numbers(result, "count", group1_level="2")["n"] == 2
    assert "A person with rows in several groups is counted in each of them." in notes(result, "caution")


@pytest.mark.parametrize("ask", ["describe", "proportion", "compare"])
def test_rows_of_the_same_person_are_not_treated_as_independent(visits, ask):
    asked = {"describe": ("pain",), "proportion": (Threshold("pain", ">", 5),), "compare": ("pain", "sex")}[ask]

    with pytest.raises(PlanError, match=r"several rows a person: 6 rows of 4 persons by 'patient'.*one visit"):
        getattr(visits, ask)(*asked)


def test_one_row_a_person_by_a_condition_can_be_described(visits, numbers):
    result = visits.describe("pain", OneOf("visit", (1,)))

    assert numbers(result, "continuous")["N"] == 4


def test_without_an_identifier_it_is_said_what_a_row_is_taken_for(small_table, numbers, notes):
    result = small_table.count(OneOf("group", ("a",)))

    assert numbers(result, "count") == {"n": 7, "N": 21, "p": 7 / 21, "n_unknown": 0}
    assert notes(result, "who") == ["7 of 21 rows; each is taken to be a different person."]


def test_new_rows_of_a_person_are_seen_though_the_table_was_counted_before(visits, notes):
    once = visits.frame.unique("patient").drop_nulls("patient")
    visits.frame = once
    before = visits.count()
    visits.frame = pl.concat([once, once])

    after = visits.count()

    assert notes(before, "who") == ["4 of 4 persons; each has one row (patient does not repeat)."]
    assert notes(after, "who") == ["4 of 4 persons by patient, with 8 of 8 rows; each person is counted once."]
