"""JSON as programs export it: arrays of records, a record a line, and what is wrapped around them."""

import datetime as dt
import gzip
import json
import zipfile

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.records import read_json
from clinical_nb.intake.upload import read_upload

RECORDS = b'[{"id": 1, "age": 40}, {"id": 2, "age": 50}]'
LINES = b'{"id": 1, "age": 40}\n{"id": 2, "age": 50}\n'


def read(data):
    return read_json(data, "x.json", "x")


def rows_of(reading, at=0):
    return reading.tables[at].scan.collect().rows()


@pytest.mark.parametrize(
    "data",
    [
        RECORDS,
        LINES,
        b"\xef\xbb\xbf" + RECORDS,
        b'{"data": ' + RECORDS + b', "count": 2}',
        b'{"data": {"records": ' + RECORDS + b'}, "meta": {"count": 2}}',
        b'{"id": [1, 2], "age": [40, 50]}',
        b'{"id": {"0": 1, "1": 2}, "age": {"0": 40, "1": 50}}',
        LINES.replace(b"\n", b"\r\n\r\n"),
    ],
)
def test_every_form_of_records_gives_the_same_table(data):
    assert rows_of(read(data)) == [(1, 40), (2, 50)]


def test_what_stands_beside_the_records_is_told():
    reading = read(b'{"data": [{"id": 1}], "count": 1, "source": "ward"}')

    assert [finding.text for finding in reading.findings] == [
        "Left out what stands beside the records: 'count', 'source'."
    ]


def test_records_of_one_name_in_several_objects_are_a_table_of_each():
    reading = read(b'{"a": {"rows": [{"id": 1}]}, "b": {"rows": [{"id": 2}], "total": 1}, "time": 3}')

    assert [(table.name, rows_of(reading, at)) for at, table in enumerate(reading.tables)] == [
        ("a_rows", [(1,)]),
        ("b_rows", [(2,)]),
    ]
    assert "'time'" in reading.findings[0].text


def test_an_object_of_several_arrays_gives_a_table_of_each():
    reading = read(b'{"patients": [{"id": 1}], "visits": [{"id": 1, "week": 2}]}')

    assert [table.name for table in reading.tables] == ["patients", "visits"]


def test_objects_by_their_keys_are_records_with_the_key():
    assert rows_of(read(b'{"P1": {"age": 40}, "P2": {"age": 50}}')) == [("P1", 40), ("P2", 50)]


def test_a_record_may_lack_a_value():
    assert rows_of(read(b'[{"id": 1}, {"id": 2, "age": 50}, {"age": null}]')) == [(1, None), (2, 50), (None, None)]


def test_columns_of_several_types_keep_every_value():
    reading = read(b'[{"x": 1, "y": [1, 2], "z": 9007199254740993}, {"x": "a", "y": 3, "z": 12345678901234567890}]')

    assert rows_of(reading) == [("1", "[1, 2]", "9007199254740993"), ("a", "3", "12345678901234567890")]
    assert any("kept as JSON text" in finding.text for finding in reading.findings)


def test_nested_values_are_json_text_and_told():
    reading = read(b'[{"id": 1, "labs": {"hb": 13.5}}]')

    assert rows_of(reading) == [(1, '{"hb":13.5}')]
    assert any("cannot be analysed as they are" in finding.text for finding in reading.findings)


def test_text_is_a_date_where_all_of_it_are():
    reading = read(b'[{"day": "2023-04-01", "code": "007"}, {"day": "2023-04-02", "code": "5"}]')

    assert rows_of(reading) == [(dt.date(2023, 4, 1), "007"), (dt.date(2023, 4, 2), "5")]


def test_not_a_number_is_missing():
    assert rows_of(read(b'[{"x": NaN}, {"x": 1.5}]')) == [(None,), (1.5,)]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'[{"id": 1}, {"id": 2', "damaged JSON: line 1"),
        (b'{"id": 1}\n{"id": \n{"id": 3}', "damaged JSON: line 2"),
        (b"[" * 100_000, "damaged|nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b"[[1, 2], [3, 4]]", "without records"),
        (b"[]", "without records"),
        (b'[{"a": "\xff"}]', "no UTF-8"),
    ],
)
def test_what_is_damaged_or_no_table_is_named(data, told):
    with pytest.raises(FileError, match=told):
        read(data)


def test_json_is_read_wherever_it_lies(tmp_path):
    (tmp_path / "a.json").write_bytes(RECORDS)
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(LINES))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as made:
        made.writestr("d.jsonl", LINES)

    upload = read_upload([tmp_path / name for name in ("a.json", "b.ndjson.gz", "c.zip")])

    assert [table.name for table in upload.tables] == ["a", "b", "d"]
    assert {tuple(table.scan.collect().rows()) for table in upload.tables} == {((1, 40), (2, 50))}


def test_a_bundle_of_fhir_is_a_table_of_each_kind_of_resource():
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "name": [{"family": "X", "given": ["Y"]}]}
    value = {"value": 12.5, "unit": "g/dL"}
    code = {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}]}
    seen = {"resourceType": "Observation", "subject": {"reference": "Patient/p1"}, "code": code, "valueQuantity": value}
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": patient}, {"resource": seen}]}

    reading = read(json.dumps(bundle).encode())

    assert [table.name for table in reading.tables] == ["Patient", "Observation"]
    columns = ["subject_reference", "code_text", "code_code", "valueQuantity_value", "valueQuantity_unit"]
    observation = reading.tables[1].scan.collect()
    assert observation.select(columns).rows() == [("Patient/p1", "Hemoglobin", "718-7", 12.5, "g/dL")]
    assert reading.tables[0].scan.collect()["gender"].to_list() == ["female"]
    assert "Left out what stands beside the records: 'type'" in reading.findings[-1].text


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": 401, "message": "token expired"}},
        {"error": "You do not have permission to use the API"},
        {"status": 404, "message": "Not Found", "path": "/records"},
        {"errors": [{"message": "Unauthorized", "code": 401}], "data": None},
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "Access denied"}]},
    ],
)
def test_the_answer_of_a_program_that_failed_is_no_data(answer):
    with pytest.raises(FileError, match="answer of a program that failed"):
        read(json.dumps(answer).encode())


@pytest.mark.parametrize(
    "answer", [{"count": 0, "next": None, "results": []}, {"resourceType": "Bundle", "type": "searchset", "total": 0}]
)
def test_an_answer_without_records_is_no_data(answer):
    with pytest.raises(FileError, match="found no records"):
        read(json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ({"error": None, "data": json.loads(RECORDS)}, [(1, 40), (2, 50)]),
        ({"status": 200, "message": "ok", "data": json.loads(RECORDS)}, [(1, 40), (2, 50)]),
        ({"error": [0.5, 1.5], "value": [3, 4]}, [(0.5, 3), (1.5, 4)]),
        ({"id": 1, "age": 40, "conditions": []}, [(1, 40, "[]")]),
    ],
)
def test_records_beside_words_of_an_answer_are_data(data, rows):
    assert rows_of(read(json.dumps(data).encode())) == rows


@pytest.mark.parametrize("data", [b'[{"id": 1, "age": 40}, {"id": 2, "age": 50, "age": 9}]', b'{"id": 1, "id": 2}\n{}'])
def test_a_key_that_a_record_says_twice_is_refused(data):
    with pytest.raises(FileError, match="twice"):
        read(data)


def test_keys_that_differ_in_case_alone_are_two_columns_with_what_they_are_called():
    table = read(b'[{"id": 1, "Age": 40}, {"id": 2, "age": 50}]').tables[0]

    assert table.scan.collect().columns == ["id", "Age", "age_2"]
    assert table.said["age_2"].label == "age"
