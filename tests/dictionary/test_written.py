"""Fields and steps as a person writes them on one line."""

import pytest

from clinical_nb.dictionary.meaning import Column
from clinical_nb.dictionary.written import read_fields, read_grain, read_step_or_fields, split_fields, write_field
from clinical_nb.errors import DictionaryError

ARM = Column.model_validate(
    {
        "kind": "categorical",
        "levels": [{"value": 1, "label": "drug", "synonyms": ["verum"]}, {"value": 2, "label": "2"}],
    }
)


def test_fields_are_read_with_the_codes_that_the_column_has():
    words = ["label=Treatment given", "role=arm", "levels=1=active; 2=placebo", "event=active"]

    assert read_fields(split_fields(words), ARM, "integer") == {
        "label": "Treatment given",
        "role": "arm",
        "levels": [
            {"value": 1, "label": "active", "synonyms": ("verum",)},
            {"value": 2, "label": "placebo", "synonyms": ()},
        ],
        "event": 1,
    }


def test_a_field_without_a_value_is_taken_back():
    assert read_fields({"role": "", "event": "", "unit": "", "clean": ""}, ARM, "integer") == {
        "role": None,
        "event": None,
        "unit": "",
        "clean": [],
    }


def test_missing_codes_become_the_step_that_takes_them_for_missing():
    column = Column.model_validate(
        {"kind": "numeric", "clean": [{"do": "missing", "values": ["-1"]}, {"do": "numbers"}]}
    )

    assert read_fields({"missing": "-99=refused; 999"}, column, "integer") == {
        "clean": [{"do": "missing", "values": ["-99", "999"], "reasons": {"-99": "refused"}}, {"do": "numbers"}]
    }


@pytest.mark.parametrize("text", ['{"do": "missing", "values": ["-99", "no"]}', "{do: missing, values: [-99, no]}"])
def test_a_step_is_read_from_json_and_from_yaml_with_values_as_they_are_written(text):
    assert read_step_or_fields(text, ARM, "integer") == {"do": "missing", "values": ["-99", "no"]}


def test_fields_can_stand_in_the_place_of_a_step():
    assert read_step_or_fields("role=event event=2", ARM, "integer") == {"role": "event", "event": 2}


def test_what_a_row_is_can_be_said_in_the_place_of_what_was_proposed():
    assert read_step_or_fields("row=visit", None, "text") == {"row": "visit"}
    assert read_step_or_fields("{row: visit, key: [id, visit]}", None, "text") == {
        "row": "visit",
        "key": ["id", "visit"],
    }
    with pytest.raises(DictionaryError, match="A row has no field 'unit'"):
        read_step_or_fields("unit=kg", None, "text")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weight"], "Write FIELD=VALUE"),
        (["units=kg"], "Did you mean 'unit'"),
        (["event=dead"], "'dead' is no value of a column of type integer. Write "),
        (["ordered=perhaps"], "true or false"),
        (["clean={do: missing}"], "takes a list of steps"),
        (["clean=[{do: mising}]"], "In a cleaning step"),
        (["clean=[{"], "neither JSON nor YAML"),
        (["levels==drug"], "a code is missing"),
    ],
)
def test_what_cannot_be_meant_is_told(words, said):
    with pytest.raises(DictionaryError, match=said):
        read_fields(split_fields(words), ARM, "integer")


@pytest.mark.parametrize("field", ["label", "kind", "role", "event", "levels", "clean", "ordered"])
def test_what_is_written_is_read_as_the_same(field):
    column = ARM.model_copy(update={"label": "Arm", "role": "arm", "event": 1})
    column = Column.model_validate({**column.model_dump(), "clean": [{"do": "missing", "values": ["-99"]}]})

    read = read_fields({field: write_field(field, column)}, column, "integer")

    assert Column.model_validate({**column.model_dump(), **read}) == column


def test_relations_are_written_as_columns_that_are_keys_of_another_table():
    fields = read_grain({"relations": "patients by id = patient_id; visits by id, visit"})

    assert fields == {
        "relations": [
            {"table": "patients", "columns": ["id"], "keys": ["patient_id"]},
            {"table": "visits", "columns": ["id", "visit"], "keys": ["id", "visit"]},
        ]
    }
    with pytest.raises(DictionaryError, match="does not say where rows belong"):
        read_grain({"relations": "patients"})
