"""A table that says what codes mean: its texts are levels, by which the rows of other tables are grouped."""

import polars as pl
import pytest

import clinical_nb
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.study import propose_study

PATIENTS = pl.DataFrame({"patient_id": range(1, 13), "age": range(41, 53), "dx_code": [1, 2, 3] * 4})
NAMES = ["Hypertension", "Diabetes mellitus", "Asthma"]


def kind_of(column, **tables):
    return propose_study(infer(tables), tables).dictionary.tables["dx"][column].kind


def test_the_texts_of_a_look_up_table_are_levels():
    dx = pl.DataFrame({"dx_code": [1, 2, 3], "diagnosis": NAMES})

    assert kind_of("diagnosis", patients=PATIENTS, dx=dx) == "categorical"


@pytest.mark.parametrize(
    "dx",
    [
        {"dx_code": [1, 2, 3], "diagnosis": ["see the notes of the ward round of that day, " * 3, "B", "C"]},
        {"dx_code": [4, 5, 6], "diagnosis": NAMES},
        {"dx_code": range(1, 41), "diagnosis": [f"disease {n}" for n in range(40)]},
    ],
)
def test_other_texts_stay_text(dx):
    assert kind_of("diagnosis", patients=PATIENTS, dx=pl.DataFrame(dx)) == "text"


def test_patients_are_grouped_by_what_their_codes_mean(tmp_path):
    PATIENTS.write_csv(tmp_path / "patients.csv")
    pl.DataFrame({"dx_code": [1, 2, 3], "diagnosis": NAMES}).write_csv(tmp_path / "dx.csv")
    with clinical_nb.Session(tmp_path / "store") as session:
        session.upload([tmp_path / "patients.csv", tmp_path / "dx.csv"], name="study")

        ard = session.ask("mean age by diagnosis").result.ard

    means = ard.filter(pl.col("stat_name") == "mean").select("group1_level", "stat").rows()
    # by hand: 41, 44, 47, 50 have code 1; 42, 45, 48, 51 code 2; 43, 46, 49, 52 code 3
    assert dict(means) == {"Hypertension": 45.5, "Diabetes mellitus": 46.5, "Asthma": 47.5}
