"""Names that identify, and names that only look as if they did."""

import pytest

from clinical_nb.dictionary.identifiers import names_person, names_private, names_row, words_of


@pytest.mark.parametrize("name", ["patient_id", "patientID", "PatientId", "patient id", "patient.id", "PATIENT-ID"])
def test_a_name_is_the_same_however_it_is_written(name):
    assert words_of(name) == ("patient", "id")


@pytest.mark.parametrize(
    "name", ["usubjid", "SUBJID", "subject_id", "patient_id", "MRN", "participant no", "case number", "patient_id_2"]
)
def test_some_names_are_unmistakably_of_persons(name):
    assert names_person(name)
    assert names_row(name)


@pytest.mark.parametrize(
    "name", ["id", "ID", "record_id", "id_number", "case", "patient", "record number", "pid", "visitId"]
)
def test_some_names_say_that_a_column_identifies(name):
    assert names_row(name)
    assert not names_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "incident_bmi",
        "acid",
        "width",
        "idiopathic",
        "uric_acid",
        "residence",
        "steroid",
        "did_relapse",
        "covid",
        "humid",
        "number_of_visits",
        "patient_number_of_visits",
        "case_control",
        "phone_number",
        "batch number",
        "patients",
        "12",
        "",
    ],
)
def test_letters_and_other_words_do_not_identify(name):
    assert not names_row(name)
    assert not names_person(name)


@pytest.mark.parametrize(
    "name", ["name", "last_name", "patientName", "SSN", "dob", "e-mail", "email", "phone_home", "zip"]
)
def test_some_names_say_that_a_column_finds_people(name):
    assert names_private(name)


@pytest.mark.parametrize("name", ["drug_name", "site name", "test_name", "age", "zipper_sign", "surnamed"])
def test_other_names_do_not(name):
    assert not names_private(name)
