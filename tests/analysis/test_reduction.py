"""A statistic about persons counts each once, however many rows they have, or is refused."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.dictionary.meaning import Column, Limit
from clinical_nb.errors import PlanError
from clinical_nb.plan import Known, Missing, NoneOf, OneOf, Threshold
from tests.analysis.conftest import Table

COLUMNS = {
    "id": Column(kind="identifier"),
    "age": Column(kind="numeric"),
    "arm": Column(kind="categorical"),
    "sbp": Column(kind="numeric"),
}
PERSONS = st.lists(
    st.tuples(st.integers(20, 90), st.sampled_from("ab"), st.integers(1, 4), st.booleans()), min_size=6, max_size=20
)


@given(PERSONS)
def test_an_answer_after_reduction_is_that_of_the_table_of_persons(persons):
    one = [{"id": n, "age": age, "arm": arm, "sbp": n} for n, (age, arm, _, _) in enumerate(persons)]
    # In some rows of a person the age is missing: it is known in the last.
    many = [
        {**row, "age": None if gap and visit else row["age"], "sbp": 100 + visit}
        for row, (_, _, visits, gap) in zip(one, persons, strict=True)
        for visit in reversed(range(visits))
    ]
    visits, table = Table(pl.DataFrame(many), COLUMNS), Table(pl.DataFrame(one), COLUMNS)

    assert visits.describe("age", by=("arm",)).statistics == table.describe("age", by=("arm",)).statistics
    event = OneOf("arm", ("a",))
    assert visits.proportion(event).statistics == table.proportion(event).statistics
    if len({arm for _, arm, _, _ in persons}) == 2:
        assert visits.compare("age", "arm").statistics == table.compare("age", "arm").statistics


def test_the_answer_says_that_each_person_counts_once_and_which_rows_do_not(notes):
    frame = pl.DataFrame({"id": [1, 1, 2, None], "age": [40, 40, 50, 60], "arm": ["a"] * 4, "sbp": [1, 2, 3, 4]})
    result = Table(frame, COLUMNS).describe("age")

    assert notes(result, "who") == ["2 of 2 persons by id are used; each is counted once."]
    told = " ".join(notes(result, "caution"))
    assert "age did not differ between a person's rows (3 rows of 2 persons): each person counts once." in told
    assert "1 rows without id are not used." in told


def test_a_column_that_differs_within_persons_is_refused():
    frame = pl.DataFrame({"id": [1, 1, 2], "age": [40, 40, 50], "arm": ["a"] * 3, "sbp": [1, 2, 3]})

    with pytest.raises(PlanError, match="several rows a person"):
        Table(frame, COLUMNS).describe("sbp")


REPEATED = pl.DataFrame(
    {
        "id": [1, 1, 2, 2, 3],
        "age": [40, 40, 50, 50, 60],
        "arm": ["a", "a", "b", "b", "a"],
        "sbp": [120, 130, None, 150, 160],
        "why": [None, None, "refused", None, None],
        "beyond": [None, "<5", None, None, None],
    }
)


@pytest.mark.parametrize(
    ("columns", "column", "why"),
    [
        ({"sbp": Column(kind="numeric")}, "sbp", "'sbp' differs between the rows of a person."),
        ({"age": Column(kind="numeric", reasons="why")}, "age", "'age' has a reason beside each missing value"),
        (
            {"age": Column(kind="numeric", limit=Limit(column="beyond", rule="limit"))},
            "age",
            "some values of 'age' are only known to lie beyond a limit",
        ),
    ],
)
def test_why_a_person_s_rows_are_not_one_is_said(columns, column, why):
    table = Table(REPEATED, {**COLUMNS, "why": Column(kind="text"), "beyond": Column(kind="text"), **columns})

    with pytest.raises(PlanError, match="5 rows of 3 persons by 'id'") as refused:
        table.describe(column)

    assert why in str(refused.value)


def test_limits_and_reasons_do_not_stand_in_the_way_of_a_condition_that_leaves_one_row_each():
    columns = {**COLUMNS, "why": Column(kind="text"), "sbp": Column(kind="numeric", reasons="why")}

    result = Table(REPEATED, columns).describe("sbp", Threshold("sbp", ">", 125))

    assert [each.stat for each in result.statistics if each.stat_name == "N"] == [3]  # 130, 150 and 160


@pytest.mark.parametrize("condition", [NoneOf("sbp", (120,)), Missing("sbp")])
def test_what_is_denied_of_rows_that_differ_within_a_person_is_open(condition):
    with pytest.raises(PlanError, match="'sbp' differs between them: it is open whether no row may be so"):
        Table(REPEATED, COLUMNS).count(condition)


def test_what_is_denied_of_what_does_not_differ_is_counted_and_so_is_what_some_row_has(numbers, notes):
    table = Table(REPEATED, COLUMNS)

    other_arm, high = table.count(NoneOf("arm", ("a",))), table.count(Known("sbp"), Threshold("sbp", "<", 155))

    assert numbers(other_arm, "count")["n"] == 1
    assert (numbers(high, "count")["n"], numbers(high, "count")["N"]) == (2, 3)
    assert "A person counts who has at least one row for which all of this holds." in notes(high, "caution")
