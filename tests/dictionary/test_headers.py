"""Meaning in a column's name: units in brackets, and codes with their words, only where they fit the values."""

import polars as pl
import pytest

from clinical_nb.dictionary.headers import read_header, unit_of
from clinical_nb.dictionary.inference import infer


@pytest.mark.parametrize(
    ("name", "values", "label", "levels"),
    [
        ("Smoker (1: Yes 2: No)", [1, 2], "Smoker", {1: "Yes", 2: "No"}),
        ("Current smoker 1. Yes 2. No", [1, 2], "Current smoker", {1: "Yes", 2: "No"}),
        ("Sex [0=male, 1=female]", [0, 1], "Sex", {0: "male", 1: "female"}),
        ("Smoking 1. Current 2. Former 3. Never", [1, 3], "Smoking", {1: "Current", 2: "Former", 3: "Never"}),
        ("Gender(1-Male,2-Female)", [1, 2], "Gender", {1: "Male", 2: "Female"}),
        ("Stage (1=I, 2=II)", ["1", "2"], "Stage", {"1": "I", "2": "II"}),
    ],
)
def test_a_codebook_in_a_name_is_read_in_the_data_s_own_codes(name, values, label, levels):
    said = read_header(name, values)

    assert said.label == label
    assert {level.value: level.label for level in said.levels} == levels


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Smoker (1: Yes 2: No)", [1, 2, 3]),  # 3 is no code of it
        ("Smoker (1: Yes 2: No)", []),
        ("ECOG (0-4)", [0, 1]),
        ("Sex (M=1, F=2)", [1, 2]),
        ("Visit 1. Day 8", [1, 2]),
        ("Group (A)", ["A"]),
    ],
)
def test_a_name_that_does_not_fit_says_nothing(name, values):
    assert read_header(name, values).levels == ()


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Weight (kg)", "kg"),
        ("Haemoglobin [g/dL]", "g/dL"),
        ("eGFR (mL/min/1.73 m2)", "mL/min/1.73 m2"),
        ("Creatinine (µmol/L)", "µmol/L"),
        ("White cells (10^9/L)", "10^9/L"),
        ("Temperature (°C)", "°C"),
        ("Blood pressure (mmHg)", "mmHg"),
        ("Follow-up (months)", "months"),
        ("Days to death or last follow-up", "days"),
        ("months from surgery to relapse", "months"),
        ("Survival in years", "years"),
        ("Days of the week", ""),
        ("Group (A)", ""),
        ("Actual Treatment (N)", ""),
        ("Pain (0-10)", ""),
        ("Weight", ""),
        ("(see note)", ""),
    ],
)
def test_a_unit_is_taken_only_where_it_is_unmistakable(label, unit):
    assert unit_of(label) == unit


def test_what_names_say_is_laid_over_what_was_inferred():
    table = pl.DataFrame(
        {"Weight (kg)": [70.5, 80.25, 91.5], "Smoker (1: Yes 2: No)": [1, 2, 1], "Site (kg)": ["a", "b", "a"]}
    )

    columns = infer({"x": table}).tables["x"]

    assert (columns["Weight (kg)"].label, columns["Weight (kg)"].unit) == ("Weight", "kg")
    assert [level.label for level in columns["Smoker (1: Yes 2: No)"].levels] == ["Yes", "No"]
    assert columns["Site (kg)"].unit == ""
