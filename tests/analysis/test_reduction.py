"""A statistic about persons counts each once, however many rows they have, or is refused."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.dictionary.meaning import Column
from clinical_nb.errors import PlanError
from clinical_nb.plan import OneOf
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
