"""What is the same of a person for life is told where it differs over her rows."""

import polars as pl
import pytest

from clinical_nb.intake.table import Table
from clinical_nb.quality import constancy
from clinical_nb.quality.report import inspect


def conflicts(**columns):
    frame = pl.DataFrame(columns)
    return [each for each in inspect([Table("visits", frame.lazy(), frame.height)]) if each.kind == "conflicts"]


def test_a_sex_and_a_birth_that_differ_within_a_patient_are_told_with_their_rows():
    sex = ["F", "M", "M", "M", "F", "female", "M", "unknown"]
    dob = ["1980-01-01", "1980-01-01", "1970-03-03", "1970-03-04", "1960-01-01", "1960-01-01", "1950-01-01", None]

    found = conflicts(patient_id=[1, 1, 2, 2, 3, 3, 4, 4], sex=sex, dob=dob)

    assert {(each.column, each.rows, each.at) for each in found} == {("sex", 2, (1, 2)), ("dob", 2, (3, 4))}
    assert {each.text for each in found} == {
        "1 patient with several values of 'sex' over 2 rows.",
        "1 patient with several values of 'dob' over 2 rows.",
    }


def test_persons_who_are_looked_at_in_parts_are_told_together(monkeypatch):
    ids = [number // 2 for number in range(60)]
    sex = ["F" if number % 20 else "M" for number in range(60)]
    whole = conflicts(patient_id=ids, sex=sex)

    monkeypatch.setattr(constancy, "_ROWS_AT_ONCE", 7)

    assert conflicts(patient_id=ids, sex=sex) == whole
    assert [(each.rows, each.at) for each in whole] == [(6, (1, 2, 21, 22, 41))]


@pytest.mark.parametrize(
    "columns",
    [
        {"patient_id": [1, 1, 2, 2], "weight": [60, 61, 70, 71]},
        {"patient_id": [1, 1, 2, 2], "partner_sex": ["F", "M", "F", "M"]},
        {"visit_no": [1, 1, 2, 2], "sex": ["F", "M", "F", "M"]},
        {"patient_id": [1, 2, 3], "sex": ["F", "M", "F"]},
        {"patient_id": [None, None, 3], "sex": ["F", "M", "F"]},
    ],
)
def test_what_may_differ_is_not_told(columns):
    assert conflicts(**columns) == []
