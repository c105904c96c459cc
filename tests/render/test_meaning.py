"""What a column and a row are in the study, in words."""

import pytest

from clinical_nb.dictionary.meaning import Column, Grain, Level, Relation
from clinical_nb.render.meaning import say_grain, say_role

CODES = (Level(value=1, label="1"), Level(value=2, label="dead"))
TO_PATIENTS = Relation(table="patients", columns=("id",), keys=("patient_id",))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Column(kind="numeric"), ""),
        (Column(kind="binary", role="arm"), "arm"),
        (Column(kind="binary", role="event", event=2, levels=CODES), "event (2 = dead)"),
        (Column(kind="binary", role="event", event=1, levels=CODES), "event (1)"),
        (Column(kind="binary", role="event", levels=CODES), "event (which code is not known)"),
        (Column(kind="numeric", baseline="sbp_0"), "baseline: sbp_0"),
        (Column(kind="numeric", role="outcome", baseline="sbp_0"), "outcome; baseline: sbp_0"),
    ],
)
def test_a_role_is_said_with_its_event_and_its_baseline(column, said):
    assert say_role(column) == said


@pytest.mark.parametrize(
    ("grain", "said"),
    [
        (None, ""),
        (Grain(row="patient", key=("id",)), "one row per patient (key: id), not confirmed"),
        (
            Grain(row="patient and visit", key=("id", "visit"), relations=(TO_PATIENTS,)),
            "one row per patient and visit (key: id, visit), not confirmed; belongs to patients by id, not confirmed",
        ),
        (Grain(row="patient", key=("the\nnumber",)), "one row per patient (key: the number), not confirmed"),
        (Grain(row="event (several a patient)", confirmed=True), "one row per event (several a patient), confirmed"),
        (
            Grain(row="event (several a patient)", key=("id", "seq"), relations=(TO_PATIENTS,)),
            (
                "one row per event (several a patient; key: id, seq), not confirmed; "
                "belongs to patients by id, not confirmed"
            ),
        ),
    ],
)
def test_a_grain_is_said_with_its_key_and_its_relations(grain, said):
    assert say_grain(grain) == said
