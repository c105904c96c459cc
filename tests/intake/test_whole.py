"""Identifiers written as decimals are the same as in a table that writes them whole."""

import polars as pl

from clinical_nb.intake.upload import read_upload
from clinical_nb.session import Session


def test_identifiers_of_whole_decimals_are_whole_and_told(tmp_path):
    file = tmp_path / "labs.csv"
    file.write_text("patient_id,weight\n1001.0,70.0\n1002.0,80.0\n,75.0\n")

    upload = read_upload(file)

    frame = upload.tables[0].scan.collect()
    assert frame.schema == {"patient_id": pl.Int64, "weight": pl.Float64}
    assert frame["patient_id"].to_list() == [1001, 1002, None]
    assert "2 numbers written with a decimal point (as 7.0), and read as whole: they identify." in [
        each.text for each in upload.findings
    ]


def test_identifiers_with_a_part_behind_the_point_stay(tmp_path):
    file = tmp_path / "labs.csv"
    file.write_text("sample_id,x\n1.1,70\n1.2,80\n")

    assert read_upload(file).tables[0].scan.collect()["sample_id"].to_list() == [1.1, 1.2]


def test_tables_are_related_by_them(tmp_path):
    (tmp_path / "patients.csv").write_text("patient_id,age\n1,50\n2,60\n3,70\n")
    (tmp_path / "visits.csv").write_text("patient_id,visit,crp\n1.0,1,5\n1.0,2,6\n2.0,1,7\n3.0,1,9\n")

    with Session(tmp_path / "store") as session:
        dataset = session.upload([tmp_path / "patients.csv", tmp_path / "visits.csv"], name="study")

    assert [each.table for each in dataset.dictionary.grains["visits"].relations] == ["patients"]
