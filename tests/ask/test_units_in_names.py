"""A header that ends with its unit names a column by what stands before it."""

import pytest

from clinical_nb.ask.reading import Read, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary

COLUMNS = {
    "id": Column(kind="identifier", role="patient"),
    "CRP mg/l": Column(kind="numeric"),
    "weight_kg": Column(kind="numeric"),
    "os_months": Column(kind="numeric"),
    "arm": Column(kind="binary", role="arm", levels=[{"value": 1, "label": "new"}, {"value": 2, "label": "old"}]),
}


@pytest.mark.parametrize(
    ("question", "column"),
    [("mean CRP by arm", "CRP mg/l"), ("median weight", "weight_kg"), ("mean crp mg/l", "CRP mg/l")],
)
def test_a_column_is_found_without_the_unit_in_its_name(question, column):
    reading = read_question(question, "trial", Dictionary(tables={"trial": COLUMNS}))

    assert isinstance(reading, Read)
    assert reading.plan.column == column


def test_a_time_is_not_called_as_the_survival_that_it_measures():
    reading = read_question("mean os", "trial", Dictionary(tables={"trial": COLUMNS}))

    assert not isinstance(reading, Read)
